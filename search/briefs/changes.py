"""What can be done to a brief: each a pure function that gives the brief as it is then. Nothing is thrown away: what is
taken out can be put back where it stood."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from datetime import datetime

from search.briefs.records import (
    CONCERNS_CHARS,
    MOST_CLIPPINGS,
    MOST_REMOVED,
    NOTE_CHARS,
    TITLE_CHARS,
    Brief,
    Clipping,
    Removed,
)

Change = Callable[[Brief, datetime], Brief]


class BriefError(Exception):
    """A brief cannot take this change: `reason` names it for the page, `what` is for people."""

    def __init__(self, reason: str, what: str) -> None:
        super().__init__(what)
        self.reason = reason


def with_clipping(brief: Brief, clipping: Clipping, at: datetime) -> Brief:
    """At its end, unless it is there already. Raises BriefError where it is full."""
    if brief.clipping(clipping.id):
        return brief
    if len(brief.clippings) >= MOST_CLIPPINGS:
        raise BriefError("full", f"brief {brief.id} holds {MOST_CLIPPINGS} clippings, more do not fit: begin another")
    removed = tuple(one for one in brief.removed if one.clipping.id != clipping.id)
    return _changed(brief, at, clippings=(*brief.clippings, clipping), removed=removed)


def moved(brief: Brief, id: str, by: int, at: datetime) -> Brief:
    """So many places down (up: negative), at most to an end. Raises BriefError."""
    place = _place(brief, id)
    others = [one for one in brief.clippings if one.id != id]
    others.insert(min(max(place + by, 0), len(others)), brief.clippings[place])
    return _changed(brief, at, clippings=tuple(others))


def ordered(brief: Brief, ids: Sequence[str], at: datetime) -> Brief:
    """In this order. Raises BriefError where these are not just its clippings."""
    clippings = {one.id: one for one in brief.clippings}
    if len(ids) != len(clippings) or set(ids) != set(clippings):
        raise BriefError("order", "an order names each clipping of the brief once")
    return _changed(brief, at, clippings=tuple(clippings[id] for id in ids))


def noted(brief: Brief, id: str, note: str, concerns: str, at: datetime) -> Brief:
    """A clipping's note, and whom it is for. Raises BriefError."""
    _place(brief, id)
    update = {"note": written(note, NOTE_CHARS), "concerns": line(concerns, CONCERNS_CHARS)}
    clippings = tuple(one.model_copy(update=update) if one.id == id else one for one in brief.clippings)
    return _changed(brief, at, clippings=clippings)


def also_noted(brief: Brief, id: str, note: str, concerns: str, at: datetime) -> Brief:
    """What is written by who keeps something a second time stands below what was written there before."""
    one = brief.clippings[_place(brief, id)]
    both = _below(one.note, note, "\n\n"), _below(one.concerns, concerns, "; ")
    return brief if both == (one.note, one.concerns) else noted(brief, id, *both, at)


def described(brief: Brief, title: str, note: str, at: datetime) -> Brief:
    """The brief's own title and note. Raises BriefError where they are too long."""
    return _changed(brief, at, title=line(title, TITLE_CHARS), note=written(note, NOTE_CHARS))


def without(brief: Brief, id: str, at: datetime) -> Brief:
    """Takes a clipping out; it can be put back. One that is out already stays out."""
    if any(one.clipping.id == id for one in brief.removed):
        return brief
    place = _place(brief, id)
    removed = (*brief.removed, Removed(clipping=brief.clippings[place], place=place, at=at))[-MOST_REMOVED:]
    clippings = tuple(one for one in brief.clippings if one.id != id)
    return _changed(brief, at, clippings=clippings, removed=removed)


def restored(brief: Brief, id: str, at: datetime) -> Brief:
    """Puts a clipping back where it stood; one that is there already stays. Raises BriefError."""
    if brief.clipping(id):
        return brief
    out = next((one for one in brief.removed if one.clipping.id == id), None)
    if out is None:
        raise BriefError("unknown", f"brief {brief.id} has no clipping {id} that could be put back")
    if len(brief.clippings) >= MOST_CLIPPINGS:
        raise BriefError("full", f"brief {brief.id} holds {MOST_CLIPPINGS} clippings, more do not fit")
    clippings = [*brief.clippings]
    clippings.insert(out.place, out.clipping)
    removed = tuple(one for one in brief.removed if one is not out)
    return _changed(brief, at, clippings=tuple(clippings), removed=removed)


def line(text: str, most: int) -> str:
    """`text` as one line without control characters. Raises BriefError where it is too long."""
    return " ".join(written(text, most).split())


def written(text: str, most: int) -> str:
    """`text` as somebody wrote it, without control characters but line ends. Raises BriefError where it is too long."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = "".join(c for c in text if c == "\n" or unicodedata.category(c) not in {"Cc", "Cs"}).strip()
    if len(text) > most:
        raise BriefError("long", f"{len(text):,} characters are too many here; {most:,} fit")
    return text


def _place(brief: Brief, id: str) -> int:
    for place, one in enumerate(brief.clippings):
        if one.id == id:
            return place
    raise BriefError("unknown", f"brief {brief.id} has no clipping {id}")


def _below(old: str, new: str, between: str) -> str:
    """Both, `new` once: a form that is sent twice says nothing twice."""
    if not new or f"{between}{new}{between}" in f"{between}{old}{between}":
        return old
    return f"{old}{between}{new}" if old else new


def _changed(brief: Brief, at: datetime, **fields: object) -> Brief:
    return brief.model_copy(update={**fields, "updated": at})
