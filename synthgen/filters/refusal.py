"""The teacher, or its service, says that it cannot or will not do the task, in an answer that ended by itself."""

from __future__ import annotations

import re
from itertools import islice

from synthgen.data import Extract, Record, Verdict
from synthgen.filters.base import AlwaysOn, Filter
from synthgen.filters.evidence import MAX_EVIDENCE, judged_text, openings, quote

_SORRY = (
    r"(?:(?:I(?: am|['’]m) (?:very |so |truly )?(?:sorry|afraid)|sorry|unfortunately|regrettably|(?:my )?apologies"
    r"|I (?:must )?apologi[sz]e)[,.!:]?\s+(?:but\s+|that\s+|however,?\s+)?)"
)
_CANNOT = (
    r"I(?: can ?not| can['’]t| could not| couldn['’]t| will not| won['’]t|(?: must| have to)? decline to"
    r"|(?: am|['’]m) (?:not able to|unable to|not allowed to|not in a position to))"
)
_TASK = (
    r"(?:assist|help|fulfil|comply|complete|continue|generate|create|produce|write|rewrite|answer|provide|process|extract"
    r"|summari[sz]e|transform|determine|offer|give|share|discuss|do (?:this|that|so)|access|view|find|identify|make)"
)
_GIVEN = r"(?:provided|given|supplied|above|attached)"
_MATERIAL = r"(?:extract|passage|excerpt|text|document|context|content|information|material|source|option|question)s?"
_INPUT = (
    rf"(?:the|this|your) (?:(?:extract|passage|excerpt)s?(?: {_GIVEN}| you {_GIVEN})?"
    rf"|{_GIVEN} (?:\w{{1,30}} )?{_MATERIAL}|{_MATERIAL} (?:you )?{_GIVEN}(?: \w{{1,30}}){{0,3}})"
)
_SEEMS = r"(?:it (?:seems|looks|appears)(?: that| like| as if)?\s+)"
_LACKS = (
    r"(?:(?:does|do|did) ?n[o'’]t (?:contain|provide|include|have|mention|give|specify|offer|state|describe|hold|cover)"
    r"|(?:is|are|was|were|seems?|appears?)(?: to be)? (?:not|empty|blank|incomplete|cut off|truncated|missing"
    r"|insufficient|too short|unclear|invalid)|lacks?)"
)

_REFUSAL = re.compile(
    rf"(?:as an? [^.!?\n]{{1,60}}?,\s+)?{_SORRY}?(?:{_CANNOT}(?:\s+(?:\w{{1,20}} )?{_TASK}\b|[.!])"
    r"|I (?:do not|don['’]t) (?:feel comfortable|have (?:enough|sufficient) (?:information|context|details?)\b)"
    rf"|{_SEEMS}?{_INPUT} {_LACKS}\b"
    r"|(?:the|this|your) (?:extract|passage|excerpt) (?:only contains|contains (?:only|no)|consists (?:only )?of)\b"
    rf"|(?:{_SEEMS}you|you|I) (?:have not|haven['’]t|did not|didn['’]t|do not|don['’]t)"
    rf" (?:provide|share|include|see|find)d? (?:the|an?|any|your) (?:\w{{1,20}} )?{_MATERIAL}\b"
    rf"|there (?:is|was|seems to be) no (?:{_MATERIAL}) (?:{_GIVEN}|to)\b"
    rf"|no {_MATERIAL} (?:is|was|were|has been|have been) {_GIVEN}\b"
    rf"|(?:please|(?:could|can) you(?: please)?) (?:provide|share|supply|paste|send) (?:me )?(?:with )?"
    rf"(?:the|an?|your|more) (?:\w{{1,20}} ){{0,2}}(?:extract|passage|excerpt|text|document|option)s?\b)"
    rf"|(?:my )?apologies,? (?:but|for)\b|I (?:must )?apologi[sz]e\b"
    # What a service says in the place of the teacher, and some servers pass on as its answer.
    r"|(?:the|this|your) (?:response|request|prompt|output|answer) (?:was|has been) (?:filtered|blocked|flagged)"
    r" (?:due to|because(?: of)?|by) (?:the |your |our )?(?:prompt|content|polic|safety|moderation)",
    re.IGNORECASE,
)


class Refusal(Filter):
    """Rejects an answer of which a part opens with a refusal, or with a complaint about what the teacher was given.

    Only openings count, and only what is said of the task: clinical text is full of patients who cannot tolerate
    something, and people in a dialogue may be sorry. Cannot be switched off.
    """

    name = "refusal"
    codes = {"refusal": "the teacher refused"}
    order = 20
    Settings = AlwaysOn

    def check(self, record: Record, extract: Extract) -> Verdict:
        text = judged_text(record)
        matches = (match for start in openings(record) if (match := _REFUSAL.match(text, start)))
        found = tuple(quote(match) for match in islice(matches, MAX_EVIDENCE))
        return Verdict(self.name, keep=not found, code="refusal" if found else "", evidence=found)
