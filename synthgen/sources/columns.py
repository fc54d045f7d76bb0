"""Rows of a table file to documents; what the table formats share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from synthgen.data import Document, Quarantined
from synthgen.errors import DocumentError, nearest
from synthgen.normalise.text import normalise_markdown
from synthgen.recipe import SourceSettings
from synthgen.sources.metadata import as_text, from_keys

TEXT_COLUMNS = ("clean_text", "text", "content", "markdown", "body", "raw_text")
"""Where the text is looked for, in this order. `clean_text` is the public `epfl-llm/guidelines` set's."""

_PATIENCE = 100


def text_column(columns: Iterable[str], settings: SourceSettings) -> str:
    """The column that holds the text. Raises DocumentError, naming those there are, if there is none."""
    columns = list(columns)
    wanted = settings.columns.get("text")
    if wanted is None:
        found = next((name for name in TEXT_COLUMNS if name in columns), None)
        if found is not None:
            return found
        raise DocumentError(
            f"has no column with text (it has: {', '.join(map(repr, columns[:20])) or 'none'})",
            fix='name it in the recipe: [sources.columns] text = "..."',
        )
    if wanted not in columns:
        raise DocumentError(f"has no column {wanted!r}, which [sources.columns] names", fix=nearest(wanted, columns))
    return wanted


def to_document(row: Mapping[str, Any], source: str, format_name: str, settings: SourceSettings) -> Document:
    """The document of a row; a missing text is an empty one. Raises DocumentError if the row has none that is text."""
    text = row[text_column(row, settings)]
    if text is not None and not isinstance(text, str):
        raise DocumentError(f"its text is of type {type(text).__name__}", fix="map another column in [sources.columns]")
    fields = from_keys(row)
    for field, column in settings.columns.items():
        if field != "text" and (value := as_text(row.get(column))):
            fields[field] = value
    return Document(
        text=normalise_markdown(text or ""),
        title=fields.get("title", ""),
        source=source,
        format=format_name,
        publisher=fields.get("publisher"),
        licence=fields.get("licence"),
        date=fields.get("date"),
        url=fields.get("url"),
    )


def settle(rows: Iterator[Document | Quarantined]) -> Iterator[Document | Quarantined]:
    """The rows as they are. Raises DocumentError, with the first's reason, if all of them or the first 100 are bad."""
    bad: list[Document | Quarantined] = []
    for row in rows:
        if isinstance(row, Document):
            yield from (*bad, row)
            yield from rows
            return
        bad.append(row)
        if len(bad) == _PATIENCE:
            break
    if bad and isinstance(bad[0], Quarantined):
        raise DocumentError(f"no row of the file can be used. {bad[0].reason}")


def bad_row(source: str, error: DocumentError) -> Quarantined:
    return Quarantined(source, "bad_row", str(error))
