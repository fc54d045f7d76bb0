"""The built-in teacher: what it says stands in the extract, in the form of each kind."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from synthgen.backends.base import Backend
from synthgen.backends.extractive import Extractive
from synthgen.data import Completion, Extract, Kind, Request, Transformation
from synthgen.extractive.markup import plain
from synthgen.extractive.quantities import quantities
from synthgen.extracts.sentences import sentences
from synthgen.recipe import TeacherSettings
from synthgen.registry import find

GUIDELINE = """\
## Metformin

### Dosing

Start metformin at 500 mg once daily with the evening meal in adults with type 2 diabetes. **[A]**
Increase the dose by 500 mg every 2 weeks as tolerated. The maximum dose is 2000 mg/day.

| eGFR (mL/min) | Maximum daily dose | Monitoring |
|---|---|---|
| 45 to 59 | 2000 mg | every 6 months |
| 30 to 44 | 1000 mg | every 3 months |
| below 30 | stop | - |

### Contraindications

- Severe renal impairment (eGFR <30 mL/min)
- Acute heart failure
- Previous lactic acidosis

### Follow-up

1. The panel recommends measuring HbA1c every 3 months until the target of 53 mmol/mol is reached. (**Strong For**)
2. The panel recommends against routine self-monitoring of glucose in patients who take metformin alone.
   (**Weak Against**) [12]
3. In patients older than 75 years, clinicians should check renal function every 6 months. See Table 3.
4. If vomiting or dehydration occurs:
   - Stop metformin.
   - Check lactate within 24 hours.

For more information see https://example.org/metformin. Smith J, Doe AB, et al. J Ex Med 2019;12(3):45-50.
"""
KINDS: dict[str, Transformation] = {
    "distill": Transformation("distill", 1, "text", "", ""),
    "knowledge_list": Transformation("knowledge_list", 1, "text", "", "", layout="list"),
    "faq": Transformation("faq", 1, "qa", "", ""),
    "vignette_mcq": Transformation("vignette_mcq", 1, "mcq", "", ""),
    "ward_round": Transformation("ward_round", 1, "dialogue", "", ""),
}
TITLE = "Clinical practice guideline for the management of type 2 diabetes"


def complete(text: str, name: str, sample: int = 0, title: str = TITLE, headings: tuple[str, ...] = ()) -> Completion:
    extract = Extract("0" * 12, 0, len(text), text, 1, title, headings)
    request = Request("id", extract, KINDS[name], "extractive", sample, {})
    return asyncio.run(Extractive(TeacherSettings()).complete(request))


def answer(text: str, name: str, sample: int = 0) -> Any:
    completion = complete(text, name, sample)
    assert completion.finish_reason == "stop"
    return completion.text if KINDS[name].kind == "text" else json.loads(completion.text)


def said_in(kind: Kind, content: Any) -> list[str]:
    """What an answer states, without its questions."""
    if kind == "text":
        return [line.removeprefix("- ") for line in content.splitlines() if line]
    if kind == "qa":
        return [pair["answer"] for pair in content["pairs"]]
    if kind == "dialogue":
        return [turn["text"] for turn in content["turns"][1::2]]
    return [re.search("“(.*)”", content["explanation"])[1]]  # type: ignore[index]


def stands_in(statement: str, source: str, headings: str = "") -> bool:
    """Whether every piece of a statement, cut at the joining words and marks, is in the source."""
    whole = plain(re.sub(r"[|#]|\n\s*(?:[-*]|\d+[.)])\s", " ", f"{headings} {source}")).lower()
    pieces = re.split(r"^(?:yes|no)\. | – |[:;] |(?<=[.)\]]) |(?<=\(mL/min\)) ", statement.lower())
    return all(piece.rstrip(".") in whole for piece in pieces if piece)


def numbers(text: str) -> set[str]:
    return set(re.findall(r"\d+(?:[.,/]\d+)*", text))


def test_is_found_as_a_local_backend() -> None:
    backend = find("synthgen.backends", Backend, "extractive")
    assert backend is Extractive
    assert backend.local


def test_identity_names_the_version_of_the_rules() -> None:
    identity = Extractive(TeacherSettings()).identity()
    assert identity["backend"] == "extractive"
    assert isinstance(identity["rules"], int)


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("sample", range(4))
def test_all_that_is_stated_stands_in_the_extract(name: str, sample: int) -> None:
    content = answer(GUIDELINE, name, sample)
    headings = " ".join(
        f"{label}. Type 2 diabetes, {label}."
        for topic in ("Dosing", "Contraindications", "Follow-up")
        for label in (topic, f"Metformin, {topic}")
    )
    for statement in said_in(KINDS[name].kind, content):
        assert stands_in(statement, GUIDELINE, headings), statement


@pytest.mark.parametrize("name", KINDS)
def test_no_number_is_invented(name: str) -> None:
    content = answer(GUIDELINE, name)
    stated = (
        json.dumps(content, ensure_ascii=False)
        if name != "vignette_mcq"
        else content["vignette"] + content["explanation"]
    )
    assert numbers(stated) <= numbers(GUIDELINE)


@pytest.mark.parametrize("name", KINDS)
def test_no_markup_citation_or_link_is_left(name: str) -> None:
    completion = complete(GUIDELINE, name)
    assert not re.search(r"\*|#|\||https?:|et al|\[12\]|Table 3", completion.text)


def test_a_summary_is_shorter_and_keeps_every_dose() -> None:
    content = answer(GUIDELINE, "distill")
    assert len(content) < len(GUIDELINE)
    doses = {found.text for found in quantities(plain(GUIDELINE)) if found.is_dose}
    assert doses <= {found.text for found in quantities(content)}


def test_a_table_row_is_told_as_a_clause_on_its_first_cell() -> None:
    facts = answer(GUIDELINE, "knowledge_list").splitlines()
    row = "eGFR (mL/min) 30 to 44 – maximum daily dose: 1000 mg; monitoring: every 3 months."
    assert any(fact.endswith(row) for fact in facts)
    medicines = "| Medicine | Dose | When |\n|---|---|---|\n| Naproxen | 750 mg once | at the onset |\n"
    assert answer(medicines, "knowledge_list").endswith("Naproxen – dose: 750 mg once; at the onset.")


def test_columns_that_are_lists_side_by_side_keep_their_headers() -> None:
    table = "| High (one is enough) | Moderate (two are needed) |\n|---|---|\n| lupus | age of 40 years |\n"
    assert answer(table, "knowledge_list").endswith(
        "High (one is enough): lupus; Moderate (two are needed): age of 40 years."
    )


def test_a_second_line_of_headers_is_joined_to_the_first() -> None:
    table = (
        "| CrCl | DOAC | DOAC |\n|---|---|---|\n| CrCl | low risk | high risk |\n| 50 mL/min | 24 hours | 48 hours |\n"
    )
    fact = answer(table, "knowledge_list")
    assert fact.endswith("CrCl 50 mL/min – DOAC, low risk: 24 hours; DOAC, high risk: 48 hours.")


def test_list_fragments_are_told_under_their_heading_or_lead_in() -> None:
    facts = answer(GUIDELINE, "knowledge_list")
    assert "contraindications: Severe renal impairment (eGFR <30 mL/min); Acute heart failure" in facts
    assert "If vomiting or dehydration occurs: Stop metformin. Check lactate within 24 hours." in facts


def test_a_fact_names_the_subject_of_the_document_unless_it_says_it() -> None:
    text = "## Treating a flare\n\nStart naproxen 750 mg within 24 hours.\n\nOffer treatment of gout for life.\n"
    facts = complete(text, "knowledge_list", title="Gout: flares and lowering urate").text.splitlines()
    assert facts == [
        "- Gout, treating a flare: Start naproxen 750 mg within 24 hours.",
        "- Offer treatment of gout for life.",
    ]
    questions = json.loads(complete(text, "faq", title="Gout: flares and lowering urate").text)["pairs"]
    assert all("gout" in pair["question"].lower() for pair in questions)
    assert not any(pair["answer"].lower().startswith("gout") for pair in questions)


def test_a_heading_within_a_paragraph_stays_with_what_it_heads() -> None:
    text = "## Choices\n\nAsthma. Start with nifedipine 10 mg. Heart failure. Avoid nifedipine in all women.\n"
    facts = answer(text, "knowledge_list")
    assert "Asthma: Start with nifedipine 10 mg." in facts
    assert "Heart failure: Avoid nifedipine in all women." in facts


def test_questions_name_their_topic_and_are_all_different() -> None:
    pairs = answer(GUIDELINE, "faq")["pairs"]
    assert 2 <= len(pairs) <= 6
    asked = [pair["question"] for pair in pairs]
    assert len(set(asked)) == len(asked)
    assert all(question.endswith("?") and len(question.split()) > 3 for question in asked)
    assert not any(re.search(r"this (?:passage|extract|text|document|guideline)", question) for question in asked)


def test_a_question_against_which_the_panel_advises_is_answered_no() -> None:
    text = "## Acute cough\n\nThe panel recommends against the use of codeine for acute cough in children.\n\n"
    text += "The panel recommends honey for children older than 1 year.\n"
    pairs = [pair for sample in range(6) for pair in answer(text, "faq", sample)["pairs"]]
    replies = {pair["answer"].partition(".")[0] for pair in pairs if pair["question"].lower().startswith("is the use")}
    assert replies <= {"No"}


@pytest.mark.parametrize("sample", range(8))
def test_a_multiple_choice_question_has_one_right_option_from_the_source(sample: int) -> None:
    content = answer(GUIDELINE, "vignette_mcq", sample)
    options = content["options"]
    assert len(options) in {4, 5}
    assert len({option.lower() for option in options}) == len(options)
    right = options["ABCDE".index(content["answer"])]
    gapped = re.search("“(.*)”", content["question"])[1]  # type: ignore[index]
    sentence = re.search("“(.*)”", content["explanation"])[1]  # type: ignore[index]
    assert gapped.count("____") == 1
    assert gapped.replace("____", right) == sentence
    assert right not in content["vignette"]


def test_wrong_doses_are_steps_of_the_right_one_or_stand_in_the_extract() -> None:
    text = (
        "## Prevention\n\nOffer aspirin 75 mg once daily after a stroke.\n\nThe panel recommends clopidogrel 300 mg.\n"
    )
    for sample in range(12):
        content = answer(text, "vignette_mcq", sample)
        if "aspirin ____" in content["question"]:
            assert set(content["options"]) <= {"75 mg", "37.5 mg", "150 mg", "300 mg", "750 mg"}


def test_the_right_option_moves_about() -> None:
    letters = {answer(GUIDELINE, "vignette_mcq", sample)["answer"] for sample in range(40)}
    assert letters >= set("ABCD")


@pytest.mark.parametrize("name", KINDS)
def test_another_sample_says_something_else(name: str) -> None:
    assert len({complete(GUIDELINE, name, sample).text for sample in range(6)}) > 1


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n",
        "## References\n\n1. Smith J, Doe AB. J Ex Med 2019;12(3):45-50.\n",
        "## Financial Disclosures\n\nThe panel members should disclose all payments of 500 mg every 2 weeks.\n",
        "See the original guideline document. Click here for more.\n",
    ],
)
def test_declines_where_there_is_nothing_to_say(name: str, text: str) -> None:
    completion = complete(text, name)
    assert (completion.text, completion.finish_reason) == ("", "declined")


def test_declines_a_multiple_choice_question_without_a_quantity_or_grade() -> None:
    text = "## Sleep\n\nGood sleep should be encouraged in patients with chronic pain.\n"
    assert complete(text, "vignette_mcq").finish_reason == "declined"


def test_a_heading_of_the_path_with_a_foreign_number_is_not_used() -> None:
    text = "Start aspirin at 75 mg once daily after a stroke.\n\nContinue aspirin for life.\n"
    completion = complete(text, "knowledge_list", title="", headings=("Stroke 2021", "Step 4 therapy"))
    assert numbers(completion.text) == {"75"}


@pytest.mark.parametrize("name", ["distill", "knowledge_list"])
def test_no_sentence_with_a_dose_is_lost(name: str) -> None:
    text = "## Fever\n\nSee Table 2. It is given at 15 mg/kg, as this guideline says.\n\n"
    text += "| A | 2 mg |\n|---|---|\n| B | 3 mg |\n"
    said = answer(text, name)
    assert "15 mg/kg" in said
    assert "3 mg" in said


def test_the_doses_of_real_guidelines_are_kept(shared_data: Path) -> None:
    lines = (shared_data / "faithful_or_not" / "extracts.jsonl").read_text("utf-8").splitlines()
    for line in map(json.loads, lines):
        if facts := complete(line["text"], "knowledge_list", title=line["title"]).text:
            doses = {found.text for found in quantities(plain(line["text"])) if found.is_dose}
            assert doses <= {found.text for found in quantities(facts)}, line["extract_id"]


def test_a_sentence_that_leans_on_a_dropped_one_is_dropped_too() -> None:
    text = "## Fever\n\nSee Table 2 for doses. They should be halved in infants.\n\nGive paracetamol 15 mg/kg.\n"
    assert "They should" not in answer(text, "knowledge_list")


MARKUP = "# - * | > 1. ** _ [ ] ( ) <b> : ; . , \n \t ≥ 5 mg/kg 10% 140/90 mmHg If For the is not"
MARKS = st.sampled_from(MARKUP.split(" "))
WORDS = st.one_of(MARKS, st.text(max_size=8))


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(WORDS, max_size=60).map(" ".join), st.sampled_from(sorted(KINDS)), st.integers(0, 3))
def test_any_text_gets_an_answer_or_is_declined(text: str, name: str, sample: int) -> None:
    completion = complete(text, name, sample)
    assert completion.error is None
    assert (completion.finish_reason == "stop") == bool(completion.text)
    if completion.text and KINDS[name].kind != "text":
        json.loads(completion.text)


def test_answers_do_not_depend_on_the_hash_seed() -> None:
    script = (
        "import sys; sys.path.insert(0, sys.argv[1]); import test_extractive_teacher as t;"
        "print([t.complete(t.GUIDELINE, name, s).text for name in t.KINDS for s in range(3)])"
    )
    command = [sys.executable, "-c", script, str(Path(__file__).parent)]
    outputs = {
        subprocess.run(command, env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1


def test_real_extracts_are_answered_with_their_own_sentences(shared_data: Path) -> None:
    lines = (shared_data / "faithful_or_not" / "extracts.jsonl").read_text("utf-8").splitlines()
    answered = 0
    for line in map(json.loads, lines):
        for name in ("distill", "knowledge_list", "faq"):
            completion = complete(line["text"], name, title=line["title"])
            if completion.text:
                answered += 1
                assert numbers(completion.text) <= numbers(plain(line["text"])), line["extract_id"]
    assert answered > 2 * len(lines)


def test_sentences_of_real_extracts_are_not_cut(shared_data: Path) -> None:
    lines = (shared_data / "faithful_or_not" / "extracts.jsonl").read_text("utf-8").splitlines()
    for line in map(json.loads, lines):
        whole = plain(line["text"])
        prose = complete(line["text"], "distill", title=line["title"]).text
        for paragraph in prose.split("\n\n"):
            first = sentences(paragraph.partition("\n")[2] or paragraph)[0].rstrip(".")
            assert first.split("; ")[0] in whole or ": " in first
