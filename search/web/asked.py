"""What a reader asked the search page for, as its address says it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, cast, get_args
from urllib.parse import urlencode

from search.ports import Sort

MAX_CURSOR = 8_000  # characters; longer than any that we give


@dataclass(frozen=True)
class Asked:
    """A search and how its list is shown. `cursor`: where a further page begins; `day`: the one that the list before it
    ended with."""

    query: str = ""
    sort: Sort = "seen"
    stemmed: bool = False
    fold: bool = True
    cursor: str | None = None
    day: str | None = None

    @classmethod
    def given(
        cls, query: str, *, sort: str = "seen", stemmed: str = "", fold: str = "", cursor: str = "", day: str = ""
    ) -> Asked:
        """What an address says; what it says wrongly is passed over, so that old links show something."""
        return cls(
            query=query.strip(),
            sort=cast(Sort, sort) if sort in get_args(Sort) else "seen",
            stemmed=stemmed == "1",
            fold=fold != "0",
            cursor=cursor[:MAX_CURSOR] if cursor else None,
            day=day[:10] if day else None,
        )

    @property
    def field(self) -> str:
        """The field that the order, and so the timeline, goes by."""
        return "published" if self.sort == "published" else "seen"

    @property
    def how(self) -> dict[str, str]:
        """All but the words, as parameters; what is usual is left out."""
        return {
            name: value
            for name, value, usual in (
                ("sort", str(self.sort), "seen"),
                ("stemmed", "1" if self.stemmed else "", ""),
                ("fold", "1" if self.fold else "0", "1"),
            )
            if value != usual
        }

    def address(self, path: str = "/", **changes: Any) -> str:
        """Where this is shown, with these changes. Changed, a list begins at its beginning."""
        other = replace(self, **{"cursor": None, "day": None, **changes})
        asked = {"q": other.query, **other.how, "cursor": other.cursor or "", "day": other.day or ""}
        written = urlencode({name: value for name, value in asked.items() if value})
        return f"{path}?{written}" if written else path
