"""Words as stems: the form that inflections and plain synonyms share."""

from __future__ import annotations

import re

from synthgen.quantities.memo import Memo
from synthgen.quantities.words import listed

_SUFFIX = re.compile(
    r"(?:ations?|ements?|ments?|ities|ity|ally|ing|edly|ed|ies|es|ers?|ors?|als?|ics?|ives?|ly|e|s|y)\Z"
)
LONGEST = 9
"""Letters of a stem: endings behind them differ without a difference in meaning."""

_GROUPS = """
    maximum max maximal maximally limit limited limits exceed exceeds exceeding exceeded ceiling cap capped top
        highest upper most
    minimum min minimal lowest
    initial initially start starts started starting initiate initiated initiates initiating initiation begin
        begins beginning begun first
    increase increases increased increasing raise raises raised raising titrate titrated titration increment
        increments escalate escalated escalation rise rises rising rose up
    decrease decreases decreased decreasing reduce reduces reduced reducing reduction lower lowers lowered taper
        tapered decrement
    child children pediatric paediatric pediatrics childhood kid kids boys girls
    infant infants baby babies newborn newborns neonate neonates neonatal
    adult adults grownup
    adolescent adolescents teenager teenagers teen teens
    woman women female females her she
    man men male males him
    older elderly geriatric aged
    oral orally mouth po
    intravenous intravenously iv vein
    intramuscular intramuscularly im
    subcutaneous subcutaneously subcut sc sq skin
    rectal rectally pr
    kidney kidneys renal
    liver hepatic
    heart cardiac cardiovascular
    blood serum plasma
    drug drugs medication medications medicine medicines
    tablet tablets pill pills tab tabs
    capsule capsules
    injection injections inject injected shot shots
    weigh weighs weighing weight
    bedtime night nightly
    pregnant pregnancy
    test tests testing tested
    treat treats treated treating treatment treatments therapy therapies
    prevent prevents prevention prophylaxis prophylactic preventing
    stop stops stopped discontinue discontinued discontinuing discontinuation cease
    meal meals food eating breakfast
    alcohol alcoholic drink drinks drinking
    systolic sbp
    diastolic dbp
    creatinine crcl
"""
"""Synonyms of clinical English, one group a paragraph: a line that is indented further goes on with the group."""

_STOP = frozenset(
    listed("""
    a about above administer administered after all also amount an and answer any applied apply are as at be
    because been before being below between both but by can client clients consider considered could daily day
    days did dl do does dosage dosages dose doses dosing down during e.g each either etc every explanation for
    from g give given gives giving had has have having he hg his hour hours how hr hrs i i.e if in include
    includes including individual individuals into is it its iu kg l least less level levels long many may mcg meq
    mg might min minute minutes ml mm mmol month months more much must need needs no nor not of often on once one
    only or other our out over patient patients people per percent person persons question receive received
    recommend recommended same shall she should so some such suggested suggests take taken takes taking than that
    the their them then there these they this those time times to twice under unit units until up use used uses
    using value values was we week weeks were what when which while who whom whose will with within would you your
    """)
)
"""Words that tie a quantity to nothing."""


def _synonyms() -> dict[str, str]:
    """The first word of its group by every word of it."""
    groups = [group.split() for group in re.split(r"\n    (?! )", _GROUPS) if group.strip()]
    return {word: group[0] for group in groups for word in group}


_SYNONYMS = _synonyms()


def _stem(word: str) -> str:
    if word in _SYNONYMS:
        return _SYNONYMS[word]
    if word in _STOP or not word[0].isalpha():
        return ""
    cut = _SUFFIX.sub("", word) if 4 < len(word) < 40 else word
    return (cut if len(cut) >= 3 else word)[:LONGEST]


STEMS = Memo(_stem)
"""The stem of each lower-case word; empty for words that tie a quantity to nothing."""


def stem(word: str) -> str:
    """The stem of one word, as in STEMS."""
    return STEMS[word]
