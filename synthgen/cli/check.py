"""`synthgen check`: judge pairs of source and text that exist already."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from synthgen.cli import options


def check(
    pairs: Annotated[
        Path,
        typer.Argument(
            metavar="PAIRS.jsonl",
            help="A line a pair: `source`, `text` (or `record`, its JSON), `transformation` (or `kind`).",
            show_default=False,
        ),
    ],
    source: Annotated[
        Path | None,
        typer.Option(
            "--source", "-s", help="The text file that lines without `source` rest on; or the folder of their files."
        ),
    ] = None,
    transformation: Annotated[
        str, typer.Option(help="The transformation, or the kind, of lines that name none.")
    ] = "text",
    recipe: options.RecipeFile = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Where the verdicts go, a line a pair. Default: standard output.")
    ] = None,
) -> None:
    """Hold texts to their sources as a run would, without one. Nothing is sent, no teacher is needed.

    Each line out has `keep`, `reasons`, `scores` and `evidence`, in the order of the lines in.

    Exit codes: 0 all are kept; 1 error; 2 usage; 3 some are rejected.
    """
    from synthgen.checking import check_all, read_pairs, write_verdicts
    from synthgen.cli import checked, output

    tally = write_verdicts(check_all(read_pairs(pairs, source, transformation), recipe), out)
    checked.tally(tally, console=output.console if out else checked.beside_the_lines())
    raise typer.Exit(tally.exit_code)
