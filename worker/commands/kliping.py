"""What readers kept: `kawat kliping list|show|export`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from worker.commands import options

if TYPE_CHECKING:
    from search.briefs.records import BriefView
    from worker.services import Services

kliping = typer.Typer(help="What readers kept, in dated briefs.", no_args_is_help=True)
Which = Annotated[str, typer.Argument(help="The brief's id, as `kawat kliping list` shows it; left out: today's.")]


class As(StrEnum):
    """In which format."""

    md = "md"
    html = "html"
    docx = "docx"


class Language(StrEnum):
    """Of headings and times; what was kept stays in its own."""

    id = "id"
    en = "en"


def register(app: typer.Typer) -> None:
    """Adds `kliping` to the command line."""
    app.add_typer(kliping, name="kliping")


@kliping.command("list")
def list_(
    size: Annotated[int, typer.Option("--size", min=1, max=1000, help="How many at most.")] = 50,
    json: options.Json = False,
) -> None:
    """The briefs, the newest first."""
    from rich.table import Table
    from rich.text import Text

    from worker import console

    lines = options.services().briefs.listed(size=size)
    if json:
        for line in lines:
            console.print_json(line.model_dump(mode="json"))
        return
    if not lines:
        console.output().print("Nothing is kept yet. The page has a button “Keep” beside each article.")
        return
    table = Table(box=None, padding=(0, 3, 0, 0), header_style="dim")
    for column in ("brief", "clippings", "title"):
        table.add_column(column, justify="right" if column == "clippings" else "left")
    for line in lines:
        table.add_row(line.id, str(line.count), Text(console.printable(line.title)))
    console.output().print(table)


@kliping.command()
def show(id: Which = "", json: options.Json = False) -> None:
    """A brief: what was kept, notes, how it stands with each raw page."""
    from rich.text import Text

    from search.briefs.sheet import sheet
    from search.briefs.wording import Wording
    from worker import console

    services = options.services()
    view = _brief(services, id)
    if json:
        console.print_json(_as_json(view))
        return
    from ingest.dates import now

    out, leaf = console.output(), sheet(view, Wording("en", services.settings.tz), now())
    out.print(Text(console.printable(leaf.title), "bold"))
    out.print(Text(f"{leaf.day} · {leaf.total}", "dim"))
    for line in leaf.note:
        out.print(Text(console.printable(line), "italic"))
    for number, piece in enumerate(leaf.pieces, 1):
        out.print("")
        out.print(Text(console.printable(f"{number}. {piece.title}"), "bold"))
        for fact in piece.facts:
            out.print(Text.assemble((f"   {fact.label}  ", "dim"), console.printable(fact.value)), soft_wrap=True)
        for line in piece.note:
            out.print(Text(console.printable(f"   » {line}"), "italic"))


@kliping.command()
def export(
    id: Which = "",
    format: Annotated[As, typer.Option("--as", help="In which format.")] = As.md,
    language: Annotated[Language, typer.Option("--language", help="Of headings and times.")] = Language.id,
    to: Annotated[Path | None, typer.Option("--to", help="A file or a folder; left out: the brief's own name.")] = None,
) -> None:
    """Writes a brief to a file.

    Examples: kawat kliping export · kawat kliping export 2026-11-24 --as docx --language en
    """
    from ingest.dates import now
    from search.briefs.exports import exported
    from search.briefs.wording import Wording
    from worker import console

    services = options.services()
    view = _brief(services, id)
    file = exported(view, format.value, Wording(language.value, services.settings.tz), now())
    target = Path(file.name) if to is None else to / file.name if to.is_dir() else to
    try:
        target.write_bytes(file.body)
    except OSError as error:
        console.print_failure(f"{target} cannot be written: {error.strerror}", to_do="--to names another file")
        raise typer.Exit(1) from None
    console.output().print(f"{target}: {len(view.brief.clippings)} clippings, {console.size(len(file.body))}")


def _brief(services: Services, id: str) -> BriefView:
    from worker import console

    id = id or services.briefs.today().isoformat()
    view = services.briefs.brief(id)
    if view is None:
        console.print_failure(f"there is no brief {id}", to_do="kawat kliping list shows those there are")
        raise typer.Exit(1)
    return view


def _as_json(view: BriefView) -> dict[str, Any]:
    """The brief with its texts, in its order."""
    whole = view.brief.model_dump(mode="json", exclude={"clippings", "removed"})
    clippings = [
        one.model_dump(mode="json") | {"kept": [_text(view, id) for id in one.texts]} for one in view.brief.clippings
    ]
    return {**whole, "clippings": clippings}


def _text(view: BriefView, id: str) -> dict[str, Any] | None:
    return view.texts[id].model_dump(mode="json", by_alias=True) if id in view.texts else None
