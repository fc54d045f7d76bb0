"""Only an answer that the teacher ended itself is whole."""

from __future__ import annotations

from synthgen.data import Extract, Record, Verdict
from synthgen.filters.base import AlwaysOn, Filter

CODES = {
    "length": "truncated",
    "max_tokens": "truncated",
    "content_filter": "content_filter",
    "refusal": "refusal",
    "declined": "declined",
}
"""The teacher's words for an end that is not its own, and the reason codes; any other word is `unfinished`."""


class FinishReason(Filter):
    """Rejects every finish reason but `stop`, an absent one too. Cannot be switched off."""

    name = "finish_reason"
    codes = {
        "truncated": "the answer was cut off at the limit of its length",
        "content_filter": "the teacher's content filter stopped it",
        "refusal": "the teacher refused",
        "declined": "the extract does not hold what the transformation needs",
        "unfinished": "the teacher did not end the answer itself",
    }
    order = 0
    decisive = True
    Settings = AlwaysOn

    def check(self, record: Record, extract: Extract) -> Verdict:
        if record.finish_reason == "stop":
            return Verdict(self.name, keep=True)
        return Verdict(self.name, keep=False, code=CODES.get(record.finish_reason or "", "unfinished"))
