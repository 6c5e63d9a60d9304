"""What a reader can do to a brief by a form: each turns the form's fields into a change, and says at which clipping."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal, NamedTuple

from starlette.datastructures import FormData

from search.briefs import changes
from search.briefs.changes import Change
from search.web.pages.forms import text, texts

Act = Literal["move", "order", "note", "about", "remove", "restore"]


class Wanted(NamedTuple):
    """A change, the clipping that it is about ("" for the brief itself), and what was done when it was."""

    change: Change
    clipping: str
    done: Literal["moved", "saved", "removed"]


def _move(form: FormData) -> Wanted:
    id, by = text(form, "clipping"), -1 if text(form, "by") == "-1" else 1
    return Wanted(lambda brief, at: changes.moved(brief, id, by, at), id, "moved")


def _order(form: FormData) -> Wanted:
    ids = texts(form, "order")
    return Wanted(lambda brief, at: changes.ordered(brief, ids, at), text(form, "clipping"), "moved")


def _note(form: FormData) -> Wanted:
    id, note, concerns = (text(form, name) for name in ("clipping", "note", "concerns"))
    return Wanted(lambda brief, at: changes.noted(brief, id, note, concerns, at), id, "saved")


def _about(form: FormData) -> Wanted:
    title, note = text(form, "title"), text(form, "note")
    return Wanted(lambda brief, at: changes.described(brief, title, note, at), "", "saved")


def _remove(form: FormData) -> Wanted:
    id = text(form, "clipping")
    return Wanted(lambda brief, at: changes.without(brief, id, at), id, "removed")


def _restore(form: FormData) -> Wanted:
    id = text(form, "clipping")
    return Wanted(lambda brief, at: changes.restored(brief, id, at), id, "moved")


ACTS: Mapping[Act, Callable[[FormData], Wanted]] = {
    "move": _move,
    "order": _order,
    "note": _note,
    "about": _about,
    "remove": _remove,
    "restore": _restore,
}
