"""Options that several commands share."""

from __future__ import annotations

from typing import Any

import typer

SOURCE: Any = typer.Option(None, "--source", "-s", help="A file or folder with guidelines; repeat for several.")
RECIPE: Any = typer.Option(None, "--recipe", "-r", help="A recipe (TOML); `synthgen init` writes a commented one.")
OUT: Any = typer.Option(None, "--out", "-o", help="The run directory. Default: runs/NAME, after the first source.")
TEACHER: Any = typer.Option(
    None, "--teacher", "-t", help="extractive (default), openai:MODEL[@URL] ...; repeat for several."
)
PROMPTS: Any = typer.Option(None, "--prompts", help="A folder with transformations of your own.")
TARGET_TOKENS: Any = typer.Option(None, "--target-tokens", min=1, help="About how many tokens to make.")
RUN: Any = typer.Argument(..., help="A run directory.", show_default=False)
