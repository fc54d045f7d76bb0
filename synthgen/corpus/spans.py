"""Texts as words at the speed of arrays: where each begins in the bytes, and a hash of each."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from synthgen.corpus.flat import Hashes, Ints
from synthgen.corpus.ngrams import FACTOR, mix
from synthgen.tokens import BOS_MARK, EOS_MARK

Bytes = npt.NDArray[np.uint8]
_BLANK, _BREAK = b" \n"
_MARKS = tuple(mark.encode() for mark in (BOS_MARK, EOS_MARK))
_INVERSE = np.uint64(pow(int(FACTOR), -1, 1 << 64))
_SPREAD = np.uint64(0xD6E8FEB86659FD93)


def word_starts(data: Bytes, begins: Ints) -> Ints:
    """Where words begin, ascending, in UTF-8 `data`, which is not empty, of texts that begin at `begins`: a line break
    or a mark of BOS or EOS is one by itself, and blanks go with what follows them."""
    blank, broken = data == _BLANK, data == _BREAK
    starts = np.ones(len(data), np.bool_)
    starts[1:] = broken[1:] | broken[:-1] | (blank[1:] & ~blank[:-1])
    starts[begins] = True
    for mark in _MARKS:
        lead = np.flatnonzero(data[: len(data) - 2] == mark[0])
        found = lead[(data[lead + 1] == mark[1]) & (data[lead + 2] == mark[2])]
        starts[found] = True
        starts[found[found + 3 < len(data)] + 3] = True
    return np.flatnonzero(starts)


def span_hashes(data: Bytes, starts: Ints) -> Hashes:
    """64-bit hashes of the pieces of `data` that begin at `starts`, the last of which ends with it."""
    powers, inverses = _powers(1 << max(len(data) - 1, 1).bit_length())
    through = np.zeros(len(data) + 1, np.uint64)
    np.cumsum((data + np.uint64(1)) * powers[: len(data)], out=through[1:])
    sums = np.diff(through[np.append(starts, len(data))])
    return mix(sums * inverses[starts])


@lru_cache(maxsize=1)
def _powers(count: int) -> tuple[Hashes, Hashes]:
    """The powers, from the first on, of `FACTOR` and of its inverse."""
    powers, inverses = (np.multiply.accumulate(np.full(count, factor, np.uint64)) for factor in (FACTOR, _INVERSE))
    return powers, inverses


class HashIndex:
    """Hashes with the numbers in which they came, from 0 on."""

    def __init__(self) -> None:
        self._hashes = np.empty(0, np.uint64)
        self._table = np.full(1 << 12, -1, np.int32)

    def __len__(self) -> int:
        return len(self._hashes)

    def add(self, hashes: Hashes) -> None:
        """`hashes` are distinct and new."""
        self._hashes = np.concatenate([self._hashes, hashes])
        new = np.arange(len(self) - len(hashes), len(self))
        if 4 * len(self) > len(self._table):
            self._table = np.full(1 << (8 * len(self)).bit_length(), -1, np.int32)
            new = np.arange(len(self))
        slots = self._slots(self._hashes[new])
        while len(new):
            free = self._table[slots] < 0
            # Of several for one slot the last stays; the others go on with those that find it taken.
            self._table[slots[free]] = new[free]
            homeless = self._table[slots] != new
            new, slots = new[homeless], (slots[homeless] + 1) & (len(self._table) - 1)

    def find(self, hashes: Hashes) -> Ints:
        """The number of each, -1 for one that is not there."""
        numbers = np.full(len(hashes), -1)
        left, slots = np.arange(len(hashes)), self._slots(hashes)
        while len(left):
            there = self._table[slots]
            same = (there >= 0) & (self._hashes[there] == hashes[left]) if len(self) else np.zeros(len(left), np.bool_)
            numbers[left[same]] = there[same]
            on = (there >= 0) & ~same
            left, slots = left[on], (slots[on] + 1) & (len(self._table) - 1)
        return numbers

    def _slots(self, hashes: Hashes) -> Ints:
        return ((hashes * _SPREAD) >> np.uint64(65 - len(self._table).bit_length())).astype(np.int64)
