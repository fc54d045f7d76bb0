"""Ranges of expected amounts, and ratios measured on a sample with their error: the arithmetic of estimates."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

ERRORS = 2.0
"""Standard errors on each side of a measured value: about 95 % of cases are within."""


@dataclass(frozen=True, slots=True)
class Range:
    """An expected amount between a low and a high one."""

    low: float
    expected: float
    high: float

    @classmethod
    def about(cls, expected: float, factor: float) -> Range:
        """`expected`, known to a `factor` (1 or more) both ways."""
        return cls(expected / factor, expected, expected * factor)

    def __add__(self, other: Range) -> Range:
        """Both together. Their errors are taken to go the same way, so the ends add up as well."""
        return Range(self.low + other.low, self.expected + other.expected, self.high + other.high)

    def __mul__(self, factor: float) -> Range:
        return Range(self.low * factor, self.expected * factor, self.high * factor)


NOTHING = Range(0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Ratio:
    """How much y there is for each x. `error` is the standard error of `value`, `spread` the deviation of one y."""

    value: float
    error: float
    spread: float

    @classmethod
    def measured(cls, pairs: Sequence[tuple[float, float]]) -> Ratio:
        """The ratio of the sums over `pairs` of (x, y), at least two of them, the sum of x above 0.

        The error is that of the ratio estimator: the deviation of the residuals y - value * x over the mean of x.
        """
        n, all_x = len(pairs), sum(x for x, _ in pairs)
        value = sum(y for _, y in pairs) / all_x
        spread = math.sqrt(sum((y - value * x) ** 2 for x, y in pairs) / (n - 1))
        return cls(value, spread * math.sqrt(n) / all_x, spread)

    def total(self, x: float, count: int) -> Range:
        """All y of `count` more items, whose x add up to `x`: the error of the ratio, and their own spread."""
        expected = self.value * x
        error = ERRORS * math.hypot(self.error * x, self.spread * math.sqrt(count))
        return Range(max(0.0, expected - error), expected, expected + error)
