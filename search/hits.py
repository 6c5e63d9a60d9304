"""From what Elasticsearch found to what lists show: every piece of text escaped, what matched marked. Pure."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

import orjson

from search.ports import Hit

OPEN, CLOSE = "\ue000", "\ue001"  # private-use characters around what matched: HTML only after escaping
SHOWN = ["url", "title", "source", "source_name", "language", "published", "first_seen", "country", "is", "authors"]
SHOWN += ["person", "organisation", "place", "topic", "story_id"]
ID = re.compile(r"Q[0-9]+|k-.+")  # ids stand among an article's names, for searching
PLACE_ID = re.compile(rf"{ID.pattern}|[A-Z]{{2}}")  # a country's among the places is its code
NAMES = 12  # of a kind, of one hit
_MARKS, _PAIRS = re.compile(f"[{OPEN}{CLOSE}]"), re.compile(f"(?:{OPEN}{CLOSE})*")
_WHOLE = {"number_of_fragments": 0}
_SNIPPETS = {"number_of_fragments": 2, "fragment_size": 170, "no_match_size": 220, "order": "none"}
_STEMMED = {"stemmed.*.title": _WHOLE, "stemmed.*.body": {**_SNIPPETS, "no_match_size": 0}}


def highlighting(query: Mapping[str, Any]) -> dict[str, Any]:
    """What to ask for so that lists can mark what `query` (compiled) matched, stems too where it asks for them."""
    stems = _STEMMED if '"stemmed.' in orjson.dumps(query).decode() else {}
    return {
        "type": "unified",
        "pre_tags": [OPEN],
        "post_tags": [CLOSE],
        "max_analyzed_offset": 200_000,  # characters; a longer body is shown, not refused
        "fields": {"title": _WHOLE, "body": _SNIPPETS, **stems},
    }


def hit_of(found: Mapping[str, Any]) -> Hit:
    """A hit of the articles, read with SHOWN and `highlighting`."""
    source, highlight = found["_source"], found.get("highlight", {})
    title = source.get("title", "")
    return Hit.model_validate(
        {
            "id": found["_id"],
            "url": source["url"],
            "title": title,
            "title_html": balanced(_best(highlight, "title", [title])[0]),
            "source": source.get("source", ""),
            "source_name": source.get("source_name"),
            "language": source.get("language"),
            "published": source.get("published"),
            "first_seen": source["first_seen"],
            "countries": source.get("country", ()),
            "highlight": [balanced(fragment) for fragment in _best(highlight, "body", ())],
            "is": source.get("is", ()),
            "story_id": source.get("story_id"),
            "authors": source.get("authors", ()),
            "people": names(source.get("person", ())),
            "organisations": names(source.get("organisation", ())),
            "places": names(source.get("place", ()), PLACE_ID),
            "topics": source.get("topic", ()),
        }
    )


def _best(highlight: Mapping[str, Sequence[str]], part: str, plain: Sequence[str]) -> Sequence[str]:
    """The pieces of title or body with most marked in them: as written, or by stems."""
    ways = [highlight.get(part) or plain, *(found for name, found in highlight.items() if name.endswith(f".{part}"))]
    return max(ways, key=lambda pieces: sum(piece.count(OPEN) for piece in pieces))


def names(values: Iterable[str], ids: re.Pattern[str] = ID) -> list[str]:
    """The names among names and `ids`, the first dozen."""
    return list(islice((value for value in values if not ids.fullmatch(value)), NAMES))


def marked(text: str) -> str:
    """`text` as HTML: escaped whatever it holds, with `<mark>` where the highlighter put its two characters."""
    return html.escape(text).replace(OPEN, "<mark>").replace(CLOSE, "</mark>")


def balanced(text: str) -> str:
    """`marked`, but plain where the article's own text holds those two characters out of order."""
    if _PAIRS.fullmatch("".join(_MARKS.findall(text))):
        return marked(text)
    return html.escape(_MARKS.sub("", text))
