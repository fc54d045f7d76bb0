"""Copies: records that repeat their own extract word for word instead of saying it anew."""

from __future__ import annotations

import numpy as np

from synthgen.corpus.flat import FlatTokens, Ints
from synthgen.corpus.overlap import Floats, overlaps

NGRAM = 8


def copied(records: FlatTokens, extracts: FlatTokens, extract_of: Ints, *, processes: int) -> Floats:
    """For each record the share, 0 to 1, of its distinct 8-grams of tokens that stand in its extract.

    `extract_of[i]` is the number of record `i`'s extract. A record shorter than 8 tokens has 0.
    """
    pairs = np.stack([np.arange(len(records)), extract_of], axis=1)
    return overlaps(records, extracts, pairs, NGRAM, processes=processes).containment
