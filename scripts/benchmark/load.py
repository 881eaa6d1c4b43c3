"""What gateways do to the programs that are measured."""
import os
import socket
import ssl
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

from servers import postfix_tool


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


def in_turn(proxies, what):
    """For what is compared most closely: four times all of them, the first one last the next time, since the machine differs by more from one second to the next."""
    for turn in range(4):
        print(f"{what}, {turn + 1} of 4", file=sys.stderr)
        yield from list(proxies.items())[:: -1 if turn % 2 else 1]


CONTENT = b"Subject: x\r\n\r\n" + (b"x" * 76 + b"\r\n") * 3940 + b".\r\n"


class Session:
    """A session that has carried one message of 300 KB, and is idle now."""

    def __init__(self, port, encrypts=False):
        self.port = port
        self.socket = socket.create_connection(("127.0.0.1", port), 60)
        self.replies = self.socket.makefile("rb")
        self.hear(b"220")
        self.ask(b"EHLO bench.example", b"250")
        if encrypts:
            self.ask(b"STARTTLS", b"220")
            self.replies.close()
            context = ssl.create_default_context()
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            self.socket = context.wrap_socket(self.socket)
            self.replies = self.socket.makefile("rb")
            self.ask(b"EHLO bench.example", b"250")
        for command, code in ((b"MAIL FROM:<a@example.org>", b"250"), (b"RCPT TO:<b@example.net>", b"250"), (b"DATA", b"354")):
            self.ask(command, code)
        self.socket.sendall(CONTENT)
        self.hear(b"250")

    def ask(self, command, code):
        self.socket.sendall(command + b"\r\n")
        self.hear(code)

    def hear(self, code):
        while True:
            line = self.replies.readline()
            if line[3:4] == b"-":
                continue
            if line[:3] != code:
                sys.exit(f"port {self.port}: {line!r}")
            return

    def close(self):
        self.replies.close()
        self.socket.close()


def memory_per_session(proxy, port, sessions, encrypts=False):
    """KB of the proxy for each idle session that has carried a message of 300 KB."""
    for _ in range(4):
        Session(port, encrypts).close()
    time.sleep(0.5)
    before = proxy.memory()
    with ThreadPoolExecutor(16) as pool:
        held = list(pool.map(lambda _: Session(port, encrypts), range(sessions)))
    time.sleep(2)
    after = proxy.memory()
    for session in held:
        session.close()
    return (after - before) / sessions
