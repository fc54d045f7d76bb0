"""What an assistant says around the text that it was asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice

from synthgen.data import Extract, Record, Verdict
from synthgen.filters.base import Filter
from synthgen.filters.evidence import MAX_EVIDENCE, judged_text, openings, quote

TAIL = 400
"""Characters at the end of an answer in which a closing can stand."""

_HERE = r"here(?:['’]s| is| are)"
_SOURCE = (
    r"\b(?:(?:this|the|your) (?:\w{1,20} )?(?:extract|passage|excerpt)"
    r"|(?:provided|given|above) (?:text|document|guideline|context|content|material|information|source)s?"
    r"|request(?:ed)?)\b"
)
_PRODUCT = (
    r"\b(?:summary|version|rewrite|rewriting|distillation|list|faqs?|questions?|pairs|answers?|json|output|vignettes?"
    r"|mcqs?|dialogue|conversation|table|tutorial|article|explanation|overview|points|facts|response|text)\b"
)

_PREAMBLE = re.compile(
    rf"(?:sure(?: thing)?|certainly|of course|absolutely|understood|ok(?:ay)?|got it|great)[,!.:]{{1,3}}\s+"
    rf"(?:{_HERE}|below|I(?:['’]ll|['’]ve| will| can| have)|let me|the following|this is)\b"
    r"|(?:sure|certainly|understood|got it)!|here you go\b|below you(?:['’]ll| will) find\b"
    rf"|(?:{_HERE}|below (?:is|are)|the following (?:is|are)) [^\n.:]{{0,120}}?{_SOURCE}"
    rf"|{_HERE} [^\n.:]{{0,60}}?{_PRODUCT}[^\n.:]{{0,100}}:[*_ ]*$"
    r"|(?:based on|according to) (?:the|this|your) (?:\w{1,20} )?(?:extract|passage|excerpt)\b"
    r"|I(?:['’]ve| have|['’]ll| will) (?:\w{1,20} )?"
    r"(?:rewr|creat|writt?e|generat|summari|prepar|compil|draft|extract|distil)"
    r"|(?:as (?:you )?requested|per your request|thank you for (?:providing|sharing|your (?:question|request)))\b"
    r"|rewritten (?:text|version|extract|passage)\s?:",
    re.IGNORECASE | re.MULTILINE,
)


def _compiled(wordings: Mapping[str, str]) -> Mapping[str, re.Pattern[str]]:
    """Patterns by a lower-case word that every match holds: looking for it first is many times faster."""
    return {hint: re.compile(pattern, re.IGNORECASE) for hint, pattern in wordings.items()}


_CLOSING = _compiled(
    {
        "i hope": r"\bI hope (?:this|that|these|it)\b[^.!?\n]{0,40}\b(?:help|useful|clarif|answer|assist|meet)",
        "let me know": r"\blet me know (?:if|whether|how|what|which)\b[^.!?\n]{0,60}?"
        r"\b(?:you(?:['’]d| would| need| have| want)|further|else)\b",
        "feel free": r"\bfeel free to (?:ask|reach out|let me know)(?:\s?[!.]| me\b| if you\b)",
        "anything else": r"\bis there anything else (?:I can|you(?:['’]d| would) like)\b",
        "would you like": r"\bwould you like me to\b",
        "like, i can": r"\bif you(?:['’]d| would) like, I can\b",
        "note": r"\bnote:?[*_]{0,2}:? (?:I(?:['’]ve| have)|this (?:response|answer|output|rewrite|version))\b",
    }
)

_DISCLAIMER = _compiled(
    {
        "language model": r"\bas an? (?:\w{1,20} ){0,3}language model\b[^.!?\n]{0,40}?\b(?:I|my)\b"
        r"|\bI(?: am|['’]m)(?: just| only)? an? (?:\w{1,20} ){0,3}language model\b",
        "chatbot": r"\bI(?: am|['’]m)(?: just| only)? an? (?:\w{1,20} ){0,3}chatbot\b",
        " ai": r"\bas an? (?:\w{1,20} ){0,2}AI(?: assistant| model| system)?,? (?:I|my)\b"
        r"|\bI(?:,? as|['’]m| am)(?: just| only)? an? (?:\w{1,20} ){0,2}AI\b",
        "knowledge cut": r"\bmy knowledge cut-?off\b",
        "training data": r"\bmy training data\b",
        "access to": r"(?<!if )\bI (?:do not|don['’]t) have (?:\w{1,20} )?access to"
        r" (?:specific|real-time|external|up-to-date|the latest)\b"
        r"|\b(?:which|that) I (?:do not|don['’]t) have access to\b",
        "have real-time": r"\bI (?:do not|don['’]t) have real-time\b",
    }
)


class Boilerplate(Filter):
    """Rejects a `preamble` ("Sure, here is"), a `closing` ("I hope this helps") or an `ai_disclaimer` ("As an AI, I").

    Preambles count where the teacher begins to speak, closings at the end, and neither in a dialogue; disclaimers
    count everywhere. Error messages are not looked for: they are told by the completion's metadata.
    """

    name = "boilerplate"
    codes = {
        "preamble": "it begins with words about the task",
        "closing": "it ends with words to the user",
        "ai_disclaimer": "it speaks of itself as a language model",
    }
    order = 40

    def check(self, record: Record, extract: Extract) -> Verdict:
        found = list(islice(_found(record), MAX_EVIDENCE))
        evidence = tuple({**quote(match), "code": code} for code, match in found)
        return Verdict(self.name, keep=not found, code=found[0][0] if found else "", evidence=evidence)


def _found(record: Record) -> Iterator[tuple[str, re.Match[str]]]:
    text = judged_text(record)
    for start in openings(record):
        if match := _PREAMBLE.match(text, start):
            yield "preamble", match
    if record.kind != "dialogue":
        for match in _matches(_CLOSING, text, max(0, len(text) - TAIL)):
            yield "closing", match
    for match in _matches(_DISCLAIMER, text, 0):
        yield "ai_disclaimer", match


def _matches(wordings: Mapping[str, re.Pattern[str]], text: str, start: int) -> Iterator[re.Match[str]]:
    lowered = text[start:].lower()
    for hint, pattern in wordings.items():
        if hint in lowered:
            yield from pattern.finditer(text, start)
