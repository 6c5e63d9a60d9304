"""An article made of what its feed says, where its page is not read: refused, walled, without a text. Pure."""

from __future__ import annotations

import re

from ingest.body import text_of_markup
from ingest.errors import NoText
from ingest.fingerprint import content_hash
from ingest.plain import plain_line, plain_text
from ingest.records import Article, Entry, Feed
from ingest.refusals import asks_to_subscribe
from ingest.revision import words_of
from ingest.tagging.language import language_of
from ingest.urls import article_id, fetchable_url

LONGEST_TITLE = 300  # characters of a text's first line that stands in for a missing title
STUB = 60  # words: of a page that is to be paid for, no more than a lead
_LETTER = re.compile(r"[^\W_]")


def from_feed(entry: Entry, feed: Feed | None, reason: str, *, reserved: str | None = None) -> Article:
    """The article that the entry tells: its full text where the feed gives it, else its summary, else its title once
    more. Raises NoText where it has neither title nor text.

    An entry without a link stands under its own id, at its feed's site.
    """
    title, body, source = plain_line(entry.title or ""), *_text(entry)
    if not _LETTER.search(title) and not _LETTER.search(body):
        raise NoText(f"{entry.url or entry.guid or entry.id}: its feed gives neither title nor text")
    title = title or body.partition("\n")[0][:LONGEST_TITLE].rstrip()
    body = body or title
    url = fetchable_url(entry.url) if entry.url else ((feed and (feed.site_url or feed.url)) or "")
    told = {"title": "title", "published": "published", "modified": "updated", "language": "language"}
    said = {"title": entry.title, "published": entry.published, "modified": entry.updated, "language": entry.language}
    return Article(
        id=article_id(url) if entry.url else entry.id,
        url=url,
        title=title,
        body=body,
        authors=tuple(name for author in entry.authors if (name := plain_line(author))),
        published=entry.published,
        published_from="feed" if entry.published else None,
        modified=entry.updated if entry.updated and entry.updated != entry.published else None,
        language=language_of(f"{title}\n{body}", entry.language or (feed.language if feed else None)),
        word_count=len(words_of(body)),
        content_hash=content_hash(title, body),
        partial=reason,
        reserved=reserved,
        origins={name: f"feed {told[name]}" for name, value in said.items() if value} | {"body": f"feed {source}"},
    )


def without_stub(article: Article, entry: Entry) -> Article:
    """`article` as it is, unless its page gives hardly more than the offer of a subscription: then with its feed's text
    where that says more, and called partial."""
    words = len(words_of(article.body))
    offer = words <= 2 * STUB and asks_to_subscribe(article.body)
    if not offer and (not article.paywalled or words > STUB):
        return article
    body, source = _text(entry)
    changed: dict[str, object] = {"partial": "paywall-stub", "paywalled": True}
    if body and (offer or len(words_of(body)) > words):
        changed |= {
            "body": body,
            "word_count": len(words_of(body)),
            "content_hash": content_hash(article.title, body),
            "origins": {**article.origins, "body": f"feed {source}"},
        }
    return article.model_copy(update=changed)


def _text(entry: Entry) -> tuple[str, str]:
    """The longer of the entry's texts, and which it is; "title" where it has none."""
    content = text_of_markup(entry.content) if entry.content else ""
    summary = plain_text(entry.summary or "")
    if len(content) >= len(summary) and content:
        return content, "content"
    return (summary, "summary") if summary else ("", "title")
