"""One name, or two together, from the command line: `kawat entity`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from worker.commands import options
from worker.commands.tags import COLOURS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import Console
    from rich.table import Table

    from search.entityrecords import EntityName, EntityPort, EntityProfile, Share
    from worker.settings import Settings

BLOCKS = " ▁▂▃▄▅▆▇█"
WIDEST = 100  # bars of the timeline
ROWS = 8
ALSO = 8  # other names
GROUPS = ("person", "organisation", "place", "country", "thing", "topic")


def register(app: typer.Typer) -> None:
    """Adds `entity` to the command line."""
    app.command()(entity)


def entity(
    name: Annotated[str, typer.Argument(help="The beginning of its name, in any script; or type/id.")],
    beside: Annotated[str | None, typer.Option("--with", help="A second one: only what names both.")] = None,
    since: Annotated[str | None, typer.Option("--since", help="Articles first seen since then: 12h, 30d, 4w.")] = None,
    type: Annotated[str | None, typer.Option("--type", help="person, organisation, place, country, thing.")] = None,
    json: options.Json = False,
) -> None:
    """Who or what that is: how often it is named, with whom and what more than by chance, where, in which stories.

    Examples: kawat entity Kishida · kawat entity 岸田 --since 30d · kawat entity NATO --with Jepang --json
    """
    from worker import console

    services = options.services()
    port = services.entities
    try:
        first, *others = found_by(port, name, type)
        second = found_by(port, beside, None)[0] if beside else None
        profile = port.profile(first.type, first.id, beside=(second.type, second.id) if second else None, since=since)
    except ValueError as error:
        console.print_failure(str(error))
        raise typer.Exit(2) from error
    except LookupError as error:
        console.print_failure(
            str(error), to_do="kawat search looks into the texts; kawat entities unlinked lists names"
        )
        raise typer.Exit(1) from error
    if profile is None:
        console.print_failure(f"no article names {first.name}")
        raise typer.Exit(1)
    if json:
        console.print_json({**profile.model_dump(mode="json"), "others": [one.model_dump() for one in others]})
        return
    show(console.output(), profile, others, services.settings)


def found_by(port: EntityPort, text: str, type: str | None) -> Sequence[EntityName]:
    """Those that the text may mean, the likeliest first. Raises LookupError, ValueError (no such type)."""
    from search.entityrecords import TYPES

    kind, _, id = text.partition("/")
    if kind in TYPES and id:
        profile = port.profile(kind, id)
        if profile is not None:
            return [profile.entity]
    found = port.suggest(text, size=6, types=(type,) if type else ())
    if not found:
        raise LookupError(f"nobody here is called {text!r}")
    return found


def show(out: Console, profile: EntityProfile, others: Sequence[EntityName], settings: Settings) -> None:
    """The profile as tables for people."""
    from rich.text import Text

    from search.entitynames import other_names
    from worker.console import counted, printable

    one = profile.entity
    both = f" + {profile.beside.name}" if profile.beside else ""
    what = " · ".join([one.type, *([one.kind] if one.kind else []), *one.countries[:3], one.id])
    out.print(Text.assemble((printable(one.name + both), f"bold {COLOURS.get(one.type, '')}"), (f"  {what}", "dim")))
    if also := [name for name, _ in other_names(profile.known_as, one.name)[:ALSO]]:
        out.print(Text(printable("  ".join(also)), "dim"))
    if pair := profile.pair:
        out.print(f"Both in {pair.articles:,}; by chance {pair.expected:,.1f}: {pair.times:g} times as many.")
        alone = zip((one, profile.beside or one), pair.alone, strict=True)
        out.print(Text(printable(", ".join(f"{each.name} in {n:,}" for each, n in alone)), "dim"))
    span = f", {_day(profile.first, settings)} to {_day(profile.last, settings)}" if profile.first else ""
    out.print(f"{counted(profile.total, 'article')} in {counted(profile.source_count, 'source')}{span}")
    if counts := [n for _, n in profile.timeline.counts]:
        out.print(Text.assemble((bars(counts), "red"), f" by {profile.timeline.interval}"))
    for table in _tables(profile, settings):
        out.print(table)
    out.print(Text.assemble(("kawat search ", "dim"), (f"'{printable(profile.query)}'", "dim")))
    if others:
        said = ", ".join(f"{each.name} ({each.type})" for each in others[:5])
        out.print(Text(printable(f"Also begin so: {said}"), "dim"))


def _tables(profile: EntityProfile, settings: Settings) -> Iterator[Table | str]:
    from rich.text import Text

    from worker.console import printable

    for type in GROUPS:
        if found := profile.together.get(type):
            table = _table(f"with it: {type}", "articles", "times by chance")
            for each in found[:ROWS]:
                name = Text(printable(each.entity.name), COLOURS.get(type, ""))
                table.add_row(name, f"{each.articles:,}", f"{each.times:g}")
            yield table
    for title, shares in (("where", profile.countries), ("source", profile.sources), ("language", profile.languages)):
        if shares:
            yield _line(title, shares)
    if profile.stories:
        table = _table("stories", "articles", "sources")
        for story in profile.stories:
            count = f"{story.articles:,} of {story.size:,}"
            table.add_row(Text(printable(story.title or story.id)), count, f"{story.sources:,}")
        yield table
    if profile.newest:
        table = _table("newest", "source", "seen", right=False)
        for line in profile.newest[:ROWS]:
            source = Text(printable(line.source_name or line.source))
            table.add_row(Text(printable(line.title)), source, _minute(line.first_seen, settings))
        yield table


def bars(counts: Sequence[int], width: int = WIDEST) -> str:
    """A line of blocks, the highest for the most; neighbours are added up where there are more than `width`."""
    each = -(-len(counts) // width) or 1
    sums = [sum(counts[at : at + each]) for at in range(0, len(counts), each)]
    most = max(sums, default=0) or 1
    top = len(BLOCKS) - 1
    return "".join(BLOCKS[0 if not n else max(1, round(top * n / most))] for n in sums)


def _table(first: str, *others: str, right: bool = True) -> Table:
    from rich.table import Table

    table = Table(box=None, padding=(0, 3, 0, 0), header_style="dim")
    table.add_column(first, overflow="fold")
    for other in others:
        table.add_column(other, justify="right" if right else "left", no_wrap=True)
    return table


def _line(title: str, shares: Sequence[Share]) -> str:
    from rich.markup import escape

    from worker.console import printable

    said = "  ".join(f"{escape(printable(one.value))} {one.count:,}" for one in shares[:ROWS])
    return f"[dim]{title}[/]  {said}"


def _day(moment: str | None, settings: Settings) -> str:
    return _minute(moment, settings)[:10] if moment else ""


def _minute(moment: str, settings: Settings) -> str:
    from datetime import datetime

    return options.moment(datetime.fromisoformat(moment), settings)
