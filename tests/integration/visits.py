"""Pages that are looked at again: the document that a visit brings, and what it finds there."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from search.ports import Document, Vanished
from tests.integration.search_material import SEEN, digest

STORY = "\n".join(
    f"Menteri itu mengatakan pada hari ke-{day} bahwa kantor penghubung di Tokyo akan dibuka oleh {day + 11} negara."
    for day in range(12)
)
EDITED = STORY.replace("oleh 15 negara", "oleh 16 negara")
STUB = "Halaman yang Anda cari tidak ditemukan."


def after(hours: float) -> datetime:
    """So many hours after the articles were first seen."""
    return SEEN + timedelta(hours=hours)


def visit(one: Document, hours: float, **changes: Any) -> Document:
    """What a visit finds, `hours` after the page was first seen; `changes` are fields of the article."""
    article = one.tagged.article.model_copy(update=changes)
    article = article.model_copy(update={"content_hash": digest(article.title + article.body)})
    tagged = one.tagged.model_copy(update={"article": article})
    return one.model_copy(update={"tagged": tagged, "fetched": after(hours), "visit": True})


def gone(one: Document, hours: float, why: str = "404") -> Vanished:
    """A visit that finds no page any more."""
    return Vanished(entry_id=one.entry_id, article_id=one.id, at=after(hours), why=why)
