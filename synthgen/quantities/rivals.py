"""By how much another quantity of the source fits better in the place of one that is told."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from synthgen.quantities.quantity import Quantity
from synthgen.quantities.source import Source
from synthgen.quantities.words import Words

# The weights were set on half of a labelled collection of faithful and corrupted outputs.
OWN, MARGIN = 1.3, 0.4
"""A rival must share so many times more than what agrees does of what stands around a quantity, and this on top."""
TOLD = 0.4
"""What a rival counts for that the text tells elsewhere."""
LOST_OWN, LOST_MARGIN = 1.1, 0.1
"""OWN and MARGIN where what agrees is told in another place that it fits better, and the rival nowhere."""
CONTRAST = 0.7
"""What rivals count for where a quantity is set against another one, or is the second half of a combination."""
RATE = 0.6
"""What rivals of a frequency count for: these are more often said in passing."""
CLAIMED, MOST_CLAIMED = 0.2, 1.5
"""How much less is asked of a rival, per e-fold, where what agrees is told elsewhere and fits that place so many times
better; and the most e-folds that count."""


class Match(NamedTuple):
    """A quantity of a text, the role of its part, and what the source has for it.

    `best` is the index of what agrees best, -1 where nothing does, and `affinity` how much they share of what stands
    around them; `rivals` are the affinity and index of each quantity that could stand in its place, and `same` are the
    indices of those that are the same as written.
    """

    told: Quantity
    best: int
    affinity: float
    rivals: tuple[tuple[float, int], ...]
    role: str
    same: Collection[int] = ()


class Telling:
    """What a text tells of its source, taken together.

    `told` are the indices of the quantities of the source that it tells.
    """

    def __init__(self, matches: Sequence[Match], row: Words, source: Source) -> None:
        self.matches = matches
        self.row = row
        self.source = source
        self.told = frozenset(match.best for match in matches if match.best >= 0)
        self._counts = Counter([match.best for match in matches])
        self._claims = _claims(matches)

    def is_crowded(self, match: Match) -> bool:
        """Whether another quantity of the text stands for the same one of the source."""
        return self._counts[match.best] > 1

    def strongest(self, match: Match) -> tuple[float, int]:
        """By how much the rival that fits best in the place of the match passes the margin, and its index.

        At most 0 where none does.
        """
        own = max(match.affinity, 0.0)
        strongest = max(match.rivals)[0] if match.rivals else 0.0
        if strongest <= LOST_OWN * own + LOST_MARGIN:
            # So much is asked of any rival.
            return -1.0, -1
        asked = OWN * own + MARGIN - self._claimed(match)
        lost = LOST_OWN * own + LOST_MARGIN if self._is_lost(match) else asked
        if strongest <= min(asked, lost):
            return -1.0, -1
        doubt = RATE if match.told.measure == "rate" else 1.0
        if _contrasted(match.told, self.row):
            doubt *= CONTRAST
        passed, found = -1.0, -1
        for score, index in match.rivals:
            told = index in self.told
            over = doubt * score * (TOLD if told else 1.0) - (asked if told else min(asked, lost))
            if over > passed:
                passed, found = over, index
        return passed, found

    def _is_lost(self, match: Match) -> bool:
        """Whether what agrees is told in another place that it fits better."""
        lost = self._counts[match.best] > 1 and match.affinity < self._claims[match.best, match.told.measure]
        return lost and not _is_concluded(match.told, self.row)

    def _claimed(self, match: Match) -> float:
        """How doubtful what agrees is, because it belongs elsewhere in the text."""
        claim = (self._claims[match.best, match.told.measure] + 0.1) / (max(match.affinity, 0.0) + 0.1)
        return CLAIMED * min(math.log(max(claim, 1.0)), MOST_CLAIMED)


def _claims(matches: Iterable[Match]) -> Mapping[tuple[int, str], float]:
    """The affinity of the best match of each quantity of the source, by its index and the measure that is told."""
    claims: dict[tuple[int, str], float] = {}
    for match in matches:
        key = match.best, match.told.measure
        claims[key] = max(claims.get(key, 0.0), match.affinity)
    return claims


def _is_concluded(quantity: Quantity, row: Words) -> bool:
    """Whether the sentence concludes from what was said, so that it may say again what another one fits better."""
    for i in range(quantity.first - 1, max(-1, quantity.first - SENTENCE), -1):
        if row.words[i] in ".?!\n":
            return False
        if row.words[i] in _CONCLUDING:
            return True
    return False


SENTENCE = 15
"""Words before a quantity in which its sentence may say that it concludes."""
_CONCLUDING = frozenset({"so", "thus", "therefore", "hence"})


def _contrasted(quantity: Quantity, row: Words) -> bool:
    """Whether a quantity is named only to be set against another one ("rather than 30")."""
    before = row.words[max(0, quantity.first - 4) : quantity.first]
    if before[-1:] == ["/"]:
        return True
    return any(
        pair in (["rather", "than"], ["instead", "of"]) for pair in (before[i : i + 2] for i in range(len(before)))
    ) or before[-1:] in (["not"], ["versus"], ["vs"], ["exactly"])
