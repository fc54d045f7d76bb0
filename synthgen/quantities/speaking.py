"""Quantities that are more likely a way of speaking than a fact."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from synthgen.quantities.memo import places
from synthgen.quantities.quantity import Quantity
from synthgen.quantities.rivals import Match
from synthgen.quantities.source import Source
from synthgen.quantities.words import Words, value_of

PER_HOUR = 24.0
MANY = 12
"""What is counted up to so many may be a way of speaking."""
LINE, OPENING = 40, 6
"""Words before a quantity in which its line may begin, and words that open it."""
APART = 10
"""Words at most between the ends of a range."""


def is_meaningless(match: Match, row: Words, source: Source) -> bool:
    """Whether a quantity that the source lacks is more likely a way of speaking than a fact."""
    quantity = match.told
    if not quantity.bound and (match.role == "asked" or in_question(quantity, row)):
        return True
    if quantity.measure in ("", "name:year") and not quantity.bound and _in_digits(quantity, source):
        return True
    if quantity.measure == "":
        if quantity.raw[0] in source.title_numbers:
            return True
        if quantity.bound > 0 and quantity.raw in ((1, 1), (2, 2)) and not _SEVERAL.isdisjoint(source.row.words):
            return True
        small = quantity.raw == (1, 1) or (quantity.raw[1] <= MANY and not quantity.bound and not quantity.is_range)
        return (small or quantity.in_words) and not source.counts(row, quantity)
    if (
        quantity.measure == "rate"
        and row.words[quantity.last : quantity.last + 1] in _SUMS
        and "rate" in source.by_measure
    ):
        # "The daily total is 5 mg" says what all doses make, and not how often one is given.
        return True
    if quantity.measure == "rate" and quantity.low >= PER_HOUR:
        # The speed of an infusion is that of its amount, and no frequency.
        return (
            row.words[quantity.first] in ("/", "per")
            or any(measure.startswith("flow") for measure in source.by_measure)
            or any(one.high > PER_HOUR or one.high == quantity.low for one in source.of("rate"))
        )
    if quantity.measure.startswith("name:"):
        unknown = quantity.measure not in source.by_measure and quantity.measure != "name:year"
        return unknown or quantity.raw[0] in source.title_numbers
    if quantity.measure == "time" and quantity.low == PER_HOUR and row.words[quantity.first - 1] == "over":
        # "6 drops over 24 hours" are a day's, where the source has a frequency.
        return "rate" in source.by_measure
    return quantity.measure == "time" and (
        quantity.raw[0] in source.title_numbers or (quantity.in_words and quantity.raw == (1, 1) and not quantity.bound)
    )


_SUMS = (["total"], ["amount"], ["sum"])


_SEVERAL = frozenset({"multiple", "several", "various"})
"""Words for more than one."""


def _in_digits(quantity: Quantity, source: Source) -> bool:
    """Whether the source has a large number, or both ends of a range close to each other, in whatever sense."""
    if not source.digits.issuperset(quantity.raw):
        return False
    if not quantity.is_range:
        return quantity.raw[0] > MANY
    words = source.row.words
    ends = [(i, value) for i in places(words, str.isdecimal) if (value := value_of(words[i])) in quantity.raw]
    return quantity.raw[0] > MANY or any(
        one[1] != other[1] and other[0] - one[0] < APART for one, other in pairwise(ends)
    )


def in_question(quantity: Quantity, row: Words) -> bool:
    """Whether the sentence ends as a question, or makes up a person about whom the next one asks ("A man has ...")."""
    words, ends = row.words, 0
    for i in range(quantity.last, min(len(words), quantity.last + 60)):
        if words[i] == "?":
            return ends == 0 or _opens_with_article(words, quantity.first) or _is_numbered(words, quantity.first)
        ends += words[i] == "."
        if words[i] == "\n" or ends > 1:
            return False
    return False


def _is_numbered(words: Sequence[str], at: int) -> bool:
    """Whether the line opens as a question ("**Question 1.**", "2. A man ...")."""
    line = next((i for i in range(at, max(0, at - LINE), -1) if words[i - 1] == "\n"), 0)
    opening = [word for word in words[line : line + OPENING] if word not in "*#_|-"]
    return opening[:1] in (["question"], ["q"]) or (bool(opening) and opening[0].isdecimal())


def _opens_with_article(words: Sequence[str], at: int) -> bool:
    first = next((i for i in range(at, max(0, at - 40), -1) if words[i - 1] in ".?!\n*"), 0)
    return words[first] in ("a", "an", "someone")
