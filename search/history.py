"""What an article says, what it said before, and what became of its page: all of it, as it stands now.

The article and the texts whose ids it tells are read in realtime; others (of an earlier life under the same address)
are looked for. A text that should be there and is not is named, never passed over.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from elasticsearch import Elasticsearch
from pydantic import AwareDatetime

from ingest.records import Record
from ingest.urls import article_id, fetchable_url
from search.client import Deadline, complete, missing_is_outage, walk
from search.documents import site
from search.realtime import Asked, Found, Realtime
from search.reserved import lead, shown
from search.revisions import GONE, STATES, claimed_id
from search.schema import Names

SECONDS, EACH = 60.0, 20.0  # for one history, for one request
ID = re.compile(r"[0-9a-f]{32}")
BEGINNING = re.compile(r"[0-9a-f]{6,31}")
SHOWN = {"excludes": ["stemmed", "bands", "signature"]}
LIKE_IT = 50  # articles of a site among which the nearest address is looked for
NEAREST = 0.6  # of their letters in common


class NoArticleError(Exception):
    """Nothing stands under what was asked for. `near` is an address of the same site that was perhaps meant."""

    def __init__(self, what: str, near: str | None = None) -> None:
        super().__init__(what)
        self.near = near


class Version(Record):
    """One text of an article. `label` names it: the revision's number; of a stub, which never became the article's
    text, what tells it from that. `read`: when Kawat read it; `replaced`: when another stood in its place."""

    label: str
    revision: int
    title: str
    body: str
    authors: tuple[str, ...] = ()
    published: AwareDatetime | None = None
    modified: AwareDatetime | None = None
    read: AwareDatetime
    replaced: AwareDatetime | None = None
    changed: tuple[str, ...] = ()  # what it changed of the text before: title, body
    stub: bool = False
    feeds: bool = False  # its feed's text, not its page's


class Event(Record):
    """Something that a visit found: another text, a page that was gone or back."""

    at: AwareDatetime
    what: tuple[str, ...]  # title, body, whole (its page was read at last), vanished, gutted, back
    revision: int  # which the article had from then on
    why: str | None = None  # of vanished: 404, 410, no-text, front-page, other-site
    words: int | None = None  # of gutted: how many were left
    record: str | None = None  # of gutted: id of what stood there instead, among the revisions


class History(Record):
    """`article` is its document as it is now; `versions` in the order in which they were read, with the stubs."""

    article: dict[str, Any]
    versions: tuple[Version, ...]
    events: tuple[Event, ...]
    missing: tuple[str, ...] = ()  # labels of texts that should be there and are not

    @property
    def gone(self) -> Event | None:
        """Since when the page is away, or its text is; None where it is there."""
        last = next((one for one in reversed(self.events) if STATES & {*one.what}), None)
        return last if last and GONE & {*last.what} else None

    def version(self, label: str) -> Version | None:
        """The one of this label; `now` is the text that the article has."""
        label = str(self.article["revision"]) if label == "now" else label
        return next((one for one in self.versions if one.label == label), None)


def history(client: Elasticsearch, names: Names, what: str) -> History:
    """Of the article with this id (or the beginning of one), or at this address.

    Raises NoArticleError, Refused (no usable address), ServiceUnavailable, IncompleteAnswerError.
    """
    deadline = Deadline.within(SECONDS, each=EACH)
    client = client.options(request_timeout=EACH)
    article = _article(client, names, what.strip(), deadline)
    events = tuple(Event.model_validate(one) for one in article.source.get("changes", ()))
    revisions = Realtime(client, names.revisions)
    told = [*(f"{article.id}-{n}" for n in range(1, int(article.source["revision"])))]
    told += [event.record for event in events if event.record]
    _, indices = revisions.indices(deadline)
    ids = dict.fromkeys(told)
    for hits in walk(client, names.revisions, {"term": {"article_id": article.id}}, source=()):
        ids.update({hit["_id"]: None for hit in hits})
    found = list(revisions.get([Asked(index, id, True) for id in ids for index in indices], deadline))
    reserved = "reserved" in article.source.get("is", ())
    texts = [_version(one.id.removeprefix(f"{article.id}-"), one.source, events) for one in found]
    texts.append(_version(str(article.source["revision"]), article.source, events))
    texts.sort(key=lambda one: (one.read, one.revision, one.stub))
    if reserved:  # holds for what it said before, too, but not for what its feed gave away
        texts = [one if one.feeds else one.model_copy(update={"body": lead(one.body)}) for one in texts]
    missing = [id.removeprefix(f"{article.id}-") for id in told if id not in {one.id for one in found}]
    return History(article=dict(shown(article.source)), versions=tuple(texts), events=events, missing=tuple(missing))


def _version(label: str, source: Mapping[str, Any], events: Sequence[Event]) -> Version:
    revision, stub = int(source["revision"]), "stub" in source.get("is", ())
    brought = [event for event in events if event.revision == revision and {"title", "body"} & {*event.what}]
    changed = brought[0].what if brought and not stub else ()
    return Version(
        label=label,
        revision=revision,
        title=source.get("title", ""),
        body=source.get("body", ""),
        authors=tuple(source.get("authors", ())),
        published=source.get("published"),
        modified=source.get("modified"),
        read=source.get("fetched") or source["first_seen"],
        replaced=source.get("replaced_at"),
        changed=tuple(one for one in changed if one in {"title", "body"}),
        stub=stub,
        feeds="partial" in source.get("is", ()),
    )


def _article(client: Elasticsearch, names: Names, what: str, deadline: Deadline) -> Found:
    articles = Realtime(client, names.articles)
    ids = _ids(client, names, what)
    _, indices = articles.indices(deadline)
    found = {
        one.id: one for one in articles.get([Asked(index, id, SHOWN) for id in ids for index in indices], deadline)
    }
    for id in ids:
        if id in found:
            return found[id]
    by_id = ID.fullmatch(what) or BEGINNING.fullmatch(what)
    near = None if by_id else _near(client, names, what)
    raise NoArticleError(f"there is no article {'with the id' if by_id else 'at'} {what}", near)


def _ids(client: Elasticsearch, names: Names, what: str) -> list[str]:
    """Under which the article may stand, the likeliest first."""
    if ID.fullmatch(what):
        return [what]
    if BEGINNING.fullmatch(what):
        found = _search(client, names, {"prefix": {"article_id": what}}, size=2)
        if len(found) > 1:
            raise NoArticleError(f"several articles' ids begin with {what}: give more of it")
        return [hit["_id"] for hit in found]
    id = article_id(what)  # an entry's id is made of its link in the same way: the address that a feed gave
    query = {"bool": {"should": [{"term": {"entry_id": id}}, {"terms": {"url": [what, fetchable_url(what)]}}]}}
    return list(dict.fromkeys((claimed_id(what), id, *(hit["_id"] for hit in _search(client, names, query, size=2)))))


def _near(client: Elasticsearch, names: Names, url: str) -> str | None:
    """The most similar address among the site's articles whose titles have words of it, or the newest."""
    words = " ".join(re.findall(r"[^\W\d_]{3,}", urlsplit(url).path))[:500]
    query = {"bool": {"filter": {"term": {"source": site(fetchable_url(url))}}, "should": {"match": {"title": words}}}}
    addresses = [hit["_source"]["url"] for hit in _search(client, names, query, size=LIKE_IT)]
    return next(iter(difflib.get_close_matches(url[:500], addresses, n=1, cutoff=NEAREST)), None)


def _search(client: Elasticsearch, names: Names, query: dict[str, Any], size: int) -> list[Any]:
    with missing_is_outage(names.articles):
        answer = client.search(
            index=names.articles,
            query=query,
            size=size,
            sort=["_score", {"first_seen": "desc"}],
            source={"includes": ["url"]},
            allow_partial_search_results=False,
        )
    hits: list[Any] = complete(answer.body, f"looking into {names.articles}")["hits"]["hits"]
    return hits
