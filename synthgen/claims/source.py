"""The extract as statements are compared with it: its sentences, and where each word is."""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import takewhile

from synthgen.claims.general import GENERAL
from synthgen.claims.units import Unit, apart
from synthgen.claims.words import WORD, content, stem
from synthgen.data import Extract

__all__ = ["Source", "Unit", "source_of"]

MAX_SOURCE = 200_000
"""Characters of an extract that are analysed; extracts are far shorter."""

MAX_RUN = 4
"""Units that a text which runs over several is said to stand in."""

MAX_LINE = 60
"""Units of one line that are looked at."""

PREFIX = 6

NEGATING = ("un", "in", "im", "non", "dis", "co", "re", "post", "pre")
"""Prefixes that make a new word of one that the extract may hold; what they change is for the filter of polarity."""

_SALT = (
    r"acetate|besylate|bromide|calcium|chloride|citrate|fumarate|gluconate|hydrobromide|hydrochloride|lactate|maleate"
    r"|mesylate|phosphate|potassium|sodium|succinate|sulfate|tartrate"
)
_OTHER_NAME = re.compile(
    rf"\b(?!(?:{_SALT}) \()([A-Za-z][a-z]{{4,}})(?: (?:{_SALT}))? \(([A-Z][A-Za-z]+[a-z]{{2}})[®™]?\)"
)


@dataclass(frozen=True, eq=False)
class Source:
    """An extract, its title and its headings, taken apart.

    `running` are all words in lower case, with a space around each; `starts` are the places in it at which the units
    begin and where the last one ends, and `outer` the stems of the title and the headings. `where` gives the units
    that hold a stem, each with a factor, and `weight` how much a stem tells.
    """

    text: str
    units: tuple[Unit, ...]
    running: str
    starts: tuple[int, ...]
    outer: frozenset[str]
    weight: Mapping[str, float]
    where: Mapping[str, tuple[tuple[int, float], ...]]

    @cached_property
    def low(self) -> str:
        return self.text.lower()

    @cached_property
    def totals(self) -> tuple[float, ...]:
        """The weight of each unit's words."""
        return tuple([sum([self.weight[one] for one in sorted(unit.stems)]) for unit in self.units])

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        return self.outer.union(self.where)

    @cached_property
    def prefixes(self) -> frozenset[str]:
        return frozenset([one[:PREFIX] for one in self.vocabulary if len(one) >= PREFIX - 1])

    @cached_property
    def words(self) -> tuple[str, ...]:
        return tuple(self.running.split())

    @cached_property
    def capitalised(self) -> tuple[str, ...]:
        """The words with other capitals than a sentence gives them, each once."""
        words = dict.fromkeys(WORD.findall(self.text))
        return tuple([word for word in words if not word[1:].islower() and not word.isdigit()])

    @cached_property
    def initials(self) -> str:
        """The first letters of all words, in capitals."""
        return "".join([word[0] for word in self.words]).upper()

    @cached_property
    def acronyms(self) -> frozenset[str]:
        """The capitals of words that have several."""
        return frozenset(
            [capitals for word in self.capitalised if len(capitals := "".join(filter(str.isupper, word))) > 1]
        )

    @cached_property
    def abbreviated(self) -> frozenset[str]:
        """The stems of words in capitals, plural ones too."""
        return frozenset([stem(word) for word in self.capitalised if len(word) > 1 and word[:-1].isupper()])

    @cached_property
    def named(self) -> frozenset[str]:
        """The stems of names with another name in brackets behind them, as a drug has its brand's, and of those."""
        return frozenset([stem(name) for match in _OTHER_NAME.finditer(self.text) for name in match.groups()]) - GENERAL

    def near(self, number: int) -> frozenset[str]:
        """The words of a unit and of those before it in its paragraph."""
        first = self.units[number].paragraph
        return frozenset[str]().union(*[unit.words for unit in self.units[first : number + 1]])

    def tail(self, number: int) -> str:
        """What follows a unit on its line, in lower case."""
        return " ".join([unit.low for unit in self.on_line(number) if unit.start > self.units[number].start])[:400]

    def on_line(self, number: int) -> tuple[Unit, ...]:
        """The units that stand on the line of a unit, such as those of a table row."""
        line = self.units[number].line
        return tuple(takewhile(lambda one: one.line == line, self.units[line : line + MAX_LINE]))

    def at(self, words: Iterable[str]) -> tuple[int, ...] | None:
        """The numbers of the units in which lower-case words first run in this order; empty where only the title or the
        headings have them so, None where nothing has."""
        running = f" {' '.join(words)} "
        found = self.running.find(running)
        if found < 0:
            return None
        first, last = bisect_right(self.starts, found), bisect_right(self.starts, found + len(running) - 2)
        return tuple(range(first - 1, min(last, len(self.units), first - 1 + MAX_RUN)))

    def knows(self, word: str, stemmed: str) -> bool:
        """Whether the extract, its title or its headings hold the word in some form."""
        return (
            self._holds(stemmed)
            or (word.isupper() and 2 <= len(word) <= 5 and word in self.initials)
            or (sum(letter.isupper() for letter in word) >= 2 and len(word) <= 6 and self._spelt(word.lower()))
            or any(self._holds(stemmed[len(prefix) :]) for prefix in NEGATING if stemmed.startswith(prefix))
        )

    def _spelt(self, acronym: str) -> bool:
        """Whether an acronym takes its letters, in order, from a run of words, beginning and going on with initials."""
        acronym = acronym.rstrip("s") if len(acronym) > 3 else acronym
        for at, word in enumerate(self.words):
            if word[0] == acronym[0] and any(
                _takes(acronym, self.words[at : at + size]) for size in range(1, len(acronym) + 1)
            ):
                return True
        return False

    def _holds(self, stemmed: str) -> bool:
        if stemmed in self.vocabulary:
            return True
        return len(stemmed) >= PREFIX - 1 and (stemmed[:PREFIX] in self.prefixes or stemmed in self._endings)

    @cached_property
    def _endings(self) -> frozenset[str]:
        """What the stems end with: "birth" where there is "childbirth"."""
        return frozenset([one[at:] for one in self.vocabulary for at in range(1, len(one) - PREFIX + 2)])


def _takes(acronym: str, words: tuple[str, ...]) -> bool:
    rest = 1
    for letter in words[0][1:]:
        if rest < len(acronym) and letter == acronym[rest] and (len(words) == 1 or letter not in "aeiou"):
            if len(words) > 1 and acronym[rest] == words[1][0]:
                break
            rest += 1
    for word in words[1:]:
        if rest >= len(acronym) or word[0] != acronym[rest]:
            return False
        rest += 1
        for letter in word[1:]:
            if rest < len(acronym) and letter == acronym[rest]:
                rest += 1
    return rest == len(acronym) and len(words) > 1


def source_of(extract: Extract) -> Source:
    """The extract taken apart; the same object for the same extract while it is looked at."""
    return _source(extract.text, extract.title, extract.headings)


@lru_cache(maxsize=32)
def _source(text: str, title: str, headings: tuple[str, ...]) -> Source:
    text = text[:MAX_SOURCE]
    units, running, starts = apart(text)
    outer = "\n".join((title, *headings))
    words = ["", *running, " ".join(WORD.findall(outer.lower())), ""]
    stems = frozenset([stemmed for word in WORD.findall(outer) if (stemmed := content(word))])
    return _indexed(units, f"{text}\n{outer}", " ".join(words), tuple(starts), stems)


def _indexed(
    units: tuple[Unit, ...], text: str, running: str, starts: tuple[int, ...], outer: frozenset[str]
) -> Source:
    where: dict[str, list[tuple[int, float]]] = {}
    held: dict[str, int] = {}
    for number, unit in enumerate(units):
        own = (number, 0.4 if unit.heading else 1.0)
        for one in unit.stems:
            where.setdefault(one, []).append(own)
            held[one] = held.get(one, 0) + 1
        around = (number, 0.6)
        for one in unit.context - unit.stems - GENERAL:
            where.setdefault(one, []).append(around)
    total = len(units) + 1
    weight = {one: (math.log(total / held[one]) + 0.1) ** 2 * (0.25 if one in GENERAL else 1.0) for one in where}
    return Source(text, units, running, starts, outer, weight, {one: tuple(found) for one, found in where.items()})
