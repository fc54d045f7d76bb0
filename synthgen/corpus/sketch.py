"""MinHash: for each document one key a band, equal for similar documents with a known probability."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt

from synthgen.corpus.banding import Banding
from synthgen.corpus.flat import FlatTokens, Hashes, Ints, blocks
from synthgen.corpus.ngrams import mix, ngram_hashes
from synthgen.workers import map_ordered

TASK_TOKENS = 4_000_000
CACHED = 1 << 16
"""n-grams hashed at a time; with their temporaries they stay in a core's cache."""


@dataclass(frozen=True, slots=True)
class Sketching:
    """How documents are sketched: by their `n`-grams of tokens, in bands."""

    n: int
    banding: Banding


def band_keys(tokens: FlatTokens, sketching: Sketching, *, processes: int) -> tuple[Hashes, Ints]:
    """Keys, of shape (bands, documents), of all documents with n-grams, and which documents those are, ascending."""
    work = partial(_block_keys, tokens, sketching)
    found = list(map_ordered(work, tokens.blocks(TASK_TOKENS), processes))
    documents = np.flatnonzero(tokens.lengths >= sketching.n)
    if not found:
        return np.empty((sketching.banding.bands, 0), np.uint64), documents
    return np.concatenate(found, axis=1), documents


def _block_keys(tokens: FlatTokens, sketching: Sketching, block: tuple[int, int]) -> Hashes:
    flat, offsets = tokens.read(*block)
    keys = []
    for first, last in blocks(offsets, CACHED):
        inner = offsets[first : last + 1]
        hashes, starts = ngram_hashes(flat[inner[0] : inner[-1]], inner - inner[0], sketching.n)
        filled = starts[:-1][np.diff(starts) > 0]
        keys.append(minhash_keys(hashes, filled, sketching.banding))
    return np.concatenate(keys, axis=1)


def minhash_keys(hashes: Hashes, starts: Ints, banding: Banding) -> Hashes:
    """Keys, of shape (bands, sets), of the sets of `hashes` that begin at `starts`; none is empty.

    The permutations are `a x + b` modulo 2^32 of well mixed `x`, with odd `a` (Dietzfelbinger et al. 1997, "A reliable
    randomized algorithm for the closest-pair problem"). A key is a hash of the minima of its band's rows.
    """
    keys = np.zeros((banding.bands, len(starts)), np.uint64)
    if not len(starts):
        return keys
    short = (hashes >> np.uint64(32)).astype(np.uint32)
    permuted = np.empty_like(short)
    for number, (factor, summand) in enumerate(_permutations(banding.hashes)):
        np.multiply(short, factor, out=permuted)
        permuted += summand
        row = keys[number // banding.rows]
        row[:] = mix((row << np.uint64(1)) ^ mix(np.minimum.reduceat(permuted, starts) + np.uint64(number)))
    return keys


def _permutations(count: int) -> npt.NDArray[np.uint32]:
    """`count` pairs of a factor, which is odd, and a summand; always the same."""
    drawn = mix(np.arange(1, 2 * count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15))
    pairs = (drawn >> np.uint64(32)).astype(np.uint32).reshape(count, 2)
    pairs[:, 0] |= np.uint32(1)
    return pairs
