"""What the judge's answers come to: a verdict on a record, by the majority of its votes on each statement."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from synthgen.claims.statements import Statement
from synthgen.data import Completion, Request, Verdict
from synthgen.filters.evidence import MAX_EVIDENCE, MAX_QUOTE
from synthgen.jury.asking import NAME, WORDS
from synthgen.records.loose_json import find_json

CODES = {"judge_contradicted": "the judge says that its source says something else",
         "judge_unsupported": "the judge says that its source does not bear it"}  # fmt: skip
"""Reason codes, in the order of their weight."""


def read_vote(completion: Completion, count: int) -> tuple[str, ...] | None:
    """The word on each of `count` statements; None where the answer does not give exactly those."""
    if not completion.answered or completion.finish_reason != "stop":
        return None
    found = find_json(completion.text).value
    words = found.get("verdicts") if isinstance(found, dict) else None
    if not isinstance(words, list) or len(words) != count or not all(word in WORDS for word in words):
        return None
    return tuple(words)


def readable(request: Request, completion: Completion) -> bool:
    """Whether the answer to a request of the judge is a vote."""
    schema = request.transformation.schema or {}
    return read_vote(completion, schema["properties"]["verdicts"]["minItems"]) is not None


def tally(statements: Sequence[Statement], votes: Iterable[Sequence[str]]) -> Verdict:
    """The judge's verdict; the score is the share of statements that most votes support.

    A tie is not support. Rejects `judge_contradicted` and `judge_unsupported`, for the statements in the evidence,
    which names the votes on each. Without a vote the record stays as it is, without a score.
    """
    given = list(votes)
    if not given:
        return Verdict(NAME, keep=True)
    evidence, supported = [], 0
    for number, statement in enumerate(statements):
        counts = Counter(vote[number] for vote in given)
        if 2 * counts["supported"] > len(given):
            supported += 1
            continue
        code = "judge_contradicted" if counts["contradicted"] > counts["unsupported"] else "judge_unsupported"
        evidence.append(
            {"text": statement.text[:MAX_QUOTE], "start": statement.start, "end": statement.end, "code": code}
            | {"votes": {word: counts[word] for word in WORDS if counts[word]}}
        )
    code = next((code for code in CODES if any(item["code"] == code for item in evidence)), "")
    score = supported / len(statements) if statements else 1.0
    return Verdict(NAME, keep=not evidence, code=code, score=score, evidence=tuple(evidence[:MAX_EVIDENCE]))
