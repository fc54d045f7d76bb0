"""`synthgen plan`: what a run would take, before anything is sent."""

from __future__ import annotations

from synthgen.cli import options


def plan(
    source: options.Sources = None,
    recipe: options.RecipeFile = None,
    out: options.Out = None,
    teacher: options.Teachers = None,
    prompts: options.Prompts = None,
    target_tokens: options.TargetTokens = None,
) -> None:
    """Count the requests, tokens and dollars of a run. Nothing is sent, nothing is left behind."""
    import synthgen
    from synthgen.cli import output, progress
    from synthgen.pipeline import resolve

    wanted = resolve(source, recipe, teachers=teacher, prompts=prompts, target_tokens=target_tokens)
    with progress.shown() as on_progress:
        estimate = synthgen.plan(recipe=wanted, out=out, on_progress=on_progress)
    output.estimate(estimate)
