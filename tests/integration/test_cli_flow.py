"""The commands of every day, as a user runs them: what they print, where, and how they end. Never a traceback."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ingest.opml import read_opml
from ingest.records import Entry
from ingest.urls import entry_id
from tests.newsroom import Newsroom
from tests.newsroom.sample import sample_articles
from tests.services import ValkeyHandle
from worker import cli
from worker.runner import run_batch
from worker.services import Services
from worker.settings import PROJECT, read_settings
from worker.start import prepare
from worker.topology import STAGES
from worker.verdicts import End

pytestmark = pytest.mark.services


@dataclass(frozen=True)
class Said:
    """How a command ended, what it wrote."""

    code: int
    out: str
    err: str

    def lines(self) -> list[Any]:
        """What `--json` gives: one JSON value a line."""
        return [json.loads(line) for line in self.out.splitlines()]


Kawat = Callable[..., Said]


@pytest.fixture(scope="module")
def newsroom() -> Iterator[Newsroom]:
    with Newsroom(window=None) as room:
        feed = room.add_feed("dunia", language="id")
        for one in sample_articles()[:4]:
            room.publish("dunia", one)
        assert feed
        yield room


@pytest.fixture
def environment(
    valkey: ValkeyHandle, redis_prefix: str, elasticsearch_url: str, index_prefix: str, tmp_path: Path
) -> dict[str, str]:
    return {
        "KAWAT_STATE_DIR": str(tmp_path / "state"),
        "KAWAT_REDIS_URL": valkey.url,
        "KAWAT_REDIS_PREFIX": redis_prefix,
        "KAWAT_ELASTICSEARCH_URL": elasticsearch_url,
        "KAWAT_INDEX_PREFIX": index_prefix,
        "KAWAT_ALLOW_HOSTS": "127.0.0.1",
        "KAWAT_PACKS": "false",
        "KAWAT_SAMPLE": "false",
    }


@pytest.fixture
def services(environment: dict[str, str]) -> Iterator[Services]:
    """The schema and an empty ledger; what a test looks at behind the commands' back."""
    settings = read_settings(environment)
    prepare(settings)
    with opened(Services(settings)) as found:
        yield found


@contextmanager
def opened(services: Services) -> Iterator[Services]:
    yield services
    services.redis.close()
    services.elasticsearch.close()


@pytest.fixture
def kawat(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Kawat:
    """Runs `kawat …` as its entry point does, in this process."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments: str) -> Said:
        capfd.readouterr()
        monkeypatch.setattr(sys, "argv", ["kawat", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        sys.stdout.flush()
        said = capfd.readouterr()
        assert "Traceback" not in said.out + said.err
        return Said(int(ended.value.code or 0), said.out, said.err)

    return run


def flow_on(services: Services) -> None:
    """What workers would do, until nothing is due."""
    while any(
        run_batch(stage, services.ledger, services.ports(stage.name), lambda _name: None) for stage in STAGES.values()
    ):
        pass
    services.index.refresh()


def brought_in(kawat: Kawat, services: Services, newsroom: Newsroom) -> None:
    """The newsroom's four articles, by way of its feed."""
    url = newsroom.feeds()["dunia"]
    assert kawat("feeds", "add", url, "--name", "Warta Contoh", "--language", "id", "--country", "ID").code == 0
    flow_on(services)


@pytest.mark.usefixtures("services")
def test_the_status_of_an_empty_ledger(kawat: Kawat) -> None:
    said = kawat("status", "--json")
    (status,) = said.lines()
    assert (said.code, status["adds_up"], status["counts"]["seen"]) == (0, True, 0)


def test_status_shows_what_came_of_everything_and_adds_up(kawat: Kawat, services: Services, newsroom: Newsroom) -> None:
    brought_in(kawat, services, newsroom)
    kawat("feeds", "add", f"{newsroom.url}/nothing-here", "--name", "Hilang")
    flow_on(services)
    said = kawat("status", "--json")
    (status,) = said.lines()
    counts = status["counts"]
    parts = ("indexed", "duplicate", "discarded", "quarantined", "in_flight")
    assert said.code == 0
    assert counts["seen"] == sum(counts[part] for part in parts) == 4
    assert (counts["missing"], status["adds_up"]) == (0, True)
    assert (status["feeds"]["ok"], status["feeds"]["failing"]) == (1, 1)
    said = kawat("status")
    assert (said.code, said.err) == (0, "")
    names, numbers = (line.split("  ") for line in said.out.splitlines()[:2])
    shown = dict(zip([n.strip() for n in names if n.strip()], [n.strip() for n in numbers if n.strip()], strict=True))
    assert shown == {name.replace("_", " "): str(counts[name]) for name in ("seen", *parts)}
    assert "1 ok, 0 not polled yet, 1 failing" in said.out
    assert "Hilang: answered 404" in said.out


def test_status_ends_with_1_where_the_counts_do_not_add_up(kawat: Kawat, services: Services) -> None:
    services.redis.hincrby(services.ledger.key("counts"), "seen", 2)
    said = kawat("status")
    assert said.code == 1
    assert "2 entries are missing" in said.out


def test_a_page_is_taken_in_once_and_a_bad_address_stops_no_good_one(
    kawat: Kawat, services: Services, newsroom: Newsroom
) -> None:
    page = newsroom.pages()[0].url
    said = kawat("ingest", "ftp://example.com/x", page, "not a url")
    assert said.code == 1
    assert "taken in" in said.out
    assert "'ftp'" in said.err
    assert "'not a url'" in said.err
    assert said.err.count("what to do") == 2
    said = kawat("ingest", page)
    assert (said.code, said.err) == (0, "")
    assert "known already: ready" in said.out
    flow_on(services)
    (told,) = kawat("ingest", page, "--json").lines()
    assert (told["new"], told["state"], told["url"]) == (False, "indexed", page)


def test_search_prints_one_json_object_a_line(kawat: Kawat, services: Services, newsroom: Newsroom) -> None:
    brought_in(kawat, services, newsroom)
    said = kawat("search", '"kantor penghubung" AND country:JP', "--json")
    hits = said.lines()
    assert (said.code, said.err) == (0, "")
    assert hits
    for hit in hits:
        assert {"id", "url", "title", "source", "language", "published", "highlight"} <= set(hit)
        assert any("<mark>" in fragment for fragment in (*hit["highlight"], hit["title_html"]))
    assert "Warta Contoh" in {hit["source_name"] for hit in hits}
    first = kawat("search", "lang:id", "--json", "--size", "1", "--sort", "published").lines()
    assert len(first) == 1
    human = kawat("search", '"kantor penghubung" AND country:JP')
    assert human.code == 0
    assert all(hit["url"] in human.out for hit in hits)
    assert "<mark>" not in human.out
    assert human.out.splitlines()[-1].startswith(f"{len(hits)} article")
    assert kawat("search", "tidakada", "--json") == Said(0, "", "")


@pytest.mark.usefixtures("services")
@pytest.mark.parametrize(
    ("query", "at"),
    [("titel:x", 0), ("NATO AND (Tokyo", 9), ("日本 AND titel:x", 9), ('kantor "penghubung', 7), ("seen:besok", 5)],
)
def test_a_query_that_cannot_be_read_is_pointed_at(kawat: Kawat, query: str, at: int) -> None:
    """`at`: the column of the caret, a Han character being two wide."""
    said = kawat("search", query)
    assert (said.code, said.out) == (2, "")
    lines = said.err.splitlines()
    shown = next(n for n, line in enumerate(lines) if line == f"  {query}")
    assert lines[shown + 1] == f"  {' ' * at}^"
    assert "docs/query-language.md" in said.err


def test_a_wrong_option_says_what_there_is(kawat: Kawat) -> None:
    said = kawat("search", "x", "--sort", "newest")
    assert said.code == 2
    assert "'seen', 'published', 'relevance'" in said.err
    said = kawat("worker", "pagse")
    assert said.code == 2
    assert "did you mean pages?" in said.err
    said = kawat("worker", "articles", "pages")
    assert said.code == 2
    assert "kawat worker articles" in said.err
    assert said.err.count("kawat worker pages") == 1


def test_extraction_is_loaded_before_its_processes_are_made() -> None:
    """Extractor and language model: what each process would else load for itself, some 90 MB."""
    script = (
        "import sys\nfrom worker.commands.processes import load_extraction\nload_extraction()\n"
        "from ingest.tagging.language import _identifier\n"
        "print('trafilatura' in sys.modules, _identifier.cache_info().currsize)"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "1"]


@pytest.mark.usefixtures("services")
def test_feeds_are_followed_listed_and_left(kawat: Kawat) -> None:
    one, two = "https://one.example/rss", "https://two.example/rss"
    said = kawat("feeds", "add", one, "gopher://x", two, "--folder", "ASEAN", "--kind", "state")
    assert (said.code, said.out) == (1, "2 added, 0 changed, 0 followed already\n")
    assert "'gopher'" in said.err
    assert kawat("feeds", "add", one, "--folder", "ASEAN", "--kind", "state").out.startswith("0 added, 0 changed, 1")
    rows = kawat("feeds", "list", "--json").lines()
    assert [(row["url"], row["folder"], row["kind"], row["state"]) for row in rows] == [
        (one, "ASEAN", "state", "new"),
        (two, "ASEAN", "state", "new"),
    ]
    shown = kawat("feeds", "list").out
    assert all(row["id"][:8] in shown and row["name"] in shown for row in rows)
    assert kawat("feeds", "list", "--failing").out == "No feed fails.\n"
    said = kawat("feeds", "remove", "nonsense")
    assert said.code == 2
    assert "no feed is called 'nonsense'" in said.err
    assert kawat("feeds", "remove", rows[0]["id"][:8]).out == "1 removed\n"
    assert kawat("feeds", "remove", two).out == "1 removed\n"
    assert "No feed is followed" in kawat("feeds", "list").out
    said = kawat("feeds", "add", one, "--kind", "royal")
    assert said.code == 2
    assert "--kind" in said.err


@pytest.mark.usefixtures("services")
def test_what_is_exported_can_be_imported(kawat: Kawat, tmp_path: Path) -> None:
    kawat("feeds", "add", "https://one.example/rss", "--name", "A & B <c>", "--folder", "ASEAN", "--owner", "Negara")
    kawat("feeds", "add", "https://two.example/rss", "--language", "id", "--country", "ID", "--kind", "state")
    before = kawat("feeds", "list", "--json").lines()
    file = tmp_path / "feeds.opml"
    assert "2 feeds written" in kawat("feeds", "export", str(file)).out
    assert kawat("feeds", "export").out.encode() == file.read_bytes()
    assert len(read_opml(file.read_bytes(), "it").feeds) == 2
    kawat("feeds", "remove", *(row["url"] for row in before))
    assert kawat("feeds", "import", str(file)).out == ("2 added, 0 changed, 0 followed already, 0 not understood\n")
    after = kawat("feeds", "list", "--json").lines()
    assert [{**row, "next_poll": ""} for row in after] == [{**row, "next_poll": ""} for row in before]


@pytest.mark.usefixtures("services")
def test_what_is_wrong_in_an_opml_is_told_by_line_and_stops_nothing_else(kawat: Kawat, tmp_path: Path) -> None:
    file = tmp_path / "mixed.opml"
    file.write_text(
        '<opml version="2.0"><body>\n'
        '  <outline type="rss" text="Good" xmlUrl="https://good.example/rss"/>\n'
        '  <outline type="rss" text="Bad" xmlUrl="ftp://bad.example/rss"/>\n'
        '  <outline type="rss" text="Odd" xmlUrl="https://odd.example/rss" kind="royal"/>\n'
        "</body></opml>\n"
    )
    said = kawat("feeds", "import", str(file))
    assert said.code == 1
    assert f"{file}:3" in said.err
    assert f"{file}:4" in said.err
    assert "good.example" in {row["url"].split("/")[2] for row in kawat("feeds", "list", "--json").lines()}
    broken = tmp_path / "broken.opml"
    broken.write_text('<opml version="2.0">\n<body>\n<outline')
    said = kawat("feeds", "import", str(broken))
    assert said.code == 1
    assert f"{broken}:3" in said.err
    assert kawat("feeds", "import", str(tmp_path / "none.opml")).code == 2


def test_a_feed_is_looked_at_without_being_kept(kawat: Kawat, services: Services, newsroom: Newsroom) -> None:
    url = newsroom.feeds()["dunia"]
    (seen,) = kawat("feeds", "check", url, "--json").lines()
    assert (seen["url"], len(seen["entries"]), seen["language"]) == (url, 4, "id")
    said = kawat("feeds", "check", url)
    assert said.code == 0
    assert all(entry["title"] in said.out for entry in seen["entries"])
    assert (services.ledger.counts().seen, services.subscriptions.ids()) == (0, [])
    said = kawat("feeds", "check", f"{newsroom.url}/nothing-here")
    assert said.code == 1
    assert f"{newsroom.url}/nothing-here" in said.err
    assert "404" in said.err


def test_a_sites_feeds_are_found(kawat: Kawat, newsroom: Newsroom) -> None:
    said = kawat("feeds", "discover", newsroom.url)
    assert said.code == 0
    assert newsroom.feeds()["dunia"] in said.out
    assert newsroom.feeds()["dunia"] in {
        row["url"] for row in kawat("feeds", "discover", newsroom.url, "--json").lines()
    }
    said = kawat("feeds", "discover", newsroom.pages()[0].url.replace("/id/", "/none/"))
    assert said.code == 1
    assert "404" in said.err


def quarantined(services: Services, *urls: str) -> list[str]:
    """Entries in quarantine: their ids."""
    entries = [Entry(id=entry_id(None, url, None), feed_id=None, url=url) for url in urls]
    services.ledger.claim(entries, stage="fetch")
    lease = services.ledger.lease("fetch", 100)
    services.ledger.apply(
        lease, [(item, End("quarantined", "it [ends] workers")) for item in lease.items], following=None
    )
    return [entry.id for entry in entries]


def test_quarantine_is_listed_shown_replayed_and_given_up_by_the_beginning_of_an_id(
    kawat: Kawat, services: Services
) -> None:
    one, two, three = quarantined(services, *(f"https://example.com/[{n}]" for n in (1, 2, 3)))
    said = kawat("quarantine", "list")
    assert all(id[:12] in said.out for id in (one, two, three))
    assert "https://example.com/[1]" in said.out
    assert "it [ends] workers" in said.out
    assert {row["id"] for row in kawat("quarantine", "list", "--json").lines()} == {one, two, three}
    said = kawat("quarantine", "show", one[:10])
    assert (said.code, one in said.out, "it [ends] workers" in said.out) == (0, True, True)
    (shown,) = kawat("quarantine", "show", one[:10], "--json").lines()
    assert (shown["id"], shown["state"]) == (one, "quarantined")
    assert kawat("quarantine", "replay", one[:10]).out == "1 sent on again\n"
    assert services.ledger.stage_counts()["fetch"].ready == 1
    assert kawat("quarantine", "discard", two[:10]).out == "1 given up\n"
    for wrong in (("replay", "zzzz"), ("show", "zzzz"), ("discard",), ("replay", "--all", three)):
        said = kawat("quarantine", *wrong)
        assert (said.code, said.out) == (2, "")
    assert kawat("quarantine", "discard", "--all").out == "1 given up\n"
    assert kawat("quarantine", "list").out == "Nothing is in quarantine.\n"
    (status,) = kawat("status", "--json").lines()
    assert status["adds_up"]
    assert status["discarded_by_reason"] == {"by-hand": 2}


@pytest.mark.parametrize(
    "command",
    [
        ("status",),
        ("ingest", "https://example.com/1"),
        ("feeds", "list"),
        ("feeds", "add", "https://example.com/rss"),
        ("quarantine", "list"),
        ("sample", "remove"),
    ],
)
def test_without_valkey_each_command_says_so(
    kawat: Kawat, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, command: tuple[str, ...]
) -> None:
    monkeypatch.setenv("KAWAT_REDIS_URL", f"unix://{tmp_path}/none.sock")
    said = kawat(*command)
    assert (said.code, said.out) == (1, "")
    assert "Valkey does not answer" in said.err
    assert "kawat up" in said.err


def test_without_elasticsearch_search_says_so(kawat: Kawat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAWAT_ELASTICSEARCH_URL", "http://127.0.0.1:1")
    said = kawat("search", "x")
    assert (said.code, said.out) == (1, "")
    assert "Elasticsearch is not available" in said.err
    assert "kawat up" in said.err


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("KAWAT_ELASTICSEARCH_URL", "search.example:9200", "search.example:9200"),
        ("KAWAT_ELASTICSEARCH_URL", "https://search.example", "https://search.example"),
        ("KAWAT_ELASTICSEARCH_URL", "http://search.example:port", "********"),  # it might be a password
        ("KAWAT_REDIS_URL", "localhost:6379", "localhost:6379"),
    ],
)
def test_an_address_of_a_service_that_is_none_is_a_wrong_setting(
    kawat: Kawat, monkeypatch: pytest.MonkeyPatch, name: str, value: str, shown: str
) -> None:
    monkeypatch.setenv(name, value)
    said = kawat("search", "x")
    assert (said.code, said.out) == (2, "")
    assert f"{name}='{shown}': it " in said.err


def test_a_search_before_the_set_up_says_so(kawat: Kawat) -> None:
    said = kawat("search", "x")
    assert (said.code, said.out) == (1, "")
    assert "not set up yet" in said.err
    assert kawat("prepare").code == 0
    assert kawat("prepare").code == 0
    assert kawat("search", "x").code == 0


@pytest.mark.usefixtures("services")
def test_the_sample_source_comes_and_goes(kawat: Kawat, monkeypatch: pytest.MonkeyPatch) -> None:
    said = kawat("sample", "add")
    assert said.code == 1
    assert "KAWAT_SAMPLE" in said.err
    monkeypatch.setenv("KAWAT_SAMPLE", "true")
    assert kawat("sample", "add").out == "The sample source is followed.\n"
    assert kawat("sample", "add").out == "The sample source was followed already.\n"
    assert kawat("sample", "remove").out == "The sample source is gone, and 0 articles with it.\n"
    assert kawat("feeds", "list", "--json").out == ""
