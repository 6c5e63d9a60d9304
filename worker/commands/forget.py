"""What a person wants forgotten: `kawat forget`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from worker.commands import options

if TYPE_CHECKING:
    from collections.abc import Sequence

    from search.forgetting import Extent, Target
    from search.suppression import Subject
    from worker.services import Services

SHOWN = 20  # articles listed before a person is asked
STAYS = (
    "What was copied before still has it: backups, snapshots, exports, what was sent by mail, logs. "
    "Elasticsearch frees the bytes when it next merges."
)


def register(app: typer.Typer) -> None:
    """Adds `forget` to the command line."""
    app.command()(forget)


def forget(
    urls: Annotated[list[str] | None, typer.Argument(metavar="URL", help="Articles, by address or id.")] = None,
    *,
    entity: Annotated[
        str | None, typer.Option("--entity", metavar="TYPE/ID|NAME", help="person/Q3318231, person/Siti Aminah.")
    ] = None,
    articles: Annotated[bool, typer.Option("--articles", help="With --entity: articles that name it, too.")] = False,
    kept: Annotated[bool, typer.Option("--kept", help="Also what readers kept of them in briefs.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only says what would go.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Does not ask.")] = False,
    json: options.Json = False,
) -> None:
    """Erases articles everywhere for good, or has nobody tagged with a name any more.

    An article goes with what it said before, its place in stories, alerts and what was sent of them, and what waits in
    line; no feed, visit or backfill brings it back. A name goes from all tags and the index of names, and is not tagged
    again; texts that say it stay, unless --articles. Run it again if it was cut off: it goes on.

    Examples: kawat forget https://example.com/story --dry-run · kawat forget --entity 'person/Siti Aminah' --articles
    """
    from ingest.errors import Refused
    from search.forgetting import Forgetting
    from search.suppression import subject
    from worker import console

    if not urls and not entity:
        raise typer.BadParameter("say what: an article's address, or --entity TYPE/NAME")
    if articles and not entity:
        raise typer.BadParameter("--articles goes with --entity: it erases the articles that name it")
    services = options.services(options.LONG)
    cluster = Forgetting(services.elasticsearch, services.settings.index_prefix)
    try:
        who = subject(entity, services.settings.gazetteer) if entity else None
        asked = cluster.targets(urls or [])
    except (Refused, ValueError) as error:
        console.print_failure(str(error))
        raise typer.Exit(2) from error
    named = list(cluster.matching(who.articles(naming=True))) if who and articles else []
    late = cluster.unfinished()
    targets = list({one.article_id: one for one in (*late, *asked, *named)}.values())
    extent = cluster.extent(targets)
    tagged = _tagged(services, who) if who else 0
    plan: dict[str, object] = {"articles": [one.model_dump() for one in targets], "extent": extent.model_dump()}
    if who:
        plan |= {"entity": who.model_dump(), "tagged": tagged}
    if dry_run and json:
        console.print_json({**plan, "dry_run": True})
        return
    if not json:
        _say(targets, extent, who, tagged, late=len(late), articles=articles)
    if dry_run:
        return
    kept = _agreed(extent, kept=kept, yes=yes)
    done = _do(services, targets, who, kept=kept)
    if json:
        console.print_json({**plan, "dry_run": False, **done})
    else:
        print(f"Forgotten. {STAYS}")


def _tagged(services: Services, who: Subject) -> int:
    from search.suppression import Suppressed

    return Suppressed(services.elasticsearch, services.settings.index_prefix).tagged(who)


def _do(services: Services, targets: Sequence[Target], who: Subject | None, *, kept: bool) -> dict[str, object]:
    from worker import console
    from worker.forgetting import forget as erased
    from worker.forgetting import unname

    done: dict[str, object] = {}

    def say(line: str) -> None:
        console.errors().print(console.printable(line), style="dim", markup=False)

    if who:
        done["untagged"] = unname(services, who, say=say)
    if targets:
        done["left"] = erased(services, targets, kept=kept, say=say).model_dump()
    return done


def _agreed(extent: Extent, *, kept: bool, yes: bool) -> bool:
    """Whether what readers kept goes too. Ends the command where somebody says no, or nobody is there to ask."""
    import sys

    from worker import console

    asks = sys.stdin.isatty() and not yes
    if extent.kept and not kept:
        if not asks:
            console.print_failure(
                f"Readers kept some of this: {extent.kept_texts} texts, in {extent.briefs} briefs. Nothing was erased.",
                to_do="add --kept to erase that too",
            )
            raise typer.Exit(1)
        typer.confirm("Readers kept some of this. Erase it from their briefs too?", abort=True)
    if not yes:
        if not asks:
            console.print_failure("Nobody is there to ask. Nothing was erased.", to_do="add --yes, or try --dry-run")
            raise typer.Exit(1)
        typer.confirm("Erase all this for good?", abort=True)
    return kept or extent.kept


def _say(
    targets: Sequence[Target], extent: Extent, who: Subject | None, tagged: int, *, late: int, articles: bool
) -> None:
    from worker import console

    out = console.output()
    there = [one for one in targets if one.there]
    if late:
        print("An earlier run was cut off: what it began is done with this.")
    if who:
        out.print(
            console.printable(f"{who.label}: goes from the tags of {tagged:,} articles, and is not tagged again.")
        )
        if not articles:
            print("Their texts, titles and authors still say the name; with --articles those articles are erased.")
    for one in there[:SHOWN]:
        out.print(console.printable(f"  {one.title or '(without a title)'}  {one.url}"), markup=False)
    if len(there) > SHOWN:
        print(f"  … and {len(there) - SHOWN:,} more")
    if targets and extent.gone:
        print("No document of these articles is here; what waits in line goes, and they will not come in.")
    elif targets:
        rows = {name.replace("_", " "): f"{count:,}" for name, count in extent if count and name != "copies"}
        console.pairs(out, rows)
    if extent.copies:
        print(f"{extent.copies:,} copies of it by others stay: they are articles of their own.")
