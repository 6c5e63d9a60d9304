"""Copies and follow-ups: who belongs to whom, how often that is right, and what a story says of itself."""

from __future__ import annotations

import random
from collections import Counter
from datetime import timedelta
from functools import cache
from itertools import combinations
from pathlib import Path

import orjson
import pytest

from ingest.fingerprint import bands, features, signature
from ingest.records import Article, TaggedArticle
from ingest.relation import APART, Telling, related
from ingest.stories import Article as Placed
from ingest.stories import Link, Union, settle
from search.storybook import FEWEST_BANDS
from tests.newsroom.generated import generated_articles
from tests.newswire import BEGAN, EVENTS, TRADE, Report, edited, reports, text_pairs
from tests.property.test_stories import member

EDITS = 2_000


def telling(id: str, body: str, *, title: str = "Judul", language: str | None = "id", hours: float = 0) -> Telling:
    article = Article(id=id, url="https://a.example/", title=title, body=body, language=language, content_hash="0")
    made = features(TaggedArticle(article=article))
    time = BEGAN + timedelta(hours=hours)
    return Telling(article_id=id, time=time, language=language, title=title, signature=made.signature, terms=made.terms)


BODY = "\n".join(generated_articles(1, languages=["id"])[0].body)


@cache
def edits() -> list[tuple[Telling, Telling]]:
    """2,000 texts and an edited copy of each. Nothing but the body tells that they are copies: no titles, no terms."""
    return [
        (
            Telling(article_id=f"{at}", time=BEGAN, language=language, title="", signature=signature(body), terms=()),
            Telling(article_id=f"{at}c", time=BEGAN, language=language, title="", signature=signature(copy), terms=()),
        )
        for at, (language, body, copy) in enumerate(text_pairs(EDITS, seed=11))
    ]


def test_of_2000_edited_copies_95_in_100_are_found_and_99_in_100_found_are_copies() -> None:
    """As Elasticsearch finds them: by two shared bands first. Any pair of the 4,000 texts could be found wrongly, and
    they come from one desk's templates, so that any two of a language share a seventh of their shingles."""
    keys: dict[str, list[Telling]] = {}
    for pair in edits():
        for one in pair:
            for key in bands(one.signature):
                keys.setdefault(f"{one.language}{key}", []).append(one)
    by_id = {one.article_id: one for pair in edits() for one in pair}
    shared = Counter((a.article_id, b.article_id) for group in keys.values() for a, b in combinations(group, 2))
    candidates = [ids for ids, bands in shared.items() if bands >= FEWEST_BANDS]
    found = {ids for ids in candidates if related(by_id[ids[0]], by_id[ids[1]]) == "copy"}
    right = {ids for ids in found if ids[0].removesuffix("c") == ids[1].removesuffix("c")}
    assert len({frozenset(ids) for ids in right}) / EDITS >= 0.95
    assert len(right) / len(found) >= 0.99


def test_copies_of_real_news_in_24_languages_are_found(corpus: Path) -> None:
    lines = (corpus / "languages" / "ntrex.jsonl").read_bytes().splitlines()
    chance, found, asked, wrong = random.Random(4), 0, 0, 0
    by_language: dict[str, list[Telling]] = {}
    for line in lines:
        told = orjson.loads(line)
        title, *body = told["sentences"]
        one = telling(told["doc"], "\n".join(body), title=title, language=told["lang"])
        copy = telling(told["doc"] + "c", "\n".join(edited(body, chance)), title=title, language=told["lang"])
        found, asked = found + (related(one, copy) == "copy"), asked + 1
        by_language.setdefault(told["lang"], []).append(one)
    for group in by_language.values():
        wrong += sum(related(a, b) == "copy" for a, b in combinations(group, 2))
    assert found / asked >= 0.97
    assert wrong == 0


def test_a_page_that_holds_several_whole_reports_joins_no_two_of_them() -> None:
    """The day in one page: each report stands in it whole, and they have nothing to do with each other."""
    chance, whole = random.Random(5), []
    for words in map(str.split, EVENTS["id"][:6]):
        lines = [" ".join(chance.choices([*words, *TRADE["id"].split()], k=25)) for _ in range(8)]
        whole.append((" ".join(chance.sample(words, 6)), "\n".join(lines)))
    told = [telling(f"{at}", body, title=title) for at, (title, body) in enumerate(whole)]
    assert not any(related(one, other) for one, other in combinations(told, 2))
    day = telling("day", "\n".join(body for _, body in whole), title="Lima berita pilihan hari ini")
    assert sum(related(one, day) is not None for one in told) <= 1, "the one that it begins with"
    for one, (title, body) in zip(told, whole, strict=True):
        longer = telling("longer", body + "\n" + "\n".join(words for words in EVENTS["en"]), title=title)
        assert related(one, longer) == "copy", "cut, but under its title"


def joined(told: list[Report]) -> tuple[Counter[bool], Counter[bool]]:
    """How many pairs were linked, and how many share a story, by whether they do tell of one event."""
    events = {one.telling.article_id: one.event for one in told}
    links = [(a, b) for a, b in combinations(told, 2) if related(a.telling, b.telling)]
    stories = Union(events)
    for a, b in links:
        stories.join((a.telling.article_id, b.telling.article_id))
    together = Counter(events[a] == events[b] for group in stories.groups() for a, b in combinations(group, 2))
    return Counter(a.event == b.event for a, b in links), together


@pytest.mark.parametrize("language", ["id", "en"])
def test_follow_ups_of_events_side_by_side_are_told_apart(language: str) -> None:
    """Events in one country, with the same bodies and people, a dozen reports each within a week, five such weeks."""
    linked, together = Counter[bool](), Counter[bool]()
    for seed in range(31, 36):
        direct, shared = joined(reports(language, 12, seed))
        linked, together = linked + direct, together + shared
    pairs = 5 * len(EVENTS[language]) * 12 * 11 // 2
    assert linked[True] / linked.total() >= 0.998
    assert together[True] / together.total() >= 0.9
    assert together[True] / pairs >= 0.85


def test_the_relation_goes_both_ways() -> None:
    told = [one.telling for one in reports("id", 4, 1)] + [one for pair in edits()[:20] for one in pair]
    for one, other in combinations(told, 2):
        assert related(one, other) == related(other, one)


def test_only_articles_of_one_language_and_week_belong_together() -> None:
    first = telling("a", BODY)
    assert related(first, telling("b", BODY, hours=5)) == "copy"
    assert related(first, telling("a", BODY)) is None
    assert related(first, telling("b", BODY, language="ms")) is None
    assert related(first, telling("b", BODY, language=None)) is None
    assert related(first, telling("b", BODY, hours=APART / timedelta(hours=1))) == "copy"
    assert related(first, telling("b", BODY, hours=APART / timedelta(hours=1) + 0.01)) is None
    assert related(first, telling("b", BODY).model_copy(update={"sample": True})) is None


NOTICE = "Artikel ini hanya untuk pelanggan. Silakan masuk atau berlangganan untuk membaca selengkapnya di sini."
LONGER = f"{NOTICE} Dengan berlangganan Anda mendapat akses tanpa batas ke semua berita, analisis dan opini kami."


@pytest.mark.parametrize("notice", [NOTICE, LONGER])
def test_the_same_notice_in_place_of_a_text_makes_no_copy(notice: str) -> None:
    """What a paywall says stands under every title."""
    assert related(telling("a", notice, title="Gempa di Cianjur"), telling("b", notice, title="Beras naik")) is None


def test_a_short_text_under_the_same_title_is_a_copy() -> None:
    assert (
        related(telling("a", LONGER, title="Gempa di Cianjur"), telling("b", LONGER, title="Gempa Cianjur")) == "copy"
    )


def test_a_story_counts_owners_and_points_copies_to_the_earliest() -> None:
    members = [member(0, 5, 1), member(1, 2, 2), member(2, 2, 3), member(3, 9, 0)]
    articles = {one.article_id: Placed(telling(one.article_id, "x"), one, one.article_id) for one in members}
    links = [Link("a0", "a1", "copy"), Link("a1", "a2", "copy"), Link("a2", "a3", "follow-up")]
    [settled] = settle([], articles, links)
    assert settled.story.id == "a3"  # seen first
    assert settled.originals == {"a0": "a1", "a1": None, "a2": "a1", "a3": None}
    assert settled.story.owners == ("o0", "o1", "o2")
    assert (settled.story.language, settled.story.unlisted) == ("id", 0)


def test_an_earlier_one_that_arrives_late_becomes_the_original() -> None:
    first = {at: Placed(telling(f"a{at}", "x"), member(at, 5 + at, at), f"a{at}") for at in (1, 2)}
    [before] = settle([], {f"a{at}": one for at, one in first.items()}, [Link("a1", "a2", "copy")])
    late = Placed(telling("a0", "x"), member(0, 0, 9), "a0")
    [after] = settle([before.story], {"a0": late}, [Link("a0", "a2", "copy")])
    assert (before.story.id, after.story.id) == ("a1", "a1")
    assert after.originals == {"a0": None, "a1": "a0", "a2": "a0"}
