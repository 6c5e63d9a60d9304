"""One contract for the index and for its stand-in: each article once, and who was first is known."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest

from ingest.urls import article_id
from search.client import connect
from search.ports import ArticleIndex
from search.store import ElasticsearchIndex
from search.upkeep import ensure_schema
from tests.fakes import FakeIndex
from tests.integration.search_material import MemoryHomes, digest, document
from tests.integration.visits import EDITED, STORY, STUB, gone, visit

pytestmark = pytest.mark.services
OTHER = "Beras naik di pasar Jakarta.\n" + "\n".join(
    f"Pedagang ke-{n} menjual cabai, bawang dan telur." for n in range(9)
)


def fake(_: pytest.FixtureRequest) -> Iterator[ArticleIndex]:
    yield FakeIndex()


def real(request: pytest.FixtureRequest) -> Iterator[ArticleIndex]:
    prefix: str = request.getfixturevalue("index_prefix")
    with closing(connect(request.getfixturevalue("elasticsearch_url"))) as client:
        ensure_schema(client, prefix)
        yield ElasticsearchIndex(client, prefix, MemoryHomes())


@pytest.fixture(params=[fake, real], ids=["fake", "real"])
def index(request: pytest.FixtureRequest) -> Iterator[ArticleIndex]:
    make: Callable[[Any], Iterator[ArticleIndex]] = request.param
    yield from make(request)


def outcomes(index: ArticleIndex, *documents: Any) -> list[str]:
    return [result.outcome for result in index.write(documents)]


def test_a_new_article_is_written(index: ArticleIndex) -> None:
    assert outcomes(index, document("a"), document("b")) == ["written", "written"]


def test_the_same_entry_again_is_already_written(index: ArticleIndex) -> None:
    index.write([document("a")])
    assert outcomes(index, document("a")) == ["already-written"]


def test_another_entry_of_the_same_article_is_a_duplicate_also_within_one_batch(index: ArticleIndex) -> None:
    first = document("a")
    second = first.model_copy(update={"entry_id": "another"})
    third = first.model_copy(update={"entry_id": "a-third"})
    assert outcomes(index, first, second) == ["written", "duplicate"]
    assert outcomes(index, third) == ["duplicate"]
    assert index.write([first, third])[1].holder == first.entry_id


def test_many_entries_of_one_article_in_one_batch_each_meet_the_first(index: ArticleIndex) -> None:
    first, second = document("a", entry="first"), document("a", entry="second")
    results = index.write([first, document("b"), second, first, second, document("b")])
    assert [result.outcome for result in results] == [
        "written", "written", "duplicate", "already-written", "duplicate", "already-written",
    ]  # fmt: skip
    assert {result.reason for result in results if result.outcome == "duplicate"} == {
        f"entry {first.entry_id} brought this article first"
    }
    assert outcomes(index, second, first) == ["duplicate", "already-written"]


def test_results_come_in_the_order_of_the_documents_and_name_them(index: ArticleIndex) -> None:
    documents = [document(name) for name in "cab"]
    results = index.write(documents)
    assert [result.entry_id for result in results] == [one.entry_id for one in documents]
    assert [result.article_id for result in results] == [one.tagged.article.id for one in documents]


def test_nothing_is_nothing(index: ArticleIndex) -> None:
    assert index.write([]) == []


def test_a_visit_that_finds_the_same_text_changes_nothing(index: ArticleIndex) -> None:
    one = document("a", body=STORY)
    index.write([one])
    laid_out_anew = STORY.replace("\n", " ").replace("Menteri", "MENTERI")
    assert outcomes(index, visit(one, 1)) == ["already-written"]
    assert outcomes(index, visit(one, 2, body=laid_out_anew + "\nIklan: motor baru")) == ["already-written"]


def test_a_visit_that_finds_another_text_makes_a_revision_once(index: ArticleIndex) -> None:
    one = document("a", body=STORY)
    index.write([one])
    edited = visit(one, 1, body=EDITED)
    assert outcomes(index, edited) == ["revised"]
    assert outcomes(index, edited, visit(one, 2, body=EDITED)) == ["already-written", "already-written"]
    assert outcomes(index, visit(one, 3, body=STORY)) == ["revised"]


def test_a_run_that_read_the_page_before_a_later_visit_takes_nothing_back(index: ArticleIndex) -> None:
    one = document("a", body=STORY)
    index.write([one])
    assert outcomes(index, visit(one, 2, body=EDITED)) == ["revised"]
    assert outcomes(index, visit(one, 1, body=STORY)) == ["already-written"]
    assert index.vanish([gone(one, 1)])[0].outcome == "already-written"


def test_an_entry_that_is_fetched_again_without_a_visit_is_already_written(index: ArticleIndex) -> None:
    one = document("a", body=STORY)
    index.write([one])
    other = visit(one, 1, body=EDITED).model_copy(update={"visit": False})
    assert outcomes(index, other) == ["already-written"]


def test_a_visit_of_what_is_not_there_writes_it(index: ArticleIndex) -> None:
    assert outcomes(index, visit(document("a"), 1)) == ["written"]


def test_another_entrys_visit_is_a_duplicate(index: ArticleIndex) -> None:
    one = document("a", entry="first", body=STORY)
    index.write([one])
    assert outcomes(index, visit(document("a", entry="second"), 1, body=EDITED)) == ["duplicate"]


def test_a_text_that_is_taken_off_is_marked_once_and_comes_back(index: ArticleIndex) -> None:
    one = document("a", body=STORY)
    index.write([one])
    assert outcomes(index, visit(one, 1, body=STUB)) == ["revised"]
    assert outcomes(index, visit(one, 2, body=STUB + " Maaf.")) == ["already-written"]
    assert outcomes(index, visit(one, 3)) == ["revised"]
    assert outcomes(index, visit(one, 3), visit(one, 4)) == ["already-written", "already-written"]
    assert outcomes(index, visit(one, 5, body=STUB)) == ["revised"]


def test_a_page_that_is_gone_is_marked_once_and_found_again(index: ArticleIndex) -> None:
    one = document("a", body=STORY)
    index.write([one, document("b")])
    results = index.vanish([gone(one, 1), gone(document("never there"), 1)])
    assert [(result.entry_id, result.article_id) for result in results] == [
        (one.entry_id, one.id), (digest("never there"), digest("never there")),
    ]  # fmt: skip
    assert [result.outcome for result in results] == ["revised", "already-written"]
    assert [result.outcome for result in index.vanish([gone(one, 1), gone(one, 2, "410")])] == ["already-written"] * 2
    assert outcomes(index, visit(one, 3)) == ["revised"]
    assert outcomes(index, visit(one, 4)) == ["already-written"]
    assert index.vanish([gone(one, 5)])[0].outcome == "revised"
    assert index.vanish([]) == []


def test_a_page_of_another_entry_is_not_marked_as_gone(index: ArticleIndex) -> None:
    index.write([document("a", entry="first")])
    assert index.vanish([gone(document("a", entry="second"), 1)])[0].outcome == "duplicate"


def test_a_page_that_claims_another_article_with_another_text_is_an_article_by_itself(index: ArticleIndex) -> None:
    one = document("a", entry="first", body=STORY)
    false = document("a", entry="second", body=OTHER, page_url="https://news.example/other")
    own = article_id("https://news.example/other")
    for outcome in ("written", "already-written"):  # a rerun gives the same
        results = index.write([one, false, document("b")])
        assert [result.outcome for result in results] == [outcome] * 3
        assert [result.article_id for result in results] == [one.id, own, digest("b")]
    assert outcomes(index, visit(false, 1, body=OTHER.replace("Beras", "Gula"))) == ["revised"]
    assert outcomes(index, false, visit(one, 2)) == ["already-written", "already-written"]


def test_the_article_that_another_page_claimed_to_be_is_not_lost(index: ArticleIndex) -> None:
    """The page that declares the other's address came first, and keeps the id."""
    false = document("a", entry="second", body=OTHER, page_url="https://news.example/other")
    true = document("a", entry="first", body=STORY)
    third = document("a", entry="third", body=STORY)
    for outcome in ("written", "already-written"):
        results = index.write([false, true, third, document("b")])
        assert [result.outcome for result in results] == [outcome, outcome, "duplicate", outcome]
        assert results[0].article_id == false.id != results[1].article_id == results[2].article_id
    own = results[1].article_id
    edited = visit(true, 1, body=EDITED).model_copy(update={"known_as": own})
    assert outcomes(index, edited, visit(false, 1)) == ["revised", "already-written"]
    assert index.vanish([gone(true, 2).model_copy(update={"article_id": own})])[0].outcome == "revised"


def test_a_copy_that_names_its_original_is_a_duplicate(index: ArticleIndex) -> None:
    one = document("a", entry="first", body=STORY)
    copy = document("a", entry="second", body=STORY[: len(STORY) // 2], page_url="https://news.example/amp/other")
    assert outcomes(index, one, copy) == ["written", "duplicate"]
    assert outcomes(index, copy) == ["duplicate"]


def test_a_page_that_moved_stays_the_article_that_it_was(index: ArticleIndex) -> None:
    one = document("a", body=STORY)
    index.write([one])
    moved = visit(one, 1, id=digest("elsewhere"), url="https://news.example/elsewhere", body=EDITED)
    (result,) = index.write([moved.model_copy(update={"known_as": one.id})])
    assert (result.outcome, result.article_id) == ("revised", one.id)


def test_a_batch_may_hold_everything_at_once(index: ArticleIndex) -> None:
    there = [document(f"there {n}", body=STORY) for n in range(4)]
    index.write(there)
    batch = [
        document("new"),
        visit(there[0], 1),
        visit(there[1], 1, body=EDITED),
        there[2],
        visit(there[3], 1, body=STUB),
        visit(there[1], 2, body=EDITED + "\nPolisi kemudian membantah semua kabar itu."),
        document("new", entry="another"),
        visit(document("new"), 1, title="Judul yang lain sama sekali"),
    ]
    assert outcomes(index, *batch) == [
        "written", "already-written", "revised", "already-written", "revised", "revised", "duplicate", "revised",
    ]  # fmt: skip


def test_hundreds_of_visits_in_one_batch_each_come_to_their_end(index: ArticleIndex) -> None:
    there = [document(f"there {n}", body=STORY) for n in range(300)]
    assert set(outcomes(index, *there)) == {"written"}
    visits = [visit(one, 1, body=EDITED if n % 3 else STORY) for n, one in enumerate(there)]
    assert outcomes(index, *visits) == ["revised" if n % 3 else "already-written" for n in range(300)]
    assert set(outcomes(index, *visits)) == {"already-written"}
