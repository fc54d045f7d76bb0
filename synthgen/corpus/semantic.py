"""Semantic duplicates: documents that say the same in other words, by the cosine of their embeddings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from synthgen.corpus.embedding import Vectors
from synthgen.corpus.flat import Ints
from synthgen.corpus.overlap import Floats

ROWS = 2048
"""Documents that are compared with as many others at a time: 16 MiB of cosines."""
Pairs: TypeAlias = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class SemanticDuplicates:
    """`dropped[i]`, ascending, says what `stays[i]` says, which stays; `cosine[i]` is how alike they are."""

    dropped: Ints
    stays: Ints
    cosine: Floats


def semantic_duplicates(vectors: Vectors, order: Ints, threshold: float) -> SemanticDuplicates:
    """Which documents to drop so that no two stay whose `vectors`, of length 1, have a cosine of `threshold` or more.

    `order` is from `near.precedence`, and the rule that of `near_duplicates`: a document is dropped for the first one
    before it that stays and is that like it, so no chain of likenesses carries a document away. It may leave out
    documents, which are then neither dropped nor compared. All pairs of documents that stay are compared, in blocks:
    with n of them in about n^2 * dimensions operations (a million with 384 take an hour on two cores) and little more
    memory than a block. Cosines are good to 3 digits, so a pair that close to the threshold may go either way with
    other texts in its batch, or on another machine.
    """
    staying: list[Ints] = []
    dropped = dict[int, tuple[int, float]]()
    for start in range(0, len(order), ROWS):
        block = order[start : start + ROWS]
        rows = vectors[block].astype(np.float32)
        stays, cosine = np.full(len(block), -1), np.zeros(len(block))
        for others in staying:
            open_ = np.flatnonzero(stays < 0)
            alike = rows[open_] @ vectors[others].astype(np.float32).T
            first = (alike >= threshold).argmax(axis=1)
            found = alike[np.arange(len(open_)), first]
            hit = found >= threshold
            stays[open_[hit]], cosine[open_[hit]] = others[first[hit]], found[hit]
        _settle(rows, block, stays, cosine, threshold)
        dropped |= {
            int(block[place]): (int(stays[place]), float(cosine[place])) for place in np.flatnonzero(stays >= 0)
        }
        staying = _joined(staying, block[stays < 0])
    losers = sorted(dropped)
    return SemanticDuplicates(
        np.array(losers, np.int64),
        np.array([dropped[loser][0] for loser in losers], np.int64),
        np.array([dropped[loser][1] for loser in losers], np.float64),
    )


def _settle(rows: Pairs, block: Ints, stays: Ints, cosine: Floats, threshold: float) -> None:
    """Finds, for the documents of a block that none of the earlier blocks takes out, those that one of the block does:
    written into `stays` and `cosine`."""
    alike = rows @ rows.T
    for place in np.flatnonzero((np.tril(alike, -1) >= threshold).any(axis=1)):
        if stays[place] >= 0:
            continue
        before = np.flatnonzero((alike[place, :place] >= threshold) & (stays[:place] < 0))
        if len(before):
            stays[place], cosine[place] = block[before[0]], alike[place, before[0]]


def _joined(staying: list[Ints], more: Ints) -> list[Ints]:
    """`staying` with `more` behind, in blocks that are full but for the last."""
    tail = np.concatenate([staying[-1], more]) if staying else more
    return [*staying[:-1], *(tail[start : start + ROWS] for start in range(0, len(tail), ROWS))]
