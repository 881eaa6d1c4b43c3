"""The judge: from what hosts took and what the gateway was told to a list of violations (docs/laws.md)."""
import collections

KINDS = ["lost", "doubled", "altered", "another's envelope", "clear text", "stuck", "bounced", "kept", "order",
         "process", "log", "growth"]
MEMORY = 0.05


def difference(expected, got):
    at = next((n for n, (a, b) in enumerate(zip(expected, got)) if a != b), min(len(expected), len(got)))
    return (f"{len(expected)} octets sent, {len(got)} arrived, first difference at {at}: "
            f"{expected[at:at + 40]!r} / {got[at:at + 40]!r}")


def verdict(ledger, letters, log=b""):
    """Pairs of a kind and a text.

    A message may arrive twice over two attempts, where the answer to the first was lost (RFC 5321 section 4.5.4); never
    twice within one.
    """
    from letters import MARK
    found = list(ledger.remarks)
    by_token = collections.defaultdict(list)
    for taken in ledger.taken:
        by_token[taken.token].append(taken)

    for token, copies in by_token.items():
        attempt = ledger.attempts.get(token)
        if attempt is None:
            found.append(("altered", f"{copies[0].host} took a message whose token {token!r} nobody sent"))
            continue
        if len(copies) > 1:
            found.append(("doubled", f"attempt {token} arrived {len(copies)} times at {copies[0].host}, on connections "
                          f"{[copy.connection for copy in copies]}; {told(attempt)}"))
        for copy in copies:
            found += looked_at(copy, attempt)

    for token, attempt in ledger.attempts.items():
        if attempt.outcome == "accepted":
            copies = by_token.get(token, [])
            missing = set(attempt.recipients) - {recipient for copy in copies for recipient in copy.recipients}
            if not copies:
                found.append(("lost", f"{attempt.route.name}: the gateway heard 2xx for {token}, no host has it; "
                              f"{told(attempt)}"))
            elif missing:
                found.append(("lost", f"{attempt.route.name}: {token} was accepted for {sorted(missing)}, no host has "
                              f"it for them; {told(attempt)}"))
        elif attempt.outcome == "rejected":
            found.append(("bounced", f"{attempt.route.name}: {token}; {told(attempt)}"))

    for letter in letters:
        tokens = [letter.token(number) for number in range(letter.attempts)] if letter.route.never else []
        if any(ledger.attempts[token].outcome == "accepted" for token in tokens if token in ledger.attempts):
            found.append(("kept", f"{letter.route.name}: letter {letter.number} went where TLS was required and cannot "
                          "be had"))
        elif letter.left and not letter.route.never:
            found.append(("stuck", f"{letter.route.name}: letter {letter.number} is still queued for {letter.left} "
                          f"after {letter.attempts} attempts"))
    for line in log.splitlines():
        if MARK in line:
            found.append(("log", f"content in the log: {line[:300]!r}"))
    return found


def looked_at(copy, attempt):
    letter = attempt.letter
    number = int(copy.token.split(".")[1])
    expected = letter.content(number) if copy.content is not None else None
    if copy.content is not None and copy.content != expected:
        yield "altered", f"{copy.host}: {copy.token}: {difference(expected, copy.content)}; {told(attempt)}"
    own = copy.sender == letter.sender and set(copy.recipients) <= set(letter.recipients)
    if not own or copy.host != attempt.route.name:
        yield "another's envelope", (f"{copy.host}: {copy.token} arrived from <{copy.sender}> to {copy.recipients}, "
                                     f"sent to {attempt.route.name} from <{letter.sender}> to {letter.recipients}; "
                                     f"{told(attempt)}")
    elif len(copy.recipients) != len(set(copy.recipients)):
        yield "doubled", f"{copy.host}: {copy.token} names a recipient twice: {copy.recipients}"
    if not copy.encrypted and attempt.route.policy == "required":
        yield "clear text", f"{copy.host}: {copy.token} arrived in clear text, tls = \"required\"; {told(attempt)}"
    if not copy.encrypted and attempt.encrypted:
        yield "clear text", (f"{copy.host}: {copy.token} arrived in clear text, the gateway had STARTTLS; "
                             f"{told(attempt)}")


def told(attempt):
    return f"{attempt.outcome}:\n    " + "\n    ".join(attempt.transcript[-24:])


def growth(first, last):
    """Of a process at rest, after a minute of load and at the end: memory in KB, and open files."""
    if last[0] > first[0] * (1 + MEMORY):
        yield "growth", f"memory went from {first[0]} to {last[0]} KB ({last[0] / first[0] - 1:+.1%})"
    if last[1] != first[1]:
        yield "growth", f"open files went from {first[1]} to {last[1]}"
