"""Fills training windows: best-fit decreasing over the counts of each length, a million documents in a third of a
second."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthgen.corpus.flat import Hashes, Ints, offsets_of
from synthgen.corpus.ngrams import mix
from synthgen.errors import UsageError


@dataclass(frozen=True, slots=True)
class Bins:
    """Bin `i` holds `documents[offsets[i] : offsets[i + 1]]`; every document is in exactly one."""

    documents: Ints
    offsets: Ints
    tokens: int
    window: int

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def fill(self) -> float:
        """The share, 0 to 1, of the windows' places that hold a token; 1 where there is no window."""
        return self.tokens / (len(self) * self.window) if len(self) else 1.0


def fill_bins(lengths: Ints, keys: Hashes, window: int, seed: int) -> Bins:
    """Puts documents of `lengths`, each in [1, `window`], whole into as few bins of `window` tokens as best-fit
    decreasing needs; in a bin the longest comes first. The bins' order is shuffled with `seed`.

    `keys` are distinct numbers that belong to the documents, such as a hash of the id: with them the same documents
    lie in the same bins whatever order they come in. Raises UsageError for a length out of range.
    """
    if len(lengths) and not (lengths.min() >= 1 and lengths.max() <= window):
        raise UsageError(
            f"lengths from {lengths.min()} to {lengths.max()} tokens do not fit windows of {window}",
            fix="cut documents at the window and leave empty ones out",
        )
    by_key = np.argsort(keys)
    # In 16 bits, which is what windows take, numpy sorts by radix.
    shorter = (window - lengths[by_key]).astype(np.uint16 if window < 1 << 16 else np.uint32)
    by_length = by_key[np.argsort(shorter, kind="stable")]
    counts = np.bincount(lengths, minlength=window + 1)
    bins = _best_fit_decreasing(counts, window)
    made = int(bins.max()) + 1 if len(bins) else 0
    shuffled = np.empty(made, np.int64)
    shuffled[np.argsort(mix(np.arange(made, dtype=np.uint64) + mix(np.array([seed], np.uint64))))] = np.arange(made)
    bins = shuffled[bins]
    places = np.sort((bins << 32) | np.arange(len(bins))) & 0xFFFFFFFF
    return Bins(by_length[places], offsets_of(np.bincount(bins, minlength=made)), int(lengths.sum()), window)


def _best_fit_decreasing(counts: Ints, window: int) -> Ints:
    """The bin of each document, from the longest to the shortest, where `counts[length]` have that length.

    Documents of one length are placed together. The fullest bin that still takes one is filled with them until it takes
    none, as best-fit would do one by one, so all bins with the same room are dealt with at once.
    """
    rooms: list[list[Ints]] = [[] for _ in range(window + 1)]
    """The bins by the room that they have left."""
    open_rooms, made = 0, 0
    placed = [np.empty(0, np.int64)]
    for length in np.flatnonzero(counts)[::-1].tolist():
        left = int(counts[length])
        while left:
            fitting = open_rooms >> length
            if fitting:
                room = length + (fitting & -fitting).bit_length() - 1
                bins = np.concatenate(rooms[room])
                rooms[room], open_rooms = [], open_rooms & ~(1 << room)
            else:
                room, bins = window, np.arange(made, made - (-left // (window // length)))
                made += len(bins)
            each = room // length
            full = min(len(bins), left // each)
            rest = left - full * each if full < len(bins) else 0
            kept = full + (rest > 0)
            placed.append(np.repeat(bins[:kept], [each] * full + [rest] * (kept - full)))
            left -= full * each + rest
            for those, remaining in (
                (bins[:full], room - each * length),
                (bins[full:kept], room - rest * length),
                (bins[kept:], room),
            ):
                if len(those):
                    rooms[remaining].append(those)
                    open_rooms |= 1 << remaining
    return np.concatenate(placed)
