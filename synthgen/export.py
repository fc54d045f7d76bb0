"""The kept set as a Hugging Face dataset: Parquet shards with a card, loaded with `datasets.load_dataset`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from synthgen.data import Document, Extract, Record
from synthgen.records.exchanges import messages
from synthgen.records.forms import Rendered
from synthgen.tokens import BOS_MARK, EOS_MARK

if TYPE_CHECKING:
    import pyarrow as pa

ROWS_AT_ONCE = 2048
SHARD_BYTES = 256 * 2**20
"""A shard is closed once it holds this many bytes of values, before compression."""

COLUMNS: Mapping[str, type] = {
    "id": str,
    "text": str,
    "transformation": str,
    "transformation_version": int,
    "kind": str,
    "content": str,
    "messages": dict,
    "teacher": str,
    "sample": int,
    "doc_id": str,
    "extract_id": str,
    "title": str,
    "publisher": str,
    "licence": str,
    "source": str,
    "url": str,
    "headings": list,
    "start": int,
    "end": int,
    "tokens": int,
}
"""The columns in their order; `list` is one of strings, `dict` one of chat messages, and `content` JSON.

The card says what each holds.
"""

MARKS: Mapping[str, str] = {BOS_MARK: "<s>", EOS_MARK: "</s>"}
"""What stands in `text` for the tokens that end and begin turns within it: SentencePiece's usual names of theirs."""


_MARKS = str.maketrans(dict(MARKS))


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a document came from: a `Document` without its text."""

    doc_id: str
    title: str
    publisher: str | None
    licence: str | None
    source: str
    url: str | None

    @classmethod
    def of(cls, document: Document) -> Provenance:
        return cls(document.doc_id, document.title, document.publisher, document.licence, document.source, document.url)


def export_row(record: Record, rendered: Rendered, extract: Extract, provenance: Provenance) -> dict[str, Any]:
    """One row of the dataset; the card says what each column holds. `rendered` is the record in the set's form."""
    return {
        "id": record.record_id,
        "text": rendered.text.translate(_MARKS),
        "transformation": record.transformation,
        "transformation_version": record.version,
        "kind": record.kind,
        "content": json.dumps(record.content, ensure_ascii=False),
        "messages": messages(record),
        "teacher": record.teacher,
        "sample": record.sample,
        "doc_id": provenance.doc_id,
        "extract_id": record.extract_id,
        "title": provenance.title,
        "publisher": provenance.publisher,
        "licence": provenance.licence,
        "source": provenance.source,
        "url": provenance.url,
        "headings": list(extract.headings),
        "start": extract.start,
        "end": extract.end,
        "tokens": record.tokens,
    }


def write_card(folder: Path, card: str) -> None:
    """Writes the card, `README.md`, into `folder`."""
    (folder / "README.md").write_text(card, encoding="utf-8")


def write_dataset(folder: Path, rows: Iterable[Mapping[str, Any]]) -> int:
    """Writes `data/train-00000-of-0000N.parquet` ... into `folder`; returns how many rows.

    Rows are streamed, `ROWS_AT_ONCE` in memory. The bytes depend on nothing but the arguments and the versions of the
    libraries. Without rows there is one shard with the columns alone, which `datasets` refuses to load.
    """
    import pyarrow.parquet as pq

    data = folder / "data"
    data.mkdir(parents=True)
    shards: list[Path] = []
    size = count = 0
    with ExitStack() as stack:
        for table in _tables(rows):
            if not shards or size >= SHARD_BYTES:
                stack.close()
                shards.append(data / f"shard-{len(shards)}")
                writer = stack.enter_context(pq.ParquetWriter(shards[-1], table.schema, compression="zstd"))
                size = 0
            writer.write_table(table)
            size += table.nbytes
            count += table.num_rows
    for number, shard in enumerate(shards):
        shard.rename(data / f"train-{number:05d}-of-{len(shards):05d}.parquet")
    return count


def _tables(rows: Iterable[Mapping[str, Any]]) -> Iterator[pa.Table]:
    """`rows` as tables of `ROWS_AT_ONCE` rows; one without rows if there are none."""
    import pyarrow as pa

    message = pa.struct([("role", pa.string()), ("content", pa.string())])
    types: dict[type, pa.DataType] = {
        str: pa.string(),
        int: pa.int64(),
        list: pa.list_(pa.string()),
        dict: pa.list_(message),
    }
    schema = pa.schema([(name, types[kind]) for name, kind in COLUMNS.items()])
    iterator = iter(rows)
    chunk = list(islice(iterator, ROWS_AT_ONCE))
    while True:
        yield pa.Table.from_pylist(chunk, schema=schema)
        chunk = list(islice(iterator, ROWS_AT_ONCE))
        if not chunk:
            return
