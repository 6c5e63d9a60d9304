"""All of it in a folder, and back: `kawat backup`, `kawat restore`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from worker.commands import options

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="The backup's folder.")]


def register(app: typer.Typer) -> None:
    """Adds `backup` and `restore` to the command line."""
    app.command()(backup)
    app.command()(restore)


def backup(folder: Folder, json: options.Json = False) -> None:
    """Writes indices, ledger, feeds, rules and settings into a new folder, while everything goes on, without secrets.

    Example: kawat backup /srv/backups/kawat-monday
    """
    from worker import console
    from worker.backup import backup as written

    manifest = written(options.services(options.LONG), folder)
    if json:
        console.print_json(manifest.model_dump(mode="json"))
        return
    documents = sum(manifest.indices.values())
    print(f"{documents:,} documents of {len(manifest.indices)} indices and the ledger stand in {folder}.")
    if manifest.left_out:
        print(f"Not in it, because secret: {', '.join(manifest.left_out)}.")


def restore(
    folder: Folder,
    force: Annotated[bool, typer.Option("--force", help="Overwrites what is there, all of it.")] = False,
    json: options.Json = False,
) -> None:
    """Brings a backup back into an empty stack. Settings are not applied: DIR/settings.env lists them.

    Examples: kawat restore /srv/backups/kawat-monday · kawat restore /srv/backups/kawat-monday --force
    """
    from worker import console
    from worker.backup import restore as brought_back

    manifest, rules_before = brought_back(options.services(options.LONG), folder, force=force)
    if json:
        before = str(rules_before) if rules_before else None
        console.print_json({**manifest.model_dump(mode="json"), "rules_before": before})
        return
    print(f"{sum(manifest.indices.values()):,} documents are back, as of {manifest.made:%Y-%m-%d %H:%M} UTC.")
    if rules_before:
        print(f"The rules that were here before stand in {rules_before}.")
    if manifest.left_out:
        print(f"Set anew what is secret: {', '.join(manifest.left_out)}.")
