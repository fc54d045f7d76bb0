"""What the parser takes for an answer, what it refuses, and that no text makes it raise."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthgen.data import Kind, Transformation
from synthgen.errors import TransformationError
from synthgen.records.loose_json import find_json
from synthgen.records.parse import Parsed, parse
from synthgen.transformations import load_transformations

BUILT_IN = load_transformations()
TEXT, QA, MCQ = BUILT_IN["distill"], BUILT_IN["faq"], BUILT_IN["vignette_mcq"]
PAIRS = {"pairs": [{"question": "How often is the dose given?", "answer": "Twice daily, with food."}]}
SENT = json.dumps(PAIRS)
ITEM = {
    "vignette": "A 54-year-old man has had a cough for two weeks.",
    "question": "What is the best next step?",
    "options": ["Chest radiograph", "Bronchoscopy", "Reassurance", "Spirometry"],
    "answer": "B",
    "explanation": "Bronchoscopy is recommended after two weeks.",
}


def kind_only(kind: Kind) -> Transformation:
    return replace(TEXT, kind=kind, schema={"type": "object"})


def mcq(**changes: object) -> Parsed:
    return parse(json.dumps({**ITEM, **changes}), MCQ)


@pytest.mark.parametrize(
    "answer",
    [
        SENT,
        f"\ufeff{SENT}\n",
        f"```json\n{SENT}\n```",
        f"```\n{SENT}\n```",
        f"~~~\n{SENT}\n~~~",
        f"Here is the JSON you asked for:\n\n{SENT}",
        f"Step 1: the set {{a, b}} and [1] are named. So:\n```json\n{SENT}\n```\nI hope this helps {{smile}}.",
        json.dumps(PAIRS, indent=2).replace("\n", "\r\n"),
        json.dumps(PAIRS["pairs"]),
        SENT.replace("}]}", "},]}"),
        SENT.replace('."}]}', '." , } ,\n ] , }'),
        f"<think>\nPerhaps {{}} or {SENT[:40]} ...\n</think>\n\n{SENT}",
        f"As you asked, {SENT}",
        f"{SENT}\n\n{SENT}",
        f"{SENT}\n```json\n{json.dumps(PAIRS, indent=1)}\n```",
    ],
    ids=[
        "bare",
        "byte order mark",
        "fence with a tag",
        "fence without a tag",
        "other fence",
        "prose before",
        "braces in prose before and after",
        "indented, with carriage returns",
        "bare list",
        "comma before the last bracket",
        "commas before all closing brackets",
        "after thoughts",
        "after a comma",
        "twice the same",
        "twice the same, written differently",
    ],
)
def test_takes_json_in_the_wrappings_that_models_send(answer: str) -> None:
    assert parse(answer, QA) == Parsed(PAIRS)


@pytest.mark.parametrize(
    ("inside", "meant"),
    [
        ("the patient\\'s dose", "the patient's dose"),
        ("a backslash \\\\' and a quote", "a backslash \\' and a quote"),
        ("first line\nsecond\tline", "first line\nsecond\tline"),
        ("“twice daily” or ‘bid’", "“twice daily” or ‘bid’"),
        ("a list [1,] and a set {2,} stay", "a list [1,] and a set {2,} stay"),
        ('say \\"no\\", {\\"a\\": 1}', 'say "no", {"a": 1}'),
        ("10 \\u00b5g", "10 µg"),
    ],
)
def test_strings_keep_their_meaning(inside: str, meant: str) -> None:
    answer = '{"pairs": [{"question": "How often is it given?", "answer": "' + inside + '"}]}'
    assert parse(answer, QA) == Parsed({"pairs": [{"question": "How often is it given?", "answer": meant}]})


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ("The dose is given twice daily.", "no_json"),
        ("Error communicating with the server: ('Connection aborted.', reset by peer)", "no_json"),
        (SENT[:-2], "truncated_json"),
        (SENT[: len(SENT) // 2], "truncated_json"),
        (f"{SENT}\n{SENT[:-20]}", "truncated_json"),
        (SENT.replace("Twice", "Thrice") + SENT, "several_json"),
        (SENT.replace("Twice", '"Twice"'), "malformed_json"),
        (SENT.replace('", "', '" "'), "malformed_json"),
        (SENT.replace("}]}", "},,]}"), "malformed_json"),
        (SENT.replace('"', "'"), "malformed_json"),
        (SENT.replace('"', "“"), "malformed_json"),
        (SENT + "}", "malformed_json"),
        ("{" + SENT + "}", "malformed_json"),
        ("Answer: [" + SENT, "truncated_json"),
        ('{"pairs": [], "pairs": [1]}', "malformed_json: a key stands twice in one object"),
        ('{"pairs": NaN}', "malformed_json: a number is not finite"),
        ('{"pairs": 1e999}', "malformed_json: a number is not finite"),
        ('{"pairs": ' + "9" * 5000 + "}", "malformed_json: a number does not fit 64 bits"),
        ('{"pairs": ' * 40, "malformed_json: nested too deep"),
        (SENT.replace("Twice", "\\ud83d"), "lone_surrogate"),
        (SENT.replace("Twice", "\ud83d"), "lone_surrogate"),
        (SENT.replace("Twice", "\\ufdd1"), "lone_surrogate"),
        (SENT.replace("Twice", "\ufdd1"), "lone_surrogate"),
        ("{} is all I have", "wrong_shape: pairs: missing"),
        ('{"pairs": []}', "wrong_shape: pairs: minItems"),
        ('{"pairs": ["a"]}', "wrong_shape: pairs.0: not an object"),
        ('{"pairs": [{"question": "Why is it given?"}]}', "wrong_shape: pairs.0.answer: missing"),
        ('{"pairs": [{"question": "Why is it given?", "answer": 5}]}', "wrong_shape: pairs.0.answer: not a string"),
        ('{"pairs": [{"question": "Why is it given?", "answer": " "}]}', "wrong_shape: pairs.0.answer: blank"),
        ('{"pairs": [{"question": "Why?", "answer": "So."}]}', "wrong_shape: pairs.0.question: minLength"),
        (SENT[:-1] + ', "secret words": "x"}', "wrong_shape: top level: additionalProperties"),
        ("[1, 2]", "malformed_json"),
        (f"<think>\n{SENT}", "unclear_reasoning"),
        (f"a</think>{SENT}</think>{SENT}", "unclear_reasoning"),
        ("<think>\nSo be it.\n</think>\n", "empty"),
        (" \n\u200b```\n```", "empty"),
        ("", "empty"),
    ],
)
def test_refuses_what_leaves_doubt_and_says_why(answer: str, code: str) -> None:
    parsed = parse(answer, QA)
    assert parsed.content is None
    assert parsed.error is not None
    assert parsed.error.startswith(code)
    assert not any(word in parsed.error for word in ("Twice", "dose", "secret"))


def test_finds_the_span_of_the_json() -> None:
    found = find_json(f"So: {SENT} Done.")
    assert (found.value, found.start, found.end) == (PAIRS, 4, 4 + len(SENT))


@pytest.mark.parametrize("answer", ["B", "b", "b.", "B)", "(B)", " B: ", "B. Bronchoscopy", "(b) bronchoscopy."])
def test_an_answer_is_one_letter(answer: str) -> None:
    assert mcq(answer=answer) == Parsed(ITEM)


@pytest.mark.parametrize("answer", ["B, D", "B/D", "B. Spirometry", "A and B", "F", "None of the above", "", 2, ["B"]])
def test_an_answer_that_names_no_single_option_is_refused(answer: object) -> None:
    assert mcq(answer=answer).content is None


@pytest.mark.parametrize(
    "options",
    [
        dict(zip("ABCD", ITEM["options"], strict=True)),
        [f"{letter}) {option}" for letter, option in zip("ABCD", ITEM["options"], strict=True)],
        [f"({letter}) {option}" for letter, option in zip("ABCD", ITEM["options"], strict=True)],
        {letter: f"{letter}. {option}" for letter, option in zip("ABCD", ITEM["options"], strict=True)},
    ],
    ids=["object", "lettered", "in brackets", "both"],
)
def test_options_are_a_list_without_letters(options: object) -> None:
    assert mcq(options=options) == Parsed(ITEM)


def test_a_species_name_is_no_option_letter() -> None:
    options = ["C. difficile", "B. cereus", "E. coli", "S. aureus"]
    assert mcq(options=options, answer="B") == Parsed({**ITEM, "options": options})


@pytest.mark.parametrize(
    "options", [{"A": "one", "C": "two"}, {"1": "one", "2": "two"}, [], ["one", 2], "A. one B. two", ["x"] * 27, None]
)
def test_options_of_another_form_are_refused(options: object) -> None:
    assert parse(json.dumps({**ITEM, "options": options}), kind_only("mcq")).content is None


def test_a_list_of_one_question_is_that_question() -> None:
    assert parse(json.dumps([ITEM]), MCQ) == Parsed(ITEM)
    assert parse(json.dumps([ITEM, ITEM]), MCQ).error == "wrong_shape: top level: not an object"


def test_a_bare_list_of_turns_is_a_dialogue() -> None:
    turns = [{"speaker": "Doctor", "text": "How are you?"}, {"speaker": "Patient", "text": "Better."}]
    assert parse(json.dumps(turns), kind_only("dialogue")) == Parsed({"turns": turns})


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ("\ufeff\n  Give 5 mg.\n", "Give 5 mg."),
        ("```markdown\n- Give 5 mg.\n- Stop.\n```", "- Give 5 mg.\n- Stop."),
        ("```\nGive 5 mg.\n```\n", "Give 5 mg."),
        ("The dose matters.\n</think>\n\nGive 5 mg.", "Give 5 mg."),
        ("```python\ndose = 5\n```", "```python\ndose = 5\n```"),
        ("```\none\n```\nand\n```\ntwo\n```", "```\none\n```\nand\n```\ntwo\n```"),
        ("Here is the text:\n```\nGive 5 mg.\n```", "Here is the text:\n```\nGive 5 mg.\n```"),
        ('{"text": "Give 5 mg."}', '{"text": "Give 5 mg."}'),
    ],
)
def test_plain_text_loses_certain_packaging_only(answer: str, text: str) -> None:
    assert parse(answer, TEXT) == Parsed({"text": text})


def test_plain_text_with_half_a_character_is_refused() -> None:
    assert parse("Give 5 mg \ud83d", TEXT) == Parsed(None, "lone_surrogate")


def test_a_schema_that_refers_to_an_address_fetches_nothing() -> None:
    with pytest.raises(TransformationError, match="faq"):
        parse(SENT, replace(QA, schema={"$ref": "http://127.0.0.1:9/schema.json"}))


HOSTILE = [
    *("{", "[", '{"', '"', '\\"', '{"a":', '[{"a":1},', '{"":1} ', "{ ", "[ { ", ", ", "``` ", "```json\n{", "[]", "}"),
    *("\n", "\nAnswer: I", "\nAnswer: Here is ", "as an AI, I ", "1", "A) ", "\u202e\u200b", "\ud800", "\x00", "İ"),
]


@pytest.mark.parametrize("unit", HOSTILE, ids=[ascii(unit) for unit in HOSTILE])
@pytest.mark.parametrize("start", ["x ", '{"x', '{"x": '])
def test_a_megabyte_of_anything_is_judged_in_linear_time(start: str, unit: str) -> None:
    text = start + unit * (1_000_000 // len(unit))
    for transformation in (TEXT, QA):
        parsed = parse(text, transformation)
        assert (parsed.content is None) == (parsed.error is not None)


awkward = st.text(
    st.one_of(
        st.sampled_from('{}[]",:\\`\n AB.1\ufeff\u202e\u200b'),
        st.characters(),
        st.characters(categories=["Cs"]),
    )
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**12), 10**12) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


@given(awkward, st.sampled_from(["text", "qa", "mcq", "dialogue"]))
def test_no_text_makes_the_parser_raise(text: str, kind: Kind) -> None:
    for transformation in (replace(TEXT, kind=kind), kind_only(kind)):
        parsed = parse(text, transformation)
        assert (parsed.content is None) == (parsed.error is not None)


@given(
    st.fixed_dictionaries({}, optional=dict.fromkeys((*ITEM, "pairs", "turns"), json_values)),
    st.sampled_from(["qa", "mcq", "dialogue"]),
)
def test_no_json_makes_the_parser_raise(value: Mapping[str, Any], kind: Kind) -> None:
    parse(json.dumps(value), kind_only(kind))


@given(st.dictionaries(st.text(min_size=1, max_size=4), json_values, min_size=1, max_size=3))
def test_well_formed_json_is_found_with_its_value(value: Mapping[str, Any]) -> None:
    found = find_json(f"Here it is:\n```json\n{json.dumps(value)}\n```\nDone.")
    assert found.error == "lone_surrogate" or found.value == value
