"""What looking at it costs a running Mailshim: CPU of its threads for each `status`, `sessions` and /metrics, with many idle sessions."""
import json
import pathlib
import socket
import statistics
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor

from load import Session
from servers import MAILSHIM, Server, free_port, smtp_sink

# Sessions that an event loop looks at in one turn (SessionGathering.slice).
SLICE = 100


class Ask:
    """The admin socket and the HTTP port."""

    def __init__(self, folder, sessions):
        self.port, self.http, self.host = free_port(), free_port(), free_port()
        self.path = folder / "admin.sock"
        self.sink = smtp_sink(folder, self.host)
        config = folder / "admin.toml"
        config.write_text(
            f'state = "memory"\n[admin]\nsocket = "{self.path}"\nhttp = "127.0.0.1:{self.http}"\n'
            f"[limits]\nsessions = {sessions + 100}\nsessions-per-gateway = {sessions + 100}\n"
            '[timeouts]\nidle = "30m"\n[default]\ntls = "off"\n'
            f'[[listener]]\nname = "o"\nbind = "127.0.0.1:{self.port}"\ndestination = "127.0.0.1:{self.host}"\n')
        self.server = Server(folder, "mailshim", [MAILSHIM, "serve", "--config", config], [self.port])

    def command(self, line):
        with socket.socket(socket.AF_UNIX) as s:
            s.connect(str(self.path))
            s.sendall(line.encode() + b"\n")
            answer = json.loads(s.makefile("rb").readline())
            assert answer["ok"], answer

    def page(self):
        urllib.request.urlopen(f"http://127.0.0.1:{self.http}/metrics").read()

    def threads(self):
        """Nanoseconds on a processor, by thread."""
        folder = pathlib.Path(f"/proc/{self.server.process.pid}/task")
        return {task.name: int((task / "schedstat").read_text().split()[0]) for task in folder.iterdir()}

    def loops(self):
        folder = pathlib.Path(f"/proc/{self.server.process.pid}/task")
        return {task.name for task in folder.iterdir() if (task / "comm").read_text().startswith("NIO-ELT")}

    def stop(self):
        self.server.stop()
        self.sink.stop()


def measure(folder, rounds, sessions):
    ask = Ask(folder, sessions)
    try:
        with ThreadPoolExecutor(16) as pool:
            held = list(pool.map(lambda _: Session(ask.port), range(sessions)))
        time.sleep(1)
        loops = ask.loops()
        slices = sessions / max(1, len(loops)) / SLICE
        lines = ["| | all threads, ms | busiest event loop, ms | of it at once, ms |", "| --- | ---: | ---: | ---: |"]
        asks = {"`status`": lambda: ask.command('{"command":"status"}'),
                "`sessions`": lambda: ask.command('{"command":"sessions","arguments":{}}'), "/metrics": ask.page}
        for name, call in asks.items():
            call()
            everything, busiest = [], []
            for _ in range(4 * rounds):
                time.sleep(0.3)
                before = ask.threads()
                call()
                time.sleep(0.2)
                spent = {thread: time - before.get(thread, 0) for thread, time in ask.threads().items()}
                everything.append(sum(spent.values()) / 1e6)
                busiest.append(max(spent[thread] for thread in loops) / 1e6)
            once = max(busiest) / (slices if name == "`sessions`" else 1)
            lines.append(f"| {name} | {statistics.median(everything):.2f} | {statistics.median(busiest):.2f}, at most {max(busiest):.2f} | {once:.2f} |")
        for session in held:
            session.close()
        return f"{sessions} idle sessions, {len(loops)} event loops, {4 * rounds} times each.\n\n" + "\n".join(lines)
    finally:
        ask.stop()
