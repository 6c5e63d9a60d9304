"""A whole flow for tests and benchmarks: beat and workers as real processes, on given services, killed at will."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Self

import psutil

from ingest.records import Feed
from ingest.urls import feed_id
from worker.local.children import die_with_parent
from worker.services import Services
from worker.settings import PROJECT, Settings, read_settings
from worker.start import prepare
from worker.topology import WORKERS

KINDS = ("beat", *WORKERS)


class Flow:
    """Beat and one process of each kind of worker. `environment` is what `KAWAT_…` settings they get."""

    def __init__(self, folder: Path, environment: Mapping[str, str], kinds: Sequence[str] = KINDS) -> None:
        self.folder, self.kinds = folder, kinds
        self.environment = {
            "KAWAT_STATE_DIR": str(folder),
            "KAWAT_PACKS": "false",
            "KAWAT_SAMPLE": "false",
            **environment,
        }
        self.settings: Settings = read_settings(self.environment)
        self.services = Services(self.settings)
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        prepare(self.settings)
        for kind in self.kinds:
            self.start(kind)
        return self

    def __exit__(self, *_: object) -> None:
        for kind in self.kinds:
            self.signal(kind, signal.SIGTERM)
        deadline = time.monotonic() + 10
        for kind, process in self.processes.items():
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                self.kill(kind)
        self.services.redis.close()
        self.services.elasticsearch.close()

    def start(self, kind: str) -> None:
        """Starts beat or a worker, in a process group of its own. Does not wait: work waits for it."""
        command = [sys.executable, "-m", "worker.cli", *(["beat"] if kind == "beat" else ["worker", kind])]
        plain = {name: value for name, value in os.environ.items() if not name.startswith("KAWAT_")}
        with (self.folder / f"{kind}.log").open("ab") as log:
            self.processes[kind] = subprocess.Popen(
                command,
                cwd=PROJECT,
                env={**plain, **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                process_group=0,
                preexec_fn=die_with_parent,  # noqa: PLW1509 - safe with threads: it only calls prctl, loaded before
            )

    def signal(self, kind: str, number: signal.Signals) -> None:
        """To the process and all its children."""
        process = self.processes.get(kind)
        if process is not None and process.poll() is None:
            os.killpg(process.pid, number)

    def kill(self, kind: str) -> None:
        """SIGKILL, children and all, and waits for the end."""
        self.signal(kind, signal.SIGKILL)
        self.processes[kind].wait()

    def kill_child(self, kind: str) -> bool:
        """SIGKILL to one child process of a worker (prefork), False where it has none."""
        try:
            children = psutil.Process(self.processes[kind].pid).children()
            if children:
                children[0].kill()
        except psutil.NoSuchProcess:  # it was just killed itself
            return False
        return bool(children)

    def keep_running(self) -> None:
        """Starts what has ended, as the supervisor would."""
        for kind, process in list(self.processes.items()):
            if process.poll() is not None:
                self.start(kind)

    def follow(self, url: str, *, name: str = "Contoh", **about: str) -> Feed:
        """Adds a feed; it is due at once."""
        feed = Feed(id=feed_id(url), url=url, name=name, **about)
        self.services.subscriptions.add([feed])
        return feed

    def logs(self, kind: str) -> str:
        return (self.folder / f"{kind}.log").read_text(errors="replace")

    def wait(self, done: Callable[[], bool], seconds: float, what: str) -> float:
        """Waits until `done`; gives the seconds it took. Fails with the logs' ends when it does not come."""
        began = time.monotonic()
        while not done():
            if time.monotonic() - began > seconds:
                ends = "\n".join(f"--- {kind}\n{self.logs(kind)[-1500:]}" for kind in self.processes)
                raise AssertionError(f"{what}: not within {seconds:g} s; {self.services.ledger.counts()}\n{ends}")
            time.sleep(0.05)
        return time.monotonic() - began

    def settled(self, seen: int) -> bool:
        """At least so many entries were seen and none is in flight."""
        counts = self.services.ledger.counts()
        return counts.seen >= seen and counts.in_flight == 0
