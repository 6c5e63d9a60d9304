"""Where a feed's older entries are: the page before this one. Pure.

RFC 5005 has `prev-archive` for archived feeds and `next` for paged ones; WordPress pages its feeds by `?paged=2`
without saying so.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from lxml import etree

from ingest.errors import NotAFeed, Refused
from ingest.feedbytes import decoded
from ingest.feedxml import clean_xml
from ingest.urls import fetchable_url

_RELS = ("prev-archive", "next")  # an archive's own order counts more than a page's
_ATOM = "{http://www.w3.org/2005/Atom}link"
_WORDPRESS = re.compile(rb"<generator>\s{0,20}https?://(?:www\.)?wordpress\.(?:org|com)/", re.IGNORECASE)
_HEAD = 1 << 16  # bytes in which a generator stands
_AGO = re.compile(r"([1-9][0-9]{0,4})\s*([hdw])")
_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}


def older_page(body: bytes, url: str, content_type: str | None = None) -> str | None:
    """The address of the next older page of the feed at `url`; None where it has none, or is no XML."""
    for rel, link in sorted(_links(body, url, content_type), key=lambda one: _RELS.index(one[0])):
        try:
            found = fetchable_url(link, url)
        except Refused:
            continue
        if found != url and rel in _RELS:
            return found
    return _next_paged(url) if _WORDPRESS.search(body[:_HEAD]) else None


def since_when(text: str, now: datetime) -> datetime:
    """The moment that `30d`, `12h`, `4w` (before `now`) or a date like 2026-10-01 means. Raises ValueError."""
    text = text.strip().lower()
    if found := _AGO.fullmatch(text):
        return now - int(found[1]) * _UNITS[found[2]]
    try:
        day = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is neither a time ago like 30d, 12h or 4w nor a date like 2026-10-01") from None
    moment = day if day.tzinfo else day.replace(tzinfo=UTC)
    if moment >= now:
        raise ValueError(f"{text!r} is not in the past")
    return moment


def _links(body: bytes, url: str, content_type: str | None) -> list[tuple[str, str]]:
    """(rel, href) of the feed's own links, bounded by what `clean_xml` lets through."""
    try:
        data = clean_xml(decoded(body, content_type), url).data
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=True)
        root = etree.fromstring(data, parser)
    except (NotAFeed, etree.XMLSyntaxError):
        return []
    if root is None:
        return []
    above = [root, *(child for child in root if isinstance(child.tag, str) and child.tag.endswith("channel"))]
    return [
        (rel, href)
        for parent in above
        for link in parent.iterchildren(_ATOM)
        if (rel := (link.get("rel") or "").strip().lower()) in _RELS and (href := link.get("href"))
    ]


def _next_paged(url: str) -> str | None:
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    said = query.get("paged", "1")
    if not said.isdigit() or len(said) > 4:  # no feed has that many pages
        return None
    return urlunsplit(parts._replace(query=urlencode({**query, "paged": str(int(said) + 1)})))
