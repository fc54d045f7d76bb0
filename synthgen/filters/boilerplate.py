"""What an assistant says around the text that it was asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Annotated, Any

from pydantic import Field

from synthgen.data import Extract, Record, Verdict
from synthgen.filters.base import Filter
from synthgen.filters.evidence import MAX_EVIDENCE, MAX_QUOTE, judged_text, openings, quote
from synthgen.recipe import FilterSettings
from synthgen.records.loose_json import find_json
from synthgen.records.parse import after_reasoning

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


class BoilerplateSettings(FilterSettings):
    """What is still packaging."""

    lead: Annotated[int, Field(ge=0)] = 100
    """Characters before an answer's JSON: so many are a greeting, more are an answer of their own."""


class Boilerplate(Filter):
    """Rejects a `preamble` ("Sure, here is"), a `closing` ("I hope this helps") or an `ai_disclaimer` ("As an AI, I").

    A teacher that reasons before its JSON, beyond `lead` characters and not in `<think>`, has put there what belongs
    into the JSON, which then is a remainder: a `preamble` too. Other preambles count where the teacher begins to speak,
    closings at the end, and neither in a dialogue; disclaimers count everywhere. Error messages are not looked for:
    they are told by the completion's metadata.
    """

    name = "boilerplate"
    codes = {
        "preamble": "it begins with words about the task",
        "closing": "it ends with words to the user",
        "ai_disclaimer": "it speaks of itself as a language model",
    }
    order = 40
    Settings = BoilerplateSettings
    settings: BoilerplateSettings

    def check(self, record: Record, extract: Extract) -> Verdict:
        evidence = tuple(islice(_found(record, self.settings.lead), MAX_EVIDENCE))
        return Verdict(self.name, keep=not evidence, code=evidence[0]["code"] if evidence else "", evidence=evidence)


def _found(record: Record, lead: int) -> Iterator[Mapping[str, Any]]:
    before = _before_json(record)
    if len(before) > lead:
        yield {"code": "preamble", "text": before[:MAX_QUOTE], "detail": f"{len(before)} characters before the JSON"}
    text = judged_text(record)
    for start in openings(record):
        if match := _PREAMBLE.match(text, start):
            yield {**quote(match), "code": "preamble"}
    if record.kind != "dialogue":
        for match in _matches(_CLOSING, text, max(0, len(text) - TAIL)):
            yield {**quote(match), "code": "closing"}
    for match in _matches(_DISCLAIMER, text, 0):
        yield {**quote(match), "code": "ai_disclaimer"}


def _before_json(record: Record) -> str:
    """What the teacher said before the JSON that its content was read from; empty where the answer is no JSON."""
    if record.content is None or record.content.keys() == {"text"}:
        return ""
    answer = (after_reasoning(record.raw) or "").lstrip()
    return "" if answer.startswith(("{", "[", "```")) else answer[: find_json(answer).start].strip()


def _matches(wordings: Mapping[str, re.Pattern[str]], text: str, start: int) -> Iterator[re.Match[str]]:
    lowered = text[start:].lower()
    for hint, pattern in wordings.items():
        if hint in lowered:
            yield from pattern.finditer(text, start)
