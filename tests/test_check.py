"""Judging pairs that exist already, as a call and as a command."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import synthgen
from synthgen.checking import Pair, check_all, read_pairs
from synthgen.errors import UsageError

SOURCE = (
    "Offer metformin 500 mg twice daily to adults with type 2 diabetes. Do not start metformin where the estimated "
    "glomerular filtration rate is below 30 ml/min. Review the dose where it falls below 45 ml/min."
)
GOOD = (
    "Adults with type 2 diabetes are offered metformin 500 mg twice daily. It is not started where the estimated "
    "glomerular filtration rate is below 30 ml/min, and its dose is reviewed where that falls below 45 ml/min."
)
WRONG = GOOD.replace("500 mg", "850 mg")
MCQ: dict[str, Any] = {
    "vignette": "A 58-year-old woman has had type 2 diabetes for a year.",
    "question": "How is metformin offered to her?",
    "options": ["500 mg twice daily", "500 mg once daily", "Not at all", "Only in a hospital"],
    "answer": "A",
    "explanation": "Adults with type 2 diabetes are offered metformin 500 mg twice daily.",
}


def write(path: Path, *rows: object) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def test_a_faithful_text_is_kept_and_a_changed_number_shown_in_both_texts() -> None:
    assert synthgen.check(GOOD, SOURCE, "distill").keep
    checked = synthgen.check(WRONG, SOURCE, "distill")
    assert (checked.keep, checked.reasons) == (False, ("number_not_in_source",))
    found = checked.to_json()["evidence"][0]
    assert WRONG[found["start"] : found["end"]] == "850 mg"
    assert SOURCE[found["source"]["start"] : found["source"]["end"]] == "500 mg"


def test_json_is_judged_as_the_training_text_that_it_holds() -> None:
    checked = synthgen.check(json.dumps(MCQ), SOURCE, "vignette_mcq")
    assert checked.keep
    assert checked.text.startswith(MCQ["vignette"])
    assert synthgen.check(json.dumps(MCQ), SOURCE, "mcq").keep
    broken = synthgen.check(json.dumps(MCQ)[:-20], SOURCE, "vignette_mcq")
    assert broken.reasons == ("truncated_json",)
    assert synthgen.check('{"pairs": [{"question": "Why?"}]}', SOURCE, "qa").reasons == ("wrong_shape",)


def test_questions_in_plain_text_and_names_of_ones_own_are_plain_text() -> None:
    text = f"Question: Who is offered metformin, and who is not?\nAnswer: {GOOD}"
    assert synthgen.check(text, SOURCE, "faq").keep
    assert synthgen.check(text, SOURCE, "vignette_mcq").reasons == ("no_json",)
    assert synthgen.check(GOOD, SOURCE, "my_own_prompt").keep
    assert synthgen.check(WRONG, SOURCE, "my_own_prompt").reasons == ("number_not_in_source",)


def test_the_recipe_says_which_filters_judge_and_a_wrong_one_is_an_error_at_once() -> None:
    lenient = {"filters": {"quantities": {"enabled": False}}}
    assert synthgen.check(WRONG, SOURCE, "distill", lenient).keep
    with pytest.raises(UsageError, match="quantities"):
        check_all([], {"filters": {"quantity": {}}})


def test_verdicts_come_in_the_order_of_the_pairs() -> None:
    pairs = [Pair(SOURCE, text) for text in (GOOD, WRONG, "", GOOD)]
    assert [one.reasons for one in synthgen.check_all(pairs)] == [(), ("number_not_in_source",), ("empty",), ()]


@pytest.mark.parametrize("text", ["", "\ud800", "{" * 500, '{"pairs": []}', "\x00\u202e", "1" * 5_000])
@pytest.mark.parametrize("name", ["distill", "vignette_mcq", "dialogue", ""])
def test_no_text_raises(text: str, name: str) -> None:
    json.dumps(synthgen.check(text, text, name).to_json(), default=dict)


def test_the_command_writes_a_line_a_pair_and_says_what_was_rejected(cli: Callable[..., Any], tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [
        {"source": SOURCE, "text": text, "transformation": "distill"} for text in (GOOD, WRONG)
    ]
    rows.append({"source": SOURCE, "record": MCQ, "kind": "mcq"})
    pairs = write(tmp_path / "pairs.jsonl", *rows)
    ran = cli("check", pairs, "--out", "verdicts.jsonl")
    assert ran.code == 3
    lines = [json.loads(line) for line in (tmp_path / "verdicts.jsonl").read_text("utf-8").splitlines()]
    assert [(line["keep"], line["reasons"]) for line in lines] == [
        (True, []),
        (False, ["number_not_in_source"]),
        (True, []),
    ]
    assert all(set(line) == {"keep", "reasons", "scores", "evidence", "judged"} for line in lines)
    assert "3 pairs = 2 kept + 1 rejected" in ran.out
    assert "number_not_in_source" in ran.out
    assert "850 mg" in ran.out


def test_without_out_the_verdicts_go_to_standard_output_alone(cli: Callable[..., Any], tmp_path: Path) -> None:
    ran = cli("check", write(tmp_path / "pairs.jsonl", {"source": SOURCE, "text": GOOD}))
    assert ran.code == 0
    [line] = ran.out.splitlines()
    assert json.loads(line)["keep"]
    assert "1 pairs = 1 kept + 0 rejected" in ran.err


def test_the_source_can_be_one_file_or_a_folder_of_files(tmp_path: Path) -> None:
    (tmp_path / "diabetes.md").write_text(SOURCE, "utf-8")
    alone = write(tmp_path / "alone.jsonl", {"text": GOOD})
    named = write(tmp_path / "named.jsonl", {"source": "diabetes.md", "text": GOOD})
    expected = [Pair(SOURCE, GOOD, "distill")]
    assert list(read_pairs(alone, tmp_path / "diabetes.md", "distill")) == expected
    assert list(read_pairs(named, tmp_path, "distill")) == expected
    outside = write(tmp_path / "outside.jsonl", {"source": "../secret.md", "text": GOOD})
    with pytest.raises(UsageError, match="outside"):
        list(read_pairs(outside, tmp_path))


@pytest.mark.parametrize("line", ["no json", "[1]", '{"text": "x"}', '{"source": "x"}', '{"source": 1, "text": "x"}'])
def test_a_line_that_is_no_pair_is_named(line: str, cli: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "pairs.jsonl").write_text(json.dumps({"source": "a", "text": "b"}) + "\n" + line + "\n", "utf-8")
    ran = cli("check", "pairs.jsonl", "--out", "verdicts.jsonl")
    assert ran.code == 2
    assert "pairs.jsonl line 2" in ran.err
    assert not (tmp_path / "verdicts.jsonl").exists()


def test_a_missing_file_is_a_usage_error(cli: Callable[..., Any]) -> None:
    ran = cli("check", "nowhere.jsonl")
    assert ran.code == 2
    assert "nowhere.jsonl" in ran.err
