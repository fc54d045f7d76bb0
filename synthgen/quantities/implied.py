"""Frequencies that a source gives without a number: "each morning", "at lunch and dinner", "on days 1, 8 and 15"."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from synthgen.quantities.agreement import CALENDAR, EXACT, close
from synthgen.quantities.memo import places
from synthgen.quantities.quantity import Quantity
from synthgen.quantities.reading import quantities_of
from synthgen.quantities.source import Source
from synthgen.quantities.units import TIMES
from synthgen.quantities.words import Words, listed

MONTHLY, ROUNDED = 0.05, 0.001
"""Times a day below which months may be told as weeks, and how far other frequencies are rounded."""
NEAR = 8
"""Words in which the frequency of a frequency stands."""
_PARTS_OF_DAY = frozenset(
    listed(
        "morning mornings evening evenings night nights bedtime nighttime noon midday afternoon afternoons breakfast"
        " lunch dinner supper sleep awakening waking qam qpm hs"
    )
)
_APART = 5
"""Words between two parts of a day that are named together ("in the morning and again at night")."""
_PERIODS = frozenset({"a", "an", "each", "every", "per", "any", "one", "single"})
_OTHERS = {
    **dict.fromkeys(("biweekly",), (2 / 7, 1 / 14)),
    "bimonthly": (48 / 730.5, 12 / 730.5),
    **dict.fromkeys(("biannual", "biannually"), (48 / 8766, 12 / 8766)),
    **dict.fromkeys(("quarter", "quarters"), (96 / 8766,)),
}
"""Words with one meaning or two."""
_MEALS = frozenset({"meal", "meals"})
_ROW = 6
"""Words between two days or times of one row."""


def is_implied(told: Quantity, row: Words, source: Source) -> bool:
    """Whether a source says a frequency in words without a number, or by the days on which something is done."""
    behind = row.words[told.last : told.last + NEAR]
    if "divided" in behind:
        # "Daily in 2 divided doses": how often is said behind it.
        return True
    if told.low == told.high == 1 and any(word in ("weekly", "week", "month") for word in behind):
        # "30 minutes a day on 5 days a week"
        return True
    if any(
        close(one.low * told.low, other.low, EXACT)
        for one in quantities_of(row.text)[1]
        if not one.measure and one.rate == (told.low, told.high) and 0 < told.first - one.first < _ROW * 2
        for other in source.of("rate")
    ):
        # "At most 4 doses of 20 mg in 24 hours"
        return True
    if told.bound:
        return False
    if told.low == told.high == 1 and _of_whole(told, row, source):
        return True
    tolerance = CALENDAR if told.low < MONTHLY else ROUNDED
    return any(close(told.low, low, tolerance) and close(told.high, high, tolerance) for low, high in _implied(source))


def _of_whole(told: Quantity, row: Words, source: Source) -> bool:
    """Whether it belongs to what the source gives a day in several doses: six drops a day for two 3 times daily."""
    return any(
        one.rate == (1.0, 1.0)
        and 0 < told.first - one.first < _ROW * 2
        and any(other.rate and close(one.low, other.high * other.rate[1], EXACT) for other in source.of(one.measure))
        for one in quantities_of(row.text)[1]
        if one.measure
    )


def _implied(source: Source) -> Iterator[tuple[float, float]]:
    yield from ((times, times) for times in _of_words(source.row.words))
    for measure in ("name:day", "name:week", "name:month", "time"):
        size = TIMES.get(measure.removeprefix("name:"), TIMES["hour"]).size
        for here, there in pairwise(source.of(measure)):
            if 0 < there.first - here.last < _ROW and here.low == here.high < there.low:
                apart = 24.0 / (size * (there.low - here.high))
                yield apart, apart


def _of_words(words: Sequence[str]) -> Iterator[float]:
    parts = list(places(words, _PARTS_OF_DAY.__contains__))
    run = 1
    for here, there in pairwise([*parts, len(words) + _APART]):
        if there - here <= _APART and not any(word in ".;\n|" for word in words[here:there]):
            run += 1
            continue
        yield float(run)
        run = 1
    for i in places(words, _SAID.__contains__):
        yield from _OTHERS.get(words[i], ())
        before = words[i - 1] if i else ""
        if words[i] in TIMES and before in _PERIODS:
            yield 24.0 / TIMES[words[i]].size
        if words[i] in TIMES and before in ("alternate", "alternating"):
            yield 12.0 / TIMES[words[i]].size
        if words[i] in _MEALS:
            yield 3.0


_SAID = frozenset(TIMES) | frozenset(_OTHERS) | _MEALS
