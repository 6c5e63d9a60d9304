"""The indices over the years: `kawat index status|upgrade|rollover`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from worker.commands import options

if TYPE_CHECKING:
    from rich.console import Console

    from search.lifecycle.state import IndexState
    from worker.services import Services
    from worker.settings import Settings

app = typer.Typer(no_args_is_help=True, help="The indices: how they stand, made over after an update, begun anew.")
STEPS = {
    "begun": "copying",
    "copying": "copying",
    "blocked": "writers wait",
    "moved": "the alias has moved",
    "done": "done",
}


def register(parent: typer.Typer) -> None:
    """Adds `index` to the command line."""
    parent.add_typer(app, name="index")


@app.command()
def status(json: options.Json = False) -> None:
    """Each index: documents, size, schema, age, which takes new documents, what is behind.

    Exit code 1 where something is to be done.

    Examples: kawat index status · kawat index status --json | jq 'select(.behind != "")'
    """
    from search.lifecycle.state import look
    from worker import console

    services = options.services()
    states = look(services.elasticsearch, services.settings.index_prefix)
    if json:
        for one in states:
            console.print_json(one.model_dump(mode="json"))
    else:
        _show(console.output(), states, services.settings)
    if any(one.behind or one.blocked or one.role in {"copy", "left-over"} for one in states):
        raise typer.Exit(1)


@app.command()
def upgrade(
    names: Annotated[
        list[str] | None, typer.Argument(help="Indices to make over although they are current.", metavar="INDEX…")
    ] = None,
    abandon: Annotated[bool, typer.Option("--abandon", help="Gives unfinished copies up.")] = False,
    snapshot: Annotated[bool, typer.Option(help="Take a snapshot first.")] = True,
    json: options.Json = False,
) -> None:
    """Makes indices of an older Kawat over, while they are searched and written to.

    New articles wait for a moment while the last changes are copied. Cut off, it goes on where it stopped.

    Examples: kawat index upgrade · kawat index upgrade articles-000001
    """
    from search.lifecycle import upgrade as making_over
    from search.lifecycle.state import look
    from worker import console
    from worker.turn import turn

    services = options.services(options.LONG)
    client, prefix = services.elasticsearch, services.settings.index_prefix
    again = _known(names or [], look(client, prefix))
    with turn(services.ledger, "upgrade"):
        if abandon:
            gone = making_over.abandon(client, prefix)
            print(f"{len(gone)} unfinished copies were given up." if gone else "There is no unfinished copy.")
            return
        due = making_over.pending(client, prefix, again=again)
        if not due:
            print("Every index is as this Kawat writes it.")
            return
        if snapshot:
            _snapshot(services, [one.name for one in due if one.role == "serving"])
        for step in making_over.upgrade(client, prefix, again=again):
            if json:
                console.print_json(step.model_dump(mode="json"))
            elif step.step in {"begun", "done"} or sys.stderr.isatty():
                waited = f", writers waited {step.waited:.1f} s" if step.step == "done" else ""
                print(f"{step.index} → {step.target}: {STEPS[step.step]}, {step.copied:,} copied{waited}")


@app.command()
def rollover(json: options.Json = False) -> None:
    """Begins the next index of articles where the present one is as large or old as the settings say. Beat does so too.

    Example: kawat index rollover
    """
    from search.lifecycle.rollover import rollover as rolled
    from worker import console

    services = options.services()
    s = services.settings
    begun = rolled(services.elasticsearch, s.index_prefix, s.rollover_bytes, s.rollover_days)
    if json:
        console.print_json({"begun": begun})
    else:
        print(f"{begun} takes new articles now." if begun else "The present index is neither large nor old enough.")


def _known(names: list[str], states: list[IndexState]) -> list[str]:
    """Indices as they were named, by their old names too. Raises BadParameter."""
    import difflib

    found = []
    serving = [one for one in states if one.role == "serving"]
    for name in names:
        fits = [one.name for one in serving if name in {one.name, *one.also}]
        if not fits:
            near = difflib.get_close_matches(name, [one.name for one in serving], n=1)
            hint = f"; did you mean {near[0]}?" if near else "; see `kawat index status`"
            raise typer.BadParameter(f"there is no index {name}{hint}")
        found += fits
    return found


def _snapshot(services: Services, indices: list[str]) -> None:
    """Before anything is changed; where there is no place for one, that is said, and the upgrade goes on."""
    from search.lifecycle.snapshots import SnapshotError
    from worker import console
    from worker.backup import snapshot_before

    try:
        name = snapshot_before(services, indices)
    except SnapshotError as error:
        console.print_failure(f"no snapshot is taken first: {error}", to_do="docs/operating.md, Backup")
    else:
        print(f"A snapshot stands in the repository {name}.", file=sys.stderr)


def _show(out: Console, states: list[IndexState], settings: Settings) -> None:
    from rich.table import Table
    from rich.text import Text

    from worker import console

    table = Table(box=None, padding=(0, 2, 0, 0))
    for title, side in (("index", "left"), ("documents", "right"), ("size", "right"), ("since", "left"), ("", "left")):
        table.add_column(title, justify="right" if side == "right" else "left")
    for one in states:
        said = [
            *(["takes new documents"] if one.writing else []),
            *([f"behind: {one.behind}"] if one.behind else []),
            *(["takes no writes"] if one.blocked else []),
            *({"copy": [f"unfinished copy of {one.upgrade.get('of')}"], "left-over": ["left over"]}.get(one.role, [])),
            *(["outside its alias"] if one.role == "apart" else []),
            *([f"also {', '.join(one.also)}"] if one.also else []),
        ]
        style = "yellow" if one.behind or one.blocked or one.role != "serving" else ""
        since = options.moment(one.created, settings)
        table.add_row(
            Text(console.printable(one.name), style), f"{one.documents:,}", console.size(one.bytes), since,
            Text(console.printable("; ".join(said)), style or "dim"),
        )  # fmt: skip
    out.print(table)
    if any(one.behind or one.role in {"copy", "left-over"} for one in states):
        out.print("kawat index upgrade brings these up to date.")
