"""What is known of a document beside its text."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Any

from synthgen.data import Document
from synthgen.recipe import MetadataRule

_KEYS = {
    "title": ("title",),
    "publisher": ("publisher", "organisation", "organization", "issuer", "source"),
    "licence": ("licence", "license", "rights"),
    "date": ("date", "published", "publication_date", "date_published", "issued", "updated", "year"),
    "url": ("url", "source_url", "link"),
}
_HEADING = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)
_STATED = re.compile(
    r"(?:^|(?<=[.;] ))[*_]{0,2}(publisher|licen[cs]e|date):[*_]{0,2} +([^\n;]+?)(?=[.;]? *$|[.;] )", re.I | re.M
)
_HEAD = 1500
_MARKS = re.compile(r"[*_`]{1,3}")


def from_keys(values: Mapping[str, Any]) -> dict[str, str]:
    """The fields of a Document that `values` has under any of their usual names, whatever the case of the names."""
    lower = {str(key).lower().replace("-", "_").replace(" ", "_"): value for key, value in values.items()}
    found = {
        field: next(filter(None, (as_text(lower.get(key)) for key in keys)), None) for field, keys in _KEYS.items()
    }
    return {field: value for field, value in found.items() if value}


def from_head(text: str) -> dict[str, str]:
    """What a text says of itself at its head, as in "Publisher: X. Licence: CC0-1.0"."""
    return from_keys({match[1]: match[2] for match in reversed(list(_STATED.finditer(text[:_HEAD])))})


def as_text(value: object) -> str | None:
    """A scalar of a metadata field in one line; None for what is empty or has parts, other than a list of scalars."""
    if isinstance(value, list | tuple):
        return ", ".join(filter(None, map(as_text, value))) or None
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        return " ".join(str(value).split()) or None
    return None


def complete(document: Document, rules: Iterable[MetadataRule]) -> Document:
    """The document with its gaps filled by the rules that match its source name, earlier rules first.

    A title that neither it nor a rule has is its first heading, else the name of its file.
    """
    for rule in rules:
        if fnmatchcase(document.source, rule.glob) or fnmatchcase(document.source.partition("#")[0], rule.glob):
            document = replace(
                document,
                title=document.title or rule.title or "",
                publisher=document.publisher or rule.publisher,
                licence=document.licence or rule.licence,
                date=document.date or rule.date,
            )
    return document if document.title else replace(document, title=_heading(document.text) or _stem(document.source))


def _heading(text: str) -> str | None:
    match = _HEADING.search(text)
    return _MARKS.sub("", match[1]).strip() if match else None


def _stem(source: str) -> str:
    name, _, row = source.rpartition("/")[2].partition("#")
    stem = name.rpartition(".")[0] or name
    return f"{stem} {row}".strip()
