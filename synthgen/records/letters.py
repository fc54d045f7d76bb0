"""What a single capital letter in an explanation means: an option, a name such as "hepatitis B", or nobody knows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

_OPEN, _CLOSE = r"[*_“\"(\[]*", r"[*_”\")\]]*"
_ONE = rf"{_OPEN}[A-Z](?![\w-]){_CLOSE}"
_LIST = rf"{_ONE}(?:(?:\s*[,;/&]\s*(?:(?:and|or)\s+)?|\s+(?:and|or|nor)\s+){_ONE})*"
_WORD = r"(?:options?|choices?|answers?|alternatives?|distractors?)"
_JUDGEMENT = (
    r"(?:not|true|false|too|the|right|wrong|best|based|tempting|plausible|reserved|excluded|contraindicated|unsafe"
    r"|insufficient|unnecessary|(?:in)?correct|(?:in)?appropriate|(?:in)?adequate)"
)
_REFERENCES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        # "option B", "answer choices A, C and D", "the answer is B", "Answer: (B)"
        rf"\b{_WORD}(?:\s+{_WORD})?(?:\s+(?:is|are))?\s*[:=]?\s+(?-i:{_LIST})",
        # "B is wrong", "whereas A and C are not", "for this reason, B is right"
        r"(?:\A|[.;:!?\n]\s*|(?-i:(?<![A-Z])),\s+(?:and\s+)?|\b(?:but|so|while|whereas|because|thus|hence|therefore)\s+)"
        rf"(?-i:{_LIST})\s+(?:is|are|was|were|would\s+be)\s+(?:\w+ly\s+)?{_JUDGEMENT}\b",
        # "B) Wrong, because", "(C): Right, because", each at the beginning of a sentence
        r"(?:\A|\n|[.;!?]\s)\s*[*_(\[-]*(?-i:[A-Z])[*_]*[):\]]",
        # "B. Wrong, because"; no species is written so
        r"(?:\A|\n|[.;!?]\s)\s*[*_-]*(?-i:[A-Z]\.[*_]*\s+(?=[A-Z“\"])(?!Coli))",
    )
)
_NAMES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\b(?:vitamins?|hepatitis|influenza|groups?|types?|class(?:es)?|grades?|stages?|levels?|categor(?:y|ies)|arms?"
        r"|factors?|proteins?|immunoglobulins?|ha?emoglobin|pugh|scores?|phases?|schedules?|recommendations?|evidence"
        r"|quality|serogroups?|subtypes?|toxins?|amphotericin|polymyxin|c[iy]closporin|coenzyme|tables?|figures?|box"
        r"|appendix|parts?|steps?)\s+(?-i:[A-Z](?![\w-])(?:(?:,\s*[A-Z])*,?\s+(?:and|or)\s+[A-Z](?![\w-]))?)",
        # The article, which no verb follows.
        r"(?:\A|[.;:!?\n]\s*|[“\"(])(?-i:A)\s+(?!(?:is|are|was|were|and|or|nor|will|would|can|cannot|could|may|might|must"
        r"|shall|should|does|did|do|had|alone|also|only|however)\b)"
        r"(?=\w+(?:ous|sis|ss|us)\b|\w*[^\Ws]\b)",
    )
)
_CANDIDATE = re.compile(r"(?<![\w°-])[A-Z](?![\w-])")
_RANGE = re.compile(r"(?<!\w)[A-Z]\s*(?:[-–—]|to|through)\s*[A-Z](?!\w)")
_OF_ORDER = ("option", "choice", "answer", "alternative", "distractor", "of the")
"""A word of each wording in `_BY_ORDER`: looking for it first is many times faster."""
_BY_ORDER = re.compile(
    r"\b(?:first|second|third|fourth|fifth|last|former|latter|previous|preceding|next|above|below|\d)\s+(?:\w+\s+)?"
    rf"{_WORD}\b|\b{_WORD}\s+(?:above|below|one|two|three|four|five|\d|(?-i:[a-e])\b)|\bboth\s+(?:answers|options)\b"
    r"|\b(?:all|none|any|both|each|either|neither)\s+of\s+the\s+(?:above|preceding|following|options?|choices?)\b",
    re.IGNORECASE,
)


def option_letters(text: str, options: Mapping[str, str], source: str) -> list[int] | None:
    """Where `text` names one of `options` by its letter; None where that cannot be told of one of their letters, or
    where the text names options by their order.

    A letter behind a word behind which it stands in `source` as well is part of a name.
    """
    low = text.lower()
    if _RANGE.search(text) or (any(word in low for word in _OF_ORDER) and _BY_ORDER.search(text)):
        return None
    found = [match.start() for match in _CANDIDATE.finditer(text) if match[0] in options]
    if not found:
        return []
    named = set(_spread(text, _NAMES))
    referring = set(_spread(text, _REFERENCES)) - named
    places = [place for place in found if place not in named and not _stands_in(source, text, place)]
    doubtful = [place for place in places if place not in referring]
    return places if all(_beside(options[text[place]], text, place) for place in doubtful) else None


def _spread(text: str, patterns: tuple[re.Pattern[str], ...]) -> Iterator[int]:
    """The places of single letters in what `patterns` match."""
    for pattern in patterns:
        for match in pattern.finditer(text):
            yield from (letter.start() for letter in _CANDIDATE.finditer(text, match.start(), match.end() + 1))


def _beside(option: str, text: str, place: int) -> bool:
    """Whether the option itself follows its letter ("is B. Bronchoscopy") or stands before it ("bronchoscopy (B)")."""
    words = option.strip(" .").casefold()
    before, behind = text[:place].casefold(), text[place + 1 :].casefold()
    return behind.lstrip("*_).:, ").startswith(words) or (before.endswith(f"{words} (") and behind.startswith(")"))


def _stands_in(source: str, text: str, place: int) -> bool:
    """Whether the letter at `place` and the word before it stand in `source` as they do in `text`."""
    before = re.search(r"[^\W\d_]{3,}\s$", text[:place])
    if before is None or re.fullmatch(_WORD, before[0].strip(), re.IGNORECASE):
        return False
    return re.search(rf"\b{re.escape(before[0].strip())}\s{text[place]}\b", source) is not None
