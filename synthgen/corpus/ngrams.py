"""Hashes of all token n-grams of many documents at once, over the flat array."""

from __future__ import annotations

import numpy as np

from synthgen.corpus.flat import Hashes, Ints, Tokens, offsets_of

FACTOR = np.uint64(0x9E3779B97F4A7C15)


def ngram_hashes(tokens: Tokens, offsets: Ints, n: int) -> tuple[Hashes, Ints]:
    """64-bit hashes of the n-grams of each document in order, and the offsets of the documents into them.

    No n-gram goes over the end of a document; one shorter than `n` has none.
    """
    counts = np.maximum(np.diff(offsets) - (n - 1), 0)
    rolled = roll(tokens, n)
    if counts.sum() < len(rolled):
        rolled = rolled[within(offsets, n, len(rolled))]
    return mix(rolled), offsets_of(counts)


def roll(tokens: Tokens, n: int) -> Hashes:
    """A polynomial over each `n` tokens that follow each other, modulo 2^64; documents' ends are not heeded."""
    count = max(len(tokens) - n + 1, 0)
    hashes = np.zeros(count, np.uint64)
    for place in range(n):
        hashes *= FACTOR
        hashes += tokens[place : place + count]
        hashes += np.uint64(1)
    return hashes


def within(offsets: Ints, n: int, count: int) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """For the first `count` tokens, whether the `n` tokens from there on are of one document."""
    mask = np.ones(count, np.bool_)
    for back in range(1, n):
        crossing = offsets[1:] - back
        mask[crossing[(crossing >= 0) & (crossing < count)]] = False
    return mask


def mix(values: Hashes) -> Hashes:
    """A bijection of 64-bit numbers in which each bit of the result depends on all (the finaliser of SplitMix64)."""
    mixed = values ^ (values >> np.uint64(30))
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    mixed ^= mixed >> np.uint64(27)
    mixed *= np.uint64(0x94D049BB133111EB)
    mixed ^= mixed >> np.uint64(31)
    return mixed
