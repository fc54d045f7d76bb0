"""The words of a text with their places, and the runs of words that two texts share."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import islice

Gram = tuple[str, ...]

_WORD = re.compile(r"[^\W_]++")
_ASCII_WORD = re.compile(_WORD.pattern, re.ASCII)
"""Finds the same in ASCII, nearly twice as fast."""
_PLACES = 4
"""Places of one n-gram that are looked at: more only stand in texts that repeat themselves."""


def runs_of(words: Sequence[str], n: int, step: int = 1) -> Iterator[Gram]:
    """The runs of `n` of the words, of which one begins every `step` words."""
    return zip(*(islice(words, start, None, step) for start in range(n)), strict=False)


@dataclass(frozen=True)
class Words:
    """The words of a text in lower case."""

    text: str
    words: Sequence[str]

    @cached_property
    def counts(self) -> Counter[str]:
        """How often each word stands in the text."""
        return Counter(self.words)

    def span(self, first: int, count: int) -> tuple[int, int]:
        """Where up to `count` words from word `first` on stand in the text."""
        matches = list(islice(_WORD.finditer(self.text), first, first + count))
        return (matches[0].start(), matches[-1].end()) if matches else (0, 0)

    def grams(self, n: int, step: int = 1) -> Iterator[Gram]:
        """The runs of `n` words of which one begins every `step` words, in order.

        Any `n + step - 1` words in a row hold one of them.
        """
        return runs_of(self.words, n, step)


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
    if low.isascii():
        return Words(text, _ASCII_WORD.findall(low))
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
    step = n - anchor + 1
    places = _anchors(source, anchor, step)
    found = [
        (number, at)
        for number in _near_shared(text, source, anchor, step)
        if (at := places.get(tuple(made[number : number + anchor])))
    ]
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


def _near_shared(text: str, source: str, n: int, step: int) -> Sequence[int]:
    """The words of `text` at which any `n` words of a run begin that it may share with `source`, in order.

    Of one in `step` places it is asked whether they are shared, as the longer runs hold one of these.
    """
    held = grams_of(source, n)
    shared = [number * step for number, gram in enumerate(words_of(text).grams(n, step)) if gram in held]
    return sorted({near for number in shared for near in range(max(0, number - step + 1), number + step)})


@lru_cache(maxsize=16)
def _anchors(text: str, n: int, step: int) -> Mapping[Gram, Sequence[int]]:
    """Where each run of `n` words begins of which one begins every `step` words, for its first few places."""
    places: dict[Gram, list[int]] = {}
    for number, gram in enumerate(words_of(text).grams(n, step)):
        known = places.setdefault(gram, [])
        if len(known) < _PLACES:
            known.append(number * step)
    return places


def _extent(made: Sequence[str], at: int, held: Sequence[str], place: int, step: int) -> int:
    """How many words agree from here on, forwards or backwards."""
    count = 0
    while 0 <= at < len(made) and 0 <= place < len(held) and made[at] == held[place]:
        at, place, count = at + step, place + step, count + 1
    return count
