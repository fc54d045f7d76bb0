"""Values that are worked out from those of a made-up case: sums, differences, multiples and shares of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

from synthgen.quantities.agreement import EXACT, close
from synthgen.quantities.conversions import shares_of
from synthgen.quantities.quantity import Quantity
from synthgen.quantities.source import Source

ROUNDING = 0.005
"""How far a quotient may be from the exact one, as a share of it."""
TERMS = 10
"""Values that are tried in threes."""
MANY = 12
"""Plain numbers up to this are the sum of too many."""
LEFT = frozenset(
    {"left", "remaining", "remain", "remains", "still", "go", "away", "short", "more", "another"}
    | {"lacking", "missing"}
)
"""Words with which it is told how much is missing of a limit, so that a comparator states none of its own."""


def is_of_case(told: Quantity, case: Sequence[Quantity], said: Sequence[Quantity], source: Source) -> bool:
    """Whether both ends of a value are made of one of the case and another one that was said, or a share of the
    source."""
    ends = {told.low, told.high}
    if all(any(_makes(end, told.measure, one, other) for one in case for other in said) for end in ends):
        return True
    alike = [one.low for one in case if one.measure == told.measure]
    added = told.low > MANY if not told.measure else told.measure in _WEIGHED
    if added and any(close(told.low, sum(parts), EXACT) for parts in combinations(alike[:TERMS], 3)):
        return True
    if not alike or told.measure in ("percent", "rate"):
        return False
    shares = [share for each in shares_of(source) for share in (each, 1 - each)]
    return all(any(close(end, share * one, ROUNDING) for share in shares for one in alike) for end in ends)


_WEIGHED = frozenset({"mass", "volume", "weight", "units"})


def _makes(value: float, measure: str, one: Quantity, other: Quantity) -> bool:
    """Whether a value is the sum, difference, product or quotient of ends of two others."""
    if one is other:
        return one.is_range and measure == one.measure and close(value, one.high - one.low, EXACT)
    if one.measure == other.measure:
        if measure == one.measure:
            return any(close(value, end, EXACT) for a, b in _ends(one, other) for end in (abs(a - b), a + b))
        if measure == "percent":
            return any(
                _rounds(value, 100 * a / b) or _rounds(value, 100 * b / a) for a, b in _ends(one, other) if a and b
            )
        return not measure and any(
            close(value, max(a, b) / min(a, b), ROUNDING) for a, b in _ends(one, other) if a and b
        )
    plain, amount = (one, other) if not one.measure else (other, one)
    if plain.measure or amount.measure != measure or plain.low <= 1:
        return False
    return close(value, plain.low * amount.low, EXACT) or close(value, amount.low / plain.low, ROUNDING)


def _ends(one: Quantity, other: Quantity) -> Iterator[tuple[float, float]]:
    return ((a, b) for a in {one.low, one.high} for b in {other.low, other.high})


def _rounds(told: float, exact: float) -> bool:
    return told in (round(exact), round(exact, 1))
