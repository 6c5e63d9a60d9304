"""`make bench-search`: how fast Kawat answers many readers at once, over 200,000 articles of 30 days.

    phrase         /api/search, two or three words in quotes
    boolean        /api/search, (a OR b) AND c NOT d, three facets, the timeline
    entity         /entity/…, the page of one that articles name
    autocomplete   /entities/suggest, what the search box asks for while somebody types
    search_page    /, the whole page of a phrase: facets, timeline, thirty articles

Each question is asked once, over HTTP, of `kawat page` in a process of its own, by 8 clients that wait for nothing but
the answer. Beside it, in the same run, the heart of the question is asked of Elasticsearch alone, by the same clients:
a machine that does other work slows both down, the ratio says more than the milliseconds. The processor time that an
answer takes is measured too; it bounds what clients at once can get.

The texts are those of KAWAT_CORPUS, else invented ones (`tests/bench/recombined.py`). Nothing is merged by force.
Writes .kawat/bench/search.json. `--keep FOLDER` keeps the index there, and takes the one that is there.
"""

from __future__ import annotations

import argparse
import gzip
import http.client
import os
import re
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

import orjson
from rich.console import Console
from rich.table import Table

from search.client import connect
from tests.bench.measure import cpu_s, percentile, write
from tests.bench.questions import Kind, Question, kinds
from tests.bench.recombined import Recombined
from tests.bench.serving import Serving, serving

WARM = 1_200  # questions of each kind before any is timed, other ones: until then Java compiles what they ran through
WARM_BARE = 400  # of them are asked of bare Elasticsearch, which runs through much of the same
ALONE = 150  # of them are asked one after the other
SEED = 1
MOST_PAGE = 150_000  # bytes of the search page with all that it loads, as they come over the wire
LOADED = re.compile(r'(?:src|href)="(/static/[^"]+)"')
Ask = tuple[str, str, bytes | None]  # method, path, body


@dataclass(frozen=True)
class Times:
    """Milliseconds until each answer was there; processor milliseconds an answer, by process."""

    each: list[float]
    page_cpu: float
    node_cpu: float


@dataclass(frozen=True)
class Bench:
    """Asks the processes that answer, and takes the time."""

    on: Serving

    def asked(self, questions: Sequence[Question], at_once: int, *, bare: bool) -> Times:
        """The questions, each once."""
        url = self.on.node.url if bare else self.on.page
        asks = [_bare(one) if bare else ("GET", one.path, None) for one in questions]
        began = cpu_s(self.on.page_pid), cpu_s(self.on.node.pid)
        with ThreadPoolExecutor(at_once) as clients:
            parts = clients.map(lambda at: _client(url, asks[at::at_once]), range(at_once))
            each = [one for part in parts for one in part]
        took = (cpu_s(self.on.page_pid) - began[0], cpu_s(self.on.node.pid) - began[1])
        return Times(each, *(1000 * one / len(each) for one in took))

    def page_bytes(self, path: str) -> dict[str, int]:
        """Of the search page and of all that it loads: as they come, packed, and as they are."""
        with closing(_connection(self.on.page)) as connection:
            packed, plain = _read(connection, path)
            files = sorted(set(LOADED.findall(plain.decode())))
            loaded = [_read(connection, one) for one in files]
        return {
            "page_html_gzip_bytes": len(packed),
            "page_html_bytes": len(plain),
            "page_files": len(files),
            "page_whole_gzip_bytes": len(packed) + sum(len(one) for one, _ in loaded),
            "page_whole_bytes": len(plain) + sum(len(one) for _, one in loaded),
        }


def main() -> None:
    """Prints and writes the figures; ends with 1 where a target is missed."""
    options = _options()
    console = Console()
    corpus = os.environ.pop("KAWAT_CORPUS", None)
    folder = Path(corpus) if corpus else None
    figures: dict[str, float | int | str] = {"texts": "real" if corpus else "invented", "at_once": options.at_once}
    made = Recombined(folder, SEED)
    every = kinds(made, options.articles, WARM + options.requests)
    keep, processes = options.keep, options.processes
    with serving(options.articles, SEED, folder, keep=keep, processes=processes) as (answering, filled):
        bench = Bench(answering)
        figures |= filled | _index_figures(answering.node.url)
        load = os.getloadavg()[0]
        table = Table("", *("p50", "p95", "p99", "at most", "bare p50", "bare p95", "alone p50", "CPU page + node"))
        table.title = f"{options.articles:,} articles, {options.at_once} at once, milliseconds; load before {load:.1f}"
        missed = []
        for kind in every:
            bench.asked(kind.questions[:WARM], options.at_once, bare=False)
        for kind in every:
            found = _measured(bench, kind, options)
            figures |= found
            p95 = float(found[f"{kind.name}_p95_ms"])
            missed += [kind.name] if kind.target and p95 > kind.target else []
            names = ("p50_ms", "p95_ms", "p99_ms", "", "bare_p50_ms", "bare_p95_ms", "alone_p50_ms")
            cells = [f"{found[f'{kind.name}_{name}']:.1f}" if name else str(kind.target or "") for name in names]
            cpu = [f"{found[f'{kind.name}_cpu_{who}_ms']:.1f}" for who in ("page", "node")]
            table.add_row(kind.name, *cells, " + ".join(cpu))
        figures |= {"load_before": round(load, 1), "load_after": round(os.getloadavg()[0], 1)}
        figures |= bench.page_bytes(every[-1].questions[0].path)
    console.print(table)
    shown = ("page_html_gzip_bytes", "page_whole_gzip_bytes", "page_whole_bytes", "bytes_an_article", "segments")
    console.print(", ".join(f"{name.replace('_', ' ')} {figures[name]:,}" for name in shown), highlight=False)
    console.print(f"written to {write('search', figures)}", highlight=False)
    missed += ["page weight"] if int(figures["page_whole_gzip_bytes"]) > MOST_PAGE else []
    if missed:
        raise SystemExit(f"above what they may be: {', '.join(missed)}")


def _measured(bench: Bench, kind: Kind, options: argparse.Namespace) -> dict[str, float]:
    """Kawat's figures and bare Elasticsearch's for one kind."""
    warming, timed = kind.questions[:WARM], kind.questions[WARM:]
    found: dict[str, float] = {f"{kind.name}_requests": len(timed)}
    for prefix, bare in (("", False), ("bare_", True)):
        if bare:
            bench.asked(warming[:WARM_BARE], options.at_once, bare=True)
        many = bench.asked(timed, options.at_once, bare=bare)
        alone = bench.asked(warming[:ALONE], 1, bare=bare)
        for name, share in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99)):
            found[f"{kind.name}_{prefix}{name}_ms"] = percentile(many.each, share)
        found[f"{kind.name}_{prefix}alone_p50_ms"] = median(alone.each)
        found[f"{kind.name}_{prefix}cpu_node_ms"] = many.node_cpu
        if not bare:
            found[f"{kind.name}_cpu_page_ms"] = many.page_cpu
    return {name: round(value, 2) for name, value in found.items()}


def _client(url: str, asks: Sequence[Ask]) -> list[float]:
    """Milliseconds of each, one after the other on one connection."""
    times = []
    with closing(_connection(url)) as connection:
        for method, path, body in asks:
            headers = {"Content-Type": "application/json"} if body else {"Accept-Encoding": "gzip"}
            began = time.perf_counter()
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            said = answer.read()
            times.append((time.perf_counter() - began) * 1000)
            if answer.status != 200:
                raise SystemExit(f"{path}: HTTP {answer.status}, {said[:300]!r}")
    return times


def _bare(one: Question) -> Ask:
    return "POST", f"/{one.index}/_search", orjson.dumps(one.body)


def _connection(url: str) -> http.client.HTTPConnection:
    parts = urlsplit(url)
    return http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)


def _read(connection: http.client.HTTPConnection, path: str) -> tuple[bytes, bytes]:
    connection.request("GET", path, headers={"Accept-Encoding": "gzip"})
    answer = connection.getresponse()
    said = answer.read()
    return said, gzip.decompress(said) if answer.headers.get("Content-Encoding") == "gzip" else said


def _index_figures(url: str) -> dict[str, float | int]:
    """Disk and segments of the articles, as writing left them."""
    with closing(connect(url)) as client:
        stats = client.indices.stats(index="articles", metric="store,segments,docs")["_all"]["primaries"]
        entities = client.count(index="entities")["count"]
        count, size = stats["docs"]["count"], stats["store"]["size_in_bytes"]
        return {
            "articles": count,
            "segments": stats["segments"]["count"],
            "bytes_an_article": round(size / count),
            "entities": entities,
        }


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench-search ARGS=…", description="How fast many readers are answered")
    parser.add_argument("--articles", type=int, default=200_000)
    parser.add_argument("--requests", type=int, default=400, help="of each kind")
    parser.add_argument("--at-once", type=int, default=8, help="clients")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1, help="that write articles")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep the index there, and take what is there")
    return parser.parse_args()


if __name__ == "__main__":
    main()
