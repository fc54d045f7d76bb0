"""Whether a quantity that was matched with a source follows from it, and if not, why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from synthgen.quantities.agreement import EXACT, Agreement, close
from synthgen.quantities.arithmetic import derived
from synthgen.quantities.comparators import is_denied, is_loose
from synthgen.quantities.directions import is_compared, may_compare
from synthgen.quantities.memo import places
from synthgen.quantities.quantity import Quantity
from synthgen.quantities.rivals import Match, Telling
from synthgen.quantities.source import Source
from synthgen.quantities.speaking import is_meaningless
from synthgen.quantities.stems import stem
from synthgen.quantities.steps import is_step
from synthgen.quantities.words import Words

# The thresholds were set on half of a labelled collection of faithful and corrupted outputs.
SAME_RIVAL, SAME_MARGIN = 1.05, 0.05
"""RIVAL and MARGIN for the same value under the opposite comparator ..."""
BOTH_RIVAL, BOTH_MARGIN = 1.3, 0.15
"""... where the source has the value under both comparators ..."""
CROWDED_RIVAL, CROWDED_MARGIN = 1.0, 0.02
"""... and where, besides, the text tells the one twice and the other nowhere."""
APART = 10
"""Words behind a limit in which another side of it may be named."""
WAY_TOLD, WAY_MARGIN = 0.6, 0.35
"""For a word of direction: what a rival counts for that is told elsewhere, and how much better one must fit."""
BEHIND = 4
"""Words behind "before" and "after" that name what they stand before."""
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
        return _absent(match, telling, case)
    if not _as_often(quantity, row, source):
        return _finding(quantity, "frequency_changed", match.best, row, source)
    if quantity.measure == "rate" and (step := _other_step(match, row, source)) >= 0:
        return _finding(quantity, "frequency_changed", step, row, source)
    if not match.rivals or match.role == "asked":
        return None
    return _elsewhere(match, telling, case)


def _absent(match: Match, telling: Telling, case: Sequence[Quantity]) -> Finding | None:
    """Why a quantity that the source does not have does not follow, or None."""
    quantity, row, source = match.told, telling.row, telling.source
    if match.role == "asked" and any(source.quantities[i].raw == quantity.raw for _, i in match.rivals):
        return None
    if (opposite := _opposite(match, source)) >= 0 and _differs(quantity, opposite, row, source):
        return None
    if opposite >= 0:
        return _finding(quantity, "comparator_changed", opposite, row, source)
    if is_meaningless(match, row, source) or derived(quantity, row, source, case) or _verbatim(quantity, row, source):
        return None
    nearest = max(match.rivals)[1] if match.rivals else -1
    return _finding(quantity, _absent_code(quantity, nearest, source), nearest, row, source)


def _elsewhere(match: Match, telling: Telling, case: Sequence[Quantity]) -> Finding | None:
    """Why a quantity that the source has belongs elsewhere in it, or None."""
    quantity, row, source = match.told, telling.row, telling.source
    turned = _turned_value(match, telling)
    if turned >= 0 and not _differs(quantity, turned, row, source):
        return _finding(quantity, "comparator_changed", turned, row, source)
    if quantity.measure == "name:year" or (quantity.measure == "" and (quantity.in_words or quantity.raw == (1, 1))):
        # Years and counts in words stand with too many things to belong to one.
        return None
    passed, nearest = telling.strongest(match)
    if passed > 0 and not _same(quantity, source.quantities[nearest]) and not derived(quantity, row, source, case):
        code = "frequency_changed" if quantity.measure == "rate" else "other_subject"
        return _finding(quantity, code, nearest, row, source)
    return None


def _opposite(match: Match, source: Source) -> int:
    """The same value of the source under the opposite comparator, or -1."""
    quantity = match.told
    return next(
        (
            index
            for _, index in match.rivals
            if (other := source.quantities[index]).bound * quantity.bound < 0
            and (other.raw == quantity.raw or close(other.low, quantity.low, EXACT))
        ),
        -1,
    )


def _verbatim(quantity: Quantity, row: Words, source: Source) -> bool:
    """Whether the source has the number with its unit as the lower part of another quantity ("2 mg/2 mL")."""
    own, words = row.words[quantity.first : quantity.last], source.row.words
    if quantity.bound or len(own) < 2:
        return False
    return any(words[i + 1 : i + 1 + len(own)] == own for i in places(words, "/".__eq__))


def _differs(quantity: Quantity, index: int, row: Words, source: Source) -> bool:
    """Whether only one of the two sentences denies anything, so that opposite comparators may say the same."""
    if quantity.measure == "rate" or (quantity.relation and quantity.measure != "time"):
        return False
    if quantity.low != source.quantities[index].low:
        return False
    here, there = quantity.first, source.quantities[index].first
    words, theirs = row.words, source.row.words
    if any(pair in _TURNING for pair in pairwise(words[quantity.last : quantity.last + APART])):
        return True
    return is_denied(words, here) != is_denied(theirs, there) or is_loose(words, here) != is_loose(theirs, there)


_TURNING = frozenset((side, "which") for side in ("above", "below", "over", "under", "beyond", "from", "after"))
"""Words that set what follows on the other side of a limit: "it is not over 5, the level above which ..."."""


def _turned_value(match: Match, telling: Telling) -> int:
    """The same value of the source under the opposite comparator, where that fits better than what agrees; or -1."""
    quantity, source = match.told, telling.source
    if not match.same:
        return -1
    score, index = max([rival for rival in match.rivals if rival[1] in match.same])
    own = source.quantities[match.best]
    if own.bound != quantity.bound and (own.is_range == quantity.is_range or index not in telling.told):
        factor, margin = SAME_RIVAL, SAME_MARGIN
    elif telling.is_crowded(match) and index not in telling.told:
        factor, margin = CROWDED_RIVAL, CROWDED_MARGIN
    elif index in telling.told:
        # Each is told once: only an exchange of the two could be wrong.
        return -1
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
    here, there = match.told.first, source.quantities[nearest].first
    words, theirs = row.words, source.row.words
    compared = is_compared(words, here)
    if compared != is_compared(theirs, there) or (
        not compared and (may_compare(words, here) or may_compare(theirs, there))
    ):
        # Of two, each may be compared with the other.
        return None
    beside = words[here + 1 : here + 2] == theirs[there + 1 : there + 2]
    if match.told.measure == "way:degree" and not compared and not beside:
        # "Less easy" is "more difficult".
        return None
    if match.told.measure == "way:order" and (
        match.told.bound or _behind(words, here).isdisjoint(_behind(theirs, there))
    ):
        # "A before B" is "B after A", and "not before" is "only after".
        return None
    if rival > max(match.affinity, 0.0) + WAY_MARGIN:
        return _finding(match.told, "comparator_changed", nearest, row, source)
    return None


def _behind(words: Sequence[str], at: int) -> set[str]:
    """Stems of the words right behind `words[at]`."""
    return {mark for word in words[at + 1 : at + 1 + BEHIND] if (mark := stem(word))}


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


def _other_step(match: Match, row: Words, source: Source) -> int:
    """Where a text changes a dose so often, and the source only more or less often, how often that does; or -1."""
    if not source.steps or not is_step(row.words, match.told):
        return -1
    if any(index in source.steps for index, _ in source.candidates(match.told, counted=False).agreeing):
        return -1
    return source.steps[0]


def refers_back(quantity: Quantity, row: Words) -> bool:
    """Whether a plain number counts what was listed before ("of the 2, only the first")."""
    if quantity.measure or quantity.bound or quantity.raw[1] > MANY or quantity.first < 1:
        return False
    after = row.words[quantity.last] if quantity.last < len(row.words) else "."
    return row.words[quantity.first - 1] in ("the", "these", "those") and after in (",", ".", ";", ":", "only")


def _same(one: Quantity, other: Quantity) -> bool:
    """Whether two quantities differ in their comparator at most, or one is an end of the other."""
    if one.is_range and other.is_range:
        return one.low == other.low and one.high == other.high
    return one.low == other.low or one.high == other.high


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
