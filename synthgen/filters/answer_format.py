"""The answer must be what was asked for: JSON valid by the transformation's schema, or readable text."""

from __future__ import annotations

from synthgen.data import Extract, Record, Verdict
from synthgen.filters.base import AlwaysOn, Filter


class AnswerFormat(Filter):
    """Rejects an answer that the parser could not read, with the parser's code (`synthgen.records.parse.Parsed`).

    Infrastructure notices that a client saved as text end here as well: they are not the JSON that was asked for.
    Cannot be switched off, because a record without content has nothing to train on.
    """

    name = "answer_format"
    codes = {
        "no_json": "there is no JSON in the answer",
        "malformed_json": "the JSON of the answer is broken",
        "truncated_json": "the JSON of the answer is cut off",
        "several_json": "the answer holds several different pieces of JSON",
        "wrong_shape": "the JSON of the answer is not what was asked for",
        "lone_surrogate": "the answer holds half a character",
        "unclear_reasoning": "the answer cannot be told from the model's thoughts",
    }
    order = 30
    decisive = True
    Settings = AlwaysOn

    def check(self, record: Record, extract: Extract) -> Verdict:
        if record.content is not None:
            return Verdict(self.name, keep=True)
        code, _, detail = (record.parse_error or "unparsed").partition(": ")
        return Verdict(self.name, keep=False, code=code, evidence=({"detail": detail},) if detail else ())
