"""The quantities of an extract, ready to be asked what follows from them."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from synthgen.data import Extract
from synthgen.quantities.agreement import Agreement, agreement, comparable
from synthgen.quantities.context import Context, Contexts
from synthgen.quantities.directions import read_directions
from synthgen.quantities.memo import Memo
from synthgen.quantities.neighbours import attach_far_rates
from synthgen.quantities.quantity import Quantity
from synthgen.quantities.reading import read
from synthgen.quantities.stems import STEMS, stem
from synthgen.quantities.steps import is_step
from synthgen.quantities.words import Words, split, value_of

OTHER_SIDE = 0.3
"""What a word counts for that stands before a quantity in the one text and behind it in the other."""
OTHER_FORM, HALF_BOUND, OPPOSITE = 0.8, 0.85, 0.5
"""How likely a mistake has another form than what it stands for: a range for a single value, a limit for none."""
FAR = 30.0
"""A duration is seldom mistaken for one so many times as long."""
ADJOINING, NEAR = 1, 18
"""Words between an amount and a frequency that is certainly its own, and one that may be."""
AROUND, SAME_WORDS = 6, 12
"""Words on both sides of a quantity that say what it belongs to where all of them are the same, and the fewest in all
that do."""
CACHE = 64
"""Extracts whose analysis is kept. Records come in the order of extracts."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """The source's quantities, by index, for one quantity of an output: those that agree, and those that could stand in
    its place, with how likely they are mistaken for it; those of the latter that are the same as written; and the
    measures of all. `indices` are those that agree, `in_total` whether any does as an amount a day."""

    agreeing: tuple[tuple[int, Agreement], ...]
    rivals: tuple[tuple[int, float], ...]
    same: frozenset[int]
    measures: tuple[str, ...]
    indices: tuple[int, ...]
    in_total: bool


Postings = dict[str, list[tuple[int, float]]]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """`known` are the stems that stand around any quantity of a source, and `stems` are these by word.

    `postings` are, by measure, two maps from a stem to the quantities whose context holds it, with its weight there
    times its rarity: for a stem that stands before a quantity of a text, and, with weights below 0 as its own is there,
    for one that stands behind.
    """

    known: Collection[str]
    stems: Memo[str]
    postings: Mapping[str, tuple[Postings, Postings]]


@dataclass(eq=False)
class Source:
    """An extract read once."""

    row: Words
    quantities: list[Quantity]
    by_measure: dict[str, list[int]] = field(default_factory=dict)
    rates: dict[int, list[Quantity]] = field(default_factory=dict)
    """By quantity: the frequencies of its sentence that stand near it."""
    numbers: frozenset[float] = frozenset()
    things: frozenset[str] = frozenset()
    """Stems of what its plain numbers count."""
    title_numbers: frozenset[float] = frozenset()
    digits: frozenset[float] = frozenset()
    """All that is written in digits in the text or over it: references, dates, pages and codes as well."""
    wordings: dict[tuple[str, ...], int] = field(default_factory=dict)
    """The quantities by the words that they stand in."""
    _asked: dict[tuple[object, ...], Candidates] = field(default_factory=dict)
    _comparables: dict[str, Sequence[int]] = field(default_factory=dict)

    @cached_property
    def surroundings(self) -> Surroundings:
        """What stands around its quantities; found when it is first asked for, which many extracts are spared."""
        return _surroundings(self)

    @cached_property
    def steps(self) -> Sequence[int]:
        """The frequencies, by index, at which a dose is changed."""
        return [i for i in self.by_measure.get("rate", ()) if is_step(self.row.words, self.quantities[i])]

    @cached_property
    def has_examples(self) -> bool:
        """Whether it gives examples of its own, whose values are facts."""
        return "example" in self.row.words or "instance" in self.row.words

    @cached_property
    def counted(self) -> Sequence[int]:
        """The quantities that a complete text tells: those with a unit, an age or a frequency."""
        return [i for i, one in enumerate(self.quantities) if one.measure and ":" not in one.measure]

    def span(self, index: int) -> tuple[int, int]:
        """Where a quantity stands in the text."""
        return self.row.span(self.quantities[index].first, self.quantities[index].last)

    def same_words(self, row: Words, told: Quantity) -> int:
        """The quantity that stands in the very words in which `told` stands in the text `row`, or -1."""
        return self.wordings.get(_wording(row, told), -1)

    def given(self, indices: Iterable[int], told: Quantity) -> bool:
        """Whether any of these quantities is given as often as `told`, both by what stands right beside them."""
        return told.rate is not None and any(self.quantities[index].rate == told.rate for index in indices)

    def of(self, measure: str) -> list[Quantity]:
        """The quantities of one measure, in order."""
        return [self.quantities[index] for index in self.by_measure.get(measure, ())]

    def affinity(self, context: Context, measures: Sequence[str]) -> list[float]:
        """How much of `context` each quantity of these measures shares, by its index; 0 for the others."""
        shared = [0.0] * len(self.quantities)
        for measure in measures:
            before, behind = self.surroundings.postings[measure]
            for mark, weight in context.items():
                for index, share in (before if weight > 0 else behind).get(mark, ()):
                    shared[index] += weight * share
        return shared

    def candidates(self, told: Quantity, *, counted: bool) -> Candidates:
        """What the source has for a quantity of an output. `counted`: it is a number of something that both count."""
        key = (told.measure, told.low, told.high, told.raw, told.bound, told.relation, told.rate, counted)
        found = self._asked.get(key)
        if found is None:
            found = self._asked[key] = self._candidates(told, counted)
        return found

    def _candidates(self, told: Quantity, counted: bool) -> Candidates:
        agreeing, rivals = [], []
        for index in self._comparable(told.measure):
            other = self.quantities[index]
            if counted and other.measure:
                continue
            how = agreement(told, other)
            if how:
                agreeing.append((index, how))
            elif other.measure == told.measure:
                rivals.append((index, _likeness(told, other)))
        indices = [index for index, _ in agreeing] + [index for index, _ in rivals]
        measures = dict.fromkeys(self.quantities[index].measure for index in indices)
        same = frozenset(index for index, _ in rivals if self.quantities[index].raw == told.raw)
        return Candidates(
            tuple(agreeing),
            tuple(rivals),
            same,
            tuple(measures),
            indices=tuple(index for index, _ in agreeing),
            in_total=any(how is Agreement.TOTAL for _, how in agreeing),
        )

    def _comparable(self, measure: str) -> Sequence[int]:
        """The quantities that one of this measure may agree with, and all of the same, in order."""
        found = self._comparables.get(measure)
        if found is None:
            found = sorted(
                index for other, indices in self.by_measure.items() if comparable(measure, other) for index in indices
            )
            self._comparables[measure] = found
        return found

    def counts(self, row: Words, told: Quantity) -> bool:
        """Whether the source counts what the plain number `told` of the text `row` counts."""
        return not self.things.isdisjoint(_things(row, told))


def _things(row: Words, quantity: Quantity) -> set[str]:
    return {mark for word in row.words[quantity.last : quantity.last + 3] if (mark := stem(word))}


def _wording(row: Words, quantity: Quantity) -> tuple[str, ...]:
    return tuple(row.words[max(0, quantity.first - AROUND) : quantity.last + AROUND])


def _likeness(told: Quantity, other: Quantity) -> float:
    factor = 1.0 if told.is_range == other.is_range else OTHER_FORM
    same = told.low == other.low and told.high == other.high
    if told.bound != other.bound and not same:
        factor *= OPPOSITE if told.bound and other.bound else HALF_BOUND
    if told.measure == "time" and not 1 / FAR < told.low / max(other.low, 1e-9) < FAR:
        factor *= OPPOSITE
    return factor


def quantities_in(extract: Extract) -> Source:
    """The analysis of an extract; the same object for the same extract while it is looked at."""
    return analysed(extract.text, "\n".join((extract.title, *extract.headings)))


@lru_cache(maxsize=CACHE)
def analysed(text: str, over: str) -> Source:
    """The analysis of an extract's text; `over` is its title and headings."""
    row = split(text)
    quantities = read(row)
    attach_far_rates(row.words, quantities)
    rates = _rates(row.words, quantities)
    numbers = frozenset(value for quantity in quantities for value in quantity.raw)
    directions = read_directions(row.words, quantities)
    order = sorted(range(len(quantities) + len(directions)), key=lambda k: (quantities + directions)[k].first)
    place = {k: index for index, k in enumerate(order)}
    both = quantities + directions
    source = Source(
        row,
        [both[k] for k in order],
        rates={place[k]: found for k, found in rates.items()},
        numbers=numbers,
        things=frozenset(mark for quantity in quantities if not quantity.measure for mark in _things(row, quantity)),
        digits=frozenset(value for word in (*row.words, *split(over).words) if (value := value_of(word)) is not None),
        title_numbers=frozenset(value for quantity in read(split(over)) for value in quantity.raw),
    )
    for index, quantity in enumerate(source.quantities):
        source.by_measure.setdefault(quantity.measure, []).append(index)
        if len(wording := _wording(row, quantity)) >= SAME_WORDS:
            source.wordings.setdefault(wording, index)
    return source


def _surroundings(source: Source) -> Surroundings:
    contexts = Contexts(source.row, source.quantities)
    found = [contexts.of(quantity) for quantity in source.quantities]
    count: dict[str, int] = {}
    for context in found:
        for mark in context:
            count[mark] = count.get(mark, 0) + 1
    rarity = {mark: math.log(1 + (len(found) + 1) / number) for mark, number in count.items()}
    postings: dict[str, tuple[Postings, Postings]] = {measure: ({}, {}) for measure in source.by_measure}
    for quantity, (index, context) in zip(source.quantities, enumerate(found), strict=True):
        before, behind = postings[quantity.measure]
        for mark, weight in context.items():
            share = abs(weight) * rarity[mark]
            other = OTHER_SIDE * share
            before.setdefault(mark, []).append((index, share if weight > 0 else other))
            behind.setdefault(mark, []).append((index, -share if weight < 0 else -other))
    return Surroundings(count, Memo(lambda word: mark if (mark := STEMS[word]) in count else ""), postings)


def _rates(words: Sequence[str], quantities: Sequence[Quantity]) -> dict[int, list[Quantity]]:
    """For each quantity the frequency right behind it, or else those of its sentence that stand near it."""
    found: dict[int, list[Quantity]] = {}
    for index, quantity in enumerate(quantities):
        if quantity.measure == "rate":
            continue
        near = [*_near_rates(words, quantities, index, 1), *_near_rates(words, quantities, index, -1)]
        adjoining = near and 0 <= near[0].first - quantity.last <= ADJOINING and near[0].first > quantity.first
        found[index] = near[:1] if adjoining else near
    return found


def _near_rates(words: Sequence[str], quantities: Sequence[Quantity], index: int, step: int) -> Iterator[Quantity]:
    here, k = quantities[index], index + step
    while 0 <= k < len(quantities) and abs(quantities[k].first - here.first) <= NEAR:
        other = quantities[k]
        if any(word in ".;\n" for word in words[min(here.last, other.last) : max(here.first, other.first)]):
            return
        if other.measure == "rate":
            yield other
        k += step
