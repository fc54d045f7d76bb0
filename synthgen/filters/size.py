"""An answer far beyond any training text is not looked at further, so that no record takes long to judge."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from synthgen.data import Extract, Record, Verdict
from synthgen.filters.base import Filter
from synthgen.filters.evidence import judged_text
from synthgen.recipe import FilterSettings


class SizeSettings(FilterSettings):
    max_characters: Annotated[int, Field(ge=1)] = 100_000
    """Some four windows of 4,096 tokens. The other filters take a second at most for a text of this length."""


class Size(Filter):
    """Rejects `oversized`; the score is the number of characters. `length` has the limits that training sets."""

    name = "size"
    codes = {"oversized": "it is far longer than any answer should be"}
    order = 5
    decisive = True
    Settings = SizeSettings
    settings: SizeSettings

    def check(self, record: Record, extract: Extract) -> Verdict:
        characters = len(judged_text(record))
        keep = characters <= self.settings.max_characters
        return Verdict(self.name, keep=keep, code="" if keep else "oversized", score=float(characters))
