"""The order of the windows: the parts of a document behind each other, and so that the order of the rows alone says
which window each is in."""

from __future__ import annotations

from bisect import bisect_right

import numpy as np

from synthgen.corpus.bins import Bins, fill_bins
from synthgen.corpus.flat import Hashes, Ints, offsets_of
from synthgen.corpus.pieces import Pieces


def lay_out(parts: Pieces, lengths: Ints, keys: Hashes, window: int, seed: int) -> Bins:
    """`parts`, which take `lengths` tokens as rows, in windows whose order is shuffled with `seed`.

    Next-fit over the parts, in the order in which they lie in the windows, gives the same windows. The parts of a
    document that is longer than a window come in their order: each but the last has a window to itself, and the window
    with the last, which may hold others' last parts as well, follows. `keys` are as for `fill_bins`.
    """
    followed = np.zeros(len(lengths), np.bool_)
    followed[:-1] = parts.document[:-1] == parts.document[1:]
    alone, others = np.flatnonzero(followed), np.flatnonzero(~followed)
    filled = fill_bins(lengths[others], keys[others], window, seed)
    ranks = _ranks(filled, lengths[others])
    rank_of = np.empty(len(lengths), np.int64)
    rank_of[others[filled.documents]] = np.repeat(ranks, np.diff(filled.offsets))
    # The windows as stretches of pieces: those of one lone part, each in front of the window with the last one.
    content = np.concatenate([alone, others[filled.documents]])
    begins = np.concatenate([np.arange(len(alone)), len(alone) + filled.offsets])
    turns = np.concatenate([rank_of[others[np.searchsorted(others, alone)]], ranks])
    behind = np.repeat([0, 1], [len(alone), len(filled)])
    order = np.lexsort((behind, turns))
    sizes = np.diff(begins)[order]
    offsets = offsets_of(sizes)
    ordered = content[np.arange(len(content)) + np.repeat(begins[:-1][order] - offsets[:-1], sizes)]
    return Bins(ordered, _next_fit(lengths[ordered], offsets, window), int(lengths.sum()), window)


def _ranks(bins: Bins, lengths: Ints) -> Ints:
    """The place of each bin in the order: as they come, but those with so much room at the end that next-fit would
    put the beginning of another bin into it."""
    if not len(bins):
        return np.empty(0, np.int64)
    lengths, begins = lengths[bins.documents], bins.offsets[:-1]
    room = bins.window - np.add.reduceat(lengths, begins)
    order = np.argsort(np.where(room < lengths[begins].min(), 0, room), kind="stable")
    ranks = np.empty(len(order), np.int64)
    ranks[order] = np.arange(len(order))
    return ranks


def _next_fit(lengths: Ints, offsets: Ints, window: int) -> Ints:
    """Where the bins begin when documents of `lengths` fill one after the other: at `offsets`, if in none of these bins
    there is room for the first document of the next."""
    first = lengths[offsets[1:-1]]
    room = window - np.add.reduceat(lengths, offsets[:-1]) if len(lengths) else lengths
    if (room[:-1] < first).all():
        return offsets
    ends, begins = offsets_of(lengths).tolist(), [0]
    while begins[-1] < len(lengths):
        begins.append(bisect_right(ends, ends[begins[-1]] + window, lo=begins[-1]) - 1)
    return np.array(begins, np.int64)
