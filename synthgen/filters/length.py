"""A text far shorter or far longer than its extract has lost or invented something."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from synthgen.data import Extract, Record, Verdict
from synthgen.filters.base import Filter
from synthgen.recipe import FilterSettings
from synthgen.settings import Positive, Settings

SHORT_EXTRACT = 150
"""Extracts shorter than this many tokens count as this long: the form of a question alone takes some length."""


class Bounds(Settings):
    """Limits on the training text, in tokens; in words where tokens were not counted."""

    min_tokens: Annotated[int, Field(ge=0)] = 20
    max_tokens: Annotated[int, Field(ge=1)] = 4096
    max_ratio: Positive = 4.0
    """At most this many times the length of the extract."""


class LengthSettings(FilterSettings):
    """The same limits for all kinds, unless the recipe sets others for one (`[filters.length.mcq]`)."""

    text: Bounds = Bounds()
    qa: Bounds = Bounds()
    mcq: Bounds = Bounds()
    dialogue: Bounds = Bounds()


class Length(Filter):
    """Rejects `too_short`, `too_long` and `longer_than_source`; the score is the length."""

    name = "length"
    codes = {
        "too_short": "it says too little",
        "too_long": "it is longer than any training text should be",
        "longer_than_source": "it is far longer than its extract",
    }
    order = 50
    Settings = LengthSettings
    settings: LengthSettings

    def check(self, record: Record, extract: Extract) -> Verdict:
        bounds: Bounds = getattr(self.settings, record.kind)
        if record.tokens and extract.tokens:
            length, source = record.tokens, extract.tokens
        else:
            length, source = len(record.text.split()), len(extract.text.split())
        code = ""
        if length < bounds.min_tokens:
            code = "too_short"
        elif length > bounds.max_tokens:
            code = "too_long"
        elif length > bounds.max_ratio * max(source, SHORT_EXTRACT):
            code = "longer_than_source"
        return Verdict(self.name, keep=not code, code=code, score=float(length))
