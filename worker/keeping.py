"""The stages of what readers keep: `keep` gets the raw page and stores it, `compare` holds it against the text kept.

What is wanted, failed or there stands in the text's own document (`search/briefs/pages.py`); the ledger only says who
is at work on what. So whoever is killed, whatever queue is lost, the wish stays and is taken up again.
"""

from __future__ import annotations

import hashlib
import html
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from urllib.parse import urlsplit

from redis.exceptions import RedisError

from ingest import dates
from ingest.errors import Gone, HostBusy, IngestError, Permanent, Refused
from ingest.fetch import Fetcher, Response
from ingest.records import Entry, Page
from ingest.reservations import reserved
from search.briefs.desk import DamagedPageError
from search.briefs.records import KeptText, Match, RawPage
from search.ports import ServiceUnavailable
from worker.failures import said, verdict_for
from worker.gate import NotYet
from worker.revisits import Revisits
from worker.stages import Group, Turns
from worker.subscriptions import Subscriptions
from worker.trail import Trail
from worker.verdicts import Advance, Item, Leave, Verdict

# Hours after which a page that could not be had is asked for again: over a week, then a person may ask.
LATER = (1 / 60, 1 / 12, 0.5, 2, 10, 24, 24, 24, 24, 24, 24)
READABLE = 3_000_000  # bytes in which a title is looked for: the largest page of any site seen has 2,100,000
COMPARED = 3  # attempts at a page that ends the process that reads it
WAIT = (NotYet, ServiceUnavailable, RedisError)  # waiting is not failing
Watch = Callable[[KeptText], object]


class Shelf(Protocol):
    """`search.briefs.pages.PageShelf` as these stages see it. Everything raises ServiceUnavailable."""

    def text(self, text_id: str) -> KeptText | None: ...
    def shelved(self, text_id: str) -> bool: ...
    def shelve(self, page: RawPage) -> bool: ...
    def mark_shelved(self, text_id: str) -> bool: ...
    def withdraw(self, text_id: str) -> bool: ...
    def mark_failed(self, text_id: str, error: str, *, due: datetime | None) -> None: ...
    def mark_match(self, text_id: str, match: Match, why: str = "") -> None: ...
    def page(self, text_id: str) -> RawPage | None: ...


@dataclass(frozen=True, slots=True)
class KeepPorts:
    """The world of these stages. `watch` has an article's page looked at again for some days."""

    fetcher: Fetcher
    turns: Turns
    shelf: Shelf
    watch: Watch


def keep(items: Sequence[Item], ports: KeepPorts) -> Iterator[Group]:
    """Each text's raw page, all hosts at the same time."""
    with ThreadPoolExecutor(max_workers=max(1, len(items)), thread_name_prefix="keep") as pool:
        futures = {pool.submit(_guarded, _keep_one, item, ports): item for item in items}
        for future in as_completed(futures):
            yield [(futures[future], future.result())]


def compare(items: Sequence[Item], ports: KeepPorts) -> Iterator[Group]:
    """Whether each stored page still says what was kept."""
    for item in items:
        yield [(item, _guarded(_compare_one, item, ports))]


def watcher(revisits: Revisits, subscriptions: Subscriptions) -> Watch:
    """What a reader kept is looked at again for some days: its later texts become revisions."""

    def watch(text: KeptText) -> bool:
        feed = subscriptions.get(text.feed_id) if text.feed_id else None
        return revisits.watch(_entry(text), feed, article=text.article_id, first_seen=text.first_seen)

    return watch


def _guarded(work: Callable[[Item, KeepPorts], Verdict], item: Item, ports: KeepPorts) -> Verdict:
    try:
        return work(item, ports)
    except Exception as error:  # noqa: BLE001  # every failure becomes a verdict
        return verdict_for(error, item.attempt)


def _keep_one(item: Item, ports: KeepPorts) -> Verdict:
    text = ports.shelf.text(item.id)
    if text is None:  # forgotten: of whoever stored its page and did not live to look, nothing is left
        ports.shelf.withdraw(item.id)
        return Leave()
    if text.page.state == "lost":
        return Leave()
    if text.page.state == "kept":
        return Advance()
    if ports.shelf.shelved(item.id):  # whoever stored it did not live to say so
        return Advance() if ports.shelf.mark_shelved(item.id) else Leave()
    ports.watch(text)
    try:
        there = ports.shelf.shelve(_raw(item.id, _asked(text.stands, ports)))
    except WAIT:
        raise
    except Exception as error:  # noqa: BLE001  # whatever it was, it is told on the clipping and tried again
        ports.shelf.mark_failed(item.id, said(error), due=due(error, text.page.tries, dates.now()))
        return Leave()
    return Advance() if there else Leave()


def _raw(text_id: str, response: Response) -> RawPage:
    return RawPage(
        text_id=text_id,
        body=response.body,
        sha256=hashlib.sha256(response.body).hexdigest(),
        content_type=response.content_type,
        status=response.status,
        url=response.url,
        fetched=dates.now(),
    )


def _asked(url: str, ports: KeepPorts) -> Response:
    """The page at `url`, by the same rules as any: robots.txt, the hosts' turns."""
    with Trail(ports.turns) as trail:
        trail.step(url)
        response = ports.fetcher.get(url, on_redirect=trail.step)
    if _front_page(response.url) and not _front_page(url):
        raise Permanent(f"{url} leads to the site's front page", reason="front-page")
    if kept := reserved(response.body, robots_tag=response.robots_tag, tdm=response.tdm_reservation):
        raise Refused(f"{url}: its publisher wants no copy of it kept ({kept})", reason="reserved")
    return response


def due(error: Exception, tries: int, at: datetime) -> datetime | None:
    """When a page is asked for again after `tries` failures before this one; None: it is given up."""
    final = isinstance(error, Refused) or (isinstance(error, Gone) and str(error).endswith(" 410"))
    if final or tries >= len(LATER):
        return None
    wait = timedelta(hours=LATER[tries])
    if isinstance(error, HostBusy) and error.retry_after:
        wait = max(wait, timedelta(seconds=min(error.retry_after, 86_400)))
    return at + wait


def _compare_one(item: Item, ports: KeepPorts) -> Verdict:
    text = ports.shelf.text(item.id)
    if text is None or text.page.state != "kept" or text.page.match:
        return Leave()
    if item.attempt > COMPARED:
        ports.shelf.mark_match(item.id, "unread", f"it ended the process that read it, {COMPARED} times")
        return Leave()
    try:
        page = ports.shelf.page(item.id)
    except DamagedPageError as error:
        ports.shelf.mark_match(item.id, "unread", str(error))
        return Leave()
    if page is not None:
        match, why = held_against(text, page)
        ports.shelf.mark_match(item.id, match, why)
    return Leave()


def held_against(text: KeptText, page: RawPage) -> tuple[Match, str]:
    """Whether `page` says what was kept, and of another what changed: title, body, gutted, walled, no-text."""
    from ingest.article import extract  # 20 MB of extractor that only the processes that extract need
    from ingest.errors import NoText
    from ingest.pagination import further_pages
    from ingest.records import Page
    from ingest.revision import Text, difference, same_text

    raw = Page(url=page.url, body=page.body, content_type=page.content_type, fetched=page.fetched)
    try:
        article = extract(raw, _entry(text))
    except NoText:
        return "other", "no-text"
    except IngestError as error:
        return "unread", said(error)
    old = Text(text.title, text.body, (text.source_name or "", text.source))
    if article.title == text.title and text.title not in _readable(page.body):  # the feed's, which the page had not
        article = article.model_copy(update={"title": _own_title(raw, _entry(text)) or article.title})
    found = difference(old, Text(article.title, article.body, (article.site_name or "",), article.paywalled))
    if not found:
        return "same", ""
    if any(further_pages(page.body, page.url)) and same_text(text.body, article.body):
        return "part", ""
    return "other", ", ".join(found.changed)


def _entry(text: KeptText) -> Entry:
    """As its feed would list it; its title decides between those that the page has."""
    return Entry(id=text.entry_id, feed_id=text.feed_id, url=text.stands, title=text.title, language=text.language)


def _readable(body: bytes) -> str:
    return html.unescape(body[:READABLE].decode("utf-8", "replace"))


def _own_title(page: Page, entry: Entry) -> str:
    """What the page itself is called; empty where it says nothing."""
    from ingest.article import extract

    return extract(page, entry.model_copy(update={"title": None})).title


def _front_page(url: str) -> bool:
    parts = urlsplit(url)
    return not parts.path.strip("/") and not parts.query
