"""Floors under tags as a whole: the same known names in every language, and what a worker holds. They only ever rise.

Names found: test_names_quality.py; countries: test_countries_quality.py.
"""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path

import pytest

from ingest.tagging.known import known_in
from tests.bench.tags import MOST_MEMORY_MB, memory_mb
from tests.integration.test_countries_quality import LANGUAGES, recall_and_precision

# Recall and precision of the ids in the English versions of ntrex's documents: the least of the others were Hebrew's
# and Hindi's recall (0.655, 0.591) and Chinese precision (0.828) when this was set.
FLOORS = {"id": (0.90, 0.94), "ms": (0.82, 0.93), "de": (0.88, 0.93), "fr": (0.86, 0.92), "es": (0.85, 0.93)}
LEAST_RECALL, LEAST_PRECISION = 0.58, 0.81


@pytest.fixture(scope="module")
def known(corpus: Path) -> dict[str, dict[str, set[str]]]:
    """Document → language → the ids of the people, organisations, places and things known."""
    found: dict[str, dict[str, set[str]]] = defaultdict(dict)
    for line in (corpus / "languages" / "ntrex.jsonl").read_text(encoding="utf-8").splitlines():
        document = json.loads(line)
        title, *body = document["sentences"]
        names = known_in(title, "\n".join(body), document["lang"])
        found[document["doc"]][document["lang"]] = {one.id for one in names}
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_document_names_the_same_people_and_bodies_in_every_language(
    known: dict[str, dict[str, set[str]]], language: str
) -> None:
    recall, precision = recall_and_precision(known, language)
    least_recall, least_precision = FLOORS.get(language, (LEAST_RECALL, LEAST_PRECISION))
    assert recall >= least_recall
    assert precision >= least_precision


def test_a_worker_with_the_names_of_every_language_stays_small() -> None:
    assert memory_mb() < MOST_MEMORY_MB
