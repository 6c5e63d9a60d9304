"""Data views, searches and dashboards for Kibana: `kawat kibana export|install`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="Data views, searches and dashboards for Kibana 8.9 and later.")
STDOUT = "-"


def register(parent: typer.Typer) -> None:
    """Adds `kibana` to the command line."""
    parent.add_typer(app, name="kibana")


@app.command()
def export(
    out: Annotated[
        Path, typer.Option("--out", metavar="FILE", help="Where to; - is standard output.", allow_dash=True)
    ] = Path(STDOUT),
) -> None:
    """Writes what Kibana imports: under Stack Management → Saved Objects → Import, or by `kawat kibana install`.

    Example: kawat kibana export --out kawat.ndjson
    """
    import sys

    from search.kibana.export import exported
    from worker import console
    from worker.settings import read_settings

    objects = exported(read_settings().index_prefix)
    if str(out) == STDOUT:
        sys.stdout.buffer.write(objects)
        return
    try:
        out.write_bytes(objects)
    except OSError as error:
        console.print_failure(f"{out} cannot be written: {error.strerror or error}")
        raise typer.Exit(1) from error
    objects_count = objects.count(b"\n")
    print(f"{objects_count} objects in {out}.")


@app.command()
def install(
    url: Annotated[str, typer.Option("--url", help="Kibana's address; left out, KAWAT_KIBANA_URL.")] = "",
    space: Annotated[str, typer.Option("--space", help="Into this space; left out, the one of the address.")] = "",
    api_key_file: Annotated[
        Path | None,
        typer.Option("--api-key-file", metavar="FILE", help="Holds the API key; left out, KAWAT_KIBANA_API_KEY."),
    ] = None,
    user: Annotated[str, typer.Option("--user", help="Who asks, where there is no API key.")] = "",
    password_file: Annotated[
        Path | None, typer.Option("--password-file", metavar="FILE", help="Holds that user's password.")
    ] = None,
) -> None:
    """Imports data views, searches and dashboards into a Kibana, over those of an earlier time. Safe to repeat.

    A key or password is never an argument: every process of the machine could read it.

    Examples: kawat kibana install --url http://127.0.0.1:5601 · kawat kibana install --space desk
    """
    from search.kibana.export import exported
    from search.kibana.install import KibanaError
    from search.kibana.install import install as import_objects
    from worker import console
    from worker.settings import read_settings

    settings = read_settings()
    address = url or settings.kibana_url
    if not address.startswith(("http://", "https://")):
        console.print_failure(
            f"{address!r} is no address of a Kibana" if address else "no Kibana is named",
            to_do="kawat kibana install --url http://127.0.0.1:5601, or set KAWAT_KIBANA_URL",
        )
        raise typer.Exit(2)
    if bool(user) != (password_file is not None):
        console.print_failure("--user and --password-file go together")
        raise typer.Exit(2)
    key = settings.kibana_api_key.get_secret_value() if settings.kibana_api_key else None
    key = _secret(api_key_file) if api_key_file else key
    login = (user, _secret(password_file)) if password_file else None
    try:
        done = import_objects(address, exported(settings.index_prefix), space=space, api_key=key, login=login)
    except KibanaError as error:
        console.print_failure(str(error), to_do="or import the file by hand: kawat kibana export --out kawat.ndjson")
        raise typer.Exit(1) from error
    for fault in done.faults:
        console.print_failure(fault)
    print(f"{done.count} objects imported." + (f" {len(done.faults)} were refused." if done.faults else ""))
    if done.faults:
        raise typer.Exit(1)


def _secret(file: Path) -> str:
    """What stands in `file`, without the line's end."""
    from worker import console

    try:
        found = file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        console.print_failure(f"{file} cannot be read: {getattr(error, 'strerror', None) or error}")
        raise typer.Exit(2) from error
    if not found or "\n" in found:
        console.print_failure(f"{file} holds no secret: one line is expected")
        raise typer.Exit(2)
    return found
