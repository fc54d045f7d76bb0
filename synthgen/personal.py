"""What in a text would lead to one person: dates of birth, record numbers, mail addresses, phone numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal["date of birth", "record number", "mail address", "phone number"]

PATIENT: frozenset[Kind] = frozenset({"date of birth", "record number"})
"""What only stands with a patient; addresses and numbers are printed by organisations and authors as well."""

_DATE = (
    r"(?:\d{1,2}[/.-]\d{1,2}[/.-](?:19|20)?\d{2}|(?:19|20)\d{2}-\d{2}-\d{2}"
    r"|\d{1,2}(?:st|nd|rd|th)? [A-Z][a-z]{2,8},? (?:19|20)\d{2}|[A-Z][a-z]{2,8} \d{1,2},? (?:19|20)\d{2})"
)
_OF_PATIENTS: Mapping[Kind, re.Pattern[str]] = {
    "date of birth": re.compile(
        rf"\b(?:(?i:d\.?o\.?b\.?|date of birth|born on|birth ?date)[:,]?\s*(?:is |was )?{_DATE})"
    ),
    "record number": re.compile(
        r"\b(?:MRN|(?i:medical record|hospital|patient|chart|NHS|social security|insurance|passport|SSN)"
        r"(?i: (?:number|no\.?|id|identifier|#))?)\s?(?:#|:|is)\s*#?[A-Z]{0,4}[- ]?\d(?:[\d -]{3,14})\d\b"
        r"|(?<![\d-])\d{3}-\d{2}-\d{4}(?![\d-])"
    ),
}
_MAIL = re.compile(r"[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){0,4}\.[A-Za-z]{2,24}\b")
_PHONE = re.compile(
    r"(?<![\w.+/-])(?:(?:\+?1[-. ])?\([2-9]\d\d\) ?[2-9]\d\d[-. ]\d{4}|(?:\+?1-)?[2-9]\d\d-[2-9]\d\d-\d{4}"
    r"|(?:\+?1\.)?[2-9]\d\d\.[2-9]\d\d\.\d{4}"
    r"|\+\d{1,3}(?:[ -]\(?\d{2,4}\)?){2,4}"
    r"|(?i:(?:tel|telephone|phone|fax|mobile)(?: number)?(?:\.|:| is)[ :]*)\+?\d[\d ().-]{5,16}\d)(?![\w-]|[./]\d)"
)
_PATIENT_HINTS = (
    "dob",
    "d.o.b",
    "birth",
    "born on",
    "mrn",
    "ssn",
    "number",
    "record",
    "patient id",
    "patient no",
    "chart",
)
_PHONE_HINTS = ("+", "phone", "fax", "mobile", "tel.", "tel:", "tel is", "tel number")
"""Words and signs of which one stands in whatever the patterns find: looking for them first is many times faster."""

_DIGITS = re.compile(r"\d{3}[-.) ] ?\d{2}")
_NOT_DIGIT = re.compile(r"\D")


@dataclass(frozen=True, slots=True)
class Finding:
    """`text[start:end]` is of this kind."""

    kind: Kind
    start: int
    end: int


def find_personal(text: str) -> Iterator[Finding]:
    """All that the rules know, kind by kind, each in the order of the text."""
    lowered, digits = text.lower(), _DIGITS.search(text)
    for kind, pattern in _OF_PATIENTS.items() if digits or any(hint in lowered for hint in _PATIENT_HINTS) else ():
        yield from (Finding(kind, *match.span()) for match in pattern.finditer(text))
    for match in _MAIL.finditer(text) if "@" in text else ():
        yield Finding("mail address", *match.span())
    for match in _PHONE.finditer(text) if digits or any(hint in lowered for hint in _PHONE_HINTS) else ():
        if 7 <= len(digits_of(match[0])) <= 15:
            yield Finding("phone number", *match.span())


def digits_of(text: str) -> str:
    """Its ASCII digits, and those of other scripts, without what stands between them."""
    return _NOT_DIGIT.sub("", text)
