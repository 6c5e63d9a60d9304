"""Feed cases in the form of feedparser's suite: XML with a comment that says what is tried and what must come out.

    <!--
    Header:      Content-Type: text/xml; charset=utf-8
    Description: a title in a CDATA section
    Expect:      entries[0].title == "Ships & boats"
    -->

Header may be left out. Each Expect is `PATH == JSON`, where PATH leads from the parsed feed; `not-a-feed == "words"`
stands for a refusal that says so, a problem likewise by words of it. A case that names no `problems` must have none.
Files stand in `feeds/`, the others are tables (texts.py, links.py, bases.py, people.py, moments.py, encodings.py),
brought to the same form and read by the same code.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ingest.errors import NotAFeed
from ingest.feeds import parse_feed

FILES = Path(__file__).with_name("feeds")
URL = "https://news.example/feeds/all.xml"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
_COMMENT = re.compile(r"<!--(.*?)-->", re.DOTALL)
_FIELD = re.compile(r"^(Header|Description|Expect):[ \t]*(.*)$", re.MULTILINE)
_STEP = re.compile(r"([A-Za-z_-]+)|\[(\d+)\]")
_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True, slots=True)
class Case:
    """One feed and what must come out of it: values by path, each as JSON would have it."""

    name: str
    description: str
    body: bytes
    content_type: str | None
    expects: tuple[tuple[str, Any], ...]


def read_case(name: str, body: bytes, encoding: str = "utf-8") -> Case:
    """The case that stands in `body`; its comment is read in `encoding`. Raises ValueError where it says nothing."""
    comment = _COMMENT.search(body.decode(encoding, "replace"))
    fields = _FIELD.findall(comment[1]) if comment else []
    said = {key: value.strip() for key, value in fields}
    expects = tuple(_expect(name, value.strip()) for key, value in fields if key == "Expect")
    if not said.get("Description") or not expects:
        raise ValueError(f"{name} has no comment with Description and Expect")
    kind, _, value = said.get("Header", "").partition(":")
    if kind and kind.lower() != "content-type":
        raise ValueError(f"{name}: the header {kind!r} is not read")
    return Case(name, said["Description"], body, value.strip() or None, expects)


def written(markup: str, description: str, expects: Mapping[str, Any], header: str = "") -> str:
    """`markup` as a case: the comment stands before it."""
    lines = [f"Header: Content-Type: {header}"] if header else []
    lines += [f"Description: {description}"]
    lines += [
        f"Expect: {path} == {json.dumps(value).replace('--', chr(92) + 'u002d-')}" for path, value in expects.items()
    ]
    return "<!--\n" + "\n".join(lines) + f"\n-->\n{markup}"


def table_case(markup: str, description: str, expects: Mapping[str, Any], header: str = "") -> Case:
    """A row of a table as a case."""
    return read_case(description, written(markup, description, expects, header).encode())


def file_cases() -> list[Case]:
    """Those that stand in files, in order. A file in another encoding than UTF-8 has it as its second suffix."""
    found = []
    for path in sorted(FILES.rglob("*.xml")):
        encoding = path.suffixes[-2][1:] if len(path.suffixes) > 1 else "utf-8"
        found.append(read_case(str(path.relative_to(FILES)), path.read_bytes(), encoding))
    return found


def outcome(case: Case) -> dict[str, Any]:
    """What our parser makes of the case, as JSON would have it; a refusal as `not-a-feed`."""
    try:
        feed = parse_feed(case.body, url=URL, feed_id="f", content_type=case.content_type, now=NOW)
    except NotAFeed as refused:
        return {"not-a-feed": str(refused), "problems": []}
    return feed.model_dump(mode="json")


def faults(case: Case) -> list[str]:
    """What differs from what the case expects, a line each."""
    got = outcome(case)
    expects = list(case.expects)
    if not any(path.startswith("problems") for path, _ in expects):
        expects.append(("problems", []))
    found = []
    for path, want in expects:
        have = _at(got, path)
        fits = isinstance(have, str) and want in have if path.startswith(("not-a-feed", "problems[")) else have == want
        if not fits:
            found.append(f"{path}: expected {want!r}, got {have!r}")
    return found


def _expect(name: str, text: str) -> tuple[str, Any]:
    path, _, value = text.partition(" == ")
    try:
        return path, json.loads(value)
    except ValueError:
        raise ValueError(f"{name}: {text!r} is not PATH == JSON") from None


def _at(thing: Any, path: str) -> Any:
    """The value at `entries[0].title`; `entries.length` counts; None where there is nothing."""
    for key, at in _STEP.findall(path):
        if key == "length":
            thing = len(thing)
        elif at:
            thing = thing[int(at)] if isinstance(thing, list) and int(at) < len(thing) else None
        else:
            thing = thing.get(key) if isinstance(thing, dict) else None
    return thing
