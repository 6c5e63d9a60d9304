"""What a person wants forgotten, on real services: gone from every index and from the ledger, for good.

Whether it is gone is not asked of a query: every document of every index and every key of the ledger is read.
"""

from __future__ import annotations

import base64
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
import zstandard
from typer.testing import CliRunner

from ingest.records import Entry, Feed, Mention
from ingest.stories import Member, Story
from ingest.urls import article_id
from search.alerts.records import notice_id
from search.briefs.changes import BriefError
from search.briefs.records import RawPage
from search.briefs.shelf import Shelf
from search.client import walk
from search.entityindex import EntityIndex
from search.forgetting import Forgetting, Target
from search.ports import Document, ServiceUnavailable
from search.schema import Names, families
from search.store import ElasticsearchIndex
from search.storybook import story_source
from search.suppression import Suppressed, subject
from search.upkeep import ensure_schema
from tests.flow import Flow
from tests.integration.search_material import MemoryHomes, document
from tests.integration.visits import EDITED, STORY, visit
from tests.newsroom import Newsroom
from tests.newsroom.generated import generated_articles
from tests.services import ValkeyHandle
from worker.cli import app
from worker.forgetting import entries_of, erase_entries, forget, unname, wait_for_leases
from worker.ledger import Lease
from worker.services import Services
from worker.settings import read_settings
from worker.verdicts import Advance, End, Leave
from worker.wanting import want

pytestmark = pytest.mark.services
MARK = "Zyxwilaya"  # a word that nothing else says
URL = "https://www.news.example/zyxwilaya"
SIT = Mention(id="siti aminah", type="person", name="Siti Aminah", surfaces=("Siti Aminah", "Aminah"), count=2,
              spans=((0, 11),), linked=False)  # fmt: skip
OTHER = Mention(id="Q2", type="person", name="Other One", surfaces=("Other One",), count=1, spans=((20, 29),))


@pytest.fixture
def environment(valkey: ValkeyHandle, redis_prefix: str, elasticsearch_url: str, index_prefix: str) -> dict[str, str]:
    return {
        "KAWAT_REDIS_URL": valkey.url,
        "KAWAT_REDIS_PREFIX": redis_prefix,
        "KAWAT_ELASTICSEARCH_URL": elasticsearch_url,
        "KAWAT_INDEX_PREFIX": index_prefix,
        "KAWAT_ALLOW_HOSTS": "127.0.0.1",
        "KAWAT_POLL_INTERVAL": "1",
        "KAWAT_EXTRACT_PROCESSES": "1",
        "KAWAT_LEASE": "10",
        "KAWAT_DISK_PAUSE": "0",
        "KAWAT_REVISIT_SAMPLE": "0",
        "KAWAT_REVISIT_EVERY": "1",
    }


@pytest.fixture
def services(environment: dict[str, str]) -> Iterator[Services]:
    made = Services(read_settings(environment))
    ensure_schema(made.elasticsearch, made.settings.index_prefix)
    with closing(made.redis), closing(made.elasticsearch):
        yield made


def silent(_: str) -> None: ...


def marked(entry: str | None = None) -> Document:
    """With the ids that its address gives."""
    one = document(f"{MARK} satu", entry=entry, url=URL, body=f"{MARK}.\n{STORY}")
    own = one.tagged.article.model_copy(update={"id": article_id(URL)})
    tagged = one.tagged.model_copy(update={"article": own})
    return one.model_copy(update={"tagged": tagged} | ({} if entry else {"entry_id": article_id(URL)}))


def raw_page(text_id: str) -> RawPage:
    body = f"<title>{MARK}</title>".encode()
    at = datetime.now(UTC)
    return RawPage(text_id=text_id, body=body, sha256="0", content_type=None, status=200, url=URL, fetched=at)


def targets(services: Services, *asked: str) -> list[Target]:
    return Forgetting(services.elasticsearch, services.settings.index_prefix).targets(asked)


def holding(services: Services, word: str) -> list[str]:
    """Everything that says `word`: documents by index and id, keys of the ledger."""
    client, found = services.elasticsearch, []
    for family in families(Names(services.settings.index_prefix)):
        client.indices.refresh(index=family.alias)
        for hits in walk(client, family.alias, {"match_all": {}}, source=("*",)):
            found += [f"{hit['_index']}/{hit['_id']}" for hit in hits if says(hit["_source"], word)]
    redis = services.redis
    for key in redis.scan_iter(match=f"{services.settings.redis_prefix}*", count=1000):
        kind = redis.type(key)
        values: list[bytes] = []
        if kind == b"hash":
            values = [part for pair in redis.hgetall(key).items() for part in pair]
        elif kind == b"string":
            values = [redis.get(key) or b""]
            values += [unpacked(one) for one in values]
        elif kind in {b"zset", b"set"}:
            values = list(redis.zrange(key, 0, -1) if kind == b"zset" else redis.smembers(key))
        elif kind == b"list":
            values = list(redis.lrange(key, 0, -1))
        if any(word.casefold().encode() in value.lower() for value in (*values, key)):
            found.append(key.decode())
    return found


def says(source: dict[str, object], word: str) -> bool:
    if word.casefold() in orjson.dumps(source).decode().casefold():
        return True
    body = source.get("body")
    packed = base64.b64decode(body) if isinstance(body, str) and "sha256" in source else b""
    return word.casefold().encode() in unpacked(packed).lower()


def unpacked(packed: bytes) -> bytes:
    try:
        return zstandard.ZstdDecompressor().decompress(packed, max_output_size=10_000_000)
    except zstandard.ZstdError:
        return b""


def claimed(services: Services, one: Document, *, stage: str) -> Lease:
    """The document's entry, under lease at `stage`."""
    entry = Entry(id=one.entry_id, feed_id=None, url=URL, title=f"{MARK} satu")
    services.ledger.claim([entry], stage=stage)
    return services.ledger.lease(stage, 10)


def test_all_of_an_article_is_erased_wherever_it_stands(services: Services) -> None:
    """Its revisions, its story, its alerts and what was sent of them, what readers kept; of others nothing."""
    client, names = services.elasticsearch, Names(services.settings.index_prefix)
    one, other = marked(), document("Lain", body=STORY)
    services.index.write([one, other])
    assert services.index.write([visit(one, 1, body=EDITED)])[0].outcome == "revised"
    members = tuple(
        Member(article_id=each.id, time=each.first_seen, first_seen=each.first_seen, source="news.example",
               title=each.tagged.article.title, owner=f"owner {n}")
        for n, each in enumerate((one, other))
    )  # fmt: skip
    story = Story(id=one.id, language="id", members=members, owners=("owner 0", "owner 1"))
    client.index(index=names.stories, id=one.id, document=story_source(story), refresh=True)
    services.index.refresh()
    kept = services.briefs.keep(article=one.id)
    services.briefs.keep(story=one.id)
    view = services.briefs.brief(kept.brief_id)
    assert view is not None
    text = view.brief.clippings[0].texts[0]
    services.pages.shelve(raw_page(text))
    alert = {"article_id": one.id, "article_ids": [one.id], "title": f"{MARK} satu", "highlight": MARK}
    window = {"article_ids": [one.id, other.id], "title": f"{MARK} dan lain"}
    client.index(index=names.alerts, id="a1", document={"alert_id": "a1", **alert})
    client.index(index=names.alerts, id="a2", document={"alert_id": "a2", **window})
    for id, alerts in (("d1", ["a1"]), ("d2", ["a1", "a2"])):
        sent = {"delivery_id": id, "alert_id": alerts, "body": {"text": MARK}}
        client.index(index=names.deliveries, id=id, document=sent)
    joined = {"article_id": other.id, "article_ids": [other.id, one.id], "title": "Lain"}
    client.index(index=names.alerts, id="a3", document={"alert_id": "a3", **joined})
    for rule, key, raised in (("satu", one.id, alert), ("kisah", "story", alert), ("jendela", "window:", window)):
        notice = {"rule": rule, "dedup_key": key, "article_ids": [f"{one.id}@2026-11-24T00:00:00Z", other.id]}
        client.index(index=names.notices, id=notice_id(rule, key), document={**notice, "alert": raised})
    assert len(holding(services, MARK)) >= 12
    left = forget(services, targets(services, URL), kept=True, say=silent)
    assert left.gone
    assert holding(services, MARK) == []
    assert [hit["_id"] for hit in walked(services, names.articles)] == [other.id]
    (left_story,) = walked(services, names.stories)
    assert (left_story["_source"]["title"], left_story["_source"]["article_ids"]) == ("Lain", [other.id])
    assert client.get(index=names.alerts, id="a2")["_source"]["article_ids"] == [other.id]
    assert client.get(index=names.deliveries, id="d2")["_source"] == {"delivery_id": "d2", "alert_id": ["a2"]}
    joined = client.get(index=names.alerts, id="a3")["_source"]
    assert (joined["title"], joined["article_ids"]) == ("Lain", [other.id]), "another article's own words"
    (left_notice,) = walked(services, names.notices)
    assert left_notice["_source"]["article_ids"] == left_notice["_source"]["alert"]["article_ids"] == [other.id]
    after = services.briefs.brief(kept.brief_id)
    assert after is not None
    assert [[member.article_id for member in one.members] for one in after.brief.clippings] == [[other.id]]
    assert forget(services, targets(services, URL), kept=True, say=silent).gone, "again changes nothing"


def walked(services: Services, alias: str) -> list[dict[str, Any]]:
    services.elasticsearch.indices.refresh(index=alias)
    return [hit for hits in walk(services.elasticsearch, alias, {"match_all": {}}, source=("*",)) for hit in hits]


def test_neither_another_feed_nor_a_tracking_address_nor_a_visit_brings_it_back(services: Services) -> None:
    one = marked()
    services.index.write([one])
    forget(services, targets(services, f"{URL}?utm_source=mail"), kept=False, say=silent)
    copy = marked(entry="another feed")
    outcomes = [result.outcome for result in services.index.write([one, copy, visit(one, 1, body=EDITED)])]
    assert outcomes == ["removed", "removed", "removed"]
    lost = ElasticsearchIndex(services.elasticsearch, services.settings.index_prefix, MemoryHomes())
    assert lost.write([one])[0].outcome == "removed"
    assert holding(services, MARK) == []


def test_a_writer_that_read_before_is_waited_for_and_what_it_writes_goes_too(services: Services) -> None:
    """It holds its lease while the note is written; then it writes a revision, on what it read before."""
    services.settings.__dict__["lease"] = 600  # ends when this test says so
    one = marked()
    services.index.write([one])
    lease = claimed(services, one, stage="index")
    waits = threading.Event()
    asked = targets(services, URL)
    ended: list[bool] = []

    def run() -> None:
        ended.append(forget(services, asked, kept=False, say=lambda _: waits.set()).gone)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert waits.wait(60)
    stale = ElasticsearchIndex(services.elasticsearch, services.settings.index_prefix, homes_of(services, one))
    assert stale.write([visit(one, 1, body=f"{MARK}.\n{EDITED}")])[0].outcome == "revised"
    assert thread.is_alive()
    services.ledger.apply(lease, [(lease.items[0], Advance(fields={"article": one.id}))], following="story")
    thread.join(60)
    assert ended == [True]
    assert holding(services, MARK) == []


def homes_of(services: Services, one: Document) -> MemoryHomes:
    """As a writer knows them that read them before they were forgotten."""
    homes = MemoryHomes()
    homes.kept[one.id] = f"{Names(services.settings.index_prefix).articles}-000001"
    return homes


def test_a_page_that_is_being_stored_while_its_text_is_forgotten_goes_with_it(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its text went first: nothing else says whose page it is. Whoever stores it is killed before looking for it."""
    services.settings.__dict__["lease"] = 600  # ends when this test says so
    one = marked()
    services.index.write([one])
    services.index.refresh()
    text = services.briefs.keep(article=one.id).clipping_id
    assert want(services.ledger, "keep", [text]) == 1
    lease = services.ledger.lease("keep", 8)
    assert [item.id for item in lease.items] == [text]
    waits, ended, asked = threading.Event(), list[bool](), targets(services, URL)

    def run() -> None:
        ended.append(forget(services, asked, kept=True, say=lambda _: waits.set()).gone)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert waits.wait(60)
    assert services.pages.text(text) is None

    def killed(_: str) -> bool:
        raise KeyboardInterrupt

    monkeypatch.setattr(services.pages, "mark_shelved", killed)
    with pytest.raises(KeyboardInterrupt):
        services.pages.shelve(raw_page(text))
    assert services.pages.shelved(text)
    assert thread.is_alive()
    services.ledger.apply(lease, [(lease.items[0], Leave())], following="compare")
    thread.join(60)
    assert ended == [True]
    assert holding(services, MARK) == []


def test_a_page_that_comes_after_its_text_was_forgotten_is_not_kept(services: Services) -> None:
    """From a worker that stood still for longer than its lease."""
    one = marked()
    services.index.write([one])
    services.index.refresh()
    text = services.briefs.keep(article=one.id).clipping_id
    assert services.pages.text(text) is not None
    assert forget(services, targets(services, URL), kept=True, say=silent).gone
    assert not services.pages.shelve(raw_page(text))
    assert holding(services, MARK) == []


@pytest.mark.parametrize("step", ["create", "replace"])
def test_what_is_forgotten_while_a_reader_keeps_it_is_not_kept(
    services: Services, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """The reader's side has read the article, and has yet to write the text, or the brief."""
    one = marked()
    services.index.write([one])
    services.index.refresh()
    asked, write = targets(services, URL), getattr(Shelf, step)
    once = iter([True])

    def first_forgotten(shelf: Shelf, *given: Any, **options: Any) -> bool:
        mine = shelf.alias == Names(services.settings.index_prefix).clippings or step == "replace"
        if mine and next(once, False):
            assert forget(services, asked, kept=True, say=silent).gone
        return bool(write(shelf, *given, **options))

    monkeypatch.setattr(Shelf, step, first_forgotten)
    with pytest.raises(BriefError, match="forgotten"):
        services.briefs.keep(article=one.id)
    assert not any(once), "it was forgotten in between"
    assert holding(services, MARK) == []


def test_a_lease_that_ran_out_is_not_waited_for(services: Services) -> None:
    services.settings.__dict__["lease"] = 1
    one = marked()
    claimed(services, one, stage="index")
    wait_for_leases(services.ledger, ("index",), silent, seconds=30)
    assert services.ledger.stage_counts()["index"].leased == 1


@pytest.mark.parametrize("step", ["erase_articles", "erase_the_rest", "note_done"])
def test_cut_off_half_way_the_next_run_ends_it(services: Services, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    names = Names(services.settings.index_prefix)
    one = marked()
    services.index.write([one])
    services.index.write([visit(one, 1, body=EDITED)])
    services.elasticsearch.index(index=names.alerts, id="a", document={"article_id": one.id, "title": MARK})

    def cut_off(*_: object) -> None:
        raise ServiceUnavailable("Elasticsearch", "gone")

    monkeypatch.setattr(Forgetting, step, cut_off)
    with pytest.raises(ServiceUnavailable):
        forget(services, targets(services, URL), kept=False, say=silent)
    monkeypatch.undo()
    cluster = Forgetting(services.elasticsearch, services.settings.index_prefix)
    late = cluster.unfinished()
    assert one.id in {target.article_id for target in late}
    assert forget(services, late, kept=False, say=silent).gone
    assert holding(services, MARK) == []
    assert cluster.unfinished() == []


@pytest.mark.parametrize("state", ["ready", "leased", "quarantined", "indexed", "visited"])
def test_the_ledger_keeps_of_an_entry_only_its_outcome_and_its_counts_add_up(services: Services, state: str) -> None:
    ledger, one = services.ledger, marked()
    entry = Entry(id=one.entry_id, feed_id="f", url=URL, title=f"{MARK} satu")
    source = Feed(id="f", url="https://news.example/rss", name="F")
    ledger.claim([entry], stage="fetch", feed=source)
    lease = ledger.lease("fetch", 1)
    if state in {"ready", "quarantined"}:
        ledger.apply(lease, [(lease.items[0], Advance(f"a page about {MARK}".encode()))], following="extract")
    if state == "quarantined":
        lease = ledger.lease("extract", 1)
        ledger.apply(lease, [(lease.items[0], End("quarantined", f"{MARK} cannot be read"))], following="index")
    if state in {"indexed", "visited"}:
        ledger.apply(lease, [(lease.items[0], End("indexed", "", {"article": one.id, "stands": URL}))], following=None)
        changed = entry.model_copy(update={"title": f"{MARK} dua"})
        ledger.claim([changed], stage="fetch", feed=source)
        if state == "visited":
            assert services.revisits.reopen("fetch", 10) == 1
    assert holding(services, MARK)
    target = Target(article_id=one.id, entry_id=one.entry_id)
    assert entries_of(ledger, [target]) == {one.entry_id}
    assert erase_entries(ledger, [one.entry_id]) == 1
    assert holding(services, MARK) == []
    counts = ledger.counts()
    assert (counts.seen, counts.missing, counts.in_flight, ledger.bytes_in_flight()) == (1, 0, 0, 0)
    assert counts.indexed == (state in {"indexed", "visited"})
    assert int(ledger.redis.get(ledger.key("bytes:records")) or 0) == 0
    assert int(ledger.redis.get(ledger.key("bytes:quarantined")) or 0) == 0
    if state == "leased":
        assert ledger.apply(lease, [(lease.items[0], End("indexed", MARK))], following=None) == [False]
    assert ledger.claim([entry.model_copy(update={"title": "C"})], stage="fetch", feed=source) == [False]
    assert ledger.due()["fetch"] == 0
    assert services.revisits.reopen("fetch", 10) == 0


@pytest.mark.timeout(600)
def test_the_feed_goes_on_listing_it_and_changing_it_and_it_stays_gone(
    environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The whole flow, with a visit under way; by the command, which asks before it erases what a reader kept."""
    first, second = generated_articles(2, seed=77, languages=("id",))
    first = first.__class__(first.slug, f"{MARK} {first.title}", (f"{MARK}: {first.body[0]}", *first.body[1:]))
    with Newsroom(window=None) as newsroom, Flow(tmp_path / "flow", environment) as flow:
        followed = newsroom.add_feed("forgotten")
        url, other = newsroom.publish("forgotten", first), newsroom.publish("forgotten", second)
        flow.follow(followed)
        flow.wait(lambda: flow.settled(2), 150, "the articles")
        flow.services.index.refresh()
        (target,) = [one for one in targets(flow.services, url) if one.there]
        flow.services.briefs.keep(article=target.article_id)
        newsroom.slow(url, 1.5)
        newsroom.change(url, title=f"{MARK} berubah", body=(f"{MARK} lagi: {EDITED}",))
        flow.wait(lambda: flow.services.ledger.counts().in_flight == 1, 150, "the visit to begin")
        for name, value in flow.environment.items():
            monkeypatch.setenv(name, value)
        refused = CliRunner().invoke(app, ["forget", url, "--yes"])
        assert refused.exit_code == 1
        assert "--kept" in refused.output
        assert holding(flow.services, MARK)
        done = CliRunner().invoke(app, ["forget", url, "--yes", "--kept", "--json"])
        assert done.exit_code == 0, done.output
        newsroom.change(url, title=f"{MARK} sekali lagi", body=(f"{MARK} baru: {STORY}",))
        third = generated_articles(3, seed=78, languages=("id",))[2]
        newsroom.publish("forgotten", third)
        flow.wait(lambda: flow.settled(3), 150, "the article after it")
        assert holding(flow.services, MARK) == []
        counts = flow.services.ledger.counts()
        assert (counts.seen, counts.missing) == (3, 0)
        flow.services.index.refresh()
        assert flow.services.index.count() == 2
        assert [one.there for one in targets(flow.services, other)].count(True) == 1


class TestNames:
    """A person's name: gone from tags and lists, and not given again; what others wrote stays."""

    @pytest.fixture
    def tagged(self, services: Services) -> list[Document]:
        one = document("A", mentions=(SIT, OTHER), body="Siti Aminah dan Other One.")
        two = document("B", mentions=(OTHER,), body="Other One.")
        services.index.write([one, two])
        services.index.refresh()
        return [one, two]

    def fields(self, services: Services, id: str) -> dict[str, Any]:
        found: dict[str, Any] = services.elasticsearch.get(index=Names(services.settings.index_prefix).articles, id=id)[
            "_source"
        ]
        return found

    def test_a_name_goes_from_tags_and_is_not_given_again(self, services: Services, tagged: list[Document]) -> None:
        one, two = tagged
        who = subject("person/siti  AMINAH")
        assert (who.id, Suppressed(services.elasticsearch, services.settings.index_prefix).tagged(who)) == (None, 1)
        assert unname(services, who, say=silent) == 1
        fields = self.fields(services, one.id)
        assert fields["person"] == ["Q2", "Other One"]
        assert fields["unlinked"] == []
        assert [mention["name"] for mention in fields["mentions"]] == ["Other One"]
        assert self.fields(services, two.id)["person"] == ["Q2", "Other One"]
        again = visit(one, 2, body=f"Siti Aminah dan Other One.\n{STORY}")
        fresh = document("C", mentions=(SIT.model_copy(update={"type": "organisation"}),))
        assert [result.outcome for result in services.index.write([again, fresh])] == ["revised", "written"]
        for id in (one.id, fresh.id):
            assert "Siti" not in str(self.fields(services, id).get("mentions"))
            assert not self.fields(services, id).get("unlinked")
        assert unname(services, who, say=silent) == 0

    def test_one_whom_a_list_knows_leaves_the_index_of_names_and_no_new_list_brings_it_back(
        self, services: Services, tmp_path: Path
    ) -> None:
        names = tmp_path / "own.names"
        names.write_text("k-zyx person\n  en   Zyxa Wilaya\n  id   Zyxa Wilaya\n")
        index = EntityIndex(services.elasticsearch, services.settings.index_prefix)
        index.load(names)
        alias = Names(services.settings.index_prefix).entities
        assert services.elasticsearch.exists(index=alias, id="person/k-zyx")
        who = subject("person/Zyxa Wilaya", names)
        assert who.id == "k-zyx"
        unname(services, who, say=silent)
        assert not services.elasticsearch.exists(index=alias, id="person/k-zyx")
        names.write_text("k-zyx person\n  en   Zyxa Wilaya\n  id   Zyxa Wilaya\n  fr   Zyxa de Wilaya\n")
        other = tmp_path / "other.names"
        other.write_text(names.read_text())
        assert index.load(other) > 0
        assert not services.elasticsearch.exists(index=alias, id="person/k-zyx")

    def test_a_namesake_with_an_id_of_his_own_stays(self, services: Services) -> None:
        known = SIT.model_copy(update={"linked": True, "id": "Q77"})
        namesake = SIT.model_copy(update={"linked": True, "id": "Q78"})
        one, two = document("A", mentions=(known,)), document("B", mentions=(namesake,))
        services.index.write([one, two])
        who = subject("person/Siti Aminah").model_copy(update={"id": "Q77"})
        assert unname(services, who, say=silent) == 1
        assert self.fields(services, one.id)["person"] == []
        assert self.fields(services, two.id)["person"] == ["Q78", "Siti Aminah"]

    def test_with_articles_those_that_name_it_go_too(self, services: Services, tagged: list[Document]) -> None:
        untagged = document("D", body="Kata Siti Aminah di Tokyo.")
        by_her = document("E", authors=("Siti Aminah",))
        services.index.write([untagged, by_her])
        cluster = Forgetting(services.elasticsearch, services.settings.index_prefix)
        found = list(cluster.matching(subject("person/Siti Aminah").articles(naming=True)))
        assert {one.article_id for one in found} == {tagged[0].id, untagged.id, by_her.id}
        unname(services, subject("person/Siti Aminah"), say=silent)
        assert forget(services, found, kept=False, say=silent).gone
        assert holding(services, "Siti Aminah") == []

    @pytest.mark.parametrize("asked", ["Siti Aminah", "country/JP", "person/", "author/X"])
    def test_what_names_nobody_is_told_how_to_be_written(self, asked: str) -> None:
        with pytest.raises(ValueError, match="TYPE/NAME"):
            subject(asked)


def test_the_command_says_first_what_would_go_and_changes_nothing(
    services: Services, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    services.index.write([marked()])
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    told = CliRunner().invoke(app, ["forget", URL, "--dry-run", "--json"])
    assert orjson.loads(told.output)["extent"]["articles"] == 1
    assert CliRunner().invoke(app, ["forget", URL]).exit_code == 1, "nobody is there to ask"
    assert CliRunner().invoke(app, ["forget", "javascript:alert(1)", "--yes"]).exit_code == 2
    assert holding(services, MARK)
