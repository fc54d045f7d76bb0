"""Content to plain text, one layout a kind: what filters judge, and the training text of the plain form."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from string import ascii_uppercase
from typing import Any

from synthgen.data import Kind


def render(content: Mapping[str, Any], kind: Kind) -> str:
    """The plain text of `content`, which has the shape that `synthgen.records.parse.parse` gives the kind."""
    return _RENDER[kind](content)


def case(content: Mapping[str, Any]) -> str:
    """A multiple-choice question with its lettered options, without the answer."""
    return paragraphs([content["vignette"], content["question"], "\n".join(_lettered(content))])


def right_option(content: Mapping[str, Any]) -> str:
    """The right option of a multiple-choice question, with its letter."""
    return _lettered(content)[ascii_uppercase.index(content["answer"])]


def paragraphs(parts: Iterable[str]) -> str:
    """The parts that are not blank, with a blank line between them."""
    return "\n\n".join(stripped for part in parts if (stripped := part.strip()))


def _text(content: Mapping[str, Any]) -> str:
    return str(content["text"])


def _qa(content: Mapping[str, Any]) -> str:
    return paragraphs(
        f"Question: {pair['question'].strip()}\nAnswer: {pair['answer'].strip()}" for pair in content["pairs"]
    )


def _mcq(content: Mapping[str, Any]) -> str:
    answer, explanation = right_option(content), content["explanation"].strip()
    return paragraphs([case(content), f"Answer: {answer}", f"Explanation: {explanation}"])


def _dialogue(content: Mapping[str, Any]) -> str:
    return "\n".join(f"{turn['speaker'].strip()}: {turn['text'].strip()}" for turn in content["turns"])


def _lettered(content: Mapping[str, Any]) -> list[str]:
    return [f"{letter}. {option.strip()}" for letter, option in zip(ascii_uppercase, content["options"], strict=False)]


_RENDER: Mapping[Kind, Callable[[Mapping[str, Any]], str]] = {
    "text": _text,
    "qa": _qa,
    "mcq": _mcq,
    "dialogue": _dialogue,
}
