"""Whether a quantity that was matched with a source follows from it, and if not, why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from synthgen.quantities.agreement import Agreement, close
from synthgen.quantities.arithmetic import derived
from synthgen.quantities.quantity import Quantity
from synthgen.quantities.source import Source
from synthgen.quantities.words import Words

# The thresholds were set on half of a labelled collection of faithful and corrupted outputs.
RIVAL, MARGIN = 1.15, 0.3
"""A quantity belongs to another subject when a different one of the source shares this many times more, and this much
on top, of what stands around it."""
TOLD = 0.6
"""What such a rival counts for when the text tells it elsewhere."""
CONTRAST = 0.7
"""What rivals count for where a quantity is set against another one, or is the second half of a combination."""
SAME_RIVAL, SAME_MARGIN = 1.05, 0.05
"""RIVAL and MARGIN for the same value under the opposite comparator ..."""
BOTH_RIVAL, BOTH_MARGIN = 1.3, 0.2
"""... and where the source has the value under both comparators."""
EXCHANGED, NEIGHBOURS, APART = 1.2, 4, 10
"""Two quantities at most so many quantities and words apart are exchanged when each shares with the other's counterpart
so many times what it shares with its own."""
RATE, WAY = 0.6, 0.6
"""What rivals of frequencies and of words of direction count for: these are more often said in passing."""
_DOSES = frozenset({"mass", "units", "iu", "volume", "equivalents", "substance", "drops"})


@dataclass(frozen=True, slots=True)
class Finding:
    """A quantity that does not follow: its place in the text, the reason code, the nearest quantity of the source."""

    start: int
    end: int
    code: str
    nearest: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Match:
    """A quantity of a text, the role of its part, and what the source has for it.

    `best` is the index of what agrees best, -1 where nothing does, and `affinity` how much they share of what stands
    around them; `rivals` are the affinity and index of each quantity that could stand in its place.
    """

    told: Quantity
    best: int
    affinity: float
    rivals: tuple[tuple[float, int], ...]
    role: str


def judged(match: Match, told: set[int], row: Words, source: Source, case: Sequence[Quantity]) -> Finding | None:
    """Why a quantity does not follow, or None. `told` are the indices of what the text tells of the source; `case` are
    the quantities of a made-up patient."""
    quantity = match.told
    if quantity.measure.startswith("way:"):
        return _turned(match, told, row, source)
    if match.best < 0:
        if match.role == "asked" and any(source.quantities[i].raw == quantity.raw for _, i in match.rivals):
            return None
        if _meaningless(match, row, source) or derived(quantity, row, source, case):
            return None
        nearest = max(match.rivals)[1] if match.rivals else -1
        return _finding(quantity, _absent_code(quantity, nearest, source), nearest, row, source)
    if not _as_often(quantity, row, source):
        return _finding(quantity, "frequency_changed", match.best, row, source)
    if not match.rivals or match.role == "asked":
        return None
    if (turned := _turned_value(match, source)) >= 0:
        return _finding(quantity, "comparator_changed", turned, row, source)
    doubt = (RATE if quantity.measure == "rate" else 1.0) * (CONTRAST if _contrasted(quantity, row) else 1.0)
    rival, nearest = max((score * (TOLD if index in told else 1.0), index) for score, index in match.rivals)
    if doubt * rival > RIVAL * match.affinity + MARGIN and not derived(quantity, row, source, case):
        return _finding(quantity, _code(quantity, source.quantities[nearest]), nearest, row, source)
    return None


def exchanged(matches: Sequence[Match], row: Words, source: Source) -> Iterator[Finding]:
    """Pairs of neighbours that fit the source much better with their values exchanged."""
    stated = [match for match in matches if match.best >= 0 and match.role == "told" and ":" not in match.told.measure]
    for number, one in enumerate(stated):
        for other in stated[number + 1 : number + 1 + NEIGHBOURS]:
            if not _alike(one.told, other.told) or other.told.first - one.told.last > APART:
                continue
            crossed = _score(one, other.best), _score(other, one.best)
            if min(crossed) > 0 and sum(crossed) > EXCHANGED * (one.affinity + other.affinity):
                yield _finding(one.told, "other_subject", other.best, row, source)
                yield _finding(other.told, "other_subject", one.best, row, source)


def _alike(one: Quantity, other: Quantity) -> bool:
    return one.measure == other.measure and one.bound == other.bound and one.is_range == other.is_range


def _score(match: Match, index: int) -> float:
    return next((score for score, rival in match.rivals if rival == index), 0.0)


def _turned_value(match: Match, source: Source) -> int:
    """The same value of the source under the opposite comparator, where that fits better than what agrees; or -1."""
    quantity = match.told
    score, index = max(
        (
            (score, index)
            for score, index in match.rivals
            if source.quantities[index].raw == quantity.raw and source.quantities[index].measure == quantity.measure
        ),
        default=(0.0, -1),
    )
    both = source.quantities[match.best].bound == quantity.bound
    factor, margin = (BOTH_RIVAL, BOTH_MARGIN) if both else (SAME_RIVAL, SAME_MARGIN)
    return index if score > factor * match.affinity + margin else -1


def _turned(match: Match, told: set[int], row: Words, source: Source) -> Finding | None:
    """A word of direction that the source has only the other way round in its place."""
    if not match.rivals or match.role == "asked":
        return None
    rival, nearest = max((score * (TOLD if index in told else 1.0), index) for score, index in match.rivals)
    if source.quantities[nearest].bound != match.told.bound:
        return None
    if WAY * rival > RIVAL * max(match.affinity, 0.0) + MARGIN:
        return _finding(match.told, "comparator_changed", nearest, row, source)
    return None


def _finding(quantity: Quantity, code: str, nearest: int, row: Words, source: Source) -> Finding:
    nearby = source.quantities[nearest] if nearest >= 0 else None
    span = source.row.span(nearby.first, nearby.last) if nearby else None
    return Finding(*row.span(quantity.first, quantity.last), code, span)


def _as_often(quantity: Quantity, row: Words, source: Source) -> bool:
    """Whether the source gives the same amount as often, or does not say how often."""
    rate = quantity.rate
    if rate is None or quantity.measure.partition("/")[0] not in _DOSES:
        return True
    for index, how in source.candidates(quantity, counted=False).agreeing:
        rates = source.rates.get(index, ())
        if how is Agreement.TOTAL or not rates:
            return True
        if any(close(other.low, rate[0], 0.09) or close(other.high, rate[1], 0.09) for other in rates):
            return True
    return False


def _contrasted(quantity: Quantity, row: Words) -> bool:
    """Whether a quantity is named only to be set against another one ("rather than 30")."""
    before = row.words[max(0, quantity.first - 4) : quantity.first]
    if before[-1:] == ["/"]:
        return True
    return any(
        pair in (["rather", "than"], ["instead", "of"]) for pair in (before[i : i + 2] for i in range(len(before)))
    ) or before[-1:] in (["not"], ["versus"], ["vs"], ["exactly"])


def _meaningless(match: Match, row: Words, source: Source) -> bool:
    """Whether a quantity that the source lacks is more likely a way of speaking than a fact."""
    quantity = match.told
    if not quantity.bound and (match.role == "asked" or _in_question(quantity, row)):
        return True
    if quantity.measure == "":
        if quantity.raw[1] <= 12 and not quantity.bound and not source.counts(row, quantity):
            return True
        return quantity.in_words or quantity.raw[0] in source.title_numbers
    if quantity.measure == "name:year":
        return quantity.raw[0] in source.title_numbers
    if quantity.measure.startswith("name:"):
        return quantity.measure not in source.by_measure or quantity.raw[0] in source.title_numbers
    return quantity.measure == "time" and (
        quantity.raw[0] in source.title_numbers or (quantity.in_words and quantity.raw == (1, 1))
    )


def _in_question(quantity: Quantity, row: Words) -> bool:
    for word in row.words[quantity.last : quantity.last + 40]:
        if word in "?.\n":
            return word == "?"
    return False


def _code(quantity: Quantity, nearest: Quantity) -> str:
    if quantity.measure == "rate":
        return "frequency_changed"
    same = quantity.low == nearest.low and quantity.high == nearest.high
    return "comparator_changed" if same else "other_subject"


def _absent_code(quantity: Quantity, nearest: int, source: Source) -> str:
    if quantity.measure == "rate":
        return "frequency_changed"
    if nearest >= 0:
        other = source.quantities[nearest]
        if quantity.bound * other.bound < 0 and quantity.low == other.low:
            return "comparator_changed"
        if other.raw != quantity.raw:
            return "number_not_in_source"
    known = quantity.raw[0] in source.numbers and quantity.raw[1] in source.numbers
    return "unit_changed" if known else "number_not_in_source"
