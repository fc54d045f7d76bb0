"""What a quantity is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Quantity:
    """A number or range, `words[first:last]` of a row of words, with `low` and `high` in the base unit of its measure.

    `measure` is that of `synthgen.quantities.units`, `rate` for a frequency (times a day), `name:WORD` for a number
    that is a name ("stage 3", "PHQ-9"), `way:GROUP` for a word of direction, and empty for a plain number. `raw` are
    the numbers as written, `bound` and `relation` those of `comparators`. `rate` is how often a day the amount is to be
    given, where that stands with it. `of_a_case` marks what describes one made-up person ("a 66-year-old").
    """

    first: int
    last: int
    low: float
    high: float
    measure: str
    raw: tuple[float, float]
    bound: int = 0
    relation: int = 0
    rate: tuple[float, float] | None = None
    in_words: bool = False
    of_a_case: bool = False

    @property
    def is_range(self) -> bool:
        return self.low != self.high
