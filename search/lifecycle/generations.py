"""What an index's name tells. Pure.

`articles-000003` is the third index of its family, `articles-000003.2` is the same one made over once: the second
generation. The first name then is an alias of the second index, so that whoever kept it (the ledger keeps each
article's home index) still finds what stood there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

MADE_OVER = re.compile(r"(?P<base>.+)\.(?P<generation>[1-9]\d{0,5})")


def generation(index: str) -> tuple[str, int]:
    """The name it began with, and which generation it is: 1 where it was never made over."""
    match = MADE_OVER.fullmatch(index)
    return (match["base"], int(match["generation"])) if match else (index, 1)


def made_over(index: str) -> str:
    """The name of its next generation."""
    base, number = generation(index)
    return f"{base}.{number + 1}"


def next_number(alias: str, names: Iterable[str]) -> str:
    """The name of the family's next index, after all of `names` (indices and aliases)."""
    numbered = re.compile(rf"{re.escape(alias)}-(\d{{6,9}})")
    numbers = [int(match[1]) for name in names if (match := numbered.fullmatch(generation(name)[0]))]
    return f"{alias}-{max(numbers, default=0) + 1:06d}"
