"""What words weigh in the roles they hold, for one model: a sum for each word in each role, kept once it was asked for.

A text asks for few of them (words near a capital, each in two or three roles), all at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from ingest.tagging.roles import (
    BORDER,
    ROLES,
    SPELLED,
    SPELLED_FIRST,
    Lexicon,
    Word,
    own_of,
    sort_of,
    spelling_of,
    word_of,
)

Array = NDArray[np.float32]
Ids = NDArray[np.intp]

NONE = 1  # the id of no word: its sums are nought
EDGE = 0  # the id of the border
_EVERY_ROLE = np.arange(len(ROLES))


class Weights:
    """Sums of rows of `table`, [attribute, label]; `rows`: the row of each attribute. Not for two threads at once."""

    def __init__(self, rows: Mapping[str, int], table: Array, lexicon: Lexicon) -> None:
        self._row = rows
        self._table = table
        self._lexicon = lexicon
        self.forget()

    def forget(self) -> None:
        """All words but the border."""
        self.ids: dict[str, tuple[Word, int]] = {}
        self._sorts: dict[tuple[str | tuple[str, ...] | bool, ...], list[list[int] | None]] = {}
        # By id: the word, and by role the rows of its sort once they are known.
        self._words: list[tuple[Word, list[list[int] | None]]] = []
        self._sums = np.zeros((1024, len(ROLES), self._table.shape[1]), dtype=np.float32)
        self._summed = np.zeros((1024, len(ROLES)), dtype=np.bool_)
        self._summed[NONE] = True
        self.learn(BORDER)
        self._words.append(self._words[EDGE])

    def learn(self, text: str) -> tuple[Word, int]:
        """A word not met before, and its id."""
        word = word_of(text, self._lexicon)
        at = len(self._words)
        if at >= len(self._sums):
            self._sums = np.concatenate((self._sums, np.zeros_like(self._sums)))
            self._summed = np.concatenate((self._summed, np.zeros_like(self._summed)))
        self._words.append((word, self._sorts.setdefault(word[1:], [None] * len(ROLES))))
        self.ids[text] = (word, at)
        return word, at

    def of(self, held: Ids) -> Array:
        """The weight of each label, [token, label], all roles together. `held`: ids, [token, role]."""
        missing = ~self._summed[held, _EVERY_ROLE]
        if missing.any():
            pairs = np.unique((held * len(ROLES) + _EVERY_ROLE)[missing])
            self._sum_up(*np.divmod(pairs, len(ROLES)))
        summed: Array = self._sums[held, _EVERY_ROLE].sum(axis=1)
        return summed

    def add(self, to: Array, places: Ids, said: Sequence[str]) -> None:
        """Adds to each of `places` of `to`, [place, label], what the attribute said there weighs."""
        rows = np.array([self._row.get(one, -1) for one in said], dtype=np.intp)
        there = rows >= 0
        self._add(to, places[there], rows[there])

    def _sum_up(self, ids: Ids, roles: Ids) -> None:
        rows: list[int] = []
        ends: list[int] = []
        words, row_of = self._words, self._row
        for at, number in zip(ids.tolist(), roles.tolist(), strict=True):
            word, sorts = words[at]
            role = ROLES[number]
            sort = sorts[number]
            if sort is None:
                sort = sorts[number] = [row for one in sort_of(word, role) if (row := row_of.get(one)) is not None]
            own = row_of.get(own_of(word.lower, role))
            if own is not None:
                rows.append(own)
            if role not in SPELLED_FIRST:
                rows += sort
            if role in SPELLED:
                rows += [row for one in spelling_of(word.lower, role) if (row := row_of.get(one)) is not None]
            if role in SPELLED_FIRST:
                rows += sort
            ends.append(len(rows))
        sums = np.zeros((len(ids), self._table.shape[1]), dtype=np.float32)
        self._add(sums, np.repeat(np.arange(len(ids)), np.diff(ends, prepend=0)), np.array(rows, dtype=np.intp))
        self._sums[ids, roles] = sums
        self._summed[ids, roles] = True

    def _add(self, to: Array, places: Ids, rows: Ids) -> None:
        """One after the other, place by place: of single numbers numpy adds so ten times as fast as of rows."""
        kinds = self._table.shape[1]
        flat = places[:, None] * kinds + np.arange(kinds)
        np.add.at(to.reshape(-1), flat.reshape(-1), self._table[rows].reshape(-1))
