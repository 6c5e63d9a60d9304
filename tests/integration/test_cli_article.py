"""`kawat article` as a person calls it: one article, its history, what changed in it, and what there is not."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ingest.records import Mention
from ingest.urls import article_id
from search.client import connect
from search.history import NoArticleError, history
from search.ports import Document
from search.schema import Names
from search.store import ElasticsearchIndex
from search.upkeep import ensure_schema
from tests.integration.search_material import MemoryHomes, document
from tests.integration.visits import STORY, STUB, gone, visit
from tests.services import ValkeyHandle
from worker import cli
from worker.services import Services
from worker.settings import read_settings

pytestmark = pytest.mark.services
URL = "https://www.news.example/dunia/kantor-penghubung-nato-dibuka-di-tokyo"
EDITED = STORY.replace("oleh 15 negara", "oleh 16 negara")


@dataclass(frozen=True)
class Said:
    """How a command ended, what it wrote."""

    code: int
    out: str
    err: str

    @property
    def value(self) -> Any:
        """What `--json` gives: one JSON object."""
        return json.loads(self.out)


Kawat = Callable[..., Said]


@pytest.fixture
def index(elasticsearch_url: str, index_prefix: str) -> Iterator[ElasticsearchIndex]:
    with closing(connect(elasticsearch_url)) as client:
        ensure_schema(client, index_prefix)
        yield ElasticsearchIndex(client, index_prefix, MemoryHomes())


@pytest.fixture
def environment(elasticsearch_url: str, index_prefix: str, tmp_path: Path) -> dict[str, str]:
    return {
        "KAWAT_STATE_DIR": str(tmp_path / "state"),
        "KAWAT_REDIS_URL": "redis://127.0.0.1:1",
        "KAWAT_ELASTICSEARCH_URL": elasticsearch_url,
        "KAWAT_INDEX_PREFIX": index_prefix,
        "KAWAT_TZ": "UTC",
    }


@pytest.fixture
def kawat(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Kawat:
    """Runs `kawat article …` as its entry point does, in this process."""
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments: str) -> Said:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        capfd.readouterr()
        monkeypatch.setattr(sys, "argv", ["kawat", "article", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        sys.stdout.flush()
        said = capfd.readouterr()
        assert "Traceback" not in said.out + said.err
        return Said(int(ended.value.code or 0), said.out, said.err)

    return run


@pytest.fixture
def story(index: ElasticsearchIndex) -> Document:
    """Written, edited twice, gutted, back, gone."""
    tokyo = Mention(id="Q1490", type="place", name="Tokyo", surfaces=("Tokyo",), count=1, spans=())
    origins = {"published": "json-ld datePublished"}
    one = document("Kantor NATO dibuka", url=URL, body=STORY, origins=origins, mentions=(tokyo,))
    one = one.model_copy(update={"known_as": article_id(URL)})
    index.write([one])
    third = EDITED.replace("mengatakan pada hari ke-2 ", "membantah pada hari ke-2 ")
    index.write([visit(one, 1, title="Kantor NATO batal dibuka", body=EDITED)])
    index.write([visit(one, 2, title="Kantor NATO batal dibuka", body=third)])
    index.write([visit(one, 3, title="Maaf", body=STUB)])
    index.write([visit(one, 4, title="Kantor NATO batal dibuka", body=third)])
    index.vanish([gone(one, 5, "410")])
    index.refresh()
    return one


def test_an_article_is_shown_with_its_values_and_where_they_came_from(kawat: Kawat, story: Document) -> None:
    for what in (story.id, story.id[:8], URL, URL.replace("https://www.", "http://") + "?utm_source=x#top"):
        said = kawat(what)
        assert (said.code, said.err) == (0, "")
        lines = said.out.splitlines()
        assert lines[:2] == ["Kantor NATO batal dibuka", URL]
        assert lines[2] == "2026-03-04 10:06  vanished (410): this is the last text there was"
        values = dict(line.split(maxsplit=1) for line in lines[4 : lines.index("", 4)])
        assert values["place"] == "Tokyo"
        assert "story_id" not in values
        assert values["source_name"] == "Contoh Berita"
        assert values["published"] == "2026-03-04 01:02 (UTC)  (json-ld datePublished)"
        assert values["changed"] == "title, body, gutted, back, vanished"
        assert (
            f"3 versions; last: 2026-03-04 10:06  vanished (410); kawat article {story.id[:12]} --history" in said.out
        )
        assert "membantah pada hari ke-2" in said.out


def test_the_history_names_each_version_and_what_became_of_the_page(kawat: Kawat, story: Document) -> None:
    said = kawat(URL, "--history")
    assert said.code == 0
    rows = [line.split() for line in said.out.splitlines() if line[:1].isdigit() and "→" not in line]
    rows = [row for row in rows if "-" not in row[0] or "gutted" in row[0]]
    assert [row[0] for row in rows] == ["1", "2", "3", "3-gutted-1"]
    assert "title, body" in said.out
    assert "no text of it" in said.out
    for event in (
        "06:06  another title, another text",
        "07:06  another text",
        "08:06  the text was taken off, 6 words left",
        "09:06  there again",
        "10:06  vanished (410)",
    ):
        assert f"2026-03-04 {event}" in said.out
    found = kawat(story.id, "--history", "--json").value
    assert [one["label"] for one in found["versions"]] == ["1", "2", "3", "3-gutted-1"]
    assert [one["changed"] for one in found["versions"]] == [[], ["title", "body"], ["body"], []]
    assert [one["stub"] for one in found["versions"]] == [False, False, False, True]
    assert [one["what"] for one in found["events"]] == [["title", "body"], ["body"], ["gutted"], ["back"], ["vanished"]]
    assert found["missing"] == []


def test_a_difference_is_shown_word_by_word(kawat: Kawat, story: Document) -> None:
    said = kawat(URL, "--diff", "1", "2")
    assert said.code == 0
    assert "Kantor NATO {+batal +}dibuka" in said.out
    assert "akan dibuka oleh [-15 -]{+16 +}negara." in said.out
    assert len(said.out) < len(STORY)
    found = kawat(URL, "--diff", "2", "now", "--json").value
    assert (found["from"], found["to"]) == ("2", "3")
    assert found["title"] == [{"kind": "same", "text": "Kantor NATO batal dibuka"}]
    assert [one["text"] for one in found["body"] if one["kind"] != "same"] == ["mengatakan ", "membantah "]
    assert "The same words." in kawat(URL, "--diff", "3", "now").out


def test_on_a_terminal_what_went_is_struck_through_and_what_came_is_green() -> None:
    from ingest.worddiff import word_diff
    from worker.commands.article import _marked

    text = _marked(word_diff("12 tewas", "15 tewas"), plain=False)
    assert [(text.plain[span.start : span.end], span.style) for span in text.spans] == [
        ("12 ", "red strike"), ("15 ", "green"),
    ]  # fmt: skip


def test_a_version_that_is_not_there_names_those_that_are(kawat: Kawat, story: Document) -> None:
    said = kawat(story.id, "--diff", "1", "9")
    assert said.code == 2
    assert "there is no version '9'" in said.err
    assert "1, 2, 3, 3-gutted-1, now" in said.err
    assert kawat(story.id, "--diff", "1", "2", "--history").code == 2


def test_what_is_not_there_is_named_with_the_nearest_address_of_the_site(kawat: Kawat, story: Document) -> None:
    said = kawat(URL.replace("dibuka", "buka"))
    assert said.code == 1
    assert f"there is no article at {URL.replace('dibuka', 'buka')}" in said.err
    assert f"did you mean {URL}?" in said.err
    said = kawat("https://elsewhere.example/kantor")
    assert said.code == 1
    assert "did you mean" not in said.err
    assert "there is no article with the id " + "0" * 32 in kawat("0" * 32).err
    said = kawat("not an address")
    assert said.code == 1
    assert "not a usable URL" in said.err


def test_a_beginning_that_several_ids_share_is_refused(kawat: Kawat, index: ElasticsearchIndex) -> None:
    first, second = document("a"), document("b")
    shared = [one.model_copy(update={"known_as": f"abcdef{n}" + "0" * 25}) for n, one in enumerate((first, second))]
    index.write(shared)
    index.refresh()
    said = kawat("abcdef")
    assert said.code == 1
    assert "several articles' ids begin with abcdef" in said.err
    assert kawat("abcdef1").code == 0


def test_an_article_is_found_by_the_address_that_its_feed_gave(kawat: Kawat, index: ElasticsearchIndex) -> None:
    link = "https://feeds.example/r/1"
    one = document("a").model_copy(update={"entry_id": article_id(link)})
    index.write([one])
    index.refresh()
    assert kawat(link, "--json").value["article_id"] == one.id


def test_an_address_leads_to_the_article_that_stands_there_not_to_one_that_declares_it(
    kawat: Kawat, index: ElasticsearchIndex
) -> None:
    false = document("b", entry="second", url=URL, body=EDITED, page_url="https://www.news.example/other")
    false = false.model_copy(update={"known_as": article_id(URL)})
    true = document("a", entry="first", url=URL, body="Harga beras naik di semua pasar kota itu, kata pedagang.")
    true = true.model_copy(
        update={
            "tagged": true.tagged.model_copy(
                update={"article": true.tagged.article.model_copy(update={"id": article_id(URL)})}
            )
        }
    )
    assert [one.outcome for one in index.write([false, true])] == ["written", "written"]
    assert kawat(URL, "--json").value["title"] == "a"
    assert kawat(article_id(URL), "--json").value["title"] == "b"


def test_a_history_is_told_before_anything_was_refreshed_and_names_what_is_missing(
    index: ElasticsearchIndex, elasticsearch_url: str, index_prefix: str, kawat: Kawat
) -> None:
    one = document("a", body=STORY)
    with closing(connect(elasticsearch_url)) as client:
        for family in ("articles", "revisions"):
            client.indices.put_settings(index=f"{index_prefix}{family}-000001", settings={"refresh_interval": "-1"})
        index.write([one])
        index.write([visit(one, 1, body=EDITED)])
        index.write([visit(one, 2, body=STORY)])
        found = history(client, Names(index_prefix), one.id)
        assert [version.body for version in found.versions] == [STORY, EDITED, STORY]
        assert found.missing == ()
        client.delete(index=f"{index_prefix}revisions-000001", id=f"{one.id}-1")
        assert history(client, Names(index_prefix), one.id).missing == ("1",)
        said = kawat(one.id, "--history")
        assert said.code == 0
        assert "version 1 is not in the index any more" in said.err
        with pytest.raises(NoArticleError):
            history(client, Names(index_prefix), "f" * 32)


def test_watching_asks_the_ledger_to_look_again(
    kawat: Kawat, story: Document, environment: dict[str, str], valkey: ValkeyHandle, redis_prefix: str
) -> None:
    said = kawat(URL, "--watch")
    assert (said.code, "Valkey does not answer" in said.err) == (1, True)
    environment |= {"KAWAT_REDIS_URL": valkey.url, "KAWAT_REDIS_PREFIX": redis_prefix}
    said = kawat(URL, "--watch")
    assert (said.code, said.err) == (0, "")
    assert "looked at again" in said.out
    assert kawat(URL, "--watch", "--json").value["watched"] is True
    services = Services(read_settings(environment))
    try:
        assert services.revisits.counts().planned == 1
    finally:
        services.redis.close()
