"""`kawat rules backtest`: what rules would have sent to whom in the last days."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from worker.commands import options

if TYPE_CHECKING:
    from collections.abc import Sequence

    from search.matching.backtest import Backtest, Day

BAR = 40  # characters of the longest bar
Days = Annotated[int, typer.Option(min=1, max=366, help="How many days back.")]


def register(parent: typer.Typer) -> None:
    """Adds `backtest` to the commands of rules."""
    parent.command("backtest")(backtest)


def backtest(
    rule: Annotated[str | None, typer.Argument(help="A rule's id.", show_default=False)] = None,
    every: Annotated[
        bool, typer.Option("--all", help="All rules, and what each owner would have had of them.")
    ] = False,
    days: Days = 30,
    json: options.Json = False,
) -> None:
    """Replays history through rules as their files say, in force or not: what they would have told, and how many
    messages each owner would have had, with dedup, realert, digests and quiet hours. Nobody is told.

    Examples: kawat rules backtest kantor-penghubung · kawat rules backtest --all --days 7 · … --json | jq .days
    """
    from ingest.dates import now
    from search.matching.backtest import Backtester, messages
    from worker import console
    from worker.commands.rules import chosen
    from worker.rulesync import checked

    services = options.services(patience=options.LONG)
    if every == (rule is not None):
        console.print_failure("name a rule, or say --all", to_do="kawat rules list")
        raise typer.Exit(2)
    rules = checked(services).rules
    s = services.settings
    tester = Backtester(services.elasticsearch, s.index_prefix, tz=s.tz, own_names=s.gazetteer)
    until = now()
    found = [tester.run(one, rules, until, days) for one in chosen(rules, [rule] if rule else [])]
    if json:
        for one in found:
            console.print_json(one.model_dump(mode="json"))
        return
    for one in found:
        _show(one, chart=not every)
    if every:
        _show_owners(messages(found), days)


def _show(one: Backtest, *, chart: bool) -> None:
    from worker import console

    out = console.output()
    reasons = ", ".join(f"{count} {why}" for why, count in sorted(one.reasons.items()))
    out.print(f"{one.rule}  {one.articles} articles, {one.alerts} alerts" + (f" ({reasons})" if reasons else ""))
    for told in one.notified:
        out.print(f"    {told.owner} by {told.channel}: {told.at_once} at once, {len(told.digests)} digests")
    if not one.articles:
        out.print("    archives and the sample site are no history: their articles do not count")
    if one.unread:
        out.print(f"    {one.unread} later articles were not looked at")
    if chart:
        for line in bars(one.days):
            out.print(f"    {line}")


def _show_owners(owners: dict[str, dict[str, int]], days: int) -> None:
    from worker import console

    out = console.output()
    out.print(f"\nmessages in {days} days, by owner:")
    for owner, channels in sorted(owners.items()):
        of = ", ".join(f"{channel} {count}" for channel, count in sorted(channels.items()))
        out.print(f"    {owner}  {sum(channels.values())}  ({of})")


def bars(days: Sequence[Day]) -> list[str]:
    """A line a day: articles that met the rule as a bar, and what was sent of them."""
    most = max((one.articles for one in days), default=0)
    lines = []
    for one in days:
        bar = "█" * max(1, round(one.articles * BAR / most)) if one.articles else ""
        told = f"{one.articles:>6} articles {one.messages:>4} messages"
        lines.append(f"{one.day} {told} {bar}".rstrip())
    return lines
