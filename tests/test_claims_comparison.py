"""What is compared between a statement and its sentences: moods, modal verbs, names, numbers and conditions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthgen.claims.alignment import Claim, claims_of, closest
from synthgen.claims.governed import urged
from synthgen.claims.modality import ADVICE, DUTY, OPTION
from synthgen.claims.negation import clauses, negations
from synthgen.claims.opposites import prefixed
from synthgen.claims.pairing import crossed, paired
from synthgen.claims.source import Source, source_of
from synthgen.claims.technical import is_drug
from synthgen.claims.words import WORD, stem
from synthgen.data import Extract, Record

TEXT = """\
Tolterodine (Detrol)

Adults: 2 mg orally twice daily with water.
Clients with renal impairment: do not exceed 1 mg orally twice daily.

Mirabegron (Myrbetriq)

Adults: 25 mg orally once daily with food.
Clients with severe hypertension should avoid this drug.

Each tablet holds 4 mg of perindopril and 5 mg of amlodipine.
Counselling is offered to patients with kidney stones before discharge.
People on dialysis are weighed daily.
"""
EXTRACT = Extract("d", 0, len(TEXT), TEXT, 120, "Drugs of the bladder")


def claim(text: str) -> Claim:
    record = Record("r", "e", "t", 1, "text", "t", 0, text, "stop", {"text": text}, None, text)
    return claims_of(record, EXTRACT).claims[0]


def names(low: str, source: Source) -> frozenset[str]:
    return drugs(low) | source.named.intersection(map(stem, WORD.findall(low)))


def drugs(text: str) -> frozenset[str]:
    return frozenset(stem(word) for word in WORD.findall(text.lower()) if is_drug(word))


def test_what_denies_a_word_stands_near_it_in_its_clause() -> None:
    (one, other) = clauses("do not give it with food; water is fine unless it is cold")
    assert one.segments[0].denied
    assert stem("food") in one.segments[0].near
    assert not any(segment.denied for segment in other.segments)
    assert [segment.kind for segment in other.segments] == ["", "unless"]


def test_a_shortened_not_is_a_negation() -> None:
    ((segment,),) = [clause.segments for clause in clauses("they don't protect anyone")]
    assert segment.near == {stem("protect"), stem("anyone")}


def test_what_looks_like_a_negation_is_none() -> None:
    (clause,) = clauses("doses of not more than 5 mg, whether or not fasting")
    assert not any(segment.denials for segment in clause.segments)


@pytest.mark.parametrize(
    ("text", "strength", "denied"),
    [
        ("it may, if the client asks, be stopped", OPTION, False),
        ("it should not be stopped", ADVICE, True),
        ("it has to be stopped", DUTY, False),
    ],
)
def test_a_modal_verb_urges_the_verb_that_it_governs(text: str, strength: int, denied: bool) -> None:
    assert [(one.force, one.denied) for one in urged(text) if one.stem == stem("stopped")] == [(strength, denied)]


def test_a_reason_or_a_purpose_is_not_what_a_ban_denies() -> None:
    for text in ("pressure should be avoided as it may tear the skin", "pressure is avoided to prevent torn skin"):
        (clause,) = clauses(text)
        assert [segment.denied for segment in clause.segments] == [True, False]


def test_neither_and_nor_are_one_negation_and_no_other_is_none() -> None:
    assert len(negations("they have neither cracked nor dried")) == 1
    assert not negations("she takes no other tablets")


def test_a_prefix_makes_an_opposite_of_a_word_that_is_long_enough() -> None:
    assert stem("consistent") in prefixed(stem("inconsistent"))
    assert prefixed(stem("inform")) == ("uninform", "ininform", "irinform", "noninform")


def test_a_drug_and_its_brand_name_each_other() -> None:
    assert {stem("tolterodine"), stem("Detrol"), stem("Myrbetriq")} <= claim("Tolterodine.").source.named


def test_a_salt_is_no_name_of_a_drug() -> None:
    source = Extract("s", 0, 60, "Leuprolide acetate (Lupron) and goserelin (Zoladex) are injected.", 20)
    named = source_of(source).named
    assert {stem("leuprolide"), stem("Lupron"), stem("goserelin")} <= named
    assert stem("acetate") not in named


def test_numbers_belong_to_the_name_in_their_part_of_the_sentence() -> None:
    assert paired("4 mg of perindopril and 5 mg of amlodipine", drugs("perindopril amlodipine")) == {
        "4": {stem("perindopril")},
        "5": {stem("amlodipine")},
    }


def test_numbers_that_changed_their_names_are_seen() -> None:
    assert crossed(claim("Each tablet has 4 mg of amlodipine with 5 mg of perindopril."), drugs)
    assert not crossed(claim("Each tablet has 5 mg of amlodipine with 4 mg of perindopril."), drugs)


def test_words_of_closed_classes_tell_sentences_apart() -> None:
    one = claim("Clients with renal impairment do not exceed 1 mg twice daily.")
    assert [one.source.units[number].text[:18] for number in closest(one)] == ["Clients with renal"]


@given(st.text(max_size=200))
def test_any_text_can_be_asked(text: str) -> None:
    low = " ".join(text.lower().split())
    assert all(one.stem for one in urged(low))
    assert all(segment.near <= segment.stems for clause in clauses(low) for segment in clause.segments)
    assert not crossed(claim(text + " Adults."), drugs)
