"""What rules found and who was told: `kawat alerts list|tail|show|ack|deliveries|retry`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from worker.commands import options
from worker.commands.alertlines import delivery_line, print_line
from worker.commands.rules import in_force

if TYPE_CHECKING:
    pass

app = typer.Typer(no_args_is_help=True, help="What rules found, and who was told (docs/alerts.md).")
LOOK_EVERY = 1.0  # seconds between two looks of `tail`
State = Literal["open", "acknowledged", "muted"]
Rule = Annotated[str | None, typer.Option("--rule", help="Only of this rule, by its id.")]
Id = Annotated[str, typer.Argument(help="The alert's id, as `kawat alerts list` shows it; its beginning is enough.")]
OPEN = ("waiting", "sending", "retrying")


def register(parent: typer.Typer) -> None:
    """Adds `alerts` to the command line."""
    parent.add_typer(app, name="alerts")


@app.command("list")
def listed(
    rule: Rule = None,
    state: Annotated[State | None, typer.Option("--state", help="Only those in this state.")] = None,
    size: Annotated[int, typer.Option("--size", min=1, max=200, help="How many at most.")] = 20,
    json: options.Json = False,
) -> None:
    """The alerts, the newest first.

    Examples: kawat alerts list --rule kantor-penghubung · kawat alerts list --state open --json | jq .url
    """
    from search.alerts.desk import AlertWish
    from worker import console

    services = options.services()
    page = services.alert_desk.alerts(AlertWish(rule=rule, state=state), size=size)
    if not page.lines:
        in_force(rule, services)  # alerts outlive their rule
    for line in page.lines:
        print_line(line, services.settings, json=json)
    if not json and not page.lines:
        print("There are no such alerts.")
    elif not json and page.total > len(page.lines):
        console.output().print(f"[dim]{len(page.lines)} of {page.total}; --size shows more[/]")


@app.command()
def tail(
    rule: Rule = None,
    last: Annotated[int, typer.Option("--last", "-n", min=0, max=200, help="How many to begin with.")] = 5,
    json: options.Json = False,
) -> None:
    """Alerts as they are raised, until Ctrl-C.

    Examples: kawat alerts tail · kawat alerts tail --rule kantor-penghubung --json | jq .title
    """
    import time
    from contextlib import suppress
    from datetime import timedelta

    from ingest.dates import now
    from search.alerts.desk import AlertWish
    from search.ports import ServiceUnavailable
    from worker import console

    services = options.services()
    in_force(rule, services)
    live, query = services.live_alerts, AlertWish(rule=rule).query
    first = list(live.newest(query, last)) if last else []
    for one in reversed(first):
        print_line(one.line, services.settings, json=json)
    since, known = now() - timedelta(seconds=30), {one.id for one in first}
    known |= set(live.known(query, since))
    told = False
    with suppress(KeyboardInterrupt):
        while True:
            time.sleep(LOOK_EVERY)
            try:
                found = live.since(query, since, known)
            except ServiceUnavailable as away:
                if not told:
                    console.print_failure(str(away), to_do="this goes on by itself when it is back")
                told = True
                continue
            told, known = False, known | {one.id for one in found}
            for one in found:
                print_line(one.line, services.settings, json=json)


@app.command()
def show(id: Id, json: options.Json = False) -> None:
    """One alert: what matched, its sources so far, and each delivery with its attempts.

    Example: kawat alerts show 3f2a
    """
    from rich.text import Text

    from worker import console

    services = options.services()
    view = services.alert_desk.alert(_whole(id))
    if view is None:
        raise _unknown(id)
    if json:
        console.print_json(view.model_dump(mode="json", by_alias=True))
        return
    alert, out = view.line.alert, console.output()
    print_line(view.line, services.settings, json=False)
    about = {
        "rule": f"{alert.rule_name} ({alert.rule}, {alert.match}), set {alert.rule_set}",
        "matched": " · ".join(alert.clause),
        "where": " … ".join(alert.highlight),
        "sources": f"{alert.source_count}: {', '.join(alert.sources)}" if alert.sources else "",
        "why": f"{alert.why}, notice {alert.episode}{', by looking back' if alert.backfilled else ''}",
        "state": " ".join(filter(None, (alert.state, alert.acknowledged_by and f"by {alert.acknowledged_by}"))),
        "note": alert.note,
        "goes": f"{options.moment(alert.due, services.settings)}{' in a digest' if alert.bundled else ''}",
    }
    console.pairs(out, {name: value for name, value in about.items() if value})
    for delivery in view.deliveries:
        out.print(delivery_line(delivery, services.settings))
    missing = sorted(set(alert.channels) - {one.channel for one in view.deliveries})
    if missing:
        out.print(Text(f"  no delivery yet: {', '.join(missing)}", "dim"))


@app.command()
def ack(
    ids: Annotated[list[str], typer.Argument(help="Ids, or their beginnings.")],
    note: Annotated[str, typer.Option("--note", help="What was done about it.")] = "",
) -> None:
    """Says that alerts are seen to.

    Example: kawat alerts ack 3f2a 91bc --note "called the embassy" """
    import getpass

    from worker import console

    services = options.services()
    whole = [_whole(id) for id in ids]
    changed = services.alert_desk.acknowledge(whole, by=getpass.getuser(), note=note)
    console.output().print(f"{changed} of {len(whole)} acknowledged, {len(whole) - changed} were already")


@app.command()
def deliveries(
    channel: Annotated[str | None, typer.Option("--channel", help="Only of this channel.")] = None,
    dead: Annotated[bool, typer.Option("--dead", help="Only those that were given up.")] = False,
    waiting: Annotated[bool, typer.Option("--waiting", help="Only those that have not arrived yet.")] = False,
    size: Annotated[int, typer.Option("--size", min=1, max=1000, help="How many at most.")] = 50,
    json: options.Json = False,
) -> None:
    """What was sent, the newest first: to which channel, how often it was tried, what came of it.

    Examples: kawat alerts deliveries --dead · kawat alerts deliveries --channel webhook:desk --json
    """
    from worker import console

    services = options.services()
    states = (*(("dead",) if dead else ()), *(OPEN if waiting else ()))
    found = services.post.queueing.deliveries.listed(size, channel=channel, states=states)
    if not found and not json:
        print("There are no such deliveries.")
    for one in found:
        if json:
            console.print_json(one.model_dump(mode="json", by_alias=True, exclude={"body"}))
        else:
            console.output().print(delivery_line(one, services.settings))


@app.command()
def retry(
    ids: Annotated[list[str] | None, typer.Argument(help="Ids of deliveries, as `deliveries --json` shows.")] = None,
    all_: Annotated[bool, typer.Option("--all", help="All that were given up.")] = False,
) -> None:
    """Gives deliveries that were given up another day.

    Examples: kawat alerts retry --all · kawat alerts retry 5d41402abc4b2a76b9719d911017c592
    """
    from ingest.dates import now
    from search.alerts.retrying import revived
    from worker import console
    from worker.wanting import want

    if not ids and not all_:
        console.print_failure("which?", to_do="name deliveries, or --all")
        raise typer.Exit(2)
    services = options.services()
    shelf = services.post.queueing.deliveries
    wanted = ids or [one.delivery_id for one in shelf.listed(10_000, states=("dead",))]
    held = [one for one in shelf.get(wanted).values() if one.delivery.state == "dead"]
    again = [one.delivery.delivery_id for one in held if shelf.put(one, revived(one.delivery, now()))]
    want(services.ledger, "notify", again)
    console.output().print(f"{len(again)} are tried again")


def _whole(id: str) -> str:
    """The one alert whose id begins so."""
    from worker import console

    if len(id) == 32:
        return id
    found = options.services().alert_desk.beginning(id)
    if len(found) == 1:
        return found[0]
    if not found:
        raise _unknown(id)
    console.print_failure(f"{len(found)} alerts begin with {id!r}", to_do="give more of the id")
    raise typer.Exit(1)


def _unknown(id: str) -> typer.Exit:
    from worker import console

    console.print_failure(f"there is no alert {id!r}", to_do="kawat alerts list shows those there are")
    return typer.Exit(1)
