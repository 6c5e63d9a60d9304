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
    from worker import console
    from worker.sample import add_sample

    services = options.services()
    if not services.settings.sample:
        console.print_failure(
            "the sample site is switched off", where="KAWAT_SAMPLE=false", to_do="start `kawat up` without that setting"
        )
        raise typer.Exit(1)
    new = add_sample(services)
    print("The sample source is followed." if new else "The sample source was followed already.")


@app.command()
def remove() -> None:
    """Follows the sample site no longer and deletes its articles. It does not come back at the next start.

    Example: kawat sample remove
    """
    from worker import console
    from worker.sample import remove_sample

    gone = remove_sample(options.services())
    if gone.held:
        console.print_failure(
            f"{gone.articles} articles of the sample source are gone; a worker still holds {gone.held} of its entries",
            to_do="in a minute: kawat sample remove",
        )
        raise typer.Exit(1)
    print(f"The sample source is gone, and {console.counted(gone.articles, 'article')} with it.")
