"""The same frequency, number or limit in other words, and values that are worked out from told ones."""

from __future__ import annotations

from itertools import permutations

import pytest

from synthgen.quantities.following import Part, follow
from synthgen.quantities.reading import quantities_of
from synthgen.quantities.source import analysed


def codes(source: str, told: str, *parts: Part) -> list[str]:
    return [found.code for found in follow(told, parts, analysed(source, "")).findings]


SAME = [
    ["twice daily", "two doses a day", "in two divided doses daily", "b.i.d.", "12-hourly", "at 12-hour intervals"],
    ["3 times/week", "3/week", "three (3) times per week", "3 days a week", "on three days of the week"],
    ["one to two times a month", "one-to-two times per month", "1-2 sessions a month", "once or twice monthly"],
    ["every 4 to 6 hours", "4- to 6-hourly", "four to six times daily", "at 4- to 6-hour intervals"],
    ["every three (3) months", "quarterly", "q3months", "once every 3 mo"],
    ["every 1 to 2 years", "every year or two", "every 12-24 months"],
    ["at least 4 times per week", "on no fewer than 4 occasions per week", "four or more times weekly"],
    ["for 18 months", "for one and a half years", "for 1½ years", "for a year and a half"],
    ["150 minutes weekly", "two and a half hours a week", "2½ hours per week"],
    ["80 mL/hour", "80 mL an hour", "80 mL hourly"],
    ["100,000 IU", "100 000 international units", "0.1 million units"],
    ["a span of 5 feet 4 inches", "a span of 64 inches", "a span of 163 cm"],
    ["a field of 5 x 8 mm", "a field of 0.5 × 0.8 cm"],
    ["a cut of 1/2 inch", "a cut of half an inch", "a cut of ½ inch"],
    ["for 1 1/2 hours", "for 90 minutes"],
    ["above 8 ppm", "more than 8 ppm", "exceeding 8 ppm"],
    ["over the age of 17", "18 years or older"],
    ["grade 3 or 4", "grades 3 to 4"],
]


@pytest.mark.parametrize(
    ("one", "other"), [pair for group in SAME for pair in permutations(group, 2)], ids=lambda text: text
)
def test_the_same_in_other_words_follows(one: str, other: str) -> None:
    source = f"The rule here is {one} for all. Another rule is 7 mg for 11 hours every 5 hours, 9 units and 77 lb."
    assert codes(source, f"The rule here is {other} for all.") == []


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("Take it each morning.", "It is taken once daily."),
        ("Take 1 tablet at breakfast and dinner.", "Take 1 tablet twice daily."),
        ("The visits are on alternate weeks.", "There is a visit every 2 weeks."),
        ("Inject it on days 1, 22 and 43.", "It is injected every 21 days."),
        ("Exercise for 30 minutes, 5 times a week.", "Exercise for 30 minutes a day, 5 days a week."),
        ("Take 600 mg a day, divided into 4 doses.", "The day's 600 mg are divided into 4 doses."),
    ],
)
def test_frequencies_without_a_number_bear_those_with_one(source: str, told: str) -> None:
    assert codes(f"{source} Others take it every 5 hours.", told) == []
    assert codes(f"{source} Others take it every 5 hours.", "It is taken every 11 hours.") == ["frequency_changed"]


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("Lose 0.5 to 2 lb a week.", "Lose 0.2 to 0.9 kg a week."),
        ("A third of the women relapsed.", "Relapse was seen in 33% of the women."),
        ("One in four of the women relapsed.", "Relapse was seen in 25% of the women."),
        ("Response was 66.7%.", "Response was 67%."),
        ("The report of 2009 has 81 pages [144 references].", "The report has 81 pages and 144 references."),
        ("Take it twice daily on days 8-84.", "It is taken twice daily for 77 days."),
        ("Take 600 mg daily in 5 doses.", "Take 600 mg daily in 5 doses averaging 120 mg."),
        ("Take 6 mg, at most 5 doses daily.", "Take 6 mg, at most five doses daily, i.e. at most 30 mg per day."),
        ("Test within the 28 days prior to surgery.", "Test no earlier than 4 weeks before surgery."),
        ("Readings are 95% to 100%.", "For example, one with a reading of 97% is well."),
        ("Check the skin of the legs.", "Check the skin of one foot, then of two feet."),
    ],
)
def test_what_follows_in_another_way_is_kept(source: str, told: str) -> None:
    assert codes(source, told) == []


@pytest.mark.parametrize(
    ("source", "told", "code"),
    [
        ("Exercise at least 4 times per week.", "Exercise at most 4 times per week.", "comparator_changed"),
        ("The maximum is 5 doses daily.", "At least 5 doses daily are taken.", "comparator_changed"),
        ("Carbon monoxide is 5 ppm or less.", "Carbon monoxide is 5 ppm or more.", "comparator_changed"),
        ("Chew one every 1-2 hours.", "Chew one every 1-2 minutes.", "frequency_changed"),
        ("Take 600 mg daily in 5 divided doses.", "Take 600 mg daily in 3 divided doses.", "frequency_changed"),
        (
            "It is not advised when more than 3 levels ache.",
            "It is not advised when fewer than 3 levels ache.",
            "comparator_changed",
        ),
        ("In 2011 and 2014 there were 81 cases.", "In 2011 there were 92 cases.", "number_not_in_source"),
        ("Lose 0.5 to 2 lb a week.", "Lose 0.5 to 3 kg a week.", "number_not_in_source"),
    ],
)
def test_what_does_not_follow_is_found(source: str, told: str, code: str) -> None:
    assert code in codes(f"{source} Others do it every 5 hours.", told)


def test_what_a_case_makes_of_a_limit_follows() -> None:
    source = "Sodium is limited to no more than 2300 mg/day."
    case = "A man eats 3500 mg of sodium a day. "
    part = Part(0, len(case), "case")
    assert codes(source, case + "It should be cut by at least 1200 mg.", part) == []
    assert codes(source, case + "He is 1200 mg above the limit.", part) == []
    assert codes(source, case + "It should be at least 1200 mg.", part) == ["number_not_in_source"]


def test_a_limit_in_another_unit_may_be_told_from_its_other_side() -> None:
    source = "Stents left in for periods exceeding 21 days should be avoided because of stones."
    assert codes(source, "Stents should be left in no longer than three weeks.") == []
    assert codes(source, "Stents left in for more than 3 weeks should be avoided.") == []


def test_two_may_be_compared_from_either_side() -> None:
    source = "Drug A is stronger and has a longer duration of action than drug B."
    assert codes(source, "Drug B is weaker and has a shorter duration of action.") == []


def test_a_backslash_protects_a_sign() -> None:
    _, (rate,) = quantities_of(r"every 2\-3 weeks")
    assert (rate.low, rate.high) == pytest.approx((1 / 21, 1 / 14))


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("About 40 billion cells are made.", "About 40,000 million cells are made."),
        ("About 40 billion cells are made.", "About 40,000,000,000 cells are made."),
        ("Of those over 60, 9 percent fell.", "Of those over 60 nine in every hundred fell."),
        ("Fewer than half of the nurses agreed.", "Under 50% of the nurses agreed."),
        ("Less than 25% of the nurses agreed.", "Less than a quarter of the nurses agreed."),
        ("It helps in the first year after surgery.", "It helps in the first 12 months after surgery."),
        (
            "Give 12 units at breakfast and 8 units at dinner.",
            "He has 20 units: 12 units at breakfast and 8 units at dinner.",
        ),
        ("No more than 40 g of salt is eaten daily.", "He exceeds the limit of 40 g of salt daily."),
        ("Eat fish for better function.", "Eat fish for better daily function."),
    ],
)
def test_what_is_said_in_other_numbers_follows(source: str, told: str) -> None:
    assert codes(f"{source} Others walk 7 km or 11 g.", told) == []


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("About 40 billion cells are made.", "About 40 million cells are made."),
        ("Fewer than half of the nurses agreed.", "Over 50% of the nurses agreed."),
        ("It helps in the first year after surgery.", "It helps in the first 6 months after surgery."),
        (
            "Give 12 units at breakfast and 8 units at dinner.",
            "He has 30 units: 12 units at breakfast and 8 units at dinner.",
        ),
        ("No more than 40 g of salt is eaten daily.", "He exceeds the limit of 60 g of salt daily."),
    ],
)
def test_other_numbers_do_not_follow(source: str, told: str) -> None:
    assert codes(f"{source} Others walk 7 km or 11 g.", told)


def test_an_explanation_may_say_its_case_again_without_unit_and_comparator() -> None:
    source = "She must sit for at least 60 minutes."
    case = "She can sit for no more than 45 minutes. "
    part = Part(0, len(case), "case")
    assert codes(source, case + "She manages only 45, and must sit for 60 minutes.", part) == []
    assert codes(source, case + "She manages only 55, and must sit for 60 minutes.", part)


CASE = "A woman of 61 kg takes 9 mg of warfarin. She rested for 4 minutes, then for 25 minutes, and comes at 8:30 a.m. "


@pytest.mark.parametrize(
    "told",
    [
        "The 9 mg come down to 6 mg.",
        "Her second rest was 21 minutes longer.",
        "Noon is 3.5 hours away.",
        "She may take 4.5 mg.",
        "The 9 mg is 6 mg too much.",
        "There are 5 minutes still to go until 30 minutes.",
    ],
)
def test_values_are_worked_out_from_those_of_a_case(told: str) -> None:
    source = "Reduce the dose of warfarin by one-third to one-half. Rest for 30 minutes, 3 mg in 7 hours."
    assert codes(source, CASE + told, Part(0, len(CASE), "case")) == []


@pytest.mark.parametrize("told", ["The 9 mg come down to 7 mg.", "Noon is 5 hours away.", "She may take 5 mg."])
def test_what_is_not_worked_out_from_a_case_is_found(told: str) -> None:
    source = "Reduce the dose of warfarin by one-third to one-half. Rest for 30 minutes, 3 mg in 7 hours."
    assert codes(source, CASE + told, Part(0, len(CASE), "case"))


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("Start with 15 mg orally twice daily.", "How much is that a day? 30 mg: 15 mg two times a day."),
        (
            "Weigh yourself at least three times a week.",
            "How many readings are that over four weeks? At least 12, for it is at least three times a week.",
        ),
        ("Give 5-10 mg 3 times daily.", "That makes 15 to 30 mg a day."),
        (
            "Start with 15 mg and increase by 15 mg weekly to 75 mg.",
            "The doses are 15 mg, 30 mg, 45 mg, 60 mg and 75 mg.",
        ),
        ("It lasts 2 to 9 weeks.", "How much longer can it last? By 7 weeks."),
        ("Give 5 mg/hr and increase by 2.5 mg/hr every 15 minutes.", "Give 5 mg an hour, then 2.5 mg an hour more."),
        ("The maximum is 4 g.", "He took 3 g. How much more may he take? At most 1 g more."),
        ("Under 30,000 it bleeds.", "What of a count of 16,000? At 16,000, which is below 30,000, it bleeds."),
        ("It is 25 to 85 mg.", "It goes from 0.025 g up to 0.085 g, a difference of 60 mg."),
        ("Use 15 mg of A and 25 mg of B.", "B takes 10 mg more than the 15 mg of A."),
        ("It is 20-80 orally mg daily.", "It is 20 to 80 mg daily."),
        ("Below 30,000, it bleeds. Above 45,000, it stops.", "It bleeds under 30,000, and it stops over 45,000."),
        ("Divide the fat over all meals.", "With 39 g of fat, for instance, each meal would have 13 g."),
        ("Do not exceed 4 injections a year.", "Ms. K. had three injections, so she may have another one."),
        ("Take it 2 hours before or after food.", "Take it at 10:15 or at 14:15, two hours apart from food."),
        ("Check it every 8-12 months.", "Check it every 8 months to 1 year."),
        ("It may take up to 3 days to work.", "It may not work until 72 hours have passed."),
        ("Wash after each meal and at bedtime.", "Wash after each meal and before you go to bed."),
        ("It stimulates multiple effects, two of them in the heart.", "It stimulates more than one effect."),
        ("It takes two to four times daily.", "It takes no fewer than 2 and no more than 4 times a day."),
    ],
)
def test_answers_and_examples_may_reckon(source: str, told: str) -> None:
    assert codes(f"{source} Others walk 7 km or 11 g every 5 hours.", told, *asked(told)) == []


def asked(told: str) -> list[Part]:
    return [Part(0, told.index("?") + 1, "asked")] if "?" in told else []
