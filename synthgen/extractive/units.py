"""Sentences of one paragraph, joined where they lean on each other, without those that say nothing by themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from synthgen.extractive.grammar import GRADE, closed, is_imperative, is_sentence, leans
from synthgen.extractive.quantities import quantities
from synthgen.extractive.salience import is_noise

_LONGEST = 80
"""Words that sentences which lean on each other, or a lead-in and its list, may have together."""
_LABEL = re.compile(r"\A(?:Note:|(?:Recommendation|Statement) \d+[a-z]?[.:]|\d+(?:\.\d+)+\.?(?= [A-Z])) ?")
_RUN_IN = re.compile(
    r"(?!.*\b(?:strong|weak|conditional|moderate|low|high|grade|class|level|consensus|certainty|evidence)\b)"
    r"[A-Z][^\W\d_]+(?: [^\W\d_]+){0,3}\.",
    re.IGNORECASE,
)
"""A heading that opens the paragraph it stands in, and no grade."""
_TERSE = re.compile(r"[≥≤<>]?\d|[A-Z][^.;:]{1,110}: ")
"""How a line of doses opens: with a number or a label."""


def units(parts: Sequence[str]) -> Iterator[tuple[str, bool]]:
    """Sentences of one paragraph, those that lean on the one before joined to it; (text, stands alone)."""
    parts = [unlabelled(part) for part in parts]
    if parts and is_terse(parts[0]):
        terse = " ".join(closed(part) for part in parts if _tells(part))
        if len(terse.split()) <= 3 * _LONGEST:
            yield from [(terse, False)] if terse else []
            return
    unit = label = ""
    for sentence in parts:
        if _RUN_IN.fullmatch(sentence):
            label = f"{sentence[:-1]}: "
            continue
        if unit and not label and (GRADE.fullmatch(sentence) or (fits(unit, sentence) and _joins(sentence))):
            unit = f"{unit} {sentence}"
            continue
        if unit:
            yield closed(unit), _is_whole(unit)
        unit = label + sentence if _usable(sentence) or _has_dose(sentence) else ""
        label = ""
    if unit:
        yield closed(unit), _is_whole(unit)


def _is_whole(unit: str) -> bool:
    return is_sentence(unit) and not leans(unit)


def _has_dose(sentence: str) -> bool:
    return any(quantity.is_dose for quantity in quantities(sentence))


def unlabelled(sentence: str) -> str:
    """A sentence without the number of its recommendation or section."""
    return _LABEL.sub("", sentence)


def _tells(part: str) -> bool:
    """Whether a sentence among lines of doses says something."""
    return not is_noise(part) and (is_sentence(part) or bool(quantities(part)))


def is_terse(text: str) -> bool:
    """Whether `text` is a line of doses, with a number or a label in front, and not prose."""
    if not _TERSE.match(text) or is_imperative(text):
        return False
    return len(text.split()) > 3 and bool(quantities(text))


def _joins(sentence: str) -> bool:
    """Whether a sentence belongs to the unit before it."""
    if is_noise(sentence) or sentence.endswith((":", "?")):
        return False
    return leans(sentence) or (sentence[0].isalnum() and not is_sentence(sentence))


def fits(unit: str, sentence: str) -> bool:
    return len(unit.split()) + len(sentence.split()) <= _LONGEST


def _usable(sentence: str) -> bool:
    """Whether a sentence can open a statement."""
    if is_noise(sentence) or leans(sentence) or sentence.endswith((":", "?", ",")) or sentence[0].islower():
        return False
    if not (sentence[0].isalnum() or sentence[0] in "“\"'≥≤<>"):
        return False
    return len(sentence.split()) >= 4 and (is_sentence(sentence) or bool(quantities(sentence)))
