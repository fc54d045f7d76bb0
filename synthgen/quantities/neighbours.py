"""What a quantity takes from those beside it: a shared unit, the minutes of its hours, how often it is given."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from synthgen.quantities.quantity import Quantity
from synthgen.quantities.units import UNITS

GAP = 5
"""Words between an amount and how often it is given."""
FAR_GAP = 15
"""The same within a sentence of a source that gives several amounts one frequency."""
_JOINTS = frozenset({",", "or", "and", "/"})
_SIDES = frozenset({"x", "×", "by"})
_AMOUNTS = frozenset({"dose", "doses", "dosing", "dosage", "amount", "total", "maximum", "limit", "intake"})


def share_units(words: Sequence[str], found: Sequence[Quantity]) -> None:
    """Gives the unit of "100 mg" to the 25 of "25 or 100 mg", and the name to the 4 of "stage 3 and 4"."""
    for here, there in reversed(list(pairwise(found))):
        if here.measure or not there.measure or there.measure == "rate" or not _joined(words, here, there):
            continue
        if there.raw[0] and here.in_words == there.in_words:
            size = there.low / there.raw[0]
            here.measure, here.low, here.high = there.measure, here.raw[0] * size, here.raw[1] * size
    for here, there in pairwise(found):
        if here.measure.startswith("name:") and not there.measure and _joined(words, here, there):
            there.measure = here.measure


def _joined(words: Sequence[str], here: Quantity, there: Quantity) -> bool:
    between = words[here.last : there.first]
    if there.measure == "length" and len(between) == 1 and between[0] in _SIDES:
        return True
    return 0 < len(between) <= 2 and _JOINTS.issuperset(between)


def join_times(words: Sequence[str], found: Sequence[Quantity]) -> list[Quantity]:
    """`found` with one quantity for "3 hours 20 minutes", "1 hour and 30 minutes" and "5 feet 4 inches"."""
    joined: list[Quantity] = []
    for quantity in found:
        last = joined[-1] if joined else None
        if last is None or not _is_rest(words, last, quantity):
            joined.append(quantity)
            continue
        low = last.low + quantity.low
        high = quantity.high if quantity.is_range else low
        # In hours, or in the smaller unit of length.
        size = quantity.low / quantity.raw[0] if quantity.measure == "length" and quantity.raw[0] else 1.0
        raw = low / size, high / size
        joined[-1] = Quantity(last.first, quantity.last, low, high, last.measure, raw, last.bound, quantity.relation)
    return joined


def _is_rest(words: Sequence[str], last: Quantity, quantity: Quantity) -> bool:
    """Whether a time or length is the smaller part of the one before it."""
    if last.measure not in ("time", "length") or quantity.measure != last.measure or last.is_range:
        return False
    if list(words[last.last : quantity.first]) not in ([], ["and"], [","]):
        return False
    large, small = UNITS.get(words[last.last - 1]), UNITS.get(words[min(quantity.first + 1, quantity.last - 1)])
    return large is not None and small is not None and small.size < large.size


def attach_rates(words: Sequence[str], found: Sequence[Quantity]) -> None:
    """Tells an amount how often it is given, where that stands right behind it or in what leads to it."""
    before: Quantity | None = None
    for here, there in pairwise(found):
        near = there.first - here.last <= GAP
        divided = "divided" in words[here.last : there.last]
        if near and there.measure == "rate" != here.measure and not divided and not _leads(words, there):
            if not _parted(words, here.last, there.first, ".;:|\n"):
                counted = before is not None and _counts(words, before, here)
                (before if counted and before else here).rate = there.low, there.high
        elif (
            near
            and there.measure != "rate"
            and _leads(words, here)
            and not _parted(words, here.last, there.first, ".;|\n")
        ):
            there.rate = here.low, here.high
        before = here


def _counts(words: Sequence[str], count: Quantity, amount: Quantity) -> bool:
    """Whether a plain number counts doses of an amount, so that it is what a frequency behind both belongs to."""
    if count.measure and amount.measure == "percent":
        # "Four drops of the 0.5% solution a day"
        return 0 < amount.first - count.last <= 2 and words[count.last] == "of"
    return not count.measure and amount.first - count.last == 2 and words[amount.first - 1] == "of"


def _leads(words: Sequence[str], rate: Quantity) -> bool:
    """Whether a frequency is that of the amount behind it ("the weekly dose is 70 mg")."""
    return rate.measure == "rate" and rate.last < len(words) and words[rate.last] in _AMOUNTS


def attach_far_rates(words: Sequence[str], found: Sequence[Quantity]) -> None:
    """Tells an amount without a frequency the next one of its sentence ("5 mg, or 10 mg from age 3, twice daily")."""
    upcoming: Quantity | None = None
    for quantity in reversed(found):
        if quantity.measure == "rate":
            upcoming = quantity
            continue
        if upcoming is None or quantity.rate is not None or upcoming.first - quantity.last > FAR_GAP:
            continue
        if not _parted(words, quantity.last, upcoming.first, ".;\n"):
            quantity.rate = upcoming.low, upcoming.high


def _parted(words: Sequence[str], start: int, end: int, marks: str) -> bool:
    return any(word in marks for word in words[start:end])
