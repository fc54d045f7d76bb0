"""Sentences tile the text and end where a clinician would end them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthgen.extracts.sentences import sentences, spans, wrapped

ODD_TEXT = st.lists(
    st.sampled_from(
        [
            "Dr. ",
            "e.g. ",
            "0.5 mg",
            ". ",
            "? ",
            "\n",
            "\n\n",
            " ",
            "A",
            "patients",
            "(Grade 1A).",
            "[3,4]",
            "| a | b |\n",
            "# ",
            "- ",
            "1. ",
            "\t",
            "…",
            "。",
            "**",
            '"',
            "\u2028",
            "\r\n",
            "b.i.d. ",
            "The",
            "…x",
            ").",
            "\ud800",
        ]
    ),
    max_size=40,
).map("".join)


@settings(max_examples=150)
@given(st.one_of(st.text(max_size=200), ODD_TEXT))
def test_spans_tile_any_text(text: str) -> None:
    found = spans(text)
    assert "".join(text[start:end] for start, end in found) == text
    assert all(start < end for start, end in found)


@settings(max_examples=100)
@given(ODD_TEXT)
def test_white_space_belongs_to_the_sentence_before(text: str) -> None:
    assert not any(text[start].isspace() for start, _ in spans(text)[1:])


@pytest.mark.parametrize(
    "sentence",
    [
        "Give an NSAID, e.g. Naproxen 500 mg b.i.d. with food.",
        "Use a beta-blocker, i.e. Metoprolol, vs. Placebo.",
        "See Fig. 2 and Table 3.",
        "Dr. Smith and Prof. Jones agreed.",
        "Take approx. 0.5 mg of lorazepam.",
        "The trial of Brown et al. 2012 was stopped.",
        "The device is made by Acme Inc. Cleveland.",
        "The score of J. R. Miller is used.",
        "Warfarin is recommended (Grade 1A).",
        "Offer exercise. (Weak for | Reviewed, Amended)",
        "Offer exercise. ( **IA** )",
        "Statins lower the risk.12",
        "1. Measure the blood pressure.",
        "2.1. Measure the blood pressure.",
        "A. Measure the blood pressure.",
        "Recommendation 4. Screen for depression.",
        "| Drug. Route | 5 mg. Then 10 mg. |",
        "## Part 2. Dose",
    ],
)
def test_one_sentence_stays_whole(sentence: str) -> None:
    assert sentences(sentence) == [sentence]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Give 5 mg. Repeat once. Stop.", ["Give 5 mg.", "Repeat once.", "Stop."]),
        ("Give it b.i.d. The dose is low.", ["Give it b.i.d.", "The dose is low."]),
        ("Is INR < 2? Then wait! Later.", ["Is INR < 2?", "Then wait!", "Later."]),
        ("Use aspirin (Grade 1A). Avoid it in ulcers.", ["Use aspirin (Grade 1A).", "Avoid it in ulcers."]),
        ("Offer it. (Strong for) Stop early.", ["Offer it. (Strong for)", "Stop early."]),
        ("It lowers harm.3,4 It is cheap.", ["It lowers harm.3,4", "It is cheap."]),
        ("Take vitamin D. Avoid sun.", ["Take vitamin D.", "Avoid sun."]),
        ("The answer is no. 5 patients died.", ["The answer is no. 5 patients died."]),
        ("1. Assess. 2. Treat.", ["1. Assess.", "2. Treat."]),
        ("- one\n- two\n  * three", ["- one", "- two", "* three"]),
        ("| a | b |\n|---|---|\n| c | d |", ["| a | b |", "|---|---|", "| c | d |"]),
        ("# Dosing\nGive 5 mg.", ["# Dosing", "Give 5 mg."]),
        ("Assess:\npain and fever", ["Assess:", "pain and fever"]),
        ("He said “Stop.” Then he left.", ["He said “Stop.”", "Then he left."]),
        ("用药。停药。", ["用药。", "停药。"]),
    ],
)
def test_sentences_end_where_they_should(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


def test_a_line_broken_at_the_margin_goes_on() -> None:
    text = "Patients with heart failure should be offered a beta-blocker such as\nMetoprolol unless contraindicated."
    assert sentences(text) == [text]
    assert wrapped("Patients with heart", "failure") is True
    assert wrapped("Give the following:", "aspirin") is False


def test_white_space_alone_is_no_sentence() -> None:
    assert sentences(" \n ") == []
    assert spans("") == []


@pytest.mark.parametrize("unit", [".", " ", "\n", ". (", ".(grade ", "a.1,", "| a. ", "# ", "(Grade 1", "A. "])
def test_hostile_repeats_do_not_stall(unit: str) -> None:
    text = unit * 20_000 + "x"
    assert sum(end - start for start, end in spans(text)) == len(text)


def test_real_guidelines_are_tiled(shared_data: Path) -> None:
    for path in sorted((shared_data / "guidelines" / "markdown").glob("*.md")):
        text = path.read_text("utf-8")
        assert "".join(text[start:end] for start, end in spans(text)) == text


def test_a_wide_line_was_not_broken_at_a_margin() -> None:
    cells = "Mechanism of action " + "blocks the channel and " * 6 + "slows the heart"
    assert sentences(f"{cells}\nDrug interactions Potassium Lithium") == [cells, "Drug interactions Potassium Lithium"]
    listed = "Adverse effects Cough Dizziness Headache Fatigue Nausea Rash"
    assert sentences(f"{listed}\n{cells}") == [listed, cells]
    assert len(sentences(f"{cells},\nand so it goes on")) == 1
