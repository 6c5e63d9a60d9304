"""The jars of the local Elasticsearch node: downloaded once by jgo, each checked against a sum in the repository."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any

from worker.local.errors import SetupError

DOWNLOAD_MB = 47
DOWNLOADS_AT_ONCE = 6
TIMEOUT = 30  # seconds for one request

Say = Callable[[str], None]


def read_sums(listing: Path) -> dict[str, str]:
    """Sum (sha256, hex) by file name, from lines of `sum  name`. Raises SetupError for a line that is none."""
    sums = {}
    for number, line in enumerate(listing.read_text().splitlines(), 1):
        digest, _, name = line.partition("  ")
        if len(digest) != hashlib.sha256().digest_size * 2 or not name.endswith(".jar") or "/" in name:
            raise SetupError(
                f"not a line of `sha256  name.jar`: {line!r}", where=f"{listing}:{number}", to_do="restore the file"
            )
        sums[name] = digest
    return sums


def ensure_jars(folder: Path, coordinates: Iterable[str], sums: Mapping[str, str], say: Say) -> None:
    """Every listed jar stands in `folder` with its own sum afterwards; what is missing is downloaded.

    A jar with another sum is neither used nor replaced in silence. Raises SetupError that names what is wrong.
    """
    folder.mkdir(parents=True, exist_ok=True)
    missing = set()
    for name, digest in sums.items():
        jar = folder / name
        if not jar.exists():
            missing.add(name)
        elif sha256(jar) != digest:
            raise SetupError(
                f"{name} is not the file it should be: its sha256 is not the one in deploy/elasticsearch/jars.sha256",
                where=str(jar),
                to_do="find out who changed it; then remove it, and the next start downloads it anew",
            )
    if missing:
        say(f"Downloading {len(missing)} of {len(sums)} jars of Elasticsearch (all of them: {DOWNLOAD_MB} MB) …")
        download(folder, coordinates, sums, missing, say)


def download(folder: Path, coordinates: Iterable[str], sums: Mapping[str, str], missing: set[str], say: Say) -> None:
    """Resolves the coordinates, and moves each missing jar into `folder` once its sum is right: never half a file."""
    scratch = folder / ".downloading"
    shutil.rmtree(
        scratch, ignore_errors=True
    )  # an interrupted download leaves half files that jgo would take for whole
    try:
        artifacts = {artifact.filename: artifact for artifact in resolved(coordinates, scratch)}
        if artifacts.keys() != sums.keys():
            raise SetupError(
                "Elasticsearch's jars are not those listed: " + ", ".join(sorted(artifacts.keys() ^ sums.keys())),
                where="deploy/elasticsearch/jars.sha256",
                to_do="update Kawat; after a change of version make the list anew (deploy/elasticsearch/README.md)",
            )
        pool = ThreadPoolExecutor(DOWNLOADS_AT_ONCE)
        try:
            waiting = {pool.submit(fetched, artifacts[name]): name for name in sorted(missing)}
            for count, done in enumerate(as_completed(waiting), 1):
                name = waiting[done]
                jar: Path = done.result()
                if sha256(jar) != sums[name]:
                    raise SetupError(
                        f"{name} came with another sha256 than the one in deploy/elasticsearch/jars.sha256",
                        where="the package registry, or something on the way to it",
                        to_do="do not use it; try again from another network, and report it if it stays",
                    )
                jar.replace(folder / name)
                if count % 10 == 0 or count == len(waiting):
                    say(f"{count} of {len(waiting)} jars are there")
        finally:
            pool.shutdown(cancel_futures=True)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def resolved(coordinates: Iterable[str], scratch: Path) -> list[Any]:
    """jgo's artifacts for the coordinates and all they need. Raises SetupError."""
    try:
        # Not jgo.build: that also fetches a JDK 11 to tell modules from plain jars, which nobody here asks.
        from jgo.maven import MavenContext
    except ImportError as error:
        raise SetupError(
            f"the package jgo is not installed ({error})",
            where="this Python environment",
            to_do="install Kawat with its local stack: pip install -e '.[local]'",
        ) from error
    context = MavenContext(repo_cache=scratch, local_repos=[], timeout=TIMEOUT)
    try:
        inputs, others = context.resolver.resolve([context.create_dependency(wanted) for wanted in coordinates])
    except Exception as error:
        raise not_downloaded("the list of Elasticsearch's jars", error) from error
    return [dependency.artifact for dependency in (*inputs, *others)]


def fetched(artifact: Any) -> Path:
    """The jar, downloaded. Raises SetupError that names it."""
    try:
        return Path(artifact.resolve())
    except Exception as error:
        raise not_downloaded(artifact.filename, error) from error


def not_downloaded(what: str, error: Exception) -> SetupError:
    return SetupError(
        f"{what} could not be downloaded ({type(error).__name__}: {str(error)[:300]})",
        where="the registry of Java packages (Maven Central)",
        to_do="check the way out (and HTTPS_PROXY, where there is a proxy), then start again: what has come is kept; "
        "or point KAWAT_ELASTICSEARCH_URL at a cluster of your own",
    )


def sha256(file: Path) -> str:
    """The file's sum, hex. All jars together take about 0.1 s."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
