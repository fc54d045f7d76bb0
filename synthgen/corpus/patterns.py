"""Finds many short word sequences in many documents at once, by their hashes over the flat array."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from synthgen.corpus.flat import Hashes, Ints
from synthgen.corpus.ngrams import FACTOR, within
from synthgen.corpus.words import Words

LONGEST = 8
CACHED = 1 << 16
_SPREAD = np.uint64(0xD6E8FEB86659FD93)


@dataclass(frozen=True, slots=True)
class Found:
    """Where patterns stand: `pattern[i]` in document `document[i]`, from word `place[i]` of all on."""

    pattern: Ints
    document: Ints
    place: Ints


@dataclass(frozen=True, slots=True)
class Known:
    """Distinct hashes, ascending, and a table that says of the upper bits of a spread hash whether any of them has
    these."""

    hashes: Hashes
    table: npt.NDArray[np.bool_]

    @classmethod
    def of(cls, hashes: Hashes) -> Known:
        table = np.zeros(1 << max(10, (32 * len(hashes)).bit_length()), np.bool_)
        table[_slots(hashes, table)] = True
        return cls(hashes, table)

    def find(self, hashes: Hashes) -> tuple[Ints, Ints]:
        """Which of `hashes` are known, and the number that each of those has."""
        places = np.flatnonzero(self.table[_slots(hashes, self.table)])
        numbers = np.minimum(np.searchsorted(self.hashes, hashes[places]), len(self.hashes) - 1)
        true = self.hashes[numbers] == hashes[places]
        return places[true], numbers[true]


def _slots(hashes: Hashes, table: npt.NDArray[np.bool_]) -> Hashes:
    return (hashes * _SPREAD) >> np.uint64(65 - len(table).bit_length())


@dataclass(frozen=True, slots=True)
class Patterns:
    """Distinct sequences of up to `LONGEST` words, numbered by length, then by hash: by length the number of the first
    and the hashes."""

    by_length: dict[int, tuple[int, Known]]

    @classmethod
    def of(cls, words: Words) -> tuple[Patterns, Ints, Ints, Ints]:
        """The patterns of `words`' documents, with each place where one stands: pattern, document, offset in it.

        A document of `LONGEST` words or more has all its n-grams of `LONGEST` as patterns, a shorter one itself.
        """
        lengths = np.diff(words.offsets)
        by_length, places, count = {}, [np.empty((0, 3), np.int64)], 0
        for length, rolled in rolls(words.hashes):
            whole = lengths >= length if length == LONGEST else lengths == length
            document = np.repeat(np.arange(len(lengths)), lengths)[: len(rolled)]
            place = np.flatnonzero(within(words.offsets, length, len(rolled)) & whole[document])
            if not len(place):
                continue
            known, numbers = np.unique(rolled[place], return_inverse=True)
            by_length[length] = count, Known.of(known)
            offset = place - words.offsets[document[place]]
            places.append(np.stack([numbers + count, document[place], offset], axis=1))
            count += len(known)
        return cls(by_length), *np.concatenate(places).T

    def __len__(self) -> int:
        return sum(len(known.hashes) for _, known in self.by_length.values())

    @property
    def hashes(self) -> list[Hashes]:
        return [known.hashes for _, known in self.by_length.values()]

    def length(self, pattern: int) -> int:
        return max(length for length, (first, _) in self.by_length.items() if first <= pattern)

    def find(self, words: Words) -> Found:
        """All places of all patterns. Exact but for collisions of 64-bit hashes."""
        found = [np.empty((0, 3), np.int64)]
        for start in range(0, len(words.hashes), CACHED):
            for length, rolled in rolls(words.hashes[start : start + CACHED + LONGEST - 1]):
                if length not in self.by_length:
                    continue
                first, known = self.by_length[length]
                places, numbers = known.find(rolled[:CACHED])
                documents = np.searchsorted(words.offsets, places + start, side="right") - 1
                inside = places + start + length <= words.offsets[documents + 1]
                found.append(np.stack([numbers + first, documents, places + start], axis=1)[inside])
        return Found(*np.concatenate(found).T)


def sequences(hashes: Hashes) -> Hashes:
    """Hashes of the sequences of `LONGEST` of the words `hashes` that follow each other, or, of fewer words, of all."""
    *_, (_, rolled) = rolls(hashes)
    return rolled


def rolls(hashes: Hashes) -> Iterator[tuple[int, Hashes]]:
    """For each length up to `LONGEST` the hashes of the sequences of that many words; see `ngrams.roll`."""
    rolled = np.zeros(len(hashes), np.uint64)
    for length in range(1, min(LONGEST, len(hashes)) + 1):
        rolled = rolled[: len(hashes) - length + 1] * FACTOR
        rolled += hashes[length - 1 :]
        yield length, rolled
