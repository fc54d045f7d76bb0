"""JSON lines, plain or compressed."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

from synthgen.data import Document, Quarantined
from synthgen.errors import DocumentError
from synthgen.recipe import SourceSettings
from synthgen.sources.base import Source, SourceFile
from synthgen.sources.columns import bad_row, settle, to_document
from synthgen.sources.encoding import check_size, marked_encoding


class JsonlSource(Source):
    """Reads a document from each line: `.jsonl`, `.ndjson`, also with `.gz` or `.zst`, a line at a time."""

    name = "jsonl"
    suffixes = tuple(f"{base}{packing}" for base in (".jsonl", ".ndjson") for packing in ("", ".gz", ".zst"))

    def read(self, file: SourceFile, settings: SourceSettings) -> Iterator[Document | Quarantined]:
        check_size(file, settings)
        yield from settle(_rows(file, settings))


def _rows(file: SourceFile, settings: SourceSettings) -> Iterator[Document | Quarantined]:
    for number, line in _lines(file, settings):
        where = f"{file.name} line {number}"
        source = f"{file.name}#{number}"
        try:
            document = to_document(_parse(line), source, JsonlSource.name, settings)
        except DocumentError as error:
            yield bad_row(source, DocumentError(error.what, where=where, fix=error.fix))
        else:
            yield document


def _parse(line: bytes) -> dict[str, Any]:
    import orjson

    try:
        row = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise DocumentError(
            f"is not valid JSON ({error.msg} at column {error.colno})", fix="mend or remove that line"
        ) from error
    if not isinstance(row, dict):
        raise DocumentError(f"is a JSON {type(row).__name__}, not an object", fix="mend or remove that line")
    return row


def _lines(file: SourceFile, settings: SourceSettings) -> Iterator[tuple[int, bytes]]:
    """The lines that are not blank, as UTF-8, with their numbers from 1. A line may be as long as a file."""
    limit = int(settings.max_file_mb * 1e6)
    with _opened(file) as stream:
        number = 0
        while line := stream.readline(limit):
            number += 1
            if len(line) == limit:
                raise DocumentError(
                    f"has more than {settings.max_file_mb:g} MB",
                    where=f"{file.name} line {number}",
                    fix="split it, or raise max_file_mb in [sources]",
                )
            if line.strip():
                yield number, line.strip()


@contextmanager
def _opened(file: SourceFile) -> Iterator[IO[bytes]]:
    """The unpacked bytes of the file as UTF-8, without a byte order mark; damage met on the way is a DocumentError."""
    import zstandard

    try:
        with file.path.open("rb") as raw:
            stream = io.BufferedReader(_unpacked(raw, file.name))
            encoding, length = marked_encoding(stream.peek(4)) or ("utf-8", 0)
            stream.read(length)
            yield stream if encoding == "utf-8" else io.BytesIO(stream.read().decode(encoding).encode())
    except (OSError, EOFError, zlib.error, UnicodeError, zstandard.ZstdError) as error:
        raise DocumentError(
            f"cannot be read to its end ({error})", where=file.name, fix="the file is damaged; copy it again"
        ) from error


def _unpacked(raw: IO[bytes], name: str) -> Any:
    if name.lower().endswith(".gz"):
        return gzip.GzipFile(fileobj=raw)
    if name.lower().endswith(".zst"):
        import zstandard

        return zstandard.ZstdDecompressor().stream_reader(raw, read_across_frames=True)
    return raw
