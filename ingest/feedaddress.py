"""A feed's address: a feed's own URL, `sitemap:https://…`, or `page:https://…#css=SELECTOR`. Pure.

Sites without feeds say elsewhere what is new: in a sitemap (sitemaps.org/protocol.html), or on a page that lists it,
whose links a CSS selector names. The whole address, prefix and selector too, stands in `Feed.url`, so that lists, OPML
and indices need not know more kinds of source than one.
"""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from typing import Any, Literal
from urllib.parse import quote, unquote

from ingest.errors import Refused
from ingest.records import Record
from ingest.urls import feed_id, fetchable_url, host_of

SourceForm = Literal["feed", "sitemap", "page"]
LONGEST_SELECTOR = 300  # characters
_PREFIX = re.compile(r"\s*(sitemap|page):\s*(?=https?:)", re.IGNORECASE)
_BARE_PREFIX = re.compile(r"\s*(sitemap|page):", re.IGNORECASE)
_SELECTOR = re.compile(r"#css=(.*)\Z", re.DOTALL)
_SAFE = " >+~.:#[]='\"(),*^$|-_"  # of a selector, readable as it stands


class FeedAddress(Record):
    """What is asked (`url`), how it is read (`form`), which of a page's links count (`selector`)."""

    form: SourceForm
    url: str
    selector: str | None = None

    @property
    def text(self) -> str:
        """As `Feed.url` has it; `feed_address` gives the same back."""
        if self.form == "page":
            return f"page:{self.url}#css={quote(self.selector or '', safe=_SAFE)}"
        return self.url if self.form == "feed" else f"sitemap:{self.url}"

    @property
    def id(self) -> str:
        """The feed's id, 16 hex digits: of a feed as ever, of others by their kind and selector too."""
        own = feed_id(self.url)
        if self.form == "feed":
            return own
        return hashlib.sha256(f"{self.form}\n{own}\n{self.selector or ''}".encode()).hexdigest()[:16]

    @property
    def host(self) -> str:
        """`example.com`, `127.0.0.1:8009`."""
        return host_of(self.url)


def feed_address(text: str) -> FeedAddress:
    """Reads an address as people write it. Raises Refused (reason `bad-url`) that says what is wrong with it."""
    found = _PREFIX.match(text)
    if found is None:
        if said := _BARE_PREFIX.match(text):
            raise Refused(
                f"not a usable address: {text[:200]!r}: after {said[1]}: comes a whole web address, https://…",
                reason="bad-url",
            )
        return FeedAddress(form="feed", url=fetchable_url(text))
    rest = text[found.end() :]
    if found[1].lower() == "sitemap":
        return FeedAddress(form="sitemap", url=fetchable_url(rest))
    chosen = _SELECTOR.search(rest)
    selector = " ".join(unquote(chosen[1]).split()) if chosen else ""
    if chosen is None or not selector:
        raise Refused(
            f"not a usable address: {text[:200]!r}: it names no links; write page:https://…#css=SELECTOR, for example"
            " #css=h2 a",
            reason="bad-url",
        )
    if fault := selector_fault(selector):
        raise Refused(f"not a usable address: {text[:200]!r}: {fault}", reason="bad-url")
    return FeedAddress(form="page", url=fetchable_url(rest[: chosen.start()]), selector=selector)


def selector_fault(selector: str) -> str | None:
    """What is wrong with a CSS selector, in words; None where it can be used."""
    if len(selector) > LONGEST_SELECTOR:
        return f"the CSS selector is longer than {LONGEST_SELECTOR} characters"
    try:
        compiled(selector)
    except ValueError as error:
        return str(error)
    return None


@lru_cache(maxsize=1000)
def compiled(selector: str) -> Any:
    """The selector as lxml evaluates it. Raises ValueError with what is wrong."""
    from cssselect import SelectorError
    from lxml.cssselect import CSSSelector
    from lxml.etree import XPathError

    try:
        return CSSSelector(selector, translator="html")
    except (SelectorError, XPathError) as error:
        raise ValueError(f"{selector!r} is no CSS selector that can be read: {error}") from None
