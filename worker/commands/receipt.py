"""What a rule's silence is worth: `kawat receipt`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from worker.commands import options

if TYPE_CHECKING:
    from search.receipt import Receipt


def register(app: typer.Typer) -> None:
    """Adds `receipt` to the command line."""
    app.command()(receipt)


def receipt(
    rule: Annotated[str | None, typer.Argument(help="The rule's id; left out, all rules in force.")] = None,
    hours: Annotated[float, typer.Option("--hours", min=0.1, max=8760, help="How far back.")] = 24,
    language: Annotated[Literal["id", "en"], typer.Option("--language", help="Of the text.")] = "en",
    json: options.Json = False,
) -> None:
    """Says what a rule's silence is worth: articles looked at, feeds heard and blind, windows that may have been
    missed, whether a test article is found just now, near misses.

    Exit code 1 where the silence of one of them cannot be trusted.

    Examples: kawat receipt kantor-penghubung · kawat receipt --hours 12 --language id ·
    kawat receipt --json | jq .hearing
    """
    from datetime import timedelta

    from ingest.dates import now
    from worker import console
    from worker.commands.rules import chosen
    from worker.receipts import receipts

    services = options.services(patience=options.LONG)
    rules = services.rules.current()
    asked = chosen(rules, [rule] if rule else [])
    until = now()
    maker = receipts(services)
    made = [maker.of_rule(one, rules, since=until - timedelta(hours=hours), now=until) for one in asked]
    if not made:
        made = [maker.of_all(since=until - timedelta(hours=hours), now=until)]
    for one in made:
        if json:
            console.print_json({**one.model_dump(mode="json"), "trusted": one.trusted})
        else:
            _show(one, language, services.settings.tz)
    if not all(one.trusted for one in made):
        raise typer.Exit(1)


def _show(made: Receipt, language: str, tz: str) -> None:
    from rich.text import Text

    from search.receiptwords import receipt_lines
    from worker import console

    out = console.output()
    out.print(Text(console.printable(made.rule_name), "bold" if made.trusted else "bold red"))
    for line in receipt_lines(made, language, tz):
        out.print(Text(f"  {console.printable(line)}"), soft_wrap=True)
    for near in made.near:
        out.print(Text(f"    ~ {console.printable(near.title)}  {near.id[:12]}", "dim"), soft_wrap=True)
