"""Content to training text: plain text, one layout a kind."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from string import ascii_uppercase
from typing import Any

from synthgen.data import Kind


def render(content: Mapping[str, Any], kind: Kind) -> str:
    """The training text of `content`, which has the shape that `synthgen.records.parse.parse` gives the kind."""
    return _RENDER[kind](content)


def _text(content: Mapping[str, Any]) -> str:
    return str(content["text"])


def _qa(content: Mapping[str, Any]) -> str:
    return _paragraphs(
        f"Question: {pair['question'].strip()}\nAnswer: {pair['answer'].strip()}" for pair in content["pairs"]
    )


def _mcq(content: Mapping[str, Any]) -> str:
    options = [
        f"{letter}. {option.strip()}" for letter, option in zip(ascii_uppercase, content["options"], strict=False)
    ]
    answer = options[ascii_uppercase.index(content["answer"])]
    return _paragraphs(
        [
            content["vignette"],
            content["question"],
            "\n".join(options),
            f"Answer: {answer}",
            f"Explanation: {content['explanation'].strip()}",
        ]
    )


def _dialogue(content: Mapping[str, Any]) -> str:
    return "\n".join(f"{turn['speaker'].strip()}: {turn['text'].strip()}" for turn in content["turns"])


def _paragraphs(parts: Iterable[str]) -> str:
    return "\n\n".join(stripped for part in parts if (stripped := part.strip()))


_RENDER: Mapping[Kind, Callable[[Mapping[str, Any]], str]] = {
    "text": _text,
    "qa": _qa,
    "mcq": _mcq,
    "dialogue": _dialogue,
}
