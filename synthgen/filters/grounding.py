"""Sentences that the extract does not bear."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Annotated, Any

from pydantic import Field

from synthgen.claims.alignment import Claim, Claims, claims_of
from synthgen.claims.forms import strange
from synthgen.claims.general import is_general
from synthgen.claims.kinds import of
from synthgen.claims.statements import Statement, Word
from synthgen.claims.technical import is_technical
from synthgen.data import Extract, Record, Verdict
from synthgen.filters.base import Filter
from synthgen.filters.evidence import MAX_EVIDENCE, MAX_QUOTE
from synthgen.recipe import FilterSettings

_CLASS = re.compile(r"(?: [^\W_]+)?,? (?:such as|including|for example|like|e\.g\.)")

ANSWERING = ("explanation", "answer", "text")
"""Roles of statements that may go back to what a case has brought up."""


class GroundingSettings(FilterSettings):
    foreign: Annotated[float, Field(gt=0)] = 2.0
    """Weight of words strange to the extract that one statement may not reach: 1 for a name, 2 for a technical word,
    and half as much as a name for any other."""


class Grounding(Filter):
    """Rejects `unsupported`; the score is the share of statements without support in the extract.

    The evidence, of kept records too, is the record's alignment: for each statement in order its offsets, those of the
    extract's sentence nearest to it (`source_start`, `source_end`; none where it has no word of the extract), and
    `support`, the share of its weight in [0, 1] that the extract holds. A statement without support has its `text` and
    its `foreign` words as well.
    """

    name = "grounding"
    codes = {"unsupported": "it states something that the extract does not bear"}
    order = 60
    Settings = GroundingSettings
    settings: GroundingSettings

    def check(self, record: Record, extract: Extract) -> Verdict:
        claims = claims_of(record, extract)
        own = own_words(claims)
        judged = unsupported = 0
        evidence = []
        for statement, claim, _ in claims.made():
            aligned = _aligned(statement, claim)
            evidence.append(aligned)
            if statement.role in ("vignette", "option", "key"):
                continue
            judged += 1
            if claim.verbatim or not strange(claim):
                continue
            foreign = _foreign(claim, own if statement.role in ANSWERING else frozenset())
            if sum(map(_tells, foreign)) >= self.settings.foreign:
                unsupported += 1
                aligned |= {"text": statement.text[:MAX_QUOTE], "foreign": foreign[:MAX_EVIDENCE]}
        score = unsupported / judged if judged else 0.0
        code = "unsupported" if unsupported else ""
        return Verdict(self.name, keep=not code, code=code, score=score, evidence=tuple(evidence))


def _aligned(statement: Statement, claim: Claim) -> dict[str, Any]:
    found: dict[str, Any] = {"start": statement.start, "end": statement.end, "support": round(claim.covered, 3)}
    if claim.support:
        units = claim.units if claim.verbatim else claim.units[:1]
        found |= {"source_start": units[0].start, "source_end": units[-1].end}
    return found


def own_words(claims: Claims) -> frozenset[str]:
    """The stems of what an item that poses a case may bring up by itself: vignettes, options, and what sets the scene
    of a question."""
    return frozenset[str]().union(
        *[
            claim.own
            for statement, claim, _ in claims.made()
            if statement.role in ("vignette", "option", "key")
            or (statement.role == "question" and not claim.low.rstrip("*_ ").endswith("?"))
        ]
    )


def names_class(text: str, word: Word) -> bool:
    """Whether a word only names the class of the things that are listed behind it."""
    return _CLASS.match(text, word.start + len(word.text)) is not None


@lru_cache(maxsize=1 << 14)
def _tells(word: str) -> float:
    """How much a foreign word weighs: one for a class of drugs no more than a name, one in lower case less."""
    low = word.lower()
    if is_technical(low):
        return 1.0 if of("purpose", low) else 2.0
    return 0.5 if word.islower() else 1.0


def _foreign(claim: Claim, own: frozenset[str]) -> list[str]:
    """The words of a statement that are neither the extract's nor general English, one of each stem."""
    return list(
        {
            word.stem: word.text
            for word in strange(claim)
            if word.stem not in own and not names_class(claim.text, word) and not is_general(word.text)
        }.values()
    )
