"""Real teacher outputs, good and bad: each class is rejected for its own reason, and usable ones are kept."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from synthgen.data import Extract, Record, Transformation
from synthgen.filters import build_filters, judge
from synthgen.records.parse import parse

EXTRACT = Extract("d", 0, 9, "word " * 200, 300)
FORM = {"finish_reason", "empty", "refusal", "answer_format", "boilerplate", "length"}
FILTERS = tuple(one for one in build_filters({}) if one.name in FORM)
"""Only these: of the extract behind an output nothing is known here."""


def task(options: Mapping[str, str] | None) -> Transformation:
    """The instruction that these outputs answered: thoughts, then one option by letter, with or without its text."""
    choices = [choice for letter, text in (options or {}).items() for choice in (letter, f"{letter}. {text}")]
    schema = {
        "type": "object",
        "required": ["step_by_step_thinking", "answer_choice"],
        "properties": {
            "step_by_step_thinking": {"type": "string", "minLength": 1},
            "answer_choice": {"enum": choices},
        },
    }
    return Transformation("choice", 1, "text", "", "", schema=schema)


def reason(item: Mapping[str, Any]) -> str:
    """The reason of the rejection, or `kept`. Nothing but the text is known of these outputs: all count as stopped."""
    transformation = task(item["options"])
    parsed = parse(item["raw"], transformation)
    text = parsed.content["step_by_step_thinking"] if parsed.content else ""
    record = Record(
        item["id"], "e", "choice", 1, "text", "t", 0, item["raw"], "stop", parsed.content, parsed.error, text
    )
    verdicts = judge(record, EXTRACT, FILTERS)
    return next((verdict.code for verdict in verdicts if not verdict.keep), "kept")


def reasons(path: Path) -> dict[str, Counter[str]]:
    """Counts of reasons by failure class."""
    table: dict[str, Counter[str]] = {}
    for line in path.read_text("utf-8").splitlines():
        item = json.loads(line)
        table.setdefault(item["failure_class"], Counter())[reason(item)] += 1
    return table


@pytest.fixture(scope="module")
def bad(shared_data: Path) -> dict[str, Counter[str]]:
    return reasons(shared_data / "teacher_outputs" / "bad_outputs.jsonl")


@pytest.mark.parametrize(
    ("failure", "codes"),
    [
        ("ambiguous_answer", {"wrong_shape"}),
        ("malformed_json_escape_or_comma", {"malformed_json", "truncated_json"}),
        ("truncated_json", {"truncated_json"}),
        ("preamble_no_close", {"truncated_json"}),
        ("preamble_before_json", {"preamble", "wrong_shape", "refusal"}),
        ("no_json", {"no_json", "refusal"}),
        ("ok_json_ai_disclaimer", {"ai_disclaimer"}),
        ("infra_content_filter", {"no_json", "refusal"}),
        ("infra_error", {"no_json"}),
        ("infra_timeout", {"no_json"}),
        ("infra_other", {"no_json"}),
    ],
)
def test_bad_outputs_are_rejected_for_their_own_reason(
    bad: dict[str, Counter[str]], failure: str, codes: set[str]
) -> None:
    assert set(bad[failure]) <= codes


def test_nearly_all_bad_outputs_are_rejected(bad: dict[str, Counter[str]]) -> None:
    kept = sum(codes["kept"] for codes in bad.values())
    assert kept <= 0.03 * sum(codes.total() for codes in bad.values())


def test_usable_outputs_are_kept(shared_data: Path) -> None:
    usable = reasons(shared_data / "teacher_outputs" / "ok_outputs_sample.jsonl")["ok_json"]
    assert usable.total() - usable["kept"] <= 0.01 * usable.total()
