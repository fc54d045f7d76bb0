"""Calculations that a text does step by step: its equations, and the values that follow from those told before."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import pairwise
from operator import add, mul, sub, truediv

from synthgen.quantities.agreement import EXACT, close
from synthgen.quantities.casework import LEFT, is_of_case
from synthgen.quantities.clock import hours_of_clock, is_between_hours
from synthgen.quantities.quantity import Quantity
from synthgen.quantities.source import Source
from synthgen.quantities.words import listed

ROUNDING = 0.005
"""How far a result may be from the exact one, as a share of it."""
CLOSE = 5
"""Words on both sides of a value that say how it was worked out."""
STEP, STEPS = 40, 12
"""Words between a value and one that is worked out from it, and the values that are tried."""

_OPERATORS: Mapping[str, Callable[[float, float], float]] = {
    **dict.fromkeys(("×", "x", "*", "⋅", "times", "multiplied by"), mul),
    **dict.fromkeys(("÷", "/", ":", "divided by"), truediv),
    **dict.fromkeys(("+", "plus"), add),
    **dict.fromkeys(("−", "-", "–", "minus"), sub),
}
_SIGNS = frozenset({"=", "≈", "equals"})
_SAME = frozenset(
    {"=", "≈", "equals", "is", "are", "makes", "make", "gives", "give", "which", "that", "or", "i", "e", ","}
)
"""Words that set two amounts beside each other as the same one."""
_SAYING = frozenset({"=", "≈", "equals", "is", "are", "makes", "make", "gives", "give"})


class Working:
    """The values from which a text works out others: those of its case, and those of the steps that follow."""

    def __init__(self, case: Sequence[Quantity], words: Sequence[str], source: Source) -> None:
        self._words = words
        self._source = source
        self._case = tuple(case[: 2 * STEPS])
        self._told: list[Quantity] = []
        self._results: list[Quantity] = []
        self._operands: list[Quantity] = []

    @cached_property
    def hours(self) -> Sequence[float]:
        """The hours of the clock that the text names."""
        return tuple(hours_of_clock(self._words))

    def _answers(self, told: Quantity, near: Sequence[Quantity]) -> bool:
        """Whether a value at the head of an answer is made of what the question has and the answer goes on to tell."""
        kinds = ("rate", "time") if told.measure == "" else (told.measure, "rate", "")
        asked = not _RECKONS.isdisjoint(self._words[max(0, told.first - STEP) : told.first])
        theirs = [one for kind in kinds for one in self._source.of(kind)[:STEPS]] if asked else []
        values = (*self._case, *near, *theirs)
        return any(
            _product(told, one, other) or _quotient(told, one, other) or _worked_out(told, one, other)
            for one in values
            for other in values
        ) or (not told.bound and is_of_case(told, [*near, *theirs], [*near, *theirs], self._source))

    def _opens_answer(self, told: Quantity) -> bool:
        """Whether a value is the first of the answer to how much or how many something is."""
        before = self._words[max(0, told.first - ANSWER) : told.first]
        return "?" in before and not _ASKED.isdisjoint(self._words[max(0, told.first - STEP) : told.first])

    def _of_case(self, told: Quantity) -> bool:
        """Whether a value is worked out from the made-up case, and what was said before it or the source's shares."""
        said = [one for one in self._told if 0 <= told.first - one.last < STEP][-STEPS:]
        if is_of_case(told, self._case, [*self._case, *said], self._source):
            return True
        return told.measure == "time" and is_between_hours(told, self.hours)

    def add(self, told: Quantity) -> None:
        """Takes in a value that follows from the source or from others that were told."""
        self._told.append(told)

    def add_equation(self, operands: Sequence[Quantity], result: Quantity) -> None:
        """Takes in a right equation: its result, and operands that may repeat a value without its unit."""
        self._operands += operands
        self._results.append(result)

    def follows(self, told: Quantity) -> bool:
        """Whether a value is one of the case or of another step, or is worked out from two of these.

        A limit is a fact, which nobody works out but from another limit.
        """
        if told.measure.startswith(("name:", "way:")):
            return False
        near = [one for one in self._told if -STEP < told.first - one.last < STEP][:STEPS]
        cues = frozenset(self._words[max(0, told.first - CLOSE) : told.last + CLOSE])
        bracketed = self._words[max(0, told.first - 1) : told.first] == ["("]
        if self._opens_answer(told) and self._answers(told, near):
            return True
        if (bracketed or not _TOTAL.isdisjoint(cues)) and any(
            _product(told, one, other) for one in near for other in near
        ):
            return True
        if (not told.bound or not LEFT.isdisjoint(cues)) and self._of_case(told):
            return True
        if told.bound:
            return False
        if not _SINGLE.isdisjoint(cues) and any(_quotient(told, one, other) for one in near for other in near):
            return True
        near = [one for one in near if one.last < told.first]
        results = self._results[-STEPS:]
        operand = any(one is told for one in self._operands)
        if any(one is told for one in results) or any(_restates(told, one) for one in (*results, *near * operand)):
            return True
        values = (*self._case, *near)
        return any(_worked_out(told, one, other) for one in values for other in values)


def _product(told: Quantity, one: Quantity, other: Quantity) -> bool:
    """Whether an amount a day, or a number of doses, is one so many times: 6 mg at most five times make 30 mg a day."""
    if told.is_range or (told.bound and told.bound not in (one.bound, other.bound)):
        return False
    if told.measure == "":
        return one.measure == "rate" and other.measure == "time" and close(told.low, one.high * other.high / 24, EXACT)
    if told.measure != one.measure or other.measure not in ("", "rate") or one.first == other.first:
        return False
    times = other.high if other.measure == "rate" or other.high > 1 else 0.0
    return (told.rate or (1.0, 1.0)) == (1.0, 1.0) and close(told.high, one.high * times, EXACT)


def _quotient(told: Quantity, one: Quantity, other: Quantity) -> bool:
    """Whether an amount is what one makes in each of so many parts: 600 mg a day in five doses of 120 mg."""
    if told.measure != one.measure or other.measure not in ("", "rate") or told.is_range or one.is_range:
        return False
    return other.low > 1 and close(told.low, one.low / other.low, ROUNDING)


ANSWER = 12
"""Words between a question and the number that answers it."""
_ASKED = frozenset({"many", "much", "total", "amount", "long", "often", "dose", "number"})
_RECKONS = frozenset(
    listed(
        "total altogether more longer less shorter fewer larger smaller greater differ differs difference exceeds apart"
    )
)
_TOTAL = frozenset(
    {"total", "totals", "totalling", "totaling", "altogether", "overall", "e", "=", "means", "sum", "makes", "equals"}
)
"""Words with which products are told."""
_SINGLE = frozenset({"averaging", "average", "apiece", "="})
"""Words with which quotients are told."""


def _restates(told: Quantity, earlier: Quantity) -> bool:
    """Whether a bare number is that of an earlier value, or the result of an equation gains its unit."""
    return told.first > earlier.first and told.raw == earlier.raw and not (told.measure and earlier.measure)


def _worked_out(told: Quantity, one: Quantity, other: Quantity) -> bool:
    """Whether an amount is one a time or a day for so often or so long, or a time is how long an amount lasts."""
    daily = _daily(one)
    if told.is_range or one.is_range or daily is None or one.measure == "time":
        return False
    if told.measure == one.measure:
        if told.rate:
            return told.low != one.low and close(told.low * told.rate[0], daily, ROUNDING)
        return other.measure == "time" and close(told.low, daily * other.low / 24, ROUNDING)
    if told.measure == "time":
        return other.measure == one.measure and not other.rate and close(told.low / 24 * daily, other.low, ROUNDING)
    return False


def _daily(quantity: Quantity) -> float | None:
    """The amount a day, where one frequency is given."""
    if quantity.rate is None or quantity.rate[0] != quantity.rate[1] or not quantity.low:
        return None
    return quantity.low * quantity.rate[0]


_PART_OF = frozenset({"of", "twice", "double", "half"})
_COMPARED = tuple(
    [word]
    for word in listed(
        "too more less fewer over under above below higher lower longer shorter beyond short away apart earlier later"
    )
)


Equation = tuple[Sequence[Quantity], Quantity, bool]
"""Operands, result, and whether it is right."""


def equations(words: Sequence[str], found: Sequence[Quantity]) -> Iterator[Equation]:
    """The equations in a text.

    An equation is a row of numbers with operators between them and a sign of equality before the last ("3000 ÷ 1000 =
    3"), or an amount with its frequency that is said to be another amount ("twice daily 500 mg are 1 g a day").
    """
    if not _SAYING.isdisjoint(words):
        for here, there in pairwise([one for one in found if one.measure != "rate"]):
            if (right := _equated(words, found, here, there)) is not None:
                yield (), there, right
    if "=" in words or "≈" in words or "equals" in words:
        yield from _chains(words, found)


def _equated(words: Sequence[str], found: Sequence[Quantity], here: Quantity, there: Quantity) -> bool | None:
    """Whether an amount is what it is said to be; None where nothing is said, or where frequencies leave it open."""
    if not here.measure or here.measure != there.measure or here.measure == "time" or here.is_range or there.is_range:
        return None
    if here.bound or there.bound or here.relation or there.relation or not 0 < there.first - here.last < 8:
        return None
    if (
        words[there.last : there.last + 1] in _COMPARED
        or words[here.first - 1] in _OPERATORS
        or words[here.first - 1] in _PART_OF
    ):
        # "40 mg is 10 mg too much", "8 x 4 mg = 32 mg", "a third of 60 g is 20 g"
        return None
    between = words[here.last : there.first]
    inside = {i for one in found if one.measure == "rate" for i in range(one.first - here.last, one.last - here.last)}
    said = [word for i, word in enumerate(between) if i not in inside]
    if not _SAYING.intersection(said) or not _SAME.issuperset(said):
        return None
    rate = here.rate or next(
        ((one.low, one.high) for one in found if one.measure == "rate" and one.last == here.first), None
    )
    if (rate is None) != (there.rate is None):
        return None
    if rate is None or there.rate is None:
        return close(here.low, there.low, ROUNDING)
    return close(here.low * rate[0], there.low * there.rate[0], ROUNDING)


def _chains(words: Sequence[str], found: Sequence[Quantity]) -> Iterator[Equation]:
    operands: list[Quantity] = []
    operators: list[str] = []
    for here, there in pairwise([one for one in found if not one.measure.startswith(("way:", "name:"))]):
        between = " ".join(words[here.last : there.first][:3])
        operands = operands or [here]
        if between in _OPERATORS and len(operands) < STEPS:
            operands.append(there)
            operators.append(between)
            continue
        if between in _SIGNS and operators:
            yield operands, there, _is_right(operands, operators, there)
        operands, operators = [], []


def _is_right(operands: Sequence[Quantity], operators: Sequence[str], result: Quantity) -> bool:
    if any(one.is_range for one in (*operands, result)):
        return True
    scales = ([one.raw[0] for one in (*operands, result)], [_in_days(one) for one in (*operands, result)])
    return any(_rounded(_computed(values[:-1], operators), values[-1]) for values in scales)


def _computed(values: Sequence[float], operators: Sequence[str]) -> float:
    """The value of a row of operands, products and quotients first; infinite where it would divide by zero."""
    terms = [values[0]]
    for value, operator in zip(values[1:], operators, strict=True):
        step = _OPERATORS[operator]
        if step is truediv and not value:
            return float("inf")
        if step in (mul, truediv):
            terms[-1] = step(terms[-1], value)
        else:
            terms.append(value if step is add else -value)
    return sum(terms)


def _in_days(quantity: Quantity) -> float:
    return quantity.low / 24 if quantity.measure == "time" else quantity.low


def _rounded(value: float, told: float) -> bool:
    return close(value, told, ROUNDING) or any(
        close(round(value, digits), told, EXACT) for digits in ((0, 1, 2) if told >= 10 else (1, 2))
    )
