"""What the gateway says and hears on one connection; an answer that belongs to another command is a violation."""
import asyncio
import re

LINE = re.compile(rb"^(\d{3})([ -])(.*)\r\n$", re.S)
PATIENCE = 40


class Lost(Exception):
    """The connection is gone, or was given up by a 421."""


class Dialogue:
    def __init__(self, reader, writer, ledger, name):
        self.reader, self.writer, self.ledger, self.name = reader, writer, ledger, name
        self.lines = []
        self.encrypted = False
        self.keywords = {}

    def say(self, octets):
        shown = octets if len(octets) < 100 else octets[:60] + b"..." + octets[-20:]
        self.lines.append(f"C: {shown!r}")
        self.writer.write(octets)

    async def hear(self, expected=None, codes=""):
        """The code of one reply. `expected`: text that a host's own positive reply to this command has."""
        text = []
        while True:
            try:
                line = await asyncio.wait_for(self.reader.readuntil(b"\n"), PATIENCE)
            except (asyncio.IncompleteReadError, OSError, asyncio.TimeoutError) as error:
                self.lines.append(f"-- {type(error).__name__}")
                raise Lost from error
            self.lines.append(f"S: {line!r}")
            match = LINE.match(line)
            if not match:
                self.wrong(f"this is no reply line: {line!r}")
                raise Lost
            text.append(match[3])
            if match[2] == b" ":
                break
        code = match[1].decode()
        of_another = expected and code[0] == "2" and expected.encode() not in text[0]
        if codes and code[0] not in codes and code != "421" or of_another:
            self.wrong(f"{line!r} is not the answer to this command ({expected or codes})")
        self.replies = text
        if code == "421":
            self.leave()
            raise Lost
        return code

    def wrong(self, words):
        self.ledger.remark("order", f"{self.name}: {words}\n    " + "\n    ".join(self.lines[-16:]))

    def leave(self):
        self.writer.close()

    async def greeted(self, tls):
        """True where mail can go: greeting, EHLO or HELO, TLS as wanted."""
        if (await self.hear(codes="245"))[0] != "2":
            return False
        if not await self.hello():
            return False
        if tls != "off" and "STARTTLS" in self.keywords:
            self.say(b"STARTTLS\r\n")
            if await self.hear(codes="245") == "220":
                await self.encrypt()
                return await self.hello()
        return tls != "required"

    async def encrypt(self):
        try:
            await self.writer.start_tls(self.context, ssl_handshake_timeout=15)
        except (OSError, asyncio.TimeoutError, EOFError) as error:
            self.lines.append(f"-- TLS: {error}")
            raise Lost from error
        self.encrypted = True

    async def hello(self):
        self.keywords = {}
        self.say(b"EHLO gateway.test\r\n")
        code = await self.hear(codes="245")
        if code == "250":
            for line in self.replies[1:]:
                word, _, rest = line.decode("latin-1").partition(" ")
                self.keywords[word.upper()] = rest
            return True
        if code[0] != "5":
            return False
        self.say(b"HELO gateway.test\r\n")
        return await self.hear(codes="245") == "250"
