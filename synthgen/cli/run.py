"""`synthgen run`: the whole way from guidelines to a packed set."""

from __future__ import annotations

from typing import Annotated

import typer

from synthgen.cli import options


def run(
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
    shard: Annotated[
        str,
        typer.Option("--shard", metavar="I/N", help="Ask for part I of N only, on one of N hosts that share --out."),
    ] = "1/1",
    pilot: Annotated[
        int | None,
        typer.Option(
            "--pilot",
            min=1,
            metavar="N",
            help="Ask about N extracts first, and stop there if the gate on collapsed says so.",
        ),
    ] = None,
    allow_changed_teachers: options.AllowChangedTeachers = False,
) -> None:
    """Make a training set from guidelines. The same command again resumes, or says that nothing is left to do.

    With --shard, several hosts work on one run; whichever ends last makes the set.

    Exit codes: 0 the set is there and passed its gates; 1 error; 2 usage; 3 a gate was missed; 130 interrupted.
    """
    import synthgen
    from synthgen.cli import output, progress
    from synthgen.cli.pilot import piloted
    from synthgen.errors import UsageError
    from synthgen.pipeline import asked_for

    caps = {"usd": max_cost, "requests": max_requests, "hours": max_hours}
    wanted = asked_for(source, recipe, price, caps, teachers=teacher, prompts=prompts, target_tokens=target_tokens)
    if pilot is not None:
        if shard != "1/1":
            raise UsageError("a shard asks no pilot", fix="run `synthgen pilot` before the shards")
        found = piloted(wanted, out, pilot, allow_changed_teachers=allow_changed_teachers)
        if found.exit_code:
            raise typer.Exit(found.exit_code)
    with progress.terminate_as_interrupt(), progress.shown("" if shard == "1/1" else f"shard {shard}") as on_progress:
        result = synthgen.run(
            recipe=wanted,
            out=out,
            shard=shard,
            allow_changed_teachers=allow_changed_teachers,
            on_progress=on_progress,
        )
    output.result(result)
    raise typer.Exit(result.exit_code)
