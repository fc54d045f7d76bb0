"""Thresholds on the whole set. A set that misses one ends the run with exit code 3."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from synthgen.recipe import GateSettings

AT_MOST = frozenset({"failed", "pending", "collapsed", "unsupported", "near_duplicates", "contaminated"})
"""The gates whose threshold is a maximum; that of the others is a minimum."""


@dataclass(frozen=True, slots=True)
class GateResult:
    """One gate: what was asked for, and what the set has."""

    name: str
    threshold: float
    value: float

    @property
    def passed(self) -> bool:
        return self.value <= self.threshold if self.name in AT_MOST else self.value >= self.threshold

    def __str__(self) -> str:
        relation = "at most" if self.name in AT_MOST else "at least"
        return f"{self.name} is {self.value:.6g}, asked for {relation} {self.threshold:.6g}"


def check_gates(settings: GateSettings, measures: Mapping[str, float]) -> tuple[GateResult, ...]:
    """The gates that the recipe sets, held against `measures`, which has a value for every gate's name."""
    asked = settings.model_dump(exclude_none=True)
    return tuple(GateResult(name, float(threshold), measures[name]) for name, threshold in sorted(asked.items()))
