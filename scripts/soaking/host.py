"""A host that writes down what it takes before it says 250, whatever its shape."""
import asyncio
import random

from ledger import Taken
from letters import TOKEN, unstuffed

LIMIT = 3


class Gone(Exception):
    """It hangs up."""


class Host:
    def __init__(self, route, ledger, seed, context=None, hasty=False):
        self.route, self.ledger, self.seed, self.context, self.hasty = route, ledger, seed, context, hasty
        self.connections = 0

    async def serve(self, reader, writer):
        self.connections += 1
        visit = self.visit(reader, writer)
        try:
            await visit.run()
        except (Gone, OSError, EOFError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        finally:
            writer.close()

    def visit(self, reader, writer):
        return Visit(self, self.connections, reader, writer)


class Visit:
    def __init__(self, host, number, reader, writer):
        self.host, self.number, self.reader, self.writer = host, number, reader, writer
        self.shape = host.route.shape
        self.rng = random.Random(f"{host.seed}/{host.route.name}/{number}")
        self.encrypted = False
        self.messages = 0
        self.sticky = False
        self.clear()
        # At which of these it hangs up, if it is of the kind that leaves.
        moments = ["greeting", "MAIL", "RCPT", "DATA", "content", "taken", None, None, None, None]
        self.leaves = self.rng.choice(moments) if self.shape == "leaves" else None

    def clear(self):
        self.sender, self.recipients, self.chunks = None, [], []

    async def say(self, text):
        if self.shape == "slow":
            await asyncio.sleep(self.rng.uniform(0.02, 0.2))
        self.host.ledger.replies[text[:3]] += 1
        self.writer.write(text.encode() + b"\r\n")
        await self.writer.drain()

    def leave(self, moment):
        if self.leaves == moment and self.rng.random() < 0.7:
            raise Gone

    async def run(self):
        self.leave("greeting")
        await self.say(f"220 {self.host.route.name}.test ESMTP")
        while True:
            line = await self.reader.readuntil(b"\r\n")
            text = line[:-2].decode("latin-1")
            word, _, rest = text.partition(" ")
            self.heard(word, text)
            act = getattr(self, "on_" + word.lower(), None)
            if act is None:
                await self.say("500 5.5.1 what?")
            else:
                await act(rest)

    def heard(self, word, text):
        """A command, before it is answered."""

    async def on_ehlo(self, rest):
        self.clear()
        if self.shape == "helo-only":
            return await self.say("500 5.5.1 command unrecognized")
        keywords = list(self.host.route.keywords)
        if self.host.route.tls != "none" and not self.encrypted:
            keywords.append("STARTTLS")
        lines = [f"{self.host.route.name}.test", *keywords]
        await self.say("\r\n".join(f"250{'-' if n < len(lines) - 1 else ' '}{line}" for n, line in enumerate(lines)))

    async def on_helo(self, rest):
        self.clear()
        await self.say(f"250 {self.host.route.name}.test")

    async def on_starttls(self, rest):
        if self.host.route.tls == "broken":
            kind = self.rng.choice(["454", "garbage", "close", "500"])
            if kind in ("454", "500"):
                return await self.say(f"{kind} 5.7.0 TLS not available")
            await self.say("220 go ahead")
            if kind == "garbage":
                await self.reader.read(100)
                await self.say("this is no handshake at all, whatever it looks like")
            raise Gone
        await self.say("220 go ahead")
        try:
            await self.writer.start_tls(self.host.context, ssl_handshake_timeout=10)
        except (ConnectionError, OSError, asyncio.CancelledError):
            raise Gone
        self.encrypted = True
        self.clear()

    async def on_noop(self, rest):
        await self.say("250 2.0.0 ok")

    async def on_rset(self, rest):
        self.clear()
        self.sticky = False
        await self.say("250 2.0.0 reset")

    async def on_quit(self, rest):
        await self.say("221 2.0.0 bye")
        raise Gone

    async def on_mail(self, rest):
        self.leave("MAIL")
        path = rest[len("FROM:<"):].split(">")[0]
        if self.shape == "no-size" and "SIZE=" in rest:
            return await self.say("555 5.5.4 Unsupported option: SIZE")
        if self.shape in ("once-503", "sticky") and (self.sticky or self.shape == "once-503" and self.messages):
            # And whoever goes on regardless would deliver under the first message's sender (law 4).
            self.sender = self.last
            return await self.say("503 5.5.1 Sender already specified")
        if self.shape == "once-421" and self.messages:
            await self.say("421 4.7.0 too many messages in this connection")
            raise Gone
        if self.sender is not None:
            return await self.say("503 5.5.1 nested MAIL command")
        self.sender, self.recipients, self.chunks = path, [], []
        await self.say(f"250 2.1.0 <{path}> sender ok")

    async def on_rcpt(self, rest):
        self.leave("RCPT")
        path = rest[len("TO:<"):].split(">")[0]
        if self.sender is None:
            return await self.say("503 5.5.1 need MAIL")
        if self.shape.startswith("recipients") and len(self.recipients) >= LIMIT:
            return await self.say(("452 4.5.3" if self.shape.endswith("452") else "550 5.5.3") + " too many recipients")
        self.recipients.append(path)
        await self.say(f"250 2.1.5 <{path}> recipient ok")

    async def on_data(self, rest):
        if self.sender is None or not self.recipients:
            return await self.say("503 5.5.1 need RCPT")
        self.leave("DATA")
        await self.say("354 go ahead")
        lines = []
        if self.leaves == "content":
            lines.append(await self.reader.readuntil(b"\r\n"))
            self.leave("content")
        while not (lines and lines[-1] == b".\r\n") and (line := await self.reader.readuntil(b"\r\n")) != b".\r\n":
            lines.append(line)
        await self.take(unstuffed(lines))

    async def on_bdat(self, rest):
        words = rest.split()
        octets = await self.reader.readexactly(int(words[0]))
        if self.sender is None or not self.recipients:
            return await self.say("503 5.5.1 need RCPT")
        self.chunks.append(octets)
        if words[-1].upper() != "LAST":
            return await self.say(f"250 2.0.0 {len(octets)} octets")
        await self.take(b"".join(self.chunks))

    async def take(self, content):
        token = TOKEN.search(content)
        token = token[1].decode() if token else "none"
        self.host.ledger.taken.append(Taken(
            token, self.sender, self.recipients, content, self.host.route.name, self.encrypted, self.number))
        self.messages += 1
        self.last, self.sticky = self.sender, True
        self.clear()
        self.leave("taken")
        await self.say(f"250 2.0.0 taken {token}")
        if self.shape == "once-close":
            raise Gone
