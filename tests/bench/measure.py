"""What the benchmarks share: one run's services, memory of processes, a file of flat figures."""

from __future__ import annotations

import multiprocessing
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import orjson
import psutil

from tests.newsroom.control import NewsroomClient
from tests.services import ElasticsearchHandle, ValkeyHandle, short_folder
from worker.local.children import die_with_parent
from worker.settings import PROJECT

RESULTS = PROJECT / ".kawat" / "bench"


@contextmanager
def services() -> Iterator[tuple[ElasticsearchHandle, ValkeyHandle, Path]]:
    """A node with the heap of the local stack, a Valkey, a folder; gone at the end."""
    with short_folder() as folder, ExitStack() as ended:
        elasticsearch = ElasticsearchHandle(folder, heap="1g")
        ended.callback(elasticsearch.stop)
        valkey = ValkeyHandle(folder)
        ended.callback(valkey.stop)
        valkey.start()
        elasticsearch.start()
        yield elasticsearch, valkey, folder


@contextmanager
def newsroom(arguments: Sequence[str]) -> Iterator[tuple[NewsroomClient, int]]:
    """A newsroom in a process of its own, holding its pages back: what drives it, and its process id."""
    command = [sys.executable, "-m", "tests.newsroom", *arguments, "--hold", "--control"]
    process = subprocess.Popen(
        command,
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=die_with_parent,  # noqa: PLW1509 - safe with threads: it only calls prctl, loaded before
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        found = re.search(r"https?://\S+?(?=:? |$|: )", line)
        if not found:
            raise SystemExit(f"the newsroom did not start: {line!r}")
        yield NewsroomClient(found[0].rstrip(":")), process.pid
    finally:
        process.terminate()
        process.wait(10)


def _bare(page: bytes) -> int:
    from trafilatura import bare_extraction

    found = bare_extraction(page)
    return len(getattr(found, "text", "") or "")


def bare_pages_per_s(pages: Sequence[bytes], processes: int) -> float:
    """`trafilatura.bare_extraction` with its defaults, on so many processes, after a warm-up."""
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        pool.map(_bare, pages[: 4 * processes], chunksize=2)
        began = time.perf_counter()
        for _ in pool.imap_unordered(_bare, pages, chunksize=4):
            pass
        return len(pages) / (time.perf_counter() - began)


def rss_mb(pid: int) -> float:
    """Resident memory of a process and all below it, MB. Pages that forked children share are counted in each."""
    process = psutil.Process(pid)
    return sum(one.memory_info().rss for one in [process, *process.children(recursive=True)]) / 1e6


def cpu_s(pid: int) -> float:
    """Processor time that a process and all below it have taken, seconds."""
    process = psutil.Process(pid)
    times = [one.cpu_times() for one in [process, *process.children(recursive=True)]]
    return sum(one.user + one.system for one in times)


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` (0 to 1) of the values lie; nearest rank."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def write(name: str, figures: Mapping[str, float | int | str]) -> Path:
    """Into `.kawat/bench/NAME.json`, with what the machine was."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    machine = {"machine_cores": os.cpu_count() or 0, "machine_memory_mb": psutil.virtual_memory().total // 1_000_000}
    file = RESULTS / f"{name}.json"
    file.write_bytes(orjson.dumps({**figures, **machine}, option=orjson.OPT_INDENT_2))
    return file
