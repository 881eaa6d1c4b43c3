"""The measuring part of scripts/compare: CPU a message and memory of an idle session, one build beside another.

In each round the builds run in the order old, new, new, old, each in a process of its own, since a process's layout of
addresses alone is worth some percent. Compared are the two pairs of a round, so that a machine that is slower for a while
is slower for both. Of the ratios new ÷ old the median is printed, and the upper end of its 95 % interval, by bootstrap.
"""
import argparse
import pathlib
import random
import statistics
import sys
import tempfile
import time

from load import Load, memory_per_session
from servers import certificate, free_port, mailshim, smtp_sink, stunnel


class Bench:
    """The hosts that both builds talk to."""

    def __init__(self, folder, scale):
        self.folder, self.scale = folder, scale
        pem = certificate(folder)
        self.clear, self.full, self.resumed = free_port(), free_port(), free_port()
        server = [f"cert = {pem}"]
        self.servers = [smtp_sink(folder, self.clear)]
        kinds = {self.full: ["sessionResume = no", "options = NO_TICKET"], self.resumed: []}
        self.servers.append(stunnel(folder, {port: (self.clear, server + more) for port, more in kinds.items()}))

    def stop(self):
        for server in self.servers:
            server.stop()

    def cpu(self, binary, host, messages, reuse, tls):
        """Microseconds of CPU a message."""
        port = free_port()
        proxy = mailshim(self.folder, {port: host}, tls=tls, binary=binary)
        Load(400, reuse=reuse).send(port)
        _, cpu = Load(round(messages * self.scale), reuse=reuse).measure(port, proxy)
        proxy.stop()
        return cpu * 1e6

    def memory(self, binary, host, sessions, tls, encrypts):
        """KB of an idle session."""
        port = free_port()
        proxy = mailshim(self.folder, {port: host}, tls=tls, binary=binary)
        kilobytes = memory_per_session(proxy, port, round(sessions * min(1, self.scale * 2)), encrypts)
        proxy.stop()
        return kilobytes

    def rows(self):
        """What is measured, by its name."""
        return {
            "re-use": ("µs", lambda binary: self.cpu(binary, self.clear, 20000, True, "off")),
            "no re-use": ("µs", lambda binary: self.cpu(binary, self.clear, 6000, False, "off")),
            "full TLS handshakes": ("µs", lambda binary: self.cpu(binary, self.full, 1500, False, "implicit")),
            "idle, clear": ("KB", lambda binary: self.memory(binary, self.clear, 2000, "off", False)),
            "idle, TLS": ("KB", lambda binary: self.memory(binary, self.resumed, 500, "implicit", True)),
        }


def upper(ratios):
    """The upper end of the 95 % interval of the median."""
    draw = random.Random(1)
    medians = sorted(statistics.median(draw.choices(ratios, k=len(ratios))) for _ in range(4000))
    return medians[int(len(medians) * 0.975)]


def main():
    parser = argparse.ArgumentParser(prog="scripts/compare", description="Measures two builds of Mailshim against each other.")
    parser.add_argument("old", type=pathlib.Path)
    parser.add_argument("new", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=6, help="of four runs each: old, new, new, old")
    parser.add_argument("--quick", action="store_true", help="one short round, to see that it works")
    parser.add_argument("--only", action="append", help="a row of the table; may be repeated")
    options = parser.parse_args()
    rounds, scale = (1, 0.1) if options.quick else (max(1, options.rounds), 1)
    builds = {"old": options.old.resolve(strict=True), "new": options.new.resolve(strict=True)}
    with tempfile.TemporaryDirectory(prefix="mailshim-compare-") as folder:
        bench = Bench(pathlib.Path(folder), scale)
        rows = bench.rows()
        unknown = set(options.only or []) - set(rows)
        if unknown:
            sys.exit(f"scripts/compare: no such row: {', '.join(unknown)}; there are {', '.join(rows)}")
        print(f"{time.strftime('%Y-%m-%d')}, medians of {rounds} round{'s' if rounds > 1 else ''} of two pairs each.\n", flush=True)
        print("| | old | new | new ÷ old | 95 %, upper end |\n| --- | ---: | ---: | ---: | ---: |", flush=True)
        try:
            for name, (unit, measure) in rows.items():
                if not options.only or name in options.only:
                    print(row(name, unit, measure, builds, rounds), flush=True)
        finally:
            bench.stop()


def row(name, unit, measure, builds, rounds):
    figures, ratios = {"old": [], "new": []}, []
    for number in range(rounds):
        print(f"{name}, round {number + 1} of {rounds}", file=sys.stderr)
        for pair in (("old", "new"), ("new", "old")):
            seen = {build: measure(builds[build]) for build in pair}
            for build, figure in seen.items():
                figures[build].append(figure)
            ratios.append(seen["new"] / seen["old"])
    old, new = (statistics.median(figures[build]) for build in ("old", "new"))
    return f"| {name}, {unit} | {old:.1f} | {new:.1f} | {statistics.median(ratios):.3f} | {upper(ratios):.3f} |"


main()
