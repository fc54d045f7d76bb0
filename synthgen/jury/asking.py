"""What the judge is asked: the raw extract, and the statements of a record with a number each."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from synthgen.claims.statements import Statement, statements_of
from synthgen.data import Extract, Record, Request, Transformation
from synthgen.planning import Teacher, request_id, wire_payload
from synthgen.recipe import JudgeSettings

NAME = "judge"
"""What the judge's requests are called where those of transformations have the name of theirs."""

WORDS = ("supported", "contradicted", "unsupported")
MAX_STATEMENTS = 60
"""Statements that are asked about; a record of more is judged by its first ones."""


def judged_statements(record: Record) -> list[Statement]:
    """The statements of a record that claim something, in order."""
    claims = [one for one in statements_of(record) if one.role not in ("vignette", "option", "question")]
    return claims[:MAX_STATEMENTS]


def judge_requests(record: Record, extract: Extract, teacher: Teacher, settings: JudgeSettings) -> Iterator[Request]:
    """One request a vote; none where the record claims nothing.

    They share the prefix of all requests of the extract. Votes differ in their sample index, and so in their ids.
    """
    statements = judged_statements(record)
    if not statements:
        return
    asked = _transformation(record, len(statements), settings)
    for vote in range(settings.votes):
        payload = wire_payload(asked, extract, vote, teacher)
        identifier = request_id(payload, teacher.identity, vote)
        yield Request(identifier, extract, asked, teacher.settings.name, vote, payload)


def instruction_for(record: Record) -> str:
    """What the judge is asked behind the extract."""
    texts = [_closed(" ".join(one.text.split())) for one in judged_statements(record)]
    numbered = "\n".join(f"{number}. {text}" for number, text in enumerate(texts, 1))
    return _instruction().replace("{count}", str(len(texts))).replace("{statements}", numbered)


def _transformation(record: Record, count: int, settings: JudgeSettings) -> Transformation:
    """The instruction of one record as a transformation, so that it is sent, counted and priced as others are."""
    return Transformation(
        name=NAME,
        version=1,
        kind="text",
        summary="Says of each statement whether the extract bears it.",
        instruction=instruction_for(record),
        schema=_schema(count),
        sampling={"temperature": settings.temperature, "max_tokens": 32 + 8 * count},
    )


def _closed(text: str) -> str:
    """A statement that cannot end the block it stands in, and holds no placeholder."""
    return text.replace("</", "< /").replace("{{", "{ {")


def _schema(count: int) -> dict[str, Any]:
    words = {"type": "array", "minItems": count, "maxItems": count, "items": {"enum": list(WORDS)}}
    return {
        "type": "object",
        "required": ["verdicts"],
        "additionalProperties": False,
        "properties": {"verdicts": words},
    }


@cache
def _instruction() -> str:
    return (Path(__file__).parent / "judge.md").read_text("utf-8").strip()
