"""Parquet tables."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from synthgen.data import Document, Quarantined
from synthgen.errors import DocumentError
from synthgen.recipe import SourceSettings
from synthgen.sources.base import Source, SourceFile
from synthgen.sources.columns import bad_row, settle, text_column, to_document
from synthgen.sources.encoding import check_size

if TYPE_CHECKING:
    import pyarrow as pa

_BATCH_ROWS = 256


class ParquetSource(Source):
    """Reads a document from each row of `.parquet`, a batch of rows at a time, and only the columns it needs."""

    name = "parquet"
    suffixes = (".parquet",)

    def read(self, file: SourceFile, settings: SourceSettings) -> Iterator[Document | Quarantined]:
        check_size(file, settings)
        yield from settle(_rows(file, settings))


def _rows(file: SourceFile, settings: SourceSettings) -> Iterator[Document | Quarantined]:
    for number, row in enumerate(_table_rows(file, settings), 1):
        source = f"{file.name}#{number}"
        try:
            yield to_document(row, source, ParquetSource.name, settings)
        except DocumentError as error:
            yield bad_row(source, DocumentError(error.what, where=source, fix=error.fix))


def _table_rows(file: SourceFile, settings: SourceSettings) -> Iterator[dict[str, Any]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(file.path) as table:
            text = text_column(table.schema_arrow.names, settings)
            names = [field.name for field in table.schema_arrow if field.name == text or _is_plain(field.type)]
            for batch in table.iter_batches(batch_size=_BATCH_ROWS, columns=names):
                yield from batch.to_pylist()
    except (OSError, pa.ArrowException) as error:
        raise DocumentError(
            "is not a Parquet file, or is damaged", where=file.name, fix="write or copy it again"
        ) from error


def _is_plain(kind: pa.DataType) -> bool:
    """Whether values of an Arrow type can be metadata; vectors and the like are not even read."""
    from pyarrow import types

    return not (types.is_nested(kind) or types.is_binary(kind) or types.is_large_binary(kind))
