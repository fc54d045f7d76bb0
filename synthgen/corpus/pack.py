"""The set in tokens, one document a row: what a trainer takes that fills its windows itself."""

from __future__ import annotations

import hashlib
import json
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path, PurePath
from typing import Any

from synthgen.corpus.cut import cut
from synthgen.errors import TokenizerError
from synthgen.tokens import Tokenizer

ROWS, MANIFEST = "train.parquet", "manifest.json"
DOCUMENTS_AT_ONCE = 512


@dataclass(frozen=True, slots=True)
class Packed:
    """What `pack` wrote.

    `tokens` counts BOS and EOS, `documents` the texts, `cut` those of them that were longer than the window and are
    several `rows`, and `longest` the tokens of the longest row. `windows` is how many windows of `window` tokens it
    takes at least to hold it all. `sha256` is that of the file with the rows.
    """

    tokenizer: str
    window: int
    documents: int
    cut: int
    rows: int
    tokens: int
    longest: int
    sha256: str

    @property
    def windows(self) -> int:
        return -(-self.tokens // self.window)


def pack(texts: Iterable[str], folder: Path, tokenizer: Tokenizer, window: int) -> Packed:
    """Writes `train.parquet` and `manifest.json` into `folder`.

    A row is BOS, the tokens of one text, EOS, in the order of `texts`, as `input_ids`, `labels` (the same: every
    token is learned) and `attention_mask` (all 1). A text that is longer than `window` with its BOS and EOS is cut at
    sentence ends into several rows that follow each other, each with its own BOS and EOS; no token is lost.
    Memory is bounded by `DOCUMENTS_AT_ONCE`. The bytes depend on nothing but the arguments and the libraries' versions.
    Raises TokenizerError for a tokenizer without BOS or EOS.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    if tokenizer.bos_id < 0 or tokenizer.eos_id < 0:
        raise TokenizerError("has no BOS or EOS token", where=tokenizer.name, fix="use the base model's own tokenizer")
    ids, mask = pa.list_(pa.int32()), pa.list_(pa.int8())
    columns: dict[str, pa.DataType] = {"input_ids": ids, "labels": ids, "attention_mask": mask}
    schema = pa.schema(columns)
    documents, cuts, lengths = 0, 0, array("q")
    with pq.ParquetWriter(folder / ROWS, schema, compression="zstd", use_dictionary=False) as writer:
        for chunk in _chunks(texts):
            rows, cut_here = _rows(chunk, tokenizer, window)
            column, ones = pa.array(rows, ids), pa.array([[1] * len(row) for row in rows], mask)
            writer.write_table(pa.table([column, column, ones], schema=schema))
            documents, cuts = documents + len(chunk), cuts + cut_here
            lengths.extend(map(len, rows))
    packed = Packed(
        tokenizer=PurePath(tokenizer.name).name,
        window=window,
        documents=documents,
        cut=cuts,
        rows=len(lengths),
        tokens=sum(lengths),
        longest=max(lengths, default=0),
        sha256=_sha256(folder / ROWS),
    )
    (folder / MANIFEST).write_text(json.dumps(_manifest(packed), indent=2) + "\n", encoding="utf-8")
    return packed


def _rows(texts: list[str], tokenizer: Tokenizer, window: int) -> tuple[list[list[int]], int]:
    """The rows of `texts`, and how many of the texts were cut."""
    limit, cuts, rows = window - 2, 0, []
    for text, ids in zip(texts, tokenizer.encode_batch(texts), strict=True):
        pieces = [ids] if len(ids) <= limit else cut(text, ids, tokenizer, limit)
        cuts += len(pieces) > 1
        rows += [[tokenizer.bos_id, *piece, tokenizer.eos_id] for piece in pieces]
    return rows, cuts


def _chunks(texts: Iterable[str]) -> Iterator[list[str]]:
    iterator = iter(texts)
    while chunk := list(islice(iterator, DOCUMENTS_AT_ONCE)):
        yield chunk


def _manifest(packed: Packed) -> dict[str, Any]:
    facts = asdict(packed)
    files = {ROWS: {"sha256": facts.pop("sha256")}}
    return {**facts, "windows": packed.windows, "files": files}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
