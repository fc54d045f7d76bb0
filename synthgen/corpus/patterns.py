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
class _OfLength:
    """The patterns of one length: their hashes, ascending, the number of the first, and a table that says of the
    upper bits of a spread hash whether any pattern has them."""

    hashes: Hashes
    start: int
    table: npt.NDArray[np.bool_]

    def slots(self, hashes: Hashes) -> Hashes:
        return (hashes * _SPREAD) >> np.uint64(65 - len(self.table).bit_length())


@dataclass(frozen=True, slots=True)
class Patterns:
    """Distinct sequences of up to `LONGEST` words, numbered by length, then by hash."""

    by_length: dict[int, _OfLength]

    @classmethod
    def of(cls, words: Words) -> tuple[Patterns, Ints, Ints, Ints]:
        """The patterns of `words`' documents, with each place where one stands: pattern, document, offset in it.

        A document of `LONGEST` words or more has all its n-grams of `LONGEST` as patterns, a shorter one itself.
        """
        lengths = np.diff(words.offsets)
        by_length, places, count = {}, [np.empty((0, 3), np.int64)], 0
        for length, rolled in _rolls(words.hashes):
            whole = lengths >= length if length == LONGEST else lengths == length
            document = np.repeat(np.arange(len(lengths)), lengths)[: len(rolled)]
            place = np.flatnonzero(within(words.offsets, length, len(rolled)) & whole[document])
            if not len(place):
                continue
            known, numbers = np.unique(rolled[place], return_inverse=True)
            table = np.zeros(1 << max(10, (32 * len(known)).bit_length()), np.bool_)
            by_length[length] = _OfLength(known, count, table)
            table[by_length[length].slots(known)] = True
            offset = place - words.offsets[document[place]]
            places.append(np.stack([numbers + count, document[place], offset], axis=1))
            count += len(known)
        return cls(by_length), *np.concatenate(places).T

    def __len__(self) -> int:
        return sum(len(one.hashes) for one in self.by_length.values())

    def length(self, pattern: int) -> int:
        return max(length for length, one in self.by_length.items() if one.start <= pattern)

    def find(self, words: Words) -> Found:
        """All places of all patterns. Exact but for collisions of 64-bit hashes."""
        found = [np.empty((0, 3), np.int64)]
        for start in range(0, len(words.hashes), CACHED):
            for length, rolled in _rolls(words.hashes[start : start + CACHED + LONGEST - 1]):
                if (known := self.by_length.get(length)) is None:
                    continue
                rolled = rolled[:CACHED]
                places = np.flatnonzero(known.table[known.slots(rolled)])
                numbers = np.minimum(np.searchsorted(known.hashes, rolled[places]), len(known.hashes) - 1)
                true = known.hashes[numbers] == rolled[places]
                places, numbers = places[true] + start, numbers[true]
                documents = np.searchsorted(words.offsets, places, side="right") - 1
                true = places + length <= words.offsets[documents + 1]
                found.append(np.stack([numbers + known.start, documents, places], axis=1)[true])
        return Found(*np.concatenate(found).T)


def _rolls(hashes: Hashes) -> Iterator[tuple[int, Hashes]]:
    """For each length up to `LONGEST` the hashes of the sequences of that many words; see `ngrams.roll`."""
    rolled = np.zeros(len(hashes), np.uint64)
    for length in range(1, min(LONGEST, len(hashes)) + 1):
        rolled = rolled[: len(hashes) - length + 1] * FACTOR
        rolled += hashes[length - 1 :]
        yield length, rolled
