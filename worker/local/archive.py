"""A faster start: what the Java runtime learned about the node's classes in one trial run, kept for all later ones.

Java 25's ahead-of-time cache (JEP 483, 514, 515). On two cores a node is ready in 1.8 s instead of 3.5 and burns 3 s of
processor time instead of 6; the cache takes 120 MB of disk and 20 s to make. One that does not fit (another runtime,
moved files) is left aside by the runtime itself, with a warning in the log: the node then starts as without it.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from worker.local.children import die_with_parent

READY_SECONDS = 60
WRITE_SECONDS = 120
SAMPLES = 200  # documents: enough that the code of writing and searching is loaded, not that it is compiled

Say = Callable[[str], None]


class Trial(Protocol):
    """A node that nobody uses yet."""

    @property
    def port(self) -> int: ...

    def command(self, *options: str) -> list[str]: ...
    def configure(self) -> None: ...
    def ready(self) -> bool: ...


def make_archive(archive: Path, trial: Callable[[Path, int], Trial], say: Say) -> bool:
    """Runs a trial node on an empty folder, uses it a little, stops it: it writes the archive as it ends.

    False where that failed; then a file beside the archive says why, and nobody tries again.
    """
    excuse = archive.with_suffix(".failed")
    if archive.exists() or excuse.exists():
        return archive.exists()
    say("Preparing fast starts of Elasticsearch (once, about 20 s, 120 MB of disk) …")
    unfinished = archive.with_suffix(".unfinished")
    with tempfile.TemporaryDirectory(prefix="kawat-") as folder:
        log = Path(folder) / "log"
        node = trial(Path(folder) / "home", unused_port())
        node.configure()
        with log.open("wb") as output:
            process = subprocess.Popen(
                node.command(f"-XX:AOTCacheOutput={unfinished}"),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                process_group=0,  # it forks a second Java to write the archive: both end together
                preexec_fn=die_with_parent,  # noqa: PLW1509 - safe with threads: it only calls prctl, loaded before
            )
        try:
            deadline = time.monotonic() + READY_SECONDS
            while not node.ready() and process.poll() is None and time.monotonic() < deadline:
                time.sleep(0.1)
            use(node.port)
            process.terminate()
            process.wait(WRITE_SECONDS)
            unfinished.rename(archive)
        except (OSError, http.client.HTTPException, subprocess.TimeoutExpired) as error:
            excuse.write_text(f"{error!r}\n{log.read_text(errors='replace')[-5000:]}")
            say(f"That did not work (see {excuse}): Elasticsearch will start more slowly")
        finally:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            for left in archive.parent.glob(f"{unfinished.name}*"):
                left.unlink()
    return archive.exists()


def use(port: int) -> None:
    """The calls that Kawat makes most: an index with its analyzers, a bulk, a search with highlights."""
    analyzers = ("standard", "indonesian", "english", "arabic", "russian", "french", "cjk")
    properties = {language: {"type": "text", "analyzer": language} for language in analyzers}
    ask(port, "PUT", "/trial", {"settings": {"number_of_replicas": 0}, "mappings": {"properties": properties}})
    text = "Kantor penghubung NATO dibuka di Tokyo; a liaison office opened 東京 مكتب"
    document = json.dumps(dict.fromkeys(analyzers, text))
    ask(port, "POST", "/trial/_bulk?refresh=true", f'{{"index":{{}}}}\n{document}\n' * SAMPLES)
    search = {
        "query": {"query_string": {"query": '"kantor penghubung" AND office*'}},
        "highlight": {"fields": {"*": {}}},
        "sort": [{"_doc": "asc"}],
    }
    ask(port, "POST", "/trial/_search", search)


def ask(port: int, method: str, path: str, body: object) -> None:
    """One request, its answer read and dropped. Raises OSError or HTTPException where there is none."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        text = body if isinstance(body, str) else json.dumps(body)
        connection.request(method, path, text.encode(), {"Content-Type": "application/json"})
        connection.getresponse().read()
    finally:
        connection.close()


def unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
