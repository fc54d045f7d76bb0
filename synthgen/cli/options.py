"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Sources = Annotated[
    list[str] | None,
    typer.Option("--source", "-s", help="A file or folder with guidelines; repeat for several.", show_default=False),
]
RecipeFile = Annotated[
    Path | None,
    typer.Option("--recipe", "-r", help="A recipe (TOML); `synthgen init` writes a commented one."),
]
Out = Annotated[
    Path | None, typer.Option("--out", "-o", help="The run directory. Default: runs/NAME, after the first source.")
]
Teachers = Annotated[
    list[str] | None,
    typer.Option(
        "--teacher",
        "-t",
        help="extractive (default), openai:MODEL, openai:MODEL@URL ...; repeat for several.",
        show_default=False,
    ),
]
Prompts = Annotated[Path | None, typer.Option("--prompts", help="A folder with transformations of your own.")]
TargetTokens = Annotated[
    int | None, typer.Option("--target-tokens", min=1, help="How many tokens to make, within 2 %.")
]
Prices = Annotated[
    list[str] | None,
    typer.Option(
        "--price",
        metavar="MODEL=IN/OUT[/CACHED]",
        help="US dollars for a million prompt, completion and cached prompt tokens of a model; repeat for several.",
        show_default=False,
    ),
]
MaxCost = Annotated[
    float | None,
    typer.Option("--max-cost", min=0, metavar="USD", help="Stop before more than so many US dollars are spent."),
]
MaxRequests = Annotated[int | None, typer.Option("--max-requests", min=0, help="Stop after so many requests.")]
MaxHours = Annotated[float | None, typer.Option("--max-hours", help="Stop handing out requests after so many hours.")]
AllowChangedTeachers = Annotated[
    bool, typer.Option("--allow-changed-teachers", help="Go on with other teachers than those that answered.")
]
RunFolder = Annotated[Path, typer.Argument(metavar="RUN", help="A run directory.", show_default=False)]
