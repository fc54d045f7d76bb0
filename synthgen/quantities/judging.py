"""Whether a quantity that was matched with a source follows from it, and if not, why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from synthgen.quantities.agreement import Agreement, close
from synthgen.quantities.arithmetic import derived
from synthgen.quantities.quantity import Quantity
from synthgen.quantities.rivals import Match, Telling
from synthgen.quantities.source import Source
from synthgen.quantities.words import Words

# The thresholds were set on half of a labelled collection of faithful and corrupted outputs.
SAME_RIVAL, SAME_MARGIN = 1.05, 0.05
"""RIVAL and MARGIN for the same value under the opposite comparator ..."""
BOTH_RIVAL, BOTH_MARGIN = 1.3, 0.15
"""... where the source has the value under both comparators ..."""
CROWDED_RIVAL, CROWDED_MARGIN = 1.0, 0.02
"""... and where, besides, the text tells the one twice and the other nowhere."""
EXCHANGED, NEIGHBOURS, APART = 1.2, 4, 10
"""Two quantities at most so many quantities and words apart are exchanged when each shares with the other's counterpart
so many times what it shares with its own."""
WAY_TOLD, WAY_MARGIN = 0.6, 0.47
"""For a word of direction: what a rival counts for that is told elsewhere, and how much better one must fit."""
MANY = 12
"""What is counted up to so many may be a way of speaking."""
_DOSES = frozenset({"mass", "units", "iu", "volume", "equivalents", "substance", "drops"})


@dataclass(frozen=True, slots=True)
class Finding:
    """A quantity that does not follow: its place in the text, the reason code, the nearest quantity of the source."""

    start: int
    end: int
    code: str
    nearest: tuple[int, int] | None


def judged(match: Match, telling: Telling, case: Sequence[Quantity]) -> Finding | None:
    """Why a quantity does not follow, or None. `case` are the quantities of a made-up patient."""
    quantity, row, source = match.told, telling.row, telling.source
    if quantity.measure.startswith("way:"):
        return _turned(match, telling)
    if match.best < 0:
        if match.role == "asked" and any(source.quantities[i].raw == quantity.raw for _, i in match.rivals):
            return None
        if (opposite := _opposite(match, source)) >= 0:
            return _finding(quantity, "comparator_changed", opposite, row, source)
        if _meaningless(match, row, source) or derived(quantity, row, source, case):
            return None
        nearest = max(match.rivals)[1] if match.rivals else -1
        return _finding(quantity, _absent_code(quantity, nearest, source), nearest, row, source)
    if not _as_often(quantity, row, source):
        return _finding(quantity, "frequency_changed", match.best, row, source)
    if not match.rivals or match.role == "asked":
        return None
    if (turned := _turned_value(match, telling)) >= 0:
        return _finding(quantity, "comparator_changed", turned, row, source)
    passed, nearest = telling.strongest(match)
    if passed > 0 and not derived(quantity, row, source, case):
        return _finding(quantity, _code(quantity, source.quantities[nearest]), nearest, row, source)
    return None


def exchanged(telling: Telling) -> Iterator[Finding]:
    """Pairs of neighbours that fit the source much better with their values exchanged."""
    row, source = telling.row, telling.source
    stated = [
        match for match in telling.matches if match.best >= 0 and match.role == "told" and ":" not in match.told.measure
    ]
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


def _opposite(match: Match, source: Source) -> int:
    """The same value of the source under the opposite comparator, or -1."""
    quantity = match.told
    return next(
        (
            index
            for _, index in match.rivals
            if (other := source.quantities[index]).bound * quantity.bound < 0 and other.raw == quantity.raw
        ),
        -1,
    )


def _turned_value(match: Match, telling: Telling) -> int:
    """The same value of the source under the opposite comparator, where that fits better than what agrees; or -1."""
    quantity, source = match.told, telling.source
    score, index = max(
        (
            (score, index)
            for score, index in match.rivals
            if source.quantities[index].raw == quantity.raw and source.quantities[index].measure == quantity.measure
        ),
        default=(0.0, -1),
    )
    own = source.quantities[match.best]
    if own.bound != quantity.bound and (own.is_range == quantity.is_range or index not in telling.told):
        factor, margin = SAME_RIVAL, SAME_MARGIN
    elif telling.is_crowded(match) and index not in telling.told:
        factor, margin = CROWDED_RIVAL, CROWDED_MARGIN
    else:
        factor, margin = BOTH_RIVAL, BOTH_MARGIN
    return index if score > factor * match.affinity + margin else -1


def _turned(match: Match, telling: Telling) -> Finding | None:
    """A word of direction that the source has only the other way round in its place."""
    row, source = telling.row, telling.source
    if not match.rivals or match.role == "asked":
        return None
    rival, nearest = max((score * (WAY_TOLD if index in telling.told else 1.0), index) for score, index in match.rivals)
    if source.quantities[nearest].bound != match.told.bound:
        return None
    if rival > max(match.affinity, 0.0) + WAY_MARGIN:
        return _finding(match.told, "comparator_changed", nearest, row, source)
    return None


def _finding(quantity: Quantity, code: str, nearest: int, row: Words, source: Source) -> Finding:
    span = source.span(nearest) if nearest >= 0 else None
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


def _meaningless(match: Match, row: Words, source: Source) -> bool:
    """Whether a quantity that the source lacks is more likely a way of speaking than a fact."""
    quantity = match.told
    if not quantity.bound and (match.role == "asked" or _in_question(quantity, row)):
        return True
    if quantity.measure == "":
        if quantity.raw[0] in source.title_numbers:
            return True
        small = quantity.raw[1] <= MANY and not quantity.bound and not quantity.is_range
        return (small or quantity.in_words) and not source.counts(row, quantity)
    if quantity.measure == "name:year":
        return quantity.raw[0] in source.title_numbers
    if quantity.measure.startswith("name:"):
        return quantity.measure not in source.by_measure or quantity.raw[0] in source.title_numbers
    return quantity.measure == "time" and (
        quantity.raw[0] in source.title_numbers or (quantity.in_words and quantity.raw == (1, 1))
    )


def refers_back(quantity: Quantity, row: Words) -> bool:
    """Whether a plain number counts what was listed before ("of the 2, only the first")."""
    if quantity.measure or quantity.bound or quantity.raw[1] > MANY or quantity.first < 1:
        return False
    after = row.words[quantity.last] if quantity.last < len(row.words) else "."
    return row.words[quantity.first - 1] in ("the", "these", "those") and after in (",", ".", ";", ":", "only")


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
