"""The filters that hold what a record says to what its extract says."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthgen.claims.statements import MAX_STATEMENTS
from synthgen.data import Extract, Kind, Record, Transformation
from synthgen.filters import build_filters
from synthgen.filters.evidence import MAX_EVIDENCE
from synthgen.records.render import render

NAMES = {"answer_key", "citations", "entities", "grounding", "polarity", "population", "safety", "strength"}
FILTERS = tuple(one for one in build_filters({}) if one.name in NAMES)
TASK = Transformation("distill", 1, "text", "", "")
TEXT = """\
## Treatment of bacterial sinusitis

 1. Clinicians should offer amoxicillin to adults with symptoms of sinusitis for more than 10 days, unless they have a \
penicillin allergy. ( **Strong For** )
 2. Clinicians may consider nasal steroids for patients with chronic sinusitis. ( **Weak For** )
 3. The panel recommends against routine imaging of the sinuses in uncomplicated sinusitis. ( **Strong Against** )
 5. Doxycycline is an alternative in women and men who cannot tolerate amoxicillin. Take it 1 hour before meals.
"""
EXTRACT = Extract("d", 0, len(TEXT), TEXT, 200, "Sinusitis in adults")


def record(content: Mapping[str, Any] | str, kind: Kind = "text") -> Record:
    given = {"text": content} if isinstance(content, str) else content
    return Record("r", "e", "t", 1, kind, "t", 0, "", "stop", given, None, render(given, kind))


def codes(judged: Record, extract: Extract = EXTRACT) -> set[str]:
    verdicts = [one.check(judged, extract) for one in FILTERS]
    for verdict in verdicts:
        assert verdict.keep == (not verdict.code)
        for piece in verdict.evidence:
            assert judged.text[piece["start"] : piece["end"]].startswith(piece.get("text", ""))
            if "source_start" in piece:
                assert 0 <= piece["source_start"] < piece["source_end"] <= len(extract.text)
    return {verdict.code for verdict in verdicts if not verdict.keep}


@pytest.mark.parametrize(
    "text",
    [
        "Amoxicillin is offered to adults with symptoms for more than 10 days, except those allergic to penicillin.",
        "Nasal steroids are an option in chronic sinusitis (weak for).",
        "Routine sinus imaging is not advised when sinusitis is uncomplicated (strong recommendation against).",
        "Whether to use nasal irrigation is left open, because the evidence is insufficient either way.",
        "Doxycycline can replace amoxicillin in patients who do not tolerate it, taken an hour ahead of meals.",
    ],
)
def test_a_faithful_rewording_is_kept(text: str) -> None:
    assert codes(record(text)) == set()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("The panel recommends routine imaging of the sinuses in uncomplicated sinusitis.", "negation_changed"),
        ("Doxycycline is an alternative in women and men who can tolerate amoxicillin.", "negation_changed"),
        (
            "Nasal steroids should be considered as first choice for chronic sinusitis by clinicians.",
            "strength_changed",
        ),
        ("Doxycycline is taken 1 hour after meals.", "negation_changed"),
        ("Nasal steroids must be given to patients with chronic sinusitis.", "strength_changed"),
        ("Nasal steroids may be considered in chronic sinusitis (strong for).", "grade_changed"),
        ("Nasal steroids may be considered in patients with acute sinusitis.", "population_changed"),
        ("Nasal steroids may be considered for infants with chronic sinusitis.", "population_changed"),
        ("Clinicians should offer cefuroxime to adults with symptoms of sinusitis.", "entity_not_in_source"),
        ("Minocycline is an alternative in women and men who cannot tolerate amoxicillin.", "entity_not_in_source"),
        ("Nasal steroids may be considered in chronic sinusitis (EPOS trial, 2012).", "citation_not_in_source"),
        ("The American Academy of Otolaryngology advises against routine imaging.", "citation_not_in_source"),
        ("Nasal steroids may be considered in chronic sinusitis; epistaxis and pharyngitis may follow.", "unsupported"),
        ("Doxycycline is taken before meals, with no upper limit.", "safety_dropped"),
    ],
)
def test_a_changed_meaning_is_rejected_for_what_changed(text: str, code: str) -> None:
    assert code in codes(record(text))


def test_yes_to_what_the_extract_advises_against_is_rejected() -> None:
    pair = {"question": "Is routine imaging of the sinuses recommended in uncomplicated sinusitis?"}
    assert codes(record({"pairs": [pair | {"answer": "No. The panel recommends against it."}]}, "qa")) == set()
    assert "negation_changed" in codes(record({"pairs": [pair | {"answer": "Yes. It is recommended."}]}, "qa"))


MCQ: Mapping[str, Any] = {
    "vignette": "A woman of 34 takes levothyroxine and has had sinusitis for 12 days. She cannot tolerate amoxicillin.",
    "question": "What is an alternative?",
    "options": ["Levofloxacin", "Nasal irrigation", "Doxycycline", "Imaging of the sinuses"],
    "answer": "C",
    "explanation": "Doxycycline is an alternative for patients who cannot tolerate amoxicillin. "
    "Imaging is advised against.",
}


def test_a_vignette_may_bring_its_own_facts_and_options_may_be_wrong() -> None:
    assert codes(record(MCQ, "mcq")) == set()


def test_an_explanation_may_not_bring_facts() -> None:
    told = MCQ["explanation"] + " Minocycline causes hyperpigmentation."
    assert "entity_not_in_source" in codes(record({**MCQ, "explanation": told}, "mcq"))


def test_a_key_that_its_explanation_speaks_against_is_rejected() -> None:
    assert codes(record({**MCQ, "answer": "D"}, "mcq")) == {"key_contradicted"}


def test_the_score_is_the_share_of_unsupported_statements() -> None:
    (grounding,) = (one for one in FILTERS if one.name == "grounding")
    text = "Nasal steroids may be considered in chronic sinusitis.\nEpistaxis and pharyngitis follow."
    assert grounding.check(record(text), EXTRACT).score == 0.5


def test_every_statement_is_aligned_with_its_sentence_in_kept_records_too() -> None:
    (grounding,) = (one for one in FILTERS if one.name == "grounding")
    text = "Nasal steroids may be considered in chronic sinusitis.\nTake it 1 hour before meals."
    verdict = grounding.check(record(text), EXTRACT)
    assert verdict.keep
    assert [text[one["start"] : one["end"]].strip() for one in verdict.evidence] == text.split("\n")
    sources = [TEXT[one["source_start"] : one["source_end"]] for one in verdict.evidence]
    assert "may consider nasal steroids" in sources[0]
    assert sources[1] == "Take it 1 hour before meals."
    assert [one["support"] for one in verdict.evidence][1] == 1.0


def test_the_class_of_what_is_listed_is_no_fact() -> None:
    text = (
        "It suits bacterial complaints such as sinusitis, where musculoskeletal complaints such as sinusitis are told."
    )
    assert "unsupported" not in codes(record(text))


def test_verdicts_do_not_depend_on_what_was_judged_before() -> None:
    texts = ["Nasal steroids must be given.", "Doxycycline is taken after meals.", "Imaging is recommended."]
    first = [[one.check(record(text), EXTRACT) for one in FILTERS] for text in texts]
    again = [[one.check(record(text), EXTRACT) for one in FILTERS] for text in reversed(texts)]
    assert first == again[::-1]


KINDS: tuple[Kind, ...] = ("text", "qa", "mcq", "dialogue")
PIECES = [
    "not ",
    "(weak for)",
    "unless ",
    "Yes. ",
    "2012",
    "PHQ-9",
    "all patients",
    "\n",
    "; ",
    "\u202e",
    "\ud800",
    "**",
]


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=8)), max_size=15).map("".join),
    st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=8)), max_size=15).map("".join),
    st.sampled_from(KINDS),
)
def test_no_text_makes_a_filter_raise(text: str, source: str, kind: Kind) -> None:
    judged = Record("r", "e", "t", 1, kind, "t", 0, text, "stop", {"text": text}, None, text)
    codes(judged, Extract("d", 0, len(source), source, 1))


@pytest.mark.parametrize(
    "unit", ["7", "not ", "strong ", "(weak ", "Aa ", "if all ", "\u202e", "no \n", "evidence ", "A "]
)
def test_a_megabyte_is_judged_in_bounded_time(unit: str) -> None:
    text = unit * (1_000_000 // len(unit))
    judged = Record("r", "e", "t", 1, "text", "t", 0, text, "stop", {"text": text}, None, text)
    for one in FILTERS:
        most = MAX_STATEMENTS if one.name == "grounding" else MAX_EVIDENCE
        assert len(one.check(judged, EXTRACT).evidence) <= most
        assert len(one.check(judged, Extract("d", 0, len(text), text, 1)).evidence) <= most


FORMS: Mapping[str, Kind] = {"diverse_qa": "qa", "vignette_mcq": "mcq"}


def test_good_outputs_are_kept_and_invented_citations_found(shared_data: Path) -> None:
    folder = shared_data / "faithful_or_not"
    sources = [json.loads(line) for line in (folder / "extracts.jsonl").read_text("utf-8").splitlines()]
    extracts = {
        one["extract_id"]: Extract(one["extract_id"], 0, len(one["text"]), one["text"], 500, one["title"])
        for one in sources
    }
    rejected: dict[str, list[bool]] = {}
    for line in (folder / "items.jsonl").read_text("utf-8").splitlines():
        item = json.loads(line)
        kind = FORMS.get(item["form"], "text")
        content = json.loads(item["text"]) if kind != "text" else {"text": item["text"]}
        found = codes(record(content, kind), extracts[item["extract_id"]])
        rejected.setdefault(item["error_type"] or item["label"], []).append(bool(found))
    share = {name: sum(found) / len(found) for name, found in rejected.items()}
    assert share["good"] <= 0.05
    assert share["hard_good"] <= 0.08
    assert share["invented_citation"] >= 0.95
    assert share["strength"] >= 0.6
    assert share["answer_key"] >= 0.4
    assert share["omission"] >= 0.4
