"""What follows from a source, and what does not."""

from __future__ import annotations

import pytest

from synthgen.quantities.following import Part, follow
from synthgen.quantities.judging import Finding
from synthgen.quantities.source import analysed

SOURCE = """### Anticoagulants

Apixaban (Eliquis)

Atrial fibrillation: 5 mg orally twice daily. Treatment of deep vein thrombosis: 10 mg orally twice daily for 7 days.

Edoxaban (Savaysa)

Deep vein thrombosis: 60 mg once daily for clients >60 kg, after at least 5 days of parenteral anticoagulation.

Warfarin (Coumadin)

Initial dose: 2.5 mg daily; maximum dose: 12 mg daily. Check the INR before treatment starts and every 4 weeks.

### Fever

Seek care for a temperature above 101.3°F. In adults with diabetes, the systolic goal is <140 mmHg. Approximately 6 out
of 100 women stop within 3-6 months. Give 15 mg/kg/day in stage 3 disease, and monitor 4 good and 2 fair studies.
"""


def findings(text: str, parts: tuple[Part, ...] = (), source: str = SOURCE) -> tuple[Finding, ...]:
    return follow(text, parts, analysed(source, "Guideline of 2016")).findings


def codes(text: str) -> list[str]:
    return [found.code for found in findings(text)]


@pytest.mark.parametrize(
    "text",
    [
        "Apixaban for atrial fibrillation is 5 mg every 12 hours.",
        "Apixaban for atrial fibrillation totals 10 mg a day.",
        "Apixaban for deep vein thrombosis is 0.01 g twice a day for one week.",
        "Edoxaban is started after five or more days of parenteral anticoagulation.",
        "Edoxaban is not given until at least 120 hours of parenteral anticoagulation.",
        "Edoxaban 60 mg is for clients weighing over 60 kg.",
        "Warfarin must not exceed 12 mg a day.",
        "Prior to treatment with warfarin, check the INR; then check it at 4-week intervals.",
        "Care is sought above 38.5°C.",
        "The systolic goal in diabetes is under one hundred forty mmHg.",
        "About 6% of women stop within a quarter to half a year.",
        "A dose of 15 mg per kilogram daily is given in stage 3 disease.",
        "Six studies were monitored.",
        "A 66-year-old woman asks about warfarin.",
        "The guideline dates from 2016.",
    ],
)
def test_rephrased_converted_and_computed_quantities_follow(text: str) -> None:
    assert codes(text) == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Apixaban for atrial fibrillation is 8 mg twice daily.", "number_not_in_source"),
        ("Apixaban for atrial fibrillation is 5 g twice daily.", "unit_changed"),
        ("Apixaban for atrial fibrillation is 5 mg three times daily.", "frequency_changed"),
        ("Apixaban (Eliquis) for atrial fibrillation is 60 mg orally twice daily.", "frequency_changed"),
        ("Apixaban for deep vein thrombosis is 10 mg twice daily for 7 weeks.", "unit_changed"),
        ("Edoxaban 60 mg once daily is for clients under 60 kg.", "comparator_changed"),
        ("Warfarin (Coumadin): the initial dose is 60 mg, up to a maximum dose of 12 mg.", "other_subject"),
        ("The maximum dose of warfarin is at least 12 mg daily.", "comparator_changed"),
        ("Check the INR after warfarin treatment starts.", "comparator_changed"),
        ("Seek care above 101.3°C.", "unit_changed"),
        ("The systolic goal in adults with diabetes is above 140 mmHg.", "comparator_changed"),
        ("Give 15 mg/kg/day in stage 2 disease.", "number_not_in_source"),
        ("Seek care for a temperature below 101.3°F.", "comparator_changed"),
    ],
)
def test_changed_quantities_are_found_with_a_reason(text: str, code: str) -> None:
    assert code in codes(text)


def test_a_value_that_is_told_twice_is_missed_where_it_belongs_to_another_subject() -> None:
    source = "Screen men older than 35 years and women older than 45 years. Children under 8 years are not screened."
    assert findings("Screen men older than 35 years and women older than 45 years.", source=source) == ()
    assert findings("Screen men older than 45 years and women older than 45 years.", source=source)


def test_a_comparator_that_is_told_twice_is_missed_where_the_source_has_its_opposite() -> None:
    source = "Give 60 mg to clients over 60 kg. Give 30 mg to clients of 60 kg or less."
    assert findings("Clients over 60 kg take 60 mg; clients of 60 kg or less take 30 mg.", source=source) == ()
    assert findings("Clients under 60 kg take 60 mg; clients of 60 kg or less take 30 mg.", source=source)


def test_an_end_of_a_range_is_not_told_as_the_other_limit() -> None:
    source = "The target is 100 to 150 mmol."
    assert findings("The target is at least 100 mmol and at most 150 mmol.", source=source) == ()
    assert findings("The target is at most 100 mmol.", source=source)
    assert findings("The target is over 150 mmol.", source=source)


def test_the_year_above_a_range_of_ages_ends_it() -> None:
    source = "Weak for patients aged 18 to 29 years; strong for patients aged 60 years and older."
    assert findings("Weak for patients who are at least 18 but not yet 30 years old.", source=source) == ()


def test_a_frequency_has_a_comparator_as_well() -> None:
    source = "Check the blood count at least every 4 weeks."
    assert findings("The blood count is checked every four weeks at least.", source=source) == ()
    assert findings("Check the blood count at most every 4 weeks.", source=source)


def test_a_negation_before_a_share_does_not_turn_it_round() -> None:
    source = SOURCE + "Routine referral to specialty care is suggested against in the majority of patients."
    assert findings("Routine referral to specialty care is suggested against for most patients.", source=source) == ()
    told = "Routine referral to specialty care is suggested against for a minority of patients."
    assert findings(told, source=source)


def test_a_limit_is_not_worked_out_from_a_case() -> None:
    source = "Keep the platelet count at 80,000/µL or more."
    case = "Her platelet count is 180,000/µL. "
    told = "Her count is above the target of at least 100,000/µL."
    assert findings(case + told, (Part(0, len(case), "case"),), source)


def test_a_quantity_in_the_very_words_of_the_source_follows() -> None:
    source = SOURCE + "\n".join(f"Drug {name}: the initial dose is {n} mg." for n, name in enumerate("abcdefgh", 40))
    assert findings(source, source=source) == ()


def test_a_finding_shows_its_place_and_the_nearest_quantity_of_the_source() -> None:
    text = "Apixaban for atrial fibrillation is 5 mg three times daily."
    found = findings(text)[-1]
    assert text[found.start : found.end] == "three times daily"
    assert found.nearest is not None
    assert SOURCE[slice(*found.nearest)] in ("5 mg", "twice daily")


def test_a_case_may_have_values_of_its_own_and_a_question_need_not_be_true() -> None:
    case = "A man takes 30 mg of warfarin. "
    assert findings(case)
    assert findings(case, (Part(0, len(case), "case"),)) == ()
    question = "Can 30 mg of warfarin be given"
    assert findings(question, (Part(0, len(question), "asked"),)) == ()


def test_an_explanation_may_name_the_values_of_its_case_but_no_others() -> None:
    case, told = "He takes 30 mg of warfarin. ", "His 30 mg of warfarin is too much. "
    parts = (Part(0, len(case), "case"),)
    assert findings(case + told, parts) == ()
    assert findings(case + "His 43 mg of warfarin is too much.", parts)


def test_recall_is_the_share_of_the_sources_quantities_that_are_told() -> None:
    source = analysed("Give 5 mg twice daily for 7 days.", "")
    assert follow("Give 5 mg every 12 hours for one week.", (), source).recall == 1.0
    assert follow("Give 5 mg.", (), source).recall == pytest.approx(1 / 3)
    assert follow("Give it.", (), analysed("Give it.", "")).recall == 1.0


def test_what_is_left_out_is_shown_where_it_stands_in_the_source() -> None:
    text = "Give 5 mg twice daily for 7 days."
    source = analysed(text, "")
    missing = follow("Give 5 mg.", (), source).missing
    assert [text[slice(*source.span(index))] for index in missing] == ["twice daily", "7 days"]


@pytest.mark.parametrize("text", ["", "\ud800 5 mg", "\u202e5 mg\u2066", "5\u200bmg", "٣ mg", "½ tablet", "x" * 5000])
def test_no_text_is_too_strange(text: str) -> None:
    follow(text, (), analysed(SOURCE, ""))
    follow(SOURCE, (), analysed(text, ""))
