"""A gateway that queues, and tries again what was put off, as an MTA does."""
import asyncio
import collections
import random
import socket

from dialogue import Dialogue, Lost
from ledger import Attempt
from letters import Letter, stuffed
from relay import Relay
from street import connected
# More are not queued at once: they would only wait, and all have to be gone in the end.
QUEUE = 200


class Gateway:
    def __init__(self, seed, street, routes, ledger, plan, context, injected, rate, relayed=True):
        self.seed, self.street, self.routes = seed, street, routes
        self.ledger, self.plan, self.context = ledger, plan, context
        self.injected, self.rate, self.relayed = injected, rate, relayed
        self.queues = {route: collections.deque() for route in routes}
        self.letters = []
        self.feeding, self.paused, self.over = True, False, False
        self.sessions = 0
        self.busy = collections.Counter()
        self.loop = asyncio.get_running_loop()

    # MARK: The queue

    async def feed(self):
        """New letters, so many a second, but never more than are wanted in the queue."""
        rng = random.Random(f"{self.seed}/feed")
        start, fed = self.loop.time(), 0
        weights = [0.15 if route.never or route.shape in ("slow", "leaves") else 1 for route in self.routes]
        while self.feeding:
            if self.paused:
                start, fed = self.loop.time(), 0
            while not self.paused and fed < (self.loop.time() - start) * self.rate and self.waiting() < QUEUE:
                letter = Letter(self.seed, len(self.letters), rng.choices(self.routes, weights)[0])
                self.letters.append(letter)
                self.queues[letter.route].append(letter)
                fed += 1
            if self.waiting() >= QUEUE:
                start, fed = self.loop.time(), 0
            await asyncio.sleep(0.01)

    def waiting(self):
        return sum(len(queue) for route, queue in self.queues.items() if not route.never)

    def ready(self, most):
        """Letters for one route that are due."""
        now = self.loop.time()
        routes = [route for route, queue in self.queues.items()
                  if queue and queue[0].due <= now and self.busy[route] < 8]
        if not routes:
            return None, []
        route = min(routes, key=lambda route: (self.busy[route], self.queues[route][0].due))
        queue, batch = self.queues[route], []
        for _ in range(len(queue)):
            letter = queue.popleft()
            (batch if len(batch) < most and letter.due <= now else queue).append(letter)
        return route, batch

    def back(self, letter, fast=False):
        letter.waited = 0 if fast else letter.waited + 1
        letter.due = self.loop.time() + (0 if fast else min(2.0, 0.1 * 2 ** min(letter.waited, 8)))
        self.queues[letter.route].append(letter)

    async def work(self):
        # Not by cancellation alone, which a connect that fails at that moment swallows.
        while not self.over:
            rng = random.Random(f"{self.seed}/session/{self.sessions}")
            route, batch = self.ready(rng.choice([1, 2, 4, 10]))
            if not batch:
                await asyncio.sleep(0.05)
                continue
            self.sessions += 1
            self.busy[route] += 1
            try:
                await self.session(route, batch, rng)
            finally:
                self.busy[route] -= 1
                for letter in batch:
                    if letter.left:
                        self.back(letter, fast=letter.progress)

    # MARK: A session

    async def streams(self, mode, family, number):
        sock = await connected(self.street, mode, family, number)
        if self.relayed:
            inner, ours = socket.socketpair()
            inner.setblocking(False)
            Relay(inner, sock, self.plan.fault("gateway"), self.injected, True).start()
            sock = ours
        reader, writer = await asyncio.open_connection(sock=sock, limit=1 << 20)
        return reader, writer

    async def session(self, route, letters, rng):
        for letter in letters:
            letter.progress = False
        mode, family = rng.choice(self.street.modes), rng.choice([4, 6])
        can_demand = route.tls == "good" and route.policy != "off"
        tls = rng.choices(["off", "opportunistic", "required"], [4, 4, can_demand])[0]
        style = rng.choice(["steps", "group", "bdat", "bdat-group", "group"])
        try:
            reader, writer = await self.streams(mode, family, route.number)
        except (OSError, asyncio.TimeoutError):
            return
        talk = Dialogue(reader, writer, self.ledger, f"{route.name}, {mode}, IPv{family}")
        talk.context = self.context
        try:
            if await talk.greeted(tls):
                for n, letter in enumerate(letters):
                    last = n == len(letters) - 1
                    if not await self.deliver(talk, letter, style, rng, last):
                        break
        except (Lost, OSError):
            pass
        finally:
            writer.close()

    async def deliver(self, talk, letter, style, rng, last):
        """One message. True where the session goes on."""
        attempt = Attempt(letter.token(letter.attempts), letter, letter.route, talk.encrypted)
        letter.attempts += 1
        self.ledger.attempts[attempt.token] = attempt
        before = len(talk.lines)
        try:
            goes_on = await self.transact(talk, letter, attempt, style, rng, last)
        finally:
            attempt.transcript = talk.lines[before:][-40:]
            if attempt.outcome == "accepted":
                letter.left = [recipient for recipient in letter.left if recipient not in attempt.recipients]
                letter.progress = True
                if not self.relayed:
                    # Hundreds of thousands of them: what went well is not remembered.
                    attempt.transcript = []
        return goes_on

    async def transact(self, talk, letter, attempt, style, rng, last):
        content = letter.content(int(attempt.token.split(".")[1]))
        grouped = style.endswith("group") and "PIPELINING" in talk.keywords
        chunked = style.startswith("bdat") and "CHUNKING" in talk.keywords
        commands = [self.mail(talk, letter, content, rng), *(f"RCPT TO:<{path}>" for path in letter.left)]
        if not chunked:
            commands.append("DATA")
        everything = grouped and chunked and len(content) < 40_000
        quits = last and everything and rng.random() < 0.4
        if grouped:
            group = "".join(command + "\r\n" for command in commands).encode()
            if everything:
                # As Exim does: all of it in one segment.
                group += b"BDAT %d LAST\r\n" % len(content) + content + (b"QUIT\r\n" if quits else b"")
            talk.say(group)
        codes = []
        for command in commands:
            if not grouped:
                if codes and codes[0][0] != "2" or command == "DATA" and not attempt.recipients:
                    break
                talk.say(command.encode() + b"\r\n")
            path = command[command.index("<") + 1:command.index(">")] if "<" in command else None
            code = await talk.hear(f"<{path}>" if path is not None else None, "345" if command == "DATA" else "245")
            codes.append(code)
            if command.startswith("RCPT"):
                if code[0] == "2":
                    attempt.recipients.append(path)
                self.refused(attempt, talk, code)
        mailed = codes[0][0] == "2" and attempt.recipients
        if not chunked and codes[-1] == "354":
            # RFC 2920 section 3.1: invited without a recipient, the message is empty.
            await self.send(talk, stuffed(content) if mailed else b".\r\n", rng)
            attempt.ended = bool(mailed)
            self.told(attempt, talk, await talk.hear(f"taken {attempt.token}" if mailed else None, "245"))
        elif everything:
            attempt.ended = True
            self.told(attempt, talk, await talk.hear(f"taken {attempt.token}", "245"))
        elif chunked and mailed:
            await self.chunks(talk, content, attempt, rng)
        else:
            self.told(attempt, talk, next((code for code in codes if code[0] in "45"), codes[-1]), refused=True)
        if quits:
            await self.bye(talk)
            return False
        if last:
            if rng.random() < 0.8:
                talk.say(b"QUIT\r\n")
                if rng.random() < 0.2 and not talk.encrypted:
                    talk.writer.write_eof()
                await self.bye(talk)
            return False
        if attempt.outcome != "accepted" or rng.random() < 0.3:
            talk.say(b"RSET\r\n")
            await talk.hear(codes="2")
        return True

    async def chunks(self, talk, content, attempt, rng):
        size = max(1, len(content) // rng.choice([1, 1, 2, 3]))
        pieces = [content[at:at + size] for at in range(0, len(content), size)]
        for n, piece in enumerate(pieces):
            ends = n == len(pieces) - 1
            attempt.ended = ends
            talk.say(b"BDAT %d%s\r\n" % (len(piece), b" LAST" if ends else b"") + piece)
            code = await talk.hear(f"taken {attempt.token}" if ends else None, "245")
            if ends or code[0] != "2":
                return self.told(attempt, talk, code)

    @staticmethod
    def mail(talk, letter, content, rng):
        command = f"MAIL FROM:<{letter.sender}>"
        if "SIZE" in talk.keywords and rng.random() < 0.8:
            command += f" SIZE={len(content)}"
        if "8BITMIME" in talk.keywords and rng.random() < 0.5:
            command += " BODY=8BITMIME"
        return command

    async def send(self, talk, octets, rng):
        if len(octets) > 20_000 and rng.random() < 0.3:
            half = len(octets) // 2
            talk.say(octets[:half])
            await talk.writer.drain()
            await asyncio.sleep(0.02)
            octets = octets[half:]
        talk.say(octets)
        await talk.writer.drain()

    @staticmethod
    def refused(attempt, talk, code):
        # A recipient that is refused for good is returned to its sender; that of a host's limit must not be.
        if code[0] == "5":
            attempt.outcome = "rejected"

    @staticmethod
    def told(attempt, talk, code, refused=False):
        if attempt.outcome != "rejected" or code[0] == "5":
            attempt.outcome = {"2": "accepted", "4": "deferred", "3": "deferred"}.get(code[0], "rejected")

    @staticmethod
    async def bye(talk):
        await talk.hear(codes="2")
        surplus = await asyncio.wait_for(talk.reader.read(1000), 40)
        if surplus:
            talk.wrong(f"behind the answer to QUIT came {surplus!r}")
