"""Words that a statement took from elsewhere in the extract: the sentence that says the rest of it has another one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from synthgen.claims.alignment import Claim
from synthgen.claims.source import Source
from synthgen.claims.statements import Word

LEAST = 0.7
"""Share of the weight of a clause's other words that their sentence must hold."""

CLOSE = 0.7
"""Share of the best sentence's score from which another one may as well be meant."""

OWN = 0.5
"""Share of the best sentence's score from which a sentence about a thing may be meant by a statement that names it."""

BACK = 3
"""Sentences before one that may tell what it is about."""

MOST = 24
"""Names of a clause that are looked at."""

HEAD = 4
"""Content words of a line that may be a drug's heading."""

_EXAMPLE = re.compile(r"\b(?:such as|including|like|e\.g\.,?|for example,?) \Z")
_CLAUSE = re.compile(r"[;:] |, (?:and|but|or|whereas|while|then) |\b(?:whereas|while|but)\b")


class Intruder(NamedTuple):
    """A word of a statement, and the stem that its sentence has in its place."""

    word: Word
    instead: str


def intruders(claim: Claim, names: Callable[[str, Source], frozenset[str]]) -> Iterator[Intruder]:
    """The names that no sentence has beside the rest of their clause, where the sentences which do say that rest have
    another name that the statement lacks. `names` gives the stems of the names in a lower-case text."""
    source = claim.source
    mine = names(claim.low, source)
    for clause in _clauses(claim) if mine else ():
        named = {word.stem: word for word in clause if word.stem in mine - source.outer and word.stem in source.where}
        # Where numbers were converted, they cannot tell which sentence is meant.
        if not named or any(word.text[0].isdigit() and word.stem not in source.where for word in clause):
            continue
        for stemmed, word in islice(named.items(), MOST):
            bearing = _bearing([one.stem for one in clause if one.stem != stemmed], stemmed, source)
            theirs = [names(source.units[number].low, source) for number in bearing]
            missing = frozenset[str]().union(*theirs) - mine
            missing = missing and missing - _aliases(source, mine, names)
            if (
                missing
                and not any(stemmed in one for one in theirs)
                and not _EXAMPLE.search(claim.text, 0, word.start)
                and not any(
                    _near(source, number, stemmed) or stemmed in _owner(source, number, names) for number in bearing
                )
            ):
                yield Intruder(word, min(missing))


def _near(source: Source, number: int, stemmed: str) -> bool:
    """Whether a sentence, its headings, its table row, or one of the sentences around it has a stem."""
    around = (*source.units[max(0, number - BACK) : number + 2], *source.on_line(number))
    return stemmed in source.units[number].context or any(stemmed in one.stems for one in around)


@lru_cache(maxsize=1 << 12)
def _aliases(source: Source, mine: frozenset[str], names: Callable[[str, Source], frozenset[str]]) -> frozenset[str]:
    """The names that a heading has along with some name, as a brand stands behind its drug."""
    heads = [names(unit.low, source) for unit in source.units if len(unit.stems) <= HEAD]
    return frozenset[str]().union(*[named for named in heads if not named.isdisjoint(mine)])


@lru_cache(maxsize=1 << 12)
def _owner(source: Source, number: int, names: Callable[[str, Source], frozenset[str]]) -> frozenset[str]:
    """The names that may own a sentence: those of the last two sentences before it that name one thing only."""
    single = [found for unit in reversed(source.units[:number]) if len(found := names(unit.low, source)) == 1]
    return frozenset[str]().union(*single[:2])


def _clauses(claim: Claim) -> Iterator[tuple[Word, ...]]:
    """The content words of the clauses of a statement that hold enough to be looked up."""
    ends = [match.start() for match in _CLAUSE.finditer(claim.text)] + [len(claim.text)]
    clause: list[Word] = []
    rest = list(claim.words)
    for end in ends:
        while rest and rest[0].start < end:
            clause.append(rest.pop(0))
        if len(clause) >= 4 or (end == ends[-1] and clause):
            yield tuple(clause)
            clause = []


def _bearing(stems: Iterable[str], stemmed: str, source: Source) -> list[int]:
    """The sentences that hold most of the stems; none where they hold too little of them, or where one that names
    `stemmed`, or stands under it, holds more than half as much."""
    values = {one: source.weight[one] for one in dict.fromkeys(stems) if one in source.weight}
    scores: dict[int, float] = {}
    for one, value in values.items():
        for number, factor in source.where[one]:
            scores[number] = scores.get(number, 0.0) + value * factor
    top = max(scores.values(), default=0.0)
    if len(values) < 3 or top < LEAST * sum(values.values()):
        return []
    if any(scores.get(number, 0.0) > OWN * top for number, _ in source.where[stemmed]):
        return []
    return [number for number, score in scores.items() if score >= CLOSE * top]
