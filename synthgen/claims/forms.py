"""Words that the extract has in another form: joined or parted, with another ending, abbreviated, or misspelt."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from synthgen.claims.alignment import Claim
from synthgen.claims.kinds import Member, kinds_of, members
from synthgen.claims.source import Source
from synthgen.claims.statements import Word
from synthgen.claims.technical import is_technical
from synthgen.claims.words import FUNCTION, WORD

ROOT, TECHNICAL_ROOT = 5, 7
"""Letters that a word must share with one of the extract to be a form of it; a technical one shares its ending."""

ENDING = 3
"""Letters at the end of a word in which its forms may differ."""

MISSPELT = 8
"""Letters from which words that differ in one letter are the same word."""

AROUND, REACH = 5, 80
"""Words on either side of a word that may be shortened along with it, and the characters that hold them."""

MORE = 2
"""Letters behind the first one that an abbreviation of several words may take of each."""

MAX_SHORT = 7
"""Letters of an abbreviation."""

_BEFORE = re.compile(
    r"(?:anti|non|re|un|over|under|mid|co|multi|self|sub|super|inter|trans|semi|counter|fore|cross|bio|cardio|vaso"
    r"|neuro|gastro|cerebro|musculo|electro|immuno|psycho|thrombo|post|pre|peri)(?=[a-z]{5})"
)
_CAPITALS = re.compile(r"[A-Za-z]*[A-Z][A-Za-z]*")
_BRACKETED = re.compile(r" \(([A-Za-z]{2,7}?)s?\)")
_BRITISH = re.compile(r"ae|oe|our\b|is(?=e|ing|ation)")
_AMERICAN = {"ae": "e", "oe": "e", "our": "or", "is": "iz"}

# Standard abbreviations of clinical notes, and what they stand for in full; bars part ways of saying it.
_SHORT = """
    acei: angiotensin converting enzyme inhibitor; aki: acute kidney injury; arb: angiotensin receptor blocker; bmi:
    body mass index; bp: blood pressure; bun: blood urea nitrogen; ca: calcium; cbc: complete blood count; cbt:
    cognitive behavioral therapy; ckd: chronic kidney disease; cns: central nervous system; copd: chronic
    obstructive pulmonary disease; csf: cerebrospinal fluid; ct: computed tomography; cv: cardiovascular; cvd:
    cardiovascular disease; dvt: deep vein thrombosis; ecg: electrocardiogram; ed: emergency department; eeg:
    electroencephalogram; ekg: electrocardiogram; emg: electromyography; gerd: gastroesophageal reflux disease; gfr:
    glomerular filtration rate; gi: gastrointestinal | digestive | bowel; gu: genitourinary | urinary; hcp: health
    care provider; hf: heart failure; hr: heart rate; im: intramuscular | intramuscularly; inr: international
    normalized ratio; iop: intraocular pressure | eye pressure; iv: intravenous | intravenously; ldl: low density
    lipoprotein; lft: liver function tests; maoi: monoamine oxidase inhibitor; mi: myocardial infarction; mri:
    magnetic resonance imaging; nsaid: nonsteroidal inflammatory; nsaids: nonsteroidal inflammatory; oa:
    osteoarthritis; otc: counter | nonprescription; pe: pulmonary embolism; pressure: systolic | diastolic; po:
    mouth | oral | orally; ppi: proton pump inhibitor; prn: needed; ptsd: posttraumatic stress disorder; ra:
    rheumatoid arthritis; rbc: red blood cell; rct: randomized controlled trial; sc: subcutaneous | subcutaneously;
    snri: serotonin norepinephrine reuptake inhibitor; ssri: selective serotonin reuptake inhibitor; sti: sexually
    transmitted infection; tb: tuberculosis; tca: tricyclic antidepressant; tbi: traumatic brain injury; tsh:
    thyroid stimulating hormone; uti: urinary tract infection; vte: venous thromboembolism; wbc: white blood cell
"""
_LONG: Mapping[str, tuple[frozenset[str], ...]] = {
    short.strip(): tuple([frozenset(one.split()) for one in long.split("|")])
    for short, _, long in (entry.partition(":") for entry in _SHORT.split(";"))
}
_WITHIN: dict[str, set[str]] = {}
for _name, _ways in _LONG.items():
    for _word in frozenset[str]().union(*_ways):
        _WITHIN.setdefault(_word, set()).add(_name)


@lru_cache(maxsize=1 << 13)
def strange(claim: Claim) -> tuple[Word, ...]:
    """The words of a statement that the extract has in no form."""
    found = [word for word in claim.novel if not has_form(claim.source, word.text.lower())]
    return tuple([word for word in found if not _spelt_out(claim.text, word, claim.source)])


def _spelt_out(text: str, word: Word, source: Source) -> bool:
    """Whether a word is part of what an abbreviation of the extract stands for: of the run of words around it, of
    itself, or, as in the names of organisms, of the initial before the next word."""
    start, end = word.start, word.start + len(word.text)
    before = WORD.findall(text[max(0, start - REACH) : start].lower())[-AROUND:]
    after = WORD.findall(text[end : end + REACH].lower())[:AROUND]
    low = word.text.lower()
    if after and f" {low[0]} {after[0]} " in source.running:
        return True
    if (
        (behind := _BRACKETED.match(text, end))
        and behind[1].upper() in source.acronyms
        and low[0] == behind[1][0].lower()
    ):
        return True
    row = (*before, low, *after)
    # A word with content gives its first letter.
    return any(_stands_for(short, row, len(before)) for short in _shortened(source) if low[0] in short.lower())


def _stands_for(short: str, row: tuple[str, ...], at: int) -> bool:
    """Whether an abbreviation may stand for the word `at` of a row, if it has the capitals of one, or for a run of
    words around it."""
    letters = short.lower()
    if (
        short[0].isupper()
        and not short[1:].isupper()
        and len(short) > 2
        and _takes(letters, row[at : at + 1], len(short))
    ):
        return True
    least = max(2, len(short) // 2)
    for first in range(at + 1):
        if row[first][0] == letters[0] or row[first] in FUNCTION:
            for end in range(max(at + 1, first + least), len(row) + 1):
                if _takes(letters, row[first:end], MORE):
                    return True
    return False


@lru_cache(maxsize=64)
def _shortened(source: Source) -> tuple[str, ...]:
    """The abbreviations of an extract, without the ending of a plural."""
    found = [match[0].removesuffix("s") for word in source.capitalised if (match := _CAPITALS.fullmatch(word))]
    return tuple(
        [short for short in dict.fromkeys(found) if 2 <= len(short) <= MAX_SHORT and short.upper() != short.lower()]
    )


def _takes(short: str, run: tuple[str, ...], more: int) -> bool:
    """Whether an abbreviation takes its letters from a run of words in order: the first letter of each, and up to some
    more of it; words without content may give none."""
    if not run or not short:
        return not run and not short
    word, rest = run[0], run[1:]
    if word in FUNCTION and rest and _takes(short, rest, more):
        return True
    if word[0] != short[0]:
        return False
    at = 0
    for taken in range(1, more + 2):
        if _takes(short[taken:], rest, more):
            return True
        at = word.find(short[taken], at + 1) if taken < len(short) else -1
        if at < 0:
            return False
    return False


@lru_cache(maxsize=1 << 14)
def has_form(source: Source, low: str) -> bool:
    """Whether an extract has a lower-case word in some form, under a synonym, as an abbreviation, or misspelt."""
    if _synonym(low, source):
        return True
    if len(low) < ROOT and low.isalpha() and low not in _LONG:
        return False
    words = _words(source)
    rest = _BEFORE.sub("", low, count=1)
    return (
        low in _joined(source)
        or _rooted(low, source)
        or (rest != low and _rooted(rest, source))
        or not words.isdisjoint(_WITHIN.get(low, ()))
        or any(way <= words for way in _LONG.get(low, ()))
        or _misspelt(low, source)
    )


@lru_cache(maxsize=64)
def _words(source: Source) -> frozenset[str]:
    return frozenset(source.words)


@lru_cache(maxsize=64)
def _joined(source: Source) -> str:
    return source.running.replace(" ", "")


@lru_cache(maxsize=64)
def _spelt(source: Source) -> str:
    return american(source.running)


def american(low: str) -> str:
    """Lower-case text in American spelling, or something like it that British spelling gives too."""
    return _BRITISH.sub(lambda match: _AMERICAN[match[0]], low)


def _rooted(low: str, source: Source) -> bool:
    spelt = american(low)
    least = TECHNICAL_ROOT if is_technical(low) or kinds_of(low) else ROOT
    return len(spelt) >= least and spelt[: max(least, len(spelt) - ENDING)] in _spelt(source)


def _synonym(low: str, source: Source) -> bool:
    mine = kinds_of(low)
    return bool(mine) and not frozenset(mine).isdisjoint(_things(source))


@lru_cache(maxsize=64)
def _things(source: Source) -> frozenset[Member]:
    return members(source.running)


def _misspelt(low: str, source: Source) -> bool:
    if len(low) < MISSPELT:
        return False
    single = low.removesuffix("s")
    return any(
        abs(len(other) - len(low)) < 3 and _one_letter(single, other.removesuffix("s"))
        for other in _beginning(source).get(low[:2], ())
    )


@lru_cache(maxsize=64)
def _beginning(source: Source) -> Mapping[str, Sequence[str]]:
    """The long words of an extract, by the two letters that they begin with."""
    found: dict[str, list[str]] = {}
    for word in _words(source):
        if len(word) >= MISSPELT - 1:
            found.setdefault(word[:2], []).append(word)
    return found


def _one_letter(one: str, other: str) -> bool:
    """Whether two words differ in one letter only, without naming different things."""
    first = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    rest, others = one[first:], other[first:]
    same = rest[1:] == others[1:] or rest[1:] == others or rest == others[1:]
    return same and not (kinds_of(one) and kinds_of(other) and kinds_of(one) != kinds_of(other))
