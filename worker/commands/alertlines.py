"""Alerts and deliveries as lines of `kawat alerts`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from worker.commands import options

if TYPE_CHECKING:
    from search.alerts.desk import AlertLine
    from search.alerts.records import Delivery
    from worker.settings import Settings

PRIORITY = {"critical": "bold red", "high": "red", "low": "dim"}


def print_line(line: AlertLine, settings: Settings, *, json: bool) -> None:
    """An alert, for people or for programs."""
    from rich.text import Text

    from worker import console

    alert = line.alert
    if json:
        about: dict[str, Any] = alert.model_dump(mode="json", by_alias=True)
        console.print_json({**about, "queued": line.queued, "delivered": line.delivered})
        return
    state = "" if alert.state == "open" else f"({alert.state})"
    reached = f"→ {', '.join(line.delivered)}" if line.delivered else state
    console.output().print(
        Text.assemble(
            (alert.alert_id[:8], "dim"),
            f"  {options.moment(alert.timestamp, settings)}  ",
            (alert.priority.ljust(8), PRIORITY.get(alert.priority, "")),
            (console.printable(f" {alert.rule}  "), "bold"),
            console.printable(alert.title or alert.why),
            (console.printable(f"  {alert.url or ''}  {reached}"), "dim"),
        ),
        soft_wrap=True,
    )


def delivery_line(one: Delivery, settings: Settings) -> Any:
    """A delivery, as rich text."""
    from rich.text import Text

    from worker import console

    at = one.delivered_at or one.next_attempt or one.last_attempt or one.due
    style = {"dead": "red", "delivered": "green"}.get(one.state, "yellow")
    tried = console.counted(one.attempts, "attempt")
    why = f"  {one.last_error}" if one.last_error else ""
    told = f"  {options.moment(at, settings)}  {one.channel}  {one.kind}  {tried}{why}"
    return Text.assemble((one.delivery_id[:8], "dim"), "  ", (one.state.ljust(9), style), console.printable(told))
