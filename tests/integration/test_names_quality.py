"""Floors under how well names are found; they only rise. Needs the labelled sentences that KAWAT_CORPUS names."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench.names import across, shipped

# What was reached when the models were made, less a hundredth for another machine's arithmetic.
FLOORS = {"id-idner": 0.85, "id-nergrit": 0.74, "en-ewt": 0.66, "pt-bosque": 0.78}
ACROSS = {"id-idner and ours → id-nergrit": 0.59, "id-nergrit and ours → id-idner": 0.66}


@pytest.fixture
def labelled(corpus: Path) -> Path:
    if not (corpus / "ner").is_dir():
        pytest.skip(f"needs labelled sentences: {corpus} has no folder ner")
    return corpus


def test_the_shipped_models_reach_their_floors(labelled: Path) -> None:
    for name, (given, joined) in shipped(labelled).items():
        assert given.f1 >= FLOORS[name], f"{name}: {given}"
        assert joined.f1 >= FLOORS[name] - 0.01, f"{name} as text: {joined}"


@pytest.mark.timeout(1200)
def test_names_of_another_set_than_the_one_learnt_from_are_found(labelled: Path) -> None:
    reached = across(labelled)
    for name, floor in ACROSS.items():
        assert reached[name].f1 >= floor, f"{name}: {reached[name]}"
