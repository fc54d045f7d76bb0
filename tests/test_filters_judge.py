"""Filters made from a recipe, their order, and the verdicts on one record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthgen.claims.statements import MAX_STATEMENTS
from synthgen.data import Extract, Kind, Record, Transformation, Verdict
from synthgen.errors import RecipeError
from synthgen.filters import build_filters, judge
from synthgen.filters.base import Filter
from synthgen.filters.evidence import MAX_EVIDENCE
from synthgen.recipe import FilterSettings

EXTRACT = Extract("d", 0, 9, "Give 5 mg.", 300)
TASK = Transformation("distill", 1, "text", "", "")
KINDS: tuple[Kind, ...] = ("text", "qa", "mcq", "dialogue")


def record(raw: str = "Give 5 mg. " * 20, **changes: Any) -> Record:
    known: dict[str, Any] = {
        "record_id": "r",
        "extract_id": "d:0-9",
        "transformation": "distill",
        "version": 1,
        "kind": "text",
        "teacher": "t",
        "sample": 0,
        "raw": raw,
        "finish_reason": "stop",
        "content": {"text": raw},
        "text": raw,
    }
    return Record(**known | changes)


class Scripted(Filter):
    """Rejects everything with one code, or keeps it where the code is empty."""

    name = "scripted"

    def __init__(self, code: str) -> None:
        super().__init__(FilterSettings())
        self.code = code

    def check(self, record: Record, extract: Extract) -> Verdict:
        return Verdict(self.name, keep=not self.code, code=self.code)


class Decisive(Scripted):
    decisive = True


def test_all_filters_run_in_order_with_the_decisive_form_checks_first() -> None:
    names = [one.name for one in build_filters({})]
    assert names[:6] == ["finish_reason", "size", "empty", "refusal", "answer_format", "boilerplate"]
    assert [one.name for one in build_filters({}) if one.decisive] == [
        "finish_reason",
        "size",
        "empty",
        "answer_format",
    ]


def test_a_filter_can_be_left_out() -> None:
    assert "length" not in [one.name for one in build_filters({"length": {"enabled": False}})]


@pytest.mark.parametrize(
    ("sections", "message"),
    [
        ({"lenght": {}}, r"\[filters\]: unknown filter 'lenght'.*'length'"),
        ({"length": {"text": {"min_token": 3}}}, r"\[filters.length\]: unknown key 'text.min_token'.*'min_tokens'"),
        ({"length": {"text": {"max_ratio": 0}}}, r"\[filters.length\]: text.max_ratio"),
        ({"empty": {"enabled": False}}, r"\[filters.empty\]: enabled"),
        ({"finish_reason": {"enabled": False}}, r"\[filters.finish_reason\]: enabled"),
        ({"answer_format": {"enabled": False}}, r"\[filters.answer_format\]: enabled"),
    ],
)
def test_a_wrong_section_is_named(sections: Mapping[str, Mapping[str, Any]], message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        build_filters(sections)


def test_every_filter_is_heard_unless_a_decisive_one_rejects() -> None:
    heard = judge(record(), EXTRACT, [Decisive(""), Scripted("first"), Scripted(""), Scripted("second")])
    assert [verdict.code for verdict in heard] == ["", "first", "", "second"]
    heard = judge(record(), EXTRACT, [Scripted(""), Decisive("end"), Scripted("second")])
    assert [verdict.code for verdict in heard] == ["", "end"]


def test_a_good_record_passes_all() -> None:
    said = record("Give 5 mg. " * 4, tokens=20)
    assert all(verdict.keep for verdict in judge(said, EXTRACT, build_filters({})))


@pytest.mark.parametrize(
    ("broken", "code"),
    [
        (record(finish_reason="length"), "truncated"),
        (record("I'm sorry, but I cannot help with that.", finish_reason="content_filter"), "content_filter"),
        (record("", content=None), "empty"),
        (record("I'm sorry, but I cannot help with that.", content=None, parse_error="no_json", text=""), "refusal"),
        (record("Connection reset by peer", content=None, parse_error="no_json", text=""), "no_json"),
    ],
)
def test_the_first_reason_is_the_most_telling(broken: Record, code: str) -> None:
    rejections = [one.code for one in judge(broken, EXTRACT, build_filters({})) if not one.keep]
    assert rejections[0] == code


FILTERS = build_filters({})
PHRASES = [
    "Answer: ",
    "I'm sorry, ",
    "I cannot ",
    "as an AI, I ",
    "Here is the ",
    "extract",
    "let me know if ",
    "Note: ",
]
awkward = st.lists(
    st.one_of(
        st.sampled_from([*PHRASES, "\n", "\u202e", "\u200b", "\ufeff", "\ud800", "İ", "ſ", "{", "**"]),
        st.text(max_size=6),
    ),
    max_size=12,
).map("".join)


@settings(max_examples=200)
@given(awkward, st.sampled_from(KINDS), st.booleans(), st.none() | st.text(max_size=8), st.integers(0, 5000))
def test_no_text_makes_a_filter_raise_and_evidence_is_where_it_says(
    text: str, kind: Kind, parsed: bool, word: str | None, tokens: int
) -> None:
    judged = record(
        text, kind=kind, content={"text": text} if parsed else None, parse_error=word, finish_reason=word, tokens=tokens
    )
    for one in FILTERS:
        verdict = one.check(judged, EXTRACT)
        assert verdict.filter == one.name
        assert verdict.keep == (not verdict.code)
        for piece in verdict.evidence:
            if "start" in piece:
                assert text[piece["start"] : piece["end"]].startswith(piece.get("text", ""))


REPEATED = [
    "\nAnswer: I",
    "\nAnswer: Here is ",
    "as an AI, I ",
    "as an ",
    "note: ",
    "I'm sorry, ",
    "_",
    "I cannot ",
    "\ud800",
]


@pytest.mark.parametrize("unit", REPEATED, ids=[ascii(unit) for unit in REPEATED])
@pytest.mark.parametrize("start", ["", "Here is ", "I'm sorry, but "])
def test_a_megabyte_is_judged_in_linear_time_with_little_evidence(start: str, unit: str) -> None:
    judged = record(start + unit * (1_000_000 // len(unit)))
    for one in FILTERS:
        assert len(one.check(judged, EXTRACT).evidence) <= (MAX_STATEMENTS if one.name == "grounding" else MAX_EVIDENCE)
