"""Words in the place of others: between the same two words as in the sentence that says all the rest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from synthgen.claims.alignment import Claim, beside
from synthgen.claims.forms import strange
from synthgen.claims.general import GENERAL, is_general
from synthgen.claims.intruders import Intruder
from synthgen.claims.source import Source, Unit
from synthgen.claims.statements import Word

LEAST = 0.7
"""Share of a statement's content words that its sentence must have."""

FEW = 2
"""Words that may stand in the place of as many."""

WORDS = 4
"""Content words from which on a statement tells its sentence."""

MOST = 96
"""Words of a statement that are looked at."""

SAME = 4
"""Letters at the beginning that only forms of a word share."""


def displaced(claim: Claim) -> Iterator[Intruder]:
    """The words, known to the extract or not, that stand in a statement between two words between which its sentence
    has others that the statement lacks. Questions, numbers, abbreviations and general English are left
    out."""
    words = claim.words[:MOST]
    if not claim.support or len(words) < WORDS or claim.low.rstrip("*_ ").endswith("?"):
        return
    unit = claim.units[0]
    known = [word.stem in unit.stems for word in words]
    if sum(known) < LEAST * len(words):
        return
    for first, last in _runs(known):
        run = words[first:last]
        if first and last < len(words) and len(run) <= FEW and all(word.text.isalpha() for word in run):
            sides = (words[first - 1].stem, words[last].stem)
            others = _between(unit.order).get(sides, ())
            telling = _telling(run, claim)
            if telling and _lacks(claim, run, others) and not _seen(telling, sides, unit, claim.source):
                yield Intruder(telling[0], " ".join(others))


def _runs(known: Sequence[bool]) -> Iterator[tuple[int, int]]:
    """The beginnings and ends of the runs of words that a sentence lacks."""
    start = 0
    for number, held in enumerate((*known, True)):
        if held:
            if start < number:
                yield start, number
            start = number + 1


@lru_cache(maxsize=1 << 11)
def _between(order: tuple[str, ...]) -> Mapping[tuple[str, str], tuple[str, ...]]:
    """The one or two stems that stand between two others."""
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for size in range(FEW, 0, -1):
        for at in range(len(order) - size - 1):
            found[order[at], order[at + size + 1]] = order[at + 1 : at + size + 1]
    return found


def _telling(run: Sequence[Word], claim: Claim) -> list[Word]:
    """The words of a run that name things; none where the extract has one of them in another form."""
    found = [word for word in run if word.stem not in GENERAL and not is_general(word.text)]
    return found if all(word.stem in claim.source.vocabulary or word in strange(claim) for word in found) else []


def _lacks(claim: Claim, run: Sequence[Word], others: Sequence[str]) -> bool:
    """Whether some stems name something, and a statement says nothing of them in any form."""
    if not any(one not in GENERAL and one.isalpha() for one in others):
        return False
    if not claim.own.isdisjoint(others) or not claim.source.abbreviated.isdisjoint(others):
        return False
    return not any(one[:SAME] == word.stem[:SAME] for one in others for word in run)


def _seen(telling: Sequence[Word], sides: tuple[str, str], unit: Unit, source: Source) -> bool:
    """Whether the extract has a word near one of its neighbours elsewhere. Where its own paragraph or heading has it,
    the sentence tells the two apart."""
    return any(
        not beside(source.units[number].order, word.stem).isdisjoint(sides)
        for word in telling
        if word.stem not in unit.context
        for number, _ in source.where.get(word.stem, ())
    )
