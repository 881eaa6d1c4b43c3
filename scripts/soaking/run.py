"""One run: everything is started, meets its faults, comes to rest, and is judged."""
import asyncio
import collections
import itertools
import random
import shutil
import signal
import socket
import ssl
import subprocess
import time

from faults import Plan
from gateway import Gateway
from host import Host
from judge import growth, verdict
from ledger import Ledger, Seen
from planted import Planted
from process import Shim
from relay import Relay, Wire
from routes import ROUTES
from street import Loopback, Namespaces

WORKERS = 100
# What is queued when the faults are over has to arrive, however slow the machine: as long as something does in so many
# seconds, it goes on.
REST = 60


def certificate(folder):
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=host.test"]
    command += ["-keyout", folder / "host.key", "-out", folder / "host.crt"]
    subprocess.run(command, check=True, capture_output=True)


def host_context(folder, old=False):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if old:
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1
    context.load_cert_chain(folder / "host.crt", folder / "host.key")
    return context


def counted(counter):
    return ", ".join(f"{n} {kind}" for kind, n in sorted(counter.items()))


class Run:
    def __init__(self, options, binary, folder):
        self.options, self.binary, self.folder = options, binary, folder
        self.ledger = Ledger()
        if options.plant:
            self.ledger.taken = Planted()
        elif options.steady:
            self.ledger.taken = Seen(self.ledger.attempts)
        self.plan = Plan(options.seed, 0 if options.steady else options.faults, options.only)
        self.tasks = []
        self.gateway = None

    def injected(self, kind):
        self.ledger.faults[kind] += 1
        self.plan.done()

    async def all(self):
        self.started = time.monotonic()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, asyncio.current_task().cancel)
        certificate(self.folder)
        self.street = Loopback() if self.options.loopback else Namespaces()
        self.loop = asyncio.get_running_loop()
        try:
            self.hosts()
            tiny = not self.options.loopback
            self.shim = Shim(self.binary, self.street, ROUTES, self.folder, self.ledger, tiny)
            try:
                return await self.mail()
            finally:
                if self.gateway:
                    self.gateway.over = True
                for task in self.tasks:
                    task.cancel()
                await self.shim.close()
                if self.options.keep:
                    shutil.copy(self.shim.log, self.options.keep)
        finally:
            self.street.close()

    # MARK: Hosts

    def hosts(self):
        good, old = host_context(self.folder), host_context(self.folder, old=True)
        for route in ROUTES:
            host = Host(route, self.ledger, self.options.seed, old if route.tls == "old" else good)
            for family in (4, 6):
                self.tasks.append(asyncio.create_task(self.accept(host, self.street.listen(route.number, family))))

    async def accept(self, host, listener):
        while True:
            sock, _ = await self.loop.sock_accept(listener)
            sock.setblocking(False)
            if not self.options.steady:
                inner, ours = self.pair()
                watch = Wire(host.route, self.ledger).watch if host.route.policy == "required" else None
                Relay(inner, sock, self.plan.fault("host"), self.injected, False, watch).start()
                sock = ours
            reader = asyncio.StreamReader(limit=1 << 21)
            await self.loop.connect_accepted_socket(lambda: asyncio.StreamReaderProtocol(reader, host.serve), sock)

    @staticmethod
    def pair():
        inner, ours = socket.socketpair()
        inner.setblocking(False)
        ours.setblocking(False)
        return inner, ours

    # MARK: The course of it

    async def mail(self):
        await self.shim.start()
        if "original" in self.street.modes:
            self.shim.firewall()
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        routes = [route for route in ROUTES if not (route.never and self.options.steady)]
        self.gateway = Gateway(self.options.seed, self.street, routes, self.ledger, self.plan, context, self.injected,
                               self.options.rate, relayed=not self.options.steady)
        self.tasks += [asyncio.create_task(self.gateway.work()) for _ in range(WORKERS)]
        self.tasks += [asyncio.create_task(self.gateway.feed()), asyncio.create_task(self.shim.watched())]
        for task in self.tasks:
            task.add_done_callback(self.fallen)
        await (self.steady() if self.options.steady else self.trouble())
        self.plan.left = 0
        self.gateway.feeding = False
        arrived, end = 0, time.monotonic() + REST
        while self.unsent() and time.monotonic() < end:
            await asyncio.sleep(0.1)
            if len(self.ledger.taken) > arrived:
                arrived, end = len(self.ledger.taken), time.monotonic() + REST
        await self.shim.close()
        return self.summary()

    def fallen(self, task):
        if not task.cancelled() and task.exception():
            raise SystemExit(f"scripts/soak itself: {task.exception()!r}") from task.exception()

    def unsent(self):
        return sum(bool(letter.left) for letter in self.gateway.letters if not letter.route.never)

    async def steady(self):
        """A minute of load, rest, load, rest: a process that is at rest has what it had before."""
        first = await self.loaded(min(60, self.options.seconds / 4))
        for kind, text in growth(first, await self.loaded(self.options.seconds)):
            self.ledger.remark(kind, text)

    async def loaded(self, seconds):
        """Memory and open files once nothing is under way any more."""
        start, before = time.monotonic(), len(self.ledger.taken)
        self.gateway.paused = False
        await asyncio.sleep(seconds)
        self.gateway.paused = True
        rate = (len(self.ledger.taken) - before) / (time.monotonic() - start)
        under_load = self.shim.figures()
        while self.unsent() or any(self.gateway.busy.values()):
            await asyncio.sleep(0.1)
        await asyncio.sleep(5)
        at_rest = self.shim.figures()
        print(f"{seconds:.0f} s at {rate:.0f} messages a second: "
              f"{under_load[0]} KB and {under_load[1]} files under load, "
              f"{at_rest[0]} KB and {at_rest[1]} files at rest", flush=True)
        return at_rest

    async def trouble(self):
        """Faults of the process, between those of the wire, until there were enough."""
        rng = random.Random(f"{self.options.seed}/process")
        end = time.monotonic() + self.options.seconds
        kinds = [kind for kind in self.plan.process
                 if self.shim.mounted or kind not in ("state-read-only", "state-full")]
        rng.shuffle(kinds)
        turn = itertools.cycle(kinds)
        while self.plan.left > 0 and time.monotonic() < end:
            before = self.plan.left
            wanted = rng.randint(5, 50) if self.plan.wire else 0
            pause = time.monotonic() + (5 if self.plan.wire else 0.5)
            while time.monotonic() < pause and (self.plan.left > max(0, before - wanted) or not self.plan.wire):
                await asyncio.sleep(0.05)
            if kinds and self.plan.left > 0:
                kind = next(turn)
                self.injected(kind)
                await self.shim.befall(kind, rng)

    # MARK: The end

    def summary(self):
        letters, ledger = self.gateway.letters, self.ledger
        found = verdict(ledger, letters, self.shim.log.read_bytes())
        outcomes = collections.Counter(attempt.outcome for attempt in ledger.attempts.values())
        copies = collections.Counter(taken.token.split(".")[0] for taken in ledger.taken)
        twice = sum(count - 1 for count in copies.values())
        print(f"seed {self.options.seed}, {time.monotonic() - self.started:.0f} s, {', '.join(self.street.modes)}")
        encrypted = sum(taken.encrypted for taken in ledger.taken)
        print(f"{len(letters)} messages, {len(ledger.attempts)} attempts ({counted(outcomes)}), "
              f"{self.gateway.sessions} sessions, {len(ledger.taken)} arrivals, {encrypted} of them encrypted; "
              f"again after an answer that was lost or split recipients: {twice}")
        print(f"{sum(ledger.faults.values())} faults: {counted(ledger.faults)}")
        kinds = collections.Counter(kind for kind, _ in found)
        for kind, text in found[:50]:
            print(f"VIOLATION ({kind}), seed {self.options.seed}: {text}")
        print(f"violations: {counted(kinds) or 'none'}")
        return 1 if found else 0
