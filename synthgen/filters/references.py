"""A record that speaks of the text it was made from, which its reader never sees."""

from __future__ import annotations

import re
from itertools import islice

from synthgen.data import Extract, Record, Verdict
from synthgen.filters.base import Filter
from synthgen.filters.evidence import MAX_EVIDENCE, judged_text, quote

_PIECE = r"(?:extract|passage|excerpt)s?"
_TEXT = (
    r"(?:text|document|guidelines?|guidance|article|source|section|material|content|context|paragraph|table|figure)s?"
)
_GIVEN = r"(?:provided|given|supplied|attached|aforementioned|quoted|input)"
_SAYS = (
    r"(?:states?|says|mentions?|describes?|notes?|explains?|discuss(?:es)?|emphasi[sz]es|highlights?|provides?|specif(?:ies|y)"
    r"|indicates?|suggests?|recommends?|outlines?|lists?|reports?|does not|doesn['’]t|do not|is about|focuses on)"
)
_AS = (
    r"(?:according to|based (?:solely |only )?on|(?:as )?(?:stated|described|mentioned|noted|given|outlined|discussed"
    r"|listed|specified|presented|found|shown|said|reported) (?:in|by))"
)

_REFERENCE = re.compile(
    rf"\b(?:(?:the|this|that|your|our) (?:{_GIVEN}|above) (?:\w{{1,20}} )?(?:{_PIECE}|{_TEXT})"
    rf"|(?:the|this) (?:\w{{1,20}} )?(?:{_PIECE}|{_TEXT})"
    rf" (?:above|(?:that (?:was|is|were) |you )?{_GIVEN}(?= ?[.,;:)]|$))"
    rf"|{_AS} (?:the|this) (?:{_PIECE}|text|document|article|source (?:text|document))(?! (?:of|messag|books?|field)\b)"
    rf"|(?:the|this) (?:{_PIECE}|text|document|source (?:text|document)) (?:\w{{1,20}}ly )?{_SAYS}"
    rf"|(?:in|from|by|of) (?:this|the) (?:passage|excerpt|source text|extract)(?= ?[.,;:?!)])"
    rf"|(?:not|nothing|no\w*) (?:\w{{1,20}} )?(?:in|by|within) the (?:{_PIECE}|text|document|source text)\b(?! messag)"
    rf")\b",
    re.IGNORECASE,
)
_PIECES = ("extract", "passage", "excerpt", "text", "document", "article")
_OTHERS = ("guid", "source", "section", "material", "content", "paragraph", "table", "figure")
_POINTERS = ("above", "provided", "given", "supplied", "attached", "aforementioned", "quoted", "input")
"""One of the first, or one of the second with one of the third, is in every reference, and finding them takes no
time."""


class References(Filter):
    """Rejects `refers_to_source`: "according to the passage", "the guideline above", "the text states".

    Words that stand in the extract itself are the guideline's own ("the above table") and do not count; nor do words
    that mean something else: a text message, the passage of a stone, the extract of a plant.
    """

    name = "references"
    codes = {"refers_to_source": "it speaks of a text that its reader does not see"}
    order = 55

    def check(self, record: Record, extract: Extract) -> Verdict:
        text = judged_text(record)
        if not _may_refer(text.lower()):
            return Verdict(self.name, keep=True)
        matches = (match for match in _REFERENCE.finditer(text) if not _own(match[0], extract.text))
        found = tuple(quote(match) for match in islice(matches, MAX_EVIDENCE))
        return Verdict(self.name, keep=not found, code="refers_to_source" if found else "", evidence=found)


def _may_refer(low: str) -> bool:
    return any(hint in low for hint in _PIECES) or (
        any(hint in low for hint in _POINTERS) and any(hint in low for hint in _OTHERS)
    )


def _own(phrase: str, source: str) -> bool:
    return " ".join(phrase.lower().split()) in " ".join(source.lower().split())
