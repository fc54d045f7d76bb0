"""Words as the alignment sees them: stems, and one name for common synonyms."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

MAX_WORD = 40
"""Characters of a word that count; longer ones are not words."""

WORD = re.compile(r"[^\W_]++")
_EMPHASIS = re.compile(r"(?<![^\W_])[*_]++|[*_]++(?![^\W_])")
_GLUED = re.compile(r"(?<=\w)\*\*(?=\w)")


def table(words: str) -> frozenset[str]:
    """The words of a table, which stand between white space."""
    return frozenset(words.split())


_ACRONYMS = re.compile(r"[^aeiouy]{1,4}is|aceis|maois")
"""Acronyms in the plural whose ending looks like a noun's own: PPIs, SSRIs."""

_INFLECTIONS = ("edly", "ing", "ed", "ly", "e")
_SUFFIXES = tuple(
    sorted(
        table("""
            ization isation ation ition ment ness enc anc ancy ency ally ity iv ous al ic abl ibl er or ion y axis actic
            iz is ical at ia ur
        """),
        key=lambda suffix: (-len(suffix), suffix),
    )
)

FUNCTION = table(
    """
    a about above against cannot after again all also although among an and another any are as at be because
    been before being below between both but by can could did do does doing done during each either else
    especially even ever every few for from further had has have having he her here hers him his how however i
    if in instead into is it its itself just least less like made make makes may me might more most much must my
    need needs neither never no nor not now of off often on once one only onto or other others otherwise our out
    over own per rather same shall she should since so some still such than that the their theirs them
    themselves then there therefore these they this those though through thus to too toward towards two under
    unless until up upon us use used uses using very via was we well were what when where whereas whether which
    while who whom whose why will with within without would yet you your yours e g ie eg etc
    """
)
"""English function words and auxiliaries (closed classes)."""

_GROUPS = """
    administer give offer receive provide take deliver ingest
    start initiate begin initiation
    stop discontinue cease discontinuation
    keep maintain continue remain stay
    withhold withheld
    require need needed necessary necessity requirement
    doctor physician clinician provider practitioner prescriber
    patient client person people individual subject those veteran someone anyone
    woman female
    man male
    child pediatric paediatric boy girl
    drug medication medicine pharmacologic pharmacological pharmacotherapy pharmaceutical
    oral orally mouth tablet
    intravenous intravenously iv vein
    intramuscular intramuscularly im
    kidney renal nephro
    liver hepatic
    heart cardiac
    stomach gastric
    lung pulmonary
    skin dermal transdermal
    prior before previous previously beforehand ahead
    following after afterward afterwards later
    big large great substantial
    small minimal little slight limited
    raise increase rise higher elevate greater growth
    lower decrease reduce reduction decline fall lessen drop cut
    illness disease disorder condition
    test testing measurement measure measured
    treat treatment therapy therapeutic
    check verify confirm ensure assure make-sure
    goal aim target objective
    advise recommend suggest encourage propose advice recommendation
    combine combination conjunction together
    favor favour prefer favorable favourable
    help benefit useful beneficial gain improve improvement
    show demonstrate indicate reveal shown
    belly abdomen abdominal
    buttock gluteal
    daily day
    weekly week
    monthly month
    yearly annual annually year
    old older elderly age aged
    young younger
    baby infant
    tumour tumor neoplasm
    blood haemo hemo
    maximum limit exceed cap most
    adult grown-up
    surgery surgical operation operative postoperative
    bodyweight weight
    edema oedema swelling swell
    somnolence drowsiness drowsy sleepiness sleepy
    hypertension pressure
    nausea queasy
    vomiting emesis throw-up
    pruritus itching itchy itch
    dyspnea breathlessness
    myalgia muscle
    pyrexia fever febrile
    hemorrhage bleeding bleed
    thrombus clot clotting thrombosis
    fatigue tiredness tired
    fracture broken
    syncope fainting faint
    tinnitus ringing
    arrhythmia heartbeat palpitation
    anorexia appetite
    diarrhea diarrhoea
    anxiety anxious
    dizziness vertigo dizzy
    hypersensitivity allergy allergic
    rectal rectally
    subcutaneous subcutaneously injection inject
    contraception contraceptive birth-control
    electrolyte salt
    opioid opiate
    malnutrition malnourished
    pneumonia pneumonic
    neonate newborn neonatal
    migraine attack
    psychotherapy counseling
    physiotherapy physical
    ocular eye ophthalmic intraocular
    nasal nose intranasal
    buccal cheek
    sublingual tongue
    bone osseous skeletal
    brain cerebral
    bladder urinary
    bowel intestine intestinal gastrointestinal
    vaccine vaccination vaccinate immunization immunisation
    injury trauma
    glucose sugar
    insufficient inadequate lack not-enough
"""
_SPECIAL: Mapping[str, str] = {
    "women": "woman", "men": "man", "children": "child", "people": "person", "feet": "foot", "teeth": "tooth",
    "taken": "take", "took": "take", "given": "give", "gave": "give", "begun": "begin", "began": "begin",
    "shown": "show", "diagnoses": "diagnosis", "worse": "bad", "worst": "bad", "better": "good", "best": "good",
    "kept": "keep", "held": "hold", "led": "lead", "found": "find", "seen": "see", "felt": "feel",
}  # fmt: skip


def folded(text: str) -> str:
    """The text in lower case, without marks of emphasis, with single spaces."""
    if "*" in text or "_" in text:
        text = _EMPHASIS.sub("", _GLUED.sub(" ", text))
    return " ".join(text.lower().split())


@lru_cache(maxsize=1 << 12)
def tokens_of(low: str) -> tuple[str, ...]:
    """The words of a lower-case text in order, function words too."""
    return tuple(WORD.findall(low))


@lru_cache(maxsize=1 << 12)
def words_of(low: str) -> frozenset[str]:
    """The words of a lower-case text, function words too."""
    return frozenset(tokens_of(low))


def stems_of(words: Iterable[str]) -> frozenset[str]:
    """The stems of the content words among some words."""
    return frozenset(filter(None, map(content, words)))


def stems_in(text: str) -> frozenset[str]:
    """The stems of the content words of a text."""
    return stems_of(WORD.findall(text))


@lru_cache(maxsize=1 << 16)
def content(word: str) -> str:
    """The stem of a content word; empty for a function word."""
    return "" if word.lower() in FUNCTION else stem(word)


@lru_cache(maxsize=1 << 16)
def stem(word: str) -> str:
    """The word without its common English endings, in lower case; the same for all words of a group of synonyms."""
    low = word.lower()
    low = _SPECIAL.get(low, low)
    found = strip(low)
    return _SYNONYM.get(low) or _SYNONYM.get(found, found)


def strip(low: str) -> str:
    """A lower-case word without its common English endings."""
    if len(low) > MAX_WORD or not low.isalpha():
        return low[:MAX_WORD]
    if low.endswith(("ies", "ied")) and len(low) > 4:
        low = low[:-3] + "y"
    if low.endswith("s") and len(low) > 3 and (not low.endswith(("ss", "us", "is")) or _ACRONYMS.fullmatch(low)):
        low = low[:-2] if low.endswith(("sses", "shes", "ches", "xes")) else low[:-1]
    for endings, least in ((_INFLECTIONS, 3), (_SUFFIXES, 4), (_SUFFIXES, 4)):
        for ending in endings:
            if low.endswith(ending) and len(low) - len(ending) >= least:
                low = low[: -len(ending)]
                break
    return low[:-1] if len(low) > 2 and low[-1] == low[-2] else low


_SYNONYM: Mapping[str, str] = {
    key: line.split()[0]
    for line in _GROUPS.strip().splitlines()
    for word in line.split()
    for key in (word, strip(word))
}
