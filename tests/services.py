"""The real services for tests, to start, stop and kill; none outlives the run, even one ended with SIGKILL."""

from __future__ import annotations

import contextlib
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import redis

from worker.local.children import die_with_parent
from worker.local.elasticsearch import ElasticsearchNode
from worker.local.valkey import ValkeyServer
from worker.settings import PROJECT

PROGRAMS = PROJECT / ".kawat" / "programs"  # jars and compiled classes: shared with `make run`, kept between runs
# Below the range from which systems give ports to outgoing connections: a stopped service finds its port free again.
PORTS = range(20_000, 32_000)


class Service:
    """One process with a log, as a test sees it: up or down, and brought there by hand."""

    def __init__(self, name: str, command: Callable[[], list[str]], ready: Callable[[], bool], log: Path) -> None:
        self.name = name
        self.log = log
        self._command = command
        self._ready = ready
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None, f"{self.name} was never started"
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self, timeout: float = 120) -> None:
        """Starts it unless it runs, and waits until it is ready. Raises RuntimeError with the log's end."""
        if not self.running:
            with self.log.open("ab") as log:
                self._process = subprocess.Popen(
                    self._command(),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    process_group=0,  # Ctrl-C is for pytest, which then stops us in order
                    preexec_fn=die_with_parent,  # noqa: PLW1509 - safe with threads: it only calls prctl, loaded before
                )
        self.wait_ready(timeout)

    def wait_ready(self, timeout: float = 120) -> None:
        deadline = time.monotonic() + timeout
        while not self._ready():
            if not self.running or time.monotonic() > deadline:
                state = "is not ready" if self.running else "has ended"
                raise RuntimeError(
                    f"{self.name} {state}; its log ends:\n{self.log.read_text(errors='replace')[-3000:]}"
                )
            time.sleep(0.05)

    def stop(self, timeout: float = 30) -> float:
        """SIGTERM, and waits for the end; SIGKILL when that is not in time. Gives the seconds it took."""
        began = time.monotonic()
        if self.running:
            assert self._process is not None
            self._process.terminate()
            try:
                self._process.wait(timeout)
            except subprocess.TimeoutExpired:
                self.kill()
        return time.monotonic() - began

    def kill(self) -> None:
        """SIGKILL, and waits for the end."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def freeze(self) -> None:
        """SIGSTOP: it holds its connections and answers nothing."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def restart(self) -> None:
        self.stop()
        self.start()


class ElasticsearchHandle(Service):
    """A node with a data folder of its own."""

    def __init__(self, folder: Path, *, heap: str = "512m", flood_stage_bytes: int = 200_000_000) -> None:
        node = ElasticsearchNode(
            folder / "elasticsearch", free_port(), heap=heap, flood_stage_bytes=flood_stage_bytes, programs=PROGRAMS
        )
        super().__init__("Elasticsearch", node.command, node.ready, folder / "elasticsearch.log")
        self.node = node
        self.url = node.url
        node.prepare(print)


class ValkeyHandle(Service):
    """A Valkey with a folder and a socket of its own."""

    def __init__(self, folder: Path) -> None:
        server = ValkeyServer(folder / "valkey", folder / "valkey" / "valkey.sock")
        super().__init__("Valkey", server.command, server.ready, folder / "valkey.log")
        self.server = server
        self.socket = server.socket
        self.url = server.url
        server.prepare(print)

    def client(self) -> redis.Redis:
        """A new client; the caller closes it."""
        return redis.Redis.from_url(self.url)


@contextlib.contextmanager
def short_folder() -> Iterator[Path]:
    """A temporary folder with a short path (a unix socket's has 100 bytes at most), removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix="kawat-test-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def free_port() -> int:
    """A port nobody listens on just now."""
    for port in random.SystemRandom().sample(PORTS, 100):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise RuntimeError(f"none of 100 ports between {PORTS.start} and {PORTS.stop} is free")


def lend_programs(state: Path) -> None:
    """Lets a local stack with a state folder of its own use the jars that are there: no download, no compiling."""
    PROGRAMS.mkdir(parents=True, exist_ok=True)
    state.mkdir(parents=True, exist_ok=True)
    (state / "programs").symlink_to(PROGRAMS, target_is_directory=True)
