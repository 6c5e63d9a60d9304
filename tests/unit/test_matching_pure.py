"""Candidates, windows, pairs of names: what matching decides without asking anybody."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from search.matching.candidates import CandidateIndex, anchors, fulfilled
from search.matching.keys import counted_field, values
from search.matching.matches import mark, owner_of
from search.matching.pairs import Name, pairs, told
from search.matching.windows import Seen, Usual, frequent, hours_of_past_days, unusual
from search.rules.records import Rule
from search.rules.required import TRUE, And, Formula, Or, Term

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
BOTH = ("title", "body")


def rule(**given: Any) -> Rule:
    return Rule(**{"id": "r", "name": "R", "owner": "desk", **given})


def term(text: str, *fields: str) -> Term:
    return Term(fields or BOTH, text)


FORMULAS: st.SearchStrategy[Formula] = st.recursive(
    st.builds(term, st.sampled_from("abcdef"), st.sampled_from(BOTH))
    | st.builds(term, st.sampled_from("abcdef"))
    | st.just(TRUE)
    | st.just(Or()),
    lambda inner: (
        st.lists(inner, max_size=3).map(tuple).flatmap(lambda parts: st.sampled_from([And(parts), Or(parts)]))
    ),
    max_leaves=8,
)
TOKENS = st.fixed_dictionaries({name: st.frozensets(st.sampled_from("abcdef")) for name in BOTH})


@given(st.lists(FORMULAS, max_size=6), TOKENS, st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 99)))
def test_the_candidates_are_the_rules_whose_words_are_all_there(
    formulas: list[Formula], tokens: Mapping[str, frozenset[str]], rarity: Mapping[str, int]
) -> None:
    by_rule = {f"r{n}": one for n, one in enumerate(formulas)}
    index = CandidateIndex(by_rule, lambda term: rarity.get(term.text, 0))
    assert index.candidates(tokens) == {id for id, one in by_rule.items() if fulfilled(one, tokens)}


def test_a_rule_hangs_on_its_rarest_word_and_on_each_alternative() -> None:
    often = {"kantor": 900, "penghubung": 20, "liaison": 5, "office": 700}
    formula = Or((And((term("kantor"), term("penghubung"))), And((term("liaison"), term("office")))))
    found = anchors(formula, lambda term: often[term.text])
    assert found is not None
    assert found.tokens == {"penghubung", "liaison"}
    assert anchors(Or((formula, TRUE)), lambda _: 0) is None
    assert anchors(And((formula, TRUE)), lambda term: often[term.text]) == found


def seen(*minutes: float) -> list[Seen]:
    return [Seen(NOON + timedelta(minutes=at), f"a{at:g}") for at in minutes]


def test_windows_are_full_when_enough_came_within_the_span_and_no_article_counts_twice() -> None:
    three_an_hour = rule(type="frequency", num_events=3, timeframe=3600)
    assert frequent(seen(0, 30), three_an_hour) == []
    assert frequent(seen(0, 30, 61), three_an_hour) == []
    assert [[one.id for one in window.articles] for window in frequent(seen(90, 0, 59, 30, 70, 80), three_an_hour)] == [
        ["a0", "a30", "a59"],
        ["a70", "a80", "a90"],
    ]
    (window,) = frequent(seen(0, 50, 70, 75), three_an_hour)
    assert [one.id for one in window.articles] == ["a50", "a70", "a75"]
    assert window.end == NOON + timedelta(minutes=75)


@given(st.lists(st.integers(0, 300), max_size=40), st.integers(2, 5), st.integers(1, 120))
def test_a_window_that_is_full_is_found_and_each_one_found_is(minutes: list[int], most: int, span: int) -> None:
    asked = rule(type="frequency", num_events=most, timeframe=span * 60)
    articles = [Seen(NOON + timedelta(minutes=at), f"a{n}") for n, at in enumerate(sorted(minutes))]
    windows = frequent(articles, asked)
    times = [one.at for one in articles]
    full = any(b - a <= timedelta(minutes=span) for a, b in zip(times, times[most - 1 :], strict=False))
    assert bool(windows) == full
    counted = [one.id for window in windows for one in window.articles]
    assert len(counted) == len(set(counted))
    for window in windows:
        assert len(window.articles) == most
        assert window.end - window.articles[0].at <= timedelta(minutes=span)


SPIKE = rule(type="spike", spike_height=3, timeframe=3600, days=4, threshold_cur=3)


def test_a_spike_is_so_many_times_what_the_same_hours_of_past_days_had() -> None:
    usual = Usual(6, (2, 2, 3, 1), (50, 50, 50, 50))
    figures = unusual(usual, SPIKE)
    assert figures == {
        "count": 6,
        "expected": 2.0,
        "height": 3.0,
        "direction": "up",
        "days": 4,
        "timeframe": 3600,
    }
    assert unusual(Usual(5, usual.past, usual.whole), SPIKE) is None
    assert unusual(Usual(2, (0, 0, 0, 0), usual.whole), SPIKE) is None, "fewer than threshold_cur"
    assert unusual(Usual(3, (0, 0, 0, 0), usual.whole), SPIKE), "out of nothing"
    quiet = SPIKE.model_copy(update={"threshold_ref": 2.5})
    assert unusual(usual, quiet) is None


def test_days_on_which_nothing_at_all_came_say_nothing_of_what_is_usual() -> None:
    assert unusual(Usual(9, (0, 0, 0, 0), (0, 0, 0, 0)), SPIKE) is None
    figures = unusual(Usual(9, (2, 0, 0, 4), (50, 0, 0, 50)), SPIKE)
    assert figures is not None
    assert (figures["expected"], figures["days"]) == (3.0, 2)


def test_a_dip_is_a_spike_downwards() -> None:
    down = SPIKE.model_copy(update={"spike_type": "down"})
    figures = unusual(Usual(1, (3, 3, 3, 3), (9, 9, 9, 9)), down)
    assert figures is not None
    assert figures["direction"] == "down"
    assert unusual(Usual(2, (3, 3, 3, 3), (9, 9, 9, 9)), down) is None
    assert unusual(Usual(30, (3, 3, 3, 3), (9, 9, 9, 9)), down) is None
    assert unusual(Usual(0, (0, 0, 0, 0), (9, 9, 9, 9)), down) is None


def test_the_hours_of_past_days_are_the_same_hours() -> None:
    spans = hours_of_past_days(NOON, SPIKE)
    assert len(spans) == 5
    assert spans[0] == (NOON - timedelta(hours=1), NOON)
    assert spans[4] == (NOON - timedelta(days=4, hours=1), NOON - timedelta(days=4))


def named(kind: str, id: str, name: str, **given: Any) -> dict[str, Any]:
    return {"type": kind, "id": id, "name": name, **given}


def test_pairs_are_of_two_kinds_or_of_one_alone() -> None:
    nato, kishida = named("organisation", "Q7184", "NATO"), named("person", "k-fk", "Fumio Kishida")
    unknown = named("person", "siti", "Siti Aminah", linked=False)
    source = {"mentions": [nato, kishida, unknown, named("country", "JP", "Japan")]}
    assert [told(pair) for pair in pairs(source, ("person", "org"))] == ["NATO + Siti Aminah", "NATO + Fumio Kishida"]
    assert [told(pair) for pair in pairs(source, ("person",))] == ["Siti Aminah + Fumio Kishida"]
    assert pairs(source, ("thing",)) == []
    ((one, _),) = pairs(source, ("country", "org"))
    assert one == Name("country", "JP", "Japan")


def test_windows_are_counted_by_whole_values_names_not_ids() -> None:
    assert [counted_field(key) for key in ("source", "lang", "owner", "author", "org")] == [
        "source",
        "language",
        "source_owner",
        "authors",
        "organisation",
    ]
    assert list(values({"organisation": ["Q7184", "NATO", "k-x"]}, "org")) == ["NATO"]
    assert list(values({"place": ["RU", "Russia", "Q649", "Moscow"]}, "place")) == ["Russia", "Moscow"]
    assert list(values({"source": "antaranews.com"}, "source")) == ["antaranews.com"]
    assert list(values({}, "country")) == []
    assert list(values({}, None)) == [""]


def test_a_changed_article_is_another_match_and_an_owner_one_voice() -> None:
    assert mark({"article_id": "a"}) == "a"
    assert mark({"article_id": "a", "changed_at": "2026-03-04T05:06:07Z"}) == "a@2026-03-04T05:06:07Z"
    assert owner_of({"source": "bisnis.tempo.co", "source_owner": "Tempo Media"}) == "tempo media"
    assert owner_of({"source": "bisnis.tempo.co"}) == "tempo.co"
