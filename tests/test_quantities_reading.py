"""Quantities as they are read from clinical text."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthgen.quantities.quantity import Quantity
from synthgen.quantities.reading import read
from synthgen.quantities.words import MAX_CHARACTERS, split

YEAR = 8766.0


def only(text: str) -> Quantity:
    (found,) = read(split(text))
    return found


def measures(text: str) -> list[str]:
    return [found.measure for found in read(split(text))]


@pytest.mark.parametrize(
    ("text", "measure", "low", "high"),
    [
        ("500 mg", "mass", 0.5, 0.5),
        ("0.5 g", "mass", 0.5, 0.5),
        ("250 micrograms", "mass", 0.00025, 0.00025),
        ("250 mcg", "mass", 0.00025, 0.00025),
        ("1,000 milligrams", "mass", 1.0, 1.0),
        ("twenty-five milligrams", "mass", 0.025, 0.025),
        ("5–10 mL", "volume", 0.005, 0.01),
        ("6 to 8 weeks", "time", 1008.0, 1344.0),
        ("a quarter to half a year", "time", YEAR / 4, YEAR / 2),
        ("3 hours 20 minutes", "time", 10 / 3, 10 / 3),
        ("24 consecutive days", "time", 576.0, 576.0),
        ("between 6% and 12%", "percent", 6.0, 12.0),
        ("6 out of 100 women", "percent", 6.0, 6.0),
        ("140 mm Hg", "pressure", 140.0, 140.0),
        ("2,000/µL", "count/volume", 2e9, 2e9),
        ("2.0 × 10⁹/L", "count/volume", 2e9, 2e9),
        ("125 mg per 5 mL", "mass/volume", 25.0, 25.0),
        ("15 mg for each kilogram", "mass/weight", 0.015, 0.015),
        ("38.5°C", "celsius", 38.5, 38.5),
        ("stage 3", "name:stage", 3.0, 3.0),
        ("PHQ-9", "name:phq", 9.0, 9.0),
        ("until age 5", "time", 5 * YEAR, 5 * YEAR),
    ],
)
def test_a_quantity_is_read_in_the_base_unit_of_its_measure(text: str, measure: str, low: float, high: float) -> None:
    found = only(text)
    assert found.measure == measure
    assert [found.low, found.high] == pytest.approx([low, high])


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("twice daily", 2.0, 2.0),
        ("bid", 2.0, 2.0),
        ("every 12 hours", 2.0, 2.0),
        ("12-hourly", 2.0, 2.0),
        ("q8h", 3.0, 3.0),
        ("every 6 to 8 hours", 3.0, 4.0),
        ("3–4 times a day", 3.0, 4.0),
        ("once or twice a day", 1.0, 2.0),
        ("every other day", 0.5, 0.5),
        ("weekly", 1 / 7, 1 / 7),
        ("every fortnight", 1 / 14, 1 / 14),
        ("in 24 hours", 1.0, 1.0),
    ],
)
def test_a_frequency_is_read_in_times_a_day(text: str, low: float, high: float) -> None:
    found = only(text)
    assert found.measure == "rate"
    assert [found.low, found.high] == pytest.approx([low, high])


@pytest.mark.parametrize(
    ("text", "bound"),
    [
        ("at least 18 years", 1),
        ("18 years or older", 1),
        ("≥18 years", 1),
        ("not under 18 years", 1),
        ("no younger than 18 years", 1),
        ("over 18 years", 1),
        ("under 18 years", -1),
        ("up to 18 years", -1),
        ("no more than 18 years", -1),
        ("not yet 18 years", -1),
        ("18 years", 0),
        ("must not exceed 40 mg", -1),
        ("a maximum daily dose of 40 mg", -1),
        ("a minimum of 40 mg", 1),
        ("40 mg (maximum 60 mg)", 0),
    ],
)
def test_a_comparator_gives_the_direction_of_its_bound(text: str, bound: int) -> None:
    amounts = [found for found in read(split(text)) if found.measure != "rate"]
    assert amounts[0].bound == bound


def test_a_time_before_an_event_is_told_from_one_after_it() -> None:
    assert only("2 hours before breakfast").relation == -1
    assert only("2 hours after breakfast").relation == 1


def test_an_amount_knows_how_often_it_is_given() -> None:
    assert [found.rate for found in read(split("500 mg orally twice daily")) if found.measure == "mass"] == [(2.0, 2.0)]
    assert [found.rate for found in read(split("4 g per week")) if found.measure == "mass"] == [(1 / 7, 1 / 7)]


def test_numbers_in_a_row_share_the_unit_of_the_last() -> None:
    assert measures("25, 50 or 100 mg") == ["mass", "mass", "mass"]
    assert measures("stage 3 and 4") == ["name:stage", "name:stage"]


@pytest.mark.parametrize("text", ["1. Offer it.", "see Table 2", "was shown [3,4]", "**2.** Ask.", "daily living"])
def test_numbers_of_lists_tables_and_references_are_no_quantities(text: str) -> None:
    assert measures(text) == []


def test_one_made_up_person_is_told_from_a_rule() -> None:
    assert only("a 66-year-old man").of_a_case
    assert not only("men of 66 years or older").of_a_case


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="0123456789.,-–/% mgkLdhx×^⁹°≥<()|\n aftwo every", max_size=80))
def test_any_text_is_read_in_order_and_without_overlap(text: str) -> None:
    row = split(text)
    found = read(row)
    assert all(0 <= one.first < one.last <= len(row.words) for one in found)
    assert all(one.low <= one.high for one in found)
    firsts = [one.first for one in found]
    assert firsts == sorted(firsts)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60))
def test_words_stand_where_they_say(text: str) -> None:
    row = split(text)
    spans = [row.span(i, i + 1) for i in range(len(row.words))]
    # A capital whose small letter is two stays as it is.
    small = [char.lower() if len(char.lower()) == 1 else char for char in text]
    assert ["".join(small[start:end]) for start, end in spans] == row.words


def test_of_an_endless_text_only_the_beginning_is_read() -> None:
    assert split("a " * MAX_CHARACTERS).starts[-1] < MAX_CHARACTERS


@pytest.mark.parametrize(
    ("text", "rates"),
    [
        ("The daily dose is 10 mg, and the weekly dose is 70 mg.", [(1.0, 1.0), (1 / 7, 1 / 7)]),
        ("Weekly dosing: 70 mg in the morning", [(1 / 7, 1 / 7)]),
        ("75 mg once every 3 to 4 weeks", [(1 / 28, 1 / 21)]),
    ],
)
def test_an_amount_takes_the_frequency_that_leads_to_it_or_a_range_of_them(
    text: str, rates: list[tuple[float, float]]
) -> None:
    found = [one.rate for one in read(split(text)) if one.measure == "mass"]
    assert found == [pytest.approx(rate) for rate in rates]


def test_neighbouring_numbers_with_or_are_a_range_and_stages_are_not() -> None:
    assert [one.raw for one in read(split("limited to 3 or 4 injections"))] == [(3.0, 4.0)]
    assert [one.raw for one in read(split("stage 3 or 4"))] == [(3.0, 3.0), (4.0, 4.0)]
