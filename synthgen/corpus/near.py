"""Near-duplicates: MinHash-LSH finds pairs to compare, exact Jaccard judges them, the better one stays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from synthgen.corpus.banding import Banding, choose_banding
from synthgen.corpus.flat import FlatTokens, Hashes, Ints, ascending
from synthgen.corpus.ngrams import mix
from synthgen.corpus.overlap import Floats, overlaps
from synthgen.corpus.sketch import Sketching, band_keys

NGRAM = 5
WIDEST = 32
"""In a band, a document is compared with at most so many others that stay."""


@dataclass(frozen=True, slots=True)
class NearDuplicates:
    """`dropped[i]` is a near-duplicate of `stays[i]`, which stays; `jaccard[i]` is how similar they are.

    A cluster is a document that stays with all that were dropped for it. `compared` pairs were compared in full.
    """

    dropped: Ints
    stays: Ints
    jaccard: Floats
    compared: int
    banding: Banding


def precedence(scores: Sequence[float] | Floats, ids: Sequence[str] | npt.NDArray[np.bytes_]) -> Ints:
    """The documents from the one that stays before all others to the last: by score, highest first, then by id.

    Ids are ASCII.
    """
    order: Ints = np.lexsort((np.asarray(ids, np.bytes_), -np.asarray(scores, np.float64))).astype(np.int64)
    return order


def near_duplicates(
    tokens: FlatTokens, order: Ints, threshold: float, *, groups: Ints | None = None, processes: int
) -> NearDuplicates:
    """Which documents to drop so that no two that are at least `threshold` alike (Jaccard of 5-gram sets) stay.

    `order` is from `precedence`. A document is dropped if one before it that stays is at least `threshold` like it; it
    names the first such. So each pair that is named is a near-duplicate, no chain of likenesses carries a document
    away, and the order on disk decides nothing. With `groups`, a number a document, only those of one group are
    compared. A document shorter than an n-gram is left alone. Pairs at `threshold` are found with the probability
    `banding.recall(threshold)`, closer ones with a higher one.
    """
    banding = choose_banding(threshold)
    keys, documents = band_keys(tokens, Sketching(NGRAM, banding), processes=processes)
    if groups is not None:
        keys = mix(keys ^ mix(groups[documents].astype(np.uint64)))
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    members = _members(keys, rank[documents])
    compared, alike = np.empty(0, np.uint64), np.empty(0)
    dropped, width = dict[int, tuple[int, float]](), 1
    while True:
        pairs = _pairs(members, dropped, width)
        new = np.setdiff1d(pairs, compared, assume_unique=True)
        if len(new):
            places = np.stack([new >> np.uint64(32), new & np.uint64(0xFFFFFFFF)], axis=1).astype(np.int64)
            jaccard = overlaps(tokens, tokens, order[places], NGRAM, processes=processes).jaccard
            compared, alike = np.concatenate([compared, new]), np.concatenate([alike, jaccard])
            dropped = _settle(compared, alike, threshold)
        elif width >= WIDEST:
            break
        width = min(2 * width, WIDEST)
    losers = np.array(sorted(dropped), np.int64)
    winners = np.array([dropped[loser][0] for loser in losers.tolist()], np.int64)
    similar = np.array([dropped[loser][1] for loser in losers.tolist()], np.float64)
    return NearDuplicates(order[losers], order[winners], similar, len(compared), banding)


def _members(keys: Hashes, ranks: Ints) -> tuple[Ints, Ints]:
    """The documents, by rank, that share a band's key with others, and a number for each such bucket; the documents of
    a bucket follow each other from the first in rank to the last."""
    found_buckets, found_ranks, made = [np.empty(0, np.int64)], [np.empty(0, np.int64)], 0
    by_rank = np.argsort(ranks)
    for row in keys[:, by_rank] if len(ranks) > 1 else ():
        by_key = np.argsort(row, kind="stable")
        same = row[by_key][1:] == row[by_key][:-1]
        shared = np.concatenate([same, [False]]) | np.concatenate([[False], same])
        first = np.concatenate([[True], ~same])
        found_buckets.append((np.cumsum(first) + made)[shared])
        found_ranks.append(ranks[by_rank[by_key[shared]]])
        made += len(row)
    return np.concatenate(found_buckets), np.concatenate(found_ranks)


def _pairs(members: tuple[Ints, Ints], dropped: dict[int, tuple[int, float]], width: int) -> Hashes:
    """Each document that stays with the `width` before it in each of its buckets: distinct, ascending, the better rank
    in the upper 32 bits."""
    buckets, ranks = members
    if dropped:
        gone = np.zeros(int(ranks.max()) + 1, np.bool_)
        gone[np.fromiter(dropped, np.int64, len(dropped))] = True
        buckets, ranks = buckets[~gone[ranks]], ranks[~gone[ranks]]
    found = [np.empty(0, np.uint64)]
    for back in range(1, min(width, len(ranks) - 1) + 1):
        together = buckets[back:] == buckets[:-back]
        if not together.any():
            break
        pairs = (ranks[:-back][together] << 32) | ranks[back:][together]
        found.append(ascending(pairs.astype(np.uint64)))
    return ascending(np.concatenate(found))


def _settle(pairs: Hashes, jaccard: Floats, threshold: float) -> dict[int, tuple[int, float]]:
    """Each dropped document, by rank, with the one that stays and their Jaccard similarity.

    From the first in rank on, one is dropped if a better one that is not dropped is similar enough.
    """
    enough = jaccard >= threshold
    better, worse = pairs[enough] >> np.uint64(32), pairs[enough] & np.uint64(0xFFFFFFFF)
    order = np.lexsort((better, worse))
    dropped: dict[int, tuple[int, float]] = {}
    for loser, winner, similar in zip(
        worse[order].tolist(), better[order].tolist(), jaccard[enough][order].tolist(), strict=True
    ):
        if loser not in dropped and winner not in dropped:
            dropped[loser] = winner, similar
    return dropped
