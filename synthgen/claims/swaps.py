"""Things in the place of others of their kind: an organ for an organ, a test for a test."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from synthgen.claims.alignment import Claim
from synthgen.claims.general import GENERAL
from synthgen.claims.kinds import Member, by_kind, kinds_of, members, of
from synthgen.claims.source import Source, Unit
from synthgen.claims.statements import Word
from synthgen.claims.words import WORD, content

_CLAUSE = re.compile(r"[;:] |, (?:and|but|or|whereas|while|then) |\b(?:whereas|while|but)\b|[,)] and |\. ")

CLOSE = 0.7
"""Share of a statement's words that its sentence must hold for its acronyms to be compared."""

ACRONYM = "acronym"

STEPS = (-1, 1, -2, 2)
"""How far, in content words, a word stands from one that tells its place."""

FEW = 24
"""Things of a statement of which two may have changed places."""

MOST = 96
"""Words of a statement that are looked at."""

SAME = 6
"""Letters at the beginning that only forms of a word share."""


class Swap(NamedTuple):
    """A word of a statement, and the thing that its sentence has in its place."""

    word: Word
    instead: str


def swapped(claim: Claim) -> Iterator[Swap]:
    """The members of a kind that none of the sentences near to a statement has, where the nearest one has another
    member of the kind, which the statement lacks, beside a word that the first stands beside in the statement, and
    nowhere in the extract. Acronyms are of one kind."""
    source = claim.source
    named = claim.own & source.abbreviated if claim.first > CLOSE else frozenset[str]()
    if not claim.support or not (named or by_kind(claim.low)):
        return
    units = [source.units[number] for number in dict.fromkeys((*claim.support[:1], *claim.rivals))]
    theirs = by_kind(units[0].low)
    missing = {kind: theirs[kind] - groups for kind, groups in by_kind(claim.low).items() if kind in theirs}
    if named:
        missing[ACRONYM] = units[0].stems & source.abbreviated - claim.own
    if not any(missing.values()):
        return
    for at, word in enumerate(claim.words[:MOST]):
        short = (Member(ACRONYM, word.stem),) if word.stem in named and _is_acronym(word.text) else ()
        for one in (*kinds_of(word.text.lower()), *short):
            low = word.text.lower()
            others = frozenset([it for it in missing.get(one.kind, ()) if it[:SAME] != low[:SAME] and low not in it])
            if not others or any(_has(unit, word.stem, one) for unit in units):
                continue
            if instead := _instead(claim, at, one.kind, others, units[0]):
                yield Swap(word, instead)


def exchanged(claim: Claim) -> str:
    """Two things of a kind of which a statement says in two clauses what the extract says of the other; empty if
    none."""
    several = any(len(groups) > 1 for groups in by_kind(claim.low).values())
    clauses = _parts(claim.low) if several else ()
    alone = [(part, one) for part in clauses for one in _single(part)][:FEW]
    for part, one in alone:
        for other_part, other in alone:
            if (
                one.kind == other.kind
                and one.group < other.group
                and part != other_part
                and _says(part, one, other, claim.source)
                and _says(other_part, other, one, claim.source)
            ):
                return f"{one.group} for {other.group}"
    return ""


@lru_cache(maxsize=1 << 13)
def _parts(low: str) -> tuple[str, ...]:
    return tuple(filter(None, _CLAUSE.split(low)))


def _single(part: str) -> list[Member]:
    """The things that a clause names alone of their kinds."""
    counts = Counter([one.kind for one in members(part)])
    return [one for one in sorted(members(part)) if counts[one.kind] == 1]


@lru_cache(maxsize=1 << 10)
def _said(source: Source, member: Member) -> frozenset[str]:
    """The stems of the clauses of an extract that name a thing alone of its kind."""
    parts = [part for unit in source.units for part in _parts(unit.low) if of(member.kind, part) == {member.group}]
    return frozenset([stemmed for part in parts for stemmed, _ in _row(part)])


def _says(part: str, one: Member, other: Member, source: Source) -> bool:
    """Whether a clause about one thing has words that the extract has with the other only, and none the other way."""
    row = _row(part)
    # A name's own words and those next to it go with it.
    name = {content(word) for word in WORD.findall(one.group)} | {"recept"}
    at = [place for place, (stemmed, things) in enumerate(row) if one in things or stemmed in name]
    words = {
        stemmed
        for place, (stemmed, things) in enumerate(row)
        if stemmed not in GENERAL and not things and all(abs(place - here) > 1 for here in at)
    }
    mine, theirs = _said(source, one), _said(source, other)
    return len(words & theirs - mine) > 2 * len(words & mine - theirs)


def _is_acronym(text: str) -> bool:
    return len(text) > 2 and text.isupper() and text.isalpha()


def _has(unit: Unit, stemmed: str, one: Member) -> bool:
    """Whether a sentence or what stands above it names a thing."""
    return stemmed in unit.stems or stemmed in unit.context or one.group in of(one.kind, unit.low)


def _instead(claim: Claim, at: int, kind: str, others: frozenset[str], unit: Unit) -> str:
    """Which of some things stands in a sentence as far from a word as a statement's word does from the same one, but
    for neighbours that the extract has together; empty if none."""
    words, row = claim.words, _row(unit.low)
    for step in STEPS:
        if not 0 <= at + step < len(words):
            continue
        beside = words[at + step].stem
        pair = (beside, words[at].stem) if step < 0 else (words[at].stem, beside)
        if abs(step) == 1 and pair in _pairs(claim.source):
            continue
        for place, (stemmed, things) in enumerate(row):
            if 0 <= place + step < len(row) and row[place + step][0] == beside:
                groups = {stemmed} if kind == ACRONYM else {one.group for one in things if one.kind == kind}
                if found := others & groups:
                    return min(found)
    return ""


@lru_cache(maxsize=1 << 13)
def _row(low: str) -> tuple[tuple[str, tuple[Member, ...]], ...]:
    """The stems of the content words of a lower-case text, each with the things that it names."""
    return tuple([(stemmed, kinds_of(word)) for word in WORD.findall(low) if (stemmed := content(word))])


@lru_cache(maxsize=64)
def _pairs(source: Source) -> frozenset[tuple[str, str]]:
    """The content words that adjoin in some sentence."""
    return frozenset([pair for unit in source.units for pair in zip(unit.order, unit.order[1:], strict=False)])
