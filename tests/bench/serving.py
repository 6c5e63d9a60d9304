"""A node full of articles and Kawat's page before it, in processes of their own, for measuring."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.request import urlopen

from tests.bench.filling import Plan, fill
from tests.services import ElasticsearchHandle, ValkeyHandle, free_port, short_folder
from worker.local.children import die_with_parent
from worker.settings import PROJECT


@dataclass(frozen=True)
class Serving:
    """The processes that answer."""

    page: str  # its address
    page_pid: int
    node: ElasticsearchHandle


@contextmanager
def serving(
    articles: int, seed: int, corpus: Path | None, *, keep: Path | None, processes: int
) -> Iterator[tuple[Serving, dict[str, float | int]]]:
    """A node that holds so many recombined articles, the page before it, and figures of the filling."""
    with short_folder() as folder, ExitStack() as ended:
        home = keep or folder
        home.mkdir(parents=True, exist_ok=True)
        node = ElasticsearchHandle(home, heap="1g")
        ended.callback(node.stop)
        node.start()
        plan = Plan(articles, seed, datetime.now(UTC).replace(microsecond=0))
        filled = _filled(home / "filled", node.url, plan, corpus, processes)
        valkey = ValkeyHandle(folder)
        ended.callback(valkey.stop)
        valkey.start()
        page = ended.enter_context(_page(node.url, valkey.url, folder))
        yield Serving(*page, node), filled


def _filled(mark: Path, url: str, plan: Plan, corpus: Path | None, processes: int) -> dict[str, float | int]:
    """Fills the node, unless a run before did: then `mark` says so."""
    if mark.exists():
        return {}
    began = time.perf_counter()
    for done in fill(url, plan, corpus, processes):
        if done % 20_000 == 0:
            print(f"{done:,} articles written", flush=True)
    rate = round(plan.count / (time.perf_counter() - began))
    mark.write_text(f"{plan.count} articles until {plan.end.isoformat()}\n", "utf-8")
    return {"written_per_s": rate}


@contextmanager
def _page(elasticsearch: str, valkey: str, folder: Path) -> Iterator[tuple[str, int]]:
    """`kawat page` as a user starts it: address and process."""
    port = free_port()
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("KAWAT_")},
        "KAWAT_REDIS_URL": valkey,
        "KAWAT_ELASTICSEARCH_URL": elasticsearch,
        "KAWAT_STATE_DIR": str(folder / "state"),
        "KAWAT_PAGE_PORT": str(port),
        "KAWAT_LOG_LEVEL": "warning",
    }
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "worker.cli", "page"],
        cwd=PROJECT,
        env=environment,
        preexec_fn=die_with_parent,  # noqa: PLW1509 - safe with threads: it only calls prctl, loaded before
    )
    url = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + 60
        while not _answers(url):
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit("the page did not start")
            time.sleep(0.1)
        yield url, process.pid
    finally:
        process.terminate()
        process.wait(10)


def _answers(url: str) -> bool:
    try:
        with urlopen(f"{url}/help", timeout=5) as answer:  # noqa: S310 - our own address
            return bool(answer.read())
    except OSError:
        return False
