"""The quantities of an extract, ready to be asked what follows from them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from synthgen.quantities.agreement import Agreement, agreement
from synthgen.quantities.context import Context, contexts
from synthgen.quantities.directions import read_directions
from synthgen.quantities.neighbours import attach_far_rates
from synthgen.quantities.quantity import Quantity
from synthgen.quantities.reading import read
from synthgen.quantities.stems import stem
from synthgen.quantities.words import Words, split

OTHER_SIDE = 0.3
"""What a word counts for that stands before a quantity in the one text and behind it in the other."""
OTHER_FORM, HALF_BOUND, OPPOSITE = 0.8, 0.85, 0.5
"""How likely a mistake has another form than what it stands for: a range for a single value, a limit for none."""
FAR = 30.0
"""A duration is seldom mistaken for one so many times as long."""
ADJOINING, NEAR = 1, 18
"""Words between an amount and a frequency that is certainly its own, and one that may be."""
CACHE = 64
"""Extracts whose analysis is kept. Records come in the order of extracts."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """The source's quantities, by index, for one quantity of an output: those that agree, and those that could stand in
    its place, with how likely they are mistaken for it; and the measures of both."""

    agreeing: tuple[tuple[int, Agreement], ...]
    rivals: tuple[tuple[int, float], ...]
    measures: tuple[str, ...]


@dataclass(slots=True)
class Source:
    """An extract read once."""

    row: Words
    quantities: list[Quantity]
    by_measure: dict[str, list[int]] = field(default_factory=dict)
    known: frozenset[str] = frozenset()
    """The stems that stand around any quantity."""
    postings: dict[str, dict[str, list[tuple[int, float, float]]]] = field(default_factory=dict)
    """By measure and stem: the quantities whose context holds it, with its weight there times its rarity, for a context
    that has it before its quantity and for one that has it behind."""
    rates: dict[int, list[Quantity]] = field(default_factory=dict)
    """By quantity: the frequencies of its sentence that stand near it."""
    numbers: frozenset[float] = frozenset()
    things: frozenset[str] = frozenset()
    """Stems of what its plain numbers count."""
    title_numbers: frozenset[float] = frozenset()
    _asked: dict[tuple[object, ...], Candidates] = field(default_factory=dict)

    def of(self, measure: str) -> list[Quantity]:
        """The quantities of one measure, in order."""
        return [self.quantities[index] for index in self.by_measure.get(measure, ())]

    def affinity(self, context: Context, measures: Sequence[str]) -> list[float]:
        """How much of `context` each quantity of these measures shares, by its index; 0 for the others."""
        shared = [0.0] * len(self.quantities)
        for measure in measures:
            postings = self.postings[measure]
            for mark, weight in context.items():
                if mark not in postings:
                    continue
                if weight > 0:
                    for index, before, _ in postings[mark]:
                        shared[index] += weight * before
                else:
                    for index, _, after in postings[mark]:
                        shared[index] -= weight * after
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
        for index, other in enumerate(self.quantities):
            if counted and other.measure:
                continue
            how = agreement(told, other)
            if how:
                agreeing.append((index, how))
            elif other.measure == told.measure:
                rivals.append((index, _likeness(told, other)))
        indices = [index for index, _ in agreeing] + [index for index, _ in rivals]
        measures = dict.fromkeys(self.quantities[index].measure for index in indices)
        return Candidates(tuple(agreeing), tuple(rivals), tuple(measures))

    def counts(self, row: Words, told: Quantity) -> bool:
        """Whether the source counts what the plain number `told` of the text `row` counts."""
        return not self.things.isdisjoint(_things(row, told))


def _things(row: Words, quantity: Quantity) -> set[str]:
    return {mark for word in row.words[quantity.last : quantity.last + 3] if (mark := stem(word))}


def _likeness(told: Quantity, other: Quantity) -> float:
    factor = 1.0 if told.is_range == other.is_range else OTHER_FORM
    same = told.low == other.low and told.high == other.high
    if told.bound != other.bound and not same:
        factor *= OPPOSITE if told.bound and other.bound else HALF_BOUND
    if told.measure == "time" and not 1 / FAR < told.low / max(other.low, 1e-9) < FAR:
        factor *= OPPOSITE
    return factor


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
        title_numbers=frozenset(value for quantity in read(split(over)) for value in quantity.raw),
    )
    for index, quantity in enumerate(source.quantities):
        source.by_measure.setdefault(quantity.measure, []).append(index)
    _index(source)
    return source


def _index(source: Source) -> None:
    found = contexts(source.row, source.quantities)
    count: dict[str, int] = {}
    for context in found:
        for mark in context:
            count[mark] = count.get(mark, 0) + 1
    source.known = frozenset(count)
    source.postings = {measure: {} for measure in source.by_measure}
    rarity = {mark: math.log(1 + (len(found) + 1) / number) for mark, number in count.items()}
    for index, context in enumerate(found):
        for mark, weight in context.items():
            size = abs(weight) * rarity[mark]
            before, after = (size, OTHER_SIDE * size) if weight > 0 else (OTHER_SIDE * size, size)
            postings = source.postings[source.quantities[index].measure]
            postings.setdefault(mark, []).append((index, before, after))


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
