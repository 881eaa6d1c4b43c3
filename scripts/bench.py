"""The measuring part of scripts/bench: smtp-source to smtp-sink directly, through HAProxy in TCP mode, and through Mailshim.

Every round measures all of them one after the other, so that a machine that is slower for a while is slower for all;
the table shows medians over the rounds.
"""
import argparse
import os
import pathlib
import platform
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

ROOT = pathlib.Path(__file__).resolve().parent.parent
POSTFIX = ROOT / ".build/peers/postfix/usr"
MAILSHIM = ROOT / ".build/release/mailshim"

ROWS = [
    "re-use: messages/s",
    "re-use: CPU per message, µs",
    "no re-use: messages/s",
    "no re-use: CPU per message, µs",
    "10 MB messages: MB/s",
    "10 MB messages: CPU per message, ms",
    "founding case: messages/s",
    "founding case: CPU per message, µs",
    "memory per idle session, KB",
]


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Server:
    """A process that listens, until it is stopped."""

    def __init__(self, folder, name, command, ports, environment=None):
        self.name = name
        self.log = folder / f"{name}.log"
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env={**os.environ, **(environment or {})})
        for port in ports:
            self.wait_for(port)

    def wait_for(self, port):
        for _ in range(500):
            if self.process.poll() is not None:
                sys.exit(f"{self.name} ended:\n{self.log.read_text()}")
            with socket.socket() as s:
                if s.connect_ex(("127.0.0.1", port)) == 0:
                    return
            time.sleep(0.02)
        sys.exit(f"{self.name} does not listen on {port}")

    def cpu(self):
        """Seconds of CPU so far, of all its threads: the clock that clock_getcpuclockid(3) gives."""
        return time.clock_gettime((~self.process.pid << 3) | 2)

    def memory(self):
        """Its proportional set size, in KB."""
        for line in pathlib.Path(f"/proc/{self.process.pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def postfix_tool(name):
    return str(POSTFIX / "sbin" / name), {"LD_LIBRARY_PATH": str(POSTFIX / "lib/postfix")}


def smtp_sink(folder, port):
    # Its own standard time-out (100 s) stays: with a longer one it becomes ten times slower.
    tool, environment = postfix_tool("smtp-sink")
    user = ["-u", "nobody"] if os.geteuid() == 0 else []
    return Server(folder, "smtp-sink", [tool, *user, "-m", "9000", f"127.0.0.1:{port}", "4096"], [port], environment)


def odd_host(folder, port):
    return Server(folder, "odd-host", [MAILSHIM, "odd-host", "--shape", "B", "--port", str(port)], [port])


def haproxy(folder, routes):
    """Routes: the port it listens on, and the one it sends to."""
    lines = ["global", "  maxconn 9000", "defaults", "  mode tcp", "  timeout connect 10s", "  timeout client 15m", "  timeout server 15m"]
    for port, to in routes.items():
        lines += [f"listen p{port}", f"  bind 127.0.0.1:{port}", f"  server s 127.0.0.1:{to}"]
    file = folder / "haproxy.cfg"
    file.write_text("\n".join(lines) + "\n")
    return Server(folder, "haproxy", [shutil.which("haproxy", path=os.environ["PATH"] + ":/usr/sbin"), "-db", "-f", file], routes)


def mailshim(folder, routes):
    lines = ['hostname = "bench.example"', 'state = "memory"', "[limits]", "sessions = 9000", "sessions-per-gateway = 9000"]
    for port, to in routes.items():
        lines += ["[[listener]]", f'name = "p{port}"', f'bind = "127.0.0.1:{port}"', f'destination = "127.0.0.1:{to}"']
    file = folder / "mailshim.toml"
    file.write_text("\n".join(lines) + "\n")
    return Server(folder, "mailshim", [MAILSHIM, "serve", "--config", file], routes)


class Load:
    """What smtp-source sends."""

    def __init__(self, messages, size=4096, sessions=20, reuse=True):
        self.messages, self.size, self.sessions, self.reuse = messages, size, sessions, reuse

    def send(self, port):
        """Seconds that it took."""
        tool, environment = postfix_tool("smtp-source")
        command = [tool, *(["-d"] if self.reuse else []), "-s", str(self.sessions), "-m", str(self.messages), "-l", str(self.size), f"127.0.0.1:{port}"]
        start = time.monotonic()
        done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **environment}, timeout=600)
        if done.returncode != 0 or done.stderr:
            sys.exit(f"smtp-source to port {port}: {done.stderr.strip() or done.returncode}")
        return time.monotonic() - start

    def measure(self, port, server):
        """Messages a second, and seconds of CPU per message of the server (None: there is none)."""
        before = server.cpu() if server else 0
        seconds = self.send(port)
        # What is logged and closed behind the last reply is work too.
        time.sleep(0.3)
        return self.messages / seconds, (server.cpu() - before) / self.messages if server else None


def converse(port, content):
    """A session that has carried one message, and is idle now."""
    s = socket.create_connection(("127.0.0.1", port), 60)
    replies = s.makefile("rb")

    def hear(codes):
        while True:
            line = replies.readline()
            if line[3:4] == b"-":
                continue
            if line[:3] not in codes:
                sys.exit(f"port {port}: {line!r}")
            return

    hear((b"220",))
    for command in (b"EHLO bench.example", b"MAIL FROM:<a@example.org>", b"RCPT TO:<b@example.net>", b"DATA"):
        s.sendall(command + b"\r\n")
        hear((b"250", b"354"))
    s.sendall(content)
    hear((b"250",))
    return s, replies


def memory_per_session(make, folder, sessions):
    """KB of the proxy for each idle session that has carried a message of 300 KB."""
    sink_port, port = free_port(), free_port()
    sink = smtp_sink(folder, sink_port)
    proxy = make(folder, {port: sink_port})
    time.sleep(0.5)
    before = proxy.memory()
    content = b"Subject: x\r\n\r\n" + (b"x" * 76 + b"\r\n") * 3940 + b".\r\n"
    with ThreadPoolExecutor(16) as pool:
        held = list(pool.map(lambda _: converse(port, content), range(sessions)))
    time.sleep(2)
    after = proxy.memory()
    for s, replies in held:
        replies.close()
        s.close()
    proxy.stop()
    sink.stop()
    return (after - before) / sessions


def measure(folder, rounds, scale):
    """Everything, as lists of the rounds' figures by row and column."""
    reuse, single = Load(round(20000 * scale)), Load(round(6000 * scale), reuse=False)
    large = Load(max(4, round(40 * scale)), size=10 << 20, sessions=4)
    founding, founding_single = Load(round(5000 * scale)), Load(round(5000 * scale), reuse=False)
    ports = {name: (free_port(), free_port()) for name in ("direct", "haproxy", "mailshim")}
    sink_port, odd_port = ports["direct"]
    sink, odd = smtp_sink(folder, sink_port), odd_host(folder, odd_port)
    proxies = {
        "direct": None,
        "haproxy": haproxy(folder, dict(zip(ports["haproxy"], ports["direct"]))),
        "mailshim": mailshim(folder, dict(zip(ports["mailshim"], ports["direct"]))),
    }
    figures = {row: {} for row in ROWS}

    def note(row, column, value):
        if value is not None:
            figures[row].setdefault(column, []).append(value)

    # So that nothing is measured cold, and the quirk is known.
    for name in proxies:
        Load(400).send(ports[name][0])
    Load(40).send(ports["mailshim"][1])
    for number in range(rounds):
        for name, proxy in proxies.items():
            print(f"round {number + 1} of {rounds}: {name}", file=sys.stderr)
            port, odd_side = ports[name]
            for load, row in ((reuse, "re-use"), (single, "no re-use")):
                rate, cpu = load.measure(port, proxy)
                note(f"{row}: messages/s", name, rate)
                note(f"{row}: CPU per message, µs", name, cpu and cpu * 1e6)
            rate, cpu = large.measure(port, proxy)
            note("10 MB messages: MB/s", name, rate * large.size / 1e6)
            note("10 MB messages: CPU per message, ms", name, cpu and cpu * 1e3)
            rate, cpu = (founding if name == "mailshim" else founding_single).measure(odd_side, proxy)
            note("founding case: messages/s", name, rate)
            note("founding case: CPU per message, µs", name, cpu and cpu * 1e6)
    for server in [*proxies.values(), sink, odd]:
        if server:
            server.stop()
    expected = 40 + rounds * (founding.messages + 2 * founding_single.messages)
    if f"{expected} messages on" not in odd.log.read_text():
        sys.exit(f"the host of the founding case should have got {expected} messages: {odd.log.read_text()}")
    for number in range(1 if scale < 1 else 3):
        for name, make in (("haproxy", haproxy), ("mailshim", mailshim)):
            print(f"memory: {name}", file=sys.stderr)
            note("memory per idle session, KB", name, memory_per_session(make, folder, round(2000 * min(1, scale * 2))))
    return figures


def text(value):
    return "" if value is None else f"{value:.1f}" if value < 100 else f"{value:,.0f}"


def table(figures):
    lines = ["| | direct | HAProxy (TCP) | Mailshim | Mailshim : HAProxy |", "| --- | ---: | ---: | ---: | ---: |"]
    for row, columns in figures.items():
        medians = {name: statistics.median(values) for name, values in columns.items()}
        ratio = f"{medians['mailshim'] / medians['haproxy']:.2f}" if medians.get("haproxy") else ""
        cells = [text(medians.get(name)) for name in ("direct", "haproxy", "mailshim")]
        lines.append(f"| {row} | {' | '.join(cells)} | {ratio} |")
    return "\n".join(lines)


def machine():
    model = next((line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), platform.machine())
    haproxy_version = subprocess.run(["/usr/sbin/haproxy", "-v"], capture_output=True, text=True).stdout.split()[2]
    mailshim_version = subprocess.run([MAILSHIM, "--version"], capture_output=True, text=True).stdout.split()[1]
    return f"{os.cpu_count()} cores of {model}, Linux {platform.release()}; Mailshim {mailshim_version}, HAProxy {haproxy_version}"


def main():
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="one short round, to see that it works")
    parser.add_argument("--rounds", type=int, default=5, help="how many rounds the medians are over")
    options = parser.parse_args()
    rounds, scale = (1, 0.1) if options.quick else (max(1, options.rounds), 1)
    with tempfile.TemporaryDirectory(prefix="mailshim-bench-") as folder:
        figures = measure(pathlib.Path(folder), rounds, scale)
    print(f"{time.strftime('%Y-%m-%d')}, {machine()}, medians of {rounds} {'short ' if options.quick else ''}round{'s' if rounds > 1 else ''}.")
    print("20 sessions, messages of 4 KB; 10 MB in 4 sessions; CPU is the proxy's own.")
    print("Founding case: a host that takes one message per connection. Directly and through HAProxy the gateway must open a connection for each")
    print("message (else all but the first bounce); through Mailshim it keeps its connections. Memory: PSS, after each session carried 300 KB.\n")
    print(table(figures))


main()
