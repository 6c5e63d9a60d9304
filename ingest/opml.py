"""Subscriptions as OPML 2.0 (opml.org/spec2), in and out.

An outline with `xmlUrl` is a feed, one without is a folder; folders nest (`Asia/Indonesia`). Beside OPML's own `text`,
`htmlUrl` and `language`, Kawat writes `owner`, `kind`, `country`, `fetch` and `tz`: without a namespace, since other
readers drop or refuse what they cannot place, but leave unknown attributes alone. Which feed is the sample is never a
file's to say: it would be unsubscribed, and its articles deleted, with the sample.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, get_args

from lxml import etree

from ingest.errors import Permanent, Refused
from ingest.feedaddress import feed_address
from ingest.langtag import iso_language
from ingest.records import Feed, FetchKind, Record, SourceKind
from ingest.urls import fetchable_url
from ingest.zones import zone

KINDS: tuple[str, ...] = get_args(SourceKind)
OWN = ("owner", "kind", "country", "language", "fetch", "tz")
_PLAIN = ("text", "title", "type", "xmlUrl", "htmlUrl", "description", "version", "created", "category")
KNOWN = frozenset({*_PLAIN, *OWN, "sample"})
DEEPEST_FOLDER = 10
_SEEN_ELSEWHERE = re.compile(r"is[A-Z]|.*[:}]")  # OPML's isComment, isBreakpoint, and other readers' namespaced ones
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class OpmlFile(Record):
    """What a file subscribes to. A problem says `where:line`, what is wrong and what to do; the outline is left out,
    or only the attribute that the problem names as not read."""

    feeds: tuple[Feed, ...]
    problems: tuple[str, ...] = ()


class _OutlineError(Exception):
    """Becomes a problem."""


def read_opml(data: bytes, where: str) -> OpmlFile:
    """The feeds of an OPML file; `where` names it in messages. Raises Permanent (reason `bad-opml`) for no OPML."""
    root = _root(data, where)
    feeds: dict[str, tuple[int, Feed]] = {}
    problems: list[str] = []
    for outline, folder in _outlines(root.find("body"), ()):
        line = outline.sourceline or 0
        problems += [f"{where}:{line}: {slip}" for slip in _slips(outline)]
        try:
            feed = _feed(outline, "/".join(folder) or None)
        except _OutlineError as fault:
            name = _text(outline, "text") or _text(outline, "title") or "an outline without text"
            problems.append(f"{where}:{line}: {name!r} is left out: {fault}")
            continue
        if feed is None:
            continue
        if feed.id in feeds:
            earlier = feeds[feed.id][0]
            problems.append(f"{where}:{line}: {feed.name!r} is left out: its feed stands in line {earlier} already")
            continue
        feeds[feed.id] = (line, feed)
    return OpmlFile(feeds=tuple(feed for _line, feed in feeds.values()), problems=tuple(problems))


def write_opml(feeds: Iterable[Feed], title: str) -> bytes:
    """OPML 2.0 in UTF-8, feeds in their folders, each in the order given. `read_opml` gives the same feeds back, none
    as the sample."""
    root = etree.Element("opml", version="2.0")
    etree.SubElement(etree.SubElement(root, "head"), "title").text = _ILLEGAL.sub("", title)
    body = etree.SubElement(root, "body")
    folders: dict[tuple[str, ...], Any] = {(): body}
    for feed in feeds:
        parent = _folder(folders, tuple(feed.folder.split("/")) if feed.folder else ())
        attributes = {
            "type": "rss",
            "text": feed.name,
            "title": feed.name,
            "xmlUrl": feed.url,
            "htmlUrl": feed.site_url,
            "language": feed.language,
            "country": feed.country,
            "owner": feed.owner,
            "kind": feed.kind,
            "fetch": feed.fetch if feed.fetch != "page" else None,
            "tz": feed.tz,
        }
        etree.SubElement(
            parent, "outline", {name: _ILLEGAL.sub("", value) for name, value in attributes.items() if value}
        )
    return etree.tostring(root, encoding="utf-8", xml_declaration=True, pretty_print=True)


def _root(data: bytes, where: str) -> Any:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise _not_opml(where, error.lineno or 1, f"it is no well-formed XML: {error.msg}; mend that line") from None
    declared = root.getroottree().docinfo.internalDTD
    if declared is not None and any(declared.iterentities()):
        raise _not_opml(where, 1, "it declares entities, which are not read; write their text out")
    if root.tag != "opml":
        is_feed = str(root.tag).endswith(("rss", "RDF", "feed"))
        hint = "to subscribe to one feed, use `kawat feeds add URL`" if is_feed else "export the feeds as OPML"
        raise _not_opml(where, root.sourceline or 1, f"its root element is <{root.tag!s}>, not <opml>; {hint}")
    if root.find("body") is None:
        raise _not_opml(where, root.sourceline or 1, "it has no <body> with outlines")
    return root


def _not_opml(where: str, line: int, why: str) -> Permanent:
    return Permanent(f"{where}:{line}: this is no OPML file: {why}", reason="bad-opml")


def _outlines(parent: Any, folder: tuple[str, ...]) -> Iterator[tuple[Any, tuple[str, ...]]]:
    """Every outline with the folders it stands in, in the file's order."""
    for outline in parent.iterchildren("outline"):
        yield outline, folder
        if len(folder) < DEEPEST_FOLDER:
            inner = folder if _text(outline, "xmlUrl") else (*folder, *_folder_names(outline))
            yield from _outlines(outline, inner)


def _folder_names(outline: Any) -> tuple[str, ...]:
    name = _text(outline, "text") or _text(outline, "title") or ""
    return tuple(part.strip() for part in name.split("/") if part.strip())


def _feed(outline: Any, folder: str | None) -> Feed | None:
    """The outline's feed; None for a folder. Raises _OutlineError."""
    address = _text(outline, "xmlUrl")
    if not address:
        if len(outline):
            return None
        raise _OutlineError("it has no xmlUrl, and no outlines inside; give the feed's address as xmlUrl")
    try:
        source = feed_address(address)
    except Refused as fault:
        raise _OutlineError(f"xmlUrl: {fault}") from None
    return Feed(
        id=source.id,
        url=source.text,
        name=_text(outline, "text") or _text(outline, "title") or source.host,
        site_url=_site(outline),
        language=_language(outline),
        country=_country(outline),
        owner=_text(outline, "owner"),
        kind=_one_of(outline, "kind", KINDS),
        folder=folder,
        fetch=_one_of(outline, "fetch", get_args(FetchKind)) or "page",
        tz=_zone(outline),
    )


def _site(outline: Any) -> str | None:
    try:
        return fetchable_url(_text(outline, "htmlUrl") or "")
    except Refused:
        return None  # many readers write "" or the feed's title there; nothing depends on it


def _language(outline: Any) -> str | None:
    said = _text(outline, "language")
    if not said or said.lower() in {"unknown", "und"}:
        return None
    found = iso_language(said)
    if found is None:
        raise _OutlineError(f"language={said!r} is no ISO 639-1 code like id, en or ja")
    return found


def _country(outline: Any) -> str | None:
    said = _text(outline, "country")
    if not said:
        return None
    try:
        return country_code(said)
    except ValueError as fault:
        raise _OutlineError(f"country={fault}") from None


def country_code(said: str) -> str:
    """The ISO 3166-1 alpha-2 code, also `EU` and `UN`, in capitals. Raises ValueError that says what was meant."""
    names = _countries()
    if said.upper() in names:
        return said.upper()
    codes = {name.lower(): code for code, name in names.items()} | {"uk": "GB"}
    near = difflib.get_close_matches(said.lower(), codes, n=1, cutoff=0.8)
    meant = f"did you mean {codes[near[0]]}?" if near else "use two letters like ID, JP or US"
    raise ValueError(f"{said!r} is no ISO 3166-1 code; {meant}")


@lru_cache(maxsize=1)
def _countries() -> dict[str, str]:
    """Names by code; EU and UN, which ISO 3166-1 reserves, are sources' homes too."""
    from babel import Locale

    odd = {"EZ", "QO", "XA", "XB", "ZZ"}  # CLDR's own codes
    return {
        str(code): str(name) for code, name in Locale("en").territories.items() if len(code) == 2 and code not in odd
    }


def _one_of(outline: Any, name: str, known: Sequence[str]) -> Any:
    said = _text(outline, name)
    if said is None or said in known:
        return said
    near = difflib.get_close_matches(said.lower(), known, n=1)
    raise _OutlineError(
        f"{name}={said!r} is unknown; " + (f"did you mean {near[0]}?" if near else f"use {', '.join(known)}")
    )


def _zone(outline: Any) -> str | None:
    said = _text(outline, "tz")
    try:
        return zone(said).key if said else None
    except ValueError as fault:
        raise _OutlineError(f"tz={fault}") from None


def _slips(outline: Any) -> Iterator[str]:
    """Attributes that are not read: `sample`, and what looks like one of Kawat's, misspelt. Others' own are let be."""
    if "sample" in outline.attrib:
        yield "the attribute sample was not read: only Kawat's own sample site is the sample; take it out"
    for name in outline.attrib:
        if name in KNOWN or _SEEN_ELSEWHERE.match(str(name)):
            continue
        near = difflib.get_close_matches(str(name), [*OWN, "xmlUrl", "htmlUrl"], n=1, cutoff=0.75)
        if near:
            yield f"the attribute {name} is not known and was not read; did you mean {near[0]}?"


def _folder(folders: dict[tuple[str, ...], Any], names: tuple[str, ...]) -> Any:
    if names not in folders:
        name = _ILLEGAL.sub("", names[-1])
        folders[names] = etree.SubElement(_folder(folders, names[:-1]), "outline", text=name, title=name)
    return folders[names]


def _text(outline: Any, name: str) -> str | None:
    return " ".join((outline.get(name) or "").split()) or None
