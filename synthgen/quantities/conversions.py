"""Quantities of the source on another scale: shares, moles, charges and degrees."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from synthgen.quantities.agreement import EXACT, close
from synthgen.quantities.comparators import bound_before
from synthgen.quantities.memo import places
from synthgen.quantities.numerals import SMALL, VULGAR, numeral_at
from synthgen.quantities.quantity import Quantity
from synthgen.quantities.source import Source
from synthgen.quantities.words import Words, listed, value_of

MOLES = 0.02
"""How far a concentration in moles may be rounded."""
ROUNDED = 0.02
"""How far a ratio may be from the percentage that it is told for."""
PAIRED = 60
"""Quantities of one measure that are tried in pairs."""
BESIDE, REACH = 8, 5
"""Words between an amount and the name of its ion, and before a share with a comparator."""


def is_converted(told: Quantity, row: Words, source: Source) -> bool:
    """Whether a quantity of the source gives this one on another scale, or as the rest of a hundred percent."""
    if told.measure == "percent":
        others = [other.low for other in source.of("percent")]
        if any(close(100 - told.low, other, EXACT) for other in others):
            return True
        shares = _shares(source.row.words)
        if any(close(told.low, share, ROUNDED) and told.bound * bound >= 0 for share, bound in shares):
            return True
        return not told.bound and (_of_solution(told, source) or any(_rounded(told.low, other) for other in others))
    if told.measure in _PERCENT and any(
        close(told.low, one.low * _PERCENT[told.measure], EXACT) for one in source.of("percent")
    ):
        return True
    if told.measure == "flow" and _is_speed(told, source):
        return True
    if told.measure == "substance/substance":
        # Glycated haemoglobin: 7% are 53 mmol/mol.
        return any(abs(1e3 * told.low - 10.929 * (one.low - 2.15)) < 1 for one in source.of("percent"))
    return _in_moles(told, source) or _univalent(told, row, source) or _other_scale(told, source)


def shares_of(source: Source) -> list[float]:
    """The shares that a source gives, as parts of one."""
    shares = [share / 100 for share, _ in _shares(source.row.words)]
    return [*shares, *[end / 100 for one in source.of("percent") for end in (one.low, one.high)]]


def _is_speed(told: Quantity, source: Source) -> bool:
    """Whether a volume that runs in a time of the source flows so fast: 500 mL over 4 hours are 125 mL an hour."""
    return any(
        time.low and 0 <= time.first - one.last < BESIDE and close(told.low, one.low / time.low, EXACT)
        for one in source.of("volume")[:PAIRED]
        for time in source.of("time")[:PAIRED]
    )


def _of_solution(told: Quantity, source: Source) -> bool:
    """Whether a percentage is the content of a solution or ointment: 5 mg/mL are 0.5%."""
    return any(
        close(told.low * size, other.low, EXACT) for measure, size in _PERCENT.items() for other in source.of(measure)
    )


_PERCENT = {"mass/volume": 10.0, "mass/mass": 0.01}
"""What one percent is as a concentration, in grams a litre and in grams a gram."""


def _rounded(told: float, exact: float) -> bool:
    """Whether a percentage is one with more decimals that is rounded."""
    return exact >= 1 and exact != round(exact) and told in (round(exact), round(exact, 1))


def _shares(words: Sequence[str]) -> Iterator[tuple[float, int]]:
    """The shares that a text gives in words or as "1 in 4", in percent, each with its comparator."""
    for i in places(words, _FRACTIONS.__contains__):
        before = words[i - 1] if i else ""
        if fraction := numeral_at([before if before in SMALL else "one", words[i]], 0) if words[i].isalpha() else None:
            start = i - 1 if before in SMALL else i
            yield 100 * fraction[0], bound_before(words, start, max(0, start - REACH))
        elif words[i] in VULGAR:
            yield 100 * VULGAR[words[i]], bound_before(words, i, max(0, i - REACH))
    for i in places(words, _IN.__contains__):
        k = i - 1 if words[i] == "of" and i and words[i - 1] == "out" else i
        part = _plain(words[k - 1]) if k else None
        start = i + 2 if words[i + 1 : i + 2] == ["every"] else i + 1
        whole = _plain(words[start]) if start < len(words) else None
        if part and whole and part < whole < WHOLE:
            yield 100 * part / whole, bound_before(words, k - 1, max(0, k - REACH))


WHOLE = 100
"""Shares of a hundred or more are read as percentages."""
_FRACTIONS = frozenset(listed("half third thirds quarter quarters fifth fifths tenth ½ ¼ ¾ ⅓ ⅔"))
_IN = frozenset({"in", "of"})


def _plain(word: str) -> float | None:
    return SMALL.get(word, value_of(word))


def is_share(told: Quantity, row: Words, source: Source) -> bool:
    """Whether a number is one of the two in "1 in 20", and the source has their ratio as a percentage."""
    words = row.words
    for part, at, whole in ((told.low, told.last, None), (None, told.first, told.low)):
        if whole is None and words[at : at + 1] in (["in"], ["of"]):
            whole = _plain(words[at + 1]) if at + 1 < len(words) else None
        elif part is None and at > 1 and words[at - 1] in ("in", "of"):
            k = at - 3 if words[at - 2] == "out" and at > 2 else at - 2
            part = SMALL.get(words[k], value_of(words[k]))
        if part and whole and any(close(100 * part / whole, other.low, ROUNDED) for other in source.of("percent")):
            return True
    return False


def _in_moles(told: Quantity, source: Source) -> bool:
    """Whether a concentration in moles is one in grams of a substance of the laboratory, or the other way round."""
    units = ("substance/volume", "mass/volume")
    if told.measure not in units:
        return False
    others = source.of(units[told.measure == units[0]])
    return any(
        close(told.low / other.low if told.measure == units[1] else other.low / told.low, molar, MOLES)
        for other in others
        if other.low and told.low and told.bound * other.bound >= 0
        for molar in _MOLAR
    )


_MOLAR = (180.16, 386.65, 885.7, 113.12, 60.06, 28.01, 168.11, 40.08, 584.7, 24.305, 30.97, 55.85)
"""Grams a mole of glucose, cholesterol, triglycerides, creatinine, urea, urea nitrogen, urate, calcium, bilirubin,
magnesium, phosphorus and iron."""


def _univalent(told: Quantity, row: Words, source: Source) -> bool:
    """Whether millimoles of an ion with one charge are told for as many milliequivalents, or the other way round."""
    kind, _, per = told.measure.partition("/")
    if kind not in ("substance", "equivalents"):
        return False
    others = source.of(f"{'substance' if kind == 'equivalents' else 'equivalents'}{per and '/'}{per}")
    named = not _IONS.isdisjoint(row.words[max(0, told.first - BESIDE) : told.last + BESIDE])
    return named and any(close(told.low, other.low, EXACT) and told.bound * other.bound >= 0 for other in others)


_IONS = frozenset({"sodium", "potassium", "chloride", "bicarbonate", "lithium", "na", "k", "cl", "hco3"})


def _other_scale(told: Quantity, source: Source) -> bool:
    """Whether a temperature is one of the source on the other scale."""
    if told.measure == "celsius":
        others, converted = source.of("fahrenheit"), told.low * 1.8 + 32
    elif told.measure == "fahrenheit":
        others, converted = source.of("celsius"), (told.low - 32) / 1.8
    else:
        return False
    return any(abs(other.low - converted) < 0.1 and told.bound * other.bound >= 0 for other in others)
