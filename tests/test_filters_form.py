"""Filters on the form of an answer: how it ended, whether it could be read, how long it is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from synthgen.data import Extract, Kind, Record, Transformation, Verdict
from synthgen.filters import build_filters

TASK = Transformation("distill", 1, "text", "", "")


def check(name: str, sections: Mapping[str, Mapping[str, Any]] | None = None, **changes: Any) -> Verdict:
    known: dict[str, Any] = {
        "record_id": "r",
        "extract_id": "d:0-9",
        "transformation": "distill",
        "version": 1,
        "kind": "text",
        "teacher": "t",
        "sample": 0,
        "raw": "",
        "finish_reason": "stop",
    }
    extract = Extract("d", 0, 9, "word " * 200, changes.pop("source", 300))
    [one] = [one for one in build_filters(sections or {}) if one.name == name]
    return one.check(Record(**known | changes), extract)


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        ("stop", ""),
        ("length", "truncated"),
        ("max_tokens", "truncated"),
        ("content_filter", "content_filter"),
        ("refusal", "refusal"),
        ("declined", "declined"),
        ("tool_calls", "unfinished"),
        ("", "unfinished"),
        (None, "unfinished"),
    ],
)
def test_only_an_answer_that_ended_by_itself_is_whole(reason: str | None, code: str) -> None:
    verdict = check("finish_reason", finish_reason=reason)
    assert (verdict.keep, verdict.code) == (not code, code)


@pytest.mark.parametrize("text", ["", " \n\t", "\ufeff\u200b", "...", "- \n- \n", "```\n```", "—", "\ud800"])
def test_text_without_a_word_is_empty(text: str) -> None:
    assert check("empty", raw=text, content=None).code == "empty"
    assert check("empty", raw="{}", content={"text": text}, text=text).code == "empty"


@pytest.mark.parametrize("text", ["5", "ja", "薬", "\u200bno", "µ"])
def test_any_script_has_words(text: str) -> None:
    assert check("empty", raw=text, content={"text": text}, text=text).keep


def test_an_unread_answer_is_rejected_with_the_parsers_code() -> None:
    verdict = check("answer_format", content=None, parse_error="wrong_shape: pairs.0.answer: missing")
    assert (verdict.keep, verdict.code) == (False, "wrong_shape")
    assert verdict.evidence == ({"detail": "pairs.0.answer: missing"},)
    assert check("answer_format", content=None, parse_error="no_json").code == "no_json"
    assert check("answer_format", content={"text": "x"}).keep


REASONED = "The guideline gives the dose twice. First I look at adults, then at children, and at the kidneys last. "
PAIRS = {"pairs": [{"question": "How often is metformin given?", "answer": "It is given twice daily."}]}
JSON = json.dumps(PAIRS)


@pytest.mark.parametrize(
    ("raw", "lead", "keep"),
    [
        (f"Here is the JSON that you asked for:\n```json\n{JSON}\n```", 100, True),
        (f"<think>{REASONED * 5}</think>\n{JSON}", 100, True),
        (f"```json\n{JSON}\n```\n{REASONED * 3}", 100, True),
        (REASONED * 2 + JSON, 100, False),
        (f"{REASONED * 2}\n```json\n{JSON}\n```", 100, False),
        (REASONED * 2 + JSON, 500, True),
        (f"Here: {JSON}", 0, False),
    ],
)
def test_a_teacher_that_reasons_in_front_of_its_json_has_answered_there(raw: str, lead: int, keep: bool) -> None:
    text = "Question: How often is metformin given?\nAnswer: It is given twice daily."
    sections = {"boilerplate": {"lead": lead}}
    verdict = check("boilerplate", sections, kind="qa", raw=raw, content=PAIRS, text=text)
    assert (verdict.keep, verdict.code) == (keep, "" if keep else "preamble")


@pytest.mark.parametrize(
    ("tokens", "code"), [(19, "too_short"), (20, ""), (1200, ""), (1201, "longer_than_source"), (4097, "too_long")]
)
def test_length_is_bounded_by_limits_and_by_the_extract(tokens: int, code: str) -> None:
    verdict = check("length", content={"text": "x"}, text="x", tokens=tokens)
    assert (verdict.keep, verdict.code, verdict.score) == (not code, code, tokens)


def test_a_short_extract_leaves_room_for_the_form_of_a_question() -> None:
    assert check("length", content={"text": "x"}, text="x", tokens=500, source=30).keep


def test_length_is_in_words_where_tokens_were_not_counted() -> None:
    assert check("length", content={"text": "x"}, text="word " * 19).code == "too_short"
    assert check("length", content={"text": "x"}, text="word " * 800).keep
    assert check("length", content={"text": "x"}, text="word " * 801).code == "longer_than_source"


@pytest.mark.parametrize(("kind", "code"), [("mcq", "too_short"), ("text", "")])
def test_a_recipe_can_set_limits_for_one_kind(kind: Kind, code: str) -> None:
    sections = {"length": {"mcq": {"min_tokens": 60}}}
    assert check("length", sections, kind=kind, content={"text": "x"}, text="x", tokens=50).code == code
