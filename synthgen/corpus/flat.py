"""The tokens of the whole set as one flat array on disk, and the offsets at which its documents begin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from synthgen.errors import StorageError
from synthgen.storage.files import storage_errors

TOKENS, OFFSETS = "tokens.bin", "offsets.bin"

Ints: TypeAlias = npt.NDArray[np.int64]
Hashes: TypeAlias = npt.NDArray[np.uint64]
Tokens: TypeAlias = npt.NDArray[Any]
"""uint16 or uint32."""


@dataclass(frozen=True, slots=True)
class FlatTokens:
    """Documents of token ids: document `i` is `[offsets[i], offsets[i + 1])` of the file. None is held in memory."""

    path: Path
    dtype: str
    offsets: Ints

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def lengths(self) -> Ints:
        return np.diff(self.offsets)

    def read(self, first: int, last: int) -> tuple[Tokens, Ints]:
        """The tokens of documents `[first, last)` and their offsets into these. Raises StorageError."""
        offsets = self.offsets[first : last + 1]
        count, item = int(offsets[-1] - offsets[0]), np.dtype(self.dtype).itemsize
        with storage_errors(self.path):
            tokens = np.fromfile(self.path, self.dtype, count, offset=int(offsets[0]) * item)
        if len(tokens) < count:
            raise StorageError("the file is shorter than its offsets say", where=self.path, fix="remove it; run again")
        return tokens, offsets - offsets[0]

    def gather(self, documents: Ints) -> tuple[Tokens, Ints]:
        """The tokens of `documents`, in that order, and their offsets into these. Raises StorageError."""
        offsets = offsets_of(self.lengths[documents])
        if not offsets[-1]:
            return np.empty(0, self.dtype), offsets
        places = np.arange(offsets[-1]) + np.repeat(self.offsets[documents] - offsets[:-1], np.diff(offsets))
        with storage_errors(self.path):
            # Mapped anew each time, so that pages read once do not stay resident.
            mapped = np.memmap(self.path, self.dtype, mode="r")
        return mapped[places], offsets

    def blocks(self, limit: int) -> list[tuple[int, int]]:
        """Ranges `[first, last)` that tile the documents, each of at most `limit` tokens or one document."""
        return blocks(self.offsets, limit)


def blocks(offsets: Ints, limit: int) -> list[tuple[int, int]]:
    """Ranges that tile the pieces between `offsets`, each at most `limit` long or one piece."""
    found, first, count = [], 0, len(offsets) - 1
    while first < count:
        last = int(np.searchsorted(offsets, offsets[first] + limit, side="right")) - 1
        last = min(max(last, first + 1), count)
        found.append((first, last))
        first = last
    return found


def offsets_of(lengths: npt.ArrayLike) -> Ints:
    """Where pieces of `lengths` begin when they follow each other, and where the last ends."""
    lengths = np.asarray(lengths, np.int64)
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])


def ascending(values: Hashes) -> Hashes:
    """The distinct `values` in order. numpy's own `unique` hashes them, which takes many times as long."""
    ordered = np.sort(values)
    first = np.concatenate([np.ones(min(len(ordered), 1), np.bool_), ordered[1:] != ordered[:-1]])
    found: Hashes = ordered[first]
    return found


def distinct(left: Ints, right: Ints) -> tuple[Ints, Ints]:
    """The distinct pairs of numbers below 2^32, ascending by the left, then by the right."""
    pairs = ascending((left.astype(np.uint64) << np.uint64(32)) | right.astype(np.uint64))
    return (pairs >> np.uint64(32)).astype(np.int64), (pairs & np.uint64(0xFFFFFFFF)).astype(np.int64)


def dtype_for(vocabulary: int) -> str:
    """The narrowest type, little-endian, that holds the ids of a vocabulary of that size."""
    return "<u2" if vocabulary <= 1 << 16 else "<u4"


def write_flat(folder: Path, documents: Sequence[Sequence[int]], dtype: str = "<u2") -> FlatTokens:
    """Writes documents that are held in memory. Raises StorageError."""
    offsets = offsets_of([len(document) for document in documents])
    with storage_errors(folder):
        np.fromiter((token for document in documents for token in document), dtype).tofile(folder / TOKENS)
        offsets.astype("<u8").tofile(folder / OFFSETS)
    return FlatTokens(folder / TOKENS, dtype, offsets)
