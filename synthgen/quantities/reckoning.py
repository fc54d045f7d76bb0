"""Values that a text works out for its reader, and says so: how far apart, how many in all, how long between."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from synthgen.quantities.agreement import CALENDAR, EXACT, close
from synthgen.quantities.numerals import SMALL
from synthgen.quantities.quantity import Quantity
from synthgen.quantities.reading import quantities_of
from synthgen.quantities.source import Source
from synthgen.quantities.unitless import YEAR
from synthgen.quantities.words import Words, listed

BEHIND, AROUND, FAR, LIST = 3, 8, 40, 120
"""Words behind a value and around it that say how it was worked out, words to what it was worked out from, and the
words of a list that is counted."""
TOGETHER = 20
"""Words between two ranges of the source that are multiplied."""
PAIRED = 60
"""Quantities of one measure that are tried in pairs."""
_APART = frozenset(
    listed("past over above below under beyond older younger more less short away higher lower outside off from")
)
_LATER = frozenset(listed("earlier later before after ago older newer between"))
_WIDE = frozenset(listed("window windows span spans wide range period"))
_LINKS = frozenset(listed("are is : include includes including comprise were named"))
_TOTALS = frozenset(listed("all total totals altogether overall together makes make e"))
_SPLIT = frozenset(listed("split divided"))
_ARE = frozenset(listed("is are was were lies falls exceeds"))
_BESIDE = _ARE | frozenset(
    listed(", and so thus well still just which within between inside below under above over beyond less more lower")
    + listed("higher greater than the limit of at least most to in range from ( not")
)
"""Words that set a value beside a limit."""
_JOINTS = frozenset({"and", "or", "plus"})


def is_reckoned(told: Quantity, row: Words, source: Source, case: Sequence[Quantity]) -> bool:
    """Whether a value is that of the case in another unit, or is worked out in a way that the words around it name."""
    if _is_reading(told, row, source):
        return True
    if not told.bound and any(
        own.measure == told.measure == "time" and close(told.low, own.low, CALENDAR) for own in case
    ):
        return True
    if told.is_range:
        if told.measure == "time" and _between_intervals(told, source):
            return True
        around = row.words[max(0, told.first - AROUND) : told.last + AROUND]
        return not _TOTALS.isdisjoint(around) and _product_of_ranges(told, source)
    if told.measure == "":
        return _counts_list(told, row.words) or _of_portions(told, row, source)
    if told.measure == "time" and (_between_years(told, row, source) or _width(told, row, source)):
        return True
    return _from_limit(told, row, source) or _is_split(told, row, source) or _of_portions(told, row, source)


def _between_intervals(told: Quantity, source: Source) -> bool:
    """Whether both ends are intervals of the source: "from 4 weeks to 8 weeks" for "every 4 weeks, later every 8"."""
    rates = [one for one in source.of("rate") if one.low]
    return all(any(close(24.0 / one.low, end, CALENDAR) for one in rates) for end in (told.low, told.high))


def _is_reading(told: Quantity, row: Words, source: Source) -> bool:
    """Whether a value is only set beside a limit or range of the source, and rightly: "a pulse of 58 is under 60"."""
    if told.bound or told.is_range or told.measure in _PORTIONED:
        return False
    following = (one for one in quantities_of(row.text)[1] if 0 < one.first - told.last < AROUND)
    limit = next(following, None)
    if limit is None or limit.measure not in (told.measure, "") or not (limit.bound or limit.is_range):
        return False
    between = row.words[told.last : limit.first]
    if not _BESIDE.issuperset(between) or not (limit.is_range or not _ARE.isdisjoint(between)):
        return False
    value, low, high = (told.raw[0], *limit.raw) if not limit.measure else (told.low, limit.low, limit.high)
    right = low <= value <= high if limit.is_range else (value - low) * limit.bound >= 0
    return right and any(other.raw == limit.raw for other in source.of(limit.measure))


def _product_of_ranges(told: Quantity, source: Source) -> bool:
    """Whether both ends are those of two ranges multiplied that stand together: 1-2 drops for 3-5 doses are 3 to 10.

    A range that is so often a day also counts with a number of days.
    """
    ones = [*source.of(told.measure), *(source.of("rate") if told.measure == "" else ())]
    times = [(one, 1.0) for one in source.of("") if told.measure] + [(one, 24.0) for one in source.of("time")]
    return any(
        close(told.low, one.low * other.low / size, EXACT)
        and close(told.high, one.high * other.high / size, EXACT)
        and abs(one.first - other.first) < TOGETHER
        for one in ones[:PAIRED]
        for other, size in times[:PAIRED]
        if (one.measure == "rate") == (size > 1) or one.rate
    )


def _counts_list(told: Quantity, words: Sequence[str]) -> bool:
    """Whether a number counts what its own sentence goes on to list ("three signs are A, B and C")."""
    count, depth, commas, joints, linked = told.raw[0], 0, 0, 0, False
    if told.bound or not 2 <= count <= 12:
        return False
    for i in range(told.last, min(len(words), told.last + LIST)):
        word = words[i]
        if word in ".?!\n":
            break
        depth += (word == "(") - (word == ")")
        linked = linked or word in _LINKS
        if linked and depth == 0:
            commas += word in ",;"
            joints += word in _JOINTS and words[i - 1] not in ",;"
    return joints + commas > 0 and count in (commas + 1, commas + 2 if joints else 0, commas + joints + 1)


def _between_years(told: Quantity, row: Words, source: Source) -> bool:
    """Whether a time is that between two years of the source ("three years earlier")."""
    if told.low % YEAR or _LATER.isdisjoint(row.words[told.last : told.last + BEHIND]):
        return False
    years = [value for value in source.digits if 1900 <= value < 2100]
    return any(value + told.raw[0] in years for value in years)


def _width(told: Quantity, row: Words, source: Source) -> bool:
    """Whether a time is how long one from the lower to the upper end of a range is ("an 8-week window")."""
    if _WIDE.isdisjoint(row.words[told.last : told.last + BEHIND]):
        return False
    return any(close(told.low, other.high - other.low, EXACT) for other in source.of("time") if other.is_range)


def _of_portions(told: Quantity, row: Words, source: Source) -> bool:
    """Whether a number of portions, the amount of one, and the amount of all are said together, and the source has the
    last or the first two: 4 g are 8 tablets of 500 mg."""
    if told.bound:
        return False
    near = [one for one in quantities_of(row.text)[1] if abs(one.first - told.first) <= AROUND and not one.is_range]
    pairs = [
        (count, one)
        for count, one in pairwise(near)
        if not count.measure and one.measure in _PORTIONED and one.first - count.last <= BEHIND and count.high > 1
    ]
    for count, one in pairs:
        whole = count.low * one.low
        if (told is count or told is one) and any(close(whole, each.low, EXACT) for each in source.of(one.measure)):
            return True
        if told.measure == one.measure and told is not one and close(whole, told.low, EXACT):
            return any(each.low == one.low for each in source.of(one.measure))
    return False


_PORTIONED = frozenset({"mass", "volume", "units", "drops"})


def _is_split(told: Quantity, row: Words, source: Source) -> bool:
    """Whether an amount is said to be split into so many of the source ("600 mg, split into two infusions")."""
    behind = row.words[told.last : told.last + AROUND]
    if _SPLIT.isdisjoint(behind):
        return False
    parts = [SMALL[word] for word in behind if word in SMALL]
    return any(close(told.low, part * other.low, EXACT) for part in parts for other in source.of(told.measure))


def _from_limit(told: Quantity, row: Words, source: Source) -> bool:
    """Whether a value is how far another one of the text is from one of the source ("8 points below the limit")."""
    if told.bound or (not told.relation and _APART.isdisjoint(row.words[told.last : told.last + BEHIND])):
        return False
    near = [
        one for one in quantities_of(row.text)[1] if one.measure == told.measure and abs(one.first - told.first) < FAR
    ]
    return any(
        close(told.low, abs(one.low - end), EXACT)
        for one in near
        for other in source.of(told.measure)
        for end in (other.low, other.high)
        if one is not told and end != one.low
    )
