"""Quantities that follow from several of the source by simple arithmetic."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from synthgen.quantities.agreement import CALENDAR, EXACT, close
from synthgen.quantities.casework import LEFT
from synthgen.quantities.comparators import is_strict
from synthgen.quantities.conversions import is_converted, is_share
from synthgen.quantities.implied import is_implied
from synthgen.quantities.memo import places
from synthgen.quantities.quantity import Quantity
from synthgen.quantities.reading import DAY, quantities_of
from synthgen.quantities.reckoning import is_reckoned
from synthgen.quantities.source import Source
from synthgen.quantities.totals import is_total
from synthgen.quantities.unitless import YEAR
from synthgen.quantities.units import TIMES
from synthgen.quantities.words import Words

CLOSE = 8
"""Words between an amount and what says how many times another one it is."""
FAR = 45
"""Words between a dose and the body weight that it is worked out for."""
ROUNDED = 0.01
"""How far a share of a weight may be rounded."""
STEPPED = 12
"""Amounts that are tried as a step, its start and its end."""
NEAR = 15
"""Words between quantities that belong together."""


def derived(told: Quantity, row: Words, source: Source, case: Sequence[Quantity]) -> bool:
    """Whether sums, differences, products or conversions of the source's quantities give this one.

    `case` holds the quantities of a made-up patient, from which a dose may be worked out.
    """
    if any(_steps(told, own, row, source) for own in case if own.measure == told.measure):
        return True
    if any(_for_weight(told, own.low, source) for own in case if own.measure == "weight"):
        return True
    if is_reckoned(told, row, source, case):
        return True
    if told.measure.startswith("name:"):
        ends = [one.high for one in source.of(told.measure)]
        return told.is_range and told.low in ends and told.high in ends
    return _in_general(told, row, source) or _of_measure(told, row, source)


def _in_general(told: Quantity, row: Words, source: Source) -> bool:
    """Whether a value of any measure is made of two ends, the next whole number, a difference or a multiple."""
    if told.is_range and _two_ends(told, source):
        return True
    if told.bound and told.measure in ("", "time", "beats", "pressure") and _next_whole(told, row, source):
        return True
    if told.measure != "time" and _is_difference(told, row) and _difference(told, source):
        return True
    return _multiple(told, row, source)


def _of_measure(told: Quantity, row: Words, source: Source) -> bool:
    """Whether a value follows in a way of its measure alone."""
    if told.measure in _STEPPED and _is_step_up(told, source):
        return True
    if told.measure in ("drops", "units", "volume"):
        return is_total(told, row, source)
    if told.measure in ("mass", "weight"):
        return is_total(told, row, source) or _of_weight(told, row, source)
    if told.measure == "time":
        return _sum(told, source) or _of_days(told, source) or _course(told, source) or _of_one(told, source)
    if told.measure == "rate":
        return is_implied(told, row, source)
    if told.measure == "":
        return _sum(told, source) or is_share(told, row, source)
    return is_converted(told, row, source)


def _is_step_up(told: Quantity, source: Source) -> bool:
    """Whether an amount lies on the way of the source from one to another "by" so much."""
    amounts = [one for one in source.of(told.measure) if one.low]
    words = source.row.words
    return not told.is_range and any(
        words[step.first - 1] == "by"
        and step.low <= told.low - start.low
        and told.low <= end.high
        and close(steps := (told.low - start.low) / step.low, round(steps), EXACT)
        for step in amounts[:STEPPED]
        for start in amounts[:STEPPED]
        for end in amounts[:STEPPED]
    )


_STEPPED = frozenset({"mass", "drops", "units", "volume"})


def _steps(told: Quantity, own: Quantity, row: Words, source: Source) -> bool:
    """Whether a value of the case and a quantity of the source give this one by sum or difference."""
    return any(
        close(told.low, abs(own.low - other.low), EXACT) or close(told.low, own.low + other.low, EXACT)
        for other in source.of(told.measure)
        # A limit is a fact, which is worked out from a patient only where the source has it as a difference.
        if not told.bound
        or "by" in row.words[max(0, told.first - 4) : told.first]
        or not LEFT.isdisjoint(row.words[max(0, told.first - 4) : told.last + 2])
        or (other.bound == told.bound and any(one.relation for one in source.of(told.measure)))
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


def _of_weight(told: Quantity, row: Words, source: Source) -> bool:
    """Whether an amount is a dose per kilogram, or a percentage, of a body weight that stands beside it."""
    weights = [
        one.low for one in quantities_of(row.text)[1] if one.measure == "weight" and abs(one.first - told.first) < FAR
    ]
    if told.measure == "weight":
        shares = source.of("percent")
        return any(
            close(told.low, low / 100 * weight, ROUNDED) or close(told.low, (1 - low / 100) * weight, ROUNDED)
            for weight in weights
            for share in shares
            for low in (share.low, share.high)
            if weight != told.low
        )
    return any(_for_weight(told, weight, source) for weight in weights)


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


def _is_difference(told: Quantity, row: Words) -> bool:
    """Whether an amount is told as the difference of two: "10 mg more than", "a difference of 10 mg"."""
    if "points" in row.words[told.first : told.last] or row.words[told.last : told.last + 1] in _COMPARATIVES:
        return True
    return bool(told.relation) or "difference" in row.words[max(0, told.first - CLOSE) : told.first]


_COMPARATIVES = (["lower"], ["higher"], ["less"], ["more"], ["fewer"], ["greater"])


def _next_whole(told: Quantity, row: Words, source: Source) -> bool:
    """Whether "over 65" is told as "66 or older", or "at least two" for "more than one"."""
    size = told.low / told.raw[0] if told.raw[0] else 0.0
    strict = is_strict(row.words, told.first, told.bound)
    others = (*source.of(told.measure), *(source.of("" if told.measure else "time")))
    if not strict and any(
        other.bound == -told.bound
        and other.raw == (told.raw[0] - told.bound,) * 2
        and (not told.measure or (size and close(other.low, other.raw[0] * size, EXACT)))
        and (other.measure != "time" or other.low >= DAY)
        and not is_strict(source.row.words, other.first, other.bound)
        for other in others
    ):
        # What a limit leaves out: "10 or more" and "9 or less".
        return True
    if told.measure == "time" and size < YEAR:
        return False
    step = told.bound if strict else -told.bound
    return any(
        other.bound == told.bound
        and close(other.raw[0], told.raw[0] + step, EXACT)
        and (other.measure != told.measure or close(other.low, (told.raw[0] + step) * size, EXACT))
        and is_strict(source.row.words, other.first, other.bound) != strict
        for other in others
    )


def _difference(told: Quantity, source: Source) -> bool:
    """Whether an amount that is told as "lower than" or "more than" another is the difference of two."""
    values = {end for other in source.of(told.measure) for end in (other.low, other.high)}
    return any(close(a - b, told.low, EXACT) for a in values for b in values)


def _multiple(told: Quantity, row: Words, source: Source) -> bool:
    """Whether an amount is another one so many times as is said beside either ("half of a 4 mg tablet")."""
    if told.measure in ("", "time", "rate", "percent"):
        return False
    own = _factors(row.words, told)
    return any(
        close(told.low, other.low * factor, EXACT) and close(told.high, other.high * factor, EXACT)
        for other in source.of(told.measure)
        for factor in own or _factors(source.row.words, other)
    )


def _factors(words: Sequence[str], quantity: Quantity) -> list[float]:
    start, end = max(0, quantity.first - CLOSE), min(len(words) - 1, quantity.last + CLOSE)
    return [
        _FACTORS[words[i]]
        for i in range(start, end)
        if words[i] in _FACTORS and (words[i] != "twice" or words[i + 1] in ("the", "this", "that", "as", "his", "her"))
    ]


_FACTORS = {
    **dict.fromkeys(("half", "½", "halved", "halve", "halves", "halving"), 0.5),
    **dict.fromkeys(("double", "doubled", "doubling", "doubles", "twice"), 2.0),
    **dict.fromkeys(("triple", "tripled", "thrice"), 3.0),
    **dict.fromkeys(("quarter", "¼"), 0.25),
    **dict.fromkeys(("third", "⅓"), 1 / 3),
}
"""Words that say how many times an amount another one is; "twice" is more often twice a day."""


def _of_days(told: Quantity, source: Source) -> bool:
    """Whether a time is as many days as the number of the last one ("on days 2 to 5"), or lies between two of them."""
    days = source.of("name:day")
    if any(
        close(told.low, 24.0 * days_told, EXACT) for one in days for days_told in (one.high, one.high - one.low + 1)
    ):
        return True
    return any(close(told.low, 24.0 * (b.low - a.high), EXACT) for a, b in pairwise(days))


def _of_one(told: Quantity, source: Source) -> bool:
    """Whether a time is one that the source names without a number: the first 12 months are "the first year"."""
    words = source.row.words
    return any(
        words[i - 1] in _ONE and close(told.low, TIMES[words[i]].size, CALENDAR)
        for i in places(words, TIMES.__contains__)
        if i and not told.is_range
    )


_ONE = frozenset(
    {
        "first",
        "second",
        "last",
        "past",
        "previous",
        "preceding",
        "prior",
        "next",
        "following",
        "entire",
        "whole",
        "full",
    }
)
"""Words with which a time is one."""


def _course(told: Quantity, source: Source) -> bool:
    """Whether a time is what so many doses at such intervals take ("every 6 hours for 16 doses": four days)."""
    return any(
        rate.low and close(told.low, 24.0 * count.low / rate.low, EXACT)
        for rate in source.of("rate")
        for count in source.of("")
        if 0 <= count.first - rate.last < NEAR
    )
