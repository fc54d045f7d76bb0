"""Bytes of a file to text, without guessing."""

from __future__ import annotations

import codecs

from synthgen.errors import DocumentError
from synthgen.recipe import SourceSettings
from synthgen.sources.base import SourceFile

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def read_bytes(file: SourceFile, settings: SourceSettings) -> bytes:
    """The whole file. Raises DocumentError if it cannot be read or is larger than `settings.max_file_mb`."""
    check_size(file, settings)
    try:
        return file.path.read_bytes()
    except OSError as error:
        raise DocumentError(
            f"cannot be read ({error.strerror})", where=file.name, fix="check the file and its permissions"
        ) from error


def check_size(file: SourceFile, settings: SourceSettings) -> None:
    """Raises DocumentError if the file is larger than `settings.max_file_mb` (of 10**6 bytes), or is not there."""
    try:
        size = file.path.stat().st_size
    except OSError as error:
        raise DocumentError(f"cannot be read ({error.strerror})", where=file.name, fix="check the file") from error
    if size > settings.max_file_mb * 1e6:
        raise DocumentError(
            f"has {size / 1e6:.1f} MB, more than the {settings.max_file_mb:g} MB allowed",
            where=file.name,
            fix="split it, or raise max_file_mb in [sources]",
        )


def marked_encoding(data: bytes) -> tuple[str, int] | None:
    """The encoding that a byte order mark at the start of `data` names, and the mark's length."""
    return next(((name, len(mark)) for mark, name in _BYTE_ORDER_MARKS if data.startswith(mark)), None)


def decode(data: bytes, name: str, declared: str = "utf-8") -> str:
    """`data` as text: by its byte order mark, else by the encoding that the format itself declares.

    Raises DocumentError, naming the first byte that is wrong, for anything else, and for NUL characters.
    """
    encoding, start = marked_encoding(data) or (declared, 0)
    try:
        text = data[start:].decode(encoding)
    except (UnicodeDecodeError, LookupError) as error:
        where = f" at byte {start + error.start}" if isinstance(error, UnicodeDecodeError) else ""
        raise DocumentError(f"is not {encoding.upper()}{where}", where=name, fix="convert the file to UTF-8") from error
    if "\0" in text:
        raise DocumentError(
            f"has a NUL character at offset {text.index(chr(0))}, so it is not text",
            where=name,
            fix="export the document as text",
        )
    return text
