"""Only an answer that the teacher ended itself is whole."""

from __future__ import annotations

from typing import Literal

from synthgen.data import Extract, Record, Transformation, Verdict
from synthgen.filters.base import Filter
from synthgen.recipe import FilterSettings

CODES = {
    "length": "truncated",
    "max_tokens": "truncated",
    "content_filter": "content_filter",
    "refusal": "refusal",
    "declined": "declined",
}
"""The teacher's words for an end that is not its own, and the reason codes; any other word is `unfinished`."""


class FinishReasonSettings(FilterSettings):
    enabled: Literal[True] = True


class FinishReason(Filter):
    """Rejects every finish reason but `stop`, an absent one too. Cannot be switched off."""

    name = "finish_reason"
    order = 0
    decisive = True
    Settings = FinishReasonSettings

    def check(self, record: Record, extract: Extract, transformation: Transformation) -> Verdict:
        if record.finish_reason == "stop":
            return Verdict(self.name, keep=True)
        return Verdict(self.name, keep=False, code=CODES.get(record.finish_reason or "", "unfinished"))
