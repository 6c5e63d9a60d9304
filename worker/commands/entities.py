"""Names as lists and texts know them: `kawat entities`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from worker.commands import options
from worker.commands.tags import COLOURS

app = typer.Typer(no_args_is_help=True, help="People, organisations and places, as lists and texts know them.")


def register(parent: typer.Typer) -> None:
    """Adds `entities` to the command line."""
    parent.add_typer(app, name="entities")


@app.command()
def unlinked(
    since: Annotated[str, typer.Option("--since", help="Articles first seen since then: 12h, 7d, 4w.")] = "7d",
    size: Annotated[int, typer.Option("--size", min=1, max=1000, help="How many names.")] = 50,
    json: options.Json = False,
) -> None:
    """Names found in texts that no list knows, the most frequent first: what to add to the file of names next.

    Examples: kawat entities unlinked --since 7d · kawat entities unlinked --json | jq .name
    """
    from rich.table import Table
    from rich.text import Text

    from search.entities import unlinked_names
    from worker import console

    services = options.services()
    try:
        found = unlinked_names(services.elasticsearch, services.settings.index_prefix, since=since, size=size)
    except ValueError as error:
        console.print_failure(str(error))
        raise typer.Exit(2) from error
    if json:
        for one in found:
            console.print_json(one.model_dump())
        return
    if not found:
        print("No unlinked names in that time.")
        return
    table = Table(box=None, padding=(0, 3, 0, 0), header_style="dim")
    for column in ("name", "type", "articles", "sources", "languages"):
        table.add_column(column, justify="right" if column in {"articles", "sources"} else "left")
    for one in found:
        name = Text(console.printable(one.name), COLOURS.get(one.type, ""))
        table.add_row(name, one.type, f"{one.articles:,}", f"{one.sources:,}", " ".join(one.languages))
    console.output().print(table)


@app.command()
def lint(
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="[FILE]…", help="Files of names; left out, KAWAT_GAZETTEER.")
    ] = None,
) -> None:
    """Checks files of names, and that they go together with Kawat's own: file, line, what to do.

    Example: kawat entities lint names.txt
    """
    from ingest.tagging.namecheck import faults_in
    from ingest.tagging.names import DATA
    from worker import console
    from worker.settings import read_settings

    gazetteer = read_settings().gazetteer
    given = files or ([gazetteer] if gazetteer else [])
    if not given:
        console.print_failure("no file to check", to_do="name one, or set KAWAT_GAZETTEER")
        raise typer.Exit(2)
    missing = [path for path in given if not path.is_file()]
    if missing:
        console.print_failure(f"{missing[0]} is no file")
        raise typer.Exit(2)
    faults = faults_in(given, beside=sorted(DATA.glob("*.names")))
    for fault in faults:
        console.errors().print(console.printable(str(fault)), markup=False)
    if faults:
        raise typer.Exit(1)
    print("No faults.")
