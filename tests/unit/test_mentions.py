"""Names that overlap, short forms, surnames: one place one meaning, one person one mention."""

from __future__ import annotations

import importlib
import random
import string
from itertools import pairwise

import pytest

from ingest.records import Mention
from ingest.tagging.mentions import Label, Span, Type, disjoint, mentions, normalised

LABELS = {
    "Q1": Label("Emmanuel Macron", "head-of-state"),
    "Q2": Label("Bank Indonesia", "bank"),
    "Q3": Label("Paris", "capital"),
    "ID": Label("Indonesia", "country"),
    "JP": Label("Japan", "country"),
}


def at(text: str, part: str, type_: Type, id_: str | None = None, *, score: float = 1.0, nth: int = 0) -> Span:
    start = -1
    for _ in range(nth + 1):
        start = text.index(part, start + 1)
    return Span(start, start + len(part), type_, id_, id_ in {"ID", "JP"}, score)


def named(found: tuple[Mention, ...]) -> dict[str, Mention]:
    return {one.id: one for one in found}


def made(body: str, *spans: Span, title: str = "") -> dict[str, Mention]:
    offset = len(title) + 1
    moved = [span._replace(start=span.start + offset, end=span.end + offset) for span in spans]
    return named(mentions(title, body, moved, LABELS))


def test_a_known_name_counts_before_a_found_one_around_it() -> None:
    body = "Presiden Emmanuel Macron tiba."
    found = made(
        body, at(body, "Emmanuel Macron", "person", "Q1"), at(body, "Presiden Emmanuel Macron", "person", score=0.99)
    )
    assert list(found) == ["Q1"]
    assert found["Q1"].surfaces == ("Emmanuel Macron",)


def test_a_place_inside_a_persons_found_name_is_a_word_of_it() -> None:
    body = "Paris Hilton tiba di Paris."
    found = made(
        body,
        at(body, "Paris", "place", "Q3"),
        at(body, "Paris", "place", "Q3", nth=1),
        at(body, "Paris Hilton", "person", score=0.95),
    )
    assert found["Q3"].spans == ((21, 26),)
    assert found["paris hilton"].type == "person"
    assert not found["paris hilton"].linked


def test_a_found_name_that_is_not_sure_takes_nothing_from_a_known_one() -> None:
    body = "Paris Hilton tiba."
    found = made(body, at(body, "Paris", "place", "Q3"), at(body, "Paris Hilton", "person", score=0.6))
    assert list(found) == ["Q3"]


def test_a_country_inside_a_bodys_name_is_named_too() -> None:
    body = "Bank Indonesia menahan suku bunga; Universitas Indonesia menilai."
    found = made(
        body,
        at(body, "Bank Indonesia", "organisation", "Q2"),
        at(body, "Indonesia", "place", "ID"),
        at(body, "Universitas Indonesia", "organisation", score=0.9),
        at(body, "Indonesia", "place", "ID", nth=1),
    )
    assert found["ID"].count == 2
    assert set(found) == {"Q2", "ID", "universitas indonesia"}


def test_a_surname_goes_to_the_one_person_it_can_mean() -> None:
    body = "Siti Aminah bertemu Budi Santoso. Aminah setuju; Santoso menolak."
    full = [at(body, name, "person", score=0.9) for name in ("Siti Aminah", "Budi Santoso")]
    found = made(body, *full, *(at(body, name, "person", score=0.9, nth=1) for name in ("Aminah", "Santoso")))
    assert found["siti aminah"].count == 2
    assert found["budi santoso"].surfaces == ("Budi Santoso", "Santoso")
    assert len(found) == 2


def test_a_surname_of_two_people_goes_to_neither() -> None:
    body = "Ani Wijaya dan Budi Wijaya datang. Wijaya bicara, kata Wijaya."
    spans = [at(body, name, "person", score=0.9) for name in ("Ani Wijaya", "Budi Wijaya")]
    found = made(body, *spans, *(at(body, "Wijaya", "person", score=0.9, nth=nth) for nth in (2, 3)))
    assert found["wijaya"].count == 2
    assert found["ani wijaya"].count == found["budi wijaya"].count == 1


def test_a_found_surname_of_a_known_person_is_that_person() -> None:
    body = "Emmanuel Macron menolak. Macron yakin."
    found = made(body, at(body, "Emmanuel Macron", "person", "Q1"), at(body, "Macron", "person", score=0.9, nth=1))
    assert found["Q1"].count == 2


def test_an_acronym_in_brackets_is_the_body_before_it() -> None:
    body = "Badan Meteorologi Laut (BML) memberi tahu. BML menunggu."
    found = made(
        body,
        at(body, "Badan Meteorologi Laut", "organisation", score=0.9),
        *(at(body, "BML", "organisation", score=0.9, nth=nth) for nth in (0, 1)),
    )
    assert list(found) == ["badan meteorologi laut"]
    assert found["badan meteorologi laut"].count == 3


def test_a_name_has_one_type_in_an_article() -> None:
    body = "Wirata tiba. Wirata bicara. Wirata pergi."
    types: tuple[Type, ...] = ("person", "place", "person")
    found = made(body, *(at(body, "Wirata", type_, score=0.9, nth=nth) for nth, type_ in enumerate(types)))
    assert [one.type for one in found.values()] == ["person"]


def test_a_single_word_seen_once_must_be_surer_than_the_rest() -> None:
    body = "Kata Wirata, semua setuju."
    assert not made(body, at(body, "Wirata", "person", score=0.7))
    assert made(body, at(body, "Wirata", "person", score=0.9))


def test_the_title_and_often_make_a_name_salient() -> None:
    title, body = "Macron", "Emmanuel Macron di Jepang. Macron bicara."
    text = f"{title}\n{body}"
    spans = [at(text, "Macron", "person", "Q1", nth=0), at(text, "Emmanuel Macron", "person", "Q1")]
    found = mentions(title, body, [*spans, at(text, "Jepang", "place", "JP")], LABELS)
    assert [one.id for one in found] == ["Q1", "JP"]
    assert found[0].in_title
    assert found[0].spans == ((0, 15),)
    assert 0 < found[1].salience < found[0].salience <= 1


@pytest.mark.parametrize(("name", "form"), [("“Siti  Aminah”,", "siti aminah"), ("ＮＡＴＯ", "nato"), ("...", "")])
def test_an_unlinked_name_has_one_form(name: str, form: str) -> None:
    assert normalised(name) == form


def test_places_that_count_never_overlap_but_for_countries_in_bodies() -> None:
    chance = random.Random(7)
    types: tuple[Type, ...] = ("person", "organisation", "place")
    for _ in range(300):
        spans = []
        for _ in range(chance.randrange(1, 40)):
            start = chance.randrange(200)
            country = chance.random() < 0.2
            spans.append(
                Span(start, start + chance.randrange(1, 25), "place" if country else chance.choice(types),
                     "JP" if country else chance.choice(["Q1", None]), country, chance.random())
            )  # fmt: skip
        kept = disjoint(spans)
        assert set(kept) <= set(spans)
        for one, other in pairwise(kept):
            if one.end > other.start:
                assert {one.type, other.type} & {"organisation", "thing"}
                assert one.country or other.country


def test_a_page_full_of_names_is_decided_a_few_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each name is compared with those that it touches alone: the work grows as the page does."""
    module = importlib.import_module("ingest.tagging.mentions")  # the package has a function of that name
    sizes: list[int] = []
    decide = module._decided

    def counted(cluster: list[Span]) -> list[Span]:
        sizes.append(len(cluster))
        decided: list[Span] = decide(cluster)
        return decided

    monkeypatch.setattr(module, "_decided", counted)
    words = ["".join(random.Random(at).choices(string.ascii_lowercase, k=6)).title() for at in range(3_000)]
    spans, start = [], 1
    for word in words:
        spans += [Span(start, start + len(word), type_, None, score=0.9) for type_ in ("person", "place")]
        start += len(word) + 1
    assert len(mentions("", " ".join(words), spans, {})) == module.MOST_MENTIONS
    assert sum(sizes) == len(spans)
    assert max(sizes) == 2
