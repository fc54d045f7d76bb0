"""Filters on names: what stands in the place of another thing of its kind, and what only words it differently."""

from __future__ import annotations

import pytest

from synthgen.claims.general import is_general
from synthgen.claims.kinds import kinds_of, of
from synthgen.claims.technical import is_drug
from synthgen.data import Extract, Record, Verdict
from synthgen.filters import build_filters

SOURCE = (
    "Acute gouty flares\n"
    "Colchicine should be stopped where severe diarrhea develops during the first day. "
    "The panel advises measuring serum creatinine every week while the dose is being raised. "
    "Referral to a rheumatologist is advised after three flares within one year. "
    "Because of renal toxicity, naproxen is avoided after transplantation. "
    "Antihistamines make the sedating effects of tranquilizers worse. "
    "Arterial blood should be drawn from the PaO  2  line in a single mid-day session. "
    "Nonsteroidal anti-inflammatory drugs and TCAs may be given along with anti-hypertensive agents. "
    "Leakage of CSF was reported, and blood pressure stayed under 140/90 mmHg in a randomized controlled trial. "
    "The FDA approved a nasal spray that vasodilates arterioles; it is given intamuscularly elsewhere.\n"
    "Probenecid blocks renal reabsorption of urate in the tubules, whereas febuxostat inhibits xanthine oxidase.\n"
)


def judge(name: str, text: str, source: str = SOURCE) -> Verdict:
    [one] = [one for one in build_filters({}) if one.name == name]
    record = Record("r", "e", "distill", 1, "text", "t", 0, text, "stop", {"text": text}, None, text)
    return one.check(record, Extract("d", 0, len(source), source, 0))


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Colchicine should be stopped where severe constipation develops during the first day.", "constipation"),
        ("The panel advises measuring serum bilirubin every week while the dose is being raised.", "bilirubin"),
        ("Referral to a cardiologist is advised after three flares within one year.", "cardiologist"),
        ("Because of hepatic toxicity, naproxen is avoided after transplantation.", "hepatic"),
        ("Antihistamines make the sedating effects of antihypertensives worse.", "antihypertensives"),
    ],
)
def test_a_thing_in_the_place_of_another_of_its_kind_is_found(text: str, word: str) -> None:
    verdict = judge("entities", text)
    assert not verdict.keep
    assert any(text[one["start"] : one["end"]] == word for one in verdict.evidence)


def test_two_things_that_change_places_are_found() -> None:
    text = "Febuxostat blocks renal reabsorption of urate in the tubules, whereas probenecid inhibits xanthine oxidase."
    verdict = judge("entities", text)
    assert [one["why"] for one in verdict.evidence if one["why"].startswith("exchanged")]


@pytest.mark.parametrize(
    "text",
    [
        "Stop colchicine if there is severe diarrhoea on the first day.",
        "Serum creatinine is measured weekly for as long as the dose goes up.",
        "After three flares in a year a rheumatologist should see the patient.",
        "Naproxen is kept from transplant recipients, as it is toxic to the kidney.",
        "Arterial blood is drawn from the PaO2 line in one midday session.",
        "NSAIDs and a tricyclic antidepressant may go with antihypertensive agents.",
        "A leak of cerebrospinal fluid was reported.",
        "The systolic pressure stayed below 140 and the diastolic one below 90 mmHg.",
        "The nasal spray dilates arterioles.",
        "Elsewhere it is given intramuscularly.",
        "Probenecid blocks the reabsorption of urate, whereas febuxostat inhibits xanthine oxidase.",
        "Febuxostat inhibits xanthine oxidase, whereas probenecid blocks reabsorption of urate.",
    ],
)
def test_other_words_for_the_same_thing_pass(text: str) -> None:
    assert judge("entities", text).keep
    assert judge("grounding", text).keep


def test_a_drug_is_known_by_name_or_by_form() -> None:
    assert all(map(is_drug, ("warfarin", "dofetilide", "hydrochlorothiazide", "cefuroxime")))
    assert not any(map(is_drug, ("endocrine", "examine")))
    assert not judge("entities", "Stop warfarin where severe diarrhea develops during the first day.").keep


def test_the_drug_that_a_table_is_about_is_no_intruder() -> None:
    source = (
        "Contraindications and cautions\n"
        "The following table features metoprolol.\n"
        "Drug interactions: Verapamil, Digoxin, Clonidine. Food interactions: None known.\n"
        "Cautions: Bradycardia, heart block, severe asthma, peripheral circulatory disease.\n"
    )
    text = (
        "Metoprolol calls for caution in bradycardia, heart block, severe asthma, and peripheral circulatory disease."
    )
    assert judge("entities", text, source).keep


def test_a_dose_belongs_to_its_own_clause() -> None:
    source = (
        "Captopril (Capoten)\nHypertension: 25 mg orally twice daily.\n"
        "Lisinopril (Zestril)\nHypertension: 10 mg orally once daily.\n"
    )
    text = "The regimen of 25 mg is for hypertension, while 10 mg once daily is the lisinopril regimen."
    assert judge("entities", text, source).keep
    assert not judge("entities", "Lisinopril is given as 25 mg orally twice daily for hypertension.", source).keep


def test_a_body_may_be_spelt_out_and_a_trial_called_shortly() -> None:
    assert judge("citations", "The spray was approved by the US Food and Drug Administration.").keep
    assert judge("citations", "In a randomized trial, blood pressure stayed under 140/90 mmHg.").keep
    assert not judge("citations", "The spray was approved by the European Medicines Agency.").keep
    assert not judge("citations", "A meta-analysis advises measuring serum creatinine every week.").keep


def test_authors_countries_and_joint_bodies_of_the_extract_may_be_named_otherwise() -> None:
    source = "The AHA/ACC and the NZMJ cite Lee, P. (2011), and trials from Sweden.\n"
    assert judge("citations", "Lee et al. (2011) ran the Swedish trials.", source).keep
    assert judge("citations", "The American Heart Association and the American College of Cardiology.", source).keep
    assert not judge("citations", "Moe et al. are cited.", source).keep


SECTIONS = (
    "Trospium (Sanctura)\nTablets of 20 mg are swallowed twice daily on an empty stomach.\n"
    "Darifenacin (Enablex)\nTablets of 7.5 mg are swallowed whole once daily with liquid.\n"
    "Fesoterodine (Toviaz)\nTablets of 4 mg are swallowed whole once daily; grapefruit is avoided.\n"
)


def test_what_stands_below_one_drug_is_not_said_of_another() -> None:
    assert judge("entities", "Trospium tablets of 20 mg are swallowed on an empty stomach twice daily.", SECTIONS).keep
    verdict = judge("entities", "Darifenacin is swallowed twice daily on an empty stomach.", SECTIONS)
    assert any(one["why"].startswith("said of") for one in verdict.evidence)


def test_converted_numbers_and_lines_in_common_tell_no_section() -> None:
    assert judge("entities", "Darifenacin tablets of 0.0075 g are swallowed with liquid on each day.", SECTIONS).keep
    assert judge("entities", "Fesoterodine tablets are swallowed whole once daily.", SECTIONS).keep


def test_what_stands_below_one_drug_may_be_about_another() -> None:
    source = SECTIONS + "Labels of fesoterodine look like those of darifenacin and were mixed up on wards.\n"
    assert judge("entities", "Labels that look like those of darifenacin were mixed up on wards.", source).keep


LIST = (
    "Screening of donors\n"
    "Donors of an organ are screened for CMV, EBV and toxoplasmosis by serology before the operation. "
    "The panel advises (SIADH) fluid restriction and AChE inhibitors in dementia with few symptoms. "
    "Infection with H. pylori is treated for two weeks, and RF ablation is kept for later. "
    "Recipients with hyperkalemia are seen by the renal service and the social worker within a day. "
    "Systolic murmurs after the repair of a mitral valve are reported to the surgeon.\n"
    "Tests for VZV are repeated in recipients who are seronegative.\n"
)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Donors of an organ are screened for VZV, EBV and toxoplasmosis by serology before the operation.", "VZV"),
        ("Diastolic murmurs after the repair of a mitral valve are reported to the surgeon.", "Diastolic"),
        (
            "Recipients with hypokalemia are seen by the renal service and the social worker within a day.",
            "hypokalemia",
        ),
        ("Systolic murmurs after the repair of a tricuspid valve are reported to the surgeon.", "tricuspid"),
    ],
)
def test_one_word_that_differs_from_the_sentence_is_found(text: str, word: str) -> None:
    verdict = judge("entities", text, LIST)
    assert any(text[one["start"] : one["end"]] == word for one in verdict.evidence)


@pytest.mark.parametrize(
    "text",
    [
        "Fluid is restricted in the syndrome of inappropriate antidiuretic hormone secretion.",
        "Acetylcholinesterase inhibitors may be given in dementia with few symptoms.",
        "Infection with Helicobacter pylori is treated for two weeks.",
        "Radiofrequency (RF) ablation is kept for later.",
        "What do the Roman numerals mean?",
        "Recipients with an excess of potassium are seen by the kidney team and the social worker within a day.",
    ],
)
def test_what_an_abbreviation_stands_for_passes(text: str) -> None:
    assert judge("entities", text, LIST).keep
    assert judge("grounding", text, LIST).keep


def test_where_a_source_was_published_is_no_citation() -> None:
    assert judge("citations", "Its results were published in a supplement.").keep


def test_members_of_a_kind() -> None:
    assert of("organ", "hepatic and renal impairment") == {"liver", "kidney"}
    assert of("vitamin", "vitamin b12 or vitamin d") == {"b12", "d"}
    assert of("condition", "appendicitis") != of("condition", "cholecystitis")
    assert {one.group for one in kinds_of("hypocalcemia")} != {one.group for one in kinds_of("hypercalcemia")}
    assert kinds_of("easily") == ()


def test_plain_words_are_general_and_medical_ones_are_not() -> None:
    assert all(is_general(word) for word in ("easily", "concurrent", "leaks", "melted", "application", "restroom"))
    assert not any(is_general(word) for word in ("anticoagulant", "fibrosis", "liver", "alcohol", "poison"))


@pytest.mark.parametrize(
    "word",
    ["outlived", "sturdiest", "threefold", "seventh", "motherhood", "workbench", "shook", "thereupon", "predisposed"],
)
def test_words_derived_from_plain_ones_are_plain(word: str) -> None:
    assert is_general(word)


@pytest.mark.parametrize(
    "word", ["headache", "heartburn", "preterm", "relapse", "remission", "overdose", "miscarriage"]
)
def test_medical_words_that_look_like_derived_ones_are_not_plain(word: str) -> None:
    assert not is_general(word)


def test_a_few_plain_words_are_no_foreign_statement_and_a_technical_one_is() -> None:
    assert judge("grounding", "Colchicine should be stopped if severe diarrhea frightens your walrus or otter.").keep
    assert not judge("grounding", "Colchicine should be stopped where severe neutropenia develops.").keep
    assert not judge("grounding", "Colchicine should be stopped, as Ostrander and Quimby found.").keep


def test_a_plain_word_takes_no_place_and_neither_does_another_name_of_the_same_thing() -> None:
    text = "Donors are screened for CMV by serology before the graft. Difficulty sleeping and acne may follow."
    assert judge("entities", "A graft donor is screened for CMV by serology before the walrus.", text).keep
    assert judge("entities", "Insomnia and acne may follow.", text).keep
    assert not judge("entities", "Difficulty sleeping and urticaria may follow.", text).keep


def test_a_question_replaces_nothing() -> None:
    text = "Crayons of zinc are handed to each recipient."
    assert judge("entities", "Are crayons of walrus handed to each recipient?", text).keep


def test_other_forms_of_members_are_the_same_thing() -> None:
    assert kinds_of("malignancies") == kinds_of("cancers")
    assert of("organ", "intrauterine growth") == of("organ", "the womb")


def test_two_sections_may_be_about_one_drug() -> None:
    source = SECTIONS + "Darifenacin HBr\nIt is swallowed twice daily on an empty stomach with liquid.\n"
    assert judge("entities", "Darifenacin is swallowed twice daily on an empty stomach.", source).keep
