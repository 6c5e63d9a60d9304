"""An article's pages → one tagged article. What is heavy is imported here: only processes that extract load it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from ingest import fingerprint
from ingest.article import extract
from ingest.errors import IngestError
from ingest.pagination import joined
from ingest.partial import from_feed, without_stub
from ingest.records import Article, Entry, Feed, Page, TaggedArticle
from ingest.tagging import tag
from worker.blob import Part


def read(
    parts: Sequence[Part],
    entry: Entry,
    fetched: datetime,
    gazetteer: Path | None = None,
    *,
    reserved: str | None = None,
) -> TaggedArticle:
    """The article on these pages, the first one first, with its tags. `reserved`: what of it its publisher reserves.
    Raises as `ingest.article.extract`."""
    article = extract(_page(parts[0], fetched), entry)
    if len(parts) > 1:
        article = _whole(article, parts[1:], entry, fetched)
    return _tagged(without_stub(article, entry).model_copy(update={"reserved": reserved}), gazetteer)


def read_feed(
    entry: Entry, feed: Feed | None, reason: str, gazetteer: Path | None = None, *, reserved: str | None = None
) -> TaggedArticle:
    """The article that the feed's entry tells by itself, with its tags. Raises NoText."""
    return _tagged(from_feed(entry, feed, reason, reserved=reserved), gazetteer)


def _tagged(article: Article, gazetteer: Path | None) -> TaggedArticle:
    tagged = tag(article, gazetteer)
    return tagged.model_copy(update={"features": fingerprint.features(tagged)})


def _whole(article: Article, parts: Sequence[Part], entry: Entry, fetched: datetime) -> Article:
    """With the text of its other pages. All else stands on the first one, which the feed's entry is about."""
    bare = Entry(id=entry.id, feed_id=entry.feed_id, url=entry.url, title=entry.title, language=entry.language)
    others: list[Article] = []
    for part in parts:
        try:
            other = extract(_page(part, fetched), bare)
        except IngestError:
            continue  # a page of pictures, or of nothing but adverts
        if part.kind == "all":
            if len(other.body) > len(article.body):
                article = article.model_copy(update={"body": other.body, "word_count": other.word_count})
        else:
            others.append(other)
    texts = [article, *others]
    body = joined([one.body for one in texts])
    words, length = sum(one.word_count for one in texts), sum(len(one.body) for one in texts)
    count = round(words * len(body) / length)  # what pages repeat of each other stands once
    return article.model_copy(
        update={
            "body": body,
            "word_count": count,
            "content_hash": fingerprint.content_hash(article.title, body),
        }
    )


def _page(part: Part, fetched: datetime) -> Page:
    return Page(url=part.url, body=part.body, content_type=part.content_type or None, fetched=fetched)
