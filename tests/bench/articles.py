"""`make bench-articles`: extraction beside bare trafilatura, on the real pages of KAWAT_CORPUS, in one run.

The pages are taken by turns, one by each, so that what else the machine does falls on both. One process, one core.
A feed's entry helps nobody here: it has only the address. Right is:

    title       exact, after blanks and quotes are folded
    published   within a minute, time zone right (a label without a zone is read as UTC)
    authors     the first one, and all of them as a set; a page without a named author must give none
    body        F1 of tokens, mean over the pages

Writes .kawat/bench/articles.json.
"""

from __future__ import annotations

import gzip
import json
import os
import re
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import fmean
from typing import Any

import trafilatura
from rich.console import Console
from rich.table import Table

from ingest.article import extract
from ingest.dates import now
from ingest.fingerprint import features
from ingest.plain import plain_line, plain_text
from ingest.records import Article, Entry, Page, TaggedArticle
from tests.bench.measure import write

ROUNDS = 3  # of the same pages; the fastest counts, for each by itself
_QUOTES = str.maketrans(dict.fromkeys('‘’‚“”„«»‹›`´"', "'"))


@dataclass(frozen=True)
class Case:
    expected: dict[str, Any]
    page: Page


@dataclass
class Found:
    """What one way of extracting says of one page."""

    title: str
    published: datetime | None
    authors: tuple[str, ...]
    body: str


@dataclass
class Column:
    """One way of extracting: its answers, and the seconds that it took in each round."""

    run: Callable[[Case], Found]
    found: list[Found] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    @property
    def pages_per_s(self) -> float:
        return len(self.found) / min(self.seconds)


def cases(corpus: Path) -> list[Case]:
    """The labelled pages of a corpus."""
    read = []
    for line in (corpus / "expected.jsonl").read_text(encoding="utf-8").splitlines():
        expected = json.loads(line)
        body = gzip.decompress((corpus / "pages" / expected["file"]).read_bytes())
        read.append(Case(expected, Page(url=expected["url"], body=body, content_type="text/html", fetched=now())))
    return read


def bare(case: Case) -> Found:
    """trafilatura with its defaults; its dates are days."""
    document = trafilatura.bare_extraction(case.page.body, url=case.page.url, with_metadata=True)
    said = {name: getattr(document, name, None) or "" for name in ("title", "author", "date", "text")}
    day = datetime.fromisoformat(said["date"]).replace(tzinfo=UTC) if said["date"] else None
    names = tuple(name.strip() for name in said["author"].split(";") if name.strip())
    return Found(said["title"], day, names, said["text"])


def kawat(case: Case) -> Found:
    return _of(extract(case.page, _entry(case)))


def with_features(case: Case) -> Found:
    """Extraction with the language, and what tells copies and stories."""
    article = extract(case.page, _entry(case))
    features(TaggedArticle(article=article))
    return _of(article)


def with_tags(case: Case) -> Found:
    """All that the stage does to a page: extraction, tags, and what tells copies and stories."""
    from ingest.tagging import tag

    return _of(tag(extract(case.page, _entry(case))).article)


def _entry(case: Case) -> Entry:
    return Entry(id="0" * 32, feed_id=None, url=case.page.url)


def _of(article: Article) -> Found:
    return Found(article.title, article.published, article.authors, article.body)


def folded(text: str) -> str:
    return " ".join(plain_line(text).translate(_QUOTES).split())


def title_right(case: Case, found: Found) -> bool:
    return folded(found.title) == folded(case.expected["title"] or "")


def published_right(case: Case, found: Found) -> bool:
    expected = datetime.fromisoformat(case.expected["published"])
    expected = expected if expected.tzinfo else expected.replace(tzinfo=UTC)
    return found.published is not None and abs((found.published - expected).total_seconds()) <= 60


def first_author_right(case: Case, found: Found) -> bool:
    return [folded(name) for name in found.authors[:1]] == [
        folded(name) for name in (case.expected["authors"] or [])[:1]
    ]


def authors_right(case: Case, found: Found) -> bool:
    return set(map(folded, found.authors)) == set(map(folded, case.expected["authors"] or []))


def body_f1(case: Case, found: Found) -> float:
    texts = (found.body, "\n".join(case.expected["paragraphs"] or []))
    one, other = (Counter(re.findall(r"\w+", plain_text(text).lower())) for text in texts)
    shared = sum((one & other).values())
    return 2 * shared / (one.total() + other.total()) if shared else 0.0


MEASURES: dict[str, Callable[[Case, Found], float]] = {
    "title exact": title_right,
    "published within a minute": published_right,
    "first author right": first_author_right,
    "all authors right": authors_right,
    "body token F1": body_f1,
}


def measure(material: Sequence[Case], columns: Sequence[Column]) -> None:
    """Runs each column over the material, page by page in turns, `ROUNDS` times after one page to warm up."""
    for column in columns:
        column.run(material[0])
    for _ in range(ROUNDS):
        taken = [0.0 for _ in columns]
        answers: list[list[Found]] = [[] for _ in columns]
        for at, case in enumerate(material):
            for turn in range(len(columns)):
                one = (at + turn) % len(columns)
                began = time.perf_counter()
                answers[one].append(columns[one].run(case))
                taken[one] += time.perf_counter() - began
        for column, seconds, found in zip(columns, taken, answers, strict=True):
            column.seconds.append(seconds)
            column.found = found


def main() -> None:
    folder = os.environ.get("KAWAT_CORPUS")
    if not folder:
        raise SystemExit("This measures real pages: set KAWAT_CORPUS to their folder (expected.jsonl and pages/)")
    material = cases(Path(folder))
    columns = {
        "trafilatura": Column(bare),
        "kawat": Column(kawat),
        "kawat_features": Column(with_features),
        "kawat_tags": Column(with_tags),
    }
    measure(material, list(columns.values()))
    table = Table("", "bare trafilatura", "Kawat", title=f"{len(material)} pages", title_justify="left")
    figures: dict[str, float | int | str] = {"pages": len(material)}
    for name, right in MEASURES.items():
        shares = {}
        for key in ("trafilatura", "kawat"):
            shares[key] = fmean(map(right, material, columns[key].found))
            figures[f"{key}_{name.replace(' ', '_')}"] = round(shares[key], 4)
        table.add_row(name, *(f"{share:.3f}" for share in shares.values()))
    speeds = {key: column.pages_per_s for key, column in columns.items()}
    figures |= {f"{key}_pages_per_s": round(speed, 1) for key, speed in speeds.items()}
    rows = {
        "pages a second per core, extraction": "kawat",
        "extraction, language and features": "kawat_features",
        "… with tags": "kawat_tags",
    }
    for name, key in rows.items():
        table.add_row(name, f"{speeds['trafilatura']:.1f}" if key == "kawat" else "", f"{speeds[key]:.1f}")
    console = Console()
    console.print(table)
    console.print(f"written to {write('articles', figures)}", highlight=False)


if __name__ == "__main__":
    main()
