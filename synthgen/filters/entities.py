"""Drugs, tests, organisms and names that the extract does not have, or has somewhere else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import chain

from synthgen.claims.alignment import Claim, claims_of, substitutions
from synthgen.claims.findings import finding, verdict
from synthgen.claims.forms import strange
from synthgen.claims.general import GENERAL, is_general
from synthgen.claims.kinds import kinds_of, of
from synthgen.claims.owners import misgiven
from synthgen.claims.sections import elsewhere
from synthgen.claims.statements import Role
from synthgen.claims.swaps import exchanged, swapped
from synthgen.claims.technical import is_drug, is_technical
from synthgen.claims.words import content
from synthgen.data import Extract, Record, Verdict
from synthgen.filters.base import Filter
from synthgen.filters.grounding import ANSWERING, names_class, own_words
from synthgen.quantities.source import quantities_in

SAME = 4
"""Letters at the beginning that only forms of a word share."""

FIRST, CLOSE = 0.55, 0.75
"""Shares of a statement's words that its sentence must hold for one of them to stand in another's place, and for it
alone to differ."""

GLUED = 4
"""Letters of a word that tell it inside another one, which a lost space glued to it."""

FEW = 2
"""Names that a sentence may have more than a statement which says another one instead, and strange words of such a
statement."""

_LABEL = re.compile(
    r"\[(?=[^\]]*[A-Z+⊕])(?:[A-Z]{1,3}|[A-D]?[1-5][A-Ca-c]?)?[ ,/]{0,2}[+⊕○]{0,4}\]|\((?:EO|GPP|[A-D])\)"
)
"""A grade of evidence or strength in brackets."""
_NAME = re.compile(r"[A-Z]+|[A-Z][^A-Z]+")
"""A name or an acronym, but not one with an ending or a prefix, which writers coin."""
_INSIDE = re.compile(r"[\w,;(] ?\Z")
"""What stands before a word inside a sentence, where a capital letter marks a name."""


class Entities(Filter):
    """Rejects `entity_not_in_source`: a drug, a name or a code that the extract, its title and its headings do not
    have, a word in the place of another one, a drug or a member of a kind where its sentence has another one, what the
    extract says below another drug's name, and a dose that it gives to other drugs only. A question's vignette and
    options may name what they like."""

    name = "entities"
    codes = {"entity_not_in_source": "it names a drug, test or organism that the extract does not, or swaps one"}
    order = 60

    def check(self, record: Record, extract: Extract) -> Verdict:
        claims = claims_of(record, extract)
        own = own_words(claims)
        without: tuple[Role, ...] = (
            ("vignette", "option", "question", "key") if record.kind == "mcq" else ("vignette", "option")
        )
        found = (
            finding(statement, claim, start, end, why=why)
            for statement, claim, asked in claims.reworded(*without)
            for start, end, word, why in _strange(claim)
            if (statement.role not in ANSWERING or word not in own) and (asked is None or word not in asked.own)
        )
        # A question may speak of several at once.
        owned = (
            finding(statement, claim, word.start, word.start + len(word.text), why=f"said of {other}")
            for statement, claim, asked in claims.reworded(*without, "question")
            if (said := elsewhere(claim, asked))
            for word, other in [said]
        )
        doses = (
            finding(one.statement, one.claim, one.start - one.statement.start, one.end - one.statement.start, why=why)
            for one in misgiven(claims, record.text, quantities_in(extract))
            if (why := f"the dose of {one.owner}")
        )
        return verdict(self.name, "entity_not_in_source", chain(found, owned, doses))


@lru_cache(maxsize=1 << 15)
def _drug(word: str) -> bool:
    return is_drug(word.lower())


@lru_cache(maxsize=1 << 13)
def _strange(claim: Claim) -> tuple[tuple[int, int, str, str], ...]:
    """Spans of the statement that name something else than the extract, with the stem, and how that was seen."""
    found = [*_novel_names(claim)]
    if claim.support and claim.covered >= 0.5:
        found += _replaced(claim)
        if exchange := exchanged(claim):
            found.append((0, len(claim.text), "", f"exchanged: {exchange}"))
        found += [
            (word.start, word.start + len(word.text), word.stem, f"in place of {instead}")
            for word, instead in swapped(claim)
        ]
    return tuple(found)


def _novel_names(claim: Claim) -> Iterator[tuple[int, int, str, str]]:
    """Drugs, capitalised names and codes that the extract does not have."""
    labels = [match.span() for match in _LABEL.finditer(claim.text)] if strange(claim) else []
    for word in strange(claim):
        if any(start < word.start < end for start, end in labels):
            continue
        before = claim.text[max(0, word.start - 3) : word.start]
        if _drug(word.text):
            why = "drug"
        elif _NAME.fullmatch(word.text) and _INSIDE.search(before) and not is_general(word.text):
            why = "name"
        elif any(map(str.isdigit, word.text)) and any(map(str.isupper, word.text)):
            why = "code"
        else:
            continue
        yield word.start, word.start + len(word.text), word.stem, why


def _replaced(claim: Claim) -> Iterator[tuple[int, int, str, str]]:
    """Technical words strange to the extract that stand where it has another word, but for those of questions. One
    that is alone strange, in a statement whose other words the sentence has, counts wherever it stands, if the
    sentence has one or two names that the statement lacks."""
    if claim.first <= FIRST or not strange(claim) or claim.low.rstrip("*_ ").endswith("?"):
        return
    labels = [match.span() for match in _LABEL.finditer(claim.text)]
    novel = {word: word.stem for word in strange(claim) if not is_general(word.text)}
    alone = claim.first > CLOSE and len(set(novel.values())) == 1 and len(strange(claim)) <= FEW
    places = dict(substitutions(claim))
    for word in novel:
        low = word.text.lower()
        things = kinds_of(low)
        if not (things or is_technical(low)) or names_class(claim.text, word):
            continue
        if any(one.group in of(one.kind, unit.low) for one in things for unit in claim.units):
            continue
        if any(start < word.start < end for start, end in labels):
            continue
        other = places.get(word) or (_lacking(claim) if alone else "")
        # What an abbreviation stands for is no other thing.
        if (
            not other
            or other[:SAME] == word.stem[:SAME]
            or word.stem in other
            or any(len(one) > GLUED and one in other for one in claim.own)
            or (other in claim.source.abbreviated and not word.text.isupper())
            or _explains(low, other, claim)
        ):
            continue
        if alone or len(other) > 2:
            yield word.start, word.start + len(word.text), word.stem, f"in place of {other}"


def _lacking(claim: Claim) -> str:
    """A name that the sentence nearest to a statement has and the statement lacks; empty if there are none, many, or
    abbreviations."""
    order = claim.source.units[claim.support[0]].order
    found = [one for one in dict.fromkeys(order) if one not in claim.own and one not in GENERAL and one.isalpha()]
    if not 1 <= len(found) <= FEW:
        return ""
    return "" if claim.source.abbreviated.intersection(found) else found[0]


def _explains(low: str, other: str, claim: Claim) -> bool:
    """Whether a word may put a technical term of the nearest sentence, given by its stem, in plain words: it is not
    technical itself, and of no kind that the term is of."""
    if is_technical(low):
        return False
    mine = {one.kind for one in kinds_of(low)}
    terms = [token for token in claim.source.units[claim.support[0]].words if content(token) == other]
    return any(is_technical(term) and mine.isdisjoint([one.kind for one in kinds_of(term)]) for term in terms)
