"""A feed's bytes → well-formed XML in UTF-8 without a DTD, safe to hand to feedparser.

Feeds are hostile and careless. Against the first: everything before the root element goes (so no entity is ever
declared to a parser, and nothing expands; ingest/feedentities.py reads short plain ones), depth, elements, entries and
namespaces are bounded before any parser builds objects. Against the second: the usual faults are mended here (wrong
encoding, control characters, bare ampersands, HTML entities, undeclared prefixes, a body cut short), and what is left
goes through lxml's recovery. So feedparser's own fallback, a regular-expression parser that can be made very slow, is
not needed.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from urllib.parse import urljoin

from lxml import etree

from ingest.errors import NotAFeed
from ingest.feedbytes import decoded
from ingest.feedentities import declared_entities, outside_cdata, plain_references
from ingest.feedscan import Scan, scan

__all__ = ["CleanXml", "clean_xml", "decoded"]  # decoded: for who reads other XML than feeds, too

ROOTS = frozenset({"rss", "rdf", "feed"})
_HEAD = 1 << 16  # characters in which the root must begin
_NAME = re.compile(r"<(?:([A-Za-z_][\w.-]{0,60}):)?([A-Za-z_][\w.-]{0,60})(?=[\s/>])")
_ROOT = re.compile(r"<(?:[A-Za-z_][\w.-]{0,60}:)?(?:rss|rdf|feed)(?=[\s/>])", re.IGNORECASE)
_PREFIX = re.compile(
    r"</?([A-Za-z_][\w.-]{0,30}):[A-Za-z_]|\s([A-Za-z_][\w.-]{0,30}):[A-Za-z_][\w.-]{0,60}\s?=\s?[\"']"
)
_MOST_UNDECLARED = 30
_HTML_TAG = re.compile(  # bare in a title or description of RSS; no element of RSS has such a name
    r"</?(?:a|b|blockquote|br|center|div|em|font|h[1-6]|hr|i|iframe|img|li|ol|p|small|span|strong|su[bp]|u|ul)(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
_TAG_WITH_BARE_VALUE = re.compile(r"<[A-Za-z_][^<>\"']{0,200}?=[^\s<>\"'][^<>]{0,2000}>")
_BARE_VALUE = re.compile(r"(\s[A-Za-z_][\w.:-]{0,60}=)([^\s\"'<>=]{1,300}?)(?=\s|/?>)")
_ENTRY_END = re.compile(rb"</(?:[\w.-]{1,60}:)?(?:item|entry)\s*>", re.IGNORECASE)
_ROOT_END = re.compile(rb"</(?:[\w.-]{1,60}:)?(?:rss|rdf|feed)\s*>", re.IGNORECASE)
_BASE = re.compile(rb"""\sxml:base\s{0,9}=\s{0,9}(?:"([^"<]{0,4096})"|'([^'<]{0,4096})')""")
_KNOWN_PREFIXES = {
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "media": "http://search.yahoo.com/mrss/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "sy": "http://purl.org/rss/1.0/modules/syndication/",
    "feedburner": "http://rssnamespace.org/feedburner/ext/1.0",
}


@dataclass(frozen=True, slots=True)
class CleanXml:
    """Well-formed XML without a prolog. `broken`: what was wrong with it as it came, None where nothing was."""

    data: bytes
    broken: str | None
    problems: tuple[str, ...]


def clean_xml(text: str, url: str) -> CleanXml:
    """Raises NotAFeed where the root element is none of a feed's, or a bound is passed."""
    start = _root_at(text, url)
    first_line = text.count("\n", 0, start) + 1
    data = text[start:].encode()
    seen = scan(data, first_line)
    broken = seen.error
    problems: list[str] = []
    if seen.error and not seen.truncated:
        mended = _declared(plain_references(data.decode(), declared_entities(text[:start])), problems)
        data = mended.encode()
        seen = scan(data, first_line)
        if seen.error and not seen.truncated and not mended.lower().startswith("<feed"):
            mended = outside_cdata(mended, _HTML_TAG, lambda found: html.escape(found[0]))
            data = outside_cdata(mended, _TAG_WITH_BARE_VALUE, _with_quotes).encode()
            seen = scan(data, first_line)
    if seen.error and not seen.truncated:
        data = _recovered(data)
        seen = scan(data, first_line)
    if seen.error and seen.cut is None:
        what = "breaks off before its first entry ends" if seen.truncated else "is broken XML that cannot be mended"
        raise NotAFeed(f"{url} {what} ({broken})")
    if seen.refused:
        raise NotAFeed(f"{url}: {seen.refused}")
    if seen.cut is not None:
        data = data[: seen.cut] + seen.closing
    if seen.limit:
        problems.append(seen.limit)
    if broken:
        problems.append(_said(broken, seen))
    if b"xml:base" in data:
        data = _BASE.sub(_readable_base, data)
    return CleanXml(data=data, broken=broken, problems=tuple(problems))


def _said(broken: str, seen: Scan) -> str:
    if seen.truncated:
        return f"the body is cut short ({broken}): what came after the last whole entry is left out"
    return f"not well-formed XML ({broken}): mended as far as possible"


def _readable_base(found: re.Match[bytes]) -> bytes:
    """Nothing in place of an xml:base that is no address: feedparser drops every link below such a one."""
    try:
        urljoin("https://base.invalid/", html.unescape((found[1] or found[2] or b"").decode()))
    except ValueError:
        return b""
    return found[0]


def _root_at(text: str, url: str) -> int:
    """Where the root element begins; what stands before it (declaration, DTD, comments, a PHP warning) is skipped."""
    at = _after_prolog(text)
    found = _NAME.match(text, at)
    name = found[2].lower() if found else ""
    if name in ROOTS:
        return at
    if name == "html" or "<html" in text[:4096].lower() or "<!doctype html" in text[:1024].lower():
        raise NotAFeed(f"{url} is an HTML page, no feed; `kawat feeds discover {url}` looks for the site's feeds")
    later = _ROOT.search(text, 0, _HEAD)
    if later and (not found or later.start() < 4096):
        return later.start()
    if found:
        raise NotAFeed(f"{url} is XML, but no feed: its root element is <{found[2]}>")
    raise NotAFeed(f"{url} is no feed: it begins with {text.strip()[:40]!r}")


def _after_prolog(text: str) -> int:
    at, end = 0, min(len(text), _HEAD)
    while at < end:
        if text[at].isspace() or text[at] == "\ufeff":
            at += 1
            continue
        if text.startswith("<?", at):
            close = text.find("?>", at, end)
            at = close + 2 if close >= 0 else end
        elif text.startswith("<!--", at):
            close = text.find("-->", at, end)
            at = close + 3 if close >= 0 else end
        elif text[at : at + 9].upper() == "<!DOCTYPE":
            subset, close = text.find("[", at, end), text.find(">", at, end)
            if 0 <= subset < close:  # an internal subset: entities and their like, up to ]>
                ended = re.compile(r"\]\s*>").search(text, subset, end)
                at = ended.end() if ended else end
            else:
                at = close + 1 if close >= 0 else end
        else:
            break
    return at


def _with_quotes(tag: re.Match[str]) -> str:
    """A tag with the values of its attributes in quotes, as HTML lets be left out."""
    return _BARE_VALUE.sub(r'\1"\2"', tag[0])


def _declared(text: str, problems: list[str]) -> str:
    """Namespace prefixes that are used and nowhere declared, declared on the root."""
    root = _NAME.match(text)
    met = {one or other for one, other in _PREFIX.findall(text)} - {"xml", "xmlns"}
    if not root or len(met) > _MOST_UNDECLARED:
        return text
    used = sorted(prefix for prefix in met if f"xmlns:{prefix}=" not in text)
    if not used:
        return text
    problems.append(f"undeclared namespace prefix: {', '.join(used)}")
    added = "".join(f' xmlns:{prefix}="{_KNOWN_PREFIXES.get(prefix, "urn:undeclared:" + prefix)}"' for prefix in used)
    return text[: root.end()] + added + text[root.end() :]


def _recovered(data: bytes) -> bytes:
    if not _ROOT_END.search(data, max(0, len(data) - 1000)):  # cut short too: the last, half entry goes
        ends = [found.end() for found in _ENTRY_END.finditer(data)]
        data = data[: ends[-1]] if ends else b""
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, load_dtd=False, remove_pis=True)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError:
        return b""
    return etree.tostring(root, encoding="utf-8") if root is not None else b""
