"""`synthgen prompts`: what is asked of the teachers."""

from __future__ import annotations

from pathlib import Path

import typer


def prompts(
    name: str = typer.Argument(None, help="A transformation; without one, all are listed."),
    extract: Path = typer.Option(None, help="A text file: show the exact messages that would be sent for it."),
    sample: int = typer.Option(0, min=0, help="Which sample of the extract: it decides the variation."),
    folder: Path = typer.Option(None, "--prompts", help="A folder with transformations of your own."),
) -> None:
    """List the transformations, or show what one would send."""
    from synthgen.cli import output
    from synthgen.transformations import load_transformations, named, preview

    available = load_transformations(folder)
    if name is None:
        output.transformations(available.values())
    elif extract is None:
        output.transformation(named(available, name))
    else:
        output.messages(preview(named(available, name), extract, sample))
