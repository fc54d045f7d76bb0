"""Variation: which value of each axis a sample gets."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence


def drawn(axes: Mapping[str, Sequence[str]], seed: str, sample: int) -> dict[str, str]:
    """The value of each axis for sample number `sample`, from 0, of what `seed` says.

    The first n samples, and each n after them, take every value of an axis with n values once; and as many samples as
    there are combinations take every combination once. The order of an axis's values is drawn from the hash of `seed`,
    for each axis anew, so that no two axes move in step. A further axis behind the others changes nothing of theirs.
    """
    values: dict[str, str] = {}
    key, combinations = _digest(seed), 1
    for axis, choices in axes.items():
        order = sorted(choices, key=lambda choice: _digest(key, axis, choice))
        # The axes before this one repeat after `combinations` samples, together with this one after the least common
        # multiple: from there on each of its values is one further.
        meet = math.lcm(combinations, len(order))
        combinations *= len(order)
        turn = sample % combinations
        values[axis] = order[(turn + turn // meet) % len(order)]
    return values


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()
