"""Searching: the articles found, how they are spread, all of them as a file or a feed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from worker.commands import options

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rich.console import Console
    from rich.text import Text

    from search.ports import Hit, SearchResult
    from worker.settings import Settings

MOST = 100_000  # `search.exports.MOST`, for the help, which loads nothing heavy
FIRST = 20


def register(app: typer.Typer) -> None:
    """Adds `search` to the command line."""
    app.command()(search)


def search(  # noqa: PLR0917 - an option each; typer passes them by name
    query: Annotated[str, typer.Argument(help='Lucene syntax: words, "phrases", AND OR NOT, NEAR/5, field:value.')],
    size: Annotated[
        int | None, typer.Option(help=f"How many articles at most: {FIRST}, exported all.", min=1, max=MOST)
    ] = None,
    sort: Annotated[
        Literal["seen", "published", "relevance"],  # search.ports.Sort, which is too heavy for the help
        typer.Option(help="The order: newest seen, newest published, best match."),
    ] = "seen",
    stemmed: Annotated[bool, typer.Option("--stemmed", help="Words in all their forms, not as written.")] = False,
    fold: Annotated[bool, typer.Option("--fold", help="One article a story.")] = False,
    facets: Annotated[bool, typer.Option("--facets", help="Counts sources, languages, countries, names, …")] = False,
    export: Annotated[
        Literal["csv", "ndjson", "rss", "atom"] | None, typer.Option(help="Writes this on stdout.")
    ] = None,
    json: options.Json = False,
) -> None:
    """Searches the articles. With --json, one JSON object a line.

    Examples: kawat search '"kantor penghubung"' · kawat search 'NATO AND source_country:ID' --json ·
    kawat search 'about:JP published:30d' --export csv > japan.csv
    """
    from search.exports import pages
    from search.facets import FACETS
    from search.prescan import QueryError
    from worker import console

    services = options.services()
    limit = size or (MOST if export else FIRST)
    try:
        found = pages(services.search, query, limit=limit, sort=sort, stemmed=stemmed, fold=fold)
        first = next(found)
        spread = services.search.search(query, size=0, stemmed=stemmed, facets=tuple(FACETS)) if facets else None
    except QueryError as error:
        shown = "\n".join(pointed(query, error.position, console.errors().width - 4))
        console.print_failure(f"{error}\n{shown}", to_do="docs/query-language.md has examples")
        raise typer.Exit(2) from None
    hits = (hit for page in _with_first(first, found) for hit in page.hits)
    if export:
        _export(export, query, hits, services.settings)
        return
    if json:
        for hit in hits:
            console.print_json(hit.model_dump(mode="json", by_alias=True))
        if spread:
            console.print_json({"facets": spread.model_dump(mode="json")["facets"]})
        return
    out = console.output()
    count = 0
    for hit in hits:
        _show_hit(out, hit, services.settings)
        count += 1
    if spread:
        _show_facets(out, spread)
    what = "stories" if fold else "shown"
    shown = f", {count} {what}" if count < first.total else ""
    out.print(f"[dim]{first.total:,} article{'' if first.total == 1 else 's'}{shown}[/]")


def _with_first(first: SearchResult, rest: Iterator[SearchResult]) -> Iterator[SearchResult]:
    yield first
    yield from rest


def _export(kind: str, query: str, hits: Iterable[Hit], settings: Settings) -> None:
    import sys
    from urllib.parse import urlencode

    from search import exports
    from search.feedxml import Channel

    out = sys.stdout.buffer
    if kind == "csv":
        for line in exports.csv_lines(hits, settings.tz):
            out.write(line.encode())
    elif kind == "ndjson":
        out.writelines(exports.ndjson_lines(hits, settings.tz))
    else:
        page = f"http://127.0.0.1:{settings.page_port}"
        asked = f"?{urlencode({'q': query})}" if query else ""
        channel = Channel(
            f"Kawat: {query}" if query else "Kawat", f"{page}/{asked}", f"{page}/api/search.{kind}{asked}"
        )
        out.write((exports.rss if kind == "rss" else exports.atom)(channel, hits, settings.tz))
    out.flush()


def _show_facets(out: Console, spread: SearchResult) -> None:
    from rich.text import Text

    from worker import console

    for name, buckets in spread.facets.items():
        if buckets:
            told = " · ".join(f"{one.value} {one.count:,}" for one in buckets)
            out.print(Text.assemble((f"{name:8}  ", "dim"), console.printable(told)), soft_wrap=True)
    out.print("")


def pointed(query: str, position: int, width: int) -> tuple[str, str]:
    """The query on one line of at most `width` columns, and below it a caret at the character `position`."""
    from rich.cells import cell_len

    line = "".join(letter if letter.isprintable() else " " for letter in query)  # each character keeps its place
    position = min(position, len(line))
    start = 0
    while cell_len(line[start:position]) > width // 2:
        start += 1
    before, rest = line[start:position], line[position:]
    if start:
        before = f"…{before[1:]}"
    while rest and cell_len(before) + cell_len(rest) > width:
        rest = f"{rest[:-2]}…" if len(rest) > 1 else ""
    return before + rest, f"{' ' * cell_len(before)}^"


def _show_hit(out: Console, hit: Hit, settings: Settings) -> None:
    from datetime import datetime

    from rich.text import Text

    from worker import console

    when = options.moment(datetime.fromisoformat(hit.published or hit.first_seen), settings)
    story = f"+{hit.fold.size - 1} in {hit.fold.sources} sources" if hit.fold else ""
    about = (hit.source_name or hit.source, hit.language, when, " ".join(hit.countries), " ".join(hit.is_), story)
    out.print(Text(console.printable(hit.title), "bold"))
    out.print(Text(console.printable("  ".join(part for part in about if part)), "dim"))
    for fragment in hit.highlight:
        out.print(_marked(fragment))
    out.print(Text(console.printable(hit.url), "dim blue"), end="\n\n")


def _marked(fragment: str) -> Text:
    """The index' escaped HTML as terminal text, what matched in bold."""
    from html import unescape

    from rich.text import Text

    from worker import console

    text = Text()
    for n, part in enumerate(fragment.replace("</mark>", "<mark>").split("<mark>")):
        text.append(console.printable(unescape(part)), "bold yellow" if n % 2 else "")
    return text
