"""Quantities in wordings and arithmetic that an extract does not have: what follows all the same, and what does not."""

from __future__ import annotations

import pytest

from synthgen.quantities.following import Part, follow
from synthgen.quantities.reading import quantities_of
from synthgen.quantities.source import analysed


def codes(source: str, told: str, *parts: Part) -> list[str]:
    return [found.code for found in follow(told, parts, analysed(source, "")).findings]


def bound(text: str) -> int:
    _, found = quantities_of(text)
    return found[0].bound


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("nor in infants under 6 weeks", -1),
        ("must not be under 6 weeks", 1),
        ("not be used for longer than 6 weeks", -1),
        ("without going over 300 mg", -1),
        ("never lower than 300 mg", 1),
        ("should not be taken within 6 hours of it", 0),
        ("not drunk in the first 6 hours", 0),
        ("within the first 6 hours", -1),
        ("beyond the first 6 hours", 1),
        ("before the age of 40 years", -1),
        ("after age 40", 1),
        ("unless the pulse is 55 bpm or more", 0),
    ],
)
def test_comparators_are_turned_by_what_negates_them_alone(text: str, expected: int) -> None:
    assert bound(text) == expected


def test_a_limit_reaches_no_age_and_an_age_no_dose() -> None:
    _, (age, dose) = quantities_of("The maximum for children aged 4 years and over is 8 mg.")
    assert (age.bound, dose.bound) == (1, 0)
    assert bound("The maximum from age 4 is 8 tablets.") == 1


def test_opposite_comparators_may_say_the_same_where_one_sentence_denies() -> None:
    source = "Do not give verapamil if the pulse is less than 55 bpm."
    assert codes(source, "Verapamil is given if the pulse is at least 55 bpm.") == []
    assert codes(source, "Do not give verapamil if the pulse is more than 55 bpm.") == ["comparator_changed"]


def test_whole_numbers_are_bounded_in_two_ways() -> None:
    source = "Screen people over 65 years of age. More than one class is not combined."
    assert codes(source, "People aged 66 years or older are screened; two or more classes are not combined.") == []
    assert codes(source, "People aged 67 years or older are screened.") == ["number_not_in_source"]


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("Children take ½ of a 6 mg tablet at night.", "Children take 3 mg at night."),
        ("The implant releases 2.5 mg per 24 hours and is changed every 4 days.", "It releases about 10 mg in 4 days."),
        ("It is injected on days 1, 22 and 43.", "It is injected at 21-day intervals, from day 1 to day 43."),
        ("Give 5 mg/kg every 8 hours for 9 doses.", "It is given at 5 mg/kg every 8 hours for three days."),
        ("Drink 8 ounces of water with it.", "Drink 240 mL of water with it."),
        ("The goal for glucose is below 126 mg/dL.", "The goal for glucose is below 7 mmol/L."),
        ("Children over 12 kg take 2 mg.", "Children over 26 lb take 2 mg."),
        ("Relapse was seen in 5% of the patients.", "Relapse was seen in 1 in 20 of the patients."),
        ("One tablet has 875 mg amoxicillin/125 mg clavulanate.", "One tablet has 1000 mg of both together."),
        ("Take it 4 times daily.", "Take it in four daily doses."),
        ("It is infused every 12 months or 24 months.", "It is infused every 12 or 24 months."),
        ("Take 20 mg every 6 hours, at most 4 doses in 24 hours.", "At most 4 doses of 20 mg are taken in 24 hours."),
        ("Give 3 sessions at least a week apart.", "Give 3 sessions with no less than 7 days between them."),
        ("Stop it if the QTc is more than 480 msec.", "Stop it if the QTc is above 0.48 seconds."),
        ("It is used at 0.3 mJ/mm2.", "It is used at 300 µJ/mm²."),
        ("Potassium was 3.1 mEq/L.", "Potassium was 3.1 mmol/L."),
        ("Instil 4 mg/2 mL into the catheter.", "Instil 2 mL of it, which hold 4 mg."),
        ("Give 90 mg over 10 minutes, then 200 mg, then 300 mg.", "The three doses add up to 590 mg in total."),
        ("Give 90 mg over 10 minutes.", "It runs at 9 mg/minute."),
        ("Opioids (use beyond 20 days is not advised).", "Opioids are not advised beyond 20 days."),
        ("The limit for A is 550 mg and that for B is 400 mg.", "The limit for B is 150 mg lower."),
    ],
)
def test_what_is_worked_out_from_the_source_follows(source: str, told: str) -> None:
    assert codes(source, told) == []


def test_what_is_no_step_of_arithmetic_does_not_follow() -> None:
    source = "One tablet has 875 mg amoxicillin/125 mg clavulanate. Take it twice daily."
    assert codes(source, "One tablet has 1000 mg amoxicillin.") == ["number_not_in_source"]
    assert codes(source, "One tablet has 1750 mg amoxicillin.") == ["number_not_in_source"]


def test_a_question_may_bring_values_that_its_answer_names_again() -> None:
    source = "A second drug is added at a pressure of more than 20 mmHg above the goal."
    question = "The goal is 130 mmHg. From which pressure on is a second drug added?"
    asked = Part(0, len(question), "asked")
    assert codes(source, f"{question}\nAbove 150 mmHg (130 + 20).", asked) == []
    assert codes(source, f"{question}\nAbove 170 mmHg.", asked) == ["number_not_in_source"]


def test_a_made_up_person_may_have_values_of_their_own() -> None:
    source = "New symptoms more than 30 days after the injury need a work-up."
    told = "A man becomes dizzy 7 weeks after the injury. What does he need?"
    assert codes(source, told) == []
    assert codes(source, "New symptoms more than 7 weeks after the injury need a work-up.") != []


def test_how_often_a_dose_is_changed_is_not_how_often_it_is_given() -> None:
    source = "Start with 4 mg daily; increase by 2 mg weekly up to 8 mg daily."
    assert codes(source, "Start with 4 mg daily; every week it is increased by 2 mg.") == []
    assert set(codes(source, "Start with 4 mg daily; it is raised by 2 mg daily.")) == {"frequency_changed"}


def test_a_value_told_twice_in_place_of_one_told_nowhere_is_anothers() -> None:
    source = (
        "Alendronate for osteoporosis: 10 mg once daily or 70 mg once weekly.\n"
        "Risedronate for osteoporosis: 5 mg once daily or 35 mg once weekly."
    )
    told = (
        "Alendronate is taken as 10 mg once daily or 35 mg once weekly.\n"
        "Risedronate for osteoporosis is taken as 5 mg once daily or 35 mg once weekly."
    )
    assert codes(source, told) == ["other_subject"]
    assert codes(source, told.replace("35", "70", 1)) == []


def test_words_of_degree_are_directions() -> None:
    source = "A weak recommendation means that the panel is less confident of the balance."
    assert codes(source, "Weak means that the panel is less confident of the balance.") == []
    assert codes(source, "Weak means that the panel is more confident of the balance.") == ["comparator_changed"]


def test_before_and_after_are_compared_only_where_the_same_follows() -> None:
    source = "Clean the port before each infusion of the drug and flush the catheter after the port is closed."
    assert codes(source, "Clean the port after each infusion of the drug.") == ["comparator_changed"]
    assert codes(source, "Start no infusion of the drug until after the port is clean.") == []
    assert codes(source, "Each infusion of the drug comes after cleaning of the port.") == []
