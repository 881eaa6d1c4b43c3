"""Letters: each has an envelope of its own, and each attempt to deliver it a token of its own in the content."""
import random
import re

TOKEN = re.compile(rb"^X-Soak-Token: (\d+\.\d+)\r\n", re.M)
# Stands in every content and nowhere else: whoever shows it (a log, a wire that should be encrypted) has shown content.
MARK = b"soak-content-mark"
LIKE_SMTP = [b".", b"..", b".x", b"", b"RSET", b"QUIT", b"MAIL FROM:<ceo@example.org>",
             b"250 2.0.0 ok", b"BDAT 5 LAST", b"..."]
EIGHT_BIT = bytes(range(0x80, 0x100))
TEXT = random.Random(0).randbytes(1000).hex().encode()


class Letter:
    """Its content is made anew from the seed whenever it is needed."""

    def __init__(self, seed, number, route):
        rng = random.Random(f"{seed}/letter/{number}")
        self.seed, self.number, self.route = seed, number, route
        self.sender = "" if rng.random() < 0.05 else f"s{number}@gateway.test"
        count = 1 if rng.random() < 0.6 else rng.randint(2, 7)
        self.recipients = [f"r{number}-{n}@remote.test" for n in range(count)]
        self.left = list(self.recipients)
        self.size = rng.choices([0, 300, 4096, 30_000, 250_000], [5, 42, 42, 10, 1])[0]
        self.attempts = 0
        self.due = 0.0
        self.waited = 0

    def token(self, attempt):
        return f"{self.number}.{attempt}"

    def content(self, attempt):
        """Lines that end with CRLF, not yet dot-stuffed."""
        rng = random.Random(f"{self.seed}/content/{self.number}")
        lines = [b"Subject: soak", b"X-Soak-Token: " + self.token(attempt).encode(), b"X-Soak: " + MARK, b""]
        filled = 0
        while filled < self.size:
            kind = rng.random()
            if kind < 0.15:
                line = rng.choice(LIKE_SMTP)
            elif kind < 0.2:
                line = EIGHT_BIT
            elif kind < 0.25:
                line = b"." * rng.randint(1, 5) + b"x" * 900
            else:
                start = rng.randrange(1000)
                line = TEXT[start:start + rng.randint(1, 990)]
            lines.append(line)
            filled += len(line) + 2
        return b"\r\n".join(lines) + b"\r\n"


def stuffed(content):
    """As DATA wants it, with its end (RFC 5321 section 4.5.2)."""
    content = re.sub(rb"(^|\r\n)\.", rb"\1..", content)
    return content + b".\r\n"


def unstuffed(lines):
    return b"".join(line[1:] if line.startswith(b".") else line for line in lines)
