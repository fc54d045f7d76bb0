"""How strongly a text urges each thing that it names: as an option, as advice, or as a duty. How often and how much it
says that something is so."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, takewhile

from synthgen.claims.words import content, table, words_of

OPTION, ADVICE, DUTY = 1, 2, 3

OFFERED = re.compile(
    r"\b(?:may|might|could|can be|consider\w*|option\w*|suggest\w*|discretion|one of"
    r"|if (?:desired|available|convenient))\b"
)
"""What tells of an option."""

FORCE = "force"
COUNTED = ("frequency", "share")
"""Scales whose words a negation turns into others of them: not every is some."""

_SCALES: Mapping[str, tuple[frozenset[str], ...]] = {
    FORCE: (
        table("may might could can consider considered option optional optionally"),
        table("should shall ought"),
        table("must mandatory required compulsory obligatory imperative essential always invariably"),
    ),
    "frequency": (
        table("never"),
        table("rarely seldom rare uncommon uncommonly infrequent infrequently"),
        table("sometimes occasionally occasional"),
        table("usually generally typically mostly commonly often frequently common frequent"),
        table("always invariably"),
    ),
    "extent": (
        table("slight slightly modest modestly minor minimal minimally"),
        table("moderately"),
        table("marked markedly substantial substantially considerable considerably dramatic dramatically pronounced"),
    ),
    "share": (table("some several few certain most majority"), table("all every each any")),
}
SCALES = tuple(_SCALES)
_PLACES: Mapping[str, Mapping[str, int]] = {
    name: {word: place for place, words in enumerate(scale, 1) for word in words} for name, scale in _SCALES.items()
}
SCALED = frozenset[str]().union(*_PLACES.values())
"""The words of all scales."""
_TOKEN = re.compile(r"[^\W_]+|[.;:|,]")
_ENDS = frozenset([".", ";", ":", "|", ","]) | table(
    "because which who so but although while whereas if when where unless until whether since as"
)
"""What ends the clause that a word stands in."""
_SUPPOSING = table("if when where unless until whether")
_DENYING = table("not no never only nor neither without unless cannot except")

MAX_CLAUSE = 14
"""Words of a clause that are looked at on either side."""

FEW, MANY = 3, 4
"""Content words on either side of a word of a scale that are its neighbours: of what is compared, of what with."""


@dataclass(frozen=True)
class Placed:
    """A word of a scale in a text: its place on the scale, the stems before and behind it in its clause, nearest first,
    and whether the clause denies, limits or only supposes something."""

    place: int
    word: str
    before: tuple[str, ...]
    behind: tuple[str, ...]
    denied: bool

    def beside(self, other: Placed) -> int:
        """How many of its neighbours are those of the other one, on the same side; the next one behind counts twice."""
        same = bool(self.behind) and self.behind[:1] == other.behind[:1]
        return (
            same
            + len(frozenset(self.before[:FEW]).intersection(other.before))
            + len(frozenset(self.behind[:FEW]).intersection(other.behind))
        )


@lru_cache(maxsize=1 << 14)
def placed(low: str, scale: str) -> tuple[Placed, ...]:
    """The words of a scale that a lower-case text has."""
    places = _PLACES[scale]
    if places.keys().isdisjoint(words_of(low)):
        return ()
    words = _TOKEN.findall(low)
    found = []
    for at, word in enumerate(words):
        if word in places:
            before, behind = _clause(reversed(words[:at])), _clause(words[at + 1 :])
            opened = words[at - len(before) - 1] if at > len(before) else ""
            denied = opened in _SUPPOSING or not _DENYING.isdisjoint((*before, *behind))
            found.append(Placed(places[word], word, _contents(before, places), _contents(behind, places), denied))
    return tuple(found)


def _clause(words: Iterable[str]) -> list[str]:
    return list(islice(takewhile(lambda word: word not in _ENDS, words), MAX_CLAUSE))


def _contents(words: Iterable[str], places: Mapping[str, int]) -> tuple[str, ...]:
    stems = (word if word.isdigit() else content(word) for word in words if word not in places)
    return tuple(islice((one for one in stems if one), MANY))
