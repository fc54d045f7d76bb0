"""Statements and the sentences of the extract that bear them.

Words are compared by stem and weighted by the square of their inverse sentence frequency, words of general English at
a quarter of that. A statement's question, at half the weight, and its heading and the clause that it goes on from, at a
quarter, help to find its sentences.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise

from synthgen.claims.general import GENERAL
from synthgen.claims.source import Source, Unit, source_of
from synthgen.claims.statements import Reading, Role, Statement, Word, statements_of, words_in
from synthgen.claims.words import WORD
from synthgen.data import Extract, Record

MAX_SUPPORT = 4
"""Sentences of the extract that one statement may join."""

MIN_GAIN = 0.12
"""Share of a statement's weight that a further sentence must add."""

BESIDE = 3
"""Content words on either side of a word that are its neighbours."""

MAX_ACRONYM = 5
"""Letters of an acronym that words may spell out."""

CLEAR = 4
"""By how many shared words and pairs, words counted twice, a sentence must be behind another to be no rival of it."""

TIE = 0.97
"""Share of the best sentence's score from which another one holds as much."""

RIVAL = 0.8
"""Share of the best sentence's score from which another one may as well be meant."""


@dataclass(frozen=True, eq=False)
class Claim:
    """What a statement says, and what bears it.

    `support` holds the numbers of the sentences that together hold its words, best first; `rivals` those that hold
    nearly as much as the best. `covered` is the share of its weight that the support holds, `first` the share of its
    own words that the best sentence holds, both in [0, 1]. `verbatim`: the extract has the same words in the same
    order. `own` are the stems of its content words, `units` the sentences of the support. Claims are compared by
    identity, so that what filters find out about one can be cached.
    """

    reading: Reading
    source: Source
    support: tuple[int, ...]
    rivals: tuple[int, ...]
    covered: float
    first: float
    verbatim: bool
    own: frozenset[str]
    units: tuple[Unit, ...]

    @property
    def text(self) -> str:
        return self.reading.text

    @property
    def low(self) -> str:
        return self.reading.low

    @property
    def words(self) -> tuple[Word, ...]:
        """Its content words."""
        return words_in(self.reading.text)

    @cached_property
    def novel(self) -> tuple[Word, ...]:
        """The words that the extract has nowhere, neither themselves nor as part of an acronym that they spell out."""
        return () if self.own <= self.source.vocabulary else _novel(self.words, self.source)

    @cached_property
    def special(self) -> bool:
        """Whether it names anything of the extract that is not general English."""
        return not self.source.vocabulary.isdisjoint(self.own - GENERAL)


Made = tuple[Statement, Claim, Claim | None]
"""A statement, its claim, and that of the question that it answers."""


@dataclass(frozen=True, eq=False)
class Claims:
    """The statements of a record, and the claim of each."""

    source: Source
    statements: tuple[Statement, ...]
    claims: tuple[Claim, ...]

    def made(self, *without: Role) -> list[Made]:
        """The statements but those of some roles."""
        return [made for made in self._all if made[0].role not in without]

    def reworded(self, *without: Role) -> list[Made]:
        """Those of `made` that do not stand word for word in the extract."""
        return [made for made in self._reworded if made[0].role not in without]

    @cached_property
    def _all(self) -> list[Made]:
        claims = self.claims
        return [
            (statement, claim, claims[statement.question] if statement.question >= 0 else None)
            for statement, claim in zip(self.statements, claims, strict=True)
        ]

    @cached_property
    def _reworded(self) -> list[Made]:
        return [made for made in self._all if not made[1].verbatim]


def claims_of(record: Record, extract: Extract) -> Claims:
    """The statements of `record`, each with the sentences of `extract` that bear it; the same object for the same
    record while it is looked at."""
    return _claims(statements_of(record), source_of(extract))


@lru_cache(maxsize=16)
def _claims(statements: tuple[Statement, ...], source: Source) -> Claims:
    claims = [
        _claim(one.reading, tuple([_lead(lead, one, statements) for lead in one.leads]), source) for one in statements
    ]
    return Claims(source, statements, tuple(claims))


def _best(scores: Sequence[float], top: float, source: Source) -> int:
    """Of the sentences that hold the most, or nearly, the one that says least besides, and of these the first."""
    best = [number for number, score in enumerate(scores) if score >= TIE * top]
    return best[0] if len(best) == 1 else min(best, key=lambda number: (source.totals[number], number))


def _lead(lead: int, statement: Statement, statements: tuple[Statement, ...]) -> tuple[Reading, float]:
    return statements[lead].reading, 0.5 if lead == statement.question else 0.25


@lru_cache(maxsize=1 << 13)
def _claim(reading: Reading, leads: tuple[tuple[Reading, float], ...], source: Source) -> Claim:
    own = frozenset(reading.stems)
    support = source.at(reading.tokens)
    if support:
        units = source.units[support[0] : support[-1] + 1]
        return Claim(reading, source, support, support[:1], 1.0, 1.0, verbatim=True, own=own, units=units)
    # Ordered, because sums of floats depend on it.
    mine = dict.fromkeys(reading.stems)
    values = _values(mine, leads, source)
    total = sum(values.values())
    scores = _scores(values, values, source)
    top = max(scores, default=0.0)
    rivals = tuple([number for number, score in enumerate(scores) if score >= RIVAL * top]) if top > 0 else ()
    found: list[int] = []
    missing = list(values)
    first = 0.0
    while top > 0 and top >= MIN_GAIN * total:
        best = _best(scores, top, source)
        found.append(best)
        unit = source.units[best]
        gone = [one for one in missing if one in unit.stems or one in unit.context]
        missing = [one for one in missing if one not in unit.stems and one not in unit.context]
        if len(found) == 1:
            whole = sum([values[one] for one in mine if one in values])
            first = sum([values[one] for one in gone if one in mine]) / whole if whole > 0 else 0.0
        if not missing or not gone or len(found) == MAX_SUPPORT:
            break
        scores = _scores(missing, values, source)
        top = max(scores)
    rest = sum([values[one] for one in missing])
    return Claim(
        reading,
        source,
        tuple(found),
        rivals,
        1 - rest / total if total > 0 else 0.0,
        first,
        support is not None or _verbatim(reading, source),
        own,
        tuple([source.units[number] for number in found]),
    )


def _values(mine: Iterable[str], leads: tuple[tuple[Reading, float], ...], source: Source) -> dict[str, float]:
    """The weights of the words by which the statement is looked for."""
    weight = source.weight
    values = {one: weight[one] for one in mine if one in weight}
    for reading, share in leads:
        for one in reading.stems:
            if one in weight and one not in values:
                values[one] = weight[one] * share
    return values


def _scores(words: Iterable[str], values: Mapping[str, float], source: Source) -> list[float]:
    """How much of some words each sentence holds."""
    scores = [0.0] * len(source.units)
    where = source.where
    for one in words:
        value = values[one]
        for number, factor in where[one]:
            scores[number] += value * factor
    return scores


def _verbatim(reading: Reading, source: Source) -> bool:
    """Whether the words behind a statement's label run the same way in the extract."""
    _, colon, said = reading.low.rpartition(": ")
    words = WORD.findall(said) if colon else []
    return len(words) > 3 and source.at(words) is not None


def _novel(words: tuple[Word, ...], source: Source) -> tuple[Word, ...]:
    vocabulary = source.vocabulary
    strange = [
        number
        for number, word in enumerate(words)
        if word.stem not in vocabulary and not source.knows(word.text, word.stem)
    ]
    if not strange:
        return ()
    spelt = _spelt("".join([word.text[0] for word in words]).upper(), source)
    return tuple([words[number] for number in strange if number not in spelt])


def closest(claim: Claim, leaving: frozenset[str] = frozenset()) -> tuple[int, ...]:
    """The numbers of those among the best sentence and its rivals that share most words with the statement, those of
    closed classes too, and most pairs of neighbours; words to leave out of account can be named."""
    mine = [word for word in claim.reading.tokens if word not in leaving]
    words, pairs = frozenset(mine), frozenset(pairwise(mine))
    shared = {}
    for number in dict.fromkeys((*claim.support[:1], *claim.rivals)):
        theirs = [word for word in claim.source.units[number].tokens if word not in leaving]
        shared[number] = 2 * len(words.intersection(theirs)) + len(pairs.intersection(pairwise(theirs)))
    most = max(shared.values(), default=0)
    return tuple([number for number, count in shared.items() if count > most - CLEAR])


def _spelt(letters: str, source: Source) -> set[int]:
    """The numbers of the words whose initials run into an acronym of the extract."""
    found: set[int] = set()
    for acronym in source.acronyms:
        first = letters.find(acronym) if len(acronym) <= MAX_ACRONYM else -1
        while first >= 0:
            found.update(range(first, first + len(acronym)))
            first = letters.find(acronym, first + 1)
    return found


def substitutions(claim: Claim) -> Iterator[tuple[Word, str]]:
    """Words in whose place the best sentence of the extract has another one, between the same neighbours, and the stem
    of that other one. Neither stands elsewhere in the two; both are no words of general English."""
    if not claim.support:
        return
    unit = claim.source.units[claim.support[0]]
    words = claim.words
    own = claim.own
    for number, word in enumerate(words):
        if word.stem in unit.stems or word.stem in unit.context or not word.text.isalpha():
            continue
        left = words[number - 1].stem if number else ""
        right = words[number + 1].stem if number + 1 < len(words) else ""
        for before, other, after in zip(("", *unit.order), unit.order, (*unit.order[1:], ""), strict=False):
            if (before == left != "" or after == right != "") and _names(other) and other not in own:
                yield word, other
                break


def _names(stemmed: str) -> bool:
    return stemmed not in GENERAL and stemmed.isalpha()


def beside(order: Sequence[str], stemmed: str) -> frozenset[str]:
    """The stems within a few places of a stem."""
    found: set[str] = set()
    for at, one in enumerate(order):
        if one == stemmed:
            found.update(order[max(0, at - BESIDE) : at + BESIDE + 1])
    return frozenset(found - {stemmed})
