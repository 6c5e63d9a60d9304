"""What a publisher reserves beyond robots.txt, as a page's header or markup says it. Pure.

    tdm        text and data mining: `tdm-reservation: 1` (TDM Reservation Protocol, W3C community group, 2024; the
               opt-out that article 4(3) of the EU's directive 2019/790 asks for)
    noindex    not to be found by a search: `X-Robots-Tag`, <meta name="robots">
    noarchive  to be found, but no copy of it shown: the same two places

What Kawat does then, and why, is in docs/decisions/0008-reservations.md.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from typing import Literal

Reserved = Literal["tdm", "noindex", "noarchive"]

PRODUCT = "kawat"  # by which rules for one robot alone name this one
READ = 262_144  # bytes of a page in which its metas are looked for: heads are shorter
MOST_METAS = 300
LONGEST_TAG = 2_000  # bytes of one meta
_META = re.compile(rb"<meta\s([^<>]{0,%d})>" % LONGEST_TAG, re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""([a-z:_-]{1,40})\s{0,5}=\s{0,5}(?:"([^"]*)"|'([^']*)'|([^\s"'>]{1,500}))""", re.IGNORECASE)
_NAMED = re.compile(r"\s*([a-z0-9_*-]{2,40})\s*:\s*(.*)", re.IGNORECASE | re.DOTALL)
_RULES_WITH_VALUES = frozenset({"max-snippet", "max-image-preview", "max-video-preview", "unavailable_after"})


def reserved(body: bytes, *, robots_tag: str | None = None, tdm: str | None = None) -> Reserved | None:
    """What of the page is reserved, the furthest-reaching; None where nothing is. `robots_tag`: its X-Robots-Tag
    headers, joined by commas; `tdm`: its tdm-reservation header, over which the page's own meta goes."""
    rules = set(_of_header(robots_tag or ""))
    for name, content in _metas(body):
        if name in {"robots", PRODUCT}:
            rules.update(_words(content.split(",")))
        elif name == "tdm-reservation":
            tdm = content
    if (tdm or "").strip() == "1":
        return "tdm"
    if rules & {"noindex", "none"}:
        return "noindex"
    return "noarchive" if rules & {"noarchive", "nocache"} else None


def _of_header(value: str) -> Iterator[str]:
    """The rules of X-Robots-Tag that are meant for all, or for this robot: `googlebot: noindex, nofollow` is not, and
    holds up to the next name."""
    ours = True
    for part in value.split(","):
        named = _NAMED.fullmatch(part)
        to_one = named is not None and named[1].lower() not in _RULES_WITH_VALUES
        if named and to_one:
            ours = named[1].lower() in {PRODUCT, "*"}
        if ours:
            yield from _words([named[2] if named and to_one else part])


def _words(parts: Iterable[str]) -> Iterator[str]:
    for part in parts:
        yield from part.lower().split()


def _metas(body: bytes) -> Iterator[tuple[str, str]]:
    """Name and content of each <meta> at the page's beginning, in lower-case names; those in comments are none."""
    for number, tag in enumerate(_META.finditer(_without_comments(body[:READ]))):
        if number == MOST_METAS:
            return
        found = {
            name.lower(): html.unescape(double or single or bare)
            for name, double, single, bare in _ATTRIBUTE.findall(tag[1].decode("latin-1"))
        }
        if "name" in found and "content" in found:
            yield found["name"].strip().lower(), found["content"]


def _without_comments(head: bytes) -> bytes:
    kept, at = [], 0
    while (start := head.find(b"<!--", at)) >= 0:
        kept.append(head[at:start])
        end = head.find(b"-->", start + 4)
        if end < 0:
            return b"".join(kept)
        at = end + 3
    kept.append(head[at:])
    return b"".join(kept)
