"""Where a filter looks, and how it shows what it found."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from synthgen.data import Record

MAX_QUOTE = 200
"""Characters of evidence that a verdict repeats; its offsets span all of it."""

MAX_EVIDENCE = 8
"""Pieces of evidence in one verdict."""

POSED = frozenset({"calculation", "counterfactual_qa", "instruction"})
"""Transformations whose questions pose a case or a task: they bring values and words of their own, as vignettes do."""

_LABEL = re.compile(r"\n(?:Answer|Explanation): ")
_MARKUP = re.compile(r"[\s#*_>`\ufeff]*+")


def judged_text(record: Record) -> str:
    """The text that offsets of evidence refer to: the training text, or the raw answer where there is none."""
    return record.raw if record.content is None else record.text


def openings(record: Record) -> Iterator[int]:
    """Offsets into `judged_text` at which the teacher begins to speak: the text itself, each answer, each explanation.

    A dialogue has none, because its speakers speak for themselves.
    """
    if record.kind == "dialogue" and record.content is not None:
        return
    text = judged_text(record)
    yield _after_markup(text, 0)
    for label in _LABEL.finditer(text):
        yield _after_markup(text, label.end())


def quote(match: re.Match[str]) -> Mapping[str, Any]:
    """A match in `judged_text` as evidence."""
    return {"text": match[0][:MAX_QUOTE], "start": match.start(), "end": match.end()}


def _after_markup(text: str, start: int) -> int:
    match = _MARKUP.match(text, start)
    return match.end() if match else start
