"""An answer without a word teaches nothing."""

from __future__ import annotations

import re

from synthgen.data import Extract, Record, Verdict
from synthgen.filters.base import AlwaysOn, Filter
from synthgen.filters.evidence import judged_text

_WORD = re.compile(r"[^\W_]")


class Empty(Filter):
    """Rejects an answer that holds no letter and no digit of any script. Cannot be switched off."""

    name = "empty"
    codes = {"empty": "the teacher answered nothing"}
    order = 10
    decisive = True
    Settings = AlwaysOn

    def check(self, record: Record, extract: Extract) -> Verdict:
        if _WORD.search(judged_text(record)):
            return Verdict(self.name, keep=True)
        return Verdict(self.name, keep=False, code="empty")
