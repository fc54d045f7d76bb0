"""Which drug a dose belongs to: in a statement, and in the extract."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import NamedTuple

from synthgen.claims.alignment import Claim, Claims
from synthgen.claims.source import Source
from synthgen.claims.statements import Statement
from synthgen.claims.technical import is_drug
from synthgen.claims.words import WORD, stem
from synthgen.quantities.quantity import Quantity
from synthgen.quantities.reading import quantities_of
from synthgen.quantities.source import Source as Quantities

DOSES = frozenset({"mass", "units", "iu", "volume", "substance", "drops"})
"""Measures of doses, per weight or volume too."""

ABOVE = 2
"""Lines with words above a dose that may name its drug."""

Names = frozenset[str]

_CLAUSE = re.compile(r"[;:] |, (?:and|but|or|whereas|while) |\b(?:whereas|while|but)\b")


class Misgiven(NamedTuple):
    """A dose in a statement whose drug has it nowhere in the extract: `[start, end)` in the record, and a drug that
    has it."""

    statement: Statement
    claim: Claim
    start: int
    end: int
    owner: str


def misgiven(claims: Claims, text: str, source: Quantities) -> Iterator[Misgiven]:
    """The doses in a record's text that the extract gives to other drugs than the statement does.

    A drug of the statement must have doses of its own in the extract, and every place of the extract that has the dose
    must name another one. `source` are the quantities of the same extract.
    """
    owners = _owners(source, claims.source)
    if len(frozenset[str]().union(*owners)) < 2:
        return
    row, found = quantities_of(text)
    doses = [quantity for quantity in found if _is_dose(quantity)]
    starts = [statement.start for statement in claims.statements]
    for dose in doses:
        owning = frozenset[str]().union(*[owners[index] for index in source.by_measure.get(dose.measure, ())])
        if not owning:
            continue
        start, end = row.span(dose.first, dose.last)
        number = bisect_right(starts, start) - 1
        if number < 0 or (statement := claims.statements[number]).role in ("vignette", "option"):
            continue
        at = start - statement.start
        mine = _beside(*_clause(statement.text, at), claims.source) or _beside(statement.text[:at], at, claims.source)
        for lead in () if mine else statement.leads:
            mine |= frozenset([name for _, name in _named(claims.statements[lead].text, claims.source)])
        if mine.isdisjoint(owning):
            continue
        theirs = [owners[index] for index, _ in source.candidates(dose, counted=False).agreeing]
        elsewhere = theirs and all(theirs) and not any(mine & owner for owner in theirs)
        if elsewhere:
            yield Misgiven(statement, claims.claims[number], start, end, min(theirs[0]))


def _is_dose(quantity: Quantity) -> bool:
    return quantity.measure.partition("/")[0] in DOSES


@lru_cache(maxsize=32)
def _owners(source: Quantities, words: Source) -> Sequence[Names]:
    """The drugs that each quantity may belong to: those beside it on its line, or else those of a line above."""
    lines = words.text.split("\n")
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    found: list[Names] = []
    for index, quantity in enumerate(source.quantities):
        if not _is_dose(quantity):
            found.append(frozenset())
            continue
        start, _ = source.span(index)
        number = bisect_right(starts, start) - 1
        found.append(_beside(lines[number], start - starts[number], words) or _above(lines, number, words))
    return found


def _clause(text: str, at: int) -> tuple[str, int]:
    """The clause around a place, and the place in it."""
    ends = [match.start() for match in _CLAUSE.finditer(text)]
    first = max([end for end in ends if end <= at], default=0)
    return text[first : min([end for end in ends if end > at], default=len(text))], at - first


def _above(lines: Sequence[str], number: int, words: Source) -> Names:
    filled = [line for line in lines[max(0, number - 2 * ABOVE) : number] if line.strip()]
    named = (_named(line, words) for line in reversed(filled[-ABOVE:]))
    return frozenset([name for _, name in next(filter(None, named), ())])


def _beside(text: str, at: int, words: Source) -> Names:
    """The drug named last before a place, with the names that adjoin it, and the one named first behind it."""
    names = _named(text, words)
    split = bisect_right(names, at, key=itemgetter(0))
    found = [name for _, name in names[split : split + 1]]
    behind = at
    for place, name in reversed(names[:split]):
        if behind < at and len(WORD.findall(text[place:behind])) > 1:
            break
        found.append(name)
        behind = place
    return frozenset(found)


@lru_cache(maxsize=4096)
def _named(text: str, words: Source) -> tuple[tuple[int, str], ...]:
    """The places and stems of drugs in a text: by their form, or because the extract gives their other name."""
    return tuple(
        [
            (match.start(), stem(match[0]))
            for match in WORD.finditer(text)
            if is_drug(match[0].lower()) or (words.named and stem(match[0]) in words.named)
        ]
    )
