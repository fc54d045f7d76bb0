"""Amounts that are the total of several of the source: of a day, of a course, of those side by side."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from synthgen.quantities.agreement import EXACT, close
from synthgen.quantities.quantity import Quantity
from synthgen.quantities.reading import quantities_of
from synthgen.quantities.source import Source
from synthgen.quantities.words import Words

MANY = 12
"""Doses or tablets that are taken together at most."""
CLOSE = 8
"""Words around an amount in which it is called a total."""
NEAR = 15
"""Words between quantities that belong together."""


def is_total(told: Quantity, row: Words, source: Source) -> bool:
    """Whether an amount is that of a day or a course, or the sum of amounts that stand together."""
    return _in_all(told, source) or _together(told, row, source)


def _in_all(told: Quantity, source: Source) -> bool:
    """Whether an amount is a single dose times the doses a day, or times those of a whole course."""
    counts = [other for other in source.of("") if other.rate]
    courses = source.of("time") + source.of("rate")
    for one in source.of(told.measure):
        once = not told.rate or told.rate == (1.0, 1.0)
        both = not told.is_range or (one.rate and close(told.low, one.low * one.rate[0], EXACT))
        if one.rate and once and both and one.rate[1] > 1 and close(told.high, _daily(one), EXACT):
            return True
        for count in counts:
            beside = told.rate and count.rate and abs(count.first - one.last) < NEAR
            if beside and close(_daily(told), one.high * _daily(count), EXACT):
                return True
        for course in courses:
            if one.rate and not told.rate and 0 <= course.first - one.last < NEAR and course.low != one.rate[0]:
                hours = (24 / course.high, 24 / course.low) if course.measure == "rate" else (course.low, course.high)
                low, high = one.low * one.rate[0] * hours[0] / 24, one.high * one.rate[1] * hours[1] / 24
                if close(told.low, low, EXACT) or close(told.high, high, EXACT):
                    return True
            # "150 mg over 10 minutes" runs at 15 mg a minute.
            over = told.rate and not one.rate and course.measure == "time" and 0 <= course.first - one.last < CLOSE
            if over and told.rate and course.low and close(_daily(told), 24 * one.high / course.low, EXACT):
                return True
    return False


def _together(told: Quantity, row: Words, source: Source) -> bool:
    """Whether an amount that is told as a total is the sum of two that stand side by side, or one of so many ("2
    tablets of 250 mg"), or that of its parts, which are told behind it ("50 units, 30 of them with breakfast")."""
    if told.bound or told.is_range:
        return False
    amounts = source.of(told.measure)
    if _of_parts(told, row, amounts):
        return True
    if _TOTALS.isdisjoint(row.words[max(0, told.first - CLOSE) : told.last + CLOSE]):
        return False
    if any(
        close(told.low, sum([one.low for one in amounts[i : i + n]]), EXACT) for n in (2, 3) for i in _runs(amounts, n)
    ):
        return True
    totals = [one for one in amounts if "total" in source.row.words[one.last : one.last + 2]]
    if any(close(told.low, a.low + b.low, EXACT) for a, b in pairwise(totals)):
        return True
    return any(
        -CLOSE < one.first - count.last < CLOSE and close(told.low, one.low * count.high, EXACT)
        for count in source.of("")
        if count.high <= MANY
        for one in amounts
    )


def _of_parts(told: Quantity, row: Words, amounts: Sequence[Quantity]) -> bool:
    """Whether the next two or three amounts, which the source has, make this one."""
    known = {one.low for one in amounts}
    behind = [
        one.low
        for one in quantities_of(row.text)[1]
        if 0 < one.first - told.last < 2 * NEAR and one.measure == told.measure and not one.is_range
    ]
    return any(
        len(behind) >= n and known.issuperset(behind[:n]) and close(told.low, sum(behind[:n]), EXACT) for n in (2, 3)
    )


def _runs(amounts: Sequence[Quantity], length: int) -> list[int]:
    """Where so many amounts begin that stand side by side."""
    return [
        i
        for i in range(len(amounts) - length + 1)
        if all(b.first - a.last < NEAR for a, b in pairwise(amounts[i : i + length]))
    ]


_TOTALS = frozenset(
    {"total", "totals", "totalling", "totaling", "altogether", "together", "combined", "sum", "all", "adds", "adding"}
)


def _daily(quantity: Quantity) -> float:
    """The amount or number a day, at most."""
    return quantity.high * quantity.rate[1] if quantity.rate else quantity.high
