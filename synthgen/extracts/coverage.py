"""The coverage ledger: where every character of every document went."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, fields
from typing import Literal, TextIO

from synthgen.data import Document, Drop, Extract
from synthgen.errors import DocumentError
from synthgen.storage.csv_text import write_csv


@dataclass(frozen=True, slots=True)
class Span:
    """One row of the ledger: `text[start:end]` of a document is an extract, or was dropped for the reason `code`."""

    doc_id: str
    source: str
    title: str
    start: int
    end: int
    fate: Literal["extract", "drop"]
    code: str = ""
    detail: str = ""
    extract_id: str = ""
    tokens: int = 0


def ledger(document: Document, extracts: Sequence[Extract], drops: Sequence[Drop]) -> list[Span]:
    """The rows of `document`, in order: together they are its text, character for character.

    Raises DocumentError where they are not: where a row overlaps another, is empty, or a character is in none.
    """
    doc_id, source, title = document.doc_id, document.source, document.title
    rows = [
        Span(doc_id, source, title, e.start, e.end, "extract", extract_id=e.extract_id, tokens=e.tokens)
        for e in extracts
    ]
    rows += [Span(doc_id, source, title, d.start, d.end, "drop", d.code, d.detail) for d in drops]
    rows.sort(key=lambda row: (row.start, row.end))
    position = 0
    for row in rows:
        if row.start != position or row.end <= position:
            raise _broken(document, position)
        position = row.end
    if position != len(document.text):
        raise _broken(document, position)
    return rows


def write_rows(rows: Iterable[Span], file: TextIO) -> None:
    """Append `rows` to `file` as CSV, with the column names first where nothing has been written yet."""
    if not file.tell():
        write_csv(file, [[field.name for field in fields(Span)]])
    write_csv(file, map(astuple, rows))


def _broken(document: Document, position: int) -> DocumentError:
    return DocumentError(
        f"extracts and drops do not tile the document at character {position}",
        where=document.source,
        fix="this is a fault of synthgen; please report it with the document's structure",
    )
