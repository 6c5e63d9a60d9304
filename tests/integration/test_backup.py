"""A backup of real services brings back the same search results, and no article comes twice after it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ingest.dates import now
from ingest.records import Entry, Feed
from search.lifecycle.snapshots import SnapshotError, delete_all
from search.schema import SCHEMA_VERSION
from search.store import ElasticsearchIndex
from search.upkeep import ensure_schema
from tests.integration.search_material import digest, document
from tests.integration.visits import EDITED, STORY, visit
from tests.services import ElasticsearchHandle, ValkeyHandle
from worker.backup import LEDGER, MANIFEST, SETTINGS, BackupError, backup, restore
from worker.cli import app, told
from worker.homes import LedgerHomes
from worker.ledgerdump import wipe
from worker.services import Services
from worker.settings import read_settings
from worker.turn import BusyError, turn
from worker.verdicts import End

pytestmark = pytest.mark.services
FEED = Feed(id="f" * 32, url="https://news.example/rss", name="Contoh", folder="Indonesia")


@pytest.fixture
def environment(
    elasticsearch_node: ElasticsearchHandle, index_prefix: str, valkey: ValkeyHandle, redis_prefix: str, tmp_path: Path
) -> dict[str, str]:
    return {
        "KAWAT_ELASTICSEARCH_URL": elasticsearch_node.url,
        "KAWAT_SNAPSHOT_DIR": str(elasticsearch_node.node.home / "snapshots"),
        "KAWAT_INDEX_PREFIX": index_prefix,
        "KAWAT_REDIS_URL": valkey.url,
        "KAWAT_REDIS_PREFIX": redis_prefix,
        "KAWAT_STATE_DIR": str(tmp_path / "state"),
        "KAWAT_ELASTICSEARCH_API_KEY": "",
        "KAWAT_SAMPLE": "false",
        "KAWAT_TZ": "Asia/Tokyo",
    }


@pytest.fixture
def stack(environment: dict[str, str]) -> Iterator[Services]:
    services = Services(read_settings(environment))
    ensure_schema(services.elasticsearch, services.settings.index_prefix)
    yield services
    services.redis.close()
    services.elasticsearch.close()


def entry(name: str) -> Entry:
    return Entry(id=digest(name), feed_id=FEED.id, url=f"https://news.example/{name}", title=name)


def index_of(stack: Services) -> ElasticsearchIndex:
    s = stack.settings
    return ElasticsearchIndex(
        stack.elasticsearch, s.index_prefix, LedgerHomes(stack.redis, s.redis_prefix, days=s.record_days)
    )


def finish(stack: Services, outcome: str, reason: str = "") -> None:
    """Whatever is due to be fetched ends in this outcome."""
    lease = stack.ledger.lease("fetch", 100)
    stack.ledger.apply(lease, [(item, End(outcome, reason)) for item in lease.items], following=None)  # type: ignore[arg-type]  # one of the outcomes


def fill(stack: Services) -> None:
    stack.subscriptions.add([FEED])
    stack.subscriptions.mark_restored()
    stack.redis.hset(stack.ledger.key("feed", FEED.id), mapping={"etag": '"abc"', "polls": 3, "listed": '["x"]'})
    stack.ledger.began()
    stack.ledger.claim([entry("broken")], stage="fetch", feed=FEED)
    finish(stack, "quarantined", "it would not be read")
    stack.ledger.claim([entry(name) for name in ("one", "two", "three")], stage="fetch", feed=FEED)
    finish(stack, "indexed")
    stack.ledger.claim([entry("under way")], stage="fetch", feed=FEED)
    one = document("one", body=STORY)
    index = index_of(stack)
    index.write([one, document("two"), document("three")])
    assert index.write([visit(one, 1, body=EDITED)])[0].outcome == "revised"
    index.refresh()


def lose(stack: Services) -> None:
    """Everything, and a new and empty stack in its place."""
    delete_all(stack.elasticsearch, stack.settings.index_prefix)
    wipe(stack.ledger)
    assert list(stack.redis.scan_iter(match=f"{stack.settings.redis_prefix}*")) == []
    ensure_schema(stack.elasticsearch, stack.settings.index_prefix)


def found(stack: Services, query: str = "penghubung") -> list[tuple[str, str]]:
    index_of(stack).refresh()
    result = stack.search.search(query)
    return sorted((hit.id, hit.title_html) for hit in result.hits)


def test_a_restored_stack_finds_the_same_and_takes_nothing_in_twice(stack: Services, tmp_path: Path) -> None:
    fill(stack)
    before, folder = found(stack), tmp_path / "backup"
    assert len(before) == 3
    manifest = backup(stack, folder)
    assert manifest.indices[f"{stack.settings.index_prefix}articles-000001"] == 3
    assert list((stack.settings.snapshot_dir or Path()).glob("kawat-*")) == []
    lose(stack)
    restore(stack, folder)

    assert found(stack) == before
    assert ensure_schema(stack.elasticsearch, stack.settings.index_prefix) == ()
    assert stack.subscriptions.get(FEED.id) == FEED
    assert stack.redis.hget(stack.ledger.key("feed", FEED.id), "etag") == b'"abc"'
    counts = stack.ledger.counts()
    assert (counts.seen, counts.indexed, counts.quarantined, counts.in_flight, counts.missing) == (4, 3, 1, 0, 0)
    assert stack.ledger.paused() == {}
    listed = [entry(name) for name in ("one", "two", "three", "under way", "broken")]
    assert stack.ledger.claim(listed, stage="fetch", feed=FEED) == [False, False, False, True, False]
    again = [document("one", body=EDITED), document("two"), document("two", entry="another"), document("new")]
    assert [one.outcome for one in index_of(stack).write(again)] == [
        "already-written", "already-written", "duplicate", "written",
    ]  # fmt: skip
    assert [one.why for one in stack.quarantine.listed()] == ["it would not be read"]
    assert stack.quarantine.replay(stack.quarantine.ids()) == 1
    assert {item.id for item in stack.ledger.lease("fetch", 9).items} == {digest("under way"), digest("broken")}
    assert stack.search.search("penghubung").total == 3


def test_a_stack_that_holds_something_is_only_overwritten_by_force(stack: Services, tmp_path: Path) -> None:
    fill(stack)
    folder = tmp_path / "backup"
    backup(stack, folder)
    index_of(stack).write([document("since then")])
    with pytest.raises(BackupError, match=r"4 articles, 1 feeds that were asked.*--force"):
        restore(stack, folder)
    assert len(found(stack)) == 4
    restore(stack, folder, force=True)
    assert len(found(stack)) == 3


def test_readers_briefs_alone_are_something_that_is_not_overwritten(stack: Services, tmp_path: Path) -> None:
    folder = tmp_path / "backup"
    backup(stack, folder)
    stack.briefs.begin(title="Only sample articles are here, and what a reader made of them")
    with pytest.raises(BackupError, match=r"1 briefs.*--force"):
        restore(stack, folder)


def test_rules_come_back_as_they_were_written_and_those_there_are_kept_beside_them(
    stack: Services, tmp_path: Path
) -> None:
    rules, written = stack.settings.rules_folder, "# the desk's own\nid: one\n"
    (rules / "concepts").mkdir(parents=True)
    (rules / "one.yaml").write_text(written)
    (rules / "concepts" / "office.yaml").write_text("id: office\n")
    manifest = backup(stack, tmp_path / "backup")
    assert {"rules/one.yaml", "rules/concepts/office.yaml"} <= set(manifest.sums)
    assert restore(stack, tmp_path / "backup", force=True)[1] is None, "nothing had changed"
    (rules / "one.yaml").write_text("id: changed\n")
    (rules / "two.yaml").write_text("id: two\n")
    _, before = restore(stack, tmp_path / "backup", force=True)
    assert before is not None
    assert (before / "one.yaml").read_text() == "id: changed\n"
    assert (before / "two.yaml").exists()
    assert (rules / "one.yaml").read_text() == written
    assert sorted(path.name for path in rules.rglob("*.yaml")) == ["office.yaml", "one.yaml"]
    (tmp_path / "backup" / "rules" / "one.yaml").write_text("id: tampered\n")
    with pytest.raises(BackupError, match="sha256"):
        restore(stack, tmp_path / "backup", force=True)


def edited(folder: Path) -> None:
    (folder / LEDGER).write_bytes(b"x")


def newer(folder: Path) -> None:
    manifest = json.loads((folder / MANIFEST).read_text())
    (folder / MANIFEST).write_text(json.dumps({**manifest, "schema_version": SCHEMA_VERSION + 1}))


def of_another(folder: Path) -> None:
    manifest = json.loads((folder / MANIFEST).read_text())
    (folder / MANIFEST).write_text(json.dumps({**manifest, "prefix": "other-"}))


def half(folder: Path) -> None:
    (folder / MANIFEST).unlink()


@pytest.mark.parametrize(
    ("spoil", "why"),
    [(edited, "sha256"), (newer, "newer Kawat"), (of_another, "KAWAT_INDEX_PREFIX=other-"), (half, "no backup")],
)
def test_what_is_no_whole_backup_of_this_stack_is_refused_before_anything_is_touched(
    stack: Services, tmp_path: Path, spoil: Callable[[Path], None], why: str
) -> None:
    fill(stack)
    folder = tmp_path / "backup"
    backup(stack, folder)
    spoil(folder)
    with pytest.raises(BackupError, match=why):
        restore(stack, folder, force=True)
    assert len(found(stack)) == 3
    with pytest.raises(BackupError, match="not empty"):
        backup(stack, folder)


def test_secrets_are_left_out_and_named(stack: Services, environment: dict[str, str], tmp_path: Path) -> None:
    secret = Services(read_settings({**environment, "KAWAT_ELASTICSEARCH_API_KEY": "s3cr3t"}))
    manifest = backup(secret, tmp_path / "backup")
    written = (tmp_path / "backup" / SETTINGS).read_text()
    assert manifest.left_out == ("KAWAT_ELASTICSEARCH_API_KEY",)
    assert "s3cr3t" not in written
    assert "KAWAT_TZ=Asia/Tokyo" in written
    assert (tmp_path / "backup").stat().st_mode & 0o077 == 0


def test_a_cluster_that_may_not_write_there_says_what_to_do(
    stack: Services, environment: dict[str, str], tmp_path: Path
) -> None:
    elsewhere = Services(read_settings({**environment, "KAWAT_SNAPSHOT_DIR": str(tmp_path)}))
    with pytest.raises(SnapshotError, match=r"path\.repo"):
        backup(elsewhere, tmp_path / "backup")
    nowhere = Services(read_settings({**environment, "KAWAT_SNAPSHOT_DIR": ""}))
    with pytest.raises(SnapshotError, match="KAWAT_SNAPSHOT_DIR"):
        backup(nowhere, tmp_path / "another")


def test_two_do_not_work_on_the_indices_at_once(stack: Services, tmp_path: Path) -> None:
    with turn(stack.ledger, "retention"), pytest.raises(BusyError, match=r"retention .* is at work"):
        backup(stack, tmp_path / "backup")
    with turn(stack.ledger, "retention"):
        pass


def test_the_commands_do_it_and_say_so(
    stack: Services, environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    fill(stack)
    index = index_of(stack)
    index.write([document("fresh", seen=now(), published=now())])
    index.refresh()
    alias = f"{stack.settings.index_prefix}articles"
    run = CliRunner()

    stack.elasticsearch.indices.put_mapping(index=f"{alias}-000001", meta={"schema": 1, "made_by": "kawat"})
    shown = run.invoke(app, ["index", "status"], env={"COLUMNS": "250"})
    assert (shown.exit_code, "behind: it has schema 1" in shown.output) == (1, True)
    made = run.invoke(app, ["index", "upgrade"])
    assert (made.exit_code, "done" in made.output, "snapshot" in made.output) == (0, True, True), made.output
    assert "Every index is as this Kawat writes it" in run.invoke(app, ["index", "upgrade"]).output
    assert run.invoke(app, ["index", "status", "--json"]).exit_code == 0
    assert "did you mean" in run.invoke(app, ["index", "upgrade", f"{alias}-00001"]).output
    assert "neither large nor old" in run.invoke(app, ["index", "rollover"]).output

    assert run.invoke(app, ["backup", str(tmp_path / "backup")]).exit_code == 0
    dry = run.invoke(app, ["retention", "--days", "30", "--dry-run"])
    assert "3 articles would go" in dry.output
    assert run.invoke(app, ["retention"]).exit_code == 2
    assert "3 articles gone" in run.invoke(app, ["retention", "--days", "30"]).output
    assert stack.search.search("penghubung").total == 1
    assert run.invoke(app, ["restore", str(tmp_path / "backup"), "--force"]).exit_code == 0
    assert stack.search.search("penghubung").total == 4
    assert told(BackupError("x")) == 1
    repository = f"{stack.settings.index_prefix}kawat-before-upgrades"
    stack.elasticsearch.snapshot.delete(repository=repository, snapshot="*")
    stack.elasticsearch.snapshot.delete_repository(name=repository)
