"""How many bands of how many rows the MinHash signatures have, for a wanted Jaccard threshold."""

from __future__ import annotations

import math
from dataclasses import dataclass

HASHES, RECALL = 128, 0.99


@dataclass(frozen=True, slots=True)
class Banding:
    """Signatures of `bands * rows` hashes; two documents are compared if they agree in all rows of a band."""

    bands: int
    rows: int

    @property
    def hashes(self) -> int:
        return self.bands * self.rows

    def recall(self, jaccard: float) -> float:
        """The probability that two documents with that Jaccard similarity are compared: 1 - (1 - s^r)^b."""
        return -math.expm1(self.bands * math.log1p(-(jaccard**self.rows))) if jaccard < 1 else 1.0


def choose_banding(threshold: float, recall: float = RECALL, hashes: int = HASHES) -> Banding:
    """The banding with the most rows, so the fewest needless comparisons, that finds pairs at `threshold` with at
    least the probability `recall` and takes at most `hashes` hashes; bands of one row if none does.

    `threshold` and `recall` are in (0, 1).
    """
    for rows in range(hashes, 0, -1):
        bands = math.ceil(math.log1p(-recall) / math.log1p(-(threshold**rows))) if threshold**rows > 1e-12 else hashes
        if bands * rows <= hashes and Banding(bands, rows).recall(threshold) >= recall:
            return Banding(bands, rows)
    return Banding(hashes, 1)
