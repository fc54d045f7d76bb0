"""Whether a transformation and teacher work together: healthy, watch or collapsed, with the numbers behind it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from synthgen.pilot.measures import Measures

Health = Literal["healthy", "watch", "collapsed"]

ENOUGH = 10
"""Accepted records below which nothing but acceptance is judged."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A measure and where it begins to be worth a look, and where it means collapse.

    `watch` above `collapsed` means that low values are bad. The limits leave room above what guidelines, textbooks and
    the built-in teacher's prose measure, and catch teachers that were made to collapse (tests/test_pilot.py).
    """

    name: str
    of: Callable[[Measures], float | None]
    watch: float
    collapsed: float
    words: str

    def health(self, measures: Measures) -> Health:
        value = self.of(measures)
        if value is None:
            return "healthy"
        sign = -1 if self.watch > self.collapsed else 1
        if sign * value >= sign * self.collapsed:
            return "collapsed"
        return "watch" if sign * value >= sign * self.watch else "healthy"


def _position(measures: Measures) -> float | None:
    """How many times as often the commonest answer letter stands as it would by chance."""
    return measures.position[1] * measures.options if measures.position else None


ACCEPTANCE = Rule("acceptance", lambda m: m.acceptance, 0.5, 0.1, "{:.0%} of the answers were accepted")

RULES = (
    Rule("opening", lambda m: m.opening[1], 0.2, 0.5, "{:.0%} begin with the same words"),
    Rule("closing", lambda m: m.closing[1], 0.2, 0.5, "{:.0%} end with the same words"),
    Rule("distinct", lambda m: m.distinct, 0.45, 0.2, "{:.0%} of the runs of three words are different ones"),
    Rule("similarity", lambda m: m.similarity, 0.2, 0.4, "{:.0%} alike across extracts"),
    Rule("compression", lambda m: m.compression, 4.5, 7.0, "compresses {:.1f} times"),
    Rule("spread", lambda m: m.spread, 0.1, 0.03, "lengths spread by {:.0%} only"),
    Rule("numbers", lambda m: m.numbers, 0.15, 0.05, "{:.0%} of the source's numbers are kept"),
    Rule("position", _position, 1.8, 2.6, "one answer letter {:.1f} times as often as by chance"),
    Rule("repeats", lambda m: m.repeats, 0.1, 0.4, "{:.0%} of the samples of one extract are nearly the same"),
)


@dataclass(frozen=True, slots=True)
class Cell:
    """One transformation with one teacher. `reasons` says what is not healthy, worst first.

    `basis` is a hash of what the verdict rests on; see `synthgen.pilot.basis`.
    """

    transformation: str
    teacher: str
    measures: Measures
    health: Health
    reasons: tuple[str, ...]
    basis: str = ""


def judge_cell(transformation: str, teacher: str, measures: Measures, basis: str = "") -> Cell:
    """The verdict on one cell: the worst of what any rule says."""
    if not measures.asked:
        return Cell(transformation, teacher, measures, "watch", ("nothing was asked of it",), basis)
    enough = measures.accepted >= ENOUGH
    found = [(rule.health(measures), rule) for rule in (ACCEPTANCE, *(RULES if enough else ()))]
    bad = [(health, rule) for level in ("collapsed", "watch") for health, rule in found if health == level]
    reasons = [rule.words.format(rule.of(measures)) for _, rule in bad]
    if not enough:
        reasons.append(f"{measures.accepted} accepted are too few to tell more")
    health: Health = bad[0][0] if bad else "healthy" if enough else "watch"
    return Cell(transformation, teacher, measures, health, tuple(reasons), basis)
