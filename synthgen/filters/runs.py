"""The words of a text with their places, and the runs of words that two texts share."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import islice

Gram = tuple[str, ...]

_WORD = re.compile(r"[^\W_]++")
_PLACES = 4
"""Places of one n-gram that are looked at: more only stand in texts that repeat themselves."""


@dataclass(frozen=True)
class Words:
    """The words of a text in lower case; word `i` stands at `text[starts[i]:ends[i]]`."""

    text: str
    words: Sequence[str]

    @cached_property
    def starts(self) -> Sequence[int]:
        return [match.start() for match in _WORD.finditer(self.text)]

    @cached_property
    def ends(self) -> Sequence[int]:
        return [match.end() for match in _WORD.finditer(self.text)]

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
    low = text.lower()
    if len(low) == len(text):
        return Words(text, _WORD.findall(low))
    # A capital that has two characters for its small one may come apart there.
    return Words(text, [word.lower() for word in _WORD.findall(text)])


@lru_cache(maxsize=16)
def grams_of(text: str, n: int) -> frozenset[Gram]:
    """All runs of `n` words of `text`."""
    return frozenset(words_of(text).grams(n))


def shared_runs(text: str, source: str, n: int) -> Iterator[Shared]:
    """The runs of at least `n` words that `text` has in common with `source`. They may overlap.

    The time is linear in the length of `text` but for texts that repeat one run of words over and over.
    """
    made, held = words_of(text).words, words_of(source).words
    anchor = (n + 1) // 2
    places = _anchors(source, anchor, n - anchor + 1)
    found = [(number, at) for number, gram in enumerate(words_of(text).grams(anchor)) if (at := places.get(gram))]
    ends, resumed = dict[int, int](), 0
    for number, at in found:
        if number < resumed:
            continue
        ended = 0
        for place in at:
            # A run holds several of the places; it is the same one as long as both texts go on side by side.
            if ends.get(place - number, 0) > number:
                continue
            after, before = (
                _extent(made, number + anchor, held, place + anchor, 1),
                _extent(made, number - 1, held, place - 1, -1),
            )
            ends[place - number] = number + anchor + after
            if (length := before + anchor + after) >= n:
                ended = max(ended, number + anchor + after)
                yield Shared(length, number - before, place - before)
        # The next run that is not inside this one holds the word that ended it.
        resumed = ended - n + 1


@lru_cache(maxsize=16)
def _anchors(text: str, n: int, step: int) -> Mapping[Gram, Sequence[int]]:
    """Where each run of `n` words begins of which one begins every `step` words, for its first few places.

    Whatever has `n + step - 1` words in a row holds one of them.
    """
    places: dict[Gram, list[int]] = {}
    words = words_of(text).words
    for number in range(0, len(words) - n + 1, step):
        known = places.setdefault(tuple(words[number : number + n]), [])
        if len(known) < _PLACES:
            known.append(number)
    return places


def _extent(made: Sequence[str], at: int, held: Sequence[str], place: int, step: int) -> int:
    """How many words agree from here on, forwards or backwards."""
    count = 0
    while 0 <= at < len(made) and 0 <= place < len(held) and made[at] == held[place]:
        at, place, count = at + step, place + step, count + 1
    return count
