"""The extract as statements are compared with it: sentences, what stands above them, and where each word is."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from synthgen.claims.general import GENERAL
from synthgen.claims.words import FUNCTION, WORD, stem
from synthgen.data import Extract
from synthgen.extracts.sentences import spans

MAX_SOURCE = 200_000
"""Characters of an extract that are analysed; extracts are far shorter."""

PREFIX = 6

NEGATING = ("un", "in", "im", "non", "dis", "co", "re", "post", "pre")
"""Prefixes that make a new word of one that the extract may hold; what they change is for the filter of polarity."""

_MARKUP = re.compile(r"[\s#>*_|+\-•]*")
_GRADE_ALONE = re.compile(
    r"[\W_]{0,8}(?:(?:[Gg]rade|[Ll]evel|[Cc]lass)[: ]{1,2})?(?:[A-DI]{1,4}|EO|GPP|[1-5][A-C]?)[\W_]{0,8}"
    r"|[\W_]{0,8}(?:[Ss]trong|[Ww]eak|[Cc]onditional)\b[^.]{0,80}"
)
_ITEM = re.compile(r"[*•-] |\(?(?:\d{1,2}|[a-z])[.)] ")
_DEFINED = re.compile(r"\(\s?([A-Z][A-Za-z0-9–-]{1,9})s?\s?\)")


@dataclass(frozen=True, slots=True)
class Unit:
    """One sentence of the extract: its span, its stems, and those of the headings and the paragraph it stands in."""

    start: int
    end: int
    text: str
    low: str
    stems: frozenset[str]
    context: frozenset[str]
    heading: bool = False
    near: frozenset[str] = frozenset()
    tail: str = ""
    order: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    units: tuple[Unit, ...]
    vocabulary: frozenset[str]
    prefixes: frozenset[str]
    initials: frozenset[str]
    acronyms: frozenset[str]
    outer: frozenset[str]
    abbreviated: frozenset[str]
    words: tuple[str, ...]
    running: str
    low: str
    weight: Mapping[str, float]
    where: Mapping[str, tuple[tuple[int, float], ...]]

    def knows(self, word: str, stemmed: str) -> bool:
        """Whether the extract, its title or its headings hold the word in some form."""
        return (
            self._holds(stemmed)
            or (word.isupper() and word in self.initials)
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
        return stemmed in self.vocabulary or (len(stemmed) >= PREFIX - 1 and stemmed[:PREFIX] in self.prefixes)


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
    return _source(extract.text, "\n".join((extract.title, *extract.headings)))


@lru_cache(maxsize=32)
def _source(text: str, above: str) -> Source:
    text = text[:MAX_SOURCE]
    outer = _stems(above)
    abbreviations = _abbreviations(text)
    units: list[Unit] = []
    heading: frozenset[str] = frozenset()
    after_heading = False
    paragraph = near = frozenset[str]()
    last_end = 0
    for start, end in spans(text):
        raw = text[start:end]
        body = raw.strip()
        if not WORD.search(body):
            continue
        stems = _expanded(_stems(body), abbreviations)
        if "\n" in text[max(0, last_end - 2) : last_end] or not units:
            paragraph, near = frozenset(), frozenset()
        if units and _GRADE_ALONE.fullmatch(body):
            _graded(units, body.lower())
            continue
        headed = _is_heading(body)
        if headed:
            heading = heading | stems if after_heading else stems
            after_heading = True
        else:
            after_heading = False
        low = " ".join(body.lower().split())
        near = near | frozenset(WORD.findall(low))
        units.append(
            Unit(
                start,
                start + len(raw.rstrip()),
                body,
                low,
                stems,
                heading | paragraph,
                headed,
                near,
                order=_order(body),
            )
        )
        paragraph = paragraph | stems
        last_end = end
    return _indexed(_with_tails(units, text), outer, text + "\n" + above)


def _indexed(units: tuple[Unit, ...], outer: frozenset[str], text: str) -> Source:
    where: dict[str, list[tuple[int, float]]] = {}
    held: dict[str, int] = {}
    for number, unit in enumerate(units):
        for one in unit.stems:
            where.setdefault(one, []).append((number, 0.4 if unit.heading else 1.0))
            held[one] = held.get(one, 0) + 1
        for one in unit.context - unit.stems - GENERAL:
            where.setdefault(one, []).append((number, 0.6))
    total = len(units) + 1
    vocabulary = frozenset(where) | outer
    words = WORD.findall(text)
    initials = {
        "".join(word[0] for word in words[at : at + size]).upper()
        for size in (2, 3, 4, 5)
        for at in range(len(words) - size + 1)
    }
    return Source(
        units,
        vocabulary,
        frozenset(one[:PREFIX] for one in vocabulary if len(one) >= PREFIX - 1),
        frozenset(initials),
        frozenset(
            capitals for word in words if len(capitals := "".join(letter for letter in word if letter.isupper())) > 1
        ),
        outer,
        frozenset(stem(word) for word in words if len(word) > 1 and word[:-1].isupper()),
        tuple(word.lower() for word in words),
        f" {' '.join(words).lower()} ",
        text.lower(),
        {one: (math.log(total / held[one]) + 0.1) ** 2 * (0.25 if one in GENERAL else 1.0) for one in where},
        {one: tuple(found) for one, found in where.items()},
    )


def _graded(units: list[Unit], grade: str) -> None:
    """Gives a grade that stands alone to the sentence, or the list and its introduction, before it."""
    for at in range(len(units) - 1, max(-1, len(units) - 12), -1):
        units[at] = replace(units[at], low=f"{units[at].low} {grade}", heading=False)
        if units[at].text.endswith(":") or not _ITEM.match(units[at].text):
            break


def _with_tails(units: list[Unit], text: str) -> tuple[Unit, ...]:
    """The units with what follows them on their line."""
    found: list[Unit] = []
    tail, begin = "", len(text)
    for unit in reversed(units):
        if "\n" in text[unit.end : begin]:
            tail = ""
        found.append(replace(unit, tail=tail))
        tail, begin = f"{unit.low} {tail}"[:400], unit.start
    return tuple(reversed(found))


def _stems(text: str) -> frozenset[str]:
    return frozenset(stem(word) for word in WORD.findall(text) if word.lower() not in FUNCTION)


def _order(text: str) -> tuple[str, ...]:
    return tuple(stem(word) for word in WORD.findall(text) if word.lower() not in FUNCTION)


def _is_heading(body: str) -> bool:
    return body.startswith("#") or (len(body) <= 80 and body[-1] not in ".;,!?" and not body.startswith(("-", "* ")))


def _abbreviations(text: str) -> Mapping[str, frozenset[str]]:
    """Abbreviations that the text defines in brackets, with the stems of what they stand for."""
    found: dict[str, frozenset[str]] = {}
    for match in _DEFINED.finditer(text):
        letters = [letter for letter in match[1].upper() if letter.isalpha()]
        before = WORD.findall(text[max(0, match.start() - 120) : match.start()])
        for size in range(len(letters) + 3, 1, -1):
            words = before[-size:]
            if len(words) == size and words[0][0].upper() == letters[0] and _spells(words, letters):
                found[stem(match[1])] = frozenset(stem(word) for word in words if word.lower() not in FUNCTION)
                break
    return found


def _spells(words: list[str], letters: list[str]) -> bool:
    rest = iter("".join(words).upper())
    return all(letter in rest for letter in letters) and sum(
        word[0].upper() in letters for word in words if word.lower() not in FUNCTION
    ) * 2 >= len(letters)


def _expanded(stems: frozenset[str], abbreviations: Mapping[str, frozenset[str]]) -> frozenset[str]:
    more = set(stems)
    for short, long in abbreviations.items():
        if short in stems:
            more |= long
        elif long and long <= stems:
            more.add(short)
    return frozenset(more)
