"""The long-running processes, as `kawat up`, systemd or a container starts them: beat, a worker, the page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from worker.settings import Settings

KINDS = "control, feeds, pages, articles, alerts, index"  # `worker.topology.WORKERS`: the help loads nothing heavy
LOADED_LANGUAGES = ("id", "en", "ar", "zh", "ru", "fr", "es", "de")  # most of the packs; others load as they come
ALONE = "articles"  # needs Celery's prefork pool: processes that can be ended, and one for each core
# Each wake of a stage is three lines at "info" there; what a stage did, the stage says itself.
CHATTY = ("celery.app.trace", "celery.worker.strategy", "celery.beat", "celery.utils.functional")
# The client tells of each failed request; an outage is told once, by the stage that waits.
SILENT = ("elastic_transport.node_pool", "elastic_transport.transport", "httpx")


def register(app: typer.Typer) -> None:
    """Adds `prepare`, `beat`, `worker` and `page` to the command line."""
    app.command(rich_help_panel="Processes")(prepare)
    app.command(rich_help_panel="Processes")(beat)
    app.command(rich_help_panel="Processes")(worker)
    app.command(rich_help_panel="Processes")(page)


def prepare() -> None:
    """Makes index and ledger ready: once before the first worker, and after each upgrade. Safe to repeat.

    `kawat up` does it by itself. Example: kawat prepare
    """
    from worker import console
    from worker.settings import read_settings
    from worker.start import prepare as make_ready

    for warning in make_ready(read_settings()):
        console.print_failure(warning)
    print("Index and ledger are ready.")


def beat() -> None:
    """Wakes up what is due. A second one is harmless.

    Example: kawat beat
    """
    settings = _start("beat")
    from worker.app import make_app

    app = make_app(settings, tasks=False)
    app.start(["--quiet", "beat", "--loglevel", settings.log_level, "--pidfile="])


def worker(
    names: Annotated[list[str], typer.Argument(help=f"Which: {KINDS}.", metavar="NAME…")],
    concurrency: Annotated[int, typer.Option(help="How many at once; 0: as the table of workers says.", min=0)] = 0,
) -> None:
    """Works on the queues of one kind of worker, or of several in one process ("articles" goes by itself).

    Examples: kawat worker pages · kawat worker articles --concurrency 4 · kawat worker control feeds pages
    """
    import os

    from worker.topology import WORKERS

    names = list(dict.fromkeys(names))
    _check(names, tuple(WORKERS))
    settings = _start("-".join(names))
    from worker.app import make_app

    kinds = [WORKERS[name] for name in names]
    pool = kinds[0].pool if len(kinds) == 1 else "threads"
    cores = settings.extract_processes or os.cpu_count() or 1
    at_once = concurrency or sum(kind.concurrency or cores for kind in kinds)
    queues = ",".join(queue for kind in kinds for queue in kind.queues)
    app = make_app(settings)
    if pool == "prefork":
        load_extraction(settings.gazetteer)
    app.worker_main(
        [
            *("--quiet", "worker", "--queues", queues, "--pool", pool, "--concurrency", str(at_once)),
            *("--hostname", f"{'-'.join(names)}@%h", "--loglevel", settings.log_level),
            *("--without-gossip", "--without-mingle", "--without-heartbeat"),
        ]
    )


def _check(names: list[str], kinds: tuple[str, ...]) -> None:
    from difflib import get_close_matches

    for name in names:
        if name not in kinds:
            near = get_close_matches(name, kinds, n=1)
            meant = f"; did you mean {near[0]}?" if near else f"; there are {', '.join(kinds)}"
            raise typer.BadParameter(f"no worker is called {name!r}{meant}")
    if ALONE in names and len(names) > 1:
        others = " ".join(name for name in names if name != ALONE)
        raise typer.BadParameter(
            f"{ALONE!r} goes in a process of its own: in a mix, work runs in threads, and nothing could end an "
            f"extraction that hangs. Start two: `kawat worker {ALONE}` and `kawat worker {others}`"
        )


def load_extraction(gazetteer: Path | None = None) -> None:
    """Loads extractor, models and tables, once, before the pool forks: its processes share that memory.

    Raises NamesError where the user's own file of names is faulty: better at the start than at each article.
    """
    import gc
    from datetime import UTC, datetime

    from ingest.article import extract
    from ingest.records import Entry, Page
    from ingest.tagging import tag

    url = "https://example.com/berita/1"
    story = "Kementerian Luar Negeri Jepang membuka kantor penghubung di Jakarta pada hari Senin. " * 8
    html = f"<html><head><title>Kantor penghubung</title></head><body><article><p>{story}</p></article></body></html>"
    page = Page(url=url, body=html.encode(), content_type="text/html", fetched=datetime.now(UTC))
    article = extract(page, Entry(id="0" * 32, feed_id=None, url=url))
    for language in LOADED_LANGUAGES:
        tag(article.model_copy(update={"language": language}), gazetteer)
    gc.collect()
    gc.freeze()  # a collection in a child would write to, and so copy, each page of what is shared


def page() -> None:
    """Serves the page and the API, on 127.0.0.1 unless KAWAT_PAGE_HOST says otherwise.

    Example: KAWAT_PAGE_PORT=8080 kawat page
    """
    settings = _start("page")
    import uvicorn

    from worker.page import make_page

    uvicorn.run(
        make_page(settings),
        host=settings.page_host,
        port=settings.page_port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=3,
    )


def _start(name: str) -> Settings:
    import logging

    from worker.logging import configure
    from worker.settings import read_settings

    settings = read_settings()
    configure(settings, process=name)
    for chatty in CHATTY:
        logging.getLogger(chatty).setLevel(max(logging.WARNING, logging.getLogger().level))
    for silent in SILENT:
        logging.getLogger(silent).setLevel(logging.ERROR)
    return settings
