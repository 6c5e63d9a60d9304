"""`make bench-rules`: what rules cost, by how many there are, over the corpus' articles on a warm node.

    index         writing a batch of 200 articles, as the stage `index` does
    match         asking 100, 1,000, 10,000 and 100,000 rules of it, alerts written, as the stage `match` does
    all run       the same by asking every rule of the batch in `_msearch`
    plain loop    for reference: each rule's phrases looked up in each text, in Python, which knows no query language

Fifty rules match, the same ones each time, so the true matches stay the same; the others are drawn from words as
frequent as the articles' own (`tests/bench/rulebook.py`). Index and match together: 10,000 rules are to cost at most
three times what 100 do. The processor's time, of this process and of the node together, tells what one core would do:
it does not hang on what else the machine is at. With `--backtest N`, one rule is replayed over N articles of 30 days.

The texts are those of KAWAT_CORPUS, else invented ones. Writes .kawat/bench/rules.json.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from elasticsearch import Elasticsearch
from rich.console import Console
from rich.table import Table

from ingest.urls import article_id
from search.client import connect
from search.matching.backtest import Backtester
from search.matching.watch import RuleWatch
from search.ports import Document
from search.rules.compiling import rule_query
from search.rules.records import Rule, RuleSet
from search.schema import Names
from search.store import ElasticsearchIndex
from search.upkeep import ensure_schema
from tests.bench.filling import Plan, fill
from tests.bench.measure import cpu_s, services, write
from tests.bench.recombined import Recombined
from tests.bench.rulebook import RuleBook, found_by_loop, plain, rule_book
from tests.bench.warm import warm_node
from tests.integration.search_material import MemoryHomes

BATCH, BATCHES = 200, 3
SIZES = (100, 1_000, 10_000, 100_000)
NODE_WARM = 3_000
ALL_RUN = 10_000  # rules up to which every rule is asked, too
AT_ONCE = 500  # searches a request


@dataclass(frozen=True)
class Cost:
    """Seconds for all batches, by the clock and of processors; what was found."""

    index: float
    match: float
    match_cpu: float
    alerts: int
    candidates: int
    adopt: float


@dataclass(frozen=True)
class Bench:
    """One node, and the articles, which are written anew for each rule book."""

    client: Elasticsearch
    node_pid: int
    made: Recombined

    def documents(self, first: int, count: int, run: str) -> list[Document]:
        """The same texts each time, under addresses of the run's own."""
        seen = datetime.now(UTC).replace(microsecond=0)
        found = []
        for n in range(first, first + count):
            url = f"https://bench.example/{run}/{n}"
            tagged = self.made.tagged(n, article_id(url), url, f"{n}")
            found.append(
                Document.model_construct(
                    entry_id=article_id(url), tagged=tagged, feed=None, first_seen=seen, fetched=seen, known_as=None
                )
            )
        return found

    def cost(self, book: RuleBook, run: str, batches: int = BATCHES) -> Cost:
        """Of a batch to warm up and then so many."""
        prefix = f"bench-{run}-"
        ensure_schema(self.client, prefix)
        homes = MemoryHomes()
        index, watch = ElasticsearchIndex(self.client, prefix, homes), RuleWatch(self.client, prefix, homes)
        made = [self.documents(n * BATCH, BATCH, run) for n in range(batches)]
        warm = self.documents(1_000_000, BATCH, run)
        index.write(warm)
        began = time.perf_counter()
        watch.adopt(RuleSet(rules=book.rules))
        adopt = time.perf_counter() - began
        watch.match([one.id for one in warm])
        indexing = matching = cpu = 0.0
        alerts = candidates = 0
        for batch in made:
            started = time.perf_counter()
            written = index.write(batch)
            indexing += time.perf_counter() - started
            started, used = time.perf_counter(), self._cpu()
            found = watch.match([one.article_id for one in written])
            matching += time.perf_counter() - started
            cpu += self._cpu() - used
            alerts, candidates = alerts + len(found.alerts), candidates + found.candidates
        self._drop(prefix)
        return Cost(indexing, matching, cpu, alerts, candidates, adopt)

    def all_run(self, book: RuleBook, run: str) -> tuple[float, int]:
        """Seconds to ask every rule of one batch, and the pairs that matched."""
        prefix = f"bench-{run}-"
        ensure_schema(self.client, prefix)
        index = ElasticsearchIndex(self.client, prefix, MemoryHomes())
        ids = [one.article_id for one in index.write(self.documents(0, BATCH, run))]
        index.refresh()
        rules = RuleSet(rules=book.rules)
        queries = [rule_query(rule, rules) for rule in book.rules]
        alias, among = Names(prefix).articles, {"ids": {"values": ids}}
        began, matched = time.perf_counter(), 0
        for start in range(0, len(queries), AT_ONCE):
            searches: list[dict[str, object]] = []
            for query in queries[start : start + AT_ONCE]:
                asked = {"query": {"bool": {"filter": [query, among]}}, "size": BATCH, "_source": False}
                searches += [{"index": alias}, asked]
            answer = self.client.options(request_timeout=300).msearch(searches=searches)
            matched += sum(len(one["hits"]["hits"]) for one in answer["responses"])
        took = time.perf_counter() - began
        self._drop(prefix)
        return took, matched

    def _drop(self, prefix: str) -> None:
        self.client.indices.delete(index=",".join(self.client.indices.get(index=f"{prefix}*")))

    def _cpu(self) -> float:
        return cpu_s(self.node_pid) + time.process_time()


def main() -> None:
    """Prints and writes the figures; ends with 1 where a target is missed."""
    options = _options()
    console = Console()
    corpus = os.environ.pop("KAWAT_CORPUS", None)
    folder = Path(corpus) if corpus else None
    figures: dict[str, float | int | str] = {"texts": "real" if corpus else "invented", "batch": BATCH}
    missed: list[str] = []
    with services() as (node, _, _), closing(connect(node.url, timeout=300)) as client:
        console.print("warming up the node …")
        warm_node(node.url, NODE_WARM, lambda _: None)
        bench = Bench(client, node.pid, Recombined(folder, 1))
        articles = bench.documents(0, BATCH * BATCHES, "texts")
        texts = [plain(one) for one in articles]
        table = Table(
            "rules", "index ms", "match ms", "match CPU ms", "articles/s", "candidates", "all run ms", "loop ms"
        )
        table.title = f"an article, in batches of {BATCH}"
        for size in (size for size in SIZES if size <= options.most):
            found = _measured(bench, rule_book(articles, size), size, texts)
            figures |= found
            table.add_row(f"{size:,}", *(f"{found.get(f'{name}_{size}', float('nan')):,.2f}" for name in COLUMNS))
        console.print(table)
        missed += _missed(figures)
        if options.backtest:
            figures |= _backtest(node.url, options.backtest, folder, console)
            missed += ["backtest"] if float(figures["backtest_s"]) > 10 else []
    console.print(f"written to {write('rules', figures)}")
    if missed:
        console.print(f"missed: {', '.join(missed)}")
        raise SystemExit(1)


COLUMNS = (
    *("index_ms", "match_ms", "match_cpu_ms", "match_articles_per_core_s", "candidates_per_article"),
    *("all_run_ms", "plain_loop_ms"),
)


def _measured(bench: Bench, book: RuleBook, size: int, texts: Sequence[str]) -> dict[str, float | int]:
    cost = bench.cost(book, f"r{size}")
    many = BATCH * BATCHES
    began = time.perf_counter()
    looped = found_by_loop(book, texts[:BATCH])
    loop = time.perf_counter() - began
    found: dict[str, float | int] = {
        "adopt_s": round(cost.adopt, 2),
        "index_ms": round(1000 * cost.index / many, 3),
        "match_ms": round(1000 * cost.match / many, 3),
        "match_cpu_ms": round(1000 * cost.match_cpu / many, 3),
        "match_articles_per_s": round(many / cost.match, 1),
        "match_articles_per_core_s": round(many / cost.match_cpu, 1),
        "candidates_per_article": round(cost.candidates / many, 2),
        "true_matches": cost.alerts,
        "plain_loop_ms": round(1000 * loop / BATCH, 3),
        "plain_loop_pairs": looped,
    }
    if size <= ALL_RUN:
        took, matched = bench.all_run(book, f"a{size}")
        found |= {"all_run_ms": round(1000 * took / BATCH, 3), "all_run_pairs": matched}
        found["all_run_ms_a_rule"] = round(1000 * took / size, 3)
    return {f"{name}_{size}": value for name, value in found.items()}


def _missed(figures: dict[str, float | int | str]) -> Iterator[str]:
    """The targets that were missed, of those that were measured."""
    if "match_ms_10000" not in figures:
        return
    few, many = (sum(float(figures[f"{part}_ms_{size}"]) for part in ("index", "match")) for size in (100, 10_000))
    figures["ratio_10000_to_100"] = round(many / few, 2)
    if many > 3 * few:
        yield f"10,000 rules cost {many / few:.1f} times what 100 do"
    if float(figures["match_articles_per_core_s_10000"]) < 100:
        yield "10,000 rules: fewer than 100 articles a second on one core"
    if len({figures[f"true_matches_{size}"] for size in (100, 1_000, 10_000)}) > 1:
        yield "the true matches were not the same"


def _backtest(url: str, count: int, corpus: Path | None, console: Console) -> dict[str, float | int]:
    """One rule over so many articles of 30 days."""
    plan = Plan(count, 1, datetime.now(UTC).replace(microsecond=0))
    for done in fill(url, plan, corpus, os.cpu_count() or 1):
        if done % 20_000 == 0:
            console.print(f"{done:,} articles written")
    rule = Rule(
        id="bench",
        name="bench",
        owner="bench",
        query='"kantor penghubung" OR (menteri NEAR/5 pertahanan) OR (jepang AND nato)',
        realert=6 * 3600,
        update_after=3,
        notify=("webhook:desk",),
    )
    with closing(connect(url, timeout=60)) as client:
        began = time.perf_counter()
        found = Backtester(client, "").run(rule, RuleSet(rules=(rule,)), plan.end, 30)
        took = time.perf_counter() - began
    console.print(f"backtest over {count:,} articles: {took:.1f} s, {found.articles} matched, {found.alerts} alerts")
    told = {"backtest_articles": count, "backtest_matched": found.articles, "backtest_alerts": found.alerts}
    return {**told, "backtest_s": round(took, 2)}


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench-rules", description=__doc__)
    parser.add_argument("--most", type=int, default=SIZES[-1], help="rules at most")
    parser.add_argument("--backtest", type=int, default=0, help="articles of 30 days to replay one rule over")
    return parser.parse_args()


if __name__ == "__main__":
    main()
