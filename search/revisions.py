"""What a visit makes of an article that is there: what is written where, and what of it stays. Pure.

An article keeps its last full text whatever becomes of its page. A text that really differs (`ingest/revision.py`)
takes its place, and what stood there goes to the revisions first, under an id that says which revision of which
article it was: whoever is cut off between the two writes and begins again writes the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from ingest.errors import Refused
from ingest.headline import registrable
from ingest.records import Article
from ingest.revision import Text, difference, same_text, words_of
from ingest.urls import article_id
from search.documents import iso, source
from search.mappings import REVISION_FIELDS
from search.ports import Document, Vanished

UNREAD = ("stemmed", "mentions", "reasons")  # fields that nothing here asks for, half of a document's bytes
OURS = (
    "article_id",
    "entry_id",
    "url",
    "source",
    "first_seen",
    "story_id",
    "duplicate_of",
)  # a new text changes none of them
DATED = ("published", "published_from", "@timestamp")
FEEDS = ("source_name", "source_owner", "source_kind", "source_country", "source_folder", "feed_id")
TEXTS = frozenset({"title", "body"})  # of what changes, that which a revision is of
OF_THE_PAGE = frozenset({"paywalled", "partial", "reserved"})  # marks that only the last look can give
GONE = frozenset({"gutted", "vanished"})
STATES = GONE | {"back"}

Stored = Mapping[str, Any]  # an article's `_source`, without UNREAD


class Step(NamedTuple):
    """What is written: first `record` to the revisions (None: nothing), then the article, if it is still as it was."""

    record_id: str
    record: dict[str, Any] | None
    fields: dict[str, Any]
    whole: bool  # the article is `fields`; else only these of its fields are others


def visited(stored: Stored, document: Document, moment: datetime) -> Step | None:
    """What a page that was read again brings; None where nothing that counts. `moment` is now."""
    article = document.tagged.article
    at = iso(document.fetched or moment) or ""
    if at < _last_look(stored):
        return None
    of = _of_partial if article.partial or stored.get("partial") else _of_whole
    return of(stored, document, moment)


def _of_whole(stored: Stored, document: Document, moment: datetime) -> Step | None:
    article, at = document.tagged.article, iso(document.fetched or moment) or ""
    old = Text(stored["title"], stored["body"], (stored.get("source", ""), stored.get("source_name", "")))
    found = None
    if article.content_hash != stored["content_hash"]:
        found = difference(old, Text(article.title, article.body, (article.site_name or "",), article.paywalled))
    if found and "walled" in found.changed:
        return None
    if found and _elsewhere(stored, article) and not same_text(stored["body"], article.body):
        return None if _state(stored) == "vanished" else _marked_only(stored, at, ["vanished"], why="other-site")
    if found and "gutted" in found.changed:
        return None if _state(stored) == "gutted" else _gutted(stored, document, at, found.words)
    changed = [*(found.changed if found else ()), *(["back"] if _state(stored) in GONE else [])]
    if not found and changed:
        return _marked_only(stored, at, changed)
    if not found:
        return _reserved(stored, article.reserved) if article.reserved != stored.get("reserved") else None
    return _next(stored, _renewed(stored, document, moment), at, changed)


def _of_partial(stored: Stored, document: Document, moment: datetime) -> Step | None:
    """An article without its page becomes whole, or says what its feed says by now. One that was read whole stays so
    when its page is refused; a reservation made since is noted, and holds for it too."""
    article, at = document.tagged.article, iso(document.fetched or moment) or ""
    was = stored.get("partial")
    if not was:
        return _reserved(stored, article.reserved) if article.reserved and not stored.get("reserved") else None
    same = article.content_hash == stored["content_hash"]
    if article.partial and same:
        return None if article.partial == was else Step("", None, {"partial": article.partial}, whole=False)
    title = words_of(article.title) != words_of(stored["title"])
    what = ["whole"] if not article.partial else ["title"] * title + ["body"] * (article.body != stored["body"])
    fields = _renewed(stored, document, moment)
    if not article.partial:
        fresh = source(document, moment)
        fields |= {name: fresh[name] for name in ("url", "source")}
        fields = {name: value for name, value in fields.items() if name != "page_url"}
        fields |= {"page_url": fresh["page_url"]} if "page_url" in fresh else {}
    return _next(stored, fields, at, what)


def _next(stored: Stored, fields: dict[str, Any], at: str, what: Sequence[str]) -> Step:
    """The article's next revision; what it said before goes to the revisions first."""
    revision = int(stored["revision"])
    record = {name: stored[name] for name in REVISION_FIELDS if name in stored}
    changed = [one for one in what if one in TEXTS] or ["body"]
    record |= {"fetched": stored.get("fetched", stored["first_seen"]), "replaced_at": at, "changed": changed}
    fields = fields | _marked(stored, at, what, revision=revision + 1)
    return Step(f"{stored['article_id']}-{revision}", record, fields | {"revision": revision + 1}, whole=True)


def _reserved(stored: Stored, reserved: str | None) -> Step:
    """The same text; what its publisher reserves of it is another now."""
    marks = {*stored.get("is", ())} - {"reserved"} | ({"reserved"} if reserved else set())
    return Step("", None, {"is": sorted(marks), "reserved": reserved}, whole=False)


def vanished(stored: Stored, gone: Vanished) -> Step | None:
    """What a page that is there no more brings; None where that is known, or it was seen later."""
    at = iso(gone.at) or ""
    if at < _last_look(stored) or _state(stored) == "vanished":
        return None
    return _marked_only(stored, at, ["vanished"], why=gone.why)


def by_itself(document: Document, stored: Stored) -> Document | None:
    """`document` under an id of its own, if `stored`, another entry's article under the same id, has another text: the
    address that one of the two declares as its own is not believed. None where they are the same article.

    Whoever declares it goes by the address where it was read. One that was there first keeps the id that it has, and
    the article that truly stands at that address gets another.
    """
    article = document.tagged.article
    claim = article.page_url or stored.get("page_url")
    if claim is None or document.known_as or same_text(stored["body"], article.body):
        return None
    try:
        url, id = (claim, article_id(claim)) if article.page_url else (article.url, claimed_id(article.url))
    except Refused:
        return None
    if id == article.id:
        return None
    own = article.model_copy(update={"id": id, "url": url, "page_url": None})
    return document.model_copy(update={"tagged": document.tagged.model_copy(update={"article": own})})


def claimed_id(url: str) -> str:
    """The id of the article at `url`, where another page that declares that address as its own came first. Raises
    Refused."""
    return hashlib.sha256(f"claimed\n{article_id(url)}".encode()).hexdigest()[:32]


def _last_look(stored: Stored) -> str:
    """When its page was last read with an outcome; a run that was held up longer than that has nothing to say."""
    return max(str(stored.get("fetched", "")), str(stored.get("changed_at", "")))


def _state(stored: Stored) -> str:
    """What was last said of its page: gutted, vanished or back; back where it never was away."""
    return next((what for one in reversed(_changes(stored)) for what in one["what"] if what in STATES), "back")


def _changes(stored: Stored) -> Sequence[Mapping[str, Any]]:
    found: Sequence[Mapping[str, Any]] = stored.get("changes", ())
    return found


def _elsewhere(stored: Stored, article: Article) -> bool:
    """Whether the page is another site's: where one that was sold or taken over leads stands no text of its own."""
    sites = [
        registrable(url) or urlsplit(url).hostname
        for url in (stored.get("page_url") or stored["url"], article.page_url or article.url)
    ]
    return sites[0] != sites[1]


def _marked_only(stored: Stored, at: str, what: Sequence[str], **more: Any) -> Step:
    return Step("", None, _marked(stored, at, what, **more), whole=False)


def _marked(stored: Stored, at: str, what: Sequence[str], **more: Any) -> dict[str, Any]:
    one = {"at": at, "what": list(what), "revision": stored["revision"], **more}
    return {
        "changed": list(dict.fromkeys((*stored.get("changed", ()), *what))),
        "changed_at": at,
        "changes": [*_changes(stored), one],
    }


def _gutted(stored: Stored, document: Document, at: str, words: int) -> Step:
    """The text stays; what stood in its place is kept beside it, once for each time that it was gone."""
    times = sum("gutted" in one["what"] for one in _changes(stored))
    id = f"{stored['article_id']}-{stored['revision']}-gutted-{times + 1}"
    fresh = source(document, document.first_seen)
    record = {name: fresh[name] for name in REVISION_FIELDS if name in fresh and name not in {"changed", "is"}}
    record |= {"article_id": stored["article_id"], "revision": stored["revision"], "fetched": at, "is": ["stub"]}
    return Step(id, record, _marked(stored, at, ["gutted"], words=words, record=id), whole=False)


def _renewed(stored: Stored, document: Document, moment: datetime) -> dict[str, Any]:
    """The article with its new text and tags, under its own id, address and date, in its story."""
    fresh = source(document, moment)
    read_at = fresh.get("page_url") or fresh["url"]
    kept = {name: stored[name] for name in OURS if name in stored}
    dated = {name: stored[name] for name in DATED if name in stored}
    if stored.get("published_from") == "first-seen" and "published" in fresh:
        dated = {name: fresh[name] for name in DATED}
    elif origin := stored.get("origins", {}).get("published"):
        kept["origins"] = {**fresh.get("origins", {}), "published": origin}
    feeds = {name: stored[name] for name in FEEDS if name in stored}
    if document.feed is None:  # followed no longer: the page's own name for itself does not take its place
        kept |= feeds
    fields = {
        **feeds,
        **{name: value for name, value in fresh.items() if name not in {*DATED, "story_id", "page_url"}},
        **dated,
        **kept,
        "is": sorted({*fresh.get("is", ())} | ({*stored.get("is", ())} - OF_THE_PAGE)),
        "page_url": read_at if read_at != stored["url"] else None,
    }
    return {name: value for name, value in fields.items() if value not in (None, [])}
