"""`synthgen doctor`: whether each teacher can be used, found out with one tiny request."""

from __future__ import annotations

import typer

from synthgen.cli import options


def doctor(recipe: options.RecipeFile = None, teacher: options.Teachers = None, price: options.Prices = None) -> None:
    """Ask each teacher one tiny request, and say what it can do, what it costs and what to mend.

    Exit codes: 0 every teacher can be used; 1 one cannot; 2 usage.
    """
    from synthgen.cli import teachers
    from synthgen.doctor import examine
    from synthgen.pipeline import resolve
    from synthgen.words import parse_price, with_prices

    wanted = with_prices(resolve(None, recipe, teachers=teacher), dict(map(parse_price, price or ())))
    found = examine(wanted)
    teachers.checkups(found)
    if not all(checkup.usable for checkup in found):
        raise typer.Exit(1)
