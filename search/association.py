"""Whether two things are named together more than chance would have it. Pure.

Dunning, T. (1993): Accurate methods for the statistics of surprise and coincidence. Computational Linguistics 19(1).
"""

from __future__ import annotations

import math
from typing import NamedTuple

SURE = 10.83  # of the log-likelihood ratio: chi-squared with one degree of freedom, p < 0.001


class Association(NamedTuple):
    """`times` the number `expected` by chance; `score` is positive where it is more, negative where less."""

    expected: float
    times: float
    score: float


def association(both: int, one: int, other: int, total: int) -> Association:
    """Of what is named in `one` and in `other` of `total` articles, in `both` together.

    Counts that cannot be (they come from shards that count deleted articles too) are brought into range.
    """
    both = max(0, both)
    one, other = max(one, both), max(other, both)
    total = max(total, one + other - both)
    if not one or not other:
        return Association(0.0, 0.0, 0.0)
    expected = one * other / total
    without, others = total - other, total - one  # not with the other; not with the one
    score = _part(both, expected) + _part(one - both, one * without / total)
    score += _part(other - both, others * other / total) + _part(others - other + both, others * without / total)
    score = max(0.0, 2 * score)  # rounding
    return Association(expected, both / expected, score if both >= expected else -score)


def _part(seen: int, expected: float) -> float:
    """One cell's of the table."""
    return seen * math.log(seen / expected) if seen else 0.0
