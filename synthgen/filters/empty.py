"""An answer without a word teaches nothing."""

from __future__ import annotations

import re
from typing import Literal

from synthgen.data import Extract, Record, Transformation, Verdict
from synthgen.filters.base import Filter
from synthgen.filters.evidence import judged_text
from synthgen.recipe import FilterSettings

_WORD = re.compile(r"[^\W_]")


class EmptySettings(FilterSettings):
    enabled: Literal[True] = True


class Empty(Filter):
    """Rejects an answer that holds no letter and no digit of any script. Cannot be switched off."""

    name = "empty"
    order = 10
    decisive = True
    Settings = EmptySettings

    def check(self, record: Record, extract: Extract, transformation: Transformation) -> Verdict:
        if _WORD.search(judged_text(record)):
            return Verdict(self.name, keep=True)
        return Verdict(self.name, keep=False, code="empty")
