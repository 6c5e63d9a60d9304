"""The local stack from the command line: up, down, doctor, service; and the settings in force."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from worker.local.doctor import Check

Json = Annotated[bool, typer.Option("--json", help="For programs: JSON on stdout.")]


def register(app: typer.Typer) -> None:
    """Adds the commands of this file."""
    panel = "This machine"
    app.command(rich_help_panel=panel)(up)
    app.command(rich_help_panel=panel)(down)
    app.command(rich_help_panel=panel)(doctor)
    app.command(rich_help_panel=panel)(settings)
    app.command(rich_help_panel=panel)(service)


def up(
    sample: Annotated[bool, typer.Option(help="Serve and read the sample news site.")] = True,
    detach: Annotated[bool, typer.Option("--detach", help="Come back once it is up; `kawat down` stops it.")] = False,
) -> None:
    """Starts Elasticsearch, Valkey, beat, workers and the page here, watches over them, and stops them at Ctrl-C.

    All on 127.0.0.1, state and logs in .kawat. The page opens first and shows how far the rest is. A process that dies
    is started again. Ctrl-C stops everything in order; a second one at once.

    Examples: kawat up · KAWAT_PAGE_PORT=8080 kawat up · kawat up --no-sample --detach
    """
    from importlib.metadata import version

    from worker.local.run import leave, run_detached, run_up
    from worker.settings import read_settings

    chosen = read_settings()
    if not sample:
        chosen = chosen.model_copy(update={"sample": False})
    leave(run_detached(chosen) if detach else run_up(chosen, version("kawat")))


def down() -> None:
    """Stops the `kawat up` of this state folder, wherever it was started, and what a killed one has left.

    Example: kawat down
    """
    from worker.local.run import run_down
    from worker.settings import read_settings

    raise typer.Exit(run_down(read_settings()))


def doctor(json: Json = False) -> None:
    """Looks at memory, disk, clock, ports, packages, services, the way out; says what to do. Exit code 1: a fault.

    Examples: kawat doctor · kawat doctor --json | jq '.checks[] | select(.state != "ok")'
    """
    from worker import console
    from worker.local.outside import examine
    from worker.settings import read_settings

    checks = examine(read_settings())
    failed = any(check.state == "fail" for check in checks)
    if json:
        console.print_json({"ok": not failed, "checks": [check.model_dump() for check in checks]})
    else:
        _print_checks(checks)
    raise typer.Exit(1 if failed else 0)


def settings(json: Json = False) -> None:
    """Every setting: the environment variable, the value in force, where it is from, what it does. Secrets are masked.

    Examples: kawat settings · kawat settings --json | jq .KAWAT_PAGE_PORT.value
    """
    import os

    from worker import console
    from worker.settings import Settings, read_settings, shown, variable

    found = read_settings()
    rows = {
        variable(name): {
            "value": shown(found, name),
            "from": _origin(variable(name), os.environ),
            "description": field.description or "",
        }
        for name, field in Settings.model_fields.items()
    }
    if json:
        console.print_json(rows)
        return
    out = console.output()
    from rich.text import Text

    for name, row in rows.items():
        given = row["from"] != "default"
        value = console.printable(row["value"]) or "(empty)"
        out.print(Text.assemble((name, "bold"), "=", (value, "green" if given else ""), (f"  {row['from']}", "dim")))
        out.print(Text(f"    {row['description']}", "dim"))


def _origin(name: str, environ: Mapping[str, str]) -> str:
    from worker.secretfiles import SUFFIX

    return "environment" if environ.get(name) else "file" if environ.get(name + SUFFIX) else "default"


def service(
    action: Annotated[Literal["install", "uninstall", "show"], typer.Argument(help="What to do.")],
    only_print: Annotated[bool, typer.Option("--print", help="Only show what would be written.")] = False,
) -> None:
    """Writes or removes a systemd user unit that runs `kawat up` here, with the settings now in force.

    Examples: kawat service install · kawat service install --print · kawat service uninstall
    """
    from worker import console
    from worker.local import service as units
    from worker.settings import read_settings

    path, out = units.unit_path(), console.output()
    if action == "show":
        if not path.exists():
            console.print_failure("there is no unit", where=str(path), to_do="kawat service install")
            raise typer.Exit(1)
        out.print(path.read_text(), markup=False, soft_wrap=True, end="")
        return
    if action == "uninstall":
        _uninstall(only_print=only_print)
        return
    chosen = read_settings()
    text = units.unit(chosen, Path.cwd())
    if only_print:
        out.print(text, markup=False, soft_wrap=True, end="")
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    out.print(f"Written: {path}\nIt runs `kawat up` in {Path.cwd()}. What next:", markup=False, soft_wrap=True)
    secrets = units.secrets(chosen)
    if secrets:
        out.print(
            f"  put {' and '.join(secrets)} as NAME=value into {units.secrets_path()}, then chmod 600 it", markup=False
        )
    for line in units.NEXT:
        out.print(f"  {line}", markup=False, soft_wrap=True)


def _uninstall(*, only_print: bool) -> None:
    from worker import console
    from worker.local import service as units

    path, out = units.unit_path(), console.output()
    if not path.exists():
        out.print(f"There is no unit at {path}.", markup=False, soft_wrap=True)
        return
    if only_print:
        out.print(f"Would remove {path}.", markup=False, soft_wrap=True)
        return
    path.unlink()
    out.print(f"Removed: {path}. If it runs:\n  {units.STOP}", markup=False, soft_wrap=True)


def _print_checks(checks: Sequence[Check]) -> None:
    from rich.text import Text

    from worker import console

    out = console.output()
    marks = {"ok": ("✓", "green"), "warn": ("!", "yellow"), "fail": ("✗", "red")}
    width = max(len(check.name) for check in checks)
    for check in checks:
        mark, style = marks[check.state]
        detail = console.printable(check.detail)
        out.print(
            Text.assemble(
                (mark, style), f" {check.name.ljust(width)}  ", (detail, "" if check.state == "ok" else style)
            )
        )
        if check.to_do:
            out.print(Text(f"{' ' * (width + 4)}what to do: {console.printable(check.to_do)}", "dim"))
