"""Words that a statement took from elsewhere in the extract: the sentence that says the rest of it has another one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from synthgen.claims.alignment import Claim
from synthgen.claims.general import GENERAL
from synthgen.claims.source import Source, Unit
from synthgen.claims.statements import Word
from synthgen.claims.words import WORD, content

LEAST = 0.7
"""Share of the weight of a clause's other words that their sentence must hold."""

CLOSE = 0.7
"""Share of the best sentence's score from which another one may as well be meant."""

BACK = 3
"""Sentences before one that may tell what it is about."""

_EXAMPLE = re.compile(r"\b(?:such as|including|like|e\.g\.,?|for example,?) \Z")
_HAVING = re.compile(
    r"\b(?:with|ha(?:s|ve|d|ving)|history of|undergoing|receiving|taking|diagnosed with|"
    r"(?:patients?|clients?|people|those|women|men|children|adults)(?: \w+)? (?:on|in|after))"
    r" ((?:(?!for\b|who\b|should\b|is\b|are\b)\w+[ /-]){0,5}\w+)"
)
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
        bearing = _bearing([word.stem for word in clause if word.stem not in mine], source)
        theirs = frozenset[str]().union(*[_names(source, number, names) for number in bearing])
        if theirs.isdisjoint(named) and theirs - mine:
            for stemmed, word in named.items():
                if not _EXAMPLE.search(claim.text, 0, word.start) and not any(
                    _near(source, number, stemmed) for number in bearing
                ):
                    yield Intruder(word, min(theirs - mine))


def other_condition(claim: Claim) -> str:
    """A condition of the patients whom a statement is about that no sentence names which says the rest of it, where
    such a sentence names another one; empty if none."""
    source = claim.source
    mine = _conditions(claim.low) & source.where.keys() - GENERAL
    if not mine:
        return ""
    rest = [one for one in claim.reading.stems if one not in mine]
    if any(one[0].isdigit() and one not in source.where for one in rest):
        return ""
    bearing = [source.units[number] for number in _bearing(rest, source)]
    theirs = frozenset[str]().union(*[_conditions(unit.low) for unit in bearing]) - GENERAL - claim.own
    texts = [claim.reading.tokens, *[unit.tokens for unit in bearing]]
    spelt = " ".join(["".join([token[0] for token in tokens]) for tokens in texts])
    theirs = frozenset([one for one in theirs if one not in spelt])
    if theirs and not any(_has(unit, one) or one in spelt for unit in bearing for one in mine):
        return f"{min(theirs)} to {min(mine)}"
    return ""


@lru_cache(maxsize=4096)
def _conditions(low: str) -> frozenset[str]:
    """The stems of what a lower-case text says that people have, take or undergo."""
    return frozenset(
        [
            stemmed
            for match in _HAVING.finditer(low)
            for word in WORD.findall(match[1])
            if (stemmed := content(word)) and not stemmed.isdigit()
        ]
    )


def _near(source: Source, number: int, stemmed: str) -> bool:
    """Whether a sentence, its headings, its table row, or one of the sentences around it has a stem."""
    unit = source.units[number]
    around = (*source.units[max(0, number - BACK) : number + 2], *source.on_line(number))
    return stemmed in unit.context or any(stemmed in one.stems for one in around)


def _has(unit: Unit, stemmed: str) -> bool:
    return stemmed in unit.stems or stemmed in unit.context


@lru_cache(maxsize=1 << 12)
def _names(source: Source, number: int, names: Callable[[str, Source], frozenset[str]]) -> frozenset[str]:
    """The names of a sentence; where it has none, those of its paragraph and its headings."""
    unit = source.units[number]
    if own := names(unit.low, source):
        return own
    before = [one for one in source.units[unit.paragraph : number] if not one.stems.isdisjoint(unit.context)]
    heads = [one for one in source.units[: unit.paragraph] if one.heading and one.stems <= unit.context]
    return frozenset[str]().union(*[names(one.low, source) for one in (*heads, *before)])


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


def _bearing(stems: Iterable[str], source: Source) -> list[int]:
    """The sentences that hold most of the stems; none where they hold too little of them."""
    values = {one: source.weight[one] for one in dict.fromkeys(stems) if one in source.weight}
    scores: dict[int, float] = {}
    for one, value in values.items():
        for number, factor in source.where[one]:
            scores[number] = scores.get(number, 0.0) + value * factor
    top = max(scores.values(), default=0.0)
    if len(values) < 3 or top < LEAST * sum(values.values()):
        return []
    return [number for number, score in scores.items() if score >= CLOSE * top]
