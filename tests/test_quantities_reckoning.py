"""Values that a faithful text works out for its reader, and those that only look so."""

from __future__ import annotations

import pytest

from synthgen.quantities.following import Part, follow
from synthgen.quantities.reading import quantities_of
from synthgen.quantities.source import analysed


def codes(source: str, told: str, *parts: Part) -> list[str]:
    return [found.code for found in follow(told, parts, analysed(source, "")).findings]


FOLLOWING = [
    ("Use the 2% eye ointment.", "Use the eye ointment with 20 mg/g (2%)."),
    ("Use the eye drops with 20 mg/mL.", "Use the 2% eye drops."),
    ("Put in 2-3 drops every hour for 4-6 doses.", "Put in 2-3 drops every hour, 8 to 18 drops in all."),
    ("Put in 2 drops 3 times daily.", "Six drops of the 2% solution a day are put in, spread over 3 times."),
    ("Measure it two to four times a day for five days.", "Measure it for five days (10 to 20 times in all)."),
    ("Test 3 to 9 weeks after the graft.", "Test in a 6-week window after the graft."),
    ("The pulse is below 50 bpm.", "The pulse is 49 beats per minute or slower."),
    ("The pressure is 8 mm Hg.", "The pressure is eight millimetres of mercury."),
    ("Give 20 mg (40 mg total), then 15 mg (30 mg total).", "Give 40 mg and then 30 mg, 70 mg in total."),
    ("Give 250 mg, and 250 mg a week later.", "Give 500 mg, split into two infusions a week apart."),
    ("The 2009 edition was replaced in 2014.", "It was replaced five years later."),
    ("The fever began nine months ago.", "The fever began three quarters of a year ago."),
    ("He is 6'1\" tall.", "He is 73 inches tall."),
    ("It is for children up to and including 11 years of age.", "It is for children under 12 years of age."),
    ("A score of 15 or more is severe.", "A score of 14 or less is not severe."),
    ("The limit is 3 g per day.", "The limit is six tablets of 500 mg per day."),
    ("Infuse 600 mL over 3 hours.", "Infuse it at 200 mL/h."),
    ("The share fell from 50% to 38%.", "The share fell by 12 percentage points."),
    ("Hold it if the pressure is below 95 mm Hg.", "It is given only if the pressure is at least 95 mm Hg."),
    ("Hold it if the pressure is below 95 mm Hg.", "It is not held at 95 mm Hg or more."),
    ("Hold it if the pulse is below 55 bpm.", "A pulse of 51 bpm is under 55 bpm, so it is held."),
    ("Hold it if the pressure is below 95 mm Hg.", "Her 98 mm Hg are above 95 mm Hg, so it need not be held."),
    ("A share of 6% to 9% is middling.", "A share of 8%, between 6% and 9%, is middling."),
    ("Deaths were 15% with it and 19% without.", "Deaths were 4% lower with it."),
    ("It is given every 3 weeks, later every 6 weeks.", "The interval grows from 3 weeks to 6 weeks."),
    ("Lower it to below 7%.", "Lower it to below 7% (53 mmol/mol)."),
    ("It is given 2 to 4 times. Signs are fever, cough and rash.", "Three signs are fever, cough and rash."),
    ("The cream is not for children less than 3 years of age.", "It is not meant for children under 3 years of age."),
    ("Treat above 300 mg/dL.", "The level does not exceed 300 mg/dL, the level above which it is treated."),
]


@pytest.mark.parametrize(("source", "told"), FOLLOWING)
def test_what_a_text_works_out_follows(source: str, told: str) -> None:
    assert codes(source, told) == []


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("Use the 2% eye ointment.", "Use the eye ointment with 2 mg/g."),
        ("Put in 2-3 drops every hour for 4-6 doses.", "Put in 2-3 drops every hour, 8 to 20 drops in all."),
        ("Test 3 to 9 weeks after the graft.", "Test in an 8-week window after the graft."),
        ("Give 250 mg, and 250 mg a week later.", "Give 500 mg, split into three infusions a week apart."),
        ("He is 6'1\" tall.", "He is 75 inches tall."),
        ("A score of 15 or more is severe.", "A score of 12 or less is not severe."),
        ("Hold it if the pulse is below 55 bpm.", "A pulse of 58 bpm is under 55 bpm, so it is held."),
        ("Hold it if the pressure is below 95 mm Hg.", "It is held if the pressure is at least 95 mm Hg."),
        ("Infuse 600 mL over 3 hours.", "Infuse it at 300 mL/h."),
        ("The limit is 3 g per day.", "The limit is seven tablets of 500 mg per day."),
        ("There are 4 signs. Signs are fever, cough and rash.", "Five signs are fever, cough and rash."),
    ],
)
def test_what_is_worked_out_wrongly_does_not(source: str, told: str) -> None:
    assert codes(source, told) != []


def test_an_age_told_in_another_unit_is_that_of_the_case() -> None:
    told = "A 3-year-old is ill. At this age (36 months) it is offered."
    assert codes("It is offered to children from 10 to 50 months of age.", told) == []


def test_a_conclusion_may_say_again_what_was_said() -> None:
    source = (
        "Severe: 2 mg twice daily; maximum 8 mg in a course. Mild: 2 mg once daily. Otherwise a single dose of 2 mg."
    )
    told = "In severe disease a course has a maximum of 8 mg. Twice daily 2 mg are 4 mg a day, so the maximum is 8 mg."
    assert codes(source, told) == []


def test_daily_doses_on_so_many_days_are_no_frequency() -> None:
    _, found = quantities_of("45 mg in all, in three daily doses on consecutive days")
    assert [one.low for one in found if one.measure == "rate"] == [1.0]


def test_an_age_reaches_over_no_end_of_a_sentence() -> None:
    _, (_, count) = quantities_of("It is for those under 40 years of age. Seven signs are known.")
    assert count.measure == ""
