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
    price: options.Prices = None,
    max_cost: options.MaxCost = None,
    max_requests: options.MaxRequests = None,
    max_hours: options.MaxHours = None,
) -> None:
    """Estimate the requests, tokens, dollars and hours of a run. Nothing is sent, nothing is left behind.

    Where the run has answers already, the estimate of the rest is measured on them.
    """
    import synthgen
    from synthgen.cli import progress, teachers
    from synthgen.pipeline import asked_for

    caps = {"usd": max_cost, "requests": max_requests, "hours": max_hours}
    wanted = asked_for(source, recipe, price, caps, teachers=teacher, prompts=prompts, target_tokens=target_tokens)
    with progress.shown() as on_progress:
        expected = synthgen.plan(recipe=wanted, out=out, on_progress=on_progress)
    teachers.estimate(expected)
