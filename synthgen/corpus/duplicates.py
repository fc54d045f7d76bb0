"""Duplicates: documents whose text is that of another one, but for case and white space, or nearly so."""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Self, TypeAlias

import numpy as np
import numpy.typing as npt

from synthgen.corpus.flat import FlatTokens, Hashes, Ints
from synthgen.corpus.near import near_duplicates
from synthgen.corpus.overlap import Floats
from synthgen.corpus.semantic import SemanticDuplicates
from synthgen.storage.arrays import load_arrays, save_arrays

Flags: TypeAlias = npt.NDArray[np.bool_]
Kinds: TypeAlias = npt.NDArray[np.int8]
KINDS = ("duplicate", "near_duplicate", "semantic_duplicate")
"""How two documents can say the same: in the same words, in nearly the same, or in others."""


@dataclass(frozen=True, slots=True)
class Duplicates:
    """`dropped[i]`, ascending, says the same as `stays[i]`, which is not dropped, in the way `KINDS[kind[i]]`.
    `likeness[i]` is the Jaccard similarity of their 5-grams of tokens, or the cosine where the kind is semantic.

    `compared` pairs were compared in full; of those at the threshold, `recall` is the share that is expected to be.
    """

    dropped: Ints
    stays: Ints
    likeness: Floats
    kind: Kinds
    compared: int = 0
    recall: float = 1.0

    def save(self, path: Path) -> None:
        """Raises StorageError."""
        save_arrays(path, {field.name: np.asarray(getattr(self, field.name)) for field in fields(self)})

    @classmethod
    def load(cls, path: Path) -> Self:
        """Raises StorageError where the file is missing or damaged."""
        found = dict(load_arrays(path))
        return cls(compared=int(found.pop("compared")), recall=float(found.pop("recall")), **found)


def find_duplicates(
    tokens: FlatTokens, prints: Hashes, order: Ints, apart: Flags, *, exact: bool, near: float, processes: int
) -> Duplicates:
    """What to drop so that no two documents stay that are the same (where `exact`) or at least `near` alike (above 0).

    `order` is from `synthgen.corpus.near.precedence`; of two, the first in it stays. Documents that are `apart`, which
    come last in it, are neither dropped nor a reason to drop another. `prints` are as for `exact_duplicates`.
    """
    stays, jaccard = np.full(len(order), -1), np.ones(len(order))
    compared, recall = 0, 1.0
    if exact:
        same, first = exact_duplicates(prints, order)
        stays[same] = np.where(apart[same], -1, first)
    is_exact = stays >= 0
    if near:
        # A group of its own is compared with nothing.
        groups = np.where(is_exact | apart, np.arange(len(order)) + 1, 0)
        found = near_duplicates(tokens, order, near, groups=groups, processes=processes)
        stays[found.dropped], jaccard[found.dropped] = found.stays, found.jaccard
        compared, recall = found.compared, found.banding.recall(near)
    # The one that stays of two that are the same may itself have been dropped for one that is nearly so.
    on = np.flatnonzero(is_exact)
    on = on[stays[stays[on]] >= 0]
    is_exact[on], jaccard[on], stays[on] = False, jaccard[stays[on]], stays[stays[on]]
    dropped = np.flatnonzero(stays >= 0)
    kind = (~is_exact[dropped]).astype(np.int8)
    return Duplicates(dropped, stays[dropped], jaccard[dropped], kind, compared, recall)


def joined(found: Duplicates, more: SemanticDuplicates) -> Duplicates:
    """`found`, and what is `more` among those that it lets stay."""
    stays = found.stays.copy()
    # Those that stayed for others may be dropped themselves now.
    place = np.searchsorted(more.dropped, stays)
    moved = np.flatnonzero(np.isin(stays, more.dropped))
    stays[moved] = more.stays[place[moved]]
    dropped = np.concatenate([found.dropped, more.dropped])
    order = np.argsort(dropped)
    semantic = np.full(len(more.dropped), KINDS.index("semantic_duplicate"), np.int8)
    return Duplicates(
        dropped[order],
        np.concatenate([stays, more.stays])[order],
        np.concatenate([found.likeness, more.cosine])[order],
        np.concatenate([found.kind, semantic])[order],
        found.compared,
        found.recall,
    )


def exact_duplicates(prints: Hashes, order: Ints) -> tuple[Ints, Ints]:
    """The documents that have the fingerprint of another one, ascending, and the one that stays of each: the first in
    `order`. `prints`, of shape (documents, 2), are those of `fingerprint` as two numbers each.
    """
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    together = np.lexsort((rank, prints[:, 1], prints[:, 0]))
    same = (prints[together][1:] == prints[together][:-1]).all(axis=1)
    begins = np.concatenate([np.ones(min(len(order), 1), np.bool_), ~same])
    stays = np.empty(len(order), np.int64)
    stays[together] = together[begins][np.cumsum(begins) - 1]
    dropped = np.flatnonzero(stays != np.arange(len(order)))
    return dropped, stays[dropped]


def fingerprint(text: str) -> bytes:
    """16 bytes that are equal for texts that `normalised` makes equal."""
    return hashlib.blake2b(normalised(text).encode("utf-8", "surrogatepass"), digest_size=16).digest()


def normalised(text: str) -> str:
    """`text` in Unicode NFC, case-folded, each run of white space one blank. Punctuation stays: `<` is not `>`."""
    folded = unicodedata.normalize("NFC", text).casefold()
    return " ".join(unicodedata.normalize("NFC", folded).split())
