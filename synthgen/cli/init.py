"""`synthgen init`: a commented recipe to start from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def init(
    path: Annotated[Path, typer.Argument(help="Where to write the recipe.")] = Path("recipe.toml"),
) -> None:
    """Write a commented recipe to start from."""
    from synthgen.starter import write_starter

    write_starter(path)
    typer.echo(f"Wrote {path}. Edit it, then: synthgen run --recipe {path}")
