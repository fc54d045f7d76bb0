"""Documents, extracts and records as Parquet tables, streamed in and out.

The same rows give the same bytes (with the same pyarrow): row groups of a fixed number of rows, zstd, no timestamps.
Text is stored well-formed: a lone surrogate becomes U+FFFD.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Generic, TypeVar

from synthgen.data import Document, Extract, Judged, Outcome, Record, Verdict
from synthgen.errors import StorageError
from synthgen.storage.completions import well_formed
from synthgen.storage.files import atomic_file, storage_errors

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

T = TypeVar("T")
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Table(Generic[T]):
    """How one noun stands in a Parquet file. `columns` maps a column to `string`, `int64` or `strings` (a list).

    `group` is the number of rows of a row group, which is what writing and reading hold in memory.
    """

    columns: Mapping[str, str]
    to_row: Callable[[T], Row]
    from_row: Callable[[Row], T]
    group: int


def write_documents(path: Path, documents: Iterable[Document]) -> int:
    """Writes `path` atomically; returns the number of rows. Raises StorageError."""
    return _write(path, DOCUMENTS, documents)


def read_documents(path: Path) -> Iterator[Document]:
    """In the order written. Raises StorageError if the file is missing, damaged or not such a table."""
    return _read(path, DOCUMENTS)


def write_extracts(path: Path, extracts: Iterable[Extract]) -> int:
    """Writes `path` atomically; returns the number of rows. Raises StorageError."""
    return _write(path, EXTRACTS, extracts)


def read_extracts(path: Path) -> Iterator[Extract]:
    """In the order written. Raises StorageError if the file is missing, damaged or not such a table."""
    return _read(path, EXTRACTS)


def write_records(path: Path, judged: Iterable[Judged]) -> int:
    """Writes `path` atomically; returns the number of rows. Raises StorageError."""
    return _write(path, RECORDS, judged)


def read_records(path: Path, *, outcome: Outcome | None = None, begins: str = "") -> Iterator[Judged]:
    """In the order written; only those with the given outcome, and with an id that begins so.

    Raises StorageError if the file is missing, damaged or not such a table.
    """
    wanted = {"outcome": outcome or "", "record_id": begins}
    return _read(path, RECORDS, {column: value for column, value in wanted.items() if value})


def read_kept_texts(path: Path) -> Iterator[str]:
    """The texts of the kept records in the order written, without reading anything else. Raises StorageError."""
    for group in read_columns(path, ["outcome", "text"]):
        rows = zip(group["text"], group["outcome"], strict=True)
        yield from (text for text, outcome in rows if outcome == "kept")


def read_columns(path: Path, columns: list[str]) -> Iterator[Mapping[str, list[Any]]]:
    """These columns of a table of records, a row group at a time, in the order written. Raises StorageError."""
    return (batch.to_pydict() for batch in _batches(path, RECORDS, columns))


def count_groups(path: Path) -> int:
    """Of how many row groups, each of `RECORDS.group` rows but for the last, a table of records is.

    Raises StorageError.
    """
    with _opened(path, RECORDS) as parquet:
        return int(parquet.num_row_groups)


def read_group(path: Path, number: int, columns: list[str]) -> Mapping[str, list[Any]]:
    """These columns of one row group of a table of records. Raises StorageError."""
    with _opened(path, RECORDS) as parquet:
        group: Mapping[str, list[Any]] = parquet.read_row_group(number, columns).to_pydict()
        return group


def read_rows(path: Path, rows: Set[int]) -> Iterator[Judged]:
    """The records with these numbers, in the order written. Raises StorageError."""
    import pyarrow as pa

    first = 0
    for batch in _batches(path, RECORDS):
        here = pa.array([row for row in range(batch.num_rows) if first + row in rows], pa.int64())
        yield from map(RECORDS.from_row, batch.take(here).to_pylist())
        first += batch.num_rows


def revise_records(source: Path, target: Path, rows: Set[int], revise: Callable[[int, Judged], Judged]) -> None:
    """Writes the records of `source` to `target` atomically, those numbered `rows` as `revise` gives them back.

    Only these become objects. `target` has the bytes that `write_records` would give it. Raises StorageError.
    """
    import pyarrow as pa

    schema, first = _schema(RECORDS), 0
    with atomic_file(target) as file, _writer(file, schema) as writer:
        for batch in _batches(source, RECORDS):
            group = pa.Table.from_batches([batch])
            here = [row for row in range(batch.num_rows) if first + row in rows]
            items = map(RECORDS.from_row, group.take(pa.array(here, pa.int64())).to_pylist())
            revised = [RECORDS.to_row(revise(first + row, item)) for row, item in zip(here, items, strict=True)]
            places = list(range(batch.num_rows))
            for number, row in enumerate(here, batch.num_rows):
                places[row] = number
            both = pa.concat_tables([group, _arrow(revised, schema)])
            writer.write_table(both.take(pa.array(places, pa.int64())), row_group_size=RECORDS.group)
            first += batch.num_rows


def _write(path: Path, table: Table[T], items: Iterable[T]) -> int:
    schema, rows, count = _schema(table), map(table.to_row, items), 0
    with atomic_file(path) as file, _writer(file, schema) as writer:
        while group := list(islice(rows, table.group)):
            writer.write_table(_arrow(group, schema), row_group_size=table.group)
            count += len(group)
    return count


def _writer(file: BinaryIO, schema: pa.Schema) -> pq.ParquetWriter:
    import pyarrow.parquet as pq

    return pq.ParquetWriter(file, schema, compression="zstd", write_page_checksum=True)


def _read(path: Path, table: Table[T], beginnings: Mapping[str, str] = {}) -> Iterator[T]:
    """The rows in which each column of `beginnings` begins so."""
    import pyarrow.compute as pc

    with _damage(path):
        for batch in _batches(path, table):
            for column, beginning in beginnings.items():
                batch = batch.filter(pc.starts_with(batch.column(column), beginning))
            yield from map(table.from_row, batch.to_pylist())


def _batches(path: Path, table: Table[Any], columns: list[str] | None = None) -> Iterator[pa.RecordBatch]:
    """The row groups, in the order written; only `columns` of them."""
    with _opened(path, table) as parquet:
        owed = parquet.metadata.num_rows
        for batch in parquet.iter_batches(batch_size=table.group, columns=columns):
            owed -= batch.num_rows
            yield batch
        # Checksums do not cover the head of a page, and where that is damaged pyarrow ends early without a word.
        if owed:
            raise ValueError("rows are missing")


@contextmanager
def _opened(path: Path, table: Table[Any]) -> Iterator[pq.ParquetFile]:
    import pyarrow.parquet as pq

    with storage_errors(path), path.open("rb") as file, _damage(path):
        parquet = pq.ParquetFile(file, page_checksum_verification=True)
        if not parquet.schema_arrow.equals(_schema(table)):
            raise ValueError("other columns")
        yield parquet


@contextmanager
def _damage(path: Path) -> Iterator[None]:
    """What a damaged or foreign file raises while it is read becomes a StorageError; the system's errors pass."""
    import pyarrow as pa

    try:
        yield
    except (pa.ArrowException, OSError, ValueError, KeyError, TypeError) as error:
        # pyarrow also says that a page is damaged by an OSError, one without a number.
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise StorageError(
            "is damaged or not a table of synthgen",
            where=path,
            fix="remove it and run the same command again; it is made anew from the source and the journal",
        ) from error


def _schema(table: Table[Any]) -> pa.Schema:
    import pyarrow as pa

    types: dict[str, pa.DataType] = {"string": pa.string(), "int64": pa.int64(), "strings": pa.list_(pa.string())}
    return pa.schema([pa.field(column, types[kind]) for column, kind in table.columns.items()])


def _arrow(rows: list[Row], schema: pa.Schema) -> pa.Table:
    import pyarrow as pa

    try:
        return pa.Table.from_pylist(rows, schema=schema)
    except UnicodeEncodeError:
        return pa.Table.from_pylist(well_formed(rows), schema=schema)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=_plain)


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"a {type(value).__name__} is not a JSON value")


def _document_row(document: Document) -> Row:
    return {
        "doc_id": document.doc_id,
        "title": document.title,
        "source": document.source,
        "format": document.format,
        "publisher": document.publisher,
        "licence": document.licence,
        "date": document.date,
        "url": document.url,
        "text": document.text,
    }


def _document(row: Row) -> Document:
    del row["doc_id"]
    return Document(**row)


def _extract_row(extract: Extract) -> Row:
    return {
        "extract_id": extract.extract_id,
        "doc_id": extract.doc_id,
        "start": extract.start,
        "end": extract.end,
        "tokens": extract.tokens,
        "title": extract.title,
        "headings": list(extract.headings),
        "licence": extract.licence,
        "text": extract.text,
    }


def _extract(row: Row) -> Extract:
    del row["extract_id"]
    return Extract(**{**row, "headings": tuple(row["headings"])})


def _judged_row(judged: Judged) -> Row:
    record = judged.record
    return {
        "record_id": record.record_id,
        "extract_id": record.extract_id,
        "doc_id": record.doc_id,
        "transformation": record.transformation,
        "version": record.version,
        "kind": record.kind,
        "teacher": record.teacher,
        "sample": record.sample,
        "outcome": judged.outcome,
        "code": judged.code,
        "duplicate_of": judged.duplicate_of,
        "finish_reason": record.finish_reason,
        "parse_error": record.parse_error,
        "tokens": record.tokens,
        "text": record.text,
        "ask": record.ask,
        "raw": record.raw,
        "content": None if record.content is None else _json(record.content),
        "verdicts": _json([_verdict_json(verdict) for verdict in judged.verdicts]),
    }


def _verdict_json(verdict: Verdict) -> Row:
    return {
        "filter": verdict.filter,
        "keep": verdict.keep,
        "code": verdict.code,
        "score": verdict.score,
        "evidence": list(verdict.evidence),
    }


def _judged(row: Row) -> Judged:
    decided = {column: row.pop(column) for column in ("outcome", "code", "duplicate_of")}
    verdicts = [Verdict(**{**data, "evidence": tuple(data["evidence"])}) for data in json.loads(row.pop("verdicts"))]
    content = row.pop("content")
    del row["doc_id"]
    record = Record(**row, content=None if content is None else json.loads(content))
    return Judged(record=record, verdicts=tuple(verdicts), **decided)


_DOCUMENT_COLUMNS = ("doc_id", "title", "source", "format", "publisher", "licence", "date", "url", "text")
_EXTRACT_COLUMNS = {
    "extract_id": "string",
    "doc_id": "string",
    "start": "int64",
    "end": "int64",
    "tokens": "int64",
    "title": "string",
    "headings": "strings",
    "licence": "string",
    "text": "string",
}
_RECORD_COLUMNS = {
    "record_id": "string",
    "extract_id": "string",
    "doc_id": "string",
    "transformation": "string",
    "version": "int64",
    "kind": "string",
    "teacher": "string",
    "sample": "int64",
    "outcome": "string",
    "code": "string",
    "duplicate_of": "string",
    "finish_reason": "string",
    "parse_error": "string",
    "tokens": "int64",
    "text": "string",
    "ask": "string",
    "raw": "string",
    "content": "string",
    "verdicts": "string",
}

DOCUMENTS = Table(dict.fromkeys(_DOCUMENT_COLUMNS, "string"), _document_row, _document, group=256)
EXTRACTS = Table(_EXTRACT_COLUMNS, _extract_row, _extract, group=4096)
RECORDS = Table(_RECORD_COLUMNS, _judged_row, _judged, group=4096)
