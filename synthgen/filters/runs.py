"""The words of a text with their places, and the runs of words that two texts share."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

Gram = tuple[str, ...]

_WORD = re.compile(r"[^\W_]++")
_PLACES = 4
"""Places of one n-gram that are looked at: more only stand in texts that repeat themselves."""


@dataclass(frozen=True)
class Words:
    """The words of a text in lower case; word `i` stands at `text[starts[i]:ends[i]]`."""

    words: Sequence[str]
    starts: Sequence[int]
    ends: Sequence[int]

    def grams(self, n: int) -> Iterator[Gram]:
        """All runs of `n` words, in order."""
        return zip(*(islice(self.words, start, None) for start in range(n)), strict=False)


@dataclass(frozen=True, slots=True)
class Shared:
    """`words` words that stand at word `start` of one text and at word `source` of another."""

    words: int = 0
    start: int = 0
    source: int = 0


@lru_cache(maxsize=64)
def words_of(text: str) -> Words:
    """The words of `text`. Kept for a while, as several filters ask for those of one record."""
    matches = list(_WORD.finditer(text))
    return Words(
        [match[0].lower() for match in matches],
        [match.start() for match in matches],
        [match.end() for match in matches],
    )


@lru_cache(maxsize=16)
def index_of(text: str, n: int) -> Mapping[Gram, Sequence[int]]:
    """Where each run of `n` words begins in `text`: the number of its first word, for the first few places."""
    places: dict[Gram, list[int]] = {}
    for number, gram in enumerate(words_of(text).grams(n)):
        known = places.setdefault(gram, [])
        if len(known) < _PLACES:
            known.append(number)
    return places


def longest_shared(text: str, source: str, n: int) -> Shared:
    """The longest run of at least `n` words that `text` has in common with `source`; one of 0 words if there is none.

    The time is linear in the length of `text` but for texts that repeat one run of words over and over.
    """
    made, places = words_of(text).words, index_of(source, n)
    held = words_of(source).words
    grams = list(words_of(text).grams(n))
    best, number = Shared(), 0
    while number < len(grams):
        reach = number + 1
        for place in places.get(grams[number], ()):
            after, before = (
                _extent(made, number + n, held, place + n, 1),
                _extent(made, number - 1, held, place - 1, -1),
            )
            length = before + n + after
            if length > best.words:
                best = Shared(length, number - before, place - before)
            # The next run that is not inside this one holds the word that ended it.
            reach = max(reach, number + after + 1)
        number = reach
    return best


def _extent(made: Sequence[str], at: int, held: Sequence[str], place: int, step: int) -> int:
    """How many words agree from here on, forwards or backwards."""
    count = 0
    while 0 <= at < len(made) and 0 <= place < len(held) and made[at] == held[place]:
        at, place, count = at + step, place + step, count + 1
    return count
