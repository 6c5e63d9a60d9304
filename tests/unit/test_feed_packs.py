"""The feed packs that Kawat starts with."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import get_args
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

import pytest
from babel import Locale
from defusedxml.ElementTree import parse

from ingest.records import SourceKind

PACKS = Path(__file__).resolve().parents[2] / "deploy/feeds/geopolitics.opml"
NAMES = ["Indonesia", "ASEAN", "Indo-Pacific", "World"]
REQUIRED = {"text", "title", "type", "xmlUrl", "htmlUrl", "language", "country", "owner", "kind"}
ENGLISH = Locale("en")
NO_COUNTRIES = {"EU", "EZ", "QO", "XA", "XB", "ZZ"}  # CLDR's codes for areas and tests; UN is reserved by ISO 3166
COUNTRIES = {code for code in map(str, ENGLISH.territories) if len(code) == 2 and code.isalpha()} - NO_COUNTRIES


def packs() -> dict[str, list[Element]]:
    body = parse(PACKS).find("body")
    assert body is not None
    return {pack.get("text", ""): list(pack) for pack in body}


def feeds() -> list[Element]:
    return [feed for pack in packs().values() for feed in pack]


def test_the_packs_are_the_four_promised_and_none_is_empty() -> None:
    assert list(packs()) == NAMES
    assert all(packs().values())


def test_there_are_68_feeds_in_22_languages_each_once() -> None:
    assert len(feeds()) == 68
    assert len({feed.get("language") for feed in feeds()}) == 22
    for name in ("xmlUrl", "text"):
        assert [value for value, count in Counter(feed.get(name) for feed in feeds()).items() if count > 1] == []


@pytest.mark.parametrize("feed", feeds(), ids=lambda feed: feed.get("text"))
def test_each_feed_says_all_there_is_to_say(feed: Element) -> None:
    """Every attribute there and none empty or unknown; kind, language and country from their lists; URLs whole."""
    assert REQUIRED <= set(feed.keys()) <= REQUIRED | {"description"}
    assert all(value == value.strip() != "" for value in feed.attrib.values())
    assert feed.get("type") == "rss"
    assert feed.get("text") == feed.get("title")
    assert feed.get("kind") in get_args(SourceKind)
    assert feed.get("language") in ENGLISH.languages
    assert len(feed.get("language", "")) == 2
    assert feed.get("country") in COUNTRIES
    for name in ("xmlUrl", "htmlUrl"):
        parts = urlsplit(feed.get(name, ""))
        assert parts.scheme == "https"
        assert "." in parts.netloc


@pytest.mark.parametrize("pack", NAMES)
def test_each_pack_is_sorted_by_name(pack: str) -> None:
    names = [feed.get("text", "").casefold() for feed in packs()[pack]]
    assert names == sorted(names)


def test_the_indonesian_pack_speaks_indonesian() -> None:
    assert {feed.get("language") for feed in packs()["Indonesia"]} == {"id"}


def test_one_owner_is_spelled_one_way_and_is_of_one_kind() -> None:
    """Two spellings would be two owners in every facet."""
    kinds: dict[str, set[str]] = {}
    for feed in feeds():
        kinds.setdefault(feed.get("owner", ""), set()).add(feed.get("kind", ""))
    assert {owner: found for owner, found in kinds.items() if len(found) > 1} == {}
    folded = Counter("".join(filter(str.isalnum, owner.casefold())) for owner in kinds)
    assert max(folded.values()) == 1


def test_the_packs_are_read_as_subscriptions() -> None:
    """By the reader that `kawat feeds import` uses: same count, folders and fields."""
    opml = pytest.importorskip("ingest.opml", reason="ingest/opml.py is not there")
    read = opml.read_opml(PACKS.read_bytes(), str(PACKS))
    assert tuple(read.problems) == ()
    assert Counter(feed.folder for feed in read.feeds) == {name: len(pack) for name, pack in packs().items()}
    by_url = {feed.url: feed for feed in read.feeds}
    for written in feeds():
        feed = by_url[written.get("xmlUrl")]
        assert (feed.name, feed.site_url) == (written.get("text"), written.get("htmlUrl"))
        for name in ("language", "country", "owner", "kind"):
            assert getattr(feed, name) == written.get(name)
