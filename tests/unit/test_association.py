"""Being named together: more than by chance, less, or just so."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.association import SURE, association


def test_what_is_independent_scores_nothing() -> None:
    found = association(100, 1_000, 1_000, 10_000)
    assert (found.expected, found.times) == (100.0, 1.0)
    assert found.score == pytest.approx(0, abs=1e-9)


def test_the_score_is_dunnings() -> None:
    """By hand: 2 Σ k ln(k N / (row × column)) of the table 10 90 / 20 880."""
    expected = 2 * (
        10 * math.log(10 * 1000 / (100 * 30))
        + 90 * math.log(90 * 1000 / (100 * 970))
        + 20 * math.log(20 * 1000 / (900 * 30))
        + 880 * math.log(880 * 1000 / (900 * 970))
    )
    assert association(10, 100, 30, 1000).score == pytest.approx(expected)


def test_more_articles_make_the_same_ratio_surer_and_fewer_than_by_chance_is_negative() -> None:
    little, much = association(2, 20, 20, 1_000), association(20, 200, 200, 10_000)
    assert little.times == much.times == 5
    assert little.score < SURE < much.score
    assert association(0, 300, 300, 1_000).score < -SURE


@given(*[st.integers(-5, 10_000)] * 4)
def test_counts_that_cannot_be_are_brought_into_range(both: int, one: int, other: int, total: int) -> None:
    found = association(both, one, other, total)
    assert all(math.isfinite(value) for value in found)
    assert found.expected >= 0
    assert found.times >= 0
