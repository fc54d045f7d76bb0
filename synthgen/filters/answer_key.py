"""Multiple-choice keys that their own explanation, or the extract, speaks against."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from string import ascii_uppercase
from typing import Annotated

from pydantic import Field

from synthgen.claims.alignment import claims_of
from synthgen.claims.words import WORD
from synthgen.claims.words import content as content_stem
from synthgen.data import Extract, Record, Verdict
from synthgen.filters.base import Filter
from synthgen.filters.evidence import MAX_QUOTE
from synthgen.recipe import FilterSettings

_CLAUSE = re.compile(
    r"[,;:] (?:and|but|so|whereas|while|which|because|although|not|rather|unless|with|or)\b|[;:] |\b(?:unless|when"
    r"|if|until|because|who|whom|whose)\b|, "
)
_DENIAL = re.compile(
    r"\b(?:not|no|never|neither|nor|cannot|against|avoid\w*|contraindicat\w*|rather than|instead of|inappropriate"
    r"|incorrect|wrong|unacceptable|excludes?|except|unnecessary|too (?:low|high|early|late|short|long))\b"
)
_LIMITED = re.compile(
    r"\b(?:applies to|apply to|would be|reserved|applies only|is for|are for|usual|for (?:adults|children|patients"
    r"|clients|infants))\b"
)


PLACES = (1.0, 0.6)
"""The weight of an explanation's first and second sentence, which speak for the key; later ones have the last ..."""

LATER = 0.35
"""... weight, because they speak of the other options as well."""


class AnswerKeySettings(FilterSettings):
    margin: Annotated[float, Field(ge=0)] = 0.3
    """How much more support than the key another option may have; the most that one can have is about 2."""


class AnswerKey(Filter):
    """Rejects `key_contradicted`: another option has more of its words in what the explanation asserts than the key.

    The score is the difference."""

    name = "answer_key"
    codes = {"key_contradicted": "its explanation speaks for another option than its key"}
    order = 60
    Settings = AnswerKeySettings
    settings: AnswerKeySettings

    def check(self, record: Record, extract: Extract) -> Verdict:
        content = record.content
        if record.kind != "mcq" or content is None or not isinstance(content.get("options"), list):
            return Verdict(self.name, keep=True)
        options = [str(option) for option in content["options"]]
        key = ascii_uppercase.find(str(content["answer"]))
        if not 0 <= key < len(options):
            return Verdict(self.name, keep=True)
        claims = claims_of(record, extract)
        sentences = [claim.text for statement, claim, _ in claims.made() if statement.role == "explanation"]
        if _only_numbers(options[key], sentences):
            return Verdict(self.name, keep=True)
        scores = _support([_stems(option) for option in options], sentences)
        best = max(range(len(options)), key=lambda number: (scores[number], -number))
        margin = scores[best] - scores[key]
        if best == key or margin <= self.settings.margin:
            return Verdict(self.name, keep=True, score=margin)
        keyed = [statement for statement in claims.statements if statement.role == "key"]
        evidence = tuple(
            {"text": one.text[:MAX_QUOTE], "start": one.start, "end": one.end, "better": ascii_uppercase[best]}
            for one in keyed[:1]
        )
        return Verdict(self.name, keep=False, code="key_contradicted", score=margin, evidence=evidence)


def _only_numbers(option: str, sentences: list[str]) -> bool:
    """Whether an option is little more than a number that the explanation has: words cannot tell it from others."""
    stems = _stems(option)
    return sum(map(str.isalpha, stems)) <= 2 and any(map(str.isdigit, option)) and stems <= _stems(" ".join(sentences))


def _support(options: list[frozenset[str]], sentences: list[str]) -> list[float]:
    """How far the sentences speak for each option, by the words that few options share."""
    counts = Counter(one for option in options for one in option)
    scores = [0.0] * len(options)
    for place, sentence in enumerate(sentences):
        weight = PLACES[place] if place < len(PLACES) else LATER
        held, denied = _held(sentence, first=place == 0)
        for number, option in enumerate(options):
            total = _weight(option, counts)
            if total:
                gain, loss = _weight(option & held, counts), _weight(option & (denied - held), counts)
                scores[number] += weight * (gain - 0.5 * loss) / total
    return scores


def _held(sentence: str, first: bool) -> tuple[frozenset[str], frozenset[str]]:
    """The stems of the clauses that assert something and of those that deny it, or tell of other cases."""
    held: set[str] = set()
    denied: set[str] = set()
    for clause in _CLAUSE.split(sentence):
        low = clause.lower()
        (denied if _DENIAL.search(low) or (not first and _LIMITED.search(low)) else held).update(_stems(clause))
    return frozenset(held), frozenset(denied)


def _weight(stems: frozenset[str], counts: Mapping[str, int]) -> float:
    return sum(1 / counts[one] for one in sorted(stems))


def _stems(text: str) -> frozenset[str]:
    return frozenset(stemmed for word in WORD.findall(text) if (stemmed := content_stem(word)))
