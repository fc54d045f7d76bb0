"""What would lead to one person: mail addresses, phone numbers, record numbers, dates of birth."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from synthgen.data import Extract, Record, Verdict
from synthgen.filters.base import Filter
from synthgen.filters.evidence import MAX_EVIDENCE, MAX_QUOTE, judged_text
from synthgen.personal import PATIENT, Kind, digits_of, find_personal

_PRIVATE = re.compile(
    r"@(?:gmail|googlemail|yahoo|hotmail|outlook|icloud|aol|gmx|protonmail)\.|^[a-z]{2,}[._][a-z]{2,}@", re.IGNORECASE
)


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
        evidence = tuple(islice(_found(judged_text(record), extract.text), MAX_EVIDENCE))
        return Verdict(self.name, keep=not evidence, code=evidence[0]["code"] if evidence else "", evidence=evidence)


def _found(text: str, source: str) -> Iterator[Mapping[str, Any]]:
    for found in find_personal(text):
        words = text[found.start : found.end]
        if found.kind in PATIENT or (found.kind == "mail address" and _PRIVATE.search(words)):
            code = "personal_data"
        elif _printed(found.kind, words, source):
            continue
        else:
            code = "invented_contact"
        yield {"text": words[:MAX_QUOTE], "start": found.start, "end": found.end, "code": code}


def _printed(kind: Kind, words: str, source: str) -> bool:
    """Whether the extract has this address or number too."""
    return words.lower() in source.lower() if kind == "mail address" else digits_of(words) in digits_of(source)
