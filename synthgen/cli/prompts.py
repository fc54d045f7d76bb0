"""`synthgen prompts`: what is asked of the teachers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from synthgen.cli import options


def prompts(
    name: Annotated[str | None, typer.Argument(help="A transformation; without one, all are listed.")] = None,
    extract: Annotated[
        Path | None, typer.Option(help="A text file: show the exact messages that would be sent for it.")
    ] = None,
    sample: Annotated[int, typer.Option(min=0, help="Which sample of the extract: it decides the variation.")] = 0,
    folder: options.Prompts = None,
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
