"""Lines that stand below the name of a drug and speak of it: what is said of one of them belongs to no other."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from synthgen.claims.alignment import Claim
from synthgen.claims.source import Source
from synthgen.claims.statements import Word
from synthgen.claims.technical import is_drug
from synthgen.claims.words import WORD, content

HELD = 0.6
"""Share of the weight of a statement's other words that another section must hold."""

OWN = 0.5
"""Share of what that section holds from which the statement's own one, or a sentence of none, may be meant."""

LEAST = 3
"""Known words of a statement, but for names, that tell a section."""

FEW = 5
"""Content words of an answer that is looked up along with its question."""

NAME = 4
"""Letters of a drug's name, which the name of a salt may lack."""

_HEAD = re.compile(
    r"[#*\s]*(?P<name>[A-Z][\w-]+(?: [\w-]+){0,3}) ?\([A-Z][^()]{2,60}\)[*:\s]*"
    r"|[#*\s]*(?P<alone>[A-Z][\w-]+(?: [\w-]+){0,2})[*:\s]*"
)


class Section(NamedTuple):
    """The stems of a drug's names, those of them that no other section has, and the stems of its lines."""

    names: frozenset[str]
    telling: frozenset[str]
    stems: frozenset[str]


class Sections(NamedTuple):
    """The sections of an extract, and the stems of each sentence that stands in none."""

    owned: tuple[Section, ...]
    free: tuple[frozenset[str], ...]


def elsewhere(claim: Claim, asked: Claim | None) -> tuple[Word, str] | None:
    """The drug that a statement names, and a name of the only one of whom the extract says the rest of it; None if it
    may be said of the first. A short answer is looked up with its question."""
    source = claim.source
    owned, free = _sections(source)
    if not owned or not claim.support or not claim.words:
        return None
    own = claim.own | asked.own if asked is not None and len(claim.words) <= FEW else claim.own
    named = [one for one in owned if not one.telling.isdisjoint(own)]
    # Where numbers were converted, they cannot tell which section is meant.
    if len(named) != 1 or any(one[0].isdigit() and one not in source.where for one in own):
        return None
    (mine,) = named
    rest = sorted([one for one in own - mine.names if one in source.weight])
    # Several sections may be about one drug.
    same = [one for one in owned if any(len(name) >= NAME for name in one.names & mine.names)]
    others = [one for one in owned if one not in same and one.names.isdisjoint(own)]
    if len(rest) < LEAST or not others:
        return None
    best = max(others, key=lambda one: _held(rest, one.stems, source))
    # Its lines may themselves speak of the other drug.
    if not mine.telling.isdisjoint(best.stems):
        return None
    top = _held(rest, best.stems, source)
    if top < HELD * sum([source.weight[one] for one in rest]) or top == 0:
        return None
    if any(_held(rest, stems, source) >= OWN * top for stems in (*[one.stems for one in same], *free)):
        return None
    word = next((word for word in claim.words if word.stem in mine.telling), claim.words[0])
    return word, min(best.telling or best.names)


def _held(stems: Iterable[str], section: frozenset[str], source: Source) -> float:
    return sum([source.weight[one] for one in stems if one in section])


@lru_cache(maxsize=64)
def _sections(source: Source) -> Sections:
    """A section begins with a line that is a drug's name, alone or with its brand's, and ends at the next heading."""
    found: list[tuple[frozenset[str], list[frozenset[str]]]] = []
    free = []
    inside = False
    for unit in source.units:
        if unit.heading:
            if inside := _is_drug_heading(unit.text):
                found.append((frozenset(filter(None, map(content, WORD.findall(unit.text)))), []))
        elif inside:
            found[-1][1].append(unit.stems)
        else:
            free.append(unit.stems)
    filled = [(names, frozenset[str]().union(*lines)) for names, lines in found if lines]
    if len(filled) < 2:
        return Sections((), ())
    owned = [
        Section(names, names.difference(*[other for other, _ in filled if other is not names]), stems)
        for names, stems in filled
    ]
    return Sections(tuple(owned), tuple(free))


def _is_drug_heading(text: str) -> bool:
    match = _HEAD.fullmatch(text)
    return match is not None and (
        match["name"] is not None or any(is_drug(word.lower()) for word in WORD.findall(match["alone"]))
    )
