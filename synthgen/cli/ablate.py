"""`synthgen ablate`: what the set adds to a model, against the same tokens of something else."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from synthgen.cli import options


def ablate(
    run: options.RunFolder,
    recipe: options.RecipeFile = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="The ablation directory. Default: RUN/ablation.")
    ] = None,
    prepare_only: Annotated[
        bool, typer.Option("--prepare-only", help="Write arms, configurations and a cluster's script; train nothing.")
    ] = False,
    only: Annotated[
        str | None,
        typer.Option("--only", metavar="ARM/seed-N", help="Train and measure one training of what is prepared."),
    ] = None,
    collect: Annotated[
        bool, typer.Option("--collect", help="Report what has been trained, here or elsewhere; train nothing.")
    ] = False,
) -> None:
    """Train a model on each arm of [ablation], measure them all, and report. The same command again resumes.

    Of --recipe only [ablation], [training] and [pack] count; without it, the run's own are used.

    Exit codes: 0 all trainings are done and measured, or prepared; 1 error, or some are missing; 2 usage;
    130 interrupted.
    """
    from synthgen.ablation import whole
    from synthgen.cli import ablated, output, progress
    from synthgen.errors import UsageError

    if prepare_only + collect + (only is not None) > 1:
        raise UsageError("--prepare-only, --only and --collect exclude each other", fix="give one of them")
    with progress.terminate_as_interrupt(), progress.shown(only or "") as on_progress:
        if prepare_only:
            found = whole.prepare_only(run, recipe, out=out, on_progress=on_progress)
        elif only is not None:
            found = whole.train_one(run, only, out=out, on_progress=on_progress)
        elif collect:
            found = whole.collect(run, out=out, on_progress=on_progress)
        else:
            found = whole.ablate(run, recipe, out=out, on_progress=on_progress)
    ablated.show(found, output.console)
    raise typer.Exit(1 if collect and found.missing else 0)
