"""`synthgen pack`: what the trainer gets, made again under other settings."""

from __future__ import annotations

from typing import Annotated

import typer

from synthgen.cli import options


def pack(
    run: options.RunFolder,
    recipe: options.RecipeFile = None,
    check: Annotated[
        bool, typer.Option("--check", help="Have the trainer, where it is installed, validate its configuration.")
    ] = False,
) -> None:
    """Pack the set of a run again and leave all that the trainer needs beside it. Nothing is asked.

    Of --recipe only [pack] and [training] count; without it, the run's own are used.

    Exit codes: 0 the rows are there; 1 error, such as a configuration that the trainer refuses; 2 usage.
    """
    import synthgen
    from synthgen.cli import output, progress
    from synthgen.report import packing

    with progress.terminate_as_interrupt(), progress.shown() as on_progress:
        result = synthgen.pack_run(run, recipe, on_progress=on_progress)
    output.headed(f"Packed: {result.paths.packed}")
    facts = packing.facts(result)
    if check:
        synthgen.check_packed(run)
        facts.append(("Checked", f"{result.recipe.training.trainer} takes its configuration"))
    output.show_facts(facts)
