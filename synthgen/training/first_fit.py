"""How Axolotl's sampler fills its windows with documents, computed beforehand: first-fit in the order of arrival.

The algorithm, its groups and its limits are those of Axolotl 0.19 (`axolotl.utils.samplers.multipack.pack_group`).
"""

from __future__ import annotations

import numpy as np

from synthgen.corpus.flat import Ints

GROUP = 100_000
"""Axolotl fills the bins of so many rows at a time (`sample_packing_group_size`)."""


def shuffled_first_fit(lengths: Ints, capacity: int, seed: int) -> int:
    """How many bins of `capacity` tokens documents of `lengths`, each at most as long, take in a random order.

    In another order, as each epoch of Axolotl has, it may be one more or less.
    """
    shuffled = np.random.default_rng(seed).permutation(lengths)
    return sum(_first_fit(shuffled[start : start + GROUP], capacity) for start in range(0, len(lengths), GROUP))


def _first_fit(lengths: Ints, capacity: int) -> int:
    """The bins that are too full for the shortest document are looked at no more, which keeps the search short."""
    shortest = int(lengths.min())
    rooms = np.empty(len(lengths), np.int64)
    looked_at, made, full = 0, 0, 0
    for length in lengths.tolist():
        place = int((rooms[:looked_at] >= length).argmax()) if looked_at else 0
        if not looked_at or rooms[place] < length:
            place, looked_at, made = looked_at, looked_at + 1, made + 1
            rooms[place] = capacity
        rooms[place] -= length
        if rooms[place] < shortest:
            rooms[place], full = -1, full + 1
        if full > 64 and 2 * full > looked_at:
            left = rooms[:looked_at][rooms[:looked_at] >= 0]
            rooms[: len(left)] = left
            looked_at, full = len(left), 0
    return made
