"""`make bench`, its second part: unchanged feeds a second that one worker process asks for (304), real parts around it.

    (a) bare: the same conditional GETs by Kawat's own fetcher, one thread, nothing else
    (b) the flow: beat, one `feeds` worker, Valkey, the newsroom in a process of its own

Writes .kawat/bench/polls.json.
"""

from __future__ import annotations

import argparse
import time
from contextlib import closing

from rich.console import Console

from ingest.fetch import FEED_ACCEPT, HttpFetcher
from tests.bench.measure import cpu_s, newsroom, rss_mb, services, write
from tests.flow import Flow
from tests.newsroom.control import NewsroomClient

SETTLING = 5.0  # seconds after the first round, in which feeds answer in full


def main() -> None:
    options = _options()
    console = Console()
    figures: dict[str, float | int | str] = {"feeds": options.feeds}
    arguments = ["generate", "--articles", str(2 * options.feeds), "--feeds", str(options.feeds)]
    with (
        services() as (elasticsearch, valkey, folder),
        newsroom([*arguments, "--hosts", "16"]) as (desk, desk_pid),
    ):
        desk.post("release")
        feeds = list(desk.get("feeds")["feeds"].values())
        figures["bare_304_per_s"] = round(_bare(feeds, options.seconds / 2), 1)
        environment = {
            "KAWAT_REDIS_URL": valkey.url,
            "KAWAT_ELASTICSEARCH_URL": elasticsearch.url,
            "KAWAT_ALLOW_HOSTS": ",".join(f"127.0.0.{number}" for number in range(1, 17)),
            "KAWAT_POLL_INTERVAL": "1",
            "KAWAT_DISK_PAUSE": "0",
            "KAWAT_LOG_LEVEL": "warning",
        }
        with Flow(folder / "flow", environment, kinds=("beat", "control", "feeds")) as flow:
            for url in feeds:
                flow.follow(url)
            flow.wait(lambda: _unchanged(desk) > options.feeds, 120, "no round of unchanged feeds")
            time.sleep(SETTLING)
            pids = {"feeds": flow.processes["feeds"].pid, "valkey": valkey.pid, "newsroom": desk_pid}
            used, before, began = {name: cpu_s(pid) for name, pid in pids.items()}, _unchanged(desk), time.monotonic()
            time.sleep(options.seconds)
            polls, seconds = _unchanged(desk) - before, time.monotonic() - began
            figures["polls_304_per_s"] = round(polls / seconds, 1)
            figures["ratio"] = round(polls / seconds / float(figures["bare_304_per_s"]), 3)
            for name, pid in pids.items():
                figures[f"cpu_ms_per_poll_{name}"] = round((cpu_s(pid) - used[name]) / max(1, polls) * 1000, 2)
            figures["rss_mb_feeds"] = round(rss_mb(pids["feeds"]))
    for name, value in figures.items():
        console.print(f"{name:28} {value}")
    console.print(f"written to {write('polls', figures)}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.polls", description=__doc__)
    parser.add_argument("--feeds", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=20)
    return parser.parse_args()


def _bare(feeds: list[str], seconds: float) -> float:
    """304s a second that one thread gets with the fetcher alone."""
    hosts = frozenset(f"127.0.0.{number}" for number in range(1, 17))
    with closing(HttpFetcher("Kawat-bench", 10, 1_000_000, hosts)) as fetcher:
        known = {url: fetcher.get(url, accept=FEED_ACCEPT) for url in feeds[:50]}
        count, began = 0, time.monotonic()
        while time.monotonic() - began < seconds:
            for url, first in known.items():
                answer = fetcher.get(url, etag=first.etag, last_modified=first.last_modified, accept=FEED_ACCEPT)
                count += answer.not_modified
        return count / (time.monotonic() - began)


def _unchanged(desk: NewsroomClient) -> int:
    return int(desk.get("stats")["by_status"].get("304", 0))


if __name__ == "__main__":
    main()
