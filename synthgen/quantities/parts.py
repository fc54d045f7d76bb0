"""Which parts of a record state facts, which ask, and which make up a case."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from string import ascii_uppercase
from typing import Any

from synthgen.data import Record
from synthgen.filters.evidence import POSED
from synthgen.quantities.following import Part


def parts(record: Record) -> tuple[Part, ...]:
    """The spans of `record.text` that do not state facts in full, found from the parsed content, in order.

    The questions of question-and-answer pairs are `asked`, or `posed` where they bring a case of their own; `posed` is
    also what that side of a dialogue says which says less: the side that asks. The vignette and the question of a
    multiple-choice item are a `case`, its right option is `asked`, the others are `wrong`, and its explanation states
    facts.
    """
    content = record.content or {}
    if record.kind == "qa" and "pairs" in content:
        return tuple(_questions(record.text, content, "posed" if record.transformation in POSED else "asked"))
    if record.kind == "dialogue" and "turns" in content:
        return tuple(_turns(record.text, content))
    if record.kind == "mcq" and "options" in content:
        return tuple(_case(record.text, content))
    return ()


def _questions(text: str, content: Mapping[str, Any], role: str) -> Iterator[Part]:
    position = 0
    for pair in content["pairs"]:
        start, end = _span(text, pair["question"], position)
        yield Part(start, end, role)
        position = _span(text, pair["answer"], end)[1]


def _turns(text: str, content: Mapping[str, Any]) -> Iterator[Part]:
    said: dict[str, int] = {}
    for turn in content["turns"]:
        said[turn["speaker"]] = said.get(turn["speaker"], 0) + len(turn["text"])
    asking = min(said, key=lambda speaker: said[speaker]) if len(said) > 1 else ""
    position = 0
    for turn in content["turns"]:
        start, position = _span(text, turn["text"], position)
        if turn["speaker"] == asking:
            yield Part(start, position, "posed")


def _case(text: str, content: Mapping[str, Any]) -> Iterator[Part]:
    position = 0
    for passage in (content["vignette"], content["question"]):
        start, position = _span(text, passage, position)
        yield Part(start, position, "case")
    for letter, option in zip(ascii_uppercase, content["options"], strict=False):
        start, position = _span(text, option, position)
        yield Part(start, position, "asked" if letter == content["answer"] else "wrong")
    yield Part(position, text.find("\nExplanation: ", position), "asked")


def _span(text: str, passage: str, position: int) -> tuple[int, int]:
    """Where `passage` stands in the rendered text, from `position` on; empty where it does not."""
    passage = passage.strip()
    start = text.find(passage, position)
    return (start, start + len(passage)) if start >= 0 else (position, position)
