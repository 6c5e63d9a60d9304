"""The page's rules on a real node and a real ledger: tried, written to files, put in force, rung, silence told."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from elasticsearch import Elasticsearch
from typer.testing import CliRunner

from ingest.dates import now
from search.client import connect
from search.prescan import QueryError
from search.ruledesk import Draft
from search.rules.faults import RefusedError
from search.rules.publishing import Mute, mute
from search.schema import Names
from search.store import ElasticsearchIndex
from search.upkeep import ensure_schema
from tests.integration.search_material import MemoryHomes, digest, document
from tests.services import ValkeyHandle
from worker.cli import app
from worker.ruledesk import RuleRoom
from worker.rulesync import apply
from worker.services import Services
from worker.settings import environment, read_settings

pytestmark = pytest.mark.services
RULE = """\
# Ditulis tangan.
id: kantor
name: Kantor penghubung   # nama
owner: desk
query: '"kantor penghubung"'
tests:
  match:
    - Kantor penghubung NATO dibuka
    - Lowongan besar, kantor penghubung pindah
"""


class Ear(BaseHTTPRequestHandler):
    """A receiver of webhooks. What it heard stands in `heard`."""

    heard: list[bytes] = []  # noqa: RUF012 - of all requests of one test

    def do_POST(self) -> None:
        self.heard.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def receiver() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Ear)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"webhook+http://127.0.0.1:{server.server_address[1]}/hook?secret=s3cr3t-s3cr3t"
    server.shutdown()
    server.server_close()


@pytest.fixture
def client(elasticsearch_url: str, index_prefix: str) -> Iterator[Elasticsearch]:
    with closing(connect(elasticsearch_url)) as made:
        ensure_schema(made, index_prefix)
        yield made


@pytest.fixture
def ledger(valkey: ValkeyHandle, redis_prefix: str, receiver: str) -> dict[str, str]:
    """Settings: where the ledger is, and one channel."""
    return {"REDIS_URL": valkey.url, "REDIS_PREFIX": redis_prefix, "CHANNELS": f"webhook:desk={receiver}"}


@pytest.fixture
def services(
    client: Elasticsearch, ledger: dict[str, str], elasticsearch_url: str, index_prefix: str, tmp_path: Path
) -> Iterator[Services]:
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "kantor.yaml").write_text(RULE)
    given = {
        "STATE_DIR": str(tmp_path),
        "ELASTICSEARCH_URL": elasticsearch_url,
        "INDEX_PREFIX": index_prefix,
        **ledger,
    }
    made = Services(read_settings({f"KAWAT_{name}": value for name, value in given.items()}))
    apply(made, by="test")
    yield made
    made.elasticsearch.close()
    made.redis.close()


@pytest.fixture
def room(services: Services) -> RuleRoom:
    return RuleRoom(services)


def filled(client: Elasticsearch, prefix: str) -> None:
    texts = {
        "NATO buka kantor penghubung": "Rencana itu dibahas.",
        "Lowongan di kantor penghubung": "Dua belas lowongan.",
        "Lowongan lain di kantor penghubung": "Tiga lowongan.",
        "Kantor hubungan masyarakat pindah": "Gedung baru.",
        "Nikel": "Harga naik.",
    }
    documents = [document(title, body=body, seen=now() - timedelta(hours=2)) for title, body in texts.items()]
    old = document("Kantor penghubung dahulu", body="x", seen=now() - timedelta(days=50))
    ElasticsearchIndex(client, prefix, MemoryHomes()).write([*documents, old])
    client.indices.refresh(index=Names(prefix).articles)


def test_what_a_rule_would_have_caught_is_told_by_day(room: RuleRoom, client: Elasticsearch, index_prefix: str) -> None:
    filled(client, index_prefix)
    found = room.caught('"kantor penghubung"')
    assert (found.total, sum(found.daily), len(found.daily)) == (3, 3, 30)
    assert found.stories <= 3
    assert any("<mark>" in hit.title_html for hit in found.hits)
    assert room.caught('"kantor penghubung"', match="stemmed").total == 4
    with pytest.raises(QueryError, match="cuntry"):
        room.caught("cuntry:JP")


def test_alert_me_writes_a_file_and_the_rule_is_in_force(room: RuleRoom, services: Services) -> None:
    draft = Draft(
        name="Nikel Halmahera",
        query="nikel AND Halmahera",
        priority="high",
        realert="6h",
        schedule="0 7 * * *",
        notify=("webhook:desk",),
        example="Nikel Halmahera diekspor",
    )
    assert room.add(draft) == "nikel-halmahera"
    rule = room.listed().rule("nikel-halmahera")
    assert rule is not None
    assert (rule.priority, rule.realert, rule.notify) == ("high", 6 * 3600, ("webhook:desk",))
    assert rule.digest is not None
    assert rule.tests.match == ("Nikel Halmahera diekspor",)
    assert services.rules.current().rule("nikel-halmahera") == rule
    text = (services.settings.rules_folder / "nikel-halmahera.yaml").read_text()
    assert text.startswith("# Written on the page")
    with pytest.raises(QueryError):
        room.add(draft.model_copy(update={"query": "cuntry:JP"}))
    for wrong in ({"schedule": "whenever"}, {"notify": ("mailto:nobody",)}):
        with pytest.raises(RefusedError):
            room.add(draft.model_copy(update=wrong))
    assert len(room.listed().rules) == 2


def test_what_was_no_match_is_kept_out_and_what_else_would_go_is_shown(
    room: RuleRoom, client: Elasticsearch, index_prefix: str, services: Services
) -> None:
    filled(client, index_prefix)
    article, sentence = digest("Lowongan di kantor penghubung"), "Dua belas lowongan di kantor penghubung."
    nothing = room.losing("kantor", sentence, "", article)
    assert (nothing.lost.total, nothing.lost.lost, nothing.lost.takes) == (3, 0, False)
    assert [(one.sentence, one.found) for one in nothing.examples] == [(sentence, True)]
    losing = room.losing("kantor", sentence, "lowongan", article)
    assert (losing.lost.total, losing.lost.lost, losing.lost.takes) == (3, 2, True)
    assert [hit.title for hit in losing.lost.hits] == ["Lowongan lain di kantor penghubung"]
    assert [(one.sentence, one.wanted) for one in losing.examples] == [
        ("Lowongan besar, kantor penghubung pindah", True)
    ]
    room.no_match("kantor", sentence, "lowongan NEAR/3 belas")
    rule = room.listed().rule("kantor")
    assert rule is not None
    assert (rule.none_of, rule.tests.no_match) == (("lowongan NEAR/3 belas",), (sentence,))
    text = (services.settings.rules_folder / "kantor.yaml").read_text()
    assert text.startswith("# Ditulis tangan.")
    assert "   # nama" in text
    with pytest.raises(KeyError):
        room.losing("nothing", sentence, "")
    with pytest.raises(QueryError):
        room.no_match("kantor", sentence, "cuntry:JP")


def test_send_test_rings_the_channel_and_tells_no_secret(room: RuleRoom) -> None:
    Ear.heard.clear()
    assert list(room.channels()) == ["webhook:desk"]
    rung = room.ring("webhook:desk")
    assert (rung.arrived, rung.error) == (True, "")
    assert b'"kind":"test"' in Ear.heard[0].replace(b" ", b"")
    with pytest.raises(KeyError):
        room.ring("mailto:nobody")


def test_a_rule_s_silence_is_told_with_a_test_article(room: RuleRoom) -> None:
    made = room.receipt("kantor", testing=True)
    assert made.probe is not None
    assert made.probe.found
    assert made.trusted
    assert room.receipt("kantor").probe is None
    assert room.receipt().rule is None
    with pytest.raises(KeyError):
        room.receipt("nothing")


def test_kawat_receipt_says_the_same_and_fails_where_the_silence_is_worthless(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment(services.settings).items():
        monkeypatch.setenv(name, value)
    run = CliRunner().invoke
    told = run(app, ["receipt", "kantor"])
    assert (told.exit_code, "No alert in 24 h; no feed is followed" in told.stdout) == (0, True)
    assert "Test article found in" in told.stdout
    assert "Artikel uji ditemukan" in run(app, ["receipt", "--language", "id"]).stdout
    made = json.loads(run(app, ["receipt", "kantor", "--hours", "12", "--json"]).stdout)
    assert (made["rule"], made["trusted"], made["probe"]["found"]) == ("kantor", True, True)
    mute(services.elasticsearch, services.settings.index_prefix, Mute(rule="kantor", until=now() + timedelta(hours=1)))
    assert run(app, ["receipt", "kantor"]).exit_code == 1
    assert run(app, ["receipt", "nothing"]).exit_code == 2


def test_a_broken_file_is_told_and_the_last_good_set_stays(room: RuleRoom, services: Services) -> None:
    (services.settings.rules_folder / "rusak.yaml").write_text("id: rusak\nqurey: x\n")
    assert room.add(Draft(name="Baru", query="NATO")) == "baru"
    known = room.listed()
    assert [one.id for one in known.rules] == ["kantor"]
    assert known.faults[0].file == "rusak.yaml"
