"""Statements of a record, and the sentences of the extract that bear them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthgen.claims.alignment import claims_of, substitutions
from synthgen.claims.source import source_of
from synthgen.claims.statements import statements_of, words_in
from synthgen.data import Extract, Kind, Record
from synthgen.records.render import render

TEXT = """\
## Fever

Give paracetamol to children with fever ( **Weak For** ). Do not use aspirin in children because of Reye syndrome (RS).

## Dehydration

 1. Offer oral rehydration solution (ORS) to patients with mild dehydration. **[A]**
 2. Use intravenous fluids if the patient cannot drink.
"""
EXTRACT = Extract("d", 0, len(TEXT), TEXT, 90, "Fever and dehydration in childhood")
MCQ = {
    "vignette": "A boy of 4 has a fever.",
    "question": "What should he have?",
    "options": ["Aspirin", "Paracetamol"],
    "answer": "B",
    "explanation": "Paracetamol is given to children with fever. Aspirin is not.",
}


def record(content: dict[str, Any], kind: Kind = "text") -> Record:
    return Record("r", "e", "t", 1, kind, "t", 0, "", "stop", content, None, render(content, kind))


def test_a_sentence_a_list_item_and_a_clause_are_statements_with_their_offsets() -> None:
    judged = record(
        {"text": "First one. Second one; a clause of it.\n- An item\n- Another item (grade A) and much harm"}
    )
    statements = statements_of(judged)
    assert [one.text.strip() for one in statements] == [
        "First one.",
        "Second one;",
        "a clause of it.",
        "- An item",
        "- Another item (grade A)",
        "and much harm",
    ]
    assert all(judged.text[one.start : one.end] == one.text for one in statements)


def test_an_answer_knows_its_question() -> None:
    pairs = [
        {"question": "What for fever?", "answer": "Paracetamol."},
        {"question": "And for thirst?", "answer": "ORS."},
    ]
    statements = statements_of(record({"pairs": pairs}, "qa"))
    assert [(one.role, one.question) for one in statements] == [
        ("question", -1),
        ("answer", 0),
        ("question", -1),
        ("answer", 2),
    ]


def test_the_parts_of_a_multiple_choice_question_keep_their_roles() -> None:
    roles = [one.role for one in statements_of(record(MCQ, "mcq"))]
    assert roles == ["vignette", "question", "option", "key", "explanation", "explanation"]


def test_a_question_in_running_text_takes_its_scene_with_it() -> None:
    statements = statements_of(record({"text": "A child has a fever. What now?\nGive paracetamol."}))
    assert [one.role for one in statements] == ["question", "question", "text"]


def test_a_statement_finds_its_sentence() -> None:
    (claim,) = claims_of(record({"text": "ORS is offered when dehydration is mild."}), EXTRACT).claims
    assert claim.units[0].text.startswith("1. Offer oral rehydration")
    assert claim.covered == 1
    assert not claim.novel


def test_a_grade_belongs_to_the_sentence_before_it() -> None:
    assert [unit.low[-3:] for unit in source_of(EXTRACT).units if "offer" in unit.low] == ["[a]"] or any(
        "[a]" in unit.low for unit in source_of(EXTRACT).units if "offer" in unit.low
    )


def test_headings_are_the_context_of_what_stands_below() -> None:
    units = source_of(EXTRACT).units
    assert "dehydr" in next(unit for unit in units if "cannot drink" in unit.text).context


def test_what_the_extract_says_in_other_words_is_not_novel() -> None:
    judged = record({"text": "Reye syndrome makes ASA wrong; oral rehydration suits mildly dehydrated clients."})
    novel = {word.text for claim in claims_of(judged, EXTRACT).claims for word in claim.novel}
    assert "ASA" in novel
    assert not novel & {"Reye", "syndrome", "rehydration", "mildly", "dehydrated", "clients"}


def test_a_word_in_the_place_of_another_is_seen() -> None:
    (claim,) = claims_of(record({"text": "Give ibuprofen to children with fever."}), EXTRACT).claims
    assert [(word.text, other) for word, other in substitutions(claim)] == [("ibuprofen", "paracetamol")]


def test_verbatim_statements_are_known_behind_a_label() -> None:
    claims = claims_of(
        record({"text": "Use intravenous fluids if the patient cannot drink.\nFluids: use them."}), EXTRACT
    )
    assert [claim.verbatim for claim in claims.claims] == [True, False]


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=200), st.text(max_size=200))
def test_any_texts_can_be_compared(text: str, source: str) -> None:
    judged = Record("r", "e", "t", 1, "text", "t", 0, text, "stop", {"text": text}, None, text)
    claims = claims_of(judged, Extract("d", 0, len(source), source, 1))
    for statement, claim in zip(claims.statements, claims.claims, strict=True):
        assert judged.text[statement.start : statement.end] == statement.text
        assert 0 <= claim.covered <= 1 + 1e-9
        assert all(statement.text[word.start :].startswith(word.text) for word in words_in(statement.text))


@pytest.mark.parametrize("unit", ["a", "1", "(", "A. ", "a\n", "; b", "( strong ", "Xy "])
def test_a_megabyte_is_analysed_in_bounded_time(unit: str) -> None:
    text = unit * (1_000_000 // len(unit))
    judged = Record("r", "e", "t", 1, "text", "t", 0, text, "stop", {"text": text}, None, text)
    assert len(claims_of(judged, Extract("d", 0, len(text), text, 1)).claims) <= 2_000


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("Shortness of breath is reported at once.", "Dyspnea is reported at once."),
        ("Hypokalemia and alopecia may follow.", "Low potassium and hair loss may follow."),
    ],
)
def test_a_term_is_known_where_the_extract_says_it_in_lay_words(said: str, meant: str) -> None:
    for text, other in ((said, meant), (meant, said)):
        source = Extract("l", 0, len(text), text, 20)
        (claim,) = claims_of(record({"text": other}), source).claims
        assert not claim.novel
        assert claim.covered == 1
