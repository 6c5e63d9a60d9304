"""The file layout of names in data/: tab-separated `id, language, kind, names, cues`, `|` between names, between cues.

One table for each kind of thing (countries now); a compiled one is made by a script beside this file, never by hand.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

HEADER = "# id\tlanguage\tkind\tnames\tcues   (compiled: do not edit)\n"
_COLUMNS = (4, 5)


class Row(NamedTuple):
    """Names of the thing `code` in one language; `cues`: words that must stand in the same text for unsure names."""

    code: str
    language: str
    kind: str
    names: tuple[str, ...]
    cues: tuple[str, ...]


def read_rows(path: Path) -> list[tuple[int, Row]]:
    """Line number and row, comments and blank lines left out. Raises ValueError that names file and line."""
    rows = []
    for at, line in enumerate(path.read_text(encoding="utf-8").split("\n"), start=1):
        if not line or line.startswith("#"):
            continue
        cells = line.split("\t")
        if len(cells) not in _COLUMNS:
            raise ValueError(
                f"{path}:{at}: {len(cells)} columns; expected 4 or 5 (id, language, kind, names, cues), tab-separated"
            )
        names, cues = (tuple(filter(None, cell.split("|"))) for cell in (cells[3], cells[4] if len(cells) == 5 else ""))
        rows.append((at, Row(cells[0], cells[1], cells[2], names, cues)))
    return rows


def written(row: Row) -> str:
    """The row as one line of the file."""
    return "\t".join((row.code, row.language, row.kind, "|".join(row.names), "|".join(row.cues))).rstrip("\t") + "\n"
