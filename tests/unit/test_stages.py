"""Each stage on fakes: items in, verdicts out."""

from __future__ import annotations

from collections.abc import Sequence

import orjson
import pytest
import zstandard

from ingest.errors import Forbidden, Gone, HostBusy, HostUnreachable
from ingest.fetch import Response
from ingest.records import Entry, Feed, TaggedArticle
from ingest.urls import article_id, canonical_url
from search.ports import Document, ServiceUnavailable, Vanished, WriteOutcome, WriteResult
from tests.fakes import FakeFetcher, FakeIndex, FakeStories, OpenTurns
from tests.newsroom.articles import NewsArticle
from tests.newsroom.generated import generated_articles
from worker import blob, pages, poll, stages
from worker.verdicts import Advance, Again, Defer, End, Item, Retry, Verdict

PAGE = "https://example.com/berita/1"
NO_LINK = Entry(id="0" * 32, feed_id="f1", url="", guid="g", title="Judul").model_dump_json()
FEED = Feed(id="f1", url="https://example.com/rss", name="Contoh", language="id", country="ID")


def html(article: NewsArticle) -> bytes:
    paragraphs = "".join(f"<p>{paragraph}</p>" for paragraph in article.body)
    return (
        f"<html><head><title>{article.title}</title></head><body><article>{paragraphs}</article></body></html>".encode()
    )


def entry_item(url: str = PAGE, *, attempt: int = 1, blob: bytes | None = None, **fields: str) -> Item:
    entry = Entry(id=article_id(canonical_url(url)), feed_id="f1", url=url, title="Judul")
    record = {"record": entry.model_dump_json(exclude_defaults=True), "seen": "1767225600123"}
    return Item(entry.id, attempt, {**record, "source": FEED.model_dump_json(), **fields}, blob)


def ports(
    fetcher: FakeFetcher | None = None, index: FakeIndex | None = None, stories: FakeStories | None = None
) -> stages.Ports:
    return stages.Ports(fetcher or FakeFetcher({}), OpenTurns(), index or FakeIndex(), stories or FakeStories())


def only(groups: object) -> Verdict:
    ((item, verdict),) = [pair for group in groups for pair in group]  # type: ignore[attr-defined]  # an iterator
    assert isinstance(item, Item)
    return verdict  # type: ignore[no-any-return]  # one of the verdicts


def fetched(body: bytes, url: str = PAGE) -> Item:
    blob, fetched = zstandard.ZstdCompressor().compress(body), "2026-01-01T00:00:00+00:00"
    return entry_item(url, blob=blob, page_url=url, page_type="text/html; charset=utf-8", fetched=fetched)


def test_fetch_hands_on_the_compressed_page_and_where_it_ended() -> None:
    answer = Response(url=PAGE + "?final", status=200, body=b"<html>x</html>", content_type="text/html")
    verdict = only(pages.fetch([entry_item()], ports(FakeFetcher({PAGE: answer}))))
    assert isinstance(verdict, Advance)
    assert zstandard.ZstdDecompressor().decompress(verdict.blob or b"") == b"<html>x</html>"
    assert verdict.fields["page_url"] == PAGE + "?final"


def test_fetch_treats_each_page_by_itself() -> None:
    urls = [f"https://example.com/{n}" for n in range(4)]
    answers: dict[str, bytes | Response | Exception] = {
        urls[0]: b"<html>fine</html>",
        urls[2]: HostUnreachable("https://example.com/2: timeout"),
        urls[3]: HostBusy("https://example.com/3: 429", retry_after=30),
    }
    groups = pages.fetch([entry_item(url) for url in urls], ports(FakeFetcher(answers)))
    verdicts = {item.fields["record"]: verdict for group in groups for item, verdict in group}
    assert [type(verdicts[entry_item(url).fields["record"]]) for url in urls] == [Advance, Advance, Retry, Retry]


def test_fetch_discards_what_is_no_page_where_the_feed_says_nothing_either() -> None:
    answer = Response(url=PAGE, status=200, body=b"%PDF", content_type="application/pdf")
    item = entry_item(record=Entry(id="0" * 32, feed_id="f1", url=PAGE).model_dump_json())
    assert only(pages.fetch([item], ports(FakeFetcher({PAGE: answer})))) == End("discarded", "not-html")


def test_fetch_names_an_entry_without_link() -> None:
    verdict = only(pages.fetch([Item("x", 1, {**entry_item().fields, "record": NO_LINK})], ports()))
    assert isinstance(verdict, Advance)
    assert (verdict.to, verdict.fields["partial"]) == ("extract", "no-link")


def test_fetch_obeys_the_robots_file_of_the_site_that_it_was_sent_to() -> None:
    class OthersForbidden(OpenTurns):
        def check_robots(self, url: str) -> float:
            if "example.org" in url:
                raise Forbidden(url, reason="robots")
            return 0.0

    fetcher = FakeFetcher({PAGE: "https://example.org/x", "https://example.org/x": b"<html>"})
    there = stages.Ports(fetcher, OthersForbidden(), FakeIndex(), FakeStories())
    verdict = only(pages.fetch([entry_item()], there))
    assert isinstance(verdict, Advance)
    assert verdict.fields["partial"] == "robots"
    assert fetcher.asked == [PAGE], "the forbidden page was asked for"


def test_article_hands_on_a_tagged_article() -> None:
    article = generated_articles(1, seed=5)[0]
    verdict = only(stages.article([fetched(html(article))], ports()))
    assert isinstance(verdict, Advance)
    tagged = TaggedArticle.model_validate_json(zstandard.ZstdDecompressor().decompress(verdict.blob or b""))
    assert tagged.article.language == "id"
    assert article.body[0] in tagged.article.body


def test_article_discards_a_page_without_text_where_the_feed_says_nothing_either() -> None:
    item, bare = fetched(b"<html><body></body></html>"), Entry(id="0" * 32, feed_id="f1", url=PAGE)
    item = Item(item.id, 1, {**item.fields, "record": bare.model_dump_json()}, item.blob)
    assert only(stages.article([item], ports())) == End("discarded", "no-text")


def ready_to_index(url: str = PAGE, **about: str) -> Item:
    article = generated_articles(1, seed=5)[0]
    verdict = only(stages.article([fetched(html(article), url)], ports()))
    assert isinstance(verdict, Advance)
    item = entry_item(url, blob=verdict.blob)
    return Item(item.id, 1, {**item.fields, **about}, item.blob)


def test_index_writes_each_article_with_its_source_and_when_it_was_first_seen() -> None:
    index, item = FakeIndex(), ready_to_index()
    assert only(stages.index([item], ports(index=index))) == Advance(fields={"article": item.id})
    (document,) = index.stored.values()
    assert document.feed == FEED
    assert document.entry_id == item.id
    assert document.first_seen.isoformat() == "2026-01-01T00:00:00+00:00"


def test_index_hands_on_what_was_already_written_and_another_entry_is_a_duplicate() -> None:
    index, item = FakeIndex(), ready_to_index()
    only(stages.index([item], ports(index=index)))
    assert only(stages.index([item], ports(index=index))) == Advance(fields={"article": item.id})
    other = Item("another", 1, item.fields, item.blob)
    verdict = only(stages.index([other], ports(index=index)))
    assert isinstance(verdict, End)
    assert verdict.outcome == "duplicate"


def test_index_waits_for_elasticsearch_and_counts_no_attempt() -> None:
    index, item = FakeIndex(), ready_to_index()
    index.away = True
    assert isinstance(only(stages.index([item], ports(index=index))), Defer)


def test_one_broken_blob_does_not_keep_its_neighbours_from_the_index() -> None:
    broken, whole = entry_item("https://example.com/2", blob=b"no zstd"), ready_to_index()
    groups = list(stages.index([broken, whole], ports()))
    verdicts = {item.id: verdict for group in groups for item, verdict in group}
    assert isinstance(verdicts[broken.id], Retry)
    assert isinstance(verdicts[whole.id], Advance)


def test_a_document_that_breaks_the_bulk_is_found_and_its_neighbours_are_written() -> None:
    class Breaks(FakeIndex):
        def write(self, documents: Sequence[Document]) -> list[WriteResult]:
            if any("/2" in one.tagged.article.url for one in documents):
                raise TypeError("cannot be written")
            return super().write(documents)

    items = [ready_to_index(f"https://example.com/{n}") for n in range(4)]
    verdicts = {item.id: verdict for group in stages.index(items, ports(index=Breaks())) for item, verdict in group}
    assert [type(verdicts[item.id]) for item in items] == [Advance, Advance, Retry, Advance]


def test_story_places_the_whole_batch_and_then_rules_are_asked() -> None:
    there, items = FakeStories(), [ready_to_index(f"https://example.com/{n}") for n in range(3)]
    (group,) = stages.story(items, ports(stories=there))
    assert [verdict for _, verdict in group] == [Advance()] * 3
    assert [document.entry_id for document in there.placed] == [item.id for item in items]


def test_story_waits_for_elasticsearch_and_finds_the_one_at_fault() -> None:
    class Breaks(FakeStories):
        def place(self, documents: Sequence[Document]) -> None:
            if any("/1" in one.tagged.article.url for one in documents):
                raise TypeError("cannot be placed")
            super().place(documents)

    items = [ready_to_index(f"https://example.com/{n}") for n in range(3)]
    away = Breaks()
    away.away = True
    assert isinstance(only(stages.story(items[:1], ports(stories=away))), Defer)
    verdicts = {item.id: verdict for group in stages.story(items, ports(stories=Breaks())) for item, verdict in group}
    assert [type(verdicts[item.id]) for item in items] == [Advance, Retry, Advance]


def test_what_is_placed_goes_on_however_slow_the_rest_is() -> None:
    """Or a batch that never ends in time would be placed from its beginning for ever."""

    class Slow(FakeStories):
        def place(self, documents: Sequence[Document]) -> None:
            if len(self.placed) + len(documents) > 100:
                raise ServiceUnavailable("Elasticsearch", "it is too slow")
            super().place(documents)

    one = ready_to_index()
    items = [Item(f"{n:032x}", 1, one.fields, one.blob) for n in range(130)]
    verdicts = [type(verdict) for group in stages.story(items, ports(stories=Slow())) for _, verdict in group]
    assert verdicts == [Advance] * 100 + [Defer] * 30


RSS = """<?xml version="1.0"?><rss version="2.0"><channel><title>Contoh</title>{items}</channel></rss>"""
ITEM = "<item><title>Berita {n}</title><link>https://example.com/berita/{n}</link></item>"


def feed_item(**fields: str) -> Item:
    return Item("f1", 1, {"record": FEED.model_dump_json(), **fields})


class Claims:
    """What a poll claims and touches; all is new the first time."""

    def __init__(self) -> None:
        self.known: set[str] = set()
        self.touched: list[str] = []

    def ports(self, fetcher: FakeFetcher) -> poll.PollPorts:
        return poll.PollPorts(fetcher, OpenTurns(), self.claim, self.touched.extend, interval=600)

    def claim(self, entries: object, feed: Feed) -> list[bool]:
        assert feed == FEED
        ids = [entry.id for entry in entries]  # type: ignore[attr-defined]  # a sequence of entries
        new = [id not in self.known for id in ids]
        self.known.update(ids)
        return new


def rss(count: int) -> bytes:
    return RSS.format(items="".join(ITEM.format(n=n) for n in range(count))).encode()


def answer(body: bytes, status: int = 200, etag: str | None = None) -> Response:
    return Response(url=FEED.url, status=status, body=body, content_type="application/rss+xml", etag=etag)


def test_a_poll_claims_its_entries_before_it_remembers_the_body() -> None:
    claims = Claims()
    verdict = only(poll.poll([feed_item()], claims.ports(FakeFetcher({FEED.url: answer(rss(3), etag='"a"')}))))
    assert isinstance(verdict, Again)
    assert len(claims.known) == 3
    assert verdict.fields["entries"] == "3"
    assert verdict.fields["etag"] == '"a"'
    assert set(orjson.loads(verdict.fields["listed"])) == claims.known
    assert 540 <= verdict.after <= 660


BUILT = rss(3).replace(b"<channel>", b"<channel><lastBuildDate>Mon, 02 Feb 2026 10:00:00 GMT</lastBuildDate>")


@pytest.mark.parametrize(
    "unchanged", [answer(b"", 304), answer(rss(3)), answer(BUILT)], ids=["304", "same body", "only built again"]
)
def test_an_unchanged_feed_is_not_parsed_but_its_entries_live_on(unchanged: Response) -> None:
    claims = Claims()
    first = only(poll.poll([feed_item()], claims.ports(FakeFetcher({FEED.url: answer(rss(3), etag='"a"')}))))
    assert isinstance(first, Again)
    fetcher = FakeFetcher({FEED.url: unchanged})
    known, claims.known = claims.known, set()
    second = only(poll.poll([feed_item(**first.fields)], claims.ports(fetcher)))
    assert isinstance(second, Again)
    assert fetcher.validators == [('"a"', None)]
    assert claims.known == set(), "it was parsed"
    assert set(claims.touched) == known
    if unchanged.not_modified:
        assert second.fields["etag"] == '"a"'


def test_a_failing_feed_slows_down_and_says_why_and_recovers() -> None:
    claims, fields, waits = Claims(), dict[str, str](), list[float]()
    for _ in range(12):
        fetcher = FakeFetcher({FEED.url: HostUnreachable("https://example.com/rss: timeout")})
        verdict = only(poll.poll([feed_item(**fields)], claims.ports(fetcher)))
        assert isinstance(verdict, Again)
        fields, waits = {**fields, **verdict.fields}, [*waits, verdict.after]
    assert fields["error"] == "https://example.com/rss: timeout"
    assert fields["failures"] == "12"
    assert max(waits) <= 86_400 * 1.1
    assert waits[3] > 4 * waits[0]
    verdict = only(poll.poll([feed_item(**fields)], claims.ports(FakeFetcher({FEED.url: answer(rss(1))}))))
    assert isinstance(verdict, Again)
    assert (verdict.fields["failures"], verdict.fields["error"]) == ("0", "")
    assert verdict.after <= 660


def test_a_feed_that_asks_for_patience_gets_it_within_reason() -> None:
    slow = rss(1).replace(b"<title>Contoh</title>", b"<title>Contoh</title><ttl>20</ttl>", 1)
    daily = rss(1).replace(b"<title>Contoh</title>", b"<title>Contoh</title><ttl>1440</ttl>", 1)
    waits = []
    for body in (slow, daily):
        verdict = only(poll.poll([feed_item()], Claims().ports(FakeFetcher({FEED.url: answer(body)}))))
        assert isinstance(verdict, Again)
        waits.append(verdict.after)
        again = only(
            poll.poll([feed_item(**verdict.fields)], Claims().ports(FakeFetcher({FEED.url: answer(b"", 304)})))
        )
        assert isinstance(again, Again)
        waits.append(again.after)
    assert all(1080 <= wait <= 1320 for wait in waits[:2]), "20 minutes"
    assert all(3240 <= wait <= 3960 for wait in waits[2:]), "an hour at most"


def test_a_blob_that_would_unpack_to_too_much_is_not_unpacked() -> None:
    bomb = zstandard.ZstdCompressor().compress(b"\0" * (blob.LARGEST + 1))
    verdict = only(stages.article([entry_item(blob=bomb, page_url=PAGE, fetched="2026-01-01T00:00:00+00:00")], ports()))
    assert isinstance(verdict, End)
    assert verdict.outcome == "quarantined"


def test_a_body_that_is_no_feed_is_a_failure_with_its_address() -> None:
    verdict = only(poll.poll([feed_item()], Claims().ports(FakeFetcher({FEED.url: b"<html>hello</html>"}))))
    assert isinstance(verdict, Again)
    assert "https://example.com/rss" in verdict.fields["error"]
    assert verdict.fields["error_kind"] == "not-a-feed"


VISIT = {"visit": "1", "article": "a" * 32, "fetched": "2026-01-02T00:00:00+00:00", "idle": "2", "asked": "1"}


def a_visit(url: str = PAGE, *, attempt: int = 1, **fields: str) -> Item:
    item = entry_item(url, attempt=attempt)
    return Item(item.id, attempt, {**item.fields, **VISIT, **fields})


@pytest.mark.parametrize(("status", "attempt"), [(410, 1), (404, 2)])
def test_a_visit_finds_that_the_page_is_gone_and_says_so_to_the_index(status: int, attempt: int) -> None:
    gone = FakeFetcher({PAGE: Gone(f"{PAGE} answered {status}")})
    before = {"error": f"{PAGE} answered {status}"} if attempt > 1 else {}
    verdict = only(pages.fetch([a_visit(attempt=attempt, **before)], ports(gone)))
    assert isinstance(verdict, Advance)
    assert (verdict.to, verdict.fields["vanished"]) == ("index", str(status))


def test_a_404_is_asked_once_more_before_it_is_believed() -> None:
    for visit in (a_visit(), a_visit(attempt=2, error=f"{PAGE}: timed out")):
        verdict = only(pages.fetch([visit], ports(FakeFetcher({PAGE: Gone(f"{PAGE} answered 404")}))))
        assert verdict == Retry(pages.GONE_AFTER, f"{PAGE} answered 404")


def test_a_visit_that_is_sent_to_the_front_page_finds_no_article_there() -> None:
    there = FakeFetcher({PAGE: "https://example.com/", "https://example.com/": b"<html>front page</html>"})
    first = only(pages.fetch([a_visit()], ports(there)))
    assert isinstance(first, Retry)
    verdict = only(pages.fetch([a_visit(attempt=2, error=first.error)], ports(there)))
    assert isinstance(verdict, Advance)
    assert verdict.fields["vanished"] == "front-page"
    first_time = only(pages.fetch([entry_item(attempt=2)], ports(there)))
    assert isinstance(first_time, Advance)
    assert "vanished" not in first_time.fields


def test_a_visit_asks_the_page_that_was_read_not_the_link_that_led_there() -> None:
    """Whoever lists a link that leads to another site's article may let it lead elsewhere later."""
    link, forged = "https://lister.example/out", "https://lister.example/forged"
    there = FakeFetcher({link: forged, forged: b"<html>forged</html>", PAGE: b"<html>the article</html>"})
    verdict = only(pages.fetch([a_visit(link, stands=PAGE, page_url=forged)], ports(there)))
    assert isinstance(verdict, Advance)
    assert verdict.fields["page_url"] == PAGE
    assert there.asked == [PAGE]


def test_a_page_is_read_when_the_ledger_says_whatever_the_machines_clock() -> None:
    for url, there in (
        (PAGE, FakeFetcher({PAGE: b"<html>the article</html>"})),
        ("https://example.com/x", FakeFetcher({})),
    ):
        verdict = only(pages.fetch([a_visit(url, attempt=2, taken="1769904000999", error=f"{url}: 404")], ports(there)))
        assert isinstance(verdict, Advance)
        assert verdict.fields["fetched"] == "2026-02-01T00:00:00+00:00"


def test_where_an_article_was_first_read_is_kept_for_its_visits() -> None:
    item = ready_to_index()
    item = Item(item.id, 1, {**item.fields, "page_url": PAGE}, item.blob)
    first = only(stages.index([item], ports(index=Told("written"))))
    assert isinstance(first, Advance)
    assert first.fields["stands"] == PAGE
    visit = Item(item.id, 1, {**item.fields, **VISIT, "page_url": "https://elsewhere.example/"}, item.blob)
    again = only(stages.index([visit], ports(index=Told("revised"))))
    assert isinstance(again, Advance)
    assert "stands" not in again.fields


def test_a_visit_whose_page_lost_its_text_is_told_to_the_index() -> None:
    empty = fetched(b"<html><body></body></html>")
    visit = Item(empty.id, 1, {**empty.fields, "visit": "2"}, empty.blob)
    verdict = only(stages.article([visit], ports()))
    assert isinstance(verdict, Advance)
    assert verdict.fields["vanished"] == "no-text"


class Told(FakeIndex):
    """An index that says `outcome` of everything, and keeps what it was asked."""

    def __init__(self, outcome: WriteOutcome, holder: str | None = None) -> None:
        super().__init__()
        self.outcome, self.holder = outcome, holder
        self.asked: list[Document | Vanished] = []

    def _said(self, one: Document | Vanished) -> WriteResult:
        self.asked.append(one)
        return WriteResult(entry_id=one.entry_id, article_id="a" * 32, outcome=self.outcome, holder=self.holder)

    def write(self, documents: Sequence[Document]) -> list[WriteResult]:
        return [self._said(one) for one in documents]

    def vanish(self, gone: Sequence[Vanished]) -> list[WriteResult]:
        return [self._said(one) for one in gone]


@pytest.mark.parametrize(
    ("outcome", "found", "idle"), [("revised", "changed", "0"), ("already-written", "unchanged", "3")]
)
def test_index_is_told_that_it_is_a_visit_and_under_which_id(outcome: WriteOutcome, found: str, idle: str) -> None:
    index = Told(outcome)
    verdict = only(stages.index([ready_to_index(**VISIT)], ports(index=index)))
    assert verdict == Advance(fields={"article": "a" * 32, "found": found, "idle": idle})
    (document,) = index.asked
    assert isinstance(document, Document)
    assert (document.visit, document.known_as) == (True, "a" * 32)
    assert document.fetched is not None
    assert document.fetched.isoformat() == "2026-01-02T00:00:00+00:00"


def test_what_retention_removed_is_discarded_and_says_why() -> None:
    verdict = only(stages.index([ready_to_index()], ports(index=Told("removed"))))
    assert verdict == End("discarded", "removed")


def test_a_planned_look_in_vain_makes_nobody_doubt_the_feed() -> None:
    planned = {name: value for name, value in VISIT.items() if name != "asked"}
    verdict = only(stages.index([ready_to_index(**planned)], ports(index=Told("already-written"))))
    assert isinstance(verdict, Advance)
    assert verdict.fields["idle"] == "2"


@pytest.mark.parametrize(("outcome", "found"), [("revised", "vanished"), ("already-written", "unchanged")])
def test_index_marks_what_vanished_beside_what_it_writes(outcome: WriteOutcome, found: str) -> None:
    index = Told(outcome)
    items = [a_visit("https://example.com/x", vanished="410"), ready_to_index()]
    verdicts = {item.id: verdict for group in stages.index(items, ports(index=index)) for item, verdict in group}
    assert verdicts[items[0].id] == Advance(fields={"found": found}, to="match")
    assert isinstance(verdicts[items[1].id], Advance)
    (gone,) = [one for one in index.asked if isinstance(one, Vanished)]
    assert (gone.article_id, gone.why, gone.at.isoformat()) == ("a" * 32, "410", "2026-01-02T00:00:00+00:00")


def test_a_page_that_vanished_waits_for_elasticsearch() -> None:
    verdict = only(stages.index([a_visit(vanished="404")], ports(index=Told("unavailable"))))
    assert isinstance(verdict, Defer)


def test_a_duplicate_remembers_who_holds_its_article() -> None:
    verdict = only(stages.index([ready_to_index()], ports(index=Told("duplicate", holder="b" * 32))))
    assert verdict == End("duplicate", "", {"holder": "b" * 32})


def test_the_sample_is_planned_by_the_articles_id_alone() -> None:
    there = stages.Ports(FakeFetcher({}), OpenTurns(), Told("written"), FakeStories(), sample=1.0)
    item = ready_to_index()
    verdict = only(stages.index([item], there))
    assert isinstance(verdict, Advance)
    assert verdict.fields["plan"] == item.fields["seen"]
    ids = [article_id(f"https://example.com/{n}") for n in range(4000)]
    share = sum(stages.sampled(id, 0.05) for id in ids) / len(ids)
    assert 0.035 < share < 0.065
    assert not any(stages.sampled(id, 0.0) for id in ids)
