"""What can go wrong on an article's way in, said once.

    IngestError
    ├── Transient       try again later: the host, the network
    │   ├── HostUnreachable     DNS, refused, TLS, timeout
    │   └── HostBusy            429, 503: carries `retry_after`
    ├── Permanent       trying again gives the same: somebody has to look (quarantine)
    └── Discard         not an article, or gone: a named reason, nobody has to look

`worker/failures.py` maps each to a verdict; a test proves that the map is complete.
"""

from __future__ import annotations


class IngestError(Exception):
    """Base of all: `message` says what and where, `reason` is a short kebab-case name for counting."""

    reason: str = "error"

    def __init__(self, message: str, *, reason: str | None = None) -> None:
        super().__init__(message)
        if reason is not None:
            self.reason = reason


class Transient(IngestError):  # noqa: N818  # named after what to do with it
    """The same call may go through later."""

    reason = "transient"


class HostUnreachable(Transient):
    """No usable answer from the host: DNS, connection, TLS, timeout, 5xx."""

    reason = "unreachable"


class HostBusy(Transient):
    """The host asks for patience (429, 503). `retry_after` in seconds, None where it named none."""

    reason = "busy"

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Permanent(IngestError):  # noqa: N818  # named after what to do with it
    """Trying again gives the same: quarantined until a person looks."""

    reason = "permanent"


class Refused(Permanent):
    """The fetcher will not ask: a private address, a scheme that is not http(s), a body over its limit."""

    reason = "refused"


class NotAFeed(Permanent):
    """The bytes are no RSS, Atom or JSON Feed."""

    reason = "not-a-feed"


class Discard(IngestError):  # noqa: N818  # named after what to do with it
    """Ends the entry with a named reason, nothing for a person to do: gone, no text, robots."""

    reason = "discard"


class Gone(Discard):
    """404 or 410."""

    reason = "gone"


class Forbidden(Discard):
    """401, 402, 403, 451, or robots.txt: the page is not for us."""

    reason = "forbidden"


class NoText(Discard):
    """The page has no article text."""

    reason = "no-text"


class NotHtml(Discard):
    """The page is a picture, a PDF, a video."""

    reason = "not-html"
