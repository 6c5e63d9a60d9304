"""`make bench`: the whole flow beside bare trafilatura, on the same pages, in one run on one machine.

    (a) bare `trafilatura.bare_extraction` on all cores, pages a second (before and after, as the machine drifts)
    (b) the whole flow, newsroom to searchable, all cores; the ratio b/a is what counts
    (c) from the poll that saw an entry to a search that finds it, at half of (b)'s rate
    (d) the same to the webhook's receipt of its alert: the shipped rules are in force, and one that meets many articles
    (e) memory of each process

Pages are the real ones of the folder KAWAT_CORPUS, else invented ones. Writes .kawat/bench/flow.json.
"""

from __future__ import annotations

import argparse
import gzip
import os
import shutil
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.request import urlopen

import orjson
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from tests.bench.measure import bare_pages_per_s, cpu_s, newsroom, percentile, rss_mb, services, write
from tests.bench.warm import warm_node
from tests.flow import KINDS, Flow
from tests.newsroom.control import NewsroomClient
from tests.receiver import Got, Receiver
from worker.rulesync import apply
from worker.settings import PROJECT

NODE_WARM = 10_000  # articles written to the node before: a server's compiler is done after minutes of work
WARM = 600  # articles through the flow before anything is timed: the JVM's compiler takes most of a core till then
EVERY = 0.05  # seconds between two looks at the index
LAST_ALERTS = 5  # seconds for the last articles' alerts to arrive
MANY = """
id: many
name: Met by many articles, so that there is something to measure
owner: bench
query: government OR president OR minister OR pemerintah OR presiden OR menteri
dedup: article
notify: ["webhook:bench"]
"""


class Watch:
    """Sees articles become searchable: entry id → when, seconds since the epoch."""

    def __init__(self, flow: Flow) -> None:
        self.flow, self.found = flow, dict[str, float]()
        self._newest = -1

    def look(self) -> int:
        """How many are searchable by now. Asks only for what the last look did not see.

        With one index worker and one shard what becomes visible does so in the order of `_seq_no`.
        """
        answer = self.flow.services.elasticsearch.search(
            index=f"{self.flow.settings.index_prefix}articles",
            query={"range": {"_seq_no": {"gt": self._newest}}},
            source_includes=["entry_id"],
            size=2000,
            sort=[{"_seq_no": "desc"}],
            track_total_hits=False,
        )
        now = time.time()
        for hit in answer["hits"]["hits"]:
            self.found.setdefault(hit["_source"]["entry_id"], now)
            self._newest = max(self._newest, hit["sort"][0])
        return len(self.found)

    def until(self, count: int, seconds: float, advance: Callable[[int], None] = lambda _: None) -> float:
        """Waits until so many are searchable; when that was."""
        deadline = time.time() + seconds
        while (seen := self.look()) < count:
            advance(seen)
            if time.time() > deadline:
                raise SystemExit(
                    f"only {seen} of {count} articles after {seconds:g} s: {self.flow.services.ledger.counts()}"
                )
            time.sleep(EVERY)
        advance(count)
        return max(self.found.values())


def main() -> None:
    options = _options()
    console = Console()
    cores = os.cpu_count() or 1
    corpus = os.environ.pop("KAWAT_CORPUS", None)
    arguments = (
        ["corpus", "--corpus", corpus, "--copies", str(options.copies)]
        if corpus
        else ["generate", "--articles", str(87 * options.copies)]
    )
    figures: dict[str, float | int | str] = {"pages": "real" if corpus else "invented", "cores": cores}
    with (
        Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
            disable=not console.is_terminal,
        ) as progress,
        services() as (elasticsearch, valkey, folder),
        newsroom([*arguments, "--feeds", "4"]) as (desk, desk_pid),
        Receiver() as receiver,
    ):
        total = int(desk.get("stats")["held"])
        burst = int((total - WARM) * 0.7)
        bar = progress.add_task("warming up Elasticsearch", total=NODE_WARM)
        warm_node(elasticsearch.url, NODE_WARM, lambda n: progress.update(bar, completed=n))
        progress.update(bar, description="bare trafilatura", total=None)
        pages = _pages(desk, corpus, console)
        before = bare_pages_per_s(pages, cores)
        environment = {
            "KAWAT_REDIS_URL": valkey.url,
            "KAWAT_ELASTICSEARCH_URL": elasticsearch.url,
            "KAWAT_ALLOW_HOSTS": "127.0.0.1",
            "KAWAT_POLL_INTERVAL": "1",
            "KAWAT_DISK_PAUSE": "0",
            "KAWAT_LOG_LEVEL": "warning",
            "KAWAT_RULES": _rules(folder / "rules"),
            "KAWAT_CHANNELS": f"webhook:bench={receiver.url('/bench?secret=bench')}",
        }
        with Flow(folder / "flow", environment) as flow:
            apply(flow.services, by="make bench")
            for url in desk.get("feeds")["feeds"].values():
                flow.follow(url)
            watch = Watch(flow)
            progress.update(bar, description="warming up", total=WARM)
            desk.post("release", count=WARM)
            watch.until(WARM, 300, lambda n: progress.update(bar, completed=n))
            progress.update(bar, description="the whole flow", total=burst, completed=0)
            pids = {kind: flow.processes[kind].pid for kind in KINDS}
            pids |= {
                "elasticsearch": elasticsearch.pid,
                "valkey": valkey.pid,
                "newsroom": desk_pid,
                "bench": os.getpid(),
            }
            used = {name: cpu_s(pid) for name, pid in pids.items()}
            began = time.time()
            desk.post("release", count=burst)
            ended = watch.until(WARM + burst, 600, lambda n: progress.update(bar, completed=n - WARM))
            rate = burst / (ended - began)
            figures |= {"flow_pages_per_s": round(rate, 2), "flow_pages": burst}
            for name, pid in pids.items():
                figures[f"cpu_ms_per_page_{name}"] = round((cpu_s(pid) - used[name]) / burst * 1000, 1)
            memory = {name: rss_mb(pid) for name, pid in pids.items() if name != "bench"}
            rest = total - WARM - burst
            progress.update(bar, description="latency at half load", total=rest, completed=0)
            desk.post("release", per_second=rate / 2)
            watch.until(total, 600, lambda n: progress.update(bar, completed=n - WARM - burst))
            latencies = _latencies(flow, watch, rest)
            time.sleep(LAST_ALERTS)
            alerts = _alert_latencies(flow, receiver.got, watch, rest)
            counts = flow.services.ledger.counts()
        progress.update(bar, description="bare trafilatura again", total=None)
        after = bare_pages_per_s(pages, cores)
    bare = (before + after) / 2
    figures |= {
        "bare_pages_per_s": round(bare, 2),
        "bare_before_pages_per_s": round(before, 2),
        "bare_after_pages_per_s": round(after, 2),
        "ratio": round(rate / bare, 3),
        "latency_p50_s": round(percentile(latencies, 0.5), 2),
        "latency_p99_s": round(percentile(latencies, 0.99), 2),
        "latency_pages": len(latencies),
        "alert_p50_s": round(percentile(alerts, 0.5), 2),
        "alert_p99_s": round(percentile(alerts, 0.99), 2),
        "alerts": len(alerts),
        "indexed": counts.indexed,
        "missing": counts.missing,
        **{f"rss_mb_{kind}": round(value) for kind, value in memory.items()},
    }
    _show(console, figures)
    console.print(f"written to {write('flow', figures)}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--copies", type=int, default=20, help="times 87 pages, each under its own address")
    return parser.parse_args()


def _pages(desk: NewsroomClient, corpus: str | None, console: Console) -> list[bytes]:
    """The same pages that the flow gets: the corpus three times over, or all that the newsroom invented."""
    if corpus:
        folder = Path(corpus) / "pages"
        return [gzip.decompress(file.read_bytes()) for file in sorted(folder.glob("*.html.gz"))] * 3
    console.print("no KAWAT_CORPUS: invented pages, smaller than real ones")
    pages = []
    for page in desk.get("pages")["pages"][:300]:
        with urlopen(page["url"], timeout=10) as answer:  # noqa: S310  # our own newsroom on loopback
            pages.append(answer.read())
    return pages


def _rules(folder: Path) -> str:
    """The shipped rules, and one that tells the receiver of many articles."""
    shutil.copytree(PROJECT / "deploy" / "rules", folder)
    (folder / "many.yaml").write_text(MANY)
    return str(folder)


def _latencies(flow: Flow, watch: Watch, last: int) -> list[float]:
    """Seconds from the claim in the poll to the first look that found the article, for the last so many."""
    newest = sorted(watch.found.items(), key=lambda pair: pair[1])[-last:]
    return [found - _claimed(flow, id) for id, found in newest]


def _alert_latencies(flow: Flow, got: Sequence[Got], watch: Watch, last: int) -> list[float]:
    """Seconds from the claim in the poll to the webhook's receipt of the alert, for those of the last so many
    articles that the rule met."""
    newest = {id for id, _ in sorted(watch.found.items(), key=lambda pair: pair[1])[-last:]}
    arrived: dict[str, float] = {}
    for one in list(got):
        for alert in orjson.loads(one.body)["alerts"]:
            arrived.setdefault(alert["article_id"], one.at)
    entry_of: dict[str, str] = {}
    for start in range(0, len(arrived), 1000):
        answer = flow.services.elasticsearch.search(
            index=f"{flow.settings.index_prefix}articles",
            query={"terms": {"article_id": list(arrived)[start : start + 1000]}},
            source_includes=["entry_id"],
            size=1000,
        )
        entry_of |= {hit["_id"]: hit["_source"]["entry_id"] for hit in answer["hits"]["hits"]}
    times = [at - _claimed(flow, entry_of[id]) for id, at in arrived.items() if entry_of.get(id, "") in newest]
    if not times:
        raise SystemExit("no alert of the last articles reached the webhook")
    return times


def _claimed(flow: Flow, entry_id: str) -> float:
    return float((flow.services.ledger.entry(entry_id) or {})["seen"]) / 1000


def _show(console: Console, figures: dict[str, float | int | str]) -> None:
    table = Table(title="the flow", box=None, header_style="dim")
    table.add_column("figure")
    table.add_column("value", justify="right")
    for name, value in figures.items():
        table.add_row(name, str(value))
    console.print(table)


if __name__ == "__main__":
    main()
