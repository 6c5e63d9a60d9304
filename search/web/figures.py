"""Figures as a reader writes them: decimals, sizes, spans of time. Pure."""

from __future__ import annotations

from babel.numbers import format_decimal

from search.web.views import Reader

UNITS = ("B", "kB", "MB", "GB", "TB")
SPANS = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))


def decimal(value: float, digits: int, reader: Reader) -> str:
    """`value` with so many digits behind the point."""
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    return str(format_decimal(round(value, digits), format=pattern, locale=reader.locale))


def size(n: float, reader: Reader) -> str:
    """Bytes in the unit that fits: 12 MB, 1.4 GB."""
    unit = 0
    while n >= 1000 and unit < len(UNITS) - 1:
        n, unit = n / 1000, unit + 1
    return f"{decimal(n, 1 if unit and n < 10 else 0, reader)} {UNITS[unit]}"


def span(seconds: float, reader: Reader) -> str:
    """A length of time in its two largest units: 3 min 20 s, 2 h; "" for less than a second."""
    left = int(seconds)
    parts: list[str] = []
    for name, length in SPANS:
        if left >= length and len(parts) < 2:
            parts.append(reader.word(f"figure_{name}", n=reader.number(left // length)))
            left %= length
        elif parts:
            break
    return " ".join(parts)
