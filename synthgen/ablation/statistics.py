"""How sure a mean is over questions and seeds, whether two arms differ, and what luck alone would get.

Questions and seeds are crossed: every model answers every question. So both are drawn again, each by itself, and all
that one question or one seed has in common moves together (Owen, "The pigeonhole bootstrap", Annals of Applied
Statistics 1, 2007). Two arms are compared on the same questions and seeds, pair by pair (Koehn, "Statistical
significance tests for machine translation evaluation", EMNLP 2004).

A bootstrap of few units is too sure of itself: its intervals for a mean of three are less than half as wide as they
should be. So the deviation that each of the two drawings gives is multiplied by sqrt(n / chi-squared(n - 1)), for n
units, which makes a normal deviation one of Student's t (Hesterberg, "What teachers should know about the bootstrap",
The American Statistician 69, 2015, on why). It changes nothing for a thousand questions. With one seed there is no
telling how much another would differ: then an interval is one over questions only.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from synthgen.ablation.tasks import Question

Floats: TypeAlias = npt.NDArray[np.float64]

LEVEL = 0.95
RESAMPLES = 10_000
_BLOCK = 1_000
"""Resamples at a time: counts of a thousand questions take 8 MB."""
_COMMON = 5
"""An answer that is offered in fewer questions cannot be learnt as the usual one."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean with the interval that holds it at `LEVEL`, and `p`: how likely a mean so far from zero is by chance."""

    mean: float
    low: float
    high: float
    p: float


@dataclass(frozen=True, slots=True)
class Baselines:
    """What is right of answers that look at no question.

    `chance` guesses. `positions` gives the first option always, the second always, and so on. `majority` gives the
    option that is right most often, where it is offered. `longest` gives the longest in characters. Where several
    are alike, it counts what one of them would get on average.
    """

    chance: float
    positions: tuple[float, ...]
    majority: float
    longest: float

    @property
    def best(self) -> float:
        return max(self.chance, *self.positions, self.majority, self.longest)


def intervals(scores: Sequence[Floats], weights: Floats, key: str) -> list[Interval]:
    """The mean of each of `scores` with its interval.

    Each is an array of (seeds, questions), as many seeds as it has and the same questions in all; for the difference of
    two arms, that of their scores. `weights` are those of the questions in the mean. The draws follow from `key` and
    the number of questions, so that they are the same for all of `scores`, everywhere and always.
    """
    generator = np.random.default_rng(zlib.crc32(key.encode()))
    shares = weights / weights.sum()
    per_item = np.stack([one.mean(axis=0) for one in scores])
    deviations = _item_deviations(per_item, shares, generator)
    found = []
    for one, moved in zip(scores, deviations, strict=True):
        per_seed = one @ shares
        mean = float(per_seed.mean())
        found.append(_interval(mean, moved, _seed_deviations(per_seed, generator)))
    return found


def holm(values: Sequence[float]) -> list[float]:
    """The p-values of several comparisons, raised so that one or more below 0.05 come by chance in 5 cases of 100.

    Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6, 1979.
    """
    order = sorted(range(len(values)), key=values.__getitem__)
    raised, highest = [0.0] * len(values), 0.0
    for rank, place in enumerate(order):
        highest = max(highest, min(1.0, (len(values) - rank) * values[place]))
        raised[place] = highest
    return raised


def baselines(questions: Sequence[Question]) -> Baselines:
    """What luck gets in `questions`, of which there must be one."""
    most = max(len(question.options) for question in questions)
    offered = Counter(option for question in questions for option in question.options)
    right = Counter(question.options[question.gold] for question in questions)
    usual = {option: right[option] / times for option, times in offered.items() if times >= _COMMON}
    return Baselines(
        _mean([1 / len(question.options) for question in questions]),
        tuple(_mean([question.gold == place for question in questions]) for place in range(most)),
        _mean([_lucky(question, [usual.get(option, 0.0) for option in question.options]) for question in questions]),
        _mean([_lucky(question, [float(len(option)) for option in question.options]) for question in questions]),
    )


def _lucky(question: Question, preference: Sequence[float]) -> float:
    """How often the most preferred option is the right one; alike ones are chosen among by chance."""
    best = [place for place, value in enumerate(preference) if value == max(preference)]
    return (question.gold in best) / len(best)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _item_deviations(per_item: Floats, shares: Floats, generator: np.random.Generator) -> Floats:
    """By how much the mean of each row moves when questions are drawn again: (rows, resamples)."""
    items = per_item.shape[1]
    if items == 1:
        return np.zeros((len(per_item), RESAMPLES))
    centred = per_item - (per_item @ shares)[:, None]
    moved = np.empty((len(per_item), RESAMPLES))
    for start in range(0, RESAMPLES, _BLOCK):
        drawn = generator.multinomial(items, np.full(items, 1 / items), _BLOCK) * shares
        moved[:, start : start + _BLOCK] = centred @ drawn.T / drawn.sum(axis=1)
    return moved * _student(items, generator)


def _seed_deviations(per_seed: Floats, generator: np.random.Generator) -> Floats:
    """By how much a mean moves when seeds are drawn again; not at all where there is one."""
    seeds = len(per_seed)
    if seeds == 1:
        return np.zeros(RESAMPLES)
    drawn = generator.multinomial(seeds, np.full(seeds, 1 / seeds), RESAMPLES) / seeds
    moved: Floats = drawn @ per_seed - per_seed.mean()
    return moved * _student(seeds, generator)


def _student(units: int, generator: np.random.Generator) -> Floats:
    scale: Floats = np.sqrt(units / generator.chisquare(units - 1, RESAMPLES))
    return scale


def _interval(mean: float, by_items: Floats, by_seeds: Floats) -> Interval:
    low, high = np.quantile(mean + by_items + by_seeds, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    # The two move independently, so each may meet each: p-values far smaller than one resample can be told apart.
    ordered, crossing = np.sort(by_items), -mean - by_seeds
    below = np.searchsorted(ordered, crossing, side="right").mean() / RESAMPLES
    above = 1 - np.searchsorted(ordered, crossing, side="left").mean() / RESAMPLES
    return Interval(mean, float(low), float(high), float(min(1.0, max(2 * min(below, above), RESAMPLES**-2))))
