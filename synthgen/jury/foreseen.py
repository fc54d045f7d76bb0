"""What the judge will take, before the records are there that it is to read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from synthgen.data import Extract, Record
from synthgen.jury.asking import instruction_for
from synthgen.ranges import Range
from synthgen.recipe import JudgeSettings

ACCEPTANCE = (0.3, 0.85, 1.0)
"""The least, expected and largest share of the answers that the filters keep; only these are read."""
STATEMENT_TOKENS = 25
"""Tokens of a statement, about: one or two sentences."""
WORD_TOKENS = 4
"""Tokens of the word on one statement, with its quotes."""


@dataclass(frozen=True, slots=True)
class Votes:
    """How many votes are to be bought, and their tokens."""

    owed: int
    prompt_tokens: Range
    completion_tokens: Range


def votes(
    settings: JudgeSettings,
    answers: int,
    extract_tokens: float,
    answer_tokens: float,
    count: Callable[[str], int],
) -> Votes:
    """The votes on `answers` records, whose extracts and texts have so many tokens on average."""
    low, expected, high = (share * answers * settings.votes for share in ACCEPTANCE)
    blank = Extract(doc_id="", start=0, end=0, text="", tokens=0)
    around = count(instruction_for(Record("", blank.extract_id, "", 1, "text", "", 0, "", "stop")))
    prompt = around + extract_tokens + answer_tokens
    word = WORD_TOKENS * (2 + answer_tokens / STATEMENT_TOKENS)
    return Votes(
        round(expected),
        Range(low * prompt / 1.25, expected * prompt, high * prompt * 1.25),
        Range(low * word / 2, expected * word, high * word * 2),
    )
