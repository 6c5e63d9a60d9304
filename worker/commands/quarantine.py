"""Entries that need a person: `kawat quarantine list|show|replay|discard`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from worker.commands import options

app = typer.Typer(
    no_args_is_help=True, help="Entries that failed for good, with the reason: look, send on again, give up."
)
Ids = Annotated[list[str] | None, typer.Argument(help="Ids, or their beginnings.", metavar="ID…")]
All = Annotated[bool, typer.Option("--all", help="All of them.")]


def register(parent: typer.Typer) -> None:
    """Adds `quarantine` to the command line."""
    parent.add_typer(app, name="quarantine")


@app.command("list")
def listed(
    n: Annotated[int, typer.Option("-n", help="How many, newest first.")] = 100, json: options.Json = False
) -> None:
    """What is in quarantine, newest first.

    Example: kawat quarantine list
    """
    from rich.text import Text

    from worker import console

    services = options.services()
    entries = services.quarantine.listed(n)
    out = console.output()
    for entry in entries:
        if json:
            console.print_json(asdict(entry))
            continue
        since = options.moment(entry.since, services.settings)
        out.print(Text.assemble((f"{entry.id[:12]}  {since}  {entry.stage:8}", "bold"), console.printable(entry.url)))
        out.print(Text(f"              {console.printable(entry.why)}", "dim"))
    if not entries and not json:
        out.print("Nothing is in quarantine.")


@app.command()
def show(id: Annotated[str, typer.Argument(help="An id, or its beginning.")], json: options.Json = False) -> None:
    """One entry in quarantine: all that is known of it.

    Example: kawat quarantine show 3f2a
    """
    from worker import console

    (found,) = _resolve([id])
    services = options.services()
    entry = services.quarantine.show(found)
    fields = services.ledger.entry(found) or {}
    if json:
        console.print_json({**fields, "id": found})
        return
    if entry is None:
        raise typer.Exit(1)
    rows = {
        "id": entry.id,
        "url": entry.url,
        "why": entry.why,
        "stage": entry.stage,
        "since": f"{options.moment(entry.since, services.settings)} ({services.settings.tz})",
    }
    rows |= {
        "feed": entry.feed_id or "(given by hand)",
        "attempts": str(entry.attempts),
        "entry": fields.get("record", ""),
    }
    console.pairs(console.output(), rows)


@app.command()
def replay(ids: Ids = None, every: All = False) -> None:
    """Sends entries on again from where they stopped.

    Examples: kawat quarantine replay 3f2a · kawat quarantine replay --all
    """
    done = options.services().quarantine.replay(_chosen(ids, every))
    print(f"{done} sent on again")


@app.command()
def discard(ids: Ids = None, every: All = False) -> None:
    """Gives entries up for good: their outcome is "discarded", the reason "by-hand".

    Example: kawat quarantine discard 3f2a
    """
    done = options.services().quarantine.discard(_chosen(ids, every))
    print(f"{done} given up")


def _chosen(ids: list[str] | None, every: bool) -> list[str]:
    if every == bool(ids):
        raise typer.BadParameter("say which: ids from `kawat quarantine list`, or --all")
    return options.services().quarantine.ids() if every else _resolve(ids or [])


def _resolve(ids: list[str]) -> list[str]:
    """Each beginning of an id becomes the one id it stands for."""
    held = options.services().quarantine.ids()
    found = []
    for given in ids:
        fits = [id for id in held if id.startswith(given)]
        if len(fits) != 1:
            what = "several entries begin" if fits else "nothing in quarantine begins"
            raise typer.BadParameter(f"{what} with {given!r}; see `kawat quarantine list`")
        found += fits
    return found
