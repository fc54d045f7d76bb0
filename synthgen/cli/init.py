"""`synthgen init`: a commented recipe to start from."""

from __future__ import annotations

from pathlib import Path

import typer


def init(
    path: Path = typer.Argument(Path("recipe.toml"), help="Where to write the recipe."),
) -> None:
    """Write a commented recipe, with every key at its default."""
    from synthgen.starter import write_starter

    write_starter(path)
    typer.echo(f"Wrote {path}. Edit it, then: synthgen run --recipe {path}")
