"""The JSON-LD (schema.org) of a page: the one node that stands for its story, with references resolved.

Pages write it badly: comments around it, raw newlines in strings, trailing commas, HTML entities, several blocks, a
@graph, other stories listed beside. What does not parse is searched for the few fields that matter.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

LARGEST_BLOCK = 1_000_000  # characters
MOST_BLOCKS = 40
MOST_NODES = 2_000
MOST_VALUES = 50

_ORGANISATION = re.compile(r"Organi[sz]ation|Corporation|Project|NewspaperBrand|WebSite")
_STORY_TYPES = re.compile(r"(?:^|[/:])(?:\w*Article|\w*Posting|Report|Review|ClaimReview)$")
_OPENING = re.compile(r"\s*(?:(?:<!--|(?://\s*)?<!\[CDATA\[|/\*.{0,99}?\*/)\s*){1,4}", re.DOTALL)
_CLOSING = re.compile(r"(?:(?:-->|(?://\s*)?\]\]>|/\*.{0,99}?\*/|;)\s*){1,4}$", re.DOTALL)
_LONGEST_CLOSING = 300  # characters
_TRAILING_COMMA = re.compile(r",(?=\s{0,200}[}\]])")
_UNDEFINED = re.compile(r"(?<=[:,\[\s])undefined(?=\s{0,200}[,}\]])")  # as scripts write what is not there
_BETWEEN = re.compile(r"[\s,;]*+")
_SALVAGED = re.compile(r'"(headline|datePublished|dateModified)"\s{0,200}:\s{0,200}"((?:[^"\\\n]|\\[^\n]){1,500}+)"')
# An author, or several, without objects in them: enough for what pages give.
_SALVAGED_AUTHOR = re.compile(
    r'"author"\s{0,200}:\s{0,200}("[^"\\\n]{1,200}"|\{[^{}]{1,1000}\}|\[(?:[^{}\[\]]|\{[^{}]{1,1000}\}){1,5000}+\])'
)

Node = dict[str, Any]  # a JSON object, straight from the page: nothing is known of its shape


@dataclass(frozen=True, slots=True)
class StoryNode:
    """The story's own strings, each as the page gives it."""

    headlines: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    published: tuple[str, ...] = ()
    modified: tuple[str, ...] = ()
    images: tuple[str, ...] = ()
    publishers: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    bodies: tuple[str, ...] = ()
    organisations: tuple[str, ...] = ()  # authors that are declared to be no person
    sections: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()  # of the publisher's address
    free: tuple[str, ...] = ()  # isAccessibleForFree, of the story and of its parts: "True", "False"


def story_node(blocks: Iterable[str], url: str) -> StoryNode | None:
    """The story in a page's JSON-LD `blocks`, among several the one that names `url` or is the fullest; None: none."""
    nodes: list[Node] = []
    broken: list[str] = []
    for block, _ in zip(blocks, range(MOST_BLOCKS), strict=False):
        if not block.strip() or len(block) > LARGEST_BLOCK:
            continue
        try:
            nodes += _nodes(_parsed(block))
        except (ValueError, RecursionError):
            broken.append(block)
    stories = [node for node in nodes if _is_story(node)] or [node for node in nodes if "datePublished" in node]
    if stories:
        by_id = {node["@id"]: node for node in nodes if isinstance(node.get("@id"), str) and len(node) > 1}
        return _strings(max(stories, key=lambda node: _likeness(node, url)), by_id)
    return next((node for node in map(_salvaged, broken) if node is not None), None)


def _parsed(block: str) -> object:
    text = block.strip()
    opening = _OPENING.match(text)
    text = text[opening.end() if opening else 0 :]
    text = text[:-_LONGEST_CLOSING] + _CLOSING.sub("", text[-_LONGEST_CLOSING:])
    try:
        return json.loads(text, strict=False)  # not strict: raw control characters in strings
    except ValueError:
        return _several(_UNDEFINED.sub("null", _TRAILING_COMMA.sub("", text)).strip())


def _several(text: str) -> list[object]:
    """Values one after the other, as templates write a block for each into one <script>. Raises ValueError."""
    decoder, found, place = json.JSONDecoder(strict=False), list[object](), 0
    while place < len(text) and len(found) < MOST_BLOCKS:
        value, place = decoder.raw_decode(text, place)
        found.append(value)
        gap = _BETWEEN.match(text, place)
        place = gap.end() if gap else place
    return found


def _nodes(parsed: object) -> list[Node]:
    """Objects at the top, in lists, @graph and mainEntity; not the stories that a list or a live blog contains."""
    waiting, found = [parsed], list[Node]()
    while waiting and len(found) < MOST_NODES:
        one = waiting.pop(0)
        if isinstance(one, list):
            waiting[:0] = one[:MOST_NODES]
        elif isinstance(one, dict):
            found.append(one)
            waiting += [one[key] for key in ("@graph", "mainEntity") if key in one]
            if isinstance(page := one.get("mainEntityOfPage"), dict) and len(page) > 2:
                waiting.append(page)
    return found


def _is_story(node: Node) -> bool:
    return any(_STORY_TYPES.search(name) for name in _texts(node.get("@type")))


def _likeness(node: Node, url: str) -> tuple[bool, int]:
    """How much `node` looks like the story at `url`: it says so; it has what a story has."""
    path = urlsplit(url).path.rstrip("/")
    named = [*_texts(node.get("url")), *_texts(node.get("@id")), *_texts(node.get("mainEntityOfPage"), "@id", "url")]
    says_so = bool(path) and any(_path(name) == path for name in named)
    return says_so, sum(bool(node.get(key)) for key in ("headline", "datePublished", "author", "articleBody", "image"))


def _path(address: str) -> str:
    try:
        return urlsplit(address).path.rstrip("/")
    except ValueError:
        return ""


def _strings(node: Node, by_id: dict[str, Node]) -> StoryNode:
    def read(key: str, *names: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(_texts(_resolved(node.get(key), by_id), *names)))

    authors, organisations = _authors(node, by_id)
    return StoryNode(
        headlines=(*read("headline"), *read("name"), *read("alternativeHeadline")),
        authors=authors,
        organisations=organisations,
        published=_moments(node, "datePublished") or _moments(node, "dateCreated"),
        modified=_moments(node, "dateModified"),
        images=read("image", "url", "contentUrl", "@id"),
        publishers=(*read("publisher", "name"), *read("isPartOf", "name")),
        urls=(*read("url"), *read("mainEntityOfPage", "@id", "url")),
        languages=read("inLanguage", "alternateName", "name"),
        bodies=read("articleBody"),
        sections=read("articleSection", "name"),
        countries=tuple(_countries(_resolved(node.get("publisher"), by_id), by_id)),
        free=_access(node),
    )


def _authors(node: Node, by_id: dict[str, Node]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """People, and what is declared to be an organisation; a person without a name by its given and family name."""
    people: list[str] = []
    organisations: list[str] = []
    for key in ("author", "creator"):
        stated = _resolved(node.get(key), by_id)
        for one in (stated if isinstance(stated, list) else [stated])[:MOST_VALUES]:
            names = list(_texts(one, "name"))
            if isinstance(one, dict) and not names:
                parts = [*_texts(one.get("givenName")), *_texts(one.get("familyName"))]
                names = [" ".join(parts)] if parts else []
            declared = isinstance(one, dict) and any(map(_ORGANISATION.search, _texts(one.get("@type"))))
            (organisations if declared else people).extend(names)
        if people or organisations:
            break
    return tuple(dict.fromkeys(people)), tuple(dict.fromkeys(organisations))


def _moments(node: Node, key: str) -> tuple[str, ...]:
    """Dates as text; a number is seconds or milliseconds since 1970."""
    stated = node.get(key)
    if isinstance(stated, int | float) and not isinstance(stated, bool):
        stated = f"{stated:.0f}"
    return tuple(dict.fromkeys(_texts(stated)))


def _countries(publisher: object, by_id: dict[str, Node]) -> Iterator[str]:
    for one in (publisher if isinstance(publisher, list) else [publisher])[:MOST_VALUES]:
        if isinstance(one, dict):
            for address in _dicts(_resolved(one.get("address"), by_id)):
                yield from _texts(_resolved(address.get("addressCountry"), by_id), "name")


def _access(node: Node) -> tuple[str, ...]:
    said = [one.get("isAccessibleForFree") for one in (node, *_dicts(node.get("hasPart")))]
    return tuple(str(one) for one in said if isinstance(one, bool | str))


def _dicts(value: object) -> list[Node]:
    return [one for one in (value if isinstance(value, list) else [value])[:MOST_VALUES] if isinstance(one, dict)]


def _resolved(value: object, by_id: dict[str, Node]) -> object:
    """`{"@id": …}` replaced by the node of that id."""
    if isinstance(value, list):
        return [_resolved(one, by_id) for one in value[:MOST_VALUES]]
    if isinstance(value, dict) and isinstance(known := value.get("@id"), str) and known in by_id:
        return {**by_id[known], **value}
    return value


def _texts(value: object, *names: str) -> Iterator[str]:
    """The strings in `value`: itself, each of a list, and of an object the first of `names` that it has."""
    if isinstance(value, str):
        if value.strip():
            yield value
    elif isinstance(value, list):
        for one in value[:MOST_VALUES]:
            if not isinstance(one, list):  # nothing sane nests deeper
                yield from _texts(one, *names)
    elif isinstance(value, dict):
        for name in (*names, "@value"):
            inner = value.get(name)
            if isinstance(inner, str | list) and inner:
                flat = [inner] if isinstance(inner, str) else inner[:MOST_VALUES]
                yield from (one for one in flat if isinstance(one, str) and one.strip())
                return


def _salvaged(block: str) -> StoryNode | None:
    values: dict[str, str] = {}
    for found in islice(_SALVAGED.finditer(block), MOST_NODES):
        try:
            values.setdefault(found[1], str(json.loads(f'"{found[2]}"', strict=False)))
        except ValueError:
            continue
    if "headline" not in values:
        return None
    people, organisations = _authors(_salvaged_author(block), {})
    return StoryNode(
        headlines=(values["headline"],),
        authors=people,
        organisations=organisations,
        published=tuple(value for key, value in values.items() if key == "datePublished"),
        modified=tuple(value for key, value in values.items() if key == "dateModified"),
    )


def _salvaged_author(block: str) -> Node:
    found = _SALVAGED_AUTHOR.search(block)
    with contextlib.suppress(ValueError, RecursionError):
        return {"author": json.loads(found[1], strict=False)} if found else {}
    return {}
