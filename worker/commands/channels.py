"""Where alerts go: `kawat channels list|test`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from worker.commands import options

app = typer.Typer(no_args_is_help=True, help="Where alerts go (docs/alerts.md).")
STATES = ("waiting", "retrying", "delivered", "dead")
COLUMNS = ("channel", "address", *STATES, "oldest waits since", "")


def register(parent: typer.Typer) -> None:
    """Adds `channels` to the command line."""
    parent.add_typer(app, name="channels")


@app.command("list")
def listed(json: options.Json = False) -> None:
    """The channels of KAWAT_CHANNELS, how their deliveries stand, and which is down just now. Addresses are masked.

    Examples: kawat channels list · kawat channels list --json | jq 'select(.dead > 0)'
    """
    from rich.table import Table
    from rich.text import Text

    from worker import console

    rows = _rows()
    if json:
        for row in rows:
            console.print_json(row)
        return
    if not rows:
        console.output().print("There are no channels: KAWAT_CHANNELS names them, docs/alerts.md shows how.")
        return
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for column in COLUMNS:
        table.add_column(column, justify="right" if column in STATES else "left")
    for row in rows:
        counts = [Text(str(row[state]), "red" if state == "dead" and row[state] else "") for state in STATES]
        told = Text(console.printable(row["why"]), "red" if row["down"] else "dim")
        table.add_row(row["channel"], row["address"], *counts, row["oldest"] or "", told)
    console.output().print(table)


@app.command("test")
def rung(
    name: Annotated[str, typer.Argument(help="The channel's name, as `kawat channels list` shows it.")],
    json: options.Json = False,
) -> None:
    """Rings a channel: sends one message there, now, and says what became of it. Exit code 1 where it did not arrive.

    Example: kawat channels test webhook:desk
    """
    from search.notify.channels import unknown
    from worker import console
    from worker.ringing import ring
    from worker.settings import read_settings

    settings = read_settings()
    channels = {channel.name: channel for channel in settings.named_channels}
    if name not in channels:
        console.print_failure(unknown(name, channels), to_do="kawat channels list shows them")
        raise typer.Exit(2)
    sent = ring(channels[name], settings)
    if json:
        told = {"channel": name, "arrived": sent.arrived, "kind": sent.kind, "status": sent.status}
        console.print_json({**told, "error": sent.error})
    elif sent.arrived:
        console.output().print(f"{name}: it arrived")
    else:
        console.print_failure(f"{name}: {sent.error}", to_do="see KAWAT_CHANNELS, and whether the other side is up")
    if not sent.arrived:
        raise typer.Exit(1)


def _rows() -> list[dict[str, Any]]:
    import time

    from worker.commands.options import moment

    services = options.services()
    settings = services.settings
    channels = {channel.name: channel for channel in settings.named_channels}
    tallies = {one.channel: one for one in services.post.queueing.deliveries.tallies()}
    names = [*channels, *sorted(set(tallies) - set(channels))]
    outages = services.post.outages.of(names)
    rows = []
    for name in names:
        tally, outage = tallies.get(name), outages.get(name)
        states = dict(tally.states) if tally else {}
        states["waiting"] = states.get("waiting", 0) + states.get("sending", 0)
        oldest = tally.oldest if tally else None
        why = f"{outage.failures} times in a row: {outage.why}" if outage else ""
        rows.append(
            {
                "channel": name,
                "address": channels[name].shown if name in channels else "not in KAWAT_CHANNELS",
                **{state: states.get(state, 0) for state in STATES},
                "oldest": moment(oldest, settings) if oldest else None,
                "down": bool(outage and outage.until > time.time()),
                "why": why,
            }
        )
    return rows
