"""Old articles go: `kawat retention`."""

from __future__ import annotations

from typing import Annotated

import typer

from worker.commands import options


def register(app: typer.Typer) -> None:
    """Adds `retention` to the command line."""
    app.command()(retention)


def retention(
    days: Annotated[
        int | None, typer.Option("--days", min=1, max=36_500, help="Left out: KAWAT_RETENTION_DAYS.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only says what would go.")] = False,
    json: options.Json = False,
) -> None:
    """Removes articles first seen more than so many days ago, whole indices first; what readers kept stays.

    Their earlier texts and their places in stories go too. A feed that still lists one does not bring it back.

    Examples: kawat retention --days 365 --dry-run · kawat retention
    """
    from worker import console
    from worker.upkeep import remove_old
    from worker.upkeep import retention as planned

    services = options.services(options.LONG)
    wanted = days or services.settings.retention_days
    if not wanted:
        raise typer.BadParameter("say how many days are kept: --days 365, or set KAWAT_RETENTION_DAYS")
    failed = False
    removed = 0
    for one in planned(services, wanted).plan() if dry_run else remove_old(services, wanted):
        failed, removed = failed or bool(one.why), removed + one.removed
        if json:
            console.print_json({**one.model_dump(mode="json"), "dry_run": dry_run})
            continue
        goes = " with its index" if one.dropped else ""
        kept = f", {one.kept:,} stay because readers kept them" if one.kept else ""
        print(f"{one.index}: {one.removed:,} articles {'would go' if dry_run else 'gone'}{goes}{kept}")
        if one.why:
            console.print_failure(f"{one.index}: {one.why}", to_do="run it again; on a full disk make room first")
    if not removed and not json and not failed:
        print(f"No article is older than {wanted} days, but for those readers kept.")
    if failed:
        raise typer.Exit(1)
