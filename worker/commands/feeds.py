"""The followed feeds: `kawat feeds list|add|remove|import|export|check|discover`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from worker.commands import options

app = typer.Typer(no_args_is_help=True, help="The feeds that are followed. Changes need no restart.")


def register(parent: typer.Typer) -> None:
    """Adds `feeds` to the command line."""
    parent.add_typer(app, name="feeds")


@app.command("list")
def listed(
    failing: Annotated[bool, typer.Option("--failing", help="Only those whose last poll failed.")] = False,
    state: Annotated[
        list[str] | None, typer.Option("--state", help="Only those: new, ok, quiet, failing, gone.")
    ] = None,
    json: options.Json = False,
) -> None:
    """Every feed: how it does, what it brings a day (of what its past lets expect), when it is asked next.

    `quiet`: it answers, but has brought nothing for longer than ever in its past; `gone`: its server says so (410).

    Examples: kawat feeds list --failing · kawat feeds list --state quiet · kawat feeds list --json | jq .url
    """
    from typing import get_args

    from ingest.health import State
    from worker import console
    from worker.commands.feedlist import show_feeds, shown

    for wrong in sorted(set(state or ()) - set(get_args(State))):
        raise typer.BadParameter(f"no state is called {wrong!r}: one of {', '.join(get_args(State))}")
    services = options.services()
    health = [
        one
        for one in services.subscriptions.health()
        if (one.failures or not failing) and (not state or one.state in state)
    ]
    if json:
        for one in health:
            console.print_json(shown(one))
    elif health:
        show_feeds(health, services.settings)
    elif failing:
        print("No feed fails.")
    else:
        print("No feed is in that state." if state else "No feed is followed: kawat feeds add URL")


@app.command()
def add(  # noqa: PLR0917  # typer's options are parameters
    urls: Annotated[list[str], typer.Argument(help="Addresses of feeds.", metavar="URL…")],
    name: Annotated[str | None, typer.Option(help="Its name; the address' host by default.")] = None,
    folder: Annotated[str | None, typer.Option(help="The pack it belongs to.")] = None,
    language: Annotated[str | None, typer.Option(help="ISO 639-1, e.g. id.")] = None,
    country: Annotated[str | None, typer.Option(help="Of the source, ISO 3166-1, e.g. ID.")] = None,
    owner: Annotated[str | None, typer.Option(help="Who owns the source.")] = None,
    kind: Annotated[str | None, typer.Option(help="state, private, agency, government, think-tank or public.")] = None,
    fetch: Annotated[str | None, typer.Option(help="page, or feed-only: never ask for its pages.")] = None,
    tz: Annotated[str | None, typer.Option(help="Zone of its dates that name none, e.g. Asia/Jakarta.")] = None,
) -> None:
    """Follows feeds; each is polled at once.

    Sites without feeds: sitemap:https://… (a sitemap or an index of them), page:https://…#css=SELECTOR (the links that
    the selector chooses on a page).

    Examples: kawat feeds add https://example.com/rss --folder ASEAN --language id ·
    kawat feeds add 'page:https://example.com/news#css=h2 a'
    """
    from search.feeddesk import UnwantedError
    from worker import console
    from worker.desk import feed_of

    about = {"folder": folder, "language": language, "country": country, "owner": owner, "kind": kind}
    about |= {"fetch": fetch, "tz": tz}
    feeds, faults = [], []
    for given in urls:
        try:
            feeds.append(feed_of(given, name=name, **about))
        except UnwantedError as error:
            if error.field:
                raise typer.BadParameter(str(error), param_hint=f"--{error.field}") from None
            faults.append(str(error))
    if feeds:
        new, changed = options.services().subscriptions.add(feeds)
        print(f"{new} added, {changed} changed, {len(feeds) - new - changed} followed already")
    for wrong in faults:
        console.print_failure(wrong, to_do="kawat feeds discover SITE finds a site's feeds")
    if faults:
        raise typer.Exit(1)


@app.command()
def remove(
    feeds: Annotated[list[str], typer.Argument(help="Ids (or their beginnings) or addresses.", metavar="FEED…")],
) -> None:
    """Follows them no longer. What they brought stays.

    Example: kawat feeds remove https://example.com/rss
    """
    subscriptions = options.services().subscriptions
    known = {one.feed.id: one.feed.url for one in subscriptions.health()}
    chosen = []
    for given in feeds:
        fits = [id for id, url in known.items() if url == given or id.startswith(given)]
        if len(fits) != 1:
            raise typer.BadParameter(
                f"{'several feeds fit' if fits else 'no feed is called'} {given!r}; see `kawat feeds list`"
            )
        chosen += fits
    print(f"{subscriptions.remove(chosen)} removed")


@app.command("import")
def import_(file: Annotated[Path, typer.Argument(help="An OPML file.", exists=True, dir_okay=False)]) -> None:
    """Follows every feed of an OPML file; what is wrong in it is said and stops nothing else.

    Example: kawat feeds import deploy/feeds/geopolitics.opml
    """
    from worker import console

    added = options.services().desk.import_opml(file.read_bytes(), str(file))
    for problem in added.problems:
        console.print_failure(problem)
    print(
        f"{added.new} added, {added.changed} changed, {added.known} followed already,"
        f" {len(added.problems)} not understood"
    )
    if added.problems:
        raise typer.Exit(1)


@app.command()
def export(
    file: Annotated[Path | None, typer.Argument(help="Where to; stdout without it.", dir_okay=False)] = None,
) -> None:
    """Writes the followed feeds as OPML, with owner, kind, country, language and folder.

    Example: kawat feeds export feeds.opml
    """
    import sys

    data = options.services().desk.export_opml()
    if file is None:
        sys.stdout.buffer.write(data)
    else:
        file.write_bytes(data)
        print(f"{data.count(b'xmlUrl=')} feeds written to {file}")


@app.command()
def check(url: Annotated[str, typer.Argument(help="A feed's address.")], json: options.Json = False) -> None:
    """Polls a feed once, for show: what Kawat would see. Nothing is kept.

    Example: kawat feeds check https://example.com/rss
    """
    from worker import console
    from worker.trial import look_at

    look = look_at(url, options.services().fetcher, None)
    trial = look.trial
    if look.parsed is None or look.response is None:
        for feed in trial.found:
            print(f"{console.printable(feed.url)}  {console.printable(feed.title or '')}")
        console.print_failure(trial.error, to_do="try: kawat feeds check URL with one of these" if trial.found else "")
        raise typer.Exit(1)
    if json:
        read = look.parsed.model_dump(mode="json")
        console.print_json({**read, "url": trial.answered, "bytes": trial.size, "problems": list(trial.problems)})
        return
    out = console.output()
    validators = ", ".join(
        n for n, v in (("ETag", look.response.etag), ("Last-Modified", look.response.last_modified)) if v
    )
    rows = {
        "address": trial.answered,
        "title": trial.title,
        "format": trial.format,
        "language": look.parsed.language or "?",
    }
    rows |= {"size": console.size(trial.size), "validators": validators or "none: every poll fetches it whole"}
    rows |= {"entries": str(trial.total), "site": look.parsed.site_url or ""}
    console.pairs(out, rows)
    for entry in trial.entries:
        when = f"{entry.published:%Y-%m-%d %H:%M}" if entry.published else "no date         "
        print(f"    {when}  {console.printable(entry.title or entry.url)}")
    for problem in trial.problems:
        console.print_failure(problem)


@app.command()
def discover(site: Annotated[str, typer.Argument(help="A site's address.")], json: options.Json = False) -> None:
    """Finds a site's feeds and sitemaps: those that its front page and robots.txt name, then the usual places.

    Example: kawat feeds discover https://example.com
    """
    from worker import console
    from worker.discovery import discover as find

    services = options.services()
    found = find(site if "://" in site else f"https://{site}", services.fetcher, services.gate.pause)
    for feed in found:
        if json:
            console.print_json(feed.model_dump())
        else:
            print(f"{feed.kind:<12}  {console.printable(feed.url)}  {console.printable(feed.title or '')}".rstrip())
    if not found:
        console.print_failure(
            f"no feed was found at {site}",
            to_do="look for its RSS page and try: kawat feeds check URL; or follow a page that lists its news:"
            " kawat feeds add 'page:https://…#css=SELECTOR'",
        )
        raise typer.Exit(1)
