"""Mailshim's process, and what befalls it."""
import asyncio
import os
import pathlib
import signal
import subprocess
import time

STATE = "learned.sqlite"


class Shim:
    def __init__(self, binary, street, routes, folder, ledger, tiny_state):
        self.binary, self.street, self.routes, self.folder, self.ledger = binary, street, routes, folder, ledger
        self.config, self.log = folder / "mailshim.toml", folder / "mailshim.log"
        self.state = folder / "state"
        self.state.mkdir()
        # A file system of its own, which can be full and read-only.
        command = ["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", self.state]
        self.mounted = tiny_state and subprocess.run(command).returncode == 0
        self.process, self.expected = None, False
        self.launched = []
        # Whoever ends or starts it holds this: one that ends by itself while a fault is under way is not started twice.
        self.hands = asyncio.Lock()
        self.generation = 0
        self.write()

    def write(self, more="", broken=False):
        socket = self.folder / "admin.sock"
        lines = ['hostname = "soak.test"', f'state = "{self.state / STATE}"', more, "[admin]", f'socket = "{socket}"',
                 "[default]", 'tls = "opportunistic"', "[timeouts]"]
        lines += [f'{key} = "{value}"' for key, value in {
            "connect": "4s", "greeting": "6s", "command": "6s", "data": "6s", "content": "6s", "done": "8s",
            "idle": "20s", "repair": "20s", "drain": "5s"}.items()]
        for route in self.routes:
            for family in (4, 6):
                address, port = self.street.host(route.number, family)
                lines += [f'[[address."{address}"]]', f"port = {port}", f'tls = "{route.policy}"']
        for route in self.routes:
            for family in (4, 6):
                address, port = self.street.door(route.number, family)
                to = self.street.host(route.number, family)
                text = "[{}]:{}" if family == 6 else "{}:{}"
                lines += ["[[listener]]", f'name = "{route.name}-{family}"', f'bind = "{text.format(address, port)}"',
                          f'destination = "{text.format(*to)}"',
                          'allow = ["127.0.0.0/8", "::1", "10.77.1.0/24", "fd77:1::/64"]']
        if "original" in self.street.modes:
            for mode, port, last in (("original", 2525, 1), ("tproxy", 2526, 3)):
                lines += ["[[listener]]", f'name = "{mode}"', f'bind = ["0.0.0.0:{port}", "[::]:{port}"]',
                          f'destination = "{mode}"', f'allow = ["10.77.1.{last}", "fd77:1::{last}"]']
        if broken:
            lines.append("[[listener")
        self.config.write_text("\n".join(lines) + "\n")

    def firewall(self):
        with self.street.inside("proxy"):
            command = [self.binary, "firewall", "apply", "--config", self.config, "--user", "root"]
            done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"mailshim firewall apply: {done.stdout}{done.stderr}")

    def launch(self):
        with open(self.log, "ab") as log, self.street.inside("proxy"):
            command = [self.binary, "serve", "--config", self.config]
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.launched.append(process)
        return process

    async def start(self):
        """Also beside one that is still stopping: again until the ports are free."""
        for _ in range(100):
            before = self.log.stat().st_size if self.log.exists() else 0
            process = self.launch()
            while process.poll() is None:
                with open(self.log, "rb") as log:
                    log.seek(before)
                    if log.read().count(b"event=listening") >= 2 * len(self.routes):
                        self.process, self.expected = process, False
                        return
                await asyncio.sleep(0.02)
            if process.returncode != 69:
                break
            await asyncio.sleep(0.1)
        raise RuntimeError(f"mailshim does not start ({process.returncode}):\n{self.tail()}")

    def tail(self, lines=30):
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    async def watched(self):
        """Nobody but us ends it."""
        while True:
            async with self.hands:
                if self.process and self.process.poll() is not None and not self.expected:
                    self.ledger.remark("process", f"ended by itself with status {self.process.returncode}:\n{self.tail()}")
                    await self.start()
            await asyncio.sleep(0.05)

    async def ended(self, process, number, limit):
        self.expected = True
        process.send_signal(number)
        end = time.monotonic() + limit
        while process.poll() is None and time.monotonic() < end:
            await asyncio.sleep(0.01)
        if process.poll() is None:
            self.ledger.remark("process", f"does not end within {limit} s of signal {number}:\n{self.tail()}")
            process.kill()
            process.wait()
        elif number == signal.SIGTERM and process.returncode != 0:
            self.ledger.remark("process", f"ended with status {process.returncode} after SIGTERM:\n{self.tail()}")

    async def befall(self, kind, rng):
        """One fault of the process, and what a supervisor does about it."""
        async with self.hands:
            await getattr(self, "do_" + kind.replace("-", "_"))(rng)

    async def do_kill(self, rng):
        await self.ended(self.process, signal.SIGKILL, 5)
        await asyncio.sleep(rng.choice([0, 0.2, 0.5]))
        await self.start()

    async def do_term(self, rng):
        old = self.process
        leaving = asyncio.create_task(self.ended(old, signal.SIGTERM, 30))
        if rng.random() < 0.5:
            await leaving
        await asyncio.sleep(0.05)
        await self.start()
        await leaving
        self.expected = False

    async def do_hup(self, rng):
        self.generation += 1
        self.write(more=f"# {self.generation}", broken=rng.random() < 0.3)
        self.process.send_signal(signal.SIGHUP)
        await asyncio.sleep(0.2)
        self.write()
        self.process.send_signal(signal.SIGHUP)

    async def do_stop(self, rng):
        self.process.send_signal(signal.SIGSTOP)
        await asyncio.sleep(rng.choice([0.1, 0.5, 2]))
        self.process.send_signal(signal.SIGCONT)

    async def do_state_read_only(self, rng):
        await self.ended(self.process, signal.SIGKILL, 5)
        subprocess.run(["mount", "-o", "remount,ro", self.state], check=True)
        await self.start()
        await asyncio.sleep(1)
        await self.ended(self.process, signal.SIGKILL, 5)
        subprocess.run(["mount", "-o", "remount,rw", self.state], check=True)
        await self.start()

    async def do_state_full(self, rng):
        filler = self.state / "filler"
        try:
            with open(filler, "wb", buffering=0) as file:
                while True:
                    file.write(bytes(4096))
        except OSError:
            pass
        await asyncio.sleep(rng.choice([0.5, 2]))
        filler.unlink(missing_ok=True)

    async def do_state_damaged(self, rng):
        running = rng.random() < 0.5
        if not running:
            await self.ended(self.process, signal.SIGKILL, 5)
        file = self.state / STATE
        if file.exists():
            with open(file, "r+b") as handle:
                handle.seek(rng.choice([0, 20, 4096, max(0, file.stat().st_size - 4096)]))
                handle.write(rng.randbytes(rng.choice([16, 1000])))
        if not running:
            await self.start()
        await asyncio.sleep(1)
        # As the log says: move it away.
        await self.ended(self.process, signal.SIGKILL, 5)
        for left in self.state.glob(STATE + "*"):
            left.unlink()
        await self.start()

    async def do_state_deleted(self, rng):
        for file in self.state.glob(STATE + "*"):
            file.unlink()

    def figures(self):
        """PSS in KB, and open files."""
        folder = pathlib.Path(f"/proc/{self.process.pid}")
        lines = (folder / "smaps_rollup").read_text().splitlines()
        pss = next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
        return pss, len(list((folder / "fd").iterdir()))

    async def close(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            await self.ended(self.process, signal.SIGTERM, 30)
        for process in self.launched:
            if process.poll() is None:
                process.kill()
                process.wait()
        if self.mounted:
            self.mounted = False
            subprocess.run(["umount", "-l", self.state])
