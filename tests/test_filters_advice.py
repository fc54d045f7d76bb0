"""Advice: to whom, how strongly, under what conditions, and what a multiple-choice key says of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from synthgen.claims.grades import grades
from synthgen.claims.modality import placed
from synthgen.claims.people import described, groups, having
from synthgen.claims.source import source_of
from synthgen.data import Extract, Kind, Record
from synthgen.filters import build_filters
from synthgen.filters.answer_key import support
from synthgen.records.render import render

TEXT = (
    "# Zoster vaccination and antiviral therapy\n\n"
    "1. The panel recommends zoster vaccination for immunocompetent adults with chronic bronchitis. (Strong For)\n\n"
    "2. The panel suggests offering valaciclovir to outpatients with mild facial palsy. (Weak For)\n\n"
    "3. The panel suggests against routine lumbar puncture in patients with stable migraine. (Weak Against)\n\n"
    "A strong recommendation indicates that the panel is confident in the balance of benefits and harms.\n\n"
    "Gabapentin may be considered for postherpetic neuralgia if renal function is monitored.\n\n"
    "Amantadine should be used with caution in adults with epilepsy.\n\n"
    "Live vaccines are contraindicated in patients with untreated leukemia.\n\n"
    "There is some evidence that capsaicin patches relieve allodynia.\n\n"
    "Tremor usually resolves within a week after ciclosporin is stopped.\n\n"
    "Alert the prescriber to any sign of ototoxicity during gentamicin therapy.\n\n"
    "Foscarnet is reserved for selected patients with resistant herpes.\n\n"
    "Cystoscopy is advised in women with recurrent hematuria.\n\n"
    "Patients with glaucoma should receive acetazolamide before surgery.\n\n"
    "All caregivers should attend the seizure course.\n\n"
    "Intravenous immunoglobulin is infused in a monitored ward.\n\n"
    "Contraindications: Heart block Porphyria Caution: Hypotension Alcohol withdrawal Adverse Effects: Ataxia\n\n"
    "Diagnostic images are required to confirm the position of the shunt.\n\n"
    "Screening with audiometry may be useful in meningitis survivors.\n\n"
    "All carotid bruits need an ultrasound examination.\n\n"
    "Lamotrigine is stopped for a rash if blisters appear.\n\n"
    "Nimodipine brings only modest benefits in vasospasm.\n\n"
    "The nurse explains general risks of oxytocin infusions and late loss of appetite, if any.\n\n"
    "Limits of time hold for all oxytocin infusions being provided.\n\n"
    "The limit is 4 tablets a day for men and 3 tablets a day for women. (That is 3 capsules for men, 2 for women.)\n"
)
EXTRACT = Extract("e", 0, len(TEXT), TEXT, 400, "Zoster vaccination and antiviral therapy")
NAMES = {"answer_key", "population", "safety", "strength"}
FILTERS = [one for one in build_filters({}) if one.name in NAMES]


def record(content: Mapping[str, Any] | str, kind: Kind = "text") -> Record:
    given = {"text": content} if isinstance(content, str) else content
    return Record("r", "e", "diverse_qa", 1, kind, "t", 0, "", "stop", given, None, render(given, kind))


def codes(judged: Record, extract: Extract = EXTRACT) -> set[str]:
    return {verdict.code for one in FILTERS if not (verdict := one.check(judged, extract)).keep}


@pytest.mark.parametrize(
    "text",
    [
        "Zoster vaccination is recommended for immunocompetent adults who have chronic bronchitis (strong for).",
        "Zoster vaccination is recommended for adults with chronic bronchitis. This is a strong recommendation.",
        "Strong recommendations show that the panel is confident in the balance of benefits and harms.",
        "In mild facial palsy, offering valaciclovir to outpatients is suggested (weak recommendation).",
        "Gabapentin can be considered in postherpetic neuralgia, provided renal function is monitored.",
        "Care is needed when amantadine is given to adults with epilepsy; it should be used with caution.",
        "Live vaccines must not be given to patients with untreated leukemia.",
        "Some evidence supports capsaicin patches as a relief of allodynia.",
        "Tremor generally resolves within a week once ciclosporin is stopped.",
        "For recurrent hematuria in women, cystoscopy is advised.",
        "Acetazolamide is needed before surgery in patients who have glaucoma.",
        "Only selected patients with resistant herpes receive foscarnet.",
        "Gabapentin, if it must be stopped, may be considered again for postherpetic neuralgia.",
        "Valaciclovir may raise creatinine, so every dose should be checked in mild facial palsy.",
        "Phenytoin is not to be taken where heart block is present, and calls for care in hypotension.",
        "Men take no more than 4 tablets a day, and women no more than 3, about 3 and 2 capsules.",
    ],
)
def test_advice_in_other_words_is_kept(text: str) -> None:
    assert codes(record(text)) == set()


@pytest.mark.parametrize(
    "text",
    [
        "Zoster vaccination is recommended for immunocompetent adults with acute bronchitis.",
        "Offering valaciclovir to inpatients with mild facial palsy is suggested.",
        "Offering valaciclovir to outpatients with severe facial palsy is suggested.",
        "Routine lumbar puncture is suggested against in patients with unstable migraine.",
        "Live vaccines are contraindicated in patients with treated leukemia.",
        "Cystoscopy is advised in men with recurrent hematuria.",
        "Cystoscopy is advised only in children with recurrent hematuria.",
        "Foscarnet is for every patient with resistant herpes.",
        "Patients without glaucoma should receive acetazolamide before surgery.",
    ],
)
def test_other_people_are_found(text: str) -> None:
    assert "population_changed" in codes(record(text))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Zoster vaccination is recommended for adults with chronic bronchitis (weak for).", "grade_changed"),
        (
            "Zoster vaccination is recommended for adults with chronic bronchitis. This is a weak recommendation.",
            "grade_changed",
        ),
        ("There is good evidence that capsaicin patches relieve allodynia.", "grade_changed"),
        ("Zoster vaccination is recommended for adults with chronic bronchitis; that is weak for.", "grade_changed"),
        ("Gabapentin must be given for postherpetic neuralgia.", "strength_changed"),
        ("Gabapentin is mandatory for postherpetic neuralgia.", "strength_changed"),
        ("Diagnostic images are optional to confirm the position of the shunt.", "strength_changed"),
        ("Screening with audiometry is required in meningitis survivors.", "strength_changed"),
        ("Some carotid bruits need an ultrasound examination.", "strength_changed"),
        ("In vasospasm, nimodipine brings marked benefits.", "strength_changed"),
        ("Porphyria calls for caution.", "strength_changed"),
        ("It is contraindicated in alcohol withdrawal.", "strength_changed"),
        ("Amantadine must never be used in adults with epilepsy.", "strength_changed"),
        ("Live vaccines call for caution in patients with untreated leukemia.", "strength_changed"),
        ("Live vaccines may be given to patients with untreated leukemia.", "strength_changed"),
        ("Tremor rarely resolves within a week after ciclosporin is stopped.", "strength_changed"),
        ("Patients with glaucoma could receive acetazolamide before surgery.", "strength_changed"),
    ],
)
def test_another_strength_is_found(text: str, code: str) -> None:
    assert code in codes(record(text))


@pytest.mark.parametrize(
    "text",
    [
        "Gabapentin is an option in postherpetic neuralgia, whether or not renal function is monitored.",
        "Gabapentin may be considered for postherpetic neuralgia without further precautions.",
        "Gabapentin may be considered for postherpetic neuralgia even if renal function is not monitored.",
        "Untreated leukemia is not a contraindication to live vaccines.",
        "Gabapentin may be considered in postherpetic neuralgia as often as desired.",
        "The only contraindication to live vaccines is untreated leukemia.",
        "Immunoglobulin is infused in any ward.",
        "Immunoglobulin is infused in a monitored ward in every case.",
        "Anyone can take live vaccines, untreated leukemia or not.",
        "Lamotrigine is stopped for any rash.",
        "Cystoscopy is advised in women with hematuria of any kind.",
        "Only caregivers with some experience should attend the seizure course.",
    ],
)
def test_a_condition_that_is_denied_is_found(text: str) -> None:
    assert "safety_dropped" in codes(record(text))


@pytest.mark.parametrize(
    "text",
    [
        "Gabapentin may be considered for postherpetic neuralgia.",
        "Gabapentin is an option as long as the renal function is monitored in postherpetic neuralgia.",
        "Foscarnet is for patients with resistant herpes, if there are no contraindications.",
        "If there are blisters, lamotrigine is stopped for any rash.",
        "The nurse explains any risks of oxytocin infusions and any late loss of appetite.",
        "Limits of time hold for all oxytocin infusions together.",
        "Immunoglobulin is infused every day in a monitored ward.",
        "Her untreated leukemia is not the question; in mild facial palsy valaciclovir is suggested.",
    ],
)
def test_a_condition_that_is_only_left_out_is_no_finding(text: str) -> None:
    assert "safety_dropped" not in codes(record(text))


LIMITS = (
    "# Travel clinic\n\n"
    "Yellow fever vaccine is offered to travellers and laboratory workers.\n\n"
    "Mefloquine is started two weeks before departure.\n\n"
    "Atovaquone is taken with a fatty meal.\n\n"
    "Altitude sickness is treated with acetazolamide and descent. Descent alone is enough in mild sickness.\n\n"
    "Doxycycline is used for prophylaxis in adults. It is used only where mefloquine fails.\n"
)


@pytest.mark.parametrize(
    "text",
    [
        "Yellow fever vaccine is offered only to laboratory workers.",
        "Yellow fever vaccine is offered to travellers only.",
        "Yellow fever vaccine is offered to travellers, but not to laboratory workers.",
        "Atovaquone is taken with a fatty meal at any altitude.",
        "Mefloquine is started two weeks before departure, whatever the destination.",
        "Atovaquone is taken with a fatty meal even when there is nausea.",
    ],
)
def test_a_limit_that_no_sentence_sets_or_lifts_is_found(text: str) -> None:
    assert "safety_dropped" in codes(record(text), Extract("l", 0, len(LIMITS), LIMITS, 400, "Travel clinic"))


@pytest.mark.parametrize(
    "text",
    [
        "Yellow fever vaccine is offered to laboratory workers.",
        "Mefloquine is started only two weeks before departure.",
        "Is atovaquone taken with any fatty meal?",
        "Altitude sickness, but not mild sickness, is treated with acetazolamide and descent.",
        "Doxycycline is used for prophylaxis only in adults.",
        "She is a laboratory worker, so only yellow fever vaccine is offered to her.",
    ],
)
def test_a_limit_that_may_follow_is_no_finding(text: str) -> None:
    assert "safety_dropped" not in codes(record(text), Extract("l", 0, len(LIMITS), LIMITS, 400, "Travel clinic"))


OTHER = (
    "# Ear and throat clinic\n\n"
    "Swollen gums in women may come with dizziness, and one in five women and one in eight men report dizziness.\n\n"
    "The pitfalls of amoxicillin for men include thrush. For women on amoxicillin, pitfalls are mostly rashes.\n\n"
    "Tinnitus clears sooner in uncomplicated otitis.\n\n"
    "Penicillin is stopped at signs of kidney damage.\n\n"
    "Every 4 hours, clients under 20 kg receive 5 mg of codeine.\n\n"
    "The nurse screens all children with otitis for deafness.\n\n"
    "Gait: stops when she turns, answers if asked; Ears: drums clear, canals dry in both fields.\n\n"
    "For patients with a doubtful diagnosis, the panel recommends otoscopy by the nurse at the clinic. (Strong For)\n\n"
    "For patients with a doubtful diagnosis, the panel suggests tympanometry by the nurse in place of otoscopy. "
    "(Weak For)\n\n"
    "In children with conditional (20-30 dB) or high (over 30 dB) thresholds, call the audiologist. (Strong "
    "Recommendation)\n\n"
    "Class IB is supported by low- to very low-quality evidence.\n\n"
    "Class IA is supported by high- to moderate-quality evidence.\n"
)


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("", "Dizziness was more usual in women: one in five women reported it, and one in eight men."),
        ("Which pitfalls are mostly those of men on amoxicillin?", "Thrush."),
        ("", "Tinnitus probably clears sooner in otitis that is not complicated."),
        ("", "Look out for signs that your thyroid is slow."),
        ("", "Only clients of at least 20 kg receive 10 mg of codeine."),
        ("Who is screened?", "Screening for deafness is for every child with otitis, without exception."),
        ("", "Her drums are clear, with canals dry in all fields."),
        (
            "How do otoscopy and tympanometry differ?",
            "Otoscopy in a doubtful diagnosis is a strong recommendation of the panel.",
        ),
        ("Which thresholds lead to a call?", "Thresholds over 30 dB (high) and of 20-30 dB (conditional)."),
        (
            "Which class is it?",
            "It rests on low-quality evidence: class IB. Class IA would need high- to moderate-quality evidence.",
        ),
    ],
)
def test_what_agrees_too_little_or_stands_beside_it_is_no_change(question: str, answer: str) -> None:
    pairs = {"pairs": [{"question": question, "answer": answer}]}
    judged = record(pairs, "qa") if question else record(answer)
    assert codes(judged, Extract("e", 0, len(OTHER), OTHER, 300, "Ear and throat clinic")) == set()


def test_a_question_asks_about_the_people_of_its_answer() -> None:
    answer = "Offering valaciclovir is suggested for them (weak for)."
    asked = "What is suggested for outpatients with {} facial palsy?"
    pairs = [{"question": asked.format(degree), "answer": answer} for degree in ("mild", "severe")]
    assert codes(record({"pairs": pairs[:1]}, "qa")) == set()
    assert codes(record({"pairs": pairs[1:]}, "qa")) == {"population_changed"}
    contrary = {"question": asked.format("severe"), "answer": "None; offering valaciclovir is only for mild palsy."}
    assert "population_changed" not in codes(record({"pairs": [contrary]}, "qa"))


def test_groups_and_what_people_have() -> None:
    assert groups("untreated outpatients")["setting"] != groups("treated inpatients")["setting"]
    assert groups("untreated outpatients")["treated"] != groups("treated inpatients")["treated"]
    assert having("adults with glaucoma") != having("adults without glaucoma")
    assert not having("with nonspecific pain") & {("specif", False)}


def test_a_grade_stands_behind_its_own_sentence_or_list() -> None:
    text = (
        "## Diet\n\n1. Offer a low-salt diet.\n\n(Strong for)\n\n2. Consider a sugar-free diet.\n\n(Weak for)\n\n"
        "Check the following:\n\n* Blood count\n\n* Creatinine\n\n(Strong against)\n"
    )
    units = source_of(Extract("g", 0, len(text), text, 60, "Diet")).units
    found = [grades(unit.low).get("strength") for unit in units]
    assert found == [None, {"strong for"}, {"weak for"}, *[{"strong against"}] * 3]


def test_an_answer_that_only_grades_is_of_what_it_answers() -> None:
    question = "Should patients with stable migraine have a routine lumbar puncture?"
    pairs = [{"question": question, "answer": "No. The suggestion is against it (weak against)."}]
    assert codes(record({"pairs": pairs}, "qa")) == set()


def test_grades_of_evidence_in_other_words_are_the_same() -> None:
    assert grades("weak evidence")["evidence"] == grades("limited evidence")["evidence"]
    assert grades("good evidence")["evidence"] != grades("some evidence")["evidence"]
    assert not grades("weak recommendations may also be called conditional")


def test_words_of_a_scale_have_neighbours_in_their_clause() -> None:
    (said,) = placed("the tremor often returns after the dose", "frequency")
    (meant,) = placed("in adults, the tremor rarely returns, and pain often stays", "frequency")[:1]
    assert said.place != meant.place
    assert said.beside(meant) >= 2
    assert not placed("if it returns", "force")
    assert placed("if it must return", "force")[0].denied


def test_what_a_group_describes() -> None:
    assert described("mild to moderate joint pain").keys() == {("severity", "joint"), ("severity", "pain")}
    assert ("severity", "pain") not in described("a severe course of pain")


OPTIONS = ("Give 5 mg once daily", "Give 10 mg once daily", "Give 10 mg once weekly", "Give nothing")


def test_the_first_sentence_of_an_explanation_speaks_for_the_key() -> None:
    sentences = ("adults take 5 mg once daily.", "the dose of 10 mg once weekly is for children.")
    scores = support(OPTIONS, sentences, "What is the dose?")
    assert max(scores) == scores[0]


def test_what_is_banned_is_the_answer_to_a_question_for_a_ban() -> None:
    options = ("Penicillin", "Doxycycline", "Aciclovir")
    sentences = ("doxycycline is contraindicated at her age.", "penicillin is an alternative.")
    assert support(options, sentences, "Which drug is contraindicated?")[1] == 1
    assert support(options, sentences, "Which drug is suitable?")[1] == 0


def test_not_more_than_denies_nothing() -> None:
    options = ("5 tablets, not more than 3 times", "2 tablets, not more than 4 times")
    scores = support(options, ("take 5 tablets, not exceeding 3 times.",), "What is correct?")
    assert scores[0] > scores[1]


def test_what_something_is_preferred_to_is_not_asserted() -> None:
    options = ("Stay on warfarin", "Change to apixaban")
    assert support(options, ("staying on warfarin is advised rather than changing to apixaban.",), "What now?")[1] == 0
    assert support(options, ("unlike apixaban, warfarin is advised.",), "What now?")[1] == 0


def test_a_denial_reaches_no_further_than_its_clause() -> None:
    options = ("Zinc does not shorten colds", "Fluids can be offered")
    assert support(options, ("zinc has no effect, and fluids can be offered.",), "What is true?")[1] == 1
    assert support(options, ("zinc can shorten colds.",), "What is true?")[0] == 0
    assert support(options, ("zinc is not advised.", "however, fluids can be offered."), "What is true?")[1] == 1


@pytest.mark.parametrize(("key", "found"), [("A", False), ("B", True), ("C", True)])
def test_a_key_that_the_first_sentence_does_not_speak_for(key: str, found: bool) -> None:
    content = {
        "vignette": "A 50-year-old woman has postherpetic neuralgia.",
        "question": "What may be considered?",
        "options": ["Gabapentin", "Foscarnet", "Acetazolamide"],
        "answer": key,
        "explanation": "Gabapentin may be considered for postherpetic neuralgia. Foscarnet is reserved for resistant "
        "herpes, and acetazolamide is for glaucoma.",
    }
    assert ("key_contradicted" in codes(record(content, "mcq"))) == found


SHARES = (
    "Speak with the pharmacist before starting any over-the-counter laxative. "
    "Some over-the-counter laxatives are not tested by the agency. "
    "Mesalazine is contraindicated in renal failure and can be used in colitis. "
    "Rural clinics often have inadequate freezers.\n"
)


@pytest.mark.parametrize(
    "text",
    [
        "Some over-the-counter laxatives are not tested, and the pharmacist is spoken with before starting any.",
        "Mesalazine can be used in colitis.",
        "In rural clinics it is not uncommon for freezers to be inadequate.",
    ],
)
def test_a_share_an_option_and_a_frequency_that_the_extract_has_too_pass(text: str) -> None:
    extract = Extract("s", 0, len(SHARES), SHARES, 60)
    assert not codes(record(text), extract)


def test_a_case_and_a_denial_say_nothing_of_all() -> None:
    source = (
        "Some insurers restrict certain vaccines. Local sepsis, shock or a low platelet count forbids the biopsy.\n"
    )
    extract = Extract("s", 0, len(source), source, 60)
    assert not codes(record("Your insurer may not cover every vaccine."), extract)
    assert not codes(record("Local sepsis forbids the biopsy even when, as here, there is no shock."), extract)
