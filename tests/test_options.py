"""Right options are spread over the letters, and every letter in an explanation stays right."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from synthgen.data import Completion, Extract, Judged, Record, Request
from synthgen.filters import build_filters
from synthgen.records.judge import judge_all, make_record
from synthgen.records.letters import option_letters
from synthgen.records.options import answered_letter, balanced
from synthgen.tokens import load_tokenizer
from synthgen.transformations import load_transformations

MCQ = load_transformations()["vignette_mcq"]
SOURCE = "Give apixaban. A recommendation of grade B. Amphotericin B is not used. Hepatitis C matters."
OPTIONS = ("Start apixaban", "Start aspirin", "Wait a week", "Repeat the test")


def item(explanation: str, answer: str = "B", **changes: Any) -> Mapping[str, Any]:
    return {
        "vignette": "A 54-year-old man has atrial fibrillation.",
        "question": "What is the best next step?",
        "options": list(OPTIONS),
        "answer": answer,
        "explanation": explanation,
        **changes,
    }


def request(number: int = 0) -> Request:
    extract = Extract("d", 0, 9, f"{SOURCE} Case {number}.", 9)
    return Request(f"{number:064x}", extract, MCQ, "teacher", 0, {})


def made(content: Mapping[str, Any], number: int = 0) -> Record:
    return make_record(request(number), Completion("", json.dumps(content), "stop"))


def moved(content: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """What becomes of a question in the samples in which its right option changes places."""
    records = [balanced(made(content, number), request(number).extract) for number in range(40)]
    return [one.content for one in records if one.content and one.content["answer"] != content["answer"]]


SAFE = [
    "Apixaban is recommended, and aspirin is not.",
    "Option B is right because it prevents stroke. Options A, C and D are wrong.",
    "B is correct. A and C are too late, whereas D is not needed.",
    "The correct answer is B. Waiting (option C) or a test (choice D) helps nobody, and A is not the best.",
    "A) Wrong: too strong. B) Right. C) Wrong. D) Wrong.",
    "A. Too strong. B. Right, as stated. C. Too late. D. Useless.",
    "The answer is **B**. A patient with hepatitis C and a grade B recommendation is no exception.",
    "So it is B. Start aspirin. Start apixaban (A) is for others.",
    "Amphotericin B plays no part; vitamin D neither.",
]


@pytest.mark.parametrize("explanation", SAFE)
def test_the_right_option_moves_and_the_letters_go_with_it(explanation: str) -> None:
    before = item(explanation)
    found = moved(before)
    assert {one["answer"] for one in found} == {"A", "C", "D"}
    for content in found:
        options, places = content["options"], "ABCD"
        assert options[places.index(content["answer"])] == "Start aspirin"
        assert sorted(options) == sorted(OPTIONS)
        # Read with the letters taken for what they stand for, it says what it said.
        assert _spelt(content) == _spelt(before)


def _spelt(content: Mapping[str, Any]) -> str:
    """The explanation with each letter that names an option replaced by that option."""
    text = str(content["explanation"])
    places = option_letters(text, dict(zip("ABCD", content["options"], strict=True)), SOURCE)
    assert places is not None
    for place in reversed(places):
        text = f"{text[:place]}[{content['options']['ABCD'.index(text[place])]}]{text[place + 1 :]}"
    return text


@pytest.mark.parametrize(
    "explanation",
    [
        "B symptoms are fever and weight loss.",
        "Unlike B, which helps, it is right.",
        "Options A-C are wrong.",
        "Options A to C are wrong.",
        "The first option is wrong, the second one is right.",
        "Both of the options are right.",
        "All of the above help.",
        "Choice b is right.",
        "Recommended with strength (B).",
        "A describes the guidance, B what is new.",
        "B. cereus is found here.",
    ],
)
def test_a_question_stays_where_a_letter_may_mean_something_else(explanation: str) -> None:
    assert moved(item(explanation)) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"options": ["Start apixaban", "Start aspirin", "Wait a week", "All of the above"]},
        {"options": ["Start apixaban", "Start aspirin", "Both A and B", "Neither"]},
        {"question": "Which is better, option A or option B?"},
        {"vignette": "A 54-year-old man asks about the first option."},
    ],
)
def test_a_question_stays_where_its_options_hang_on_each_other(changes: Mapping[str, Any]) -> None:
    assert moved(item("Aspirin it is.", **changes)) == []


def test_a_teacher_that_always_answers_b_makes_a_balanced_set_and_is_still_seen() -> None:
    answers = [
        (request(number), Completion("", json.dumps(item(f"In case {number} aspirin is right.")), "stop"))
        for number in range(400)
    ]
    judged: list[Judged] = list(judge_all(answers, build_filters({}), load_tokenizer("mistral-7b-v0.1")))
    letters = Counter(one.record.content["answer"] for one in judged if one.record.content)
    # 100 each, with a standard deviation of 9.
    assert all(60 < letters[letter] < 140 for letter in "ABCD"), letters
    assert {answered_letter(one.record) for one in judged} == {"B"}
    assert all(json.loads(one.record.raw)["answer"] == "B" for one in judged)
    assert all(
        f"Answer: {one.record.content['answer']}. Start aspirin" in one.record.text
        for one in judged
        if one.record.content
    )


def test_the_place_is_the_same_in_every_process_and_differs_between_samples() -> None:
    record = made(item("Aspirin it is."))
    extract = request().extract
    assert balanced(record, extract) == balanced(record, extract)
    places = {balanced(replace(record, sample=sample), extract).text for sample in range(20)}
    assert len(places) == 4


@pytest.mark.parametrize(
    ("raw", "letter"),
    [
        (json.dumps(item("x")), "B"),
        (f"<think>A or B?</think>```json\n{json.dumps(item('x', answer='(c)'))}\n```", "C"),
        ("The answer is B.", None),
        (json.dumps({"answer": 2}), None),
        ("", None),
    ],
)
def test_the_teachers_own_letter_is_read_from_what_it_sent(raw: str, letter: str | None) -> None:
    assert answered_letter(Record("r", "d:0-9", "t", 1, "mcq", "teacher", 0, raw, "stop")) == letter


def test_real_explanations_are_read_without_a_wrong_letter(shared_data: Any) -> None:
    told = astray = 0
    for line in (shared_data / "teacher_outputs" / "ok_outputs_sample.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        try:
            text = json.loads(row["raw"])["step_by_step_thinking"]
        except (ValueError, KeyError):
            continue
        if not isinstance(text, str) or set(row["options"]) != set("ABCD"):
            continue
        for place in option_letters(text, row["options"], row["question"]) or []:
            told += 1
            named = [
                letter
                for letter, option in row["options"].items()
                if len(option) > 8 and text[place + 1 :].startswith((f". {option}", f": {option}", f") {option}"))
            ]
            longest = max(named, key=lambda letter: len(row["options"][letter]), default=text[place])
            astray += longest != text[place]
    assert told > 500
    # One model takes the letter of another option for its own.
    assert astray <= 1
