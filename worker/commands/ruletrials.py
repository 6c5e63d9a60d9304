"""What a rule finds, tried on a node: `kawat rules test|explain`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from worker.commands import options

if TYPE_CHECKING:
    from rich.text import Text

    from search.rules.explaining import Explanation, Line
    from search.rules.records import RuleSet
    from worker.services import Services

MOST_NOT_FOUND = 5  # parts side by side, as a concept has its wordings
PARTS = {"query": "", "where": "where ", "none_of": "none_of ", "together": "together ", "article": ""}


def register(app: typer.Typer) -> None:
    """Adds both to `kawat rules`."""
    app.command("test")(examples)
    app.command()(explain)


def examples(
    rules: Annotated[list[str] | None, typer.Argument(help="Rules; left out, all.", metavar="[RULE]…")] = None,
    folder: Annotated[Path | None, typer.Option("--folder", help="A folder of rules; left out, KAWAT_RULES.")] = None,
    json: options.Json = False,
) -> None:
    """Holds the rules of the folder against their own examples, on Elasticsearch itself, in an index that goes again.

    Exit code 1 where an example is not as its rule says.

    Examples: kawat rules test · kawat rules test kantor-penghubung · kawat rules test --folder deploy/rules --json
    """
    from ingest.tagging import tag
    from ingest.tagging.language import language_of
    from search.rules.trying import as_article, tried
    from worker import console
    from worker.commands.rules import chosen
    from worker.rulesync import checked

    services = options.services(patience=options.LONG)
    s = services.settings
    reading = checked(services, folder)
    if reading.errors:
        console.print_failure("\n".join(map(str, reading.errors)), to_do="kawat rules lint")
        raise typer.Exit(1)
    found = tried(
        services.elasticsearch,
        s.index_prefix,
        reading.rules,
        chosen(reading.rules, rules or ()),
        lambda sentence: tag(as_article(sentence, language_of(sentence)), s.gazetteer),
        tz=s.tz,
        own_names=s.gazetteer,
    )
    failed = [one for one in found if not one.holds]
    if json:
        for one in found:
            console.print_json({**one.model_dump(), "holds": one.holds})
    else:
        for one in failed:
            what = "is not found" if one.wanted else "is found, and must not be"
            why = f": {one.why}" if one.why else ""
            console.print_failure(f"{one.rule}: {one.sentence!r} {what}{why}", to_do=f"kawat rules explain {one.rule}")
        print(f"{len(found) - len(failed)} of {len(found)} examples are as they should be.")
    if failed:
        raise typer.Exit(1)


def explain(
    rule: Annotated[str, typer.Argument(help="The rule's id.")],
    article: Annotated[
        str, typer.Argument(help="An article's address, its id, or an id's beginning.", metavar="URL|ID")
    ],
    json: options.Json = False,
) -> None:
    """Says part by part why an article matches a rule, or does not. The rule as it is in force, or else as its file is.

    Exit code 1 where it does not match.

    Examples: kawat rules explain kantor-penghubung https://example.com/story ·
    kawat rules explain kantor-penghubung 3f2a91 --json
    """
    from search.history import NoArticleError
    from search.history import history as history_of
    from search.rules.explaining import explained
    from search.schema import Names
    from worker import console
    from worker.commands.rules import chosen

    services = options.services(patience=options.LONG)
    s = services.settings
    known = _set_with(services, rule)
    (wanted,) = chosen(known, [rule])
    try:
        found_article = history_of(services.elasticsearch, Names(s.index_prefix), article)
    except NoArticleError as error:
        to_do = f"did you mean {error.near}?" if error.near else "kawat search finds articles by their words"
        console.print_failure(str(error), to_do=to_do)
        raise typer.Exit(1) from None
    found = explained(
        services.elasticsearch,
        s.index_prefix,
        wanted,
        known,
        found_article.article["article_id"],
        tz=s.tz,
        own_names=s.gazetteer,
    )
    if found is None:
        console.print_failure("the article is not searchable yet", to_do="try again in a second")
        raise typer.Exit(1)
    if json:
        console.print_json(found.model_dump(mode="json"))
    else:
        _show(found)
    if not found.matches:
        raise typer.Exit(1)


def _set_with(services: Services, rule: str) -> RuleSet:
    """The set in force; that of the files where only they have the rule."""
    from worker.rulesync import checked

    known = services.rules.current()
    if known.rule(rule) is None:
        files = checked(services).rules
        return files if files.rule(rule) else known
    return known


def _show(found: Explanation) -> None:
    """A long run of parts that are not found is counted; `--json` has them all."""
    from itertools import groupby

    from rich.text import Text

    from worker import console

    out = console.output()
    verdict = ("matches", "bold green") if found.matches else ("does not match", "bold red")
    out.print(Text.assemble(console.printable(found.title), "  ", verdict))
    for (depth, not_found), run in groupby(found.lines, lambda one: (one.depth, one.wanted and not one.met)):
        lines = list(run)
        if not_found and depth and len(lines) > MOST_NOT_FOUND:
            out.print(Text(f"{'  ' * (depth + 1)}✗ {len(lines)} others  not found", "dim"))
        else:
            for line in lines:
                out.print(_line(line), soft_wrap=True)


def _line(line: Line) -> Text:
    from rich.text import Text

    from worker import console

    good = line.met == line.wanted
    mark = ("✓", "green") if good else ("✗", "red")
    told = {(True, False): "  found, and must not be", (False, True): "  not found"}.get((line.met, line.wanted), "")
    what = f"{PARTS[line.part]}{line.text}"
    return Text.assemble("  " * (line.depth + 1), mark, " ", console.printable(what), (told, "dim"))
