"""The keys of a rule and of a concept, and how each is read: docs/rules.md has an example of each.

Where they mean the same, they are called as in ElastAlert2; `INSTEAD` knows what other keys of it, and of ours, are
called here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from search.rules.records import PRIORITIES, Condition, Digest, QuietHours, RuleTests, Together
from search.rules.values import (
    Read,
    clock,
    countable,
    field,
    identifier,
    number,
    one_of,
    query,
    several,
    span,
    text,
    whole,
    yes_or_no,
    zone,
)
from search.rules.written import Written

INSTEAD = {
    "filter": "query",
    "alert": "notify",
    "channels": "notify",
    "is_enabled": "enabled",
    "aggregation": "digest",
    "terms_window_size": "lookback",
    "window": "timeframe",
    "title": "name",
    "except": "none_of",
    "not": "none_of",
    "entities": "together",
    "lang": "language",
    "tz": "digest",
}


def mapped(given: Written, readers: Mapping[str, Read], needed: tuple[str, ...] = ()) -> dict[str, Any]:
    """The values of a mapping by key. Raises WrongError at the first that is wrong."""
    found: dict[str, Any] = {}
    for key, value in given.pairs():
        name = key.chosen(readers)
        found[name] = readers[name](value)
    for name in needed:
        if name not in found:
            raise given.wrong(f"{name} is missing here")
    return found


def _channel(given: Written) -> str:
    found = given.scalar().strip()
    if " " in found or "://" in found:
        raise given.wrong("a channel's name belongs here, as in mailto:desk; its address stands in KAWAT_CHANNELS")
    return found


def _condition(name: str, given: Written) -> Condition:
    values = several(text)
    if not given.is_mapping:
        return Condition(field=name, include=values(given))
    found = mapped(given, {"include": values, "exclude": values})
    return Condition(field=name, include=found.get("include", ()), exclude=found.get("exclude", ()))


def _where(given: Written) -> tuple[Condition, ...]:
    return tuple(_condition(field(key), value) for key, value in given.pairs())


def _entities(given: Written) -> Together:
    readers = {"names": several(text), "within": one_of("article", "sentence")}
    found = mapped(given, readers, ("names",)) if given.is_mapping else {"names": several(text)(given)}
    if len(set(found["names"])) < 2:
        raise given.wrong("two names at least belong here: one alone goes into the query, as entity:NATO")
    return Together(**found)


def _together(given: Written) -> tuple[Together, ...]:
    items = given.items()
    if given.is_list and all(one.is_scalar for one in items):  # [NATO, Jepang]: one pair
        return (_entities(given),)
    return tuple(_entities(one) for one in items)


def _digest(given: Written) -> Digest:
    readers = {"schedule": text, "tz": zone, "empty": yes_or_no}
    return Digest(**mapped(given, readers, ("schedule", "tz")))


def _quiet_hours(given: Written) -> QuietHours:
    found = mapped(given, {"from": clock, "to": clock, "tz": zone, "bypass": one_of(*PRIORITIES)}, ("from", "to", "tz"))
    if found["from"] == found["to"]:
        raise given.wrong("from and to are the same: such hours never end; leave quiet_hours out, or use digest")
    return QuietHours(start=found.pop("from"), end=found.pop("to"), **found)


def _tests(given: Written) -> RuleTests:
    return RuleTests(**mapped(given, {"match": several(text), "no_match": several(text)}))


RULE_KEYS: dict[str, Read] = {
    "id": identifier,
    "name": text,
    "description": text,
    "owner": text,
    "priority": one_of(*PRIORITIES),
    "type": one_of("any", "frequency", "spike", "flatline", "new_term"),
    "enabled": yes_or_no,
    "query": query,
    "match": one_of("exact", "stemmed"),
    "where": _where,
    "none_of": several(query),
    "together": _together,
    "max_age": span,
    "regex": yes_or_no,
    "num_events": whole(2),
    "timeframe": span,
    "query_key": countable,
    "spike_height": number(1),
    "spike_type": one_of("up", "down", "both"),
    "days": whole(1, 90),
    "threshold_cur": whole(1),
    "threshold_ref": number(0),
    "threshold": whole(1),
    "fields": several(one_of("person", "org", "place", "thing", "country")),
    "lookback": span,
    "dedup": one_of("article", "story"),
    "update_after": whole(1, 100),
    "realert": span,
    "digest": _digest,
    "quiet_hours": _quiet_hours,
    "notify": several(_channel),
    "language": one_of("id", "en"),
    "backfill": span,
    "tests": _tests,
}
ALWAYS = ("id", "name", "owner")
OF_TYPE = {  # keys that only some types read
    "num_events": ("frequency",),
    "timeframe": ("frequency", "spike", "flatline"),
    "query_key": ("frequency", "spike", "flatline"),
    "spike_height": ("spike",),
    "spike_type": ("spike",),
    "days": ("spike",),
    "threshold_cur": ("spike",),
    "threshold_ref": ("spike",),
    "threshold": ("flatline",),
    "fields": ("new_term",),
    "lookback": ("new_term",),
    "max_age": ("any", "new_term"),
    "update_after": ("any",),
}
NEEDED = {  # by type
    "any": (),
    "frequency": ("num_events", "timeframe"),
    "spike": ("spike_height", "timeframe"),
    "flatline": ("threshold", "timeframe"),
    "new_term": ("fields",),
}
DEFAULTS: dict[str, dict[str, Any]] = {
    "spike": {"days": 7, "threshold_cur": 3},
    "new_term": {"lookback": 90 * 86_400},
}
CONCEPT_KEYS = ("id", "name", "wordings")
