"""JSON Feed 1 and 1.1 (jsonfeed.org/version/1.1). Tolerant as the specification asks: a wrong type counts as absent."""

from __future__ import annotations

import html
from collections.abc import Iterator
from typing import Any

import orjson

from ingest.entries import LONGEST_SUMMARY, LONGEST_TITLE, RawEntry, RawFeed
from ingest.errors import NotAFeed
from ingest.feedtext import text_of_html, text_of_plain


def read_json_feed(text: str, url: str) -> RawFeed:
    """Raises NotAFeed for JSON that is broken or is no feed."""
    try:
        document = orjson.loads(text.encode("utf-8", "replace"))
    except (orjson.JSONDecodeError, RecursionError) as error:
        raise NotAFeed(f"{url} looks like JSON, but is broken: {error}") from None
    if not isinstance(document, dict) or not isinstance(document.get("items"), list):
        raise NotAFeed(f"{url} is JSON, but no JSON Feed: it has no list `items`")
    version = _text(document, "version") or ""
    if "jsonfeed.org/version/" not in version:
        raise NotAFeed(f"{url} is JSON, but no JSON Feed: its `version` is {version[:80]!r}")
    return RawFeed(
        format="json11" if version.rstrip("/").endswith("/1.1") else "json1",
        title=text_of_plain(_text(document, "title"), LONGEST_TITLE),
        site_url=_text(document, "home_page_url"),
        language=_text(document, "language"),
        base=url,
        entries=_entries(document["items"], _authors(document)),
    )


def _entries(items: list[Any], feed_authors: tuple[str, ...]) -> Iterator[RawEntry]:
    for item in items:
        if not isinstance(item, dict):
            yield RawEntry(link=None, guid=None)
            continue
        markup, plain = _text(item, "content_html"), _text(item, "content_text")
        identity = item.get("id")
        yield RawEntry(
            link=_text(item, "url"),
            guid=str(identity) if isinstance(identity, (str, int, float)) else None,
            title=text_of_plain(_text(item, "title"), LONGEST_TITLE),
            summary=text_of_plain(_text(item, "summary") or plain, LONGEST_SUMMARY)
            or text_of_html(markup, LONGEST_SUMMARY),
            content=markup or (_paragraphs(plain) if plain else None),
            authors=_authors(item) or feed_authors,
            published=_text(item, "date_published"),
            updated=_text(item, "date_modified"),
            language=_text(item, "language"),
            tags=tuple(tag for tag in _list(item, "tags") if isinstance(tag, str)),
        )


def _authors(thing: dict[str, Any]) -> tuple[str, ...]:
    """Names of `authors` (1.1) or `author` (1)."""
    listed = _list(thing, "authors") or [thing.get("author")]
    return tuple(name for one in listed if isinstance(one, dict) and (name := _text(one, "name")))


def _paragraphs(text: str) -> str:
    return "".join(f"<p>{html.escape(line)}</p>" for line in text.splitlines() if line.strip())


def _text(thing: dict[str, Any], key: str) -> str | None:
    value = thing.get(key)
    return value if isinstance(value, str) and value.strip() else None


def _list(thing: dict[str, Any], key: str) -> list[Any]:
    value = thing.get(key)
    return value if isinstance(value, list) else []
