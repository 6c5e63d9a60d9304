"""robots.txt (RFC 9309), read by protego: whether a page may be fetched, and how slowly. Pure: the caller fetches.

What the caller does with an answer to `/robots.txt`, by RFC 9309 section 2.3.1: a text is obeyed; 4xx means no rules
(hand in an empty text); unreachable or 5xx means keep away for now and ask again later.
"""

from __future__ import annotations

import re
from functools import lru_cache

from protego import Protego

from ingest.errors import Refused
from ingest.urls import fetchable_url

LONGEST_ROBOTS = 500 * 1024  # characters read; RFC 9309 section 2.5 asks for at least 500 KiB
_TOKEN = re.compile(r"[A-Za-z_-]+")


def robots_allows(robots_txt: str, user_agent: str, url: str) -> bool:
    """Whether the rules let `user_agent` (the whole header, or its product token) fetch `url`; False for a bad URL."""
    try:
        return bool(_rules(robots_txt[:LONGEST_ROBOTS]).can_fetch(fetchable_url(url), _token(user_agent)))
    except Refused:
        return False


def crawl_delay(robots_txt: str, user_agent: str) -> float | None:
    """Seconds between two requests that the rules ask of `user_agent`; None where they say nothing usable."""
    delay = _rules(robots_txt[:LONGEST_ROBOTS]).crawl_delay(_token(user_agent))
    return float(delay) if delay is not None and 0 <= delay < float("inf") else None


@lru_cache(maxsize=32)  # a host's pages come in batches; parsing a long file takes many times the answer
def _rules(robots_txt: str) -> Protego:
    return Protego.parse(robots_txt)


def _token(user_agent: str) -> str:
    """The product token, `Kawat` of `Kawat/0.1 (…)`: what a rule's User-agent line is compared with (section 2.2.1)."""
    found = _TOKEN.search(user_agent)
    return found[0] if found else user_agent
