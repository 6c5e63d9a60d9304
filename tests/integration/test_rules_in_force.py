"""From files to every process: a set is published whole or not at all, and found by its hash, whatever is lost."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from elasticsearch import Elasticsearch

from ingest.dates import now
from search.client import connect
from search.matching.lookback import LookBacks
from search.ports import ServiceUnavailable
from search.prescan import QueryError
from search.query import compile_query, query_tree
from search.rules import publishing
from search.rules.analysing import Analyzer
from search.rules.publishing import Mute
from search.rules.reading import Reading
from search.rules.records import Concept, Rule, RuleSet
from search.rules.required import And, Term, analysed, required
from search.store import ElasticsearchIndex
from search.upkeep import SchemaError, ensure_schema
from tests.integration.search_material import MemoryHomes, document
from tests.services import ValkeyHandle
from worker import rulesync, start
from worker.matchwork import want_rules
from worker.process import Process
from worker.rulesinforce import RulesInForce, faulty_files, mirror
from worker.rulesync import apply, bring_up_to_date, look_after_rules
from worker.settings import Settings, read_settings

pytestmark = pytest.mark.services

RULE = "id: {id}\nname: {id}\nowner: desk\nquery: {query}\n"


def rules(*ids: str) -> RuleSet:
    return RuleSet(rules=tuple(Rule(id=id_, name=id_, owner="desk", query="NATO") for id_ in ids))


@pytest.fixture
def client(elasticsearch_url: str, index_prefix: str) -> Iterator[Elasticsearch]:
    with closing(connect(elasticsearch_url)) as made:
        ensure_schema(made, index_prefix)
        yield made


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "rules"
    made.mkdir()
    (made / "a.yaml").write_text(RULE.format(id="a", query="NATO"))
    return made


@pytest.fixture
def settings(
    valkey: ValkeyHandle, redis_prefix: str, elasticsearch_url: str, index_prefix: str, folder: Path
) -> Settings:
    given = {
        "STATE_DIR": str(folder.parent),
        "REDIS_URL": valkey.url,
        "REDIS_PREFIX": redis_prefix,
        "ELASTICSEARCH_URL": elasticsearch_url,
        "INDEX_PREFIX": index_prefix,
    }
    return read_settings({f"KAWAT_{name}": value for name, value in given.items()})


@pytest.fixture
def make(client: Elasticsearch, settings: Settings) -> Iterator[Callable[[], Process]]:
    """Another process of the same machine each time."""
    made: list[Process] = []

    def process() -> Process:
        made.append(Process(settings))
        return made[-1]

    yield process
    for each in made:
        each.redis.close()
        each.elasticsearch.close()


def ids(process: Process) -> list[str]:
    return [one.id for one in process.rules.current().rules]


def tick(process: Process) -> None:
    """What a tick does, waited for."""
    process.rule_files.changed()
    bring_up_to_date(process)


def look(process: Process) -> None:
    """Two ticks: what changes between them is still being written."""
    tick(process)
    tick(process)


def test_a_set_is_found_as_it_was_published(client: Elasticsearch, index_prefix: str) -> None:
    assert publishing.in_force(client, index_prefix) is None
    first = RuleSet(
        rules=(Rule(id="a", name="A", owner="desk", query="NATO", realert=3600, notify=("mailto:desk",)),),
        concepts=(Concept(id="liaison", wordings={"id": ('"kantor penghubung"',)}),),
    )
    assert publishing.publish(client, index_prefix, first, "ana")
    assert publishing.in_force(client, index_prefix) == first
    assert not publishing.publish(client, index_prefix, first, "ben")
    assert publishing.publish(client, index_prefix, rules("a", "b"), "ben")
    found = publishing.published(client, index_prefix)
    assert found is not None
    assert (found.rule_set, found.published_by) == (rules("a", "b").id, "ben")
    assert publishing.publish(client, index_prefix, first, "ana")  # back again
    assert publishing.in_force(client, index_prefix) == first
    assert publishing.rule_set(client, index_prefix, rules("a", "b").id) == rules("a", "b")


def test_a_set_of_a_newer_kawat_is_told(client: Elasticsearch, index_prefix: str) -> None:
    client.index(index=f"{index_prefix}rules", id="set-x", document={"kind": "set", "content": {"rule": []}})
    with pytest.raises(SchemaError, match="the rule set x cannot be read"):
        publishing.rule_set(client, index_prefix, "x")


def test_a_new_rule_looks_back_at_once_not_with_the_next_article(
    make: Callable[[], Process], client: Elasticsearch, index_prefix: str, folder: Path
) -> None:
    process = make()
    (folder / "a.yaml").write_text(RULE.format(id="a", query="NATO") + "backfill: 6h\n")
    look(process)
    assert ids(process) == ["a"]
    want_rules(process)
    began = LookBacks(client, index_prefix).state("a")
    assert began is not None
    assert not began.done


def test_articles_wait_while_only_a_newer_kawat_can_read_the_set(
    make: Callable[[], Process], client: Elasticsearch, index_prefix: str
) -> None:
    process = make()
    client.index(index=f"{index_prefix}rules", id="set-x", document={"kind": "set", "content": {"rule": []}})
    mirror(process.ledger, "x")
    with pytest.raises(ServiceUnavailable, match="the rule set x cannot be read"):
        process.rules.waited_for()


def test_what_is_muted_and_until_when(client: Elasticsearch, index_prefix: str) -> None:
    at = now()
    rule = Mute(rule="a", until=at + timedelta(hours=2), published_by="ana")
    story = Mute(story_id="s", until=at + timedelta(hours=1))
    publishing.mute(client, index_prefix, rule)
    publishing.mute(client, index_prefix, story)
    assert publishing.mutes(client, index_prefix) == (story, rule)
    assert publishing.mutes(client, index_prefix, at + timedelta(hours=1)) == (rule,)
    publishing.mute(client, index_prefix, rule.model_copy(update={"until": at}))  # ended early
    assert publishing.mutes(client, index_prefix, at) == (story,)


def test_each_text_is_analysed_as_the_index_does(client: Elasticsearch, index_prefix: str) -> None:
    analyze = Analyzer(client, index_prefix)
    texts = ["Kantor Penghubung", "", "北约", "l'OTAN 🙂 résumé", "  … ", "anti-NATO", "𝒳 x", "a" * 300]
    assert analyze("title", texts) == [
        *(["kantor", "penghubung"], [], ["北", "约"], ["l", "otan", "🙂", "resume"], [], ["anti", "nato"]),
        ["𝒳", "x"],
        ["a" * 255, "a" * 45],
    ]
    assert analyze("stemmed.id.body", ["menghubungkan hubungan", "yang"]) == [["hubung", "hubung"], []]
    many = [f"kata{n} lain" for n in range(5_000)]
    assert analyze("body", many) == [text.split() for text in many]
    formula = analysed(required(query_tree('"Kantor penghubung" 北约')), analyze)
    fields = ("title", "body")
    assert formula == And(tuple(Term(fields, token) for token in ("kantor", "penghubung", "北", "约")))


def test_files_come_into_force_when_they_change_and_every_process_has_them(
    make: Callable[[], Process], folder: Path
) -> None:
    here, other = make(), make()
    assert ids(here) == []
    tick(here)
    assert ids(here) == []  # whoever writes may not be done
    tick(here)
    assert ids(here) == ids(other) == ["a"]
    (folder / "b.yaml").write_text(RULE.format(id="b", query="Tokyo"))
    look(here)
    assert ids(here) == ids(other) == ["a", "b"]
    (folder / "b.yaml").unlink()
    look(here)
    assert ids(other) == ["a"]


def test_a_tick_does_not_wait_for_them(make: Callable[[], Process], folder: Path) -> None:
    here = make()
    deadline = time.monotonic() + 60
    while ids(here) != ["a"] and time.monotonic() < deadline:
        look_after_rules(here)
    assert ids(here) == ["a"]


def test_what_changes_while_it_is_read_is_read_again(
    make: Callable[[], Process], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = make()
    read = rulesync.checked

    def slowly(process: Process) -> Reading:
        reading = read(process)
        (folder / "b.yaml").write_text(RULE.format(id="b", query="Tokyo"))
        monkeypatch.undo()
        return reading

    monkeypatch.setattr(rulesync, "checked", slowly)
    look(here)
    assert ids(here) == ["a"]
    look(here)
    assert ids(here) == ["a", "b"]


def test_a_fault_leaves_the_last_good_set_in_force_and_is_kept_to_be_shown(
    make: Callable[[], Process], folder: Path
) -> None:
    here = make()
    look(here)
    (folder / "b.yaml").write_text(RULE.format(id="b", query="Tokyo"))
    (folder / "c.yaml").write_text(RULE.format(id="c", query="counrty:JP"))
    look(here)
    assert ids(here) == ["a"]  # all or nothing
    found = faulty_files(here.ledger)
    assert found is not None
    assert [str(one) for one in found.faults] == ["c.yaml:4:8: no field is called 'counrty'; did you mean country:?"]
    (folder / "c.yaml").write_text(RULE.format(id="c", query="country:JP"))
    look(here)
    assert ids(here) == ["a", "b", "c"]
    assert faulty_files(here.ledger) is None


def test_what_changed_while_nothing_ran_comes_into_force(make: Callable[[], Process], folder: Path) -> None:
    look(make())
    (folder / "b.yaml").write_text(RULE.format(id="b", query="Tokyo"))
    here = make()
    look(here)
    assert ids(here) == ["a", "b"]


def test_a_lost_valkey_loses_no_rule(make: Callable[[], Process]) -> None:
    here = make()
    look(here)
    here.redis.delete(here.ledger.key("rules:current"))
    assert ids(make()) == ["a"]
    assert here.redis.get(here.ledger.key("rules:current")).decode() == here.rules.current().id


def test_a_folder_never_seen_does_not_replace_what_is_in_force(
    make: Callable[[], Process], folder: Path, client: Elasticsearch, index_prefix: str
) -> None:
    publishing.publish(client, index_prefix, rules("x", "y"), "another machine")
    here = make()
    look(here)
    assert ids(here) == ["x", "y"]
    reading, changed = apply(here, by="ana")
    assert changed
    assert [one.id for one in reading.rules.rules] == ids(here) == ["a"]
    (folder / "b.yaml").write_text(RULE.format(id="b", query="Tokyo"))
    look(here)
    assert ids(here) == ["a", "b"]  # from now on it is the desk's


def test_a_set_that_was_not_told_to_valkey_is_told_by_the_next_tick(
    make: Callable[[], Process], client: Elasticsearch, index_prefix: str
) -> None:
    here = make()
    look(here)
    publishing.publish(client, index_prefix, rules("x"), "cut off before it told")
    tick(here)
    assert ids(here) == ["x"]


def test_while_elasticsearch_is_away_the_files_wait(
    make: Callable[[], Process], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = make()
    monkeypatch.setitem(here.__dict__, "elasticsearch", connect("http://127.0.0.1:9"))
    look(here)  # raises nothing: the rest of a tick goes on
    monkeypatch.undo()
    here.redis.delete(here.ledger.key("rules:later"))
    look(here)
    assert ids(here) == ["a"]


def test_the_shipped_rules_become_the_desks_own_once(make: Callable[[], Process], folder: Path) -> None:
    settings = make().settings
    assert start.default_rules(settings) == []
    assert [path.name for path in folder.iterdir()] == ["a.yaml"]  # what is there stays
    folder.rename(folder.with_name("away"))
    start.default_rules(settings)
    shipped = {path.name for path in start.RULES.glob("*.yaml")}
    assert {path.name for path in folder.glob("*.yaml")} == shipped
    assert shipped
    assert (folder / "concepts" / "liaison-office.yaml").is_file()
    assert list(folder.parent.glob("rules.new*")) == []
    elsewhere = settings.model_copy(update={"rules": folder / "none"})
    assert start.default_rules(elsewhere) == [
        f"KAWAT_RULES={folder / 'none'} is no folder: no rules are read from there"
    ]


def test_concepts_are_known_to_every_search_as_soon_as_they_are_in_force(
    make: Callable[[], Process], folder: Path, client: Elasticsearch, index_prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = ElasticsearchIndex(client, index_prefix, MemoryHomes())
    titles = ("NATO plans a liaison office", "Kantor penghubung NATO", "Kantor pos")
    index.write([document(title, body=title) for title in titles])
    index.refresh()
    page = make()
    assert page.search.search("kantor").total == 2  # what names no concept asks nobody for any
    with pytest.raises(QueryError, match="no concept is called 'liaison'; none are known here"):
        page.search.search("concept:liaison")
    (folder / "concepts").mkdir()
    wordings = "id: liaison\nwordings: {id: '\"kantor penghubung\"', en: '\"liaison office\"'}\n"
    (folder / "concepts" / "liaison.yaml").write_text(wordings)
    look(make())
    assert page.search.search("concept:liaison NATO").total == 2
    assert len(page.live.newest("concept:liaison", 10)) == 2
    assert page.search.compiled("concept:liaison") == compile_query('"kantor penghubung" OR "liaison office"')
    monkeypatch.setitem(page.__dict__["rules"].__dict__, "_client", connect("http://127.0.0.1:9"))
    page.redis.delete(page.ledger.key("rules:current"))
    assert page.search.search("concept:liaison").total == 2  # as last known, while a service is away


def test_without_any_set_there_are_no_rules(make: Callable[[], Process]) -> None:
    here = make()
    assert RulesInForce(here.ledger, here.elasticsearch, here.settings.index_prefix).current() == RuleSet()
