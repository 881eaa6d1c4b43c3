"""What scripts/package-test does inside its systemd: installs, sends, upgrades under load, kills, purges. Prints a table; exits 1 at the first thing that is wrong."""

import asyncio
import subprocess
import sys
import time

CONFIG = """hostname = "shim.test"
[[listener]]
name = "outbound"
bind = "127.0.0.1:2525"
destination = "127.0.0.3:2600"
[[listener]]
name = "slow"
bind = "127.0.0.1:2528"
destination = "127.0.0.4:2600"
[[listener]]
name = "led"
bind = ["127.0.0.1:2527", "[::1]:2527"]
destination = "original"
"""
RATE = 200
MESSAGES = 3000
rows = []


def run(command, wanted=0):
    result = subprocess.run(command, shell=True, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if wanted is not None and result.returncode != wanted:
        journal = subprocess.run("systemctl status mailshim; journalctl -n 40 -u mailshim --no-pager", shell=True, capture_output=True, text=True).stdout
        sys.exit(f"FAILED: {command}: status {result.returncode}\n{result.stdout}{result.stderr}\n{journal}")
    return (result.stdout + result.stderr).strip()


def check(what, isSo, seen=""):
    rows.append((what, "ok" if isSo else "WRONG", seen))
    print(f"{what:58} {'ok' if isSo else 'WRONG':6} {seen}", flush=True)
    if not isSo:
        sys.exit(run("journalctl --no-pager -o short-precise | grep -vE 'event=(message|session-[a-z]*|greeted|own-reply) ' | tail -60", None))


class Host:
    """Takes every message, after so many seconds, and remembers its sender."""

    def __init__(self, seconds=0):
        self.senders, self.seconds = [], seconds

    async def serve(self, reader, writer):
        sender = ""
        writer.write(b"220 host.test ESMTP\r\n")
        try:
            while line := await reader.readline():
                verb = line[:4].upper()
                if verb == b"EHLO":
                    writer.write(b"250-host.test\r\n250 PIPELINING\r\n")
                elif verb == b"MAIL":
                    sender = line.split(b"<")[1].split(b">")[0].decode()
                    writer.write(b"250 Ok\r\n")
                elif verb == b"DATA":
                    writer.write(b"354 Go on\r\n")
                    while (line := await reader.readline()) != b".\r\n":
                        if not line:
                            raise ConnectionError("closed in the content")
                    self.senders.append(sender)
                    await asyncio.sleep(self.seconds)
                    writer.write(b"250 Ok\r\n")
                elif verb == b"QUIT":
                    writer.write(b"221 Bye\r\n")
                    break
                else:
                    writer.write(b"250 Ok\r\n")
                await writer.drain()
        except (ConnectionError, ValueError):
            pass
        writer.close()


class Load:
    """Connections at a rate, one message each."""

    def __init__(self):
        self.number, self.ok, self.faults, self.worst, self.accepted = 0, [], [], 0.0, set()

    async def one(self, number, port=2525, patience=20):
        start = time.monotonic()
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)

            async def hear():
                while True:
                    line = await asyncio.wait_for(reader.readline(), patience)
                    if not line:
                        raise ConnectionError("closed")
                    if line[3:4] != b"-":
                        return line

            async def ask(words, wanted):
                writer.write(words.encode() + b"\r\n")
                answer = await hear()
                if not answer.startswith(wanted):
                    raise ConnectionError(f"{words}: {answer.decode().strip()}")

            if not (greeting := await hear()).startswith(b"220"):
                raise ConnectionError(f"greeted: {greeting.decode().strip()}")
            self.worst = max(self.worst, time.monotonic() - start)
            await ask("EHLO load.test", b"250")
            await ask(f"MAIL FROM:<a{number}@example.org>", b"250")
            await ask("RCPT TO:<b@example.net>", b"250")
            await ask("DATA", b"354")
            await asyncio.sleep(number % 6 / 10)
            await ask("Subject: x\r\n\r\nx\r\n.", b"250")
            self.ok.append(f"a{number}@example.org")
            self.accepted.add(f"a{number}@example.org")
            # A stop says 421 in place of it.
            writer.write(b"QUIT\r\n")
            await hear()
            writer.close()
        except (OSError, asyncio.TimeoutError) as error:
            if self.ok and f"a{number}@example.org" in self.accepted:
                return
            self.faults.append(str(error) or type(error).__name__)

    async def during(self, *actions, between=0.4):
        self.ok, self.faults, self.worst, isOver = [], [], 0.0, False
        tasks = []

        async def go():
            while not isOver:
                self.number += 1
                tasks.append(asyncio.create_task(self.one(self.number)))
                await asyncio.sleep(1 / RATE)

        going = asyncio.create_task(go())
        await asyncio.sleep(0.5)
        for action in actions:
            process = await asyncio.create_subprocess_shell(action, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT)
            output, _ = await process.communicate()
            if process.returncode:
                sys.exit(f"FAILED: {action}: {process.returncode}\n{output.decode()}\n" + run("journalctl -n 40 -u mailshim --no-pager", None))
            await asyncio.sleep(between)
        isOver = True
        await going
        await asyncio.gather(*tasks)
        return len(tasks)

    def result(self, sent):
        kinds = {fault: self.faults.count(fault) for fault in set(self.faults)}
        return f"{len(self.ok)} of {sent} delivered, worst greeting {self.worst * 1000:.0f} ms" + (f", {kinds}" if kinds else "")


def pid():
    return int(run("systemctl show -P MainPID mailshim"))


async def main():
    host, load, slow = Host(), Load(), Host(seconds=60)
    server = await asyncio.start_server(host.serve, "127.0.0.3", 2600, backlog=1024)
    await asyncio.start_server(slow.serve, "127.0.0.4", 2600)
    run("dpkg -i /rehearsal/first.deb")
    check("installed: a user, a config, nothing runs yet", run("systemctl is-active mailshim", None) == "inactive", run("id mailshim"))
    open("/etc/mailshim/mailshim.toml", "w").write(CONFIG)
    check("mailshim check", True, run("mailshim check"))
    start = time.monotonic()
    run("systemctl enable --now mailshim")
    check("started (Type=notify)", run("systemctl is-active mailshim") == "active", f"{(time.monotonic() - start) * 1000:.0f} ms")
    check("it runs as mailshim", run(f"ps -o user= -p {pid()}") == "mailshim")
    check("status line", "listener" in run("systemctl show -P StatusText mailshim"), run("systemctl show -P StatusText mailshim"))
    check("mailshim status", run("mailshim status --check").startswith("READY"), run("mailshim status --check"))
    check("exposure of mailshim.service", float(run("systemd-analyze security mailshim.service | tail -1").split()[-3]) <= 2.0,
          run("systemd-analyze security mailshim.service | tail -1"))
    sent = await load.during("sleep 1")
    check("mail through it", not load.faults and len(load.ok) == sent, load.result(sent))

    before = pid()
    sent = await load.during(*["systemctl reload mailshim"] * 3)
    check("3 x systemctl reload under load", not load.faults and len(load.ok) == sent, load.result(sent))
    check("another process is main", pid() != before and pid() > 1, f"{before} -> {pid()}")
    start, reloads = time.monotonic(), 0
    source = await asyncio.create_subprocess_exec(
        "/rehearsal/postfix/smtp-source", "-s", "20", "-m", str(MESSAGES), "-f", "p@example.org", "-t", "b@example.net", "127.0.0.1:2525",
        env={"LD_LIBRARY_PATH": "/rehearsal/postfix"}, stderr=asyncio.subprocess.PIPE)
    ending = asyncio.create_task(source.communicate())
    while not ending.done():
        reload = await asyncio.create_subprocess_shell("systemctl reload mailshim")
        await reload.wait()
        reloads += 1
        await asyncio.wait([ending], timeout=1)
    arrived = host.senders.count("p@example.org")
    check(f"Postfix's smtp-source, {MESSAGES} messages", source.returncode == 0 and arrived == MESSAGES and reloads > 1,
          f"{arrived} arrived, {reloads} reloads, {MESSAGES / (time.monotonic() - start):.0f} messages a second {(await ending)[1].decode()}")
    host.senders = [sender for sender in host.senders if sender != "p@example.org"]
    before = pid()
    # Its host has the message, and answers a minute later: across the upgrade.
    patient = Load()
    waiting = asyncio.create_task(patient.one(0, port=2528, patience=75))
    await asyncio.sleep(2)
    sent = await load.during("dpkg -i /rehearsal/later.deb")
    check("upgrade under load", not load.faults and len(load.ok) == sent, load.result(sent))
    check("the new version runs", pid() != before, run("dpkg-query -W -f '${Version}' mailshim"))
    check("two processes, and status shows the one that drains", "draining: 1 session" in run("mailshim status", None), run("mailshim status | head -1", None))
    await waiting
    check("a message whose host answers after 60 s", len(patient.ok) == 1 and len(slow.senders) == 1, str(patient.faults))
    await asyncio.sleep(3)
    check("the old one has gone", len(run("pgrep -x mailshim").split()) == 1, run("pgrep -x mailshim"))
    open("/etc/mailshim/mailshim.toml", "a").write("nonsense = 1\n")
    run("systemctl reload mailshim", None)
    # Degraded: the file is not the one that holds.
    said = run("mailshim status --check", None)
    check("a reload with a wrong config changes nothing", said.startswith(("READY", "DEGRADED: config")), said)
    open("/etc/mailshim/mailshim.toml", "w").write(CONFIG)
    sent = await load.during("systemctl restart mailshim")
    # Content that is under way has ten seconds; whoever connects meanwhile waits in the queue of a socket that systemd keeps.
    check("systemctl restart under load", not load.faults and len(load.ok) == sent, load.result(sent))
    before = pid()
    sent = await load.during(f"kill -9 {before}; sleep 2")
    check("kill -9: started again", run("systemctl is-active mailshim") == "active" and pid() != before, load.result(sent))
    check("kill -9: none was refused, only what was under way was cut", not any("refused" in fault for fault in load.faults), str(set(load.faults)))
    run("systemctl start mailshim-firewall")
    await asyncio.sleep(2.5)
    check("mailshim-firewall.service leads and watches", run("systemctl is-active mailshim-firewall") == "active", run("systemctl show -P StatusText mailshim-firewall"))
    check("its rules are there, and mailshim status knows", "redirect rules" in run("mailshim status") and "in place" in run("mailshim firewall status"))
    run("systemctl reload mailshim-firewall")
    await asyncio.sleep(1.5)
    check("exposure of mailshim-firewall.service", float(run("systemd-analyze security mailshim-firewall.service | tail -1").split()[-3]) <= 2.0)
    arrived = host.senders
    check("no message twice, none lost that was accepted", len(set(arrived)) == len(arrived) and load.accepted <= set(arrived),
          f"{len(arrived)} arrived, {len(load.accepted)} accepted")

    run("dpkg -r mailshim")
    check("removed: stopped, config and state stay", run("ls /etc/mailshim/mailshim.toml") != "" and run("pgrep -x mailshim", None) == "")
    run("dpkg -P mailshim")
    check("purged: nothing is left", run("nft list tables") == "" and run("ls -d /etc/mailshim /var/lib/mailshim /run/mailshim 2>/dev/null", None) == "")
    server.close()


asyncio.run(main())
