"""Words as the alignment compares them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthgen.claims.general import is_general
from synthgen.claims.technical import is_drug, is_technical
from synthgen.claims.words import content, folded, stem


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("stopped", "stopping"),
        ("received", "receives"),
        ("titration", "titrate"),
        ("prophylaxis", "prophylactic"),
        ("comorbidity", "comorbidities"),
        ("kidneys", "renal"),
        ("women", "female"),
        ("orally", "mouth"),
        ("IV", "intravenously"),
        ("PPI", "PPIs"),
        ("SSRI", "SSRIs"),
        ("MAOI", "MAOIs"),
    ],
)
def test_forms_and_synonyms_share_a_stem(one: str, other: str) -> None:
    assert stem(one) == stem(other)


@pytest.mark.parametrize(("one", "other"), [("before", "after"), ("increase", "decrease"), ("men", "women")])
def test_opposites_do_not(one: str, other: str) -> None:
    assert stem(one) != stem(other)


def test_function_words_have_no_content() -> None:
    assert [content(word) for word in ("The", "of", "should")] == ["", "", ""]


@pytest.mark.parametrize("name", ["lisinopril", "Losartan", "ezetimibe", "azithromycin", "omeprazole", "adalimumab"])
def test_a_generic_name_is_technical_by_its_form(name: str) -> None:
    assert is_technical(name.lower()) or not is_general(name)


def test_a_stem_of_the_nomenclature_marks_a_drug() -> None:
    assert is_drug("metoprolol")
    assert is_drug("rivaroxaban")
    assert not is_drug("computer")
    assert not is_drug("minister")


def test_general_english_is_no_claim() -> None:
    assert is_general("recommended")
    assert is_general("twice")
    assert not is_general("erythromycin")


@given(st.text(max_size=60))
def test_any_word_has_a_stem_that_is_no_longer(word: str) -> None:
    assert len(stem(word)) <= max(40, len(word.lower()))


def test_emphasis_is_no_part_of_what_is_said() -> None:
    assert folded("Opioids are **not  recommended** _here_.") == "opioids are not recommended here."
    assert folded("are**not** 5*3 snake_case") == "are not 5*3 snake_case"
