"""A site's archive, read once: `kawat backfill`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from worker.commands import options

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ingest.records import Entry, Feed
    from worker.backfillread import Archive, Walk
    from worker.services import Services


def register(parent: typer.Typer) -> None:
    """Adds `backfill` to the command line."""
    parent.command()(backfill)


def backfill(
    site: Annotated[str, typer.Argument(help="A site's address, e.g. example.com.")],
    since: Annotated[str, typer.Option(help="How far back: 12h, 30d, 8w, or a date.")] = "30d",
    limit: Annotated[int, typer.Option(min=1, max=1_000_000, help="Most new articles that this run brings.")] = 10_000,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only counts; nothing is kept.")] = False,
    json: options.Json = False,
) -> None:
    """Brings a site's archive: walks its sitemaps and the older pages of its feeds.

    What it finds waits behind all that is new, within the host's turns, and fires no alerts. A run that was ended is
    gone on with by running it again. `kawat status` shows how many articles still wait.

    Examples: kawat backfill example.com --since 30d --dry-run · kawat backfill example.com --since 2026-10-01
    """
    from ingest.archives import since_when
    from ingest.dates import now
    from worker import console

    try:
        moment = since_when(since, now())
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--since") from None
    services = options.services(patience=options.LONG)
    archive, resumed = _archive(services, site if "://" in site else f"https://{site}", moment, limit, dry_run)
    if resumed and not json:
        print("Going on where an earlier run was ended.")
    state = _shown(_walk(archive), quiet=json)
    if state is None:
        return
    if json:
        console.print_json(_record(state, archive, dry_run=dry_run))
    else:
        _tell(state, dry_run=dry_run)
    if not state.complete and not state.limited:
        raise typer.Exit(1)


def _archive(services: Services, site: str, since: Any, limit: int, dry_run: bool) -> tuple[Archive, bool]:
    """The walk's world, and whether an earlier run is gone on with. Feeds of the site are polled at once: what they
    list is news, whichever way it is found first."""
    from ingest.dates import now
    from ingest.feedaddress import feed_address
    from ingest.listpages import same_site
    from ingest.urls import fetchable_url, host_of
    from worker.backfill import MARGIN
    from worker.backfillnotes import LedgerNotes, NoNotes, Notes
    from worker.backfillread import Archive
    from worker.topology import BACKFILL

    ledger, home = services.ledger, fetchable_url(site)
    followed = [services.subscriptions.get(id) for id in services.subscriptions.ids()]
    feeds = tuple(feed for feed in followed if feed and same_site(feed_address(feed.url).url, home))

    counted: set[str] = set()

    def claim(entries: Sequence[Entry], feed: Feed | None) -> list[bool]:
        if dry_run:  # what stands in two sitemaps counts once
            new = [e.id not in counted and not ledger.redis.exists(ledger.key("entry", e.id)) for e in entries]
            counted.update(entry.id for entry in entries)
            return new
        return ledger.claim(entries, stage=BACKFILL, feed=feed)

    notes: Notes = NoNotes()
    resumed = False
    if not dry_run:
        services.subscriptions.poll_now(feed.id for feed in feeds)
        kept = LedgerNotes(ledger, host_of(home), since)
        notes, resumed = kept, kept.resumed
    until = now() - MARGIN
    return Archive(home, since, until, limit, services.fetcher, services.gate, claim, notes, feeds), resumed


def _walk(archive: Archive) -> Iterator[Walk]:
    from worker.backfill import walk

    return walk(archive)


def _shown(walking: Iterator[Walk], *, quiet: bool) -> Walk | None:
    """Walks to the end, with a bar on a terminal; how it ended."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    from worker import console

    out, state = console.errors(), None
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[found]}"))
    with Progress(*columns, console=out, disable=quiet or not out.is_terminal, transient=True) as bar:
        task = bar.add_task("sitemaps and feed pages", total=None, found="")
        for state in walking:
            found = f"{state.claimed:,} new articles"
            bar.update(task, completed=state.documents, total=state.documents + state.waiting, found=found)
    return state


def _record(state: Walk, archive: Archive, *, dry_run: bool) -> dict[str, object]:
    counts = {name: getattr(state, name) for name in ("documents", "claimed", "known", "older", "younger", "undated")}
    ended = {"complete": state.complete, "limited": state.limited, "problems": state.problems}
    times = {"since": archive.since.isoformat(), "until": archive.until.isoformat()}
    return {"site": archive.site, **times, **counts, **ended, "dry_run": dry_run}


def _tell(state: Walk, *, dry_run: bool) -> None:
    from worker import console

    would = "would be" if dry_run else "are"
    print(f"{state.claimed:,} new articles {would} in line, behind what is new; {state.known:,} were known already")
    print(f"{state.documents:,} sitemaps and feed pages read, {state.older:,} addresses in them are older")
    if state.undated:
        print(f"{state.undated:,} addresses have no date and were left out")
    for problem in state.problems:
        console.print_failure(problem)
    if state.limited:
        print("There is more: --limit was reached. Run it again to go on.")
    elif not state.complete:
        console.print_failure("not all of the archive was read", to_do="run it again: it goes on where it was")
