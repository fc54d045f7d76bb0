"""How much of a record is copied word for word from its extract."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from synthgen.data import Extract, Record, Verdict
from synthgen.filters.base import Filter
from synthgen.filters.evidence import judged_text
from synthgen.filters.runs import index_of, longest_shared, words_of
from synthgen.recipe import FilterSettings
from synthgen.settings import Share

GRAM = 13
"""Words in a run that counts as copied: the length that contamination is told by as well (GPT-3, Brown et al. 2020)."""


class CopiedSettings(FilterSettings):
    """No limit by default: the extractive teacher copies on purpose, and the source's licence decides what may be."""

    longest: Annotated[int, Field(ge=GRAM)] | None = None
    """At most this many words in a row may stand in the extract."""
    share: Share | None = None
    """At most this share of the runs of 13 words may stand in the extract."""


class Copied(Filter):
    """Scores the longest run of 13 or more words that stands in the extract too; rejects `copied` above a limit.

    The evidence of kept records as well says where that run stands in record and extract, and the share of the
    record's runs of 13 words that the extract holds.
    """

    name = "copied"
    codes = {"copied": "it holds more of its source, word for word, than the recipe allows"}
    order = 70
    Settings = CopiedSettings
    settings: CopiedSettings

    def check(self, record: Record, extract: Extract) -> Verdict:
        text, settings = judged_text(record), self.settings
        longest = longest_shared(text, extract.text, GRAM)
        if not longest.words:
            return Verdict(self.name, keep=True, score=0.0)
        made, held, own = words_of(text), words_of(extract.text), index_of(extract.text, GRAM)
        grams = list(made.grams(GRAM))
        share = sum(gram in own for gram in grams) / len(grams)
        copied = longest.words > (settings.longest or longest.words) or share > (
            1.0 if settings.share is None else settings.share
        )
        found = {
            "start": made.starts[longest.start],
            "end": made.ends[longest.start + longest.words - 1],
            "words": longest.words,
            "share": round(share, 3),
            "source": {
                "start": held.starts[longest.source],
                "end": held.ends[longest.source + longest.words - 1],
            },
        }
        return Verdict(
            self.name, keep=not copied, code="copied" if copied else "", score=float(longest.words), evidence=(found,)
        )
