"""A record as a conversation: what is asked, and what a teacher answered."""

from __future__ import annotations

from dataclasses import dataclass

from synthgen.data import Message, Record
from synthgen.records.render import case, paragraphs, right_option


@dataclass(frozen=True, slots=True)
class Exchange:
    """A prompt, and the answer that a model is to learn."""

    prompt: str
    answer: str


def exchanges(record: Record) -> list[Exchange]:
    """The exchanges of a record that has content; at least one.

    Each pair of question and answer is one. A multiple-choice question is asked with its options, and answered with
    the right one and why. A text and a dialogue answer the record's `ask` as a whole.
    """
    content = record.content or {}
    match record.kind:
        case "qa":
            return [Exchange(pair["question"].strip(), pair["answer"].strip()) for pair in content["pairs"]]
        case "mcq":
            return [Exchange(case(content), paragraphs([right_option(content), content["explanation"]]))]
        case "text" | "dialogue":
            return [Exchange(record.ask, record.text)]


def messages(record: Record) -> list[Message]:
    """The same as chat messages, of the user and the assistant in turn."""
    return [
        {"role": role, "content": text}
        for exchange in exchanges(record)
        for role, text in (("user", exchange.prompt), ("assistant", exchange.answer))
    ]
