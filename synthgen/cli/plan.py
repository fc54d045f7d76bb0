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
    from synthgen.pipeline import resolve
    from synthgen.words import parse_price, with_prices

    wanted = resolve(
        source,
        recipe,
        teachers=teacher,
        prompts=prompts,
        target_tokens=target_tokens,
        budget={"usd": max_cost, "requests": max_requests, "hours": max_hours},
    )
    wanted = with_prices(wanted, dict(map(parse_price, price or ())))
    with progress.shown() as on_progress:
        expected = synthgen.plan(recipe=wanted, out=out, on_progress=on_progress)
    teachers.estimate(expected)
