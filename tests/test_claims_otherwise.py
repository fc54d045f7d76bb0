"""A word that a statement denies or urges otherwise than the extract does between the same neighbours."""

from __future__ import annotations

import pytest

from synthgen.claims.alignment import Claim, claims_of
from synthgen.claims.governed import denied, urged
from synthgen.claims.otherwise import denied_otherwise, urged_otherwise
from synthgen.claims.words import stem
from synthgen.data import Extract, Record
from synthgen.filters.strength import Strength
from synthgen.recipe import FilterSettings

SOURCE = """\
## Care of the fistula

Thrombosis of the fistula is common. Heparin alone usually does not dissolve an old fistula clot completely.
The fistula arm should not be used for blood pressure cuffs because this can close the vessel.
Pulsation of the fistula confirms normal flow.
Dressings with iodine are not recommended for clients with thyroid nodules or a history of goitre.
No reliable association between access pressure and early stenosis has been reported.
In clients who did not tolerate local gel, spray may be applied before needling.
The nurse must palpate the fistula thrill at each dialysis visit.
Clients may elevate the operated arm on a pillow for comfort.
The panel suggests that clients with hand ischemia should see a vascular surgeon.

Clients with a fistula should not:

- Wear tight sleeves over the access site.
"""


def claim(text: str, source: str = SOURCE) -> Claim:
    extract = Extract("d", 0, len(source), source, 200, "Fistulas")
    record = Record("r", "d", "t", 1, "text", "t", 0, text, "stop", {"text": text}, None, text)
    return claims_of(record, extract).claims[0]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Heparin alone usually dissolves an old fistula clot completely.", "negation dropped: dissolv"),
        ("The fistula arm can be used for blood pressure cuffs.", "negation dropped: use"),
        ("Dressings with iodine are recommended for goitre or thyroid nodules.", "negation dropped: advise"),
        ("Studies report a reliable association between access pressure and early stenosis.", "negation dropped: reli"),
        ("Pulsation of the fistula does not confirm normal flow.", "negation added: check"),
    ],
)
def test_a_negation_that_came_or_went_between_the_same_words(text: str, why: str) -> None:
    assert denied_otherwise(claim(text)) == why


@pytest.mark.parametrize(
    "text",
    [
        "Heparin alone rarely dissolves an old fistula clot completely.",
        "Heparin alone usually fails to dissolve an old fistula clot completely.",
        "Using the fistula arm for blood pressure cuffs can close the vessel.",
        "Dressings with iodine are recommended for clients without thyroid nodules or a history of goitre.",
        "Clients with a fistula should not wear tight sleeves over the access site.",
        "Spray helps clients tolerate local needling.",
        "The arm is used for the fistula.",
        "Flow is confirmed by pulsation.",
    ],
)
def test_what_may_make_up_for_a_negation_and_what_stands_elsewhere_is_kept(text: str) -> None:
    assert not denied_otherwise(claim(text))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("The nurse may palpate the fistula thrill at each visit.", "must to may"),
        ("Clients must elevate the operated arm on a pillow.", "may to must"),
        ("Clients should elevate the operated arm on a pillow.", "may to should"),
        ("The nurse should palpate the fistula thrill at each visit.", ""),
        ("Clients with hand ischemia may see a vascular surgeon.", ""),
        ("The nurse may palpate the pulse.", ""),
    ],
)
def test_a_duty_and_an_option_about_the_same_deed_of_the_same_thing(text: str, why: str) -> None:
    assert urged_otherwise(claim(text)).partition(":")[0] == why


def test_what_another_sentence_says_as_the_statement_does_is_kept() -> None:
    source = f"{SOURCE}\nUrokinase alone usually dissolves an old fistula clot completely.\n"
    assert not denied_otherwise(claim("Heparin alone usually dissolves an old fistula clot completely.", source))


@pytest.mark.parametrize(
    ("low", "word", "sense"),
    [
        ("it does not fully control pain", "control", True),
        ("no clear link between a and b was found", "link", True),
        ("they are not able to swallow", "swallow", True),
        ("it controls pain, but it does not cure", "control", False),
        ("it controls pain and never cures", "control", None),
        ("it serves to control pain", "control", None),
        ("controlling pain takes time", "control", None),
        ("pain needs to be controlled, which is not easy", "control", None),
        ("unless it controls pain", "control", None),
    ],
)
def test_whether_a_word_is_denied(low: str, word: str, sense: bool | None) -> None:
    assert {one.stem: one.denied for one in denied(low)}[stem(word)] is sense


def test_what_a_modal_verb_urges() -> None:
    found = urged("nurses should always wash hands, must not hurry, and a scarf has to be worn")
    assert [(one.stem, one.force, one.denied) for one in found] == [
        (stem("wash"), 2, False),
        (stem("hurry"), 3, True),
        (stem("worn"), 3, False),
    ]


GRADED = """\
1. The panel recommends regular teaching to enhance knowledge and satisfaction of all patients. (**Strong For**)

2. If symptoms persist after all other causes are excluded, the panel suggests referral to a podiatrist. (**Weak For**)

Most podiatry reports are read by the reviewers. Records should always be kept.
"""


@pytest.mark.parametrize(
    ("text", "change"),
    [
        ("Regular teaching is recommended to enhance knowledge and satisfaction of all patients (weak for).", True),
        ("Regular teaching is recommended to enhance knowledge and satisfaction of all patients (strong for).", False),
        (
            "If all other causes are excluded, referral to a podiatrist is suggested (strong for).",
            True,
        ),
        ("Strong for: the panel recommends it to enhance knowledge and satisfaction.", False),
        ("All podiatry reports are read by the reviewers.", True),
        ("Some podiatry reports are read by the reviewers.", False),
        ("Records should never be thrown away.", False),
    ],
)
def test_a_strength_that_changed_in_a_statement_of_general_english(text: str, change: bool) -> None:
    extract = Extract("g", 0, len(GRADED), GRADED, 200, "Teaching")
    record = Record("r", "g", "t", 1, "text", "t", 0, text, "stop", {"text": text}, None, text)
    assert Strength(FilterSettings()).check(record, extract).keep != change
