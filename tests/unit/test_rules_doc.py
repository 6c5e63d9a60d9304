"""docs/rules.md: every key of the format is there, in an example that can be read. They run in tests/integration."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from search.rules.keys import CONCEPT_KEYS, RULE_KEYS
from search.rules.lint import Surroundings, linted
from search.rules.reading import Reading, read_texts
from search.rules.values import SPAN_UNITS
from search.rules.written import Written, documents
from worker.settings import PROJECT

TEXT = (PROJECT / "docs" / "rules.md").read_text()
BLOCKS = re.findall(r"^```yaml\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
NESTED = {
    *("match", "no_match", "include", "exclude", "names", "within"),
    *("schedule", "tz", "empty", "from", "to", "bypass"),
}


def documented() -> Reading:
    """All examples, as one folder."""
    concepts = {f"concepts/{n}": text for n, text in enumerate(BLOCKS) if "wordings:" in text}
    return read_texts({str(n): text for n, text in enumerate(BLOCKS) if "wordings:" not in text}, concepts)


def keys(part: Written) -> Iterator[str]:
    if part.is_mapping:
        for key, value in part.pairs():
            yield key.scalar()
            yield from keys(value)
    elif part.is_list:
        for each in part.items():
            yield from keys(each)


def test_every_key_stands_in_an_example() -> None:
    used = {key for text in BLOCKS for part in documents(text, "docs/rules.md") for key in keys(part)}
    assert {*RULE_KEYS, *CONCEPT_KEYS, *NESTED} - used == set()


def test_every_unit_of_a_span_and_every_value_is_named() -> None:
    for word in ("hours", "person", "org", "place", "thing", "country", "both", "down", "critical", "low", "stemmed"):
        assert re.search(rf"\b{word}\b", TEXT), word
    assert set(SPAN_UNITS.values()) == {"s", "m", "h", "d", "w"}
    assert "s, m, h, d, w" in TEXT


def test_every_example_can_be_read_and_means_what_it_says() -> None:
    around = Surroundings(channels=("webhook:desk", "mailto:desk"))
    reading = linted(documented(), around, datetime(2026, 11, 3, tzinfo=UTC))
    assert [str(one) for one in reading.errors] == []
    assert len(reading.rules.rules) == len(BLOCKS) - 1
    told = {one.message.partition(":")[0] for one in reading.faults}
    assert all(one.startswith("no word must stand") for one in told), told


@pytest.mark.parametrize("id_", sorted(one.id for one in documented().rules.rules if one.type == "any"))
def test_every_rule_of_articles_has_its_own_examples(id_: str) -> None:
    rule = documented().rules.rule(id_)
    assert rule is not None
    assert rule.tests.match
