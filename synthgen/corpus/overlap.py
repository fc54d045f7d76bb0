"""Exact overlap of the n-gram sets of many pairs of documents, computed by sorting."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from synthgen.corpus.flat import FlatTokens, Hashes, Ints, blocks, offsets_of
from synthgen.corpus.ngrams import ngram_hashes
from synthgen.workers import map_ordered

TASK_TOKENS = 1_000_000
PAIRS = 1 << 16
Floats: TypeAlias = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Overlap:
    """For each pair: distinct n-grams of the left and of the right document, and those that they share."""

    left: Ints
    right: Ints
    shared: Ints

    @property
    def jaccard(self) -> Floats:
        """Shared over all; 0 where there is no n-gram."""
        jaccard: Floats = self.shared / np.maximum(self.left + self.right - self.shared, 1)
        return jaccard

    @property
    def containment(self) -> Floats:
        """The share of the left document's n-grams that stand in the right one; 0 where it has none."""
        containment: Floats = self.shared / np.maximum(self.left, 1)
        return containment


def overlaps(left: FlatTokens, right: FlatTokens, pairs: Ints, n: int, *, processes: int) -> Overlap:
    """The overlap of document `pairs[i, 0]` of `left` with `pairs[i, 1]` of `right`, for each row of `pairs`.

    Exact but for collisions of 47-bit hashes within a pair.
    """
    sizes = left.lengths[pairs[:, 0]] + right.lengths[pairs[:, 1]]
    tasks = (
        pairs[start : min(start + PAIRS, last)]
        for first, last in blocks(offsets_of(sizes), TASK_TOKENS)
        for start in range(first, last, PAIRS)
    )
    found = map_ordered(partial(_overlap, left, right, n), tasks, processes)
    # Shape (3, pairs).
    columns = np.concatenate([np.empty((3, 0), np.int64), *found], axis=1)
    return Overlap(*columns)


def _overlap(left: FlatTokens, right: FlatTokens, n: int, pairs: Ints) -> Ints:
    keys = np.concatenate([_keys(left, pairs[:, 0], n, 0), _keys(right, pairs[:, 1], n, 1)])
    keys.sort()
    keys = keys[np.concatenate([[True], keys[1:] != keys[:-1]])] if len(keys) else keys
    pair, side = (keys >> np.uint64(48)).astype(np.int64), (keys & np.uint64(1)).astype(np.bool_)
    grams = keys >> np.uint64(1)
    twice = grams[1:] == grams[:-1]
    counted = pair[~side], pair[side], pair[1:][twice]
    return np.stack([np.bincount(those, minlength=len(pairs)) for those in counted])


def _keys(tokens: FlatTokens, documents: Ints, n: int, side: int) -> Hashes:
    """Of each n-gram: 16 bits for the pair, 47 of its hash, 1 for the side."""
    hashes, offsets = ngram_hashes(*tokens.gather(documents), n)
    pair = np.repeat(np.arange(len(documents), dtype=np.uint64), np.diff(offsets))
    return (pair << np.uint64(48)) | ((hashes >> np.uint64(17)) << np.uint64(1)) | np.uint64(side)
