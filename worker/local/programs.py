"""What `kawat up` runs: the services, and our own processes as the command line starts them one by one."""

from __future__ import annotations

import http.client
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from worker.listening import reached_at
from worker.local.doctor import free_port
from worker.local.elasticsearch import ElasticsearchNode
from worker.local.supervisor import Program
from worker.local.valkey import ValkeyServer
from worker.settings import PREFIX, PROJECT, Settings, environment

SERVICE_GRACE = 6.0  # seconds: a node with open indices takes 1 to 2
WORKER_GRACE = 6.0  # seconds: what is under way ends; what does not goes back to the ledger when its lease ends
PAGE_GRACE = 4.0  # seconds: above the 3 that the page gives its own connections

Say = Callable[[str], None]


@dataclass(frozen=True)
class Part:
    """One process that others wait for. `prepare` may take minutes; `patience`: seconds from its start to `ready`."""

    name: str
    prepare: Callable[[Say], None]
    program: Callable[[], Program]
    ready: Callable[[], bool]
    patience: float
    detail: str


def resolved(settings: Settings) -> Settings:
    """With an absolute state folder, and a number for each port given as 0."""
    changes: dict[str, object] = {"state_dir": settings.state}
    for name in ("page_port", "sample_port"):
        if getattr(settings, name) == 0:
            changes[name] = free_port()
    return settings.model_copy(update=changes)


def page_url(settings: Settings) -> str:
    return f"http://127.0.0.1:{settings.page_port}"


def child_environment(settings: Settings, environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """Ours, with the settings in force, and nothing that is meant for us alone."""
    environ = os.environ if environ is None else environ
    kept = {name: value for name, value in environ.items() if not name.startswith(PREFIX) and name != "NOTIFY_SOCKET"}
    return {**kept, **environment(settings), "PYTHONUNBUFFERED": "1"}


def kawat(*arguments: str) -> list[str]:
    """A `kawat` command of this very Python. -P: a folder called `worker` where we stand must not be taken for ours."""
    return [sys.executable, "-P", "-m", "worker.cli", *arguments]


def page_part(settings: Settings) -> Part:
    program = Program("page", kawat("page"), child_environment(settings), grace=PAGE_GRACE)
    host = reached_at(settings.page_host)
    return Part("page", nothing, lambda: program, lambda: answers(settings.page_port, host), 60, page_url(settings))


def service_parts(settings: Settings) -> list[Part]:
    """Valkey and Elasticsearch, those that no URL is given for."""
    environ, state = child_environment(settings), settings.state
    parts = []
    if not settings.redis_url:
        valkey = ValkeyServer(state / "valkey", settings.valkey_socket)
        parts.append(service("valkey", valkey, environ, 60, f"unix socket {valkey.socket}"))
    if not settings.elasticsearch_url:
        node = elasticsearch(settings)
        parts.append(service("elasticsearch", node, environ, 120, f"{node.url}, heap {node.heap}"))
    return parts


def elasticsearch(settings: Settings) -> ElasticsearchNode:
    """The local stack's node."""
    return ElasticsearchNode(settings.state / "elasticsearch", settings.elasticsearch_port, settings.elasticsearch_heap)


def service(
    name: str, server: ValkeyServer | ElasticsearchNode, environ: Mapping[str, str], patience: float, detail: str
) -> Part:
    def program() -> Program:
        return Program(name, server.command(), environ, grace=SERVICE_GRACE)

    return Part(name, server.prepare, program, server.ready, patience, detail)


def sample_part(settings: Settings) -> Part:
    """The sample news site: it belongs to the checkout, an installed package has none."""
    command = [sys.executable, "-m", "tests.newsroom", "sample", "--port", str(settings.sample_port)]
    program = Program("sample", command, child_environment(settings), cwd=PROJECT, grace=2)
    return Part("sample site", nothing, lambda: program, lambda: answers(settings.sample_port), 30, settings.sample_url)


def has_sample(settings: Settings) -> bool:
    """Whether the sample site is wanted and there."""
    return settings.sample and (PROJECT / "tests" / "newsroom" / "__main__.py").exists()


def flow_programs(settings: Settings, workers: Iterable[str]) -> list[Program]:
    """Beat and the workers; one for the queue `feeds` is called worker-feeds, as its log is."""
    environ = child_environment(settings)
    # Beat keeps nothing, and Celery's can swallow a SIGTERM that comes while it publishes: it is given no time.
    beat = Program("beat", kawat("beat"), environ, grace=0)
    return [beat, *(Program(f"worker-{one}", kawat("worker", one), environ, grace=WORKER_GRACE) for one in workers)]


def log_file(state: Path, name: str) -> Path:
    return state / "logs" / f"{name}.log"


def answers(port: int, host: str = "127.0.0.1") -> bool:
    """Whether a web server of this machine answers, with whatever it may be."""
    connection = http.client.HTTPConnection(host, port, timeout=1)
    try:
        connection.request("HEAD", "/")
        connection.getresponse()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True


def nothing(say: Say) -> None:
    """Has nothing to prepare."""
