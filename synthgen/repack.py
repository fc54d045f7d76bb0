"""Packing a finished run again, under changed settings, without asking a teacher."""

from __future__ import annotations

from pathlib import Path

from synthgen.errors import UsageError
from synthgen.job import make_job
from synthgen.pipeline import RecipeLike, resolve
from synthgen.progress import OnProgress, silent
from synthgen.recipe import override
from synthgen.report.result import RunResult, load_run
from synthgen.session import claim, hand_over, held
from synthgen.training import make_trainer

PACKING = {"pack", "training"}
"""The sections of a recipe that decide what the trainer gets."""


def pack_run(path: str | Path, recipe: RecipeLike = None, *, on_progress: OnProgress = silent) -> RunResult:
    """Makes `packed/` of the run in `path` anew. Nothing is asked, and the source is not read.

    Of `recipe` only `[pack]` and `[training]` are taken, into the run's own recipe; None packs by what the run has. As
    everywhere, nothing is done where the result stands. Raises UsageError where the run has no selected records,
    RecipeError where the trainer cannot take what would be packed.
    """
    run = load_run(path)
    if "select" not in run.state.stages:
        raise UsageError(
            "the run has not come as far as packing", where=path, fix="go on with the `synthgen run` that made it"
        )
    wanted = run.recipe
    if recipe is not None:
        wanted = override(run.recipe, **resolve(None, recipe).model_dump(include=PACKING))
    job = make_job(wanted, run.path)
    with held(job, on_progress) as session, session.at_work.arrival():
        claim(job)
        work = session.stages()
        return hand_over(session, work, work.state.stages["select"].key)


def check_packed(path: str | Path) -> None:
    """Has the trainer validate its configuration in the run's `packed/`. Raises TrainingError."""
    run = load_run(path)
    make_trainer(run.recipe.training.trainer).check(run.paths.packed)
