"""Shows that the judge bites: one of each violation is planted, and has to be found."""
import asyncio
import copy
import dataclasses
import subprocess
import types

from dialogue import Dialogue, Lost
from judge import KINDS, growth, verdict
from ledger import Attempt, Ledger, Taken
from letters import MARK, Letter
from process import Shim
from relay import Wire
from routes import ROUTES


class Planted(list):
    """What hosts took, with one of each fault: in a whole run, in the place of the true list."""

    def __init__(self):
        super().__init__()
        self.wanted = ["doubled", "altered", "another's envelope", "lost", "clear text"]
        self.count = 0

    def append(self, taken):
        self.count += 1
        kind = self.wanted[0] if self.wanted and self.count % 5 == 0 else None
        if kind and spoil(kind, taken, self):
            self.wanted.pop(0)
        elif kind != "lost":
            super().append(taken)


def spoil(kind, taken, taken_list):
    """Puts the message down as it should not be. False where it is of no use for that."""
    if kind == "doubled":
        taken_list.extend([taken, copy.copy(taken)])
    elif kind == "altered":
        if b"\r\n." not in taken.content:
            return False
        taken_list.extend([dataclasses.replace(taken, content=taken.content.replace(b"\r\n.", b"\r\n", 1))])
    elif kind == "another's envelope":
        taken_list.extend([dataclasses.replace(taken, sender="s999999@gateway.test")])
    elif kind == "clear text":
        if not taken.encrypted or taken.host not in {route.name for route in ROUTES if route.policy == "required"}:
            return False
        taken_list.extend([dataclasses.replace(taken, encrypted=False)])
    return True


def scene(number=1, route="healthy-required"):
    """A ledger of one message that arrived as it should."""
    route = next(each for each in ROUTES if each.name == route)
    letter = Letter(0, number, route)
    letter.size = 4096
    attempt = Attempt(letter.token(0), letter, route, True, list(letter.recipients), "accepted", True, ["C: ..."])
    ledger = Ledger()
    ledger.attempts[attempt.token] = attempt
    content = letter.content(0)
    ledger.taken.append(Taken(attempt.token, letter.sender, list(letter.recipients), content, route.name, True, 1))
    letter.left, letter.attempts = [], 1
    return ledger, letter, attempt


async def wrong_answer(text, expected):
    ledger = Ledger()
    reader = asyncio.StreamReader()
    reader.feed_data(text)
    reader.feed_eof()
    try:
        await Dialogue(reader, types.SimpleNamespace(close=lambda: None), ledger, "a session").hear(expected, "245")
    except Lost:
        pass
    return ledger


async def deaf_process(folder="."):
    ledger = Ledger()
    shim = Shim.__new__(Shim)
    shim.ledger, shim.tail = ledger, lambda: ""
    process = subprocess.Popen(["bash", "-c", "trap '' TERM; while :; do sleep 0.1; done"])
    await asyncio.sleep(0.3)
    await shim.ended(process, 15, 0.3)
    return ledger


async def cases():
    """Kind, what was planted, ledger, letters, log."""
    yield None, "all as it should be", *scene()[:2], b"event=message bytes=4096"

    for kind in ("doubled", "altered", "another's envelope", "clear text"):
        ledger, letter, _ = scene()
        taken = ledger.taken.pop()
        assert spoil(kind, taken, ledger.taken)
        yield kind, "as in a whole run", ledger, letter, b""
    ledger, letter, _ = scene()
    ledger.taken.clear()
    yield "lost", "a message that no host has", ledger, letter, b""
    ledger, letter, _ = scene(number=6)
    ledger.taken[0].recipients = []
    yield "lost", "a recipient less", ledger, letter, b""
    ledger, letter, _ = scene()
    ledger.taken[0].content = ledger.taken[0].content[:-2]
    yield "altered", "the last line end is missing", ledger, letter, b""
    ledger, letter, _ = scene()
    ledger.taken[0].token = "77.0"
    ledger.attempts["1.0"].outcome = "deferred"
    yield "altered", "a token that nobody sent", ledger, letter, b""
    ledger, letter, _ = scene(route="healthy")
    ledger.taken[0].encrypted = False
    yield "clear text", "the gateway had STARTTLS", ledger, letter, b""
    ledger = Ledger()
    Wire(ROUTES[2], ledger).watch(b"EHLO x\r\nMAIL FRO")
    yield None, "no envelope yet", ledger, None, b""
    wire = Wire(ROUTES[2], ledger)
    wire.watch(b"EHLO x\r\nMAIL FRO")
    wire.watch(b"M:<a@b>\r\n")
    yield "clear text", "on the wire, in two pieces", ledger, None, b""
    ledger, letter, attempt = scene()
    letter.left, attempt.outcome = list(letter.recipients), "deferred"
    yield "stuck", "never delivered", ledger, letter, b""
    ledger, letter, attempt = scene()
    attempt.outcome = "rejected"
    yield "bounced", "refused for good", ledger, letter, b""
    yield "kept", "accepted where no TLS can be had", *scene(route="never")[:2], b""
    yield "order", "the answer to another command", await wrong_answer(b"250 2.1.5 <a@b> ok\r\n", "<c@d>"), None, b""
    yield "order", "354 to RCPT", await wrong_answer(b"354 go\r\n", None), None, b""
    yield "order", "no reply", await wrong_answer(b"hello\r\n", None), None, b""
    yield None, "a right answer", await wrong_answer(b"250-x\r\n250 2.1.5 <a@b> ok\r\n", None), None, b""
    yield "process", "deaf to SIGTERM", await deaf_process(), None, b""
    yield None, "a process that does not grow", await grown((10_000, 90), (10_400, 90)), None, b""
    yield "growth", "6 % more memory", await grown((10_000, 90), (10_600, 90)), None, b""
    yield "growth", "an open file more", await grown((10_000, 90), (10_000, 91)), None, b""
    yield "log", "content in the log", *scene()[:2], b"event=x because=" + MARK


async def grown(first, last):
    ledger = Ledger()
    ledger.remarks += growth(first, last)
    return ledger


async def main():
    missed, shown = [], set()
    async for kind, what, ledger, letter, log in cases():
        found = {found for found, _ in verdict(ledger, [letter] if letter else [], log)}
        right = found == ({kind} if kind else set())
        print(f"{'found ' if right else 'MISSED'} {kind or 'nothing'}: {what}{'' if right else f' ({sorted(found)})'}")
        if not right:
            missed.append(what)
        shown.add(kind)
    for kind in set(KINDS) - shown:
        print(f"MISSED {kind}: never planted")
        missed.append(kind)
    return 1 if missed else 0
