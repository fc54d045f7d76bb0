"""Sentences that the extract does not bear."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from pydantic import Field

from synthgen.claims.alignment import Claim, Claims, claims_of
from synthgen.claims.findings import finding, verdict
from synthgen.claims.general import is_general
from synthgen.claims.technical import is_technical
from synthgen.data import Extract, Record, Verdict
from synthgen.filters.base import Filter
from synthgen.recipe import FilterSettings


class GroundingSettings(FilterSettings):
    foreign: Annotated[float, Field(gt=0)] = 2.0
    """Weight of words strange to the extract that one statement may not reach: 1 for each, 2 for a technical one."""


class Grounding(Filter):
    """Rejects `unsupported`; the score is the share of statements without support in the extract."""

    name = "grounding"
    codes = {"unsupported": "it states something that the extract does not bear"}
    order = 60
    Settings = GroundingSettings
    settings: GroundingSettings

    def check(self, record: Record, extract: Extract) -> Verdict:
        claims = claims_of(record, extract)
        own = own_words(claims)
        judged = unsupported = 0
        found = []
        for statement, claim, _ in claims.made("vignette", "option"):
            judged += 1
            foreign = _foreign(claim, own if statement.role == "explanation" else frozenset())
            if sum(2.0 if is_technical(word.lower()) else 1.0 for word in foreign) >= self.settings.foreign:
                unsupported += 1
                found.append(finding(statement, claim, foreign=foreign[:8]))
        judgement = verdict(self.name, "unsupported", found)
        return replace(judgement, score=unsupported / judged if judged else 0.0)


def own_words(claims: Claims) -> frozenset[str]:
    """The stems of what a multiple-choice question may bring up by itself: its vignette and its options."""
    return frozenset(
        word.stem
        for statement, claim, _ in claims.made()
        if statement.role in ("vignette", "option", "key")
        for word in claim.words
    )


def _foreign(claim: Claim, own: frozenset[str]) -> list[str]:
    """The words of a statement that are neither the extract's nor general English, one of each stem."""
    return list(
        {
            word.stem: word.text
            for word in claim.novel
            if word.stem not in own and not is_general(word.text, word.stem)
        }.values()
    )
