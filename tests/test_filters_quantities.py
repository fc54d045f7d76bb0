"""The filter that holds a record's quantities to its extract."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthgen.data import Extract, Kind, Record
from synthgen.filters.quantities import Quantities, QuantitiesSettings
from synthgen.records.render import render

TEXT = "Edoxaban is 60 mg once daily for clients over 60 kg and 30 mg once daily for clients of 60 kg or less."
EXTRACT = Extract("d", 0, len(TEXT), TEXT, 30, title="Anticoagulants")
FILTER = Quantities(QuantitiesSettings())


def record(content: Mapping[str, Any], kind: Kind = "text", transformation: str = "faq") -> Record:
    text = render(content, kind)
    return Record("r", "d:0-9", transformation, 1, kind, "teacher", 0, text, "stop", content, text=text)


def mcq(explanation: str) -> Record:
    return record(
        {
            "vignette": "A 71-year-old man weighs 58 kg and takes 5 mg of warfarin.",
            "question": "Which dose of edoxaban is right?",
            "options": ["15 mg once daily", "30 mg once daily", "90 mg once daily"],
            "answer": "B",
            "explanation": explanation,
        },
        "mcq",
    )


def test_the_extract_itself_is_kept() -> None:
    verdict = FILTER.check(record({"text": TEXT}), EXTRACT)
    assert verdict.keep
    assert verdict.score == 1.0


def test_a_changed_dose_is_rejected_with_its_place_in_both_texts() -> None:
    answer = record({"pairs": [{"question": "How much edoxaban?", "answer": "It is 60 g once daily."}]}, "qa")
    verdict = FILTER.check(answer, EXTRACT)
    (evidence, *_) = verdict.evidence
    assert verdict.code == "unit_changed"
    assert answer.text[evidence["start"] : evidence["end"]] == evidence["text"] == "60 g"
    assert TEXT[evidence["source"]["start"] : evidence["source"]["end"]] == evidence["source"]["text"] == "60 mg"


def test_a_number_that_is_a_name_may_come_from_the_title() -> None:
    text = "People with type 1 diabetes keep their insulin. Start metformin with 500 mg once daily."
    extract = Extract("d", 0, len(text), text, 30, title="Glucose lowering in type 2 diabetes")
    told = "In type 2 diabetes, start metformin with 500 mg once daily."
    assert FILTER.check(record({"text": told}), extract).keep
    assert not FILTER.check(record({"text": told}), replace(extract, title="Diabetes")).keep


def test_a_vignette_may_make_up_values_and_wrong_options() -> None:
    told = "Clients of 60 kg or less, such as this man of 58 kg, take 30 mg once daily; 90 mg is too much."
    assert FILTER.check(mcq(told), EXTRACT).keep


def test_an_explanation_may_not_introduce_quantities() -> None:
    assert not FILTER.check(mcq("Clients of 60 kg or less take 47 mg once daily."), EXTRACT).keep


def test_missing_quantities_are_scored_and_shown_and_rejected_only_below_the_threshold() -> None:
    partial = record({"text": "Edoxaban is 60 mg once daily."}, transformation="distill")
    verdict = FILTER.check(partial, EXTRACT)
    assert verdict.keep
    assert verdict.score == 0.5
    assert [evidence["code"] for evidence in verdict.evidence] == ["quantity_missing"] * 3
    sources = [evidence["source"] for evidence in verdict.evidence]
    assert all(TEXT[source["start"] : source["end"]] == source["text"] for source in sources)
    more = "".join(f" A vial holds {amount} mL." for amount in (11, 12, 13, 14))
    longer = replace(EXTRACT, end=len(TEXT + more), text=TEXT + more)
    strict = Quantities(QuantitiesSettings(min_recall=0.9))
    assert FILTER.check(partial, longer).code == ""
    assert strict.check(partial, longer).code == "quantities_missing"
    assert strict.check(replace(partial, transformation="faq"), longer).keep
    assert FILTER.check(replace(partial, transformation="faq"), EXTRACT).evidence == ()


def test_an_extract_of_few_quantities_may_be_told_without_them() -> None:
    text = "Give 5 mg twice daily for 7 days."
    told = record({"text": "The drug is given for a week."}, transformation="knowledge_list")
    assert Quantities(QuantitiesSettings(min_recall=0.9)).check(told, Extract("d", 0, len(text), text, 9)).keep


def test_an_answer_without_content_is_left_to_other_filters() -> None:
    empty = Record("r", "d:0-9", "t", 1, "text", "teacher", 0, "60 g", "stop")
    assert FILTER.check(empty, EXTRACT).keep


HOSTILE = [
    "1" * 1_000_000,
    "1 " * 500_000,
    "1,000" * 200_000,
    "5 mg " * 200_000,
    "*" * 500_000 + "5 mg",
    "[(" * 250_000 + "5 mg" + ")]" * 250_000,
    "| 5 mg " * 100_000,
    "# 5 mg " + "x " * 100_000 + "\n5 mg" * 50_000,
    "at least " * 100_000 + "5 mg",
    "a: 5 mg " * 50_000,
    "\n" * 300_000 + "5 mg",
    "before after " * 100_000,
    "\u202e5 mg\u202c\u200b" * 50_000,
    "\ud800 5 mg " * 50_000,
    "twenty hundred " * 50_000,
    "1/1/1/1/" * 100_000,
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.timeout(20)
def test_a_text_built_to_hurt_is_judged_in_bounded_time(text: str) -> None:
    FILTER.check(record({"text": text}), EXTRACT)
    FILTER.check(record({"text": TEXT}), Extract("d", 0, len(text), text, 0))


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=200), st.text(max_size=200))
def test_any_two_texts_are_judged(text: str, source: str) -> None:
    answer = record({"text": text})
    verdict = FILTER.check(answer, Extract("d", 0, len(source), source, 0))
    assert verdict.keep == (not verdict.code)
    for evidence in verdict.evidence:
        assert answer.text[evidence["start"] : evidence["end"]] == evidence["text"]


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_labelled_outputs_of_real_extracts_are_told_apart(shared_data: Path) -> None:
    folder = shared_data / "faithful_or_not"
    extracts = {line["extract_id"]: line for line in lines(folder / "extracts.jsonl")}
    kinds: dict[str, Kind] = {"diverse_qa": "qa", "vignette_mcq": "mcq"}
    rejected: dict[str, list[bool]] = {}
    for item in lines(folder / "items.jsonl"):
        source = extracts[item["extract_id"]]
        extract = Extract(item["extract_id"], 0, len(source["text"]), source["text"], 0, title=source["title"])
        kind = kinds.get(item["form"], "text")
        content = {"text": item["text"]} if kind == "text" else json.loads(item["text"])
        kept = FILTER.check(record(content, kind), extract).keep
        rejected.setdefault(item["error_type"] or item["label"], []).append(not kept)
    share = {group: sum(found) / len(found) for group, found in rejected.items()}
    assert share["good"] < 0.02
    assert share["hard_good"] < 0.03
    assert share["unit"] > 0.95
    assert share["frequency_duration"] > 0.85
    assert share["number"] > 0.7
    assert share["comparator"] > 0.7
