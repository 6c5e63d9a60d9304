"""The sample source: `kawat sample add|remove`."""

from __future__ import annotations

import typer

from worker.commands import options

app = typer.Typer(no_args_is_help=True, help="The sample news site that a new Kawat reads first.")


def register(parent: typer.Typer) -> None:
    """Adds `sample` to the command line."""
    parent.add_typer(app, name="sample")


@app.command()
def add() -> None:
    """Follows the sample site (again).

    Example: kawat sample add
    """
    from worker.sample import add_sample

    new = add_sample(options.services())
    print("The sample source is followed." if new else "The sample source was followed already.")


@app.command()
def remove() -> None:
    """Follows the sample site no longer and deletes its articles. It does not come back at the next start.

    Example: kawat sample remove
    """
    from worker.sample import remove_sample

    deleted = remove_sample(options.services())
    print(f"The sample source is gone, and {deleted} articles with it.")
