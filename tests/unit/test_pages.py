"""The stages that get pages: further ones one by one, and whatever happens the article is what could be read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.errors import Forbidden, Gone, HostUnreachable
from ingest.fetch import Response
from ingest.records import Entry
from ingest.urls import article_id
from tests.fakes import FakeFetcher, FakeIndex, FakeStories, OpenTurns
from worker import pages
from worker.blob import Part, packed_parts, parts_of
from worker.reading import read
from worker.stages import Ports
from worker.verdicts import Advance, End, Item, Retry, Verdict

PAGE = "https://example.com/2026/02/03/kantor-penghubung-dibuka.html"
ENTRY = Entry(id=article_id(PAGE), feed_id="f1", url=PAGE, title="Kantor penghubung dibuka")
Answers = Mapping[str, bytes | str | Response | Exception]


def page(number: int, last: int, *, everything: bool = False) -> bytes:
    """A page of a split article, in the words that sites use."""
    links = "".join(f'<a href="{PAGE}?page={n}">{n}</a>' for n in range(1, last + 1) if n != number)
    if number < last:
        links += f'<a rel="next" href="{PAGE}?page={number + 1}">Selanjutnya</a>'
    if everything:
        links += f'<a href="{PAGE}?page=all">Tampilkan semua</a>'
    body = "".join(f"<p>{text}</p>" for text in texts(number))
    return html(f'{body}<div class="paging">{links}</div>')


def texts(number: int) -> list[str]:
    told = "Menteri luar negeri mengatakan kepada wartawan bahwa kantor itu akan membantu warga yang tinggal jauh"
    return [f"{told}, demikian bagian {number} alinea {n} dari laporan panjang tersebut." for n in range(3)]


def whole() -> bytes:
    body = "".join(f"<p>{text}</p>" for number in (1, 2, 3) for text in texts(number))
    return html(body)


def html(story: str) -> bytes:
    head = "<title>Kantor penghubung dibuka</title>"
    return f"<html><head>{head}</head><body><article>{story}</article></body></html>".encode()


def walked(answers: Answers, *, attempts: int = 1, **fields: str) -> tuple[Item, list[str], FakeFetcher]:
    """The item as it comes to `extract`, and the stages on its way. A failed step is tried again up to `attempts`."""
    fetcher = FakeFetcher(answers)
    ports = Ports(fetcher, OpenTurns(), FakeIndex(), FakeStories())
    item = Item(ENTRY.id, 1, {"record": ENTRY.model_dump_json(), **fields})
    way = ["fetch"]
    while way[-1] != "extract":
        ((_, verdict),) = next(iter((pages.fetch if way[-1] == "fetch" else pages.rest)([item], ports)))
        if isinstance(verdict, Retry) and item.attempt < attempts:
            item = Item(item.id, item.attempt + 1, item.fields, item.blob)
            continue
        assert isinstance(verdict, Advance), verdict
        blob = verdict.blob if verdict.blob is not None else item.blob
        item = Item(item.id, 1, {**item.fields, **verdict.fields}, blob)
        way.append(verdict.to or "extract")
    return item, way, fetcher


def bodies(item: Item) -> list[bytes]:
    return [part.body for part in parts_of(item)]


def test_a_whole_page_goes_straight_on() -> None:
    item, way, _ = walked({PAGE: whole()})
    assert way == ["fetch", "extract"]
    assert bodies(item) == [whole()]
    assert item.fields["pages"] == ""


def test_each_further_page_is_a_lease_of_its_own_and_the_text_is_joined_in_order() -> None:
    answers = {PAGE: page(1, 3), f"{PAGE}?page=2": page(2, 3), f"{PAGE}?page=3": page(3, 3)}
    item, way, fetcher = walked(answers)
    assert way == ["fetch", "rest", "rest", "extract"]
    assert fetcher.asked == list(answers)
    found = read(parts_of(item), ENTRY, pages_read(item))
    told = [text for number in (1, 2, 3) for text in texts(number)]
    assert found.article.body.split("\n") == told
    assert found.article.id == article_id(PAGE)
    assert abs(found.article.word_count - sum(len(text.split()) for text in told)) <= 3
    assert found.features is not None


def pages_read(item: Item) -> datetime:
    return datetime.fromisoformat(item.fields["fetched"])


def test_the_page_that_shows_all_takes_the_place_of_the_others() -> None:
    answers = {PAGE: page(1, 3, everything=True), f"{PAGE}?page=all": whole()}
    item, way, fetcher = walked(answers)
    assert way == ["fetch", "rest", "extract"]
    assert fetcher.asked == list(answers)
    found = read(parts_of(item), ENTRY, pages_read(item))
    assert found.article.body.split("\n") == [text for number in (1, 2, 3) for text in texts(number)]


def test_where_the_page_that_shows_all_cannot_be_had_the_single_ones_are_read() -> None:
    answers: Answers = {
        PAGE: page(1, 2, everything=True),
        f"{PAGE}?page=all": Forbidden("403"),
        f"{PAGE}?page=2": page(2, 2),
    }
    item, way, _ = walked(answers)
    assert way == ["fetch", "rest", "rest", "extract"]
    assert len(parts_of(item)) == 2


@pytest.mark.parametrize("error", [Gone("404"), Forbidden("robots", reason="robots"), HostUnreachable("no answer")])
def test_a_further_page_that_fails_for_good_leaves_the_article_with_what_there_is(error: Exception) -> None:
    item, _, _ = walked({PAGE: page(1, 3), f"{PAGE}?page=2": page(2, 3), f"{PAGE}?page=3": error}, attempts=3)
    assert bodies(item) == [page(1, 3), page(2, 3)]


def test_a_further_page_is_tried_again_before_it_is_given_up() -> None:
    verdict = rest_of({f"{PAGE}?page=2": HostUnreachable("no answer")}, attempt=1)
    assert isinstance(verdict, Retry)
    assert isinstance(rest_of({f"{PAGE}?page=2": HostUnreachable("no answer")}, attempt=3), Advance)


def rest_of(answers: Answers, attempt: int, **about: str) -> Verdict:
    blob, fields = packed_parts([Part(PAGE, "text/html", "first", page(1, 2))])
    known = {"record": ENTRY.model_dump_json(), **fields, "more": f"{PAGE}?page=2", "more_kind": "further", **about}
    ports = Ports(FakeFetcher(answers), OpenTurns(), FakeIndex(), FakeStories())
    ((_, verdict),) = next(iter(pages.rest([Item(ENTRY.id, attempt, known, blob)], ports)))
    return verdict


def test_a_visit_that_reads_less_of_the_article_than_before_brings_no_news_of_it() -> None:
    lost = {f"{PAGE}?page=2": Gone("404")}
    assert isinstance(rest_of(lost, attempt=1, visit="1"), Advance), "as much as was there before"
    assert rest_of(lost, attempt=1, visit="1", parts="2") == End("discarded", "gone")


def test_pages_that_lead_in_a_circle_or_never_end_are_left(monkeypatch: pytest.MonkeyPatch) -> None:
    circle, _, _ = walked({PAGE: page(1, 3), f"{PAGE}?page=2": PAGE})
    assert len(parts_of(circle)) == 1
    endless = {f"{PAGE}?page={n}": page(n, 99) for n in range(2, 99)}
    item, _, _ = walked({PAGE: page(1, 99), **endless})
    assert len(parts_of(item)) == 10
    monkeypatch.setattr(pages, "MOST_BYTES", 2 * len(page(1, 99)) + 100)
    item, _, _ = walked({PAGE: page(1, 99), **endless})
    assert len(parts_of(item)) == 2


def test_the_pages_of_an_earlier_visit_do_not_count() -> None:
    item, _, _ = walked({PAGE: whole()}, pages='[["x","text/html","first",1],["y","text/html","further",2]]', visit="1")
    assert bodies(item) == [whole()]


@given(st.lists(st.tuples(st.text(max_size=20), st.binary(max_size=200)), min_size=1, max_size=10))
def test_what_was_packed_comes_out_as_it_went_in(rows: list[tuple[str, bytes]]) -> None:
    parts = [Part(url, "text/html", "further" if n else "first", body) for n, (url, body) in enumerate(rows)]
    blob, fields = packed_parts(parts)
    assert parts_of(Item("x", 1, fields, blob)) == parts
