"""Hosts of each shape, with what they offer, and what Mailshim's config demands of them."""
import dataclasses


@dataclasses.dataclass(frozen=True)
class Route:
    number: int
    name: str
    # What is odd: see host.py.
    shape: str
    # The host's own: "none", "good", "old" (TLS 1.0), "broken".
    tls: str
    # `tls` in Mailshim's config.
    policy: str
    keywords: tuple = ("PIPELINING", "SIZE 52428800", "8BITMIME", "CHUNKING", "DSN", "ENHANCEDSTATUSCODES")
    # No letter can lawfully arrive.
    never: bool = False


BARE = ("8BITMIME",)
ROUTES = [Route(number, *row) for number, row in enumerate([
    ("healthy", "healthy", "good", "opportunistic"),
    ("healthy-clear", "healthy", "none", "off"),
    ("healthy-required", "healthy", "good", "required"),
    ("once-503", "once-503", "good", "required"),
    ("once-421", "once-421", "none", "opportunistic"),
    ("once-close", "once-close", "good", "opportunistic"),
    ("sticky", "sticky", "good", "required"),
    ("recipients-452", "recipients-452", "none", "opportunistic"),
    ("recipients-550", "recipients-550", "good", "opportunistic"),
    ("helo-only", "helo-only", "none", "opportunistic"),
    ("no-size", "no-size", "none", "opportunistic"),
    ("broken-starttls", "healthy", "broken", "opportunistic"),
    ("old", "healthy", "old", "opportunistic", BARE),
    ("slow", "slow", "good", "opportunistic"),
    ("leaves", "leaves", "good", "required"),
    ("tls-off", "healthy", "good", "off"),
    ("never", "healthy", "broken", "required", BARE, True),
])]
