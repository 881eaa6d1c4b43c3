"""Faults: which connection meets which, from the seed alone."""
import random

WIRE = ["cut", "reset", "half-close", "stall", "delay", "split", "merge"]
PROCESS = ["kill", "term", "hup", "stop", "state-read-only", "state-full", "state-damaged", "state-deleted"]
MOMENTS = {
    "up": [b"EHLO", b"STARTTLS", b"MAIL FROM", b"RCPT TO", b"DATA\r\n", b"BDAT", b"\r\n.\r\n", b"QUIT", b"RSET"],
    "down": [b"220", b"250", b"354", b"503", b"taken", b"221"],
}


class Fault:
    """In one direction of one connection: at these octets, or after so many, whichever comes first."""

    def __init__(self, rng, kinds):
        self.kind = rng.choice(kinds)
        self.direction = rng.choice(["up", "down"])
        self.moment = rng.choice(MOMENTS[self.direction]) if rng.random() < 0.6 else None
        self.behind = rng.random() < 0.6
        self.octets = 0 if self.kind in ("delay", "split", "merge") else int(2 ** rng.uniform(0, 15))
        if self.moment and self.octets:
            self.octets = 1 << 20
        seconds = {"stall": rng.choice([0.3, 1, 2, 7]), "delay": rng.uniform(0.02, 0.3),
                   "merge": rng.uniform(0.01, 0.08)}
        self.seconds = seconds.get(self.kind, 0)
        self.rng = rng


class Plan:
    """How many are still to come, and what the next connection meets."""

    def __init__(self, seed, count, only=None, share=0.5):
        self.seed, self.left, self.share = seed, count, share
        self.wire = [kind for kind in WIRE if only in (None, kind)]
        self.process = [kind for kind in PROCESS if only in (None, kind)]
        self.connections = {"gateway": 0, "host": 0}

    def fault(self, leg):
        number = self.connections[leg]
        self.connections[leg] += 1
        rng = random.Random(f"{self.seed}/{leg}/{number}")
        return Fault(rng, self.wire) if self.left > 0 and self.wire and rng.random() < self.share else None

    def done(self):
        self.left -= 1
