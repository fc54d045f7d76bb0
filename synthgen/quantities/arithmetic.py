"""Quantities that follow from several of the source by simple arithmetic."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from synthgen.quantities.agreement import EXACT, close
from synthgen.quantities.quantity import Quantity
from synthgen.quantities.source import Source
from synthgen.quantities.words import Words, value_of

NEAR = 15
"""Words between quantities that belong together."""


def derived(told: Quantity, row: Words, source: Source, case: Sequence[Quantity]) -> bool:
    """Whether sums, differences, products or conversions of the source's quantities give this one.

    `case` holds the quantities of a made-up patient, from which a dose may be worked out.
    """
    # A limit is a fact, which nobody works out from a patient.
    if not told.bound and any(_steps(told, own, source) for own in case if own.measure == told.measure):
        return True
    if any(_for_weight(told, own.low, source) for own in case if own.measure == "weight"):
        return True
    if told.measure.startswith("name:"):
        return False
    if told.is_range and _two_ends(told, source):
        return True
    if told.relation and _difference(told, source):
        return True
    if told.measure in ("mass", "weight"):
        return _in_all(told, source) or _of_weight(told, row, source)
    if told.measure == "time":
        return _sum(told, source) or _last_day(told, source)
    if told.measure == "":
        return _sum(told, source)
    if told.measure == "percent":
        return any(close(100 - told.low, other.low, EXACT) for other in source.of("percent"))
    return _other_scale(told, source)


def _steps(told: Quantity, own: Quantity, source: Source) -> bool:
    """Whether a value of the case and a quantity of the source give this one by sum or difference."""
    return any(
        close(told.low, own.low - other.low, EXACT) or close(told.low, own.low + other.low, EXACT)
        for other in source.of(told.measure)
    )


def _two_ends(told: Quantity, source: Source) -> bool:
    """Whether the ends of a range stand near each other, or are those of two ranges that meet."""
    others = source.of(told.measure)
    lows = [other for other in others if close(other.low, told.low, EXACT)]
    highs = [other for other in others if close(other.high, told.high, EXACT)]
    return any(
        a.high == b.low if a.is_range and b.is_range else not (a.is_range or b.is_range) and 0 < b.first - a.first < 40
        for a in lows
        for b in highs
    )


def _in_all(told: Quantity, source: Source) -> bool:
    """Whether an amount is a single dose times the doses a day, or times those of a whole course."""
    counts = [other for other in source.of("") if other.rate]
    courses = source.of("time")
    for one in source.of(told.measure):
        if one.rate and not told.rate and one.rate[1] > 1 and close(told.low, _daily(one), EXACT):
            return True
        for count in counts:
            beside = told.rate and count.rate and abs(count.first - one.last) < NEAR
            if beside and close(_daily(told), one.high * _daily(count), EXACT):
                return True
        for course in courses:
            if one.rate and not told.rate and 0 <= course.first - one.last < NEAR:
                low, high = one.low * one.rate[0] * course.low / 24, one.high * one.rate[1] * course.high / 24
                if close(told.low, low, EXACT) or close(told.high, high, EXACT):
                    return True
    return False


def _daily(quantity: Quantity) -> float:
    """The amount or number a day, at most."""
    return quantity.high * quantity.rate[1] if quantity.rate else quantity.high


def _of_weight(told: Quantity, row: Words, source: Source) -> bool:
    """Whether an amount is a dose per kilogram, or a percentage, of a body weight that stands beside it."""
    for i in range(max(0, told.first - NEAR), min(len(row.words) - 1, told.last + NEAR)):
        if row.words[i + 1] == "kg" and (weight := value_of(row.words[i])):
            if _for_weight(told, weight, source):
                return True
            if told.measure == "weight" and any(
                close(told.low, other.low / 100 * weight, EXACT) for other in source.of("percent")
            ):
                return True
    return False


def _for_weight(told: Quantity, weight: float, source: Source) -> bool:
    """Whether an amount, or an amount a day, is one per kilogram for a body weight in kilograms."""
    for other in source.of(f"{told.measure}/weight"):
        if close(told.low, other.low * weight, EXACT):
            return True
        if told.rate and other.rate and close(told.low * told.rate[0], other.low * other.rate[0] * weight, EXACT):
            return True
    return False


def _sum(told: Quantity, source: Source) -> bool:
    """Whether a count or time is the sum or difference of two that stand side by side."""
    others = source.of(told.measure)
    return not told.is_range and any(
        told.low in (a.low + b.low, abs(a.low - b.low)) and b.first - a.last < NEAR and not (a.is_range or b.is_range)
        for a, b in pairwise(others)
    )


def _difference(told: Quantity, source: Source) -> bool:
    """Whether an amount that is told as "lower than" or "more than" another is the difference of two."""
    values = {other.low for other in source.of(told.measure) if not other.is_range}
    return any(close(a - b, told.low, EXACT) for a in values for b in values)


def _last_day(told: Quantity, source: Source) -> bool:
    """Whether a time is as many days as the number of the last one ("on days 2 to 5")."""
    return any(close(told.low, 24.0 * other.high, EXACT) for other in source.of("name:day"))


def _other_scale(told: Quantity, source: Source) -> bool:
    """Whether a temperature is one of the source on the other scale."""
    if told.measure == "celsius":
        others, converted = source.of("fahrenheit"), told.low * 1.8 + 32
    elif told.measure == "fahrenheit":
        others, converted = source.of("celsius"), (told.low - 32) / 1.8
    else:
        return False
    return any(abs(other.low - converted) < 0.1 and told.bound * other.bound >= 0 for other in others)
