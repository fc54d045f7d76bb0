"""How much of a record is copied word for word from its extract."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Annotated

from pydantic import Field

from synthgen.data import Extract, Record, Verdict
from synthgen.filters.base import Filter
from synthgen.filters.evidence import judged_text
from synthgen.filters.runs import shared_runs, words_of
from synthgen.recipe import FilterSettings
from synthgen.settings import Settings, Share

GRAM = 13
"""Words in a run that counts as copied: the length that contamination is told by as well (GPT-3, Brown et al. 2020)."""


class CopyLimits(Settings):
    """How much may be copied; None is no limit."""

    longest: Annotated[int, Field(ge=GRAM)] | None = None
    """At most this many words in a row may stand in the extract."""
    share: Share | None = None
    """At most this share of the runs of 13 words may stand in the extract."""


class LicenceLimits(CopyLimits):
    """The limits for documents whose licence matches a case-insensitive glob; `*` takes those without one, too."""

    licence: str


class CopiedSettings(CopyLimits, FilterSettings):
    """No limit by default: the extractive teacher copies on purpose, and the source's licence decides what may be."""

    licences: list[LicenceLimits] = []
    """Other limits for some licences; of several that match, the first."""

    def limits(self, licence: str | None) -> CopyLimits:
        """The limits for a document with this licence."""
        name = (licence or "").casefold()
        return next((one for one in self.licences if fnmatchcase(name, one.licence.casefold())), self)


class Copied(Filter):
    """Scores the longest run of 13 or more words that stands in the extract too; rejects `copied` above a limit.

    The evidence of kept records as well says where that run stands in record and extract, and the share of the
    record's runs of 13 words that the extract holds.
    """

    name = "copied"
    codes = {"copied": "it holds more of its source, word for word, than the recipe allows for its licence"}
    order = 70
    Settings = CopiedSettings
    settings: CopiedSettings

    def check(self, record: Record, extract: Extract) -> Verdict:
        text, limits = judged_text(record), self.settings.limits(extract.licence)
        runs = list(shared_runs(text, extract.text, GRAM))
        if not runs:
            return Verdict(self.name, keep=True, score=0.0)
        longest = max(runs, key=lambda run: run.words)
        made, held = words_of(text), words_of(extract.text)
        grams = {number for run in runs for number in range(run.start, run.start + run.words - GRAM + 1)}
        share = len(grams) / (len(made.words) - GRAM + 1)
        copied = longest.words > (limits.longest or longest.words) or share > (
            1.0 if limits.share is None else limits.share
        )
        start, end = made.span(longest.start, longest.words)
        first, last = held.span(longest.source, longest.words)
        found = {
            "start": start,
            "end": end,
            "words": longest.words,
            "share": round(share, 3),
            "source": {"start": first, "end": last},
        }
        return Verdict(
            self.name, keep=not copied, code="copied" if copied else "", score=float(longest.words), evidence=(found,)
        )
