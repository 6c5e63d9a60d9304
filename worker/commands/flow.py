"""What is asked of the flow every day: status, single pages in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from worker.commands import options

if TYPE_CHECKING:
    from worker.settings import Settings

SHOWN = 5
COUNTED = ("seen", "indexed", "duplicate", "discarded", "quarantined", "in_flight")


def register(app: typer.Typer) -> None:
    """Adds `status` and `ingest` to the command line."""
    app.command()(status)
    app.command()(ingest)


def status(json: options.Json = False) -> None:
    """How the flow stands: what came in, what became of it, which feeds fail, what waits and why.

    Examples: kawat status · kawat status --json | jq .counts
    """
    from worker import console
    from worker.status import status as look

    services = options.services()
    found = look(services)
    if json:
        console.print_json(found)
    else:
        _show_status(found, services.settings)
    if not found["adds_up"]:
        raise typer.Exit(1)


def _show_status(found: dict[str, Any], settings: Settings) -> None:
    from datetime import datetime

    from rich.table import Table
    from rich.text import Text

    from worker import console
    from worker.status import without_address

    out = console.output()
    counts, feeds = found["counts"], found["feeds"]
    total = Table(box=None, padding=(0, 3, 0, 0), header_style="dim")
    for name in COUNTED:
        total.add_column(name.replace("_", " "), justify="right")
    total.add_row(*(f"{counts[name]:,}" for name in COUNTED))
    out.print(total, "")
    if not found["adds_up"]:
        out.print(
            Text(f"The counts do not add up: {counts['missing']} entries are missing. This is a defect.", "bold red")
        )
    stages = Table(box=None, padding=(0, 3, 0, 0), header_style="dim")
    for name in ("stage", "ready", "due", "leased", "oldest"):
        stages.add_column(name, justify="left" if name == "stage" else "right")
    for name, stage in found["stages"].items():
        oldest = f"{stage['oldest']:.0f} s" if stage["due"] else ""
        stages.add_row(name, f"{stage['ready']:,}", f"{stage['due']:,}", f"{stage['leased']:,}", oldest)
    out.print(stages, "")
    for name, stage in found["stages"].items():
        if stage["waiting"] and name != "poll":
            out.print(Text(console.printable(f"{name} waits: {stage['waiting']}"), "yellow"))
    line = f"Feeds: {feeds['ok']} ok, {feeds['waiting']} not polled yet, {feeds['failing']} failing"
    line += f", {feeds['quiet']} quiet" if feeds["quiet"] else ""
    out.print(Text(line, "yellow" if feeds["failing"] else ""))
    for feed in feeds["errors"][:SHOWN]:
        line = f"  {feed['name']}: {without_address(feed['error'], feed['url'])}"
        out.print(Text(console.printable(line), "dim"), no_wrap=out.is_terminal, overflow="ellipsis")
    if feeds["failing"] > SHOWN:
        out.print(Text(f"  and {feeds['failing'] - SHOWN} more: kawat feeds list --failing", "dim"))
    out.print(_looked_again(found["revisits"]))
    if found["rule_faults"]:
        out.print(Text("The files of rules have faults, the last good set stays in force: kawat rules lint", "yellow"))
        for fault in found["rule_faults"][:SHOWN]:
            out.print(Text(f"  {console.printable(fault)}", "dim"))
    for why in found["paused"].values():
        out.print(Text(f"Intake is paused: {why}", "bold yellow"))
    for reason, count in sorted(found["discarded_by_reason"].items(), key=lambda pair: -pair[1]):
        out.print(Text(f"  discarded, {console.printable(reason)}: {count:,}", "dim"))
    began = options.moment(datetime.fromisoformat(found["ledger_began"]), settings)
    out.print(
        Text(
            f"Pages in flight: {console.size(found['bytes_in_flight'])}. The ledger began {began} ({settings.tz}).",
            "dim",
        )
    )


def _looked_again(visits: dict[str, int]) -> str:
    found = [f"{visits[name]:,} {name}" for name in ("changed", "vanished", "failed") if visits[name]]
    made = f"{visits['made']:,} times" + (f" ({', '.join(found)})" if found else "")
    return f"Articles looked at again: {made}; {visits['planned']:,} looks planned, {visits['due']:,} due"


def ingest(
    urls: Annotated[list[str], typer.Argument(help="Addresses of articles.", metavar="URL…")],
    json: options.Json = False,
) -> None:
    """Takes single pages in, through the same flow as a feed's entries.

    Example: kawat ingest https://example.com/berita/kantor-penghubung
    """
    from ingest.errors import IngestError
    from ingest.records import Entry
    from ingest.urls import entry_id, fetchable_url
    from worker import console
    from worker.topology import FIRST

    services = options.services()
    faults = []
    for url in urls:
        try:
            address = fetchable_url(url)
            entry = Entry(id=entry_id(None, address, None), feed_id=None, url=address)
        except IngestError as error:
            faults.append(str(error))
            continue
        (new,) = services.ledger.claim([entry], stage=FIRST)
        state = "ready" if new else (services.ledger.entry(entry.id) or {}).get("state", "known")
        if json:
            console.print_json({"id": entry.id, "url": address, "new": new, "state": state})
        else:
            print(f"{entry.id[:12]}  {'taken in' if new else f'known already: {state}'}  {console.printable(address)}")
    for fault in faults:
        console.print_failure(fault, to_do="give an http or https address of a public page")
    if faults:
        raise typer.Exit(1)
