"""The stages that get and compare the raw pages of what readers keep, on stand-ins."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ingest.article import extract
from ingest.dates import now
from ingest.errors import Forbidden, Gone, HostBusy, HostUnreachable, IngestError, Refused
from ingest.fetch import Response
from ingest.records import Entry, Page
from search.briefs.records import KeptText, Match, PageState, RawPage
from search.ports import ServiceUnavailable
from tests.fakes import FakeFetcher, OpenTurns
from worker import keeping
from worker.gate import NotYet
from worker.keeping import LATER, KeepPorts, due, held_against
from worker.verdicts import Advance, Defer, Item, Leave, Verdict

URL = "https://news.example/2026/03/04/kantor-penghubung.html"
AT = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
TOLD = (
    "Menteri luar negeri mengatakan kepada wartawan bahwa kantor penghubung itu akan membantu warga yang tinggal jauh"
)


def page(*more: str, title: str = "Kantor penghubung dibuka", links: str = "") -> bytes:
    told = [f"{TOLD}, demikian alinea {n} dari laporan panjang tersebut." for n in range(4)]
    story = "".join(f"<p>{text}</p>" for text in (*told, *more))
    article = f"<article><h1>{title}</h1>{story}{links}</article>"
    return f"<html><head><title>{title}</title></head><body>{article}</body></html>".encode()


def text(body: bytes | None = None, **changes: Any) -> KeptText:
    """As it was kept when its page was `body`."""
    read = Page(url=URL, body=body or page(), content_type="text/html", fetched=AT)
    article = extract(read, Entry(id="e", feed_id="f", url=URL, title="Kantor penghubung dibuka"))
    fields: dict[str, Any] = {
        "text_id": "t" * 32,
        "article_id": article.id,
        "entry_id": "e",
        "revision": 1,
        "content_hash": article.content_hash,
        "url": URL,
        "title": article.title,
        "body": article.body,
        "source": "news.example",
        "first_seen": AT,
        "kept_at": AT,
        **changes,
    }
    return KeptText.model_validate(fields)


def raw(body: bytes) -> RawPage:
    digest = hashlib.sha256(body).hexdigest()
    return RawPage(
        text_id="t" * 32, body=body, sha256=digest, content_type="text/html", status=200, url=URL, fetched=AT
    )


class FakeShelf:
    """One text and its page; `away` makes it unavailable, `dies` ends the caller after the bytes are stored."""

    def __init__(self, kept: KeptText) -> None:
        self.kept: KeptText | None = kept
        self.pages: dict[str, RawPage] = {}
        self.away = self.dies = False

    def text(self, text_id: str) -> KeptText | None:
        if self.away:
            raise ServiceUnavailable("Elasticsearch", "connection refused")
        return self.kept

    def shelved(self, text_id: str) -> bool:
        return text_id in self.pages

    def shelve(self, page: RawPage) -> bool:
        self.pages.setdefault(page.text_id, page)
        if self.dies:
            raise SystemExit
        return self.mark_shelved(page.text_id)

    def mark_shelved(self, text_id: str) -> bool:
        if self.kept is None:
            self.withdraw(text_id)
            return False
        self._tell(state="kept", sha256=self.pages[text_id].sha256)
        return True

    def withdraw(self, text_id: str) -> bool:
        return self.pages.pop(text_id, None) is not None

    def mark_failed(self, text_id: str, error: str, *, due: datetime | None) -> None:
        assert self.kept
        self._tell(state="wanted" if due else "lost", error=error, due=due, tries=self.kept.page.tries + 1)

    def mark_match(self, text_id: str, match: Match, why: str = "") -> None:
        self._tell(match=match, why=why)

    def page(self, text_id: str) -> RawPage | None:
        return self.pages.get(text_id)

    def _tell(self, **changes: object) -> None:
        assert self.kept
        self.kept = self.kept.model_copy(update={"page": self.kept.page.model_copy(update=changes)})

    @property
    def state(self) -> PageState:
        assert self.kept
        return self.kept.page


Answers = Mapping[str, bytes | str | Response | Exception]


def kept(shelf: FakeShelf, answers: Answers, watched: list[str] | None = None) -> tuple[Verdict, FakeFetcher]:
    fetcher = FakeFetcher(answers)
    watch = (watched if watched is not None else []).append
    ports = KeepPorts(fetcher, OpenTurns(), shelf, lambda one: watch(one.entry_id))
    ((_, verdict),) = [pair for group in keeping.keep([Item("t" * 32, 1, {})], ports) for pair in group]
    return verdict, fetcher


def compared(shelf: FakeShelf, attempt: int = 1) -> Verdict:
    ports = KeepPorts(FakeFetcher({}), OpenTurns(), shelf, lambda _: None)
    ((_, verdict),) = [pair for group in keeping.compare([Item("t" * 32, attempt, {})], ports) for pair in group]
    return verdict


def test_a_page_is_stored_as_it_came_and_its_article_is_watched() -> None:
    shelf, watched = FakeShelf(text()), list[str]()
    verdict, _ = kept(shelf, {URL: page()}, watched)
    assert verdict == Advance()
    assert shelf.pages["t" * 32].body == page()
    assert shelf.pages["t" * 32].sha256 == hashlib.sha256(page()).hexdigest()
    assert watched == ["e"]
    assert compared(shelf) == Leave()
    assert shelf.state.match == "same"


def test_it_is_asked_for_where_the_article_was_read() -> None:
    shelf = FakeShelf(text(page_url="https://news.example/amp"))
    _, fetcher = kept(shelf, {"https://news.example/amp": page()})
    assert fetcher.asked == ["https://news.example/amp"]


def test_whoever_died_after_storing_leaves_nothing_to_be_fetched_twice() -> None:
    shelf = FakeShelf(text())
    shelf.dies = True
    with pytest.raises(SystemExit):
        kept(shelf, {URL: page()})
    assert shelf.state.sha256 is None
    shelf.dies = False
    verdict, fetcher = kept(shelf, {URL: b"another page by now"})
    assert (verdict, fetcher.asked, shelf.pages["t" * 32].body) == (Advance(), [], page())
    assert shelf.state.state == "kept"


@pytest.mark.parametrize(
    ("error", "hours"),
    [
        (HostUnreachable(f"{URL} did not answer"), LATER[0]),
        (HostBusy(f"{URL} answered 429", retry_after=7200), 2),
        (Gone(f"{URL} answered 404"), LATER[0]),
        (Forbidden(f"{URL}: robots.txt keeps this page from us", reason="robots"), LATER[0]),
        (RuntimeError("nobody foresaw this"), LATER[0]),
    ],
)
def test_a_failure_is_told_and_tried_again_later(error: Exception, hours: float) -> None:
    shelf = FakeShelf(text())
    verdict, _ = kept(shelf, {URL: error})
    assert verdict == Leave()
    assert shelf.state.state == "wanted"
    assert str(error) in (shelf.state.error or "")
    assert shelf.state.due is not None
    assert abs(shelf.state.due - now() - timedelta(hours=hours)) < timedelta(seconds=10)


@pytest.mark.parametrize("error", [Gone(f"{URL} answered 410"), Refused(f"{URL} is private", reason="private-address")])
def test_what_will_not_come_back_is_given_up_at_once(error: IngestError) -> None:
    shelf = FakeShelf(text())
    kept(shelf, {URL: error})
    assert (shelf.state.state, shelf.state.error) == ("lost", str(error))
    verdict, fetcher = kept(shelf, {URL: page()})
    assert (verdict, fetcher.asked) == (Leave(), [])


def test_each_failure_waits_no_shorter_than_the_one_before_and_after_a_week_it_is_given_up() -> None:
    waits = [due(HostUnreachable("x"), tries, AT) for tries in range(len(LATER))]
    assert all(one is not None for one in waits)
    assert waits == sorted(waits)  # type: ignore[type-var]  # none is None
    assert timedelta(days=6) < timedelta(hours=sum(LATER)) < timedelta(days=9)
    assert due(HostUnreachable("x"), len(LATER), AT) is None


def test_a_page_that_leads_to_the_front_page_is_not_the_page() -> None:
    shelf = FakeShelf(text())
    kept(shelf, {URL: "https://news.example/", "https://news.example/": page()})
    assert "front page" in (shelf.state.error or "")
    assert not shelf.pages


def test_waiting_is_not_failing() -> None:
    shelf = FakeShelf(text())
    verdict, _ = kept(shelf, {URL: NotYet("news.example", 3.0)})
    assert isinstance(verdict, Defer)
    shelf.away = True
    verdict, _ = kept(shelf, {URL: page()})
    assert isinstance(verdict, Defer)
    assert shelf.state == PageState()


def test_a_text_that_nobody_keeps_any_more_is_left() -> None:
    shelf = FakeShelf(text())
    shelf.kept = None
    verdict, fetcher = kept(shelf, {URL: page()})
    assert (verdict, fetcher.asked) == (Leave(), [])


def test_of_a_text_that_is_forgotten_no_page_is_left_when_whoever_stored_it_did_not_live_to_look() -> None:
    shelf = FakeShelf(text())
    shelf.dies = True
    with pytest.raises(SystemExit):
        kept(shelf, {URL: page()})
    shelf.kept, shelf.dies = None, False
    verdict, fetcher = kept(shelf, {URL: page()})
    assert (verdict, fetcher.asked, shelf.pages) == (Leave(), [], {})


def test_a_text_that_is_forgotten_while_its_page_is_stored_is_not_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    shelf = FakeShelf(text())

    def forgotten(_: RawPage) -> bool:
        return False

    monkeypatch.setattr(shelf, "shelve", forgotten)
    verdict, _ = kept(shelf, {URL: page()})
    assert verdict == Leave()


def test_another_text_is_noted_with_what_changed() -> None:
    longer = page("Menteri itu mengundurkan diri pada malam yang sama, kata juru bicaranya kepada wartawan di Jakarta.")
    assert held_against(text(), raw(longer)) == ("other", "body")
    assert held_against(text(), raw(page(title="Kantor penghubung batal dibuka"))) == ("other", "title")
    assert held_against(text(), raw(b"<html><body></body></html>")) == ("other", "no-text")


def test_white_space_and_an_advert_make_no_other_text() -> None:
    assert held_against(text(), raw(page("Iklan"))) == ("same", "")


def test_the_first_page_of_several_is_said_to_be_a_part() -> None:
    whole = page(*(f"{TOLD}, demikian bagian kedua alinea {n} dari laporan panjang ini." for n in range(4)))
    link = f'<div class="paging"><a rel="next" href="{URL}?page=2">Selanjutnya</a></div>'
    assert held_against(text(whole), raw(page(links=link))) == ("part", "")


def test_a_page_that_ends_its_reader_three_times_is_left_unread() -> None:
    shelf = FakeShelf(text())
    kept(shelf, {URL: page()})
    assert compared(shelf, attempt=4) == Leave()
    assert shelf.state.match == "unread"
