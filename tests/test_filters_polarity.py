"""What turns the sense of a sentence round, and what only looks like it."""

from __future__ import annotations

import pytest

from synthgen.claims.negation import clauses
from synthgen.claims.stances import stances
from synthgen.claims.words import stem
from synthgen.data import Extract, Kind, Record
from synthgen.filters.polarity import Polarity
from synthgen.recipe import FilterSettings

FILTER = Polarity(FilterSettings())
ADVICE = """\
## Treatment of gallstones

1. The panel recommends against routine ultrasound of the gallbladder in adults without symptoms. (**Strong Against**)
2. For adults with acute cholecystitis, the panel suggests laparoscopic surgery within 72 hours. (**Weak For**)
3. There is insufficient evidence to recommend ursodiol for biliary colic.
4. Ursodiol is contraindicated in clients with calcified stones and in clients who are unable to swallow capsules.
5. Ketorolac can increase blood pressure in clients with hypertension. Do not take more than 40 mg a day.
6. Ceftriaxone should not be stopped abruptly unless required for immediate safety concerns.
7. Evidence reviews on lithotripsy were not performed by the methodology team.
8. Ursodiol is taken 30 minutes before meals.
9. Benefits outweigh risks of surgery in pregnancy.
10. Ketorolac may be given regardless of smoking status.

Clients should not:

- Take ibuprofen with ketorolac.
"""
QUESTION = "Is routine ultrasound of the gallbladder recommended in adults?"


def why(text: str, source: str = ADVICE, question: str = "") -> list[str]:
    extract = Extract("d", 0, len(source), source, 200, "Gallstones")
    kind: Kind = "qa" if question else "text"
    content = {"pairs": [{"question": question, "answer": text}]} if question else {"text": text}
    whole = f"{question}\n{text}" if question else text
    record = Record("r", "d", "t", 1, kind, "t", 0, whole, "stop", content, None, whole)
    return [str(piece["why"]) for piece in FILTER.check(record, extract).evidence]


@pytest.mark.parametrize(
    "text",
    [
        "Routine gallbladder ultrasound in adults who have no symptoms is advised against (strong against).",
        "Both are strong recommendations.",
        "Before ultrasound, think about who should not have surgery.",
        "The evidence is not sufficient to recommend ursodiol for biliary colic.",
        "Calcified stones are a contraindication to ursodiol.",
        "To take ursodiol, a client has to be able to swallow capsules.",
        "No more than 40 mg of ketorolac should be taken a day.",
        "Ketorolac must not exceed 40 mg a day.",
        "Clinicians are to refrain from stopping ceftriaxone abruptly, unless safety requires it at once.",
        "The methodology team left out evidence reviews on lithotripsy.",
        "Ibuprofen is not taken with ketorolac.",
        "In pregnancy, the risks of surgery are outweighed by its benefits.",
        "Before surgery for acute cholecystitis, an adult may have symptoms.",
        "Smoking status makes no difference to ketorolac.",
        "**How to take your ketorolac.**",
        "She has no calcified stones.",
        "Ketorolac is not for her if it would increase blood pressure in hypertension.",
        "No increase of blood pressure is to be seen in hypertension without ketorolac.",
        "Ketorolac is contraindicated where blood pressure would increase in clients with hypertension.",
        "Ursodiol is recommended against for biliary colic.",
        "While stones are calcified, ursodiol should not be taken.",
    ],
)
def test_the_same_in_other_words_is_kept(text: str) -> None:
    assert why(text) == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Routine ultrasound of the gallbladder is recommended in adults without symptoms.", "against to for"),
        ("Ursodiol is recommended for biliary colic.", "neutral to for"),
        ("Ursodiol is safe in clients with calcified stones.", "against to for"),
        ("Calcified stones are not a contraindication to ursodiol.", "contraindication denied"),
        ("Ursodiol is contraindicated in clients who are able to swallow capsules.", "negation dropped"),
        ("Ketorolac does not increase blood pressure in clients with hypertension.", "negation added"),
        ("Evidence reviews on lithotripsy were performed by the methodology team.", "negation dropped"),
        ("Ibuprofen helps, but ketorolac does not increase blood pressure in hypertension.", "negation added"),
        ("Ketorolac lowers blood pressure in clients with hypertension.", "raise to lower"),
        ("Ursodiol is taken 30 minutes after meals.", "order reversed"),
        ("Risks outweigh benefits of surgery in pregnancy.", "risk exceeds help"),
        ("Ketorolac may be given only if smoking has been stopped.", "what does not matter made a condition"),
    ],
)
def test_a_sense_turned_round_is_told_by_what_turned_it(text: str, reason: str) -> None:
    (found,) = why(text)
    assert found.startswith(reason)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("Do not start warfarin until bleeding is ruled out.", "Warfarin is started once bleeding is ruled out."),
        ("Consent is given before the client is listed.", "The client is not listed until consent is given."),
        ("Do not share razors, because hepatitis may spread.", "Sharing razors may spread hepatitis."),
        ("She reports no other nicotine use.", "She is a client with nicotine use."),
        (
            "Use is barred if the cream is dry or cracked: do not use it.",
            "Use it only if it is neither dry nor cracked.",
        ),
        ("Infants under 6 months should not receive the drops.", "Infants receive the drops from 6 months."),
        ("Drivers must not drive for 24 hours after sedation.", "Drivers may drive again 24 hours after sedation."),
        ("Drops are contraindicated in untreated iritis.", "Drops may be given in iritis that is treated."),
        (
            "Do not touch the eyes while numb.",
            "Eyes should not be touched while they are numb, as they can be injured.",
        ),
        ("The panel suggests against routine opioids for sciatica.", "The suggestion on opioids for sciatica is weak."),
        ("Stop lithium if tremor worsens.", "If tremor does not worsen, lithium may be continued."),
        ("Stop lithium if tremor worsens.", "Lithium is continued unless tremor worsens."),
        ("The lesion is unlikely to bleed.", "In the old, the lesion is more likely to bleed."),
        ("Imaging is advised after six weeks.", "Imaging is not advised before six weeks."),
        ("Postponing dental care is not advised.", "Postponing dental care is wrong."),
    ],
)
def test_a_negation_put_in_another_way_is_kept(source: str, text: str) -> None:
    assert why(text, f"Hands are washed at every visit. {source} Parking is free.") == []


def test_yes_to_whether_there_is_a_case_is_kept() -> None:
    source = "There is no evidence that zinc improves colds. Zinc may help travelers."
    assert why("Yes.", source, "Is there any case in which zinc improves colds?") == []


def test_yes_to_what_the_extract_advises_against_is_rejected_and_no_is_kept() -> None:
    (reason,) = why("Yes.", question=QUESTION)
    assert reason.startswith("yes to what the extract denies")
    assert why("No.", question=QUESTION) == []


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (
            "Aspirin was superior to placebo for headache relief.",
            "Placebo was inferior to aspirin for headache relief.",
        ),
        ("Statins reduce how quickly plaques grow in vessels.", "Statins slow how plaques grow in vessels."),
        (
            "Caffeine may increase the risk of tremor, so watch for depressed mood.",
            "On caffeine, watch for a low mood.",
        ),
        (
            "Sodium: 136 mEq/L is usual. Too little sodium results from increased thirst, usual in summer.",
            "| Sodium | 136 mEq/L | Usual | Decreased |",
        ),
        (
            "Early surgery lowers costs of care. Early surgery raises costs of care in the old.",
            "In the old, early surgery raises costs.",
        ),
    ],
)
def test_an_opposite_that_goes_with_other_words_is_kept(source: str, text: str) -> None:
    assert why(text, source) == []


def test_the_same_swap_beside_the_same_word_is_rejected() -> None:
    source = "Statins increase liver enzymes, bilirubin, and urate. Reversible changes of the nails are seen."
    assert why("Statins decrease liver enzymes, bilirubin, and urate.", source) == ["raise to lower"]
    assert why("Irreversible changes of the nails are seen.", source) == ["revers to irrevers"]


def test_what_the_heading_or_the_question_denies_the_answer_need_not_deny() -> None:
    source = "Ketorolac is not recommended for children with asthma or kidney failure."
    assert why("Not recommended:\n\n- Ketorolac is for children with asthma or kidney failure.", source) == []
    assert why("Children with kidney failure.", source, "For whom is ketorolac ruled out?") == []
    assert why("Ketorolac is recommended for children with asthma or kidney failure.", source) == ["against to for"]


def test_a_negation_that_another_sentence_has_is_not_added() -> None:
    source = "Ketorolac relieves pain of gallstones. In renal colic, ketorolac does not relieve pain of gallstones."
    assert why("Ketorolac does not relieve pain of gallstones.", source) == []


def test_what_is_needed_and_what_need_not_be_done_are_opposites() -> None:
    source = "The panel advises close monitoring of serum potassium."
    (found,) = why("Clients do not need close monitoring of serum potassium.", source)
    assert found.startswith("negation added")


def test_an_indication_made_of_a_contraindication_is_told_in_its_clause() -> None:
    source = "Methotrexate is contraindicated in lactation. Long courses of leflunomide have been linked to neuropathy."
    linked = "and long courses of leflunomide have been linked to neuropathy."
    assert why(f"Methotrexate is indicated in lactation, {linked}", source) == ["contraindicated to indicated"]
    assert why(f"Methotrexate is not indicated in lactation, {linked}", source) == []


def test_a_line_of_a_table_is_read_as_a_sentence() -> None:
    source = "Drug Interactions Warfarin Digoxin\nFood Interactions No significant interactions\nUses Pain\n"
    (found,) = why("Ketorolac has significant food interactions.", source)
    assert found.startswith("negation dropped")
    assert why("Ketorolac has no significant food interactions.", source) == []


def test_an_answer_that_goes_on_is_compared_with_the_sentence_that_bears_it() -> None:
    asked = "Is there anything for adults, apart from routine ultrasound of the gallbladder, in acute cholecystitis?"
    assert why("Yes, laparoscopic surgery within 72 hours is suggested in acute cholecystitis.", question=asked) == []


def test_a_table_whose_cells_ran_together_denies_nothing_for_certain() -> None:
    cells = "Uses Biliary colic Food interactions None Contraindications Calcified stones Pregnancy"
    source = f"{cells}\nAdverse effects Diarrhea Nausea not common\n"
    assert why("Ursodiol is indicated for biliary colic and gives nausea.", source) == []


def test_two_negations_side_by_side_take_each_other_back() -> None:
    (clause,) = clauses("insulin should not be withheld in ketosis")
    assert not clause.segments[0].denied


def test_each_part_that_denies_for_itself_is_a_segment_of_its_own() -> None:
    (clause,) = clauses("physiotherapy is not a remedy and will not repair torn ligaments")
    assert [segment.denied for segment in clause.segments] == [True, True]
    assert stem("repair") in clause.segments[1].heads


def test_a_condition_ends_what_a_negation_reaches() -> None:
    (clause,) = clauses("the drug is not used if the client is unable to stand")
    main, condition = clause.segments
    assert condition.kind == "if"
    assert stem("stand") in condition.near - main.near


def test_for_or_against_in_brackets_is_no_stance_between() -> None:
    assert "neutral" not in stances("weak (for or against) recommendations may be called conditional")
    assert stances("no recommendation for or against imaging") == {"neutral"}


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("Severe ileus may involve unresponsiveness.", "Severe ileus may involve loss of responsiveness."),
        ("Unrecognized biliary sepsis may be fatal.", "Failure to recognize biliary sepsis may be fatal."),
        ("It is unlikely to last four weeks.", "Relief is not likely to last four weeks or longer."),
        ("There is no stent that does not carry an inherent risk.", "Each stent carries an inherent risk."),
        ("Once the ducts are clear, clients should drive.", "Do not: drive until the ducts are clear."),
        (
            "Continuous stenting should last at most 21 days.",
            "Continuous stenting for periods exceeding 21 days should be avoided because of stones.",
        ),
        ("The ducts were kept in culture for fourteen days.", "The ducts were kept in culture for two weeks."),
    ],
)
def test_what_a_prefix_says_in_other_words_is_no_negation(text: str, source: str) -> None:
    assert not why(text, source)
