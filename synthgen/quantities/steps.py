"""How often a dose is changed, as opposed to how often it is given: "increase by 2 mg weekly"."""

from __future__ import annotations

from collections.abc import Sequence

from synthgen.quantities.frequencies import ADVERBS
from synthgen.quantities.quantity import Quantity
from synthgen.quantities.stems import stem
from synthgen.quantities.words import listed

_CHANGES = frozenset({stem("increase"), stem("decrease"), stem("adjust"), stem("titrate")})
_STEPS = frozenset(listed("interval intervals increment increments step steps increase increases titration titrations"))
_EACH = frozenset({"every", "each"})
_DOSES = frozenset(listed("dose doses dosing dosage amount total maximum limit intake to"))
_ENDS = frozenset(".;:\n|,?!")
REACH = 9
"""Words before a frequency in which a change may be named."""


def is_step(words: Sequence[str], rate: Quantity) -> bool:
    """Whether a frequency tells how often a dose is changed.

    It stands before "intervals" or "increments", right behind the change ("increased weekly"), or behind what it is
    changed by; behind "to" stands the dose that is then given so often.
    """
    after = words[rate.last : rate.last + 1]
    if after and after[0] in _STEPS:
        return True
    if after and after[0] in _DOSES - {"to"}:
        return False
    if words[rate.first] == "/" or any(word in _EACH or word in ADVERBS for word in words[rate.last : rate.last + 3]):
        # "By 5 mg a day every week": the first is that of the amount.
        return False
    by = False
    for i in range(rate.first - 1, max(-1, rate.first - 1 - REACH), -1):
        word = words[i]
        if word in _ENDS or word == "to":
            return False
        by = by or word == "by" or (word == "of" and i > 0 and words[i - 1] in _STEPS)
        if stem(word) in _CHANGES and (by or not any(one[0].isdecimal() for one in words[i + 1 : rate.first])):
            return by or rate.first - i <= 4
    return False
