"""Quantities read from a row of words."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from synthgen.quantities import comparators
from synthgen.quantities.clock import hour_at
from synthgen.quantities.directions import in_a_row
from synthgen.quantities.frequencies import ADVERBS, OPENING, frequency_at, times_at
from synthgen.quantities.memo import Memo, places
from synthgen.quantities.neighbours import attach_rates, join_times, share_units
from synthgen.quantities.numerals import DASHES, NUMERALS, numeral_at, powered, value_at
from synthgen.quantities.quantity import Quantity
from synthgen.quantities.stems import stem
from synthgen.quantities.unitless import NAMED, YEAR, is_marker, is_of_a_case, measured
from synthgen.quantities.units import TIMES, Found, unit_at
from synthgen.quantities.words import Words, split, value_of

MAX_QUANTITIES = 400
"""Of more quantities in one text only the first are read; an extract has seldom 100."""
_OPENING = NUMERALS | OPENING | {"an"}
_OPENS = Memo(lambda word: word in _OPENING or word[0].isdecimal() or (word[0] == "." and len(word) > 1))
_PLURAL_TIMES = frozenset({"minutes", "hours", "days", "weeks", "months", "years"})
_YEARS = frozenset({"year", "years", "yr", "yrs", "yo"})
DAY = 24.0
_OF_CLOCK = ([":"], ["a"], ["p"], ["am"], ["pm"])
_WITHIN_A_DAY = frozenset({"in", "within", "per", "a", "each", "any", "every"})


@lru_cache(maxsize=16)
def quantities_of(text: str) -> tuple[Words, Sequence[Quantity]]:
    """The words of a text and its quantities, in order; the same objects for the same text while it is looked at."""
    row = split(text)
    return row, read(row)


def read(row: Words) -> list[Quantity]:
    """The quantities of a text, in order."""
    words = row.words
    found: list[Quantity] = []
    after, stop = 0, 0
    for i in places(words, _OPENS.__getitem__):
        if i < after or len(found) >= MAX_QUANTITIES:
            continue
        word, end = words[i], i
        value = None if word in _OPENING else value_of(word)
        if value is not None and value <= DAY and words[i + 1 : i + 2] in _OF_CLOCK and (clock := hour_at(words, i)):
            end = stop = clock[1]
            found.append(Quantity(i, end, clock[0], clock[0], "name:clock", (clock[0], clock[0])))
        elif value is not None:
            end = stop = _number(words, found, i, i + 1, value, stop)
        elif word in _OPENING:
            end = _worded(words, found, i, stop)
            # A comparator reaches over "daily" to its number: "a maximum daily dose of 5 mg".
            stop = end if end > i and word not in ADVERBS else stop
        after = end
    share_units(words, found)
    found = join_times(words, found)
    attach_rates(words, found)
    return found


def _worded(words: Sequence[str], found: list[Quantity], i: int, stop: int) -> int:
    """Reads a number in words or a frequency at `words[i]`; the index after it, or `i` where there is none."""
    if words[i] in NUMERALS:
        numeral = numeral_at(words, i)
        return _number(words, found, i, numeral[1], numeral[0], stop, in_words=True) if numeral else i
    if words[i] in ("a", "an") and words[i + 2 : i + 5] == ["and", "a", "half"] and words[i + 1] in TIMES:
        size = 1.5 * TIMES[words[i + 1]].size
        found.append(Quantity(i, i + 5, size, size, "time", (1.5, 1.5), comparators.bound_before(words, i, stop)))
        return i + 5
    if words[i] in ("a", "an") and _one_time(words, i):
        return _number(words, found, i, i + 1, 1.0, stop, in_words=True)
    rate = frequency_at(words, i)
    return _add_rate(found, i, rate, comparators.bound_of_rate(words, i, stop)) if rate else i


def _one_time(words: Sequence[str], i: int) -> bool:
    """Whether "a week" at `words[i]` is one week: "at least a week", "a week apart"."""
    if i + 1 >= len(words) or words[i + 1] not in TIMES or not i:
        return False
    return words[i - 1] in _BEFORE_ONE or words[i + 2 : i + 3] in (["apart"], ["before"], ["after"], ["later"])


_BEFORE_ONE = frozenset({"in", "least", "most", "than", "within", "under", "over", "after", "until"})


def _add_rate(found: list[Quantity], first: int, rate: tuple[float, float, int], bound: int = 0) -> int:
    low, high, last = rate
    found.append(Quantity(first, last, low, high, "rate", (low, high), bound))
    return last


class _Numbers(NamedTuple):
    """A number or range as written, with the units of its ends and the index after it."""

    raw: tuple[float, float]
    unit: Found | None
    upper: Found | None
    last: int


def _number(
    words: Sequence[str],
    found: list[Quantity],
    first: int,
    end: int,
    value: float,
    stop: int,
    *,
    in_words: bool = False,
) -> int:
    """Reads the quantity whose first number is `words[first:end]`; returns the index after what was read."""
    value, end = powered(words, end, value)
    if not in_words and is_marker(words, first, end, value):
        return end
    if in_words and value < 1 and end < len(words) and words[end] in ("a", "an", "of"):
        end += 2 if words[end : end + 2] in (["of", "a"], ["of", "an"]) else 1
    raw, unit, upper, last = _without_feet(words, end, value) if in_words else _range(words, end, value)
    measure = unit.measure if unit else ""
    low, high = raw[0] * (unit.size if unit else 1.0), raw[1] * (upper.size if upper else 1.0)
    if (rate := _times(words, first, last, raw, stop, unit)) is not None:
        found.append(rate)
        return rate.last
    if unit is None:
        special = measured(words, first, last, raw)
        if special is not None:
            measure, low, high, last = special
    if measure == "time" and low == high == DAY and first and words[first - 1] in _WITHIN_A_DAY:
        return _add_rate(found, first, (1.0, 1.0, last))
    is_age = measure == "time" and (words[last - 1] in _YEARS or low % YEAR == 0 < low)
    bound = comparators.bound_of(words, first, last, stop, is_age=is_age, is_range=raw[0] != raw[1])
    if in_words and not measure and raw[0] <= 1 and not bound:
        # More often a pronoun, or part of a name, than a number; not so in "at least one" and "less than half".
        return last
    relation = _relation(words, last, measure)
    if relation < 0 and words[max(0, first - 2) : first] in _SOONER:
        # The earlier it is, the longer before: "no earlier than 4 weeks before" are 4 weeks at most.
        bound = -bound
    of_a_case = not bound and is_of_a_case(words, first, last, measure)
    found.append(
        Quantity(first, last, low, high, measure, raw, bound, relation, in_words=in_words, of_a_case=of_a_case)
    )
    if upper is not None and upper.rate is not None:
        found.append(Quantity(upper.rate_start, last, upper.rate, upper.rate, "rate", (upper.rate, upper.rate)))
    return last


def _feet_and_inches(words: Sequence[str], end: int, feet: float) -> float | None:
    """The inches of a height whose feet end before `words[end]`, where both have their mark (5'8")."""
    if end + 2 >= len(words) or words[end] not in ("'", "’", "′") or words[end + 2] not in ('"', "”", "″"):
        return None
    inches = value_of(words[end + 1])
    return 12 * feet + inches if inches is not None and inches < 12 else None


INCH = 0.0254
_SOONER = (["earlier", "than"], ["later", "than"], ["sooner", "than"])


def _without_feet(words: Sequence[str], end: int, value: float) -> _Numbers:
    """The number in words that ends before `words[end]`; "one foot" is more often a part of the body than a length."""
    found = _range(words, end, value)
    body = found.unit is not None and words[found.unit.end - 1] in ("foot", "feet")
    return _Numbers((value, value), None, None, end) if body else found


def _times(
    words: Sequence[str], first: int, end: int, raw: tuple[float, float], stop: int, unit: Found | None
) -> Quantity | None:
    """The frequency of so many times, or days of a week, that begins at `words[first]` and goes on at `words[end]`."""
    after = 0
    if unit is None:
        if words[end : end + 1] == ["or"] and (after := comparators.bound_after(words, end)):
            end += 2
        rate = times_at(words, end, raw)
    elif unit.measure != "time" or unit.size != DAY:
        return None
    elif unit.rate is None:
        rate = times_at(words, unit.end - 1, raw)
    else:
        # "5 days/week"
        rate = (raw[0] * unit.rate, raw[1] * unit.rate, unit.end) if unit.rate < 1 / 6 else None
    if rate is None:
        return None
    low, high, last = rate
    return Quantity(first, last, low, high, "rate", (low, high), after or comparators.bound_before(words, first, stop))


def _relation(words: Sequence[str], end: int, measure: str) -> int:
    """How a quantity that ends before `words[end]` stands to what follows: before it or after it, more or less."""
    if measure != "time":
        return comparators.difference_after(words, end)
    relation = comparators.relation_after(words, end)
    return 0 if relation and in_a_row(words, end) else relation


def _range(words: Sequence[str], end: int, value: float) -> _Numbers:
    """The number that ends before `words[end]` with its unit, or the range that it opens."""
    if (inches := _feet_and_inches(words, end, value)) is not None:
        height = Found("length", INCH, end + 3, None, 0, "")
        return _Numbers((inches, inches), height, height, end + 3)
    unit = _unit(words, end)
    last = unit.end if unit else end
    upper = _upper_end(words, last, has_unit=unit is not None)
    if upper is None:
        return _Numbers((value, value), unit, unit, last)
    other, other_end, other_unit = upper
    below, above = unit or other_unit, other_unit or unit
    if below is not None and above is not None:
        rises = below.measure == above.measure and 0 < value * below.size <= other * above.size
    else:
        rises = value < other
    if rises and (value < other or other_unit is not None):
        return _Numbers((value, other), below, above, other_end)
    return _Numbers((value, value), unit, unit, last)


def _upper_end(words: Sequence[str], i: int, *, has_unit: bool) -> tuple[float, int, Found | None] | None:
    """The upper end of a range whose lower one ends before `words[i]`, the index after it, and its unit."""
    joint = words[i] if i + 1 < len(words) else ""
    if joint == "or" and not has_unit:
        value = value_at(words, i + 1)
        if value is None or words[max(0, i - 2)] in NAMED:
            return None
        below = value_at(words, i - 1)
        is_count = words[value[1] : value[1] + 1] == ["times"]
        if not is_count and (below is None or value[0] != below[0] + 1):
            return None
        unit = _unit(words, value[1])
        return value[0], (unit.end if unit else value[1]), unit
    if joint not in DASHES and joint not in ("to", "and", "through", "up"):
        return None
    k = i + 1
    if joint in ("and", "up") and (k := _after_and(words, i)) < 0:
        return None
    if joint in DASHES and words[k] in ("to", "or"):
        # "4- to 6-week", "one-to-two"
        k += 2 if words[k + 1 : k + 2] and words[k + 1] in DASHES else 1
    if joint == "to" and words[k] in ("<", "less", "under", "below"):
        k += 2 if words[k] == "less" else 1
    value = value_at(words, k)
    if value is None:
        return None
    number, end = powered(words, value[1], value[0])
    if number < 1 and words[end : end + 1] in (["a"], ["an"]):
        end += 1
    unit = _unit(words, end)
    return number, (unit.end if unit else end), unit


def _after_and(words: Sequence[str], i: int) -> int:
    """Where the upper end of "between 2 and 4", "from 2 up to 4" or "at least 2 and no more than 4" stands, or -1."""
    if words[i] == "up":
        return i + 2 if words[i + 1] == "to" and "from" in words[max(0, i - 4) : i] else -1
    if words[i + 1 : i + 4] in _AT_MOST and not _LEAST.isdisjoint(words[max(0, i - 4) : i]):
        return i + 4
    opened = "between" in words[max(0, i - 5) : i] or "from" in words[max(0, i - 3) : i]
    return i + 1 if opened else -1


_AT_MOST = (["no", "more", "than"], ["not", "more", "than"])
_LEAST = frozenset({"least", "fewer", "less", "minimum"})


def _unit(words: Sequence[str], end: int) -> Found | None:
    """The unit at `words[end]`: joined by a dash, behind an adjective or route, or a count per volume ("2,000/µL")."""
    if end >= len(words):
        return None
    if words[end] in DASHES and end + 1 < len(words):
        return unit_at(words, end + 1) if words[end + 1].isalpha() else None
    if words[end] == "/":
        return _count(words, end)
    if words[end] in ("cell", "cells") and words[end + 1 : end + 2] in (["/"], ["per"]):
        return _count(words, end + 1)
    if words[end] in _ROUTES:
        return unit_at(words, end + 1)
    return unit_at(words, end) or _time_after_adjective(words, end)


_ROUTES = frozenset({"orally", "subcutaneously", "intravenously", "intramuscularly", "topically", "iv", "im", "po"})


def _count(words: Sequence[str], i: int) -> Found | None:
    """A count per volume, from its "/" or "per" at `words[i]` on."""
    found = unit_at(["%", *words[i : i + 5]], 0)
    return found._replace(measure=f"count/{found.per}", end=found.end + i - 1) if found and found.per else None


def _time_after_adjective(words: Sequence[str], i: int) -> Found | None:
    """The unit of "24 consecutive days" and "7 hormone-free days"."""
    k = i + 1
    if i + 3 < len(words) and words[k] == "-" and words[k + 1].isalpha():
        k += 2
    if k < len(words) and words[k] in _PLURAL_TIMES and words[i].isalpha() and (stem(words[i]) or words[i] == "more"):
        return unit_at(words, k)
    return None
