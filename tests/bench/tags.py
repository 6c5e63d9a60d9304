"""`make bench-tags`: how well names and countries are found, and what tagging costs beside extraction.

    names       F1 of exact, typed spans on labelled sentences that no model was trained on (tests/bench/names.py)
    countries   of each language's version of a document, held against the English one: recall and precision
    time        tags beside extraction, of the same real pages, page by page in turns, in one process: its own processor
                time, the least of three rounds. The pages are in few languages: Indonesian is timed on news sentences
                put together to texts as long as the pages' mean, beside the pages' mean extraction; that is more names
                than any article has
    memory      resident, of a fresh process that holds the worker's code and the names of every language

All on the sets of KAWAT_CORPUS. `--across` also trains on one Indonesian set and tests on the other: five minutes
more. Writes .kawat/bench/tags.json.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from statistics import fmean
from typing import NamedTuple, TypeVar

from rich.console import Console
from rich.table import Table

from ingest.article import extract
from ingest.records import Article, Entry
from ingest.tagging import tag
from ingest.tagging.training.recipes import NEWS, REFERENCE, sentences_of
from tests.bench.articles import Case, cases
from tests.bench.measure import write
from tests.bench.names import across, shipped
from tests.integration.test_countries_quality import LANGUAGES, countries_named, recall_and_precision
from worker.settings import PROJECT

Result = TypeVar("Result")

ROUNDS = 3
GROUPS = {"en": "English", "de": "German", "zh": "Chinese, Japanese, Korean"}
GROUPS |= {"ja": GROUPS["zh"], "ko": GROUPS["zh"]}
MOST_SHARE, MOST_MEMORY_MB = 0.25, 400  # what tagging may take
# In a process of its own: the worker's code, the language detector, and the names of all languages.
_LOADED = """
import psutil
import worker.app, worker.stages
from ingest.article import extract
from ingest.records import Article
from ingest.tagging import tag
from ingest.tagging.language import language_of
from ingest.tagging.names import LANGUAGES
language_of("Kantor penghubung itu akan dibuka di Tokyo pada tahun depan.")
for language in sorted(LANGUAGES):
    tag(Article(id="0" * 32, url="", title="NATO", body="NATO, Tokyo", language=language, content_hash=""))
print(psutil.Process().memory_info().rss)
"""


class Times(NamedTuple):
    """Milliseconds a page."""

    pages: int
    extraction: float
    tags: float

    @property
    def share(self) -> float:
        return self.tags / self.extraction


def memory_mb() -> float:
    """Resident memory of a fresh worker process with the names of every language loaded; about 20 s."""
    said = subprocess.run([sys.executable, "-c", _LOADED], cwd=PROJECT, check=True, capture_output=True, text=True)
    return int(said.stdout.split()[-1]) / 1e6


def times(material: Sequence[Case]) -> dict[str, Times]:
    """By group of languages, and of all pages."""
    spent: dict[int, tuple[float, float]] = {}
    languages: dict[int, str] = {}
    for round_ in range(ROUNDS + 1):
        for at, case in enumerate(material):
            article, extraction = _timed(partial(extract, case.page, _entry(case)))
            _, tags = _timed(partial(tag, article))
            if round_:  # the first warms up
                before = spent.get(at, (extraction, tags))
                spent[at] = (min(before[0], extraction), min(before[1], tags))
            languages[at] = article.language or ""
    groups: dict[str, list[int]] = {"all pages": list(spent)}
    for at, language in languages.items():
        groups.setdefault(GROUPS.get(language, "other languages"), []).append(at)
    return {
        group: Times(len(ats), *(1000 * fmean(spent[at][part] for at in ats) for part in (0, 1)))
        for group, ats in groups.items()
    }


def indonesian(corpus: Path, extraction: float, characters: int) -> Times:
    """Texts of so many characters, made of labelled news sentences, beside a page's mean extraction (ms)."""
    texts, text = [], ""
    for name in (NEWS, REFERENCE):
        for sentence in sentences_of(corpus, name, "dev"):
            text += " ".join(sentence.words).replace(" .", ".").replace(" ,", ",") + "\n"
            if len(text) >= characters:
                texts.append(_article(text))
                text = ""
    spent = [min(_timed(partial(tag, one))[1] for _ in range(ROUNDS)) for one in texts[:60]]
    return Times(len(spent), extraction, 1000 * fmean(spent))


def _article(text: str) -> Article:
    return Article(id="0" * 32, url="", title="", body=text, language="id", content_hash="")


def _timed(run: Callable[[], Result]) -> tuple[Result, float]:
    began = time.process_time()
    result = run()
    return result, time.process_time() - began


def main() -> None:
    reading = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reading.add_argument("--across", action="store_true", help="train on one Indonesian set, test on the other")
    arguments = reading.parse_args()
    folder = os.environ.get("KAWAT_CORPUS")
    if not folder:
        raise SystemExit("This measures on real material: set KAWAT_CORPUS to its folder (pages/, ner/, languages/)")
    corpus = Path(folder)
    figures: dict[str, float | int | str] = {}
    table = Table("", "precision", "recall", "F1", title="Tags", title_justify="left")
    for name, (given, as_text) in shipped(corpus).items():
        for way, score in (("given words", given), ("as text", as_text)):
            table.add_row(f"names, {name} dev, {way}", *_shown(score.precision, score.recall, score.f1))
            figures[f"names_{name}_{way.replace(' ', '_')}_f1"] = round(score.f1, 4)
    for name, score in across(corpus).items() if arguments.across else ():
        table.add_row(f"names, {name}", *_shown(score.precision, score.recall, score.f1))
        figures[f"names_{name}_f1"] = round(score.f1, 4)
    named = countries_named(corpus)
    for language in LANGUAGES:
        recall, precision = recall_and_precision(named, language)
        table.add_row(f"countries, {language}", *_shown(precision, recall), "")
        figures[f"countries_{language}_recall"] = round(recall, 4)
        figures[f"countries_{language}_precision"] = round(precision, 4)
    console = Console()
    console.print(table)
    material = cases(corpus)
    measured = times(material)
    mean = sum(len(extract(case.page, _entry(case)).body) for case in material) // len(material)
    measured["Indonesian (sentences)"] = indonesian(corpus, measured["all pages"].extraction, mean)
    speed = Table("", "pages", "extraction, ms", "tags, ms", "share", title=f"Time (tags: at most {MOST_SHARE})")
    for group, one in measured.items():
        speed.add_row(group, str(one.pages), f"{one.extraction:.1f}", f"{one.tags:.1f}", f"{one.share:.2f}")
        key = group.split(",")[0].split(" (")[0].replace(" ", "_").lower()
        figures |= {f"{key}_extraction_ms": round(one.extraction, 2), f"{key}_tags_ms": round(one.tags, 2)}
        figures[f"{key}_share"] = round(one.share, 3)
    console.print(speed)
    figures["memory_mb"] = round(memory_mb())
    console.print(f"memory with every language: {figures['memory_mb']} MB (at most {MOST_MEMORY_MB})", highlight=False)
    console.print(f"written to {write('tags', figures)}", highlight=False)


def _entry(case: Case) -> Entry:
    return Entry(id="0" * 32, feed_id=None, url=case.page.url)


def _shown(*values: float) -> list[str]:
    return [f"{value:.3f}" for value in values]


if __name__ == "__main__":
    main()
