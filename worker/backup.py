"""A backup is a folder: a snapshot of the indices, the ledger, feeds as OPML, rules, settings, and a manifest.

The ledger is written down first, the snapshot taken after: whatever the ledger says was indexed is in it. What was
under way in between is read again, and recognised by its id: nothing is lost, nothing comes twice.
"""

from __future__ import annotations

import hashlib
import io
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.metadata import version
from pathlib import Path

import zstandard
from pydantic import SecretStr, ValidationError

from ingest.dates import now
from ingest.opml import write_opml
from ingest.records import Record, Utc
from search.lifecycle import snapshots
from search.lifecycle.snapshots import SnapshotError
from search.lifecycle.upgrade import pending
from search.schema import SCHEMA_VERSION, Names
from search.upkeep import ensure_schema
from worker import ledgerdump
from worker.rulebackup import bring_rules_back, save_rules
from worker.services import Services
from worker.settings import Settings, environment, variable, without_password
from worker.turn import turn

FORMAT = 1
MANIFEST, LEDGER, FEEDS, SETTINGS, INDICES = (
    "manifest.json", "ledger.ndjson.zst", "feeds.opml", "settings.env", "elasticsearch",
)  # fmt: skip
KEPT_BEFORE = 2  # snapshots taken before upgrades


class BackupError(Exception):
    """A backup cannot be made or used: the message says why, and what to do."""


class Manifest(Record):
    """What is in a backup: documents by index, sha256 by file; `left_out` are settings that are secret."""

    format: int
    kawat: str
    schema_version: int
    made: Utc
    prefix: str
    indices: dict[str, int]
    ledger: dict[str, int]
    sums: dict[str, str]
    left_out: tuple[str, ...] = ()


def backup(services: Services, folder: Path) -> Manifest:
    """Writes one into `folder`, which must be new or empty. Raises BackupError, SnapshotError, BusyError, …"""
    if folder.exists() and any(folder.iterdir()):
        raise BackupError(f"{folder} is not empty: name a new folder for each backup")
    settings, client = services.settings, services.elasticsearch
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with turn(services.ledger, "backup"), _workplace(settings) as place:
        kinds = _write_ledger(services, folder / LEDGER)
        feeds = [one.feed for one in services.subscriptions.health()]
        (folder / FEEDS).write_bytes(write_opml((one for one in feeds if not one.sample), "Kawat"))
        left_out = _write_settings(settings, folder / SETTINGS)
        rules = save_rules(settings.rules_folder, folder)
        with snapshots.repository(client, settings.index_prefix, str(place)) as repository:
            before = snapshots.ours(client, settings.index_prefix)
            snapshots.take(client, repository, sorted(before))
            after = snapshots.ours(client, settings.index_prefix)
        indices = {name: min(count, after.get(name, 0)) for name, count in before.items()}  # some may have gone since
        shutil.move(place, folder / INDICES)
    manifest = Manifest(
        format=FORMAT,
        kawat=version("kawat"),
        schema_version=SCHEMA_VERSION,
        made=now(),
        prefix=settings.index_prefix,
        indices=indices,
        ledger=kinds,
        sums={name: _sum(folder / name) for name in (LEDGER, FEEDS, SETTINGS, *rules)},
        left_out=left_out,
    )
    (folder / MANIFEST).write_text(manifest.model_dump_json(indent=1) + "\n")  # last: without it, it is no backup
    return manifest


def restore(services: Services, folder: Path, *, force: bool = False) -> tuple[Manifest, Path | None]:
    """Brings a backup back. What is there is only overwritten with `force`. Cut off, it is begun again with `force`.
    What was in the backup, and where the rules stand that were here before.

    Raises BackupError before anything is touched, SnapshotError, BusyError, ServiceUnavailable.
    """
    manifest = read_manifest(folder, services.settings)
    settings, client, ledger = services.settings, services.elasticsearch, services.ledger
    if not force and (there := _what_is_there(services)):
        raise BackupError(f"there is something here already ({there}): --force overwrites it, all of it")
    with turn(ledger, "restore"), _workplace(settings) as place:
        ledger.pause("restore", f"a backup of {manifest.made:%Y-%m-%d %H:%M} UTC is being restored")
        shutil.copytree(folder / INDICES, place, dirs_exist_ok=True, copy_function=_linked)
        try:
            before = bring_rules_back(folder, settings.rules_folder)
        except OSError as error:
            ledger.resume("restore")
            raise BackupError(f"the rules cannot be put into {settings.rules_folder}: {error}") from error
        ledgerdump.wipe(ledger)  # first: an empty list of feeds is never saved over what comes back
        snapshots.delete_all(client, settings.index_prefix)
        with snapshots.repository(client, settings.index_prefix, str(place), readonly=True) as repository:
            snapshots.restore(client, repository)
        ensure_schema(client, settings.index_prefix)
        with zstandard.open(folder / LEDGER, "rb") as stream:
            ledgerdump.load(ledger, io.BufferedReader(stream))
        services.subscriptions.mark_restored()
        services.subscriptions.mark_unsaved()
        _compare(manifest, snapshots.ours(client, settings.index_prefix))
        ledger.resume("restore")
    return manifest, before


def read_manifest(folder: Path, settings: Settings) -> Manifest:
    """Raises BackupError where this is no whole backup, or not one for this Kawat."""
    try:
        manifest = Manifest.model_validate_json((folder / MANIFEST).read_bytes())
    except (OSError, ValidationError) as error:
        raise BackupError(f"{folder} is no backup of Kawat's, or it was cut off: {MANIFEST}: {error}") from error
    if manifest.format > FORMAT or manifest.schema_version > SCHEMA_VERSION:
        raise BackupError(f"{folder} was made by a newer Kawat ({manifest.kawat}): restore it with that one")
    if manifest.prefix != settings.index_prefix:
        raise BackupError(
            f"{folder} has the index prefix {manifest.prefix!r}: set KAWAT_INDEX_PREFIX={manifest.prefix} to restore it"
        )
    for name, wanted in manifest.sums.items():
        try:
            found = _sum(folder / name)
        except OSError as error:
            raise BackupError(f"{folder / name} cannot be read: {error}") from error
        if found != wanted:
            raise BackupError(f"{folder / name} is not as it was written: its sha256 is {found}, not {wanted}")
    if not (folder / INDICES).is_dir():
        raise BackupError(f"{folder / INDICES} is missing: the snapshot of the indices")
    return manifest


def snapshot_before(services: Services, indices: list[str]) -> str:
    """A snapshot before an upgrade, in a repository that stays registered; its name. Raises SnapshotError."""
    settings, client = services.settings, services.elasticsearch
    name = f"{settings.index_prefix}kawat-before-upgrades"
    snapshots.register(client, name, str(_folder_of_snapshots(settings) / name))
    snapshots.take(client, name, indices, f"before-{now():%Y%m%d-%H%M%S}-{secrets.token_hex(2)}")
    for old in client.snapshot.get(repository=name, snapshot="before-*", sort="start_time")["snapshots"][:-KEPT_BEFORE]:
        client.snapshot.delete(repository=name, snapshot=old["snapshot"])
    return name


def _what_is_there(services: Services) -> str:
    names = Names(services.settings.index_prefix)
    found = []
    if services.elasticsearch.indices.exists_alias(name=names.articles):
        services.elasticsearch.indices.refresh(index=names.articles)
        query = {"bool": {"must_not": [{"term": {"is": "sample"}}]}}
        if articles := services.elasticsearch.count(index=names.articles, query=query)["count"]:
            found.append(f"{articles} articles")
        if briefs := services.elasticsearch.count(index=names.briefs, ignore_unavailable=True)["count"]:
            found.append(f"{briefs} briefs")
        if pending(services.elasticsearch, services.settings.index_prefix):
            found.append("indices of an older Kawat")
    followed = [one for one in services.subscriptions.health() if not one.feed.sample and one.polls]
    return ", ".join([*found, *([f"{len(followed)} feeds that were asked"] if followed else [])])


def _compare(manifest: Manifest, there: dict[str, int]) -> None:
    wrong = [
        f"{name}: {there.get(name, 0)} of {count}"
        for name, count in manifest.indices.items()
        if there.get(name, 0) < count
    ]
    if wrong:
        raise BackupError(f"the restored indices lack documents ({'; '.join(wrong)}); intake stays paused")


def _write_ledger(services: Services, file: Path) -> dict[str, int]:
    count = {"lines": 0}
    with zstandard.open(file, "wb") as out:
        for line in ledgerdump.dumped(services.ledger):
            out.write(line)
            count["lines"] += 1
    return count


def _write_settings(settings: Settings, file: Path) -> tuple[str, ...]:
    """Those that are not the default, secrets left out and named."""
    values = {name: getattr(settings, name) for name in type(settings).model_fields}
    secret = {variable(name) for name, value in values.items() if isinstance(value, SecretStr) and value}
    told = {name: without_password(value) for name, value in environment(settings).items()}
    masked = {name for name, value in environment(settings).items() if told[name] != value}
    lines = [f"# {name} is secret, and not here" for name in sorted(secret)]
    lines += [f"{name}={value}" for name, value in told.items() if name not in secret]
    file.write_text("".join(f"{line}\n" for line in lines))
    return tuple(sorted(secret | masked))


@contextmanager
def _workplace(settings: Settings) -> Iterator[Path]:
    """A folder that Elasticsearch may read and write, gone afterwards."""
    place = _folder_of_snapshots(settings) / f"kawat-{secrets.token_hex(8)}"
    try:
        yield place
    finally:
        with suppress(OSError):
            shutil.rmtree(place)


def _folder_of_snapshots(settings: Settings) -> Path:
    if settings.snapshot_dir:
        return settings.snapshot_dir.resolve()
    if settings.elasticsearch_url:
        raise SnapshotError(
            "Elasticsearch is not the local stack's own: name a folder in path.repo of its elasticsearch.yml, "
            "and the same one, as this machine sees it, in KAWAT_SNAPSHOT_DIR"
        )
    return settings.state / "elasticsearch" / "snapshots"


def _linked(source: str, target: str) -> str:
    """Takes no room where both are on one file system; Elasticsearch only reads it."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
    return target


def _sum(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
