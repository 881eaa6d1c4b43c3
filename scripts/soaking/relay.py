"""A leg with a fault in it: two sockets, and what goes from one to the other, until the fault's moment comes."""
import asyncio
import socket
import struct


RUNNING = set()


class Relay:
    """Between `inner`, our end of a socket pair, and `outer`, the TCP connection with Mailshim."""

    def __init__(self, inner, outer, fault, injected, up_is_inner, watch=None):
        self.inner, self.outer, self.fault, self.injected, self.watch = inner, outer, fault, injected, watch
        self.up_is_inner = up_is_inner
        self.struck = False
        self.loop = asyncio.get_running_loop()
        self.over = False

    def start(self):
        task = asyncio.create_task(self.run())
        RUNNING.add(task)
        task.add_done_callback(RUNNING.discard)

    async def run(self):
        up, down = (self.inner, self.outer), (self.outer, self.inner)
        if not self.up_is_inner:
            up, down = down, up
        tasks = [asyncio.create_task(self.pump(*up, "up")), asyncio.create_task(self.pump(*down, "down"))]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            self.close()

    def close(self, reset=False):
        if self.over:
            return
        self.over = True
        for sock in (self.inner, self.outer):
            try:
                if reset and sock is self.outer:
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                sock.shutdown(socket.SHUT_RDWR) if not reset else None
            except OSError:
                pass
            self.loop.remove_reader(sock)
            self.loop.remove_writer(sock)
            sock.close()

    async def pump(self, source, sink, direction):
        passed = 0
        try:
            while not self.over:
                data = await self.loop.sock_recv(source, 65536)
                if not data:
                    sink.shutdown(socket.SHUT_WR)
                    return
                if self.watch and direction == "up":
                    self.watch(data)
                fault = self.fault if self.fault and self.fault.direction == direction else None
                if fault and not self.struck:
                    at = self.moment(fault, data, passed)
                    if at is not None:
                        self.struck = True
                        self.injected(fault.kind)
                        if at:
                            await self.loop.sock_sendall(sink, data[:at])
                        passed += len(data)
                        if await self.strike(fault, sink, source):
                            return
                        await self.send(fault, sink, data[at:], source)
                        continue
                passed += len(data)
                await self.send(fault if self.struck else None, sink, data, source)
        except OSError:
            self.close(reset=True)

    @staticmethod
    def moment(fault, data, passed):
        """Where in the data it strikes."""
        if fault.moment and (at := data.find(fault.moment)) >= 0:
            return at + len(fault.moment) if fault.behind else at
        return max(0, fault.octets - passed) if passed + len(data) >= fault.octets else None

    async def strike(self, fault, sink, source):
        """True where nothing more goes this way."""
        if fault.kind in ("cut", "reset"):
            self.close(reset=fault.kind == "reset")
            return True
        if fault.kind == "half-close":
            sink.shutdown(socket.SHUT_WR)
            while await self.loop.sock_recv(source, 65536):
                pass
            return True
        if fault.kind == "stall":
            await asyncio.sleep(fault.seconds)
        return False

    async def send(self, fault, sink, data, source):
        kind = fault.kind if fault else None
        if kind == "delay":
            await asyncio.sleep(fault.seconds)
        elif kind == "merge":
            # What comes meanwhile waits in the kernel, and is taken at once: a cancelled receive could lose some.
            await asyncio.sleep(fault.seconds)
            try:
                data += source.recv(1 << 20)
            except BlockingIOError:
                pass
        elif kind == "split":
            at = 0
            while at < min(len(data), 600):
                size = fault.rng.randint(1, 7)
                await self.loop.sock_sendall(sink, data[at:at + size])
                at += size
                await asyncio.sleep(0)
            data = data[at:]
        if data:
            await self.loop.sock_sendall(sink, data)


class Wire:
    """Looks at what comes to a host of whom TLS is required."""

    def __init__(self, route, ledger):
        self.route, self.ledger, self.tail = route, ledger, b""

    def watch(self, data):
        data = self.tail + data
        for word in (b"MAIL FROM", b"RCPT TO", b"X-Soak"):
            if word in data:
                self.ledger.remark("clear text", f"{self.route.name}: {word!r} came in clear text, tls = \"required\"")
        self.tail = data[-8:]
