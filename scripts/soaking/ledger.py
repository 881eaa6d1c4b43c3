"""What was written down: by hosts what they took, by the gateway what it was told, by all what should not be."""
import collections
import dataclasses


@dataclasses.dataclass
class Taken:
    """A message that a host took: written before it answers."""
    token: str
    sender: str
    recipients: list
    # None: it was compared already, and is right.
    content: bytes | None
    host: str
    encrypted: bool
    connection: int


@dataclasses.dataclass
class Attempt:
    """One MAIL … final dot by the gateway. `outcome`: accepted, deferred, rejected, lost."""
    token: str
    letter: object
    route: object
    encrypted: bool
    recipients: list = dataclasses.field(default_factory=list)
    outcome: str = "lost"
    ended: bool = False
    transcript: list = dataclasses.field(default_factory=list)


class Seen(list):
    """For hundreds of thousands of messages: content that is as it should be is compared at once and not kept."""

    def __init__(self, attempts):
        super().__init__()
        self.attempts = attempts

    def append(self, taken):
        attempt = self.attempts.get(taken.token)
        if attempt and taken.content == attempt.letter.content(int(taken.token.split(".")[1])):
            taken.content = None
        super().append(taken)


class Ledger:
    def __init__(self):
        self.taken = []
        self.attempts = {}
        self.remarks = []
        self.faults = collections.Counter()
        self.replies = collections.Counter()

    def remark(self, kind, text):
        """A violation that was seen where it happened."""
        self.remarks.append((kind, text))
