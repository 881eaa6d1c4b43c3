"""Over a long line: what a gateway with twelve messages waits, directly and through Mailshim, by the round trip.

A relay of our own stands in front of the host: it delays octets by half a round trip each way, and the TCP handshake by
a whole one, so that a greeting comes two round trips after the connect. The gateway stands beside Mailshim, as in life.
"""
import asyncio
import contextlib
import ssl
import statistics
import sys

from servers import ROOT, certificate, free_port, mailshim

sys.path.append(str(ROOT / "scripts/soaking"))
from dialogue import Dialogue  # noqa: E402
from host import Host  # noqa: E402
from ledger import Ledger  # noqa: E402
from routes import Route  # noqa: E402

MESSAGES = 12
CONTENT = b"Subject: line\r\n\r\n" + b"x" * 70 + b"\r\n"


class Line:
    """Octets arrive half a round trip after they were sent, in order, however many are on their way."""

    def __init__(self, port, seconds):
        self.port, self.seconds = port, seconds
        self.connections = 0

    async def serve(self, reader, writer):
        self.connections += 1
        # SYN, SYN and ACK, ACK: the host knows of the connection after one and a half.
        await asyncio.sleep(1.5 * self.seconds)
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.port)
        await asyncio.gather(self.carry(reader, far_writer), self.carry(far_reader, writer))

    async def carry(self, reader, writer):
        loop, queue = asyncio.get_running_loop(), asyncio.Queue()

        async def arrive():
            while True:
                due, octets = await queue.get()
                await asyncio.sleep(max(0, due - loop.time()))
                if not octets:
                    return writer.close()
                writer.write(octets)

        arriving = asyncio.create_task(arrive())
        with contextlib.suppress(OSError):
            while octets := await reader.read(65536):
                queue.put_nowait((loop.time() + self.seconds / 2, octets))
        queue.put_nowait((loop.time() + self.seconds / 2, b""))
        with contextlib.suppress(OSError):
            await arriving


class Gateway:
    """Twelve messages on one connection, or each on one of its own."""

    def __init__(self, port, grouped, encrypts, reuses):
        self.port, self.grouped, self.encrypts, self.reuses = port, grouped, encrypts, reuses
        self.context = ssl.create_default_context()
        self.context.check_hostname, self.context.verify_mode = False, ssl.CERT_NONE

    async def send(self):
        """Seconds until the last message was accepted."""
        loop = asyncio.get_running_loop()
        start, talk = loop.time(), None
        for number in range(MESSAGES):
            if not talk:
                talk = await self.connected()
            await self.message(talk, number)
            if not self.reuses:
                talk.say(b"QUIT\r\n")
                talk.leave()
                talk = None
        seconds = loop.time() - start
        if talk:
            talk.say(b"QUIT\r\n")
            talk.leave()
        return seconds

    async def connected(self):
        talk = Dialogue(*await asyncio.open_connection("127.0.0.1", self.port), Ledger(), "line")
        talk.context = self.context
        if not await talk.greeted("required" if self.encrypts else "off"):
            sys.exit(f"line: no session: {talk.lines}")
        return talk

    async def message(self, talk, number):
        commands = [b"MAIL FROM:<a%d@example.org>\r\n" % number, b"RCPT TO:<b@example.net>\r\n", b"DATA\r\n"]
        if self.grouped:
            talk.say(b"".join(commands))
        for command in commands:
            if not self.grouped:
                talk.say(command)
            await self.accepted(talk)
        talk.say(CONTENT + b".\r\n")
        await self.accepted(talk)

    @staticmethod
    async def accepted(talk):
        if (await talk.hear())[0] not in "23":
            sys.exit(f"line: refused: {talk.lines[-6:]}")


async def measured(folder, seconds, grouped, encrypts, shape):
    """Directly; through Mailshim when it meets the host for the first time; when it knows it."""
    pem = certificate(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    host = Host(Route(0, shape, shape, "good" if encrypts else "none", ""), Ledger(), 0, context)

    async def serve(reader, writer):
        await host.serve(reader, writer)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    line = Line(server.sockets[0].getsockname()[1], seconds)
    entry = await asyncio.start_server(line.serve, "127.0.0.1", 0)
    far, near = entry.sockets[0].getsockname()[1], free_port()
    shim = await asyncio.to_thread(mailshim, folder, {near: far}, "required" if encrypts else "off")
    try:
        direct = await Gateway(far, grouped, encrypts, reuses=shape == "healthy").send()
        through = Gateway(near, grouped, False, reuses=True)
        first = await through.send()
        return direct, first, await through.send()
    finally:
        await asyncio.to_thread(shim.stop)
        entry.close()
        server.close()


async def rows(folder, rounds, trips):
    for shape, words in (("healthy", "healthy"), ("once-503", "one message a connection")):
        for encrypts in (False, True):
            for grouped in (False, True):
                for trip in trips:
                    security, style = "TLS" if encrypts else "clear", "pipelined" if grouped else "lock-step"
                    print(f"{words}, {security}, {style}, {trip} ms", file=sys.stderr)
                    figures = [await measured(folder, trip / 1000, grouped, encrypts, shape) for _ in range(rounds)]
                    medians = [statistics.median(column) for column in zip(*figures)]
                    yield words, security, style, trip, medians


async def table(folder, rounds, trips):
    lines = ["| host | | gateway | round trip, ms | direct, s | Mailshim, at first, s | Mailshim, known, s |",
             "| --- | --- | --- |" + " ---: |" * 4]
    async for shape, security, style, trip, figures in rows(folder, rounds, trips):
        cells = [shape, security, style, str(trip), *(f"{each:.2f}" for each in figures)]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def measure(folder, rounds, quick):
    return asyncio.run(table(folder, rounds, [20] if quick else [20, 100, 250]))
