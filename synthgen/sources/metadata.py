"""What is known of a document beside its text."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Any

from synthgen.data import Document
from synthgen.normalise.characters import normalise_characters
from synthgen.recipe import MetadataRule
from synthgen.sources.licence import licence_name

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
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_YEAR_FIRST = re.compile(r"(?P<year>\d{4})[/.](?P<month>\d{1,2})(?:[/.](?P<day>\d{1,2}))?\b")
_IN_WORDS = re.compile(
    r"(?:(?P<day>\d{1,2})(?:st|nd|rd|th)? )?(?P<month>[A-Za-z]{3,9})\.?(?: (?P<second>\d{1,2}))?,? (?P<year>\d{4})"
)
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
        # Lists within lists are not followed: with YAML's aliases, a few lines can mean billions of items.
        return ", ".join(filter(None, (as_text(item) for item in value if not isinstance(item, list)))) or None
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        return " ".join(normalise_characters(str(value)).split()) or None
    return None


def complete(document: Document, rules: Iterable[MetadataRule]) -> Document:
    """The document with its gaps filled by what its head says and by the rules that match its source, earlier first.

    A title that neither it nor a rule has is its first heading, else the name of its file. The licence is brought to
    its short name, the date to ISO form.
    """
    stated = from_head(document.text)
    document = replace(
        document,
        publisher=document.publisher or stated.get("publisher"),
        licence=document.licence or stated.get("licence"),
        date=document.date or stated.get("date"),
    )
    for rule in rules:
        if fnmatchcase(document.source, rule.glob) or fnmatchcase(document.source.partition("#")[0], rule.glob):
            document = replace(
                document,
                title=document.title or rule.title or "",
                publisher=document.publisher or rule.publisher,
                licence=document.licence or rule.licence,
                date=document.date or rule.date,
            )
    return replace(
        document,
        title=document.title or _heading(document.text) or _stem(document.source),
        licence=document.licence and licence_name(document.licence),
        date=document.date and iso_date(document.date),
    )


def iso_date(stated: str) -> str:
    """A date with its year first or its month in English words, in ISO form; any other as it is."""
    match = _YEAR_FIRST.match(stated) or _IN_WORDS.fullmatch(stated)
    if match is None:
        return stated
    parts = match.groupdict()
    month = parts["month"].lower()
    number = int(month) if month.isdecimal() else next((n for n, m in enumerate(_MONTHS, 1) if month.startswith(m)), 0)
    day = parts["day"] or parts.get("second")
    try:
        date = datetime.date(int(parts["year"]), number, int(day or 1))
    except ValueError:
        return stated
    return date.isoformat() if day else f"{date:%Y-%m}"


def _heading(text: str) -> str | None:
    match = _HEADING.search(text)
    return _MARKS.sub("", match[1]).strip() if match else None


def _stem(source: str) -> str:
    name, _, row = source.rpartition("/")[2].partition("#")
    stem = name.rpartition(".")[0] or name
    return f"{stem} {row}".strip()
