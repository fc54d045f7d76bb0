"""Statements and the sentences of the extract that bear them.

Words are compared by stem and weighted by the square of their inverse sentence frequency, words of general English at
a quarter of that. A statement's question, and the clause that it goes on from, help to find
its sentences, at a half and a quarter of the weight.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from synthgen.claims.general import GENERAL
from synthgen.claims.source import Source, Unit, source_of
from synthgen.claims.statements import Role, Statement, Word, statements_of
from synthgen.claims.words import WORD
from synthgen.data import Extract, Record

MAX_SUPPORT = 4
"""Sentences of the extract that one statement may join."""

MIN_GAIN = 0.12
"""Share of a statement's weight that a further sentence must add."""

RIVAL = 0.8
"""Share of the best sentence's score from which another one may as well be meant."""


@dataclass(frozen=True, slots=True, eq=False)
class Claim:
    """What a statement says, and what bears it.

    `support` holds the numbers of the sentences that together hold its words, best first; `rivals` those that hold
    nearly as much as the best. `covered` is the share of its weight that the support holds, `first` the share of its
    own words that the best sentence holds, both in [0, 1]. `verbatim`: the extract has the same words in the same
    order. `novel` are the words that the extract has nowhere. Claims are compared by identity, so that what filters
    find out about one can be cached.
    """

    text: str
    low: str
    words: tuple[Word, ...]
    source: Source
    support: tuple[int, ...]
    rivals: tuple[int, ...]
    covered: float
    first: float
    verbatim: bool
    novel: tuple[Word, ...]

    @property
    def special(self) -> bool:
        """Whether it names anything of the extract that is not general English."""
        return any(word.stem not in GENERAL and word.stem in self.source.vocabulary for word in self.words)

    @property
    def units(self) -> list[Unit]:
        return [self.source.units[number] for number in self.support]


@dataclass(frozen=True, slots=True)
class Claims:
    """The statements of a record, and the claim of each."""

    source: Source
    statements: tuple[Statement, ...]
    claims: tuple[Claim, ...]

    def made(self, *without: Role) -> Iterator[tuple[Statement, Claim, Claim | None]]:
        """Each statement but those of some roles, its claim, and that of the question that it answers."""
        for statement, claim in zip(self.statements, self.claims, strict=True):
            if statement.role not in without:
                yield statement, claim, self.claims[statement.question] if statement.question >= 0 else None


def claims_of(record: Record, extract: Extract) -> Claims:
    """The statements of `record`, each with the sentences of `extract` that bear it."""
    source, statements = source_of(extract), statements_of(record)
    claims = [
        _claim(one.text, one.low, one.words, tuple([_lead(lead, one, statements) for lead in one.leads]), source)
        for one in statements
    ]
    return Claims(source, statements, tuple(claims))


def _lead(lead: int, statement: Statement, statements: tuple[Statement, ...]) -> tuple[str, tuple[Word, ...], float]:
    return statements[lead].text, statements[lead].words, 0.5 if lead == statement.question else 0.25


@lru_cache(maxsize=1 << 13)
def _claim(
    text: str,
    low: str,
    words: tuple[Word, ...],
    leads: tuple[tuple[str, tuple[Word, ...], float], ...],
    source: Source,
) -> Claim:
    # Ordered, because sums of floats depend on it.
    mine = dict.fromkeys([word.stem for word in words])
    values = _values(mine, leads, source)
    own = sum([values[one] for one in mine if one in values])
    total = sum(values.values())
    scores = _scores(values, values, source)
    top = max(scores.values(), default=0.0)
    rivals = tuple(sorted([number for number, score in scores.items() if score >= RIVAL * top]))
    support: list[int] = []
    missing = list(values)
    first = 0.0
    while top > 0 and top >= MIN_GAIN * total:
        # Ties go to the earlier sentence.
        best = min([number for number, score in scores.items() if score >= top])
        support.append(best)
        unit = source.units[best]
        gone = [one for one in missing if one in unit.stems or one in unit.context]
        missing = [one for one in missing if one not in unit.stems and one not in unit.context]
        if len(support) == 1:
            first = sum([values[one] for one in gone if one in mine])
        if not missing or not gone or len(support) == MAX_SUPPORT:
            break
        scores = _scores(missing, values, source)
        top = max(scores.values(), default=0.0)
    rest = sum([values[one] for one in missing])
    return Claim(
        text,
        low,
        words,
        source,
        tuple(support),
        rivals,
        1 - rest / total if total > 0 else 0.0,
        first / own if own > 0 else 0.0,
        _verbatim(low, source),
        _novel(words, source),
    )


def _values(
    mine: Iterable[str], leads: tuple[tuple[str, tuple[Word, ...], float], ...], source: Source
) -> dict[str, float]:
    """The weights of the words by which the statement is looked for."""
    weight = source.weight
    values = {one: weight[one] for one in mine if one in weight}
    for _, words, share in leads:
        for word in words:
            if word.stem in weight and word.stem not in values:
                values[word.stem] = weight[word.stem] * share
    return values


def _scores(words: Iterable[str], values: Mapping[str, float], source: Source) -> dict[int, float]:
    scores: dict[int, float] = {}
    where = source.where
    for one in words:
        value = values[one]
        for number, factor in where[one]:
            scores[number] = scores.get(number, 0.0) + value * factor
    return scores


def _verbatim(low: str, source: Source) -> bool:
    """Whether the words of the statement, or those behind its label, run the same way in the extract."""
    if f" {' '.join(WORD.findall(low))} " in source.running:
        return True
    _, colon, said = low.rpartition(": ")
    words = WORD.findall(said) if colon else []
    return len(words) > 3 and f" {' '.join(words)} " in source.running


def _novel(words: tuple[Word, ...], source: Source) -> tuple[Word, ...]:
    """The words that the extract has nowhere, neither themselves nor as part of an acronym that they spell out."""
    vocabulary = source.vocabulary
    strange = [
        number
        for number, word in enumerate(words)
        if word.stem not in vocabulary and not source.knows(word.text, word.stem)
    ]
    if not strange:
        return ()
    letters = "".join([word.text[0] for word in words]).upper()
    return tuple([words[number] for number in strange if not _spells(letters, number, source)])


def _spells(letters: str, number: int, source: Source) -> bool:
    """Whether a run of initials around a word is an acronym of the extract."""
    return any(
        letters[first : first + size] in source.acronyms
        for first in range(max(0, number - 4), number + 1)
        for size in range(max(2, number - first + 1), min(6, len(letters) - first + 1))
    )


def substitutions(claim: Claim) -> Iterator[tuple[Word, str]]:
    """Words in whose place the best sentence of the extract has another one, between the same neighbours, and the stem
    of that other one. Neither stands elsewhere in the two; both are no words of general English."""
    if not claim.support:
        return
    unit = claim.source.units[claim.support[0]]
    words = claim.words
    own = {word.stem for word in words}
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
