"""What would lead to one person: mail addresses, phone numbers, record numbers, dates of birth."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice

from synthgen.data import Extract, Record, Verdict
from synthgen.filters.base import Filter
from synthgen.filters.evidence import MAX_EVIDENCE, judged_text, quote

_DATE = (
    r"(?:\d{1,2}[/.-]\d{1,2}[/.-](?:19|20)?\d{2}|(?:19|20)\d{2}-\d{2}-\d{2}"
    r"|\d{1,2}(?:st|nd|rd|th)? [A-Z][a-z]{2,8},? (?:19|20)\d{2}|[A-Z][a-z]{2,8} \d{1,2},? (?:19|20)\d{2})"
)
_PERSONAL: Mapping[str, re.Pattern[str]] = {
    "birth": re.compile(rf"\b(?:(?i:d\.?o\.?b\.?|date of birth|born on|birth ?date)[:,]?\s*(?:is |was )?{_DATE})"),
    "number": re.compile(
        r"\b(?:MRN|(?i:medical record|hospital|patient|chart|NHS|social security|insurance|passport|SSN)"
        r"(?i: (?:number|no\.?|id|identifier|#))?)\s?(?:#|:|is)\s*#?[A-Z]{0,4}[- ]?\d(?:[\d -]{3,14})\d\b"
        r"|(?<![\d-])\d{3}-\d{2}-\d{4}(?![\d-])"
    ),
}
_MAIL = re.compile(r"[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){0,4}\.[A-Za-z]{2,24}\b")
_PRIVATE = re.compile(
    r"@(?:gmail|googlemail|yahoo|hotmail|outlook|icloud|aol|gmx|protonmail)\.|^[a-z]{2,}[._][a-z]{2,}@", re.IGNORECASE
)
_PHONE = re.compile(
    r"(?<![\w.+/-])(?:(?:\+?1[-. ])?\([2-9]\d\d\) ?[2-9]\d\d[-. ]\d{4}|(?:\+?1-)?[2-9]\d\d-[2-9]\d\d-\d{4}"
    r"|(?:\+?1\.)?[2-9]\d\d\.[2-9]\d\d\.\d{4}"
    r"|\+\d{1,3}(?:[ -]\(?\d{2,4}\)?){2,4}"
    r"|(?i:(?:tel|telephone|phone|fax|mobile)(?: number)?(?:\.|:| is)[ :]*)\+?\d[\d ().-]{5,16}\d)(?![\w-]|[./]\d)"
)
_PERSONAL_HINTS = (
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
_PHONE_HINTS = ("+", "tel", "phone", "fax", "mobile")
"""Words and signs of which one stands in whatever the patterns find: looking for them first is many times faster."""

_DIGITS = re.compile(r"\d{3}[-.) ] ?\d{2}")
_NOT_DIGIT = re.compile(r"\D")


class Personal(Filter):
    """Rejects `personal_data` and `invented_contact`.

    Personal are a full date of birth, a patient's record or insurance number, and a person's mail address; invented is
    a phone number or mail address that is not in the extract.

    What organisations print in their guidelines may be repeated.
    """

    name = "personal"
    codes = {
        "personal_data": "it holds what would lead to one person",
        "invented_contact": "it holds a phone number or mail address that its source does not",
    }
    order = 55

    def check(self, record: Record, extract: Extract) -> Verdict:
        found = list(islice(_found(judged_text(record), extract.text), MAX_EVIDENCE))
        evidence = tuple({**quote(match), "code": code} for code, match in found)
        return Verdict(self.name, keep=not found, code=found[0][0] if found else "", evidence=evidence)


def _found(text: str, source: str) -> Iterator[tuple[str, re.Match[str]]]:
    lowered, digits = text.lower(), _DIGITS.search(text)
    for pattern in _PERSONAL.values() if digits or any(hint in lowered for hint in _PERSONAL_HINTS) else ():
        yield from (("personal_data", match) for match in pattern.finditer(text))
    for match in _MAIL.finditer(text) if "@" in text else ():
        if _PRIVATE.search(match[0]):
            yield "personal_data", match
        elif match[0].lower() not in source.lower():
            yield "invented_contact", match
    phones = list(_PHONE.finditer(text)) if digits or any(hint in lowered for hint in _PHONE_HINTS) else []
    known = _NOT_DIGIT.sub("", source) if phones else ""
    for match in phones:
        if 7 <= len(number := _NOT_DIGIT.sub("", match[0])) <= 15 and number not in known:
            yield "invented_contact", match
