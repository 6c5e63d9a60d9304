"""`kawat rules` on real services: the shipped rules hold their own examples, and each command says what to do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from elasticsearch import Elasticsearch
from typer.testing import CliRunner, Result

from ingest.records import Article
from ingest.tagging import tag
from ingest.tagging.language import language_of
from search.client import connect
from search.ports import Document
from search.rules.publishing import mutes
from search.rules.trying import as_article, scratch_index, tried
from search.store import ElasticsearchIndex
from search.upkeep import ensure_schema
from tests.integration.search_material import MemoryHomes
from tests.services import ValkeyHandle
from tests.unit.test_rules_doc import documented
from worker.cli import app
from worker.settings import PROJECT

pytestmark = pytest.mark.services

SHIPPED = PROJECT / "deploy" / "rules"
RULE = """id: liaison
name: Liaison
owner: desk
query: '"kantor penghubung" OR concept:hub'
where: {country: JP, source: {exclude: spam.example}}
none_of: ['"hubungan masyarakat"']
together: [{names: [NATO, Jepang], within: sentence}]
tests:
  match: [Kantor penghubung NATO dibuka di Tokyo atas undangan Jepang]
  no_match: [Kantor penghubung Uni Eropa di Jakarta]
"""
HUB = "id: hub\nwordings: {id: ['\"pusat penghubung\"'], en: ['\"liaison hub\"']}\n"
BODY = "NATO akan membuka pusat penghubung di Tokyo. Jepang menyambut NATO."


@pytest.fixture
def client(elasticsearch_url: str, index_prefix: str) -> Iterator[Elasticsearch]:
    with closing(connect(elasticsearch_url, timeout=60)) as made:
        ensure_schema(made, index_prefix)
        yield made


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "rules"
    (made / "concepts").mkdir(parents=True)
    (made / "liaison.yaml").write_text(RULE)
    (made / "concepts" / "hub.yaml").write_text(HUB)
    return made


@pytest.fixture
def services(valkey: ValkeyHandle, redis_prefix: str, elasticsearch_url: str, index_prefix: str) -> dict[str, str]:
    return {
        "KAWAT_ELASTICSEARCH_URL": elasticsearch_url,
        "KAWAT_INDEX_PREFIX": index_prefix,
        "KAWAT_REDIS_URL": valkey.url,
        "KAWAT_REDIS_PREFIX": redis_prefix,
    }


@pytest.fixture(autouse=True)
def environment(client: Elasticsearch, services: dict[str, str], folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {**services, "KAWAT_STATE_DIR": str(folder.parent), "COLUMNS": "200"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(folder.parent)


def kawat(*words: str) -> Result:
    return CliRunner().invoke(app, ["rules", *words])


def lines(done: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_the_shipped_rules_hold_their_own_examples() -> None:
    linted = kawat("lint", str(SHIPPED), "--json")
    assert linted.exit_code == 0
    assert linted.stdout == ""
    done = kawat("test", "--folder", str(SHIPPED), "--json")
    found = lines(done)
    assert [one for one in found if not one["holds"]] == []
    assert done.exit_code == 0
    assert len({one["rule"] for one in found}) >= 6
    assert len(found) >= 40


def test_the_documented_examples_hold(client: Elasticsearch, index_prefix: str) -> None:
    rules = documented().rules
    found = tried(client, index_prefix, rules, rules.rules, lambda text: tag(as_article(text, language_of(text))))
    assert [one for one in found if not one.holds] == []
    assert len(found) >= 12


def test_an_example_that_does_not_hold_is_told(folder: Path, client: Elasticsearch, index_prefix: str) -> None:
    assert kawat("test").exit_code == 0
    (folder / "liaison.yaml").write_text(
        RULE.replace("no_match: [", "no_match: [Jepang dan NATO membuka pusat penghubung, ")
    )
    done = kawat("test", "liaison")
    assert done.exit_code == 1
    assert "'Jepang dan NATO membuka pusat penghubung' is found, and must not be" in done.output
    assert "2 of 3 examples are as they should be." in done.output
    assert client.indices.get(index=f"{index_prefix}trial-*", allow_no_indices=True).body == {}
    assert kawat("test", "liason").exit_code == 2
    assert "did you mean liaison?" in kawat("test", "liason").output


def test_faults_are_told_with_file_line_and_column(folder: Path) -> None:
    (folder / "b.yaml").write_text("id: b\nname: B\nowner: d\nquery: kantor near penghubung\nprioriti: high\n")
    done = kawat("lint")
    assert done.exit_code == 1
    assert f"{folder / 'b.yaml'}:4:15: near is looked for as a word here; did you mean NEAR/5?" in done.output
    assert f"{folder / 'b.yaml'}:5:1: no key is called 'prioriti'; did you mean priority?" in done.output
    told = lines(kawat("lint", "--json"))
    assert {(one["line"], one["column"], one["suggestion"]) for one in told} >= {(4, 15, "NEAR/5"), (5, 1, "priority")}
    assert kawat("apply").exit_code == 1
    assert "nothing was changed" in kawat("apply").output
    assert kawat("list").exit_code == 1  # nothing is in force, and the files have faults


def test_a_folder_that_is_not_there_is_said_with_what_to_do(tmp_path: Path) -> None:
    done = kawat("lint", str(tmp_path / "nowhere"))
    assert (done.exit_code, "there is no folder" in done.output, "name another" in done.output) == (1, True, True)


def test_what_apply_changed_is_said(folder: Path) -> None:
    first = kawat("apply")
    assert first.exit_code == 0
    assert "new      liaison" in first.output
    assert "In force: 1 rule (set " in first.output
    (folder / "b.yaml").write_text("id: b\nname: B\nowner: d\nquery: NATO\n")
    (folder / "liaison.yaml").write_text(RULE.replace("owner: desk", "owner: asia"))
    (told,) = lines(kawat("apply", "--json"))
    assert (told["new"], told["changed"], told["gone"]) == (["b"], ["liaison"], [])
    assert told["changed_set"] is True
    (again,) = lines(kawat("apply", "--json"))
    assert again["changed_set"] is False
    assert [one["id"] for one in lines(kawat("list", "--json"))] == ["b", "liaison"]


def test_muted_for_a_while(client: Elasticsearch, index_prefix: str) -> None:
    assert kawat("apply").exit_code == 0
    assert "liaison is muted until" in kawat("mute", "liaison", "--for", "2d").output
    assert kawat("mute", "--story", "3f2a").exit_code == 0
    assert {one.rule or one.story_id for one in mutes(client, index_prefix)} == {"liaison", "3f2a"}
    assert "muted until" in kawat("list").output
    assert "liaison tells again." in kawat("mute", "liaison", "--end").output
    assert [one.story_id for one in mutes(client, index_prefix)] == ["3f2a"]
    assert kawat("mute", "liason").exit_code == 2
    assert kawat("mute").exit_code == 2
    assert kawat("mute", "liaison", "--for", "2 days").exit_code == 2


def article(name: str, body: str, url: str) -> Document:
    made = Article(id=name * 32, url=url, title="", body=body, language="id", content_hash=name)
    seen = datetime(2026, 11, 3, 7, tzinfo=UTC)
    return Document(entry_id=name * 32, tagged=tag(made), feed=None, first_seen=seen)


def test_why_an_article_matches_or_does_not(client: Elasticsearch, index_prefix: str) -> None:
    index = ElasticsearchIndex(client, index_prefix, MemoryHomes())
    other = "NATO akan membuka kantor penghubung. Tokyo belum menjawab. Hubungan masyarakat menolak."
    index.write([article("a", BODY, "https://one.example/a"), article("b", other, "https://spam.example/b")])
    index.refresh()
    assert kawat("apply").exit_code == 0
    done = kawat("explain", "liaison", "https://one.example/a")
    assert done.exit_code == 0, done.output
    assert "matches" in done.output
    assert "✓ concept:hub" in done.output
    assert '✗ "kantor penghubung"  not found' in done.output
    refused = kawat("explain", "liaison", "b" * 32, "--json")
    assert refused.exit_code == 1
    (told,) = lines(refused)
    assert not told["matches"]
    by_text = {line["text"]: line for line in told["lines"]}
    assert by_text['"kantor penghubung"']["met"]
    assert not by_text["concept:hub"]["met"]
    assert by_text["country: JP"]["met"]
    assert (by_text["source: spam.example"]["met"], by_text["source: spam.example"]["wanted"]) == (True, False)
    assert by_text['"hubungan masyarakat"']["met"]
    assert by_text["NATO and Jepang stand in no sentence together"]["part"] == "article"
    missing = kawat("explain", "liaison", "https://one.example/c")
    assert missing.exit_code == 1
    assert "did you mean https://one.example/a?" in missing.output


def test_an_index_that_somebody_left_goes(client: Elasticsearch, index_prefix: str) -> None:
    client.indices.create(index=f"{index_prefix}trial-left", settings={"index": {"number_of_replicas": 0}})
    with scratch_index(client, index_prefix) as name:
        assert client.indices.exists(index=name)
        assert client.indices.exists(index=f"{index_prefix}trial-left")  # perhaps in use: it is new
    assert not client.indices.exists(index=name)
