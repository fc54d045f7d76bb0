"""`synthgen pilot`: a small part of the run first, and whether it is worth going on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from synthgen.cli import options

if TYPE_CHECKING:
    from synthgen.pilot.report import Pilot
    from synthgen.recipe import Recipe


def pilot(
    source: options.Sources = None,
    recipe: options.RecipeFile = None,
    out: options.Out = None,
    teacher: options.Teachers = None,
    prompts: options.Prompts = None,
    target_tokens: options.TargetTokens = None,
    price: options.Prices = None,
    max_cost: options.MaxCost = None,
    max_requests: options.MaxRequests = None,
    max_hours: options.MaxHours = None,
    allow_changed_teachers: options.AllowChangedTeachers = False,
    extracts: Annotated[
        int, typer.Option("--extracts", "-n", min=1, help="Ask about so many extracts, some of each document first.")
    ] = 40,
) -> None:
    """Ask a few extracts of each document first, and tell whether templates or teachers collapse.

    The answers are the run's own: `run` with the same options goes on from them.

    Exit codes: 0 the verdicts are there; 1 error; 2 usage; 3 the gate on collapsed was missed; 130 interrupted.
    """
    from synthgen.pipeline import asked_for

    caps = {"usd": max_cost, "requests": max_requests, "hours": max_hours}
    wanted = asked_for(source, recipe, price, caps, teachers=teacher, prompts=prompts, target_tokens=target_tokens)
    raise typer.Exit(piloted(wanted, out, extracts, allow_changed_teachers=allow_changed_teachers).exit_code)


def piloted(wanted: Recipe, out: Path | None, extracts: int, *, allow_changed_teachers: bool) -> Pilot:
    """Makes a pilot and shows what it found."""
    import synthgen
    from synthgen.cli import output, progress

    with progress.terminate_as_interrupt(), progress.shown() as on_progress:
        found = synthgen.run_pilot(
            recipe=wanted,
            out=out,
            extracts=extracts,
            allow_changed_teachers=allow_changed_teachers,
            on_progress=on_progress,
        )
    output.pilot(found)
    return found
