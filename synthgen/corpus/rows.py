"""Rows of token ids as Parquet, streamed out of the flat array."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from synthgen.corpus.flat import FlatTokens, Ints, blocks, offsets_of
from synthgen.corpus.labels import Learned
from synthgen.corpus.pieces import Pieces
from synthgen.storage.files import storage_errors
from synthgen.tokens import Tokenizer

if TYPE_CHECKING:
    import pyarrow as pa

TOKENS_AT_ONCE = 2_000_000
MASKED = -100
"""The label of a token that is not learned, as PyTorch's loss has it."""
ADDED = 2
"""BOS and EOS."""


@dataclass(frozen=True)
class Content:
    """What rows are made of: pieces of documents, each between BOS and EOS. Without `learned` all of it is."""

    tokens: FlatTokens
    parts: Pieces
    tokenizer: Tokenizer
    learned: Learned | None

    @property
    def lengths(self) -> Ints:
        """The tokens of each piece with BOS and EOS."""
        return self.parts.lengths + ADDED

    def ids_and_labels(self, pieces: Ints) -> tuple[Any, Any, Ints]:
        """The ids of `pieces`, one behind the other, their labels, and where each begins.

        BOS has no label: it is never to be told from the document in front of it. EOS has one where the token before
        has, so that an answer that was learned is also ended.
        """
        offsets = offsets_of(self.lengths[pieces])
        starts = self.tokens.offsets[self.parts.document[pieces]] + self.parts.start[pieces]
        places = np.arange(offsets[-1]) + np.repeat(starts - 1 - offsets[:-1], np.diff(offsets))
        first, last = offsets[:-1], offsets[1:] - 1
        inner = np.ones(len(places), np.bool_)
        inner[first] = inner[last] = False
        ids = np.empty(len(places), np.int32)
        ids[inner] = self._read(places[inner])
        ids[first], ids[last] = self.tokenizer.bos_id, self.tokenizer.eos_id
        labels = ids.copy()
        if self.learned is not None:
            learned = self.learned.holds(places)
            learned[last] = learned[last - 1]
            labels[~learned] = MASKED
        labels[first] = MASKED
        return ids, labels, offsets

    def _read(self, places: Ints) -> Any:
        if not len(places):
            return np.empty(0, np.int32)
        with storage_errors(self.tokens.path):
            # Mapped anew each time, so that pages read once do not stay resident.
            return np.memmap(self.tokens.path, self.tokens.dtype, mode="r")[places]


@dataclass(frozen=True, slots=True)
class Some:
    """Some rows: `ids` and `labels`; pieces begin at `offsets` of them, and rows at `begins` of the pieces."""

    ids: Any
    labels: Any
    offsets: Ints
    begins: Ints


def write_documents(path: Path, content: Content, order: Ints) -> int:
    """One piece a row, in `order`: `input_ids`, `labels`, `attention_mask`. Returns how many tokens have a label."""
    import pyarrow as pa

    ids, mask = pa.list_(pa.int32()), pa.list_(pa.int8())
    columns: dict[str, pa.DataType] = {"input_ids": ids, "labels": ids, "attention_mask": mask}
    schema = pa.schema(columns)

    def table(some: Some) -> pa.Table:
        ones = np.ones(len(some.ids), np.int8)
        columns = [_lists(values, some.offsets) for values in (some.ids, some.labels, ones)]
        return pa.table(columns, schema=schema)

    return _write(path, schema, table, content, order, np.arange(len(order) + 1))


def write_windows(path: Path, content: Content, order: Ints, begins: Ints) -> int:
    """One window a row, which holds the pieces `order[begins[i] : begins[i + 1]]`: `input_ids`, `labels`,
    `position_ids`, which count from 0 in each piece, and `seq_lengths`, the tokens of each piece.

    Returns how many tokens have a label.
    """
    import pyarrow as pa

    ids = pa.list_(pa.int32())
    schema = pa.schema([(name, ids) for name in ("input_ids", "labels", "position_ids", "seq_lengths")])

    def table(some: Some) -> pa.Table:
        lengths = np.diff(some.offsets)
        positions = np.arange(len(some.ids)) - np.repeat(some.offsets[:-1], lengths)
        rows = some.offsets[some.begins]
        columns = [_lists(values, rows) for values in (some.ids, some.labels, positions.astype(np.int32))]
        return pa.table([*columns, _lists(lengths.astype(np.int32), some.begins)], schema=schema)

    return _write(path, schema, table, content, order, begins)


def row_lengths(path: Path) -> Ints:
    """The tokens of each row, in their order. Raises StorageError."""
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    with storage_errors(path), pq.ParquetFile(path) as file:
        batches = file.iter_batches(columns=["input_ids"])
        counts = [pc.list_value_length(batch.column(0)).to_numpy() for batch in batches]
    lengths: Ints = np.concatenate([np.empty(0, np.int64), *counts]).astype(np.int64)
    return lengths


def _write(
    path: Path,
    schema: pa.Schema,
    table: Callable[[Some], pa.Table],
    content: Content,
    order: Ints,
    begins: Ints,
) -> int:
    """Writes the rows that `begins` makes of the pieces in `order`, `TOKENS_AT_ONCE` in memory."""
    import pyarrow.parquet as pq

    learned, ends = 0, offsets_of(content.lengths[order])[begins]
    with (
        storage_errors(path),
        pq.ParquetWriter(path, schema, compression="zstd", use_dictionary=False, write_page_checksum=True) as writer,
    ):
        for first, last in blocks(ends, TOKENS_AT_ONCE):
            ids, labels, offsets = content.ids_and_labels(order[begins[first] : begins[last]])
            writer.write_table(table(Some(ids, labels, offsets, begins[first : last + 1] - begins[first])))
            learned += int((labels != MASKED).sum())
    return learned


def _lists(values: Any, offsets: Ints) -> pa.ListArray[Any]:
    import pyarrow as pa

    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), pa.array(values))
