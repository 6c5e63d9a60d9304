"""What no query can ask of an article that matched: how old it was when it was seen, and who stands in one sentence.

Pure, on the document as it is indexed. The same for the live rule and for history.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from ingest.sentences import sentences
from search.fields import fields_of
from search.language.names import Unknown, country_codes, entity_ids, key
from search.language.nodes import Value
from search.rules.compiling import named
from search.rules.records import Rule, Together

NEEDS = ("published", "first_seen", "title", "body", "mentions")  # fields of the document that are looked at
UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


def needs_document(rule: Rule) -> bool:
    """Whether `admits` has anything to look at."""
    return rule.max_age is not None or any(one.within == "sentence" for one in rule.together)


def admits(rule: Rule, source: Mapping[str, Any], own_names: Path | None = None) -> str | None:
    """Why an article that its query finds is no match all the same; None where it is one."""
    return _too_old(rule, source) or next(
        (
            f"{' and '.join(one.names)} stand in no sentence together"
            for one in rule.together
            if one.within == "sentence" and not _in_one_sentence(one, source, own_names)
        ),
        None,
    )


def _too_old(rule: Rule, source: Mapping[str, Any]) -> str | None:
    published, seen = source.get("published"), source.get("first_seen")
    if rule.max_age is None or not published or not seen:
        return None
    age = (datetime.fromisoformat(seen) - datetime.fromisoformat(published)).total_seconds()
    if age <= rule.max_age:
        return None
    return f"it was published {span_told(age)} before it was seen, more than max_age, {span_told(rule.max_age)}"


def span_told(seconds: float) -> str:
    """A span for people, in its largest unit that is not broken much: 36 h, 3 d."""
    size, unit = next(((size, unit) for size, unit in UNITS if seconds >= 2 * size), UNITS[-1])
    return f"{seconds / size:.0f} {unit}"


def _in_one_sentence(together: Together, source: Mapping[str, Any], own_names: Path | None) -> bool:
    mentions: list[Mapping[str, Any]] = source.get("mentions", [])
    body = source.get("body", "")
    groups = [_mentions_of(name, mentions, own_names) for name in together.names]
    if all(any(one.get("in_title") for one in group) for group in groups):
        return True
    spans = [sorted(set(_spans(group))) for group in groups]
    if not all(spans):
        return False
    ends = [end for _, end in sentences(body)]
    places = [set(_sentence_numbers(these, ends)) for these in spans]
    return bool(set.intersection(*places))


def _mentions_of(name: str, mentions: list[Mapping[str, Any]], own_names: Path | None) -> list[Mapping[str, Any]]:
    """Those that the name means, as the compiled query does: by id, by name, by what the lists call so."""
    found: list[Mapping[str, Any]] = []
    for node in named(name):
        if not isinstance(node, Value) or not node.field:
            continue
        if node.field in {"country", "about"}:
            codes = country_codes(node.value)
            known = () if isinstance(codes, Unknown) else codes
            found += [one for one in mentions if _country(one) in known]
            continue
        types = {one.target for one in fields_of(node.field)}
        ids = {(id_, type_) for type_ in types for id_ in entity_ids(node.value, (type_,), own_names)}
        wanted = key(node.value)
        for one in mentions:
            called = {key(one["name"]), key(one["id"])}
            if one["type"] in types and ((one["id"], one["type"]) in ids or wanted in called):
                found.append(one)
    return found


def _country(mention: Mapping[str, Any]) -> str | None:
    """Whose country it is, or whose government the place stands for."""
    if mention.get("kind") == "country":
        return str(mention["id"])
    stands_for = str(mention.get("stands_for") or "")
    return stands_for.removeprefix("country:") if stands_for.startswith("country:") else None


def _spans(mentions: Iterable[Mapping[str, Any]]) -> Iterator[tuple[int, int]]:
    for one in mentions:
        yield from ((begin, end) for begin, end in one.get("spans", []))


def _sentence_numbers(spans: list[tuple[int, int]], ends: list[int]) -> Iterator[int]:
    number = 0
    for begin, _ in spans:
        while number < len(ends) - 1 and ends[number] <= begin:
            number += 1
        yield number
