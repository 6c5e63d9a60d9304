"""Rules at work on a real node: who is told of what, how often, whatever is cut off in between."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from elastic_transport import TransportApiResponse
from elasticsearch import Elasticsearch

from ingest.records import Mention
from search.alerts.records import Alert
from search.alerts.store import AlertStore
from search.bulk import action, send
from search.client import OnlyElasticsearch, connect, walk
from search.matching.compiled import Compiled
from search.matching.counting import Counting
from search.matching.lookback import LookBacks
from search.matching.watch import RuleWatch, Watched
from search.ports import Document, Vanished
from search.rules.publishing import Mute, mute
from search.rules.records import Rule, RuleSet
from search.schema import Names
from search.store import ElasticsearchIndex
from search.upkeep import ensure_schema
from tests.integration.search_material import MemoryHomes, digest, document, feed

pytestmark = pytest.mark.services

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
OFFICE = "NATO membuka kantor penghubung di Tokyo"


class CutOffError(Exception):
    """The process ended here."""


class Cut(OnlyElasticsearch):
    """Ends the run after so many requests; before them, or once they are done, as `late` says."""

    left = 0
    late = False

    def perform_request(self, method: str, target: str, **given: Any) -> TransportApiResponse:
        Cut.left -= 1
        if Cut.left < 0 and not Cut.late:
            raise CutOffError(target)
        answer = super().perform_request(method, target, **given)
        if Cut.left < 0:
            raise CutOffError(target)
        return answer


class Desk:
    """Writes articles, has the rules asked of them, and lists what stands in `alerts`."""

    def __init__(self, client: Elasticsearch, prefix: str, *rules: Rule) -> None:
        self.client, self.prefix, self.names = client, prefix, Names(prefix)
        self.homes, self.now = MemoryHomes(), NOON
        self.index = ElasticsearchIndex(client, prefix, self.homes)
        self.rules = RuleSet(rules=rules)
        self.watch = self.watching(client)

    def watching(self, client: Elasticsearch) -> RuleWatch:
        """Another process: it knows nothing but what stands in Elasticsearch."""
        return RuleWatch(client, self.prefix, self.homes, tz="Asia/Jakarta", clock=lambda: self.now)

    def write(self, *documents: Document, **stories: str) -> list[str]:
        """Their ids; `stories`: which article belongs to which, by title."""
        written = self.index.write(documents)
        assert {one.outcome for one in written} == {"written"}
        for title, story in stories.items():
            doc = {"story_id": digest(story)}
            self.client.update(index=self.homes.kept[digest(title)], id=digest(title), doc=doc)
        return [one.article_id for one in written]

    def match(self, ids: Sequence[str], watch: RuleWatch | None = None) -> Watched:
        watch = watch or self.watch
        watch.adopt(self.rules)
        return watch.match(ids)

    def arrive(self, *documents: Document, **stories: str) -> list[Alert]:
        return list(self.match(self.write(*documents, **stories)).alerts)

    def alerts(self) -> list[dict[str, Any]]:
        self.client.indices.refresh(index=f"{self.names.alerts},{self.names.notices}")
        found = self.client.search(index=self.names.alerts, size=1000, sort=["@timestamp", "episode", "alert_id"])
        return [hit["_source"] for hit in found["hits"]["hits"]]

    def unwritten(self) -> int:
        self.client.indices.refresh(index=self.names.notices)
        return int(self.client.count(index=self.names.notices, query={"term": {"written": False}})["count"])

    def later(self, **span: float) -> None:
        self.now += timedelta(**span)


PREFIX = "t-rule-watch-module-"


@pytest.fixture(scope="module")
def schema(elasticsearch_url: str) -> Iterator[Elasticsearch]:
    """The indices, made once: that takes longer than any of these tests."""
    with closing(connect(elasticsearch_url)) as client:
        _remove(client)
        ensure_schema(client, PREFIX)
        yield client
        _remove(client)


@pytest.fixture
def client(schema: Elasticsearch) -> Iterator[Elasticsearch]:
    yield schema
    schema.indices.refresh(index=f"{PREFIX}*")
    for page in walk(schema, f"{PREFIX}*", {"match_all": {}}, ()):
        send(schema, [action("delete", hit["_index"], hit["_id"]) for hit in page])


@pytest.fixture
def index_prefix() -> str:
    return PREFIX


def _remove(client: Elasticsearch) -> None:
    for name in client.indices.get(index=f"{PREFIX}*", allow_no_indices=True).body:
        client.indices.delete(index=name)
    for template in client.options(ignore_status=404).indices.get_index_template(name=f"{PREFIX}*")["index_templates"]:
        client.indices.delete_index_template(name=template["name"])


def rule(id: str = "office", query: str = '"kantor penghubung" OR "liaison office"', **about: Any) -> Rule:
    given = {"id": id, "name": id.title(), "owner": "desk", "query": query, "notify": ("webhook:desk",)}
    return Rule(**{**given, **about})


def said(alerts: Sequence[dict[str, Any]], *names: str) -> list[Any]:
    return [tuple(one.get(name) for name in names) if len(names) > 1 else one.get(names[0]) for one in alerts]


def test_an_alert_says_what_matched_where_and_of_which_rule_set(client: Elasticsearch, index_prefix: str) -> None:
    desk = Desk(client, index_prefix, rule(priority="high"))
    (alert,) = desk.arrive(document(OFFICE, body="Rencana kantor penghubung itu dibahas.\nJepang menyambut."))
    assert (alert.rule, alert.rule_set, alert.why, alert.priority) == ("office", desk.rules.id, "first", "high")
    assert alert.clause == ('"kantor penghubung"',)
    assert alert.highlight[0] == "NATO membuka ‹kantor penghubung› di Tokyo"
    assert "Rencana ‹kantor penghubung› itu dibahas" in alert.highlight[1]
    assert (alert.title, alert.source, alert.language) == (OFFICE, "news.example", "id")
    (stored,) = desk.alerts()
    assert stored["alert_id"] == alert.alert_id
    assert (stored["state"], stored["channels"], stored["sources"]) == ("open", ["webhook:desk"], ["news.example"])
    assert desk.unwritten() == 0


def test_asked_again_nobody_is_told_twice(client: Elasticsearch, index_prefix: str) -> None:
    desk = Desk(client, index_prefix, rule(realert=60))
    ids = desk.write(document(OFFICE))
    assert len(desk.match(ids).alerts) == 1
    desk.later(hours=9)
    assert desk.match(ids).alerts == ()
    assert desk.match(ids, desk.watching(client)).alerts == ()
    assert len(desk.alerts()) == 1


def test_the_article_that_alerted_is_named_also_to_whoever_finds_it_told(
    client: Elasticsearch, index_prefix: str
) -> None:
    desk = Desk(client, index_prefix, rule())
    ids = desk.write(document(OFFICE), document("Kantor penghubung dua"))
    first, second = digest(OFFICE), digest("Kantor penghubung dua")
    for id in (first, second):
        client.update(index=desk.homes.kept[id], id=id, doc={"story_id": digest("one")})
    told = desk.match(ids)
    (alert,) = told.alerts
    assert told.alerted == {alert.article_id}
    again = desk.match(ids, desk.watching(client))
    assert (again.alerts, again.alerted) == ((), told.alerted)


def test_a_story_is_told_once_with_its_later_sources(client: Elasticsearch, index_prefix: str) -> None:
    desk = Desk(client, index_prefix, rule(update_after=2), rule("each", dedup="article"))
    first, second, third = "Kantor penghubung satu", "Kantor penghubung dua", "Kantor penghubung tiga"
    papers = [feed(owner=f"Owner {n}", url=f"https://site{n}.example/rss") for n in range(3)]
    desk.arrive(document(first, feed=papers[0]), **{first: "s"})
    desk.arrive(document(second, feed=papers[1], url="https://two.example/x"), **{second: "s"})
    by_story = [one for one in desk.alerts() if one["rule"] == "office"]
    assert said(by_story, "why", "source_count", "sources") == [("first", 2, ["news.example", "two.example"])]
    assert by_story[0]["article_ids"] == [digest(first), digest(second)]
    desk.arrive(document(third, feed=papers[2]), **{third: "s"})
    by_story = [one for one in desk.alerts() if one["rule"] == "office"]
    assert sorted(said(by_story, "why", "episode")) == [("first", 1), ("update", 2)]
    assert len([one for one in desk.alerts() if one["rule"] == "each"]) == 3


def test_what_was_told_of_an_article_alone_counts_for_the_story_that_it_joins(
    client: Elasticsearch, index_prefix: str
) -> None:
    desk = Desk(client, index_prefix, rule())
    alone, other = "Kantor penghubung satu", "Kantor penghubung dua"
    desk.arrive(document(alone))
    story = {"story_id": digest("begun before"), "article_ids": [digest(alone), digest(other)], "size": 2}
    client.index(index=desk.names.stories, id=digest("begun before"), document=story)
    assert desk.arrive(document(other), **{other: "begun before"}) == []
    (alert,) = desk.alerts()
    assert alert["article_ids"] == [digest(alone), digest(other)]


def test_an_article_that_a_story_began_with_is_told_by_itself_where_the_rule_tells_of_articles(
    client: Elasticsearch, index_prefix: str
) -> None:
    desk = Desk(client, index_prefix, rule(dedup="article"))
    first, later = "Kantor penghubung satu", "Kantor penghubung dua"
    desk.arrive(document(later), **{later: first})
    story = {"story_id": digest(first), "article_ids": [digest(first), digest(later)], "size": 2}
    client.index(index=desk.names.stories, id=digest(first), document=story)
    (alert,) = desk.arrive(document(first))
    assert alert.dedup_key == digest(first)


def test_what_was_told_of_a_story_counts_for_the_one_that_it_is_merged_into(
    client: Elasticsearch, index_prefix: str
) -> None:
    desk = Desk(client, index_prefix, rule())
    titles = [f"Kantor penghubung {n}" for n in range(3)]
    desk.arrive(document(titles[0]), **{titles[0]: "old"})
    for id, into in (("old", "middle"), ("middle", "new")):
        client.index(
            index=desk.names.stories, id=digest(id), document={"story_id": digest(id), "merged_into": digest(into)}
        )
    assert desk.arrive(document(titles[1]), **{titles[1]: "new"}) == []
    assert desk.arrive(document(titles[2]), **{titles[2]: "new"}) == []
    (alert,) = desk.alerts()
    assert alert["dedup_key"] == digest("old")
    assert len(alert["article_ids"]) == 3


def test_an_article_that_still_stands_under_a_merged_story_is_told_as_of_that_which_it_became(
    client: Elasticsearch, index_prefix: str
) -> None:
    desk = Desk(client, index_prefix, rule())
    told, late = "Kantor penghubung satu", "Kantor penghubung dua"
    desk.arrive(document(told), **{told: "new"})
    for id, into in (("old", "middle"), ("middle", "new")):  # whoever merged them moved not all articles yet
        client.index(
            index=desk.names.stories, id=digest(id), document={"story_id": digest(id), "merged_into": digest(into)}
        )
    assert desk.arrive(document(late), **{late: "old"}) == []
    assert len(desk.alerts()) == 1


def test_articles_of_one_batch_that_stand_under_a_story_and_what_it_became_are_told_once(
    client: Elasticsearch, index_prefix: str
) -> None:
    desk = Desk(client, index_prefix, rule())
    titles = {f"Kantor penghubung {story}": story for story in ("old", "middle", "new")}
    for id, into in (("old", "middle"), ("middle", "new")):
        client.index(
            index=desk.names.stories, id=digest(id), document={"story_id": digest(id), "merged_into": digest(into)}
        )
    (alert,) = desk.arrive(*map(document, titles), **titles)
    assert alert.dedup_key == digest("new")
    assert len(desk.alerts()) == 1


def test_revised_and_vanished_articles_are_asked_again(client: Elasticsearch, index_prefix: str) -> None:
    desk = Desk(client, index_prefix, rule(), rule("gone", "changed:vanished", dedup="article"))
    first = document("Rencana baru", body="Belum jelas apa isinya.")
    assert desk.arrive(first) == []
    later = first.tagged.article.model_copy(update={"title": OFFICE, "content_hash": digest("other")})
    tagged = first.tagged.model_copy(update={"article": later})
    visit = first.model_copy(update={"tagged": tagged, "visit": True, "fetched": NOON})
    (written,) = desk.index.write([visit])
    assert written.outcome == "revised"
    assert [one.rule for one in desk.match([written.article_id]).alerts] == ["office"]
    gone = Vanished(entry_id=first.entry_id, article_id=first.id, at=NOON + timedelta(hours=1), why="404")
    assert [one.outcome for one in desk.index.vanish([gone])] == ["revised"]
    assert [one.rule for one in desk.match([first.id]).alerts] == ["gone"]
    assert desk.match([first.id]).alerts == ()


def test_an_article_in_which_nothing_is_new_tells_no_rule_that_came_later(
    client: Elasticsearch, index_prefix: str
) -> None:
    desk = Desk(client, index_prefix)
    first = document(OFFICE)
    assert desk.arrive(first) == []
    desk.rules = RuleSet(rules=(rule(),))
    desk.watch.adopt(desk.rules)
    unchanged = {first.id: "2026-03-04T13:00:00Z"}
    assert desk.watch.match([first.id], unchanged=unchanged).alerts == ()
    later = first.tagged.article.model_copy(update={"title": f"{OFFICE} besok", "content_hash": digest("other")})
    tagged = first.tagged.model_copy(update={"article": later})
    visit = first.model_copy(update={"tagged": tagged, "visit": True, "fetched": NOON + timedelta(hours=1)})
    assert [one.outcome for one in desk.index.write([visit])] == ["revised"]
    assert [one.outcome for one in desk.index.write([visit])] == ["already-written"]  # by a run that was cut off
    assert [one.rule for one in desk.watch.match([first.id], unchanged=unchanged).alerts] == ["office"]


def test_an_old_article_that_comes_late_is_told_unless_the_rule_sets_an_age(
    client: Elasticsearch, index_prefix: str
) -> None:
    desk = Desk(client, index_prefix, rule(), rule("fresh", max_age=86_400))
    alerts = desk.arrive(document(OFFICE, published=NOON - timedelta(days=400), seen=NOON))
    assert [one.rule for one in alerts] == ["office"]


def test_an_article_of_an_archive_is_told_of_to_nobody(client: Elasticsearch, index_prefix: str) -> None:
    desk = Desk(client, index_prefix, rule())
    assert desk.arrive(document(OFFICE).model_copy(update={"backfill": True})) == []


def test_what_is_muted_is_kept_and_sent_nowhere(client: Elasticsearch, index_prefix: str) -> None:
    desk = Desk(client, index_prefix, rule(), rule("other"))
    mute(client, index_prefix, Mute(rule="office", until=NOON + timedelta(hours=1)))
    mute(client, index_prefix, Mute(story_id=digest("quiet"), until=NOON + timedelta(hours=1)))
    alerts = {one.rule: one for one in desk.arrive(document(OFFICE))}
    assert (alerts["office"].state, alerts["office"].channels) == ("muted", ())
    assert alerts["other"].state == "open"
    title = "Kantor penghubung dua"
    assert {one.state for one in desk.arrive(document(title), **{title: "quiet"})} == {"muted"}
    desk.later(hours=2)
    assert {one.state for one in desk.arrive(document("Kantor penghubung tiga"))} == {"open"}


def test_articles_of_indices_that_were_rolled_over_are_asked_in_their_home(
    client: Elasticsearch, index_prefix: str
) -> None:
    desk = Desk(client, index_prefix, rule(dedup="article"))
    old = desk.write(document("Kantor penghubung lama"))
    client.indices.rollover(alias=desk.names.articles)
    new = desk.write(document("Kantor penghubung baru"))
    assert len(set(desk.homes.kept.values())) == 2
    desk.homes.kept.clear()  # the ledger forgets homes in time
    assert len(desk.match([*old, *new, digest("never was")]).alerts) == 2


def test_a_rule_that_elasticsearch_refuses_breaks_no_other_and_looks_back_once_it_is_mended(
    client: Elasticsearch, index_prefix: str
) -> None:
    broken = rule("broken", "/(a{1000}){1000}kantor/", regex=True)
    desk = Desk(client, index_prefix, rule(), broken)
    ids = desk.write(document(OFFICE, seen=NOON))
    found = desk.match(ids)
    assert [one.rule for one in found.alerts] == ["office"]
    assert set(found.broken) == {"broken"}
    desk.watch.owe(found.broken, NOON)
    assert LookBacks(client, index_prefix).open() == ["broken"]
    assert set(_told_back(desk, "broken").broken) == {"broken"}
    desk.rules = RuleSet(rules=(rule(), rule("broken", "kantor", backfill=0)))
    desk.watch.adopt(desk.rules)
    assert [one.rule for one in _told_back(desk, "broken").alerts] == ["broken"]
    assert LookBacks(client, index_prefix).open() == []


def test_a_window_that_cannot_be_counted_breaks_its_own_rule_alone(
    client: Elasticsearch, index_prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object, **__: object) -> None:
        client.search(index=desk.names.articles, query={"regexp": {"title": "(a{1000}){1000}"}})

    desk = Desk(client, index_prefix, rule(), rule("often", type="frequency", num_events=1, timeframe=3600))
    monkeypatch.setattr(Counting, "seen", refused)  # an index takes a query that another one refuses
    found = desk.match(desk.write(document(OFFICE)))
    assert [one.rule for one in found.alerts] == ["office"]
    assert set(found.broken) == {"often"}


def test_what_a_rule_owes_is_kept_whoever_looks_back_meanwhile(client: Elasticsearch, index_prefix: str) -> None:
    desk = Desk(client, index_prefix, rule(dedup="article"))
    desk.watch.adopt(desk.rules)
    first = desk.write(document("Kantor penghubung satu", seen=NOON))
    desk.later(minutes=1)
    desk.watch.owe({"office": "refused"}, NOON)
    other, lookbacks = desk.watching(client), LookBacks(client, index_prefix)
    other.adopt(desk.rules)
    page = lookbacks.page(Compiled(desk.rules.rules[0], desk.rules), desk.now)
    assert page is not None
    assert page.article_ids == first
    desk.later(minutes=1)
    desk.write(document("Kantor penghubung dua", seen=desk.now))
    desk.watch.owe({"office": "refused"}, NOON - timedelta(minutes=1))  # while the page is told of
    assert not lookbacks.told("office", page, desk.now)
    assert len(_told_back(desk, "office", other).alerts) == 2
    assert lookbacks.open() == []
    desk.watch.owe({"office": "refused again"}, desk.now)  # whoever owed it before knows nothing of the other's work
    assert lookbacks.open() == ["office"]


def _told_back(desk: Desk, id: str, watch: RuleWatch | None = None) -> Watched:
    """All that a look back tells of."""
    watch, alerts = watch or desk.watch, list[Alert]()
    given = desk.rules.rule(id)
    assert given is not None
    while (found := watch.look_back(given)) is not None:
        alerts += found.alerts
        if found.broken:
            return Watched(tuple(alerts), found.broken)
    return Watched(tuple(alerts))


def test_a_new_rule_looks_back_so_far_and_no_further_and_once(client: Elasticsearch, index_prefix: str) -> None:
    desk = Desk(client, index_prefix)
    for n in range(130):
        desk.index.write([document(f"Kantor penghubung {n}", seen=NOON - timedelta(minutes=n), entry=f"{n}")])
    desk.write(document("Kantor penghubung kuno", seen=NOON - timedelta(hours=25)))
    desk.rules = RuleSet(rules=(rule(backfill=86_400, dedup="article"),))
    desk.watch.adopt(desk.rules)
    assert LookBacks(client, index_prefix).open() == ["office"]
    given = desk.rules.rules[0]
    first = desk.watch.look_back(given)
    assert first is not None
    assert len(first.alerts) == 100
    other = desk.watching(client)  # another process goes on
    other.adopt(desk.rules)
    rest = _told_back(desk, "office", other)
    assert len(rest.alerts) == 30
    assert {one.backfilled for one in (*first.alerts, *rest.alerts)} == {True}
    assert LookBacks(client, index_prefix).open() == []
    desk.watching(client).adopt(desk.rules)
    assert LookBacks(client, index_prefix).open() == [], "begun again"
    live = desk.arrive(document("Kantor penghubung besok", seen=NOON + timedelta(minutes=1)))
    assert [one.backfilled for one in live] == [False]


def test_a_rule_that_goes_while_it_looks_back_leaves_nothing_open_and_comes_back_as_new(
    client: Elasticsearch, index_prefix: str
) -> None:
    desk, lookbacks = Desk(client, index_prefix), LookBacks(client, index_prefix)
    given = RuleSet(rules=(rule(backfill=86_400),))
    desk.watch.adopt(given)
    desk.watch.adopt(RuleSet())
    assert lookbacks.open() == ["office"]
    desk.watch.drop("office")
    assert lookbacks.open() == []
    desk.watch.adopt(given)
    assert lookbacks.open() == ["office"]


def test_a_frequency_counts_by_key_what_came_within_the_span(client: Elasticsearch, index_prefix: str) -> None:
    often = rule(type="frequency", num_events=3, timeframe=3600, query_key="source")
    desk = Desk(client, index_prefix, often)

    def at(minutes: int, site: str) -> Document:
        title = f"Kantor penghubung {site} {minutes}"
        return document(title, url=f"https://{site}.example/{minutes}", seen=NOON + timedelta(minutes=minutes))

    assert desk.arrive(at(0, "a"), at(1, "b"), at(2, "a"), at(3, "b")) == []
    (alert,) = desk.arrive(at(70, "b"), at(50, "a"))
    assert alert.figures == {"count": 3, "num_events": 3, "timeframe": 3600, "source": "a.example"}
    assert (alert.why, len(alert.article_ids), alert.title) == ("window", 3, "Kantor penghubung a 50")
    assert desk.arrive(at(51, "a"), at(52, "a")) == [], "two are not three"
    assert desk.arrive(at(53, "a")) == [], "the hour is not over"
    desk.later(hours=2)
    assert len(desk.arrive(at(120, "a"), at(121, "a"), at(122, "a"))) == 1


def test_a_spike_is_told_against_the_same_hours_of_past_days(client: Elasticsearch, index_prefix: str) -> None:
    spike = rule(type="spike", spike_height=3, timeframe=3600, days=3, threshold_cur=3)
    desk = Desk(client, index_prefix, spike)
    past = [
        document(f"Kantor penghubung {day} {n}", seen=NOON - timedelta(days=day, minutes=10 * n + 5))
        for day in (1, 2, 3)
        for n in range(2)
    ]
    desk.write(*past)
    client.indices.refresh(index=desk.names.articles)
    burst = [document(f"Kantor penghubung kini {n}", seen=NOON - timedelta(minutes=n)) for n in range(6)]
    assert desk.arrive(*burst[1:]) == []
    (alert,) = desk.arrive(burst[0])
    assert alert.figures is not None
    assert (alert.figures["count"], alert.figures["expected"], alert.figures["direction"]) == (6, 2.0, "up")


def test_silence_is_told_once_and_again_when_it_falls_anew(client: Elasticsearch, index_prefix: str) -> None:
    flat = rule(type="flatline", query="", threshold=1, timeframe=3600, query_key="source")
    desk = Desk(client, index_prefix, flat)
    desk.match(desk.write(document("Satu", url="https://a.example/1", seen=NOON - timedelta(minutes=30))))
    client.indices.refresh(index=desk.names.articles)
    assert desk.watch.look(flat).alerts == ()
    desk.later(hours=1)
    (alert,) = desk.watch.look(flat).alerts
    assert (alert.title, alert.figures and alert.figures["count"]) == ("a.example", 0)
    desk.later(hours=5)
    assert desk.watch.look(flat).alerts == ()
    desk.write(document("Dua", url="https://a.example/2", seen=desk.now))
    client.indices.refresh(index=desk.names.articles)
    assert desk.watch.look(flat).alerts == ()
    desk.later(hours=2)
    assert len(desk.watch.look(flat).alerts) == 1


def test_a_pair_of_names_is_new_where_no_earlier_article_has_both(client: Elasticsearch, index_prefix: str) -> None:
    def named(title: str, minutes: int, *names: str) -> Document:
        mentions = tuple(
            Mention.model_validate(
                {
                    "id": f"k-{name.lower()}",
                    "type": "person" if name[0] == "P" else "organisation",
                    "name": name,
                    "surfaces": (name,),
                    "count": 1,
                    "spans": (),
                }
            )
            for name in names
        )
        return document(title, mentions=mentions, seen=NOON + timedelta(minutes=minutes))

    pairs = rule(type="new_term", query="", fields=("person", "org"), lookback=30 * 86_400, dedup="article")
    desk = Desk(client, index_prefix, pairs)
    (first,) = desk.arrive(named("Satu", 0, "P1", "O1"))
    assert first.clause == ("O1 + P1",)
    assert desk.arrive(named("Dua", 1, "P1", "O1")) == []
    (third,) = desk.arrive(named("Tiga", 2, "P1", "O1", "O2"))
    assert third.clause == ("O2 + P1",)
    batch = desk.arrive(named("Empat", 3, "P2", "O2"), named("Lima", 3, "P2", "O2"))
    assert len(batch) == 1, "of two of the same second the one is first"


@pytest.mark.parametrize("late", [False, True])
def test_cut_off_before_or_after_any_request_every_episode_stands_once(
    client: Elasticsearch, index_prefix: str, elasticsearch_url: str, late: bool
) -> None:
    """Two rules, one that tells again; ten articles of two stories. Whoever is cut off is followed by another."""
    rules = (
        rule(update_after=2),
        rule("each", "penghubung", dedup="article"),
        rule("many", type="frequency", num_events=4, timeframe=3600),
    )
    desk = Desk(client, index_prefix, *rules)
    titles = [f"Kantor penghubung {n}" for n in range(10)]
    papers = [feed(owner=f"Owner {n}", url=f"https://site{n}.example/rss") for n in range(10)]
    ids = desk.write(
        *(
            document(title, feed=paper, seen=NOON + timedelta(minutes=n))
            for n, (title, paper) in enumerate(zip(titles, papers, strict=True))
        ),
        **{title: f"s{n % 2}" for n, title in enumerate(titles)},
    )
    runs, seen = 0, set[str]()
    while True:
        Cut.left, Cut.late = runs, late
        runs += 1
        with closing(Elasticsearch(elasticsearch_url, transport_class=Cut, max_retries=0)) as cut:
            try:
                seen |= {one.alert_id for one in desk.match(ids, desk.watching(cut)).alerts}
                break
            except CutOffError:
                assert runs < 200
    alerts = desk.alerts()
    assert sorted(said(alerts, "rule", "why", "episode")) == sorted(
        [("office", "first", 1), ("office", "update", 2), ("office", "update", 3)] * 2
        + [("each", "first", 1)] * 10
        + [("many", "window", 1)]
    )
    assert len({one["alert_id"] for one in alerts}) == len(alerts)
    assert desk.unwritten() == 0
    assert runs > 5
    assert desk.match(ids).alerts == ()


def test_many_at_once_tell_each_episode_once(client: Elasticsearch, index_prefix: str) -> None:
    """There should be one process at a time; if there are more, nobody is told twice."""
    desk = Desk(client, index_prefix, rule(update_after=3))
    titles = [f"Kantor penghubung {n}" for n in range(12)]
    papers = [feed(owner=f"Owner {n}", url=f"https://site{n}.example/rss") for n in range(12)]
    ids = desk.write(
        *(document(title, feed=paper) for title, paper in zip(titles, papers, strict=True)),
        **dict.fromkeys(titles, "s"),
    )
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda n: desk.match(ids[n::4] + ids, desk.watching(client)).alerts, range(4)))
    alerts = desk.alerts()
    assert sorted(said(alerts, "episode")) == [1, 2, 3, 4]
    assert {one.alert_id for some in found for one in some} == {one["alert_id"] for one in alerts}
    assert desk.unwritten() == 0


def test_alerts_whose_writer_did_not_live_to_are_written(client: Elasticsearch, index_prefix: str) -> None:
    desk = Desk(client, index_prefix, rule())
    desk.arrive(document(OFFICE))
    (alert,) = desk.alerts()
    client.delete(index=desk.names.alerts, id=alert["alert_id"])
    (notice,) = client.search(index=desk.names.notices)["hits"]["hits"]
    client.update(index=desk.names.notices, id=notice["_id"], doc={"written": False}, refresh=True)
    store = AlertStore(client, index_prefix)
    assert store.complete(NOON) == 0, "whoever wrote it may be at it still"
    assert store.complete(NOON + timedelta(minutes=1)) == 1
    assert desk.alerts() == [alert]
    assert desk.unwritten() == 0
