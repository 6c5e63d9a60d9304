"""An entry whose page is not read goes through the same stages with what its feed says, and becomes whole later."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from ingest.errors import Forbidden, Gone, HostUnreachable, NoText
from ingest.fetch import Response
from ingest.partial import from_feed, without_stub
from ingest.records import Article, Entry, Feed, TaggedArticle
from ingest.urls import article_id
from tests.fakes import FakeFetcher, FakeIndex, FakeStories, OpenTurns
from worker import pages, stages
from worker.blob import unpacked
from worker.verdicts import Advance, End, Item, Retry, Verdict

PAGE = "https://example.com/2026/02/kantor-penghubung.html"
SUMMARY = "Kantor penghubung yang baru itu dibuka di Tokyo pada hari Senin, kata menteri luar negeri."
ENTRY = Entry(id=article_id(PAGE), feed_id="f1", url=PAGE, title="Kantor penghubung dibuka", summary=SUMMARY)
FEED = Feed(id="f1", url="https://example.com/rss", name="Contoh", language="id", country="ID")
STORY = [f"Menteri itu berkata kepada wartawan bahwa kantor nomor {n} akan membantu warga di sana." for n in range(8)]
Answer = bytes | str | Response | Exception


def html(*paragraphs: str, head: str = "") -> bytes:
    told = "".join(f"<p>{text}</p>" for text in paragraphs)
    title = "<title>Kantor penghubung dibuka</title>"
    return f"<html><head>{title}{head}</head><body><article>{told}</article></body></html>".encode()


class Newspaper:
    """One entry's life: looked at as often as `look` is called, its page answering as told."""

    def __init__(self, *, entry: Entry = ENTRY, feed: Feed = FEED) -> None:
        self.index, self.fetcher = FakeIndex(), FakeFetcher({})
        self.fields: dict[str, str] = {"record": entry.model_dump_json(), "source": feed.model_dump_json()}
        self.fields["seen"] = "1767225600000"
        self.looks = 0

    @property
    def stored(self) -> Mapping[str, object]:
        (source,) = self.index.sources.values()
        return source

    def look(self, answer: Answer | None, *, attempt: int = 1) -> Verdict:
        """The verdict that ends the look; the ledger's fields are kept as `worker/lua` keeps them."""
        self.looks += 1
        if answer is not None:
            self.fetcher.answers = {PAGE: answer}
        ports = stages.Ports(self.fetcher, OpenTurns(), self.index, FakeStories())
        self.fields["taken"] = str(1767225600000 + 3_600_000 * self.looks)
        if self.looks > 1:
            self.fields["visit"] = str(self.looks - 1)
        item = Item(ENTRY.id, attempt, dict(self.fields))
        for work, name in ((pages.fetch, "fetch"), (stages.article, "extract"), (stages.index, "index")):
            ((_, verdict),) = next(iter(work([item], ports)))
            if not isinstance(verdict, Advance) or verdict.to == "index":
                return verdict
            blob = verdict.blob if verdict.blob is not None else item.blob
            item = Item(item.id, 1, {**item.fields, **verdict.fields}, blob)
            assert verdict.to in {None, "extract"} or name == "fetch"
        self.fields = {**item.fields, "found": ""}
        return verdict


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Forbidden("x", reason="robots"), "robots"),
        (Forbidden("x answered 403"), "forbidden"),
        (b"<html><title>Just a moment...</title><script>window._cf_chl_opt={}</script></html>", "challenge"),
        (Gone("x answered 404"), "gone"),
        (Response(url="https://example.com/", status=200, body=html(*STORY)), "front-page"),
        (Response(url=PAGE, status=200, body=b"%PDF", content_type="application/pdf"), "not-html"),
        (b"<html><body></body></html>", "no-text"),
        (html(*STORY, head='<meta name="tdm-reservation" content="1">'), "reserved"),
        (html("Subscribe now to continue reading this article."), "paywall-stub"),
    ],
)
def test_what_stands_in_the_pages_way_is_named_and_the_feed_told(answer: Answer, reason: str) -> None:
    paper = Newspaper()
    assert isinstance(paper.look(answer), Advance)
    assert paper.stored["partial"] == reason
    assert "partial" in paper.stored["is"]  # type: ignore[operator]  # a list
    assert (paper.stored["title"], paper.stored["body"]) == (ENTRY.title, SUMMARY)
    assert paper.stored["source_name"] == "Contoh"
    assert paper.stored["language"] == "id"
    assert "Menteri itu berkata" not in str(paper.stored), "a word of the page"


def test_a_page_that_can_be_read_later_makes_the_article_whole() -> None:
    paper = Newspaper()
    first = paper.look(Forbidden("x answered 403"))
    assert isinstance(first, Advance)
    assert first.fields["unread"] == "forbidden"
    assert first.fields["plan"] == paper.fields["seen"], "a later look is planned"
    paper.fields |= first.fields
    again = paper.look(Forbidden("x answered 403"))
    assert isinstance(again, Advance)
    assert again.fields["found"] == "unchanged"
    paper.fields |= again.fields
    whole = paper.look(html(*STORY))
    assert isinstance(whole, Advance)
    assert (whole.fields["found"], whole.fields["unread"]) == ("changed", "")
    assert "partial" not in paper.stored
    assert "partial" not in paper.stored.get("is", [])  # type: ignore[operator]  # a list
    assert str(paper.stored["body"]).startswith("Menteri itu berkata")
    assert (paper.stored["revision"], paper.stored["changed"]) == (2, ["whole"])
    (before,) = paper.index.revisions.values()
    assert (before["body"], before["is"]) == (SUMMARY, ["partial"])
    paper.fields |= whole.fields
    refused = paper.look(Forbidden("x answered 403"))
    assert isinstance(refused, End), "what was read whole stays whole"
    assert "partial" not in paper.stored
    gone = paper.look(Gone("x answered 410"))
    assert isinstance(gone, Advance)
    assert gone.to == "index"
    assert gone.fields["vanished"] == "410"


def test_a_partial_article_follows_what_its_feed_says() -> None:
    paper = Newspaper()
    first = paper.look(Gone("x answered 404"))
    assert isinstance(first, Advance)
    later = ENTRY.model_copy(update={"summary": SUMMARY + " Duta besar hadir di sana."})
    paper.fields |= {**first.fields, "record": later.model_dump_json()}
    second = paper.look(None)
    assert isinstance(second, Advance)
    assert paper.stored["body"] == later.summary
    assert (paper.stored["partial"], paper.stored["changed"]) == ("gone", ["body"])


def test_a_feed_whose_pages_are_not_to_be_asked_for_is_never_asked_for_one() -> None:
    paper = Newspaper(feed=FEED.model_copy(update={"fetch": "feed-only"}))
    verdict = paper.look(html(*STORY))
    assert isinstance(verdict, Advance)
    assert paper.fetcher.asked == []
    assert paper.stored["partial"] == "feed-only"
    assert "plan" not in verdict.fields


def test_a_host_that_does_not_answer_is_asked_some_times_first() -> None:
    error = HostUnreachable("x did not answer", reason="timeout")
    assert [type(Newspaper().look(error, attempt=n)) for n in (1, 2, 3)] == [Retry, Retry, Advance]


def test_a_page_that_must_not_be_archived_is_searchable_and_marked() -> None:
    paper = Newspaper()
    paper.look(Response(url=PAGE, status=200, body=html(*STORY), content_type="text/html", robots_tag="noarchive"))
    assert (paper.stored["reserved"], paper.stored["is"]) == ("noarchive", ["reserved"])
    assert "Menteri itu berkata" in str(paper.stored["body"])
    paper.look(html(*STORY))
    assert paper.stored["reserved"] is None
    assert paper.stored["is"] == []


def test_a_reservation_made_later_holds_for_what_was_read_before() -> None:
    paper = Newspaper()
    paper.look(html(*STORY))
    paper.look(html(*STORY, head='<meta name="tdm-reservation" content="1">'))
    assert (paper.stored["reserved"], paper.stored["is"]) == ("tdm", ["reserved"])
    assert paper.stored["revision"] == 1


def test_the_feeds_full_text_comes_before_its_summary_and_markup_is_taken_out() -> None:
    content = "<p>Satu &amp; dua.</p><script>x()</script>" + "<p>Tiga kata lagi.</p>" * 9
    entry = ENTRY.model_copy(update={"content": content})
    article = from_feed(entry, FEED, "robots")
    assert article.body.startswith("Satu & dua.\nTiga kata lagi.")
    assert "x()" not in article.body
    assert article.origins["body"] == "feed content"


def test_a_title_alone_is_an_article_and_nothing_at_all_is_none() -> None:
    bare = Entry(id=ENTRY.id, feed_id="f1", url=PAGE, title="Kantor penghubung dibuka")
    assert from_feed(bare, FEED, "gone").body == bare.title
    for nothing in (bare.model_copy(update={"title": None}), bare.model_copy(update={"title": " — "})):
        with pytest.raises(NoText):
            from_feed(nothing, FEED, "gone")
        paper = Newspaper(entry=nothing)
        assert paper.look(Gone("x answered 404")) == End("discarded", "gone")


def test_an_entry_without_a_link_stands_under_its_own_id_at_its_feeds_site() -> None:
    entry = Entry(id="ab" * 16, feed_id="f1", url="", guid="g", title="Judul", summary=SUMMARY)
    article = from_feed(entry, FEED, "no-link")
    assert (article.id, article.url) == (entry.id, FEED.url)


def test_a_stub_keeps_what_its_page_says_of_the_article() -> None:
    stub = Article(
        id="a" * 32, url=PAGE, title="Judul", body="Paragraf pertama saja.", paywalled=True, content_hash="x"
    )
    found = without_stub(stub, ENTRY)
    assert (found.partial, found.body, found.title) == ("paywall-stub", SUMMARY, "Judul")
    long = stub.model_copy(update={"body": " ".join(STORY)})
    assert without_stub(long, ENTRY) is long, "as much as others give away is an article"
    free = stub.model_copy(update={"paywalled": False})
    assert without_stub(free, ENTRY) is free


def test_what_is_handed_on_without_a_page_is_a_tagged_article() -> None:
    ports = stages.Ports(FakeFetcher({}), OpenTurns(), FakeIndex(), FakeStories())
    item = Item(ENTRY.id, 1, {"record": ENTRY.model_dump_json(), "partial": "robots", "fetched": "x"}, b"")
    ((_, verdict),) = next(iter(stages.article([item], ports)))
    assert isinstance(verdict, Advance)
    tagged = TaggedArticle.model_validate_json(unpacked(Item("x", 1, {}, verdict.blob)))
    assert "JP" in tagged.countries
    assert tagged.features is not None
