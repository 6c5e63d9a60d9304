"""The command line, `kawat`. The commands themselves stand in `worker/commands/`, each file adds its own."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from typing import Annotated, NoReturn

import typer

# In the order of the help. Each has `register(app)` and imports what is heavy only when one of its commands runs.
COMMANDS = (
    *("local", "flow", "search", "extract", "tags", "article", "entities", "feeds", "backfill", "sample", "quarantine"),
    *("processes", "entity", "kibana", "kliping", "index", "retention", "forget", "backup", "rules", "receipt"),
    *("alerts", "channels"),
)
USAGE, FAILURE = 2, 1  # exit codes
SERVICES = "kawat up starts the local services; kawat doctor says what is wrong"
FORESEEN = (  # module, class, what to do: their words are for people already
    ("search.ports", "ServiceUnavailable", SERVICES),
    ("redis.exceptions", "ConnectionError", SERVICES),
    ("redis.exceptions", "TimeoutError", SERVICES),
    ("redis.exceptions", "RedisError", "look at that server; KAWAT_REDIS_URL says which it is"),
    ("elasticsearch", "ApiError", "is KAWAT_ELASTICSEARCH_URL right, and does KAWAT_ELASTICSEARCH_API_KEY fit it?"),
    ("search.ports", "IncompleteAnswerError", "try again; if it stays, look at the cluster's health"),
    ("search.upkeep", "SchemaError", "run the Kawat that made this index, or a newer one"),
    ("search.lifecycle.copying", "UpgradeError", ""),
    ("search.lifecycle.snapshots", "SnapshotError", ""),
    ("worker.backup", "BackupError", ""),
    ("worker.turn", "BusyError", "wait until it has ended, then try again"),
    ("ingest.errors", "IngestError", ""),
    ("search.feeddesk", "UnwantedError", ""),
    ("ingest.tagging.names", "NamesError", "kawat entities lint shows each fault; KAWAT_GAZETTEER names the file"),
)
WHO = {  # where the error's own words don't say it
    "ConnectionError": "Valkey does not answer",
    "TimeoutError": "Valkey does not answer",
    "RedisError": "Valkey refuses",
    "ApiError": "Elasticsearch refuses",
}

app = typer.Typer(
    name="kawat",
    help="A streaming news wire: feeds to searchable, tagged articles in Elasticsearch.\n\n"
    "Examples: kawat up · kawat status · kawat search '\"kantor penghubung\" AND country:JP'",
    epilog="Settings are environment variables: see `kawat settings`. What is wrong with this machine: `kawat doctor`.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        print(f"kawat {version('kawat')}")
        raise typer.Exit


@app.callback()
def kawat(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Says which version this is.")
    ] = False,
) -> None:
    """Its docstring is the app's help above."""


for _name in COMMANDS:
    if importlib.util.find_spec(f"worker.commands.{_name}") is not None:
        importlib.import_module(f"worker.commands.{_name}").register(app)


def main() -> NoReturn:
    """Runs a command. What goes wrong is told in red: what, where, what to do; a traceback only for our own defects."""
    try:
        app(prog_name="kawat")
    except Exception as error:
        code = told(error)
        if code is None:
            raise
        sys.exit(code)
    sys.exit(0)


def told(error: Exception) -> int | None:
    """Prints an error that is meant for people and returns the exit code; None for any other.

    The classes are looked up here: whoever raised one has loaded its module, and `kawat --help` loads none.
    """
    from worker import console

    if isinstance(error, _known("worker.settings", "SettingsError")):
        console.print_failure(f"A setting is wrong.\n{error}", to_do="kawat settings shows each with its meaning")
        return USAGE
    if isinstance(error, _known("worker.local.errors", "SetupError")):
        console.print_failure(error.what, where=error.where, to_do=error.to_do)  # type: ignore[attr-defined]  # SetupError
        return FAILURE
    for module, name, to_do in FORESEEN:
        if isinstance(error, _known(module, name)):
            console.print_failure(f"{WHO[name]}: {error}" if name in WHO else str(error), to_do=to_do)
            return FAILURE
    return None


def _known(module: str, name: str) -> tuple[type[Exception], ...]:
    loaded = sys.modules.get(module)
    return (getattr(loaded, name),) if loaded is not None else ()


if __name__ == "__main__":
    main()
