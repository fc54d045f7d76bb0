"""Drugs, tests, organisms and names that the extract does not have, or has somewhere else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import chain

from synthgen.claims.alignment import Claim, claims_of, substitutions
from synthgen.claims.findings import finding, verdict
from synthgen.claims.general import is_general
from synthgen.claims.intruders import intruders
from synthgen.claims.owners import misgiven
from synthgen.claims.pairing import crossed
from synthgen.claims.source import Source, Unit
from synthgen.claims.statements import Role
from synthgen.claims.technical import is_drug
from synthgen.claims.words import MAX_WORD, WORD, stem
from synthgen.data import Extract, Record, Verdict
from synthgen.filters.base import Filter
from synthgen.filters.grounding import names_class, own_words
from synthgen.quantities.source import quantities_in

_CODE = re.compile(
    r"(?<![\w-])(?=[\w-]*[A-Z])(?:[A-Za-z]{1,5}-?\d{1,2}[A-Z]?\d?"
    r"|[A-Za-z]*[A-Z]{2,}[A-Za-z]?(?:-(?:[A-Z0-9]{1,3}))?|[A-Z][a-z]?[A-Z]{1,3}[a-z]?"
    r"|[Aa]po [AB](?:-I+)?)(?![\w-])"
)
_ORGANISM = re.compile(r"\b[A-Z](?:[a-z]{3,20}|\.) [a-z]{4,20}(?:i|ae|is|us|um|a|es|ens|ans|ii)\b")


_LABEL = re.compile(
    r"\[(?=[^\]]*[A-Z+⊕])(?:[A-Z]{1,3}|[A-D]?[1-5][A-Ca-c]?)?[ ,/]{0,2}[+⊕○]{0,4}\]|\((?:EO|GPP|[A-D])\)"
)
"""A grade of evidence or strength in brackets."""
_FORM = re.compile(r"(?:ing|ed|ly|able|ible|ive|i[sz]e|ful|ness|ment|less|ous|er|est)s?\Z")
"""Endings of words that more often word a thing differently than name another one."""
_LISTED = re.compile(r"([^\W_]+)(?:,|,? (?:and|or|plus)) \Z")
_INSIDE = re.compile(r"[\w,;(] ?\Z")
"""What stands before a word inside a sentence, where a capital letter marks a name."""


class Entities(Filter):
    """Rejects `entity_not_in_source`: a drug, a name or a code that the extract, its title and its headings do not
    have, a word in the place of another one between the same neighbours, a drug or a code of the extract where its
    sentence has another one, and a dose that the extract gives to other drugs only. A question's vignette and
    options may name what they like."""

    name = "entities"
    codes = {"entity_not_in_source": "it names a drug, test or organism that the extract does not, or swaps one"}
    order = 60

    def check(self, record: Record, extract: Extract) -> Verdict:
        claims = claims_of(record, extract)
        own = own_words(claims) if record.kind in ("mcq", "qa") else frozenset[str]()
        without: tuple[Role, ...] = (
            ("vignette", "option", "question") if record.kind == "mcq" else ("vignette", "option")
        )
        found = (
            finding(statement, claim, start, end, why=why)
            for statement, claim, _ in claims.reworded(*without)
            for start, end, word, why in _strange(claim)
            if statement.role not in ("explanation", "answer") or word not in own
        )
        doses = (
            finding(one.statement, one.claim, one.start - one.statement.start, one.end - one.statement.start, why=why)
            for one in misgiven(claims, record.text, quantities_in(extract))
            if (why := f"the dose of {one.owner}")
        )
        return verdict(self.name, "entity_not_in_source", chain(found, doses))


def _singular(code: str) -> str:
    return (code[:-1] if code.endswith("s") and code[:-1].isupper() else code).lower()


@lru_cache(maxsize=8192)
def _codes(text: str) -> frozenset[str]:
    return frozenset(_singular(match[0]) for match in _CODE.finditer(_LABEL.sub(" ", text)))


@lru_cache(maxsize=1 << 15)
def _drug(word: str) -> bool:
    return is_drug(word.lower())


def _crossed(claim: Claim) -> str:
    """A number that the extract gives to another drug or code of the same sentence."""
    return crossed(claim, lambda text: _names(text.lower(), claim.source) | _capitals(text))


@lru_cache(maxsize=4096)
def _capitals(text: str) -> frozenset[str]:
    """The stems of the words in capitals."""
    return frozenset(
        [
            stem(word)
            for word in WORD.findall(_LABEL.sub(" ", text))
            if len(word) > 1 and word.isupper() and word.isalpha()
        ]
    )


@lru_cache(maxsize=8192)
def _names(low: str, source: Source) -> frozenset[str]:
    """The stems of the drugs, and of other names that the extract gives along with another one."""
    others = source.named.intersection(map(stem, WORD.findall(low))) if source.named else frozenset[str]()
    return _drugs(low) | others


@lru_cache(maxsize=4096)
def _drugs(low: str) -> frozenset[str]:
    return frozenset([stem(word) for word in WORD.findall(low) if _drug(word)])


@lru_cache(maxsize=1 << 13)
def _strange(claim: Claim) -> tuple[tuple[int, int, str, str], ...]:
    """Spans of the statement that name something else than the extract, with the stem, and how that was seen."""
    found = [*_novel_names(claim)]
    if claim.support and claim.covered >= 0.5:
        found += _replaced(claim)
        if code := _other_code(claim):
            found.append((0, len(claim.text), "", code))
        if claim.reading.numbers and (crossing := _crossed(claim)):
            found.append((0, len(claim.text), "", crossing))
        found += [
            (word.start, word.start + len(word.text), word.stem, f"in place of {instead}")
            for word, instead in (intruders(claim, _names) if not claim.low.rstrip("*_ ").endswith("?") else ())
        ]
    return tuple(found)


def _novel_names(claim: Claim) -> Iterator[tuple[int, int, str, str]]:
    """Drugs, capitalised names and codes that the extract does not have."""
    labels = [match.span() for match in _LABEL.finditer(claim.text)] if claim.novel else []
    for word in claim.novel:
        if any(start < word.start < end for start, end in labels):
            continue
        before = claim.text[max(0, word.start - 3) : word.start]
        if _drug(word.text):
            why = "drug"
        elif _listed(claim.text, word.start) and not is_general(word.text):
            why = "in a list of drugs"
        elif word.text[0].isupper() and _INSIDE.search(before) and not is_general(word.text):
            why = "name"
        elif any(map(str.isdigit, word.text)) and any(map(str.isupper, word.text)):
            why = "code"
        else:
            continue
        yield word.start, word.start + len(word.text), word.stem, why


def _listed(text: str, start: int) -> bool:
    """Whether a drug stands before the place in the same list."""
    before = _LISTED.search(text, max(0, start - MAX_WORD), start)
    return before is not None and _drug(before[1])


def _replaced(claim: Claim) -> Iterator[tuple[int, int, str, str]]:
    """Words strange to the extract that stand where it has another one."""
    if claim.first <= 0.55:
        return
    abbreviated = claim.source.abbreviated
    for word, other in substitutions(claim):
        short = other[0] == word.stem[0] and other in abbreviated
        if short or other[:4] == word.stem[:4] or names_class(claim.text, word):
            continue
        same = (word.text.isupper() and other in abbreviated) or (_drug(word.text) and is_drug(other))
        if same or (word in claim.novel and not is_general(word.text) and not _FORM.search(word.text)):
            yield word.start, word.start + len(word.text), word.stem, f"in place of {other}"


def _around(claim: Claim) -> list[Unit]:
    return [claim.source.units[number] for number in sorted({*claim.rivals, claim.support[0]})]


def _other_code(claim: Claim) -> str:
    """A code of the extract that stands where it has a sibling of that code."""
    mine = _codes(claim.text)
    if not mine:
        return ""
    theirs = _codes(claim.units[0].text)
    known = frozenset[str]().union(*(_codes(unit.text) for unit in _around(claim)))
    for code in sorted(mine - known):
        siblings = sorted(other for other in theirs - mine if other[:2] == code[:2])
        if siblings and code in claim.source.low:
            return f"{siblings[0]} to {code}"
    return ""
