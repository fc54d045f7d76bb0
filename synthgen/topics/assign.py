"""Which topics a text is on, told by weighted terms: cheap, without a model, and the same everywhere."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from synthgen.data import Extract
from synthgen.topics.outline import Outline

ENOUGH = 3.0
"""What the terms of a topic must come to for a text to be on it: one certain term."""

HEADING = 3
"""How often a title or heading counts: it says what its section is about."""

_WORD = re.compile(r"[a-z0-9][a-z0-9.'-]*[a-z0-9]|[a-z0-9]")


@dataclass(frozen=True, slots=True)
class Assigned:
    """The names of the system that a text is on and of the task that it is about; None where nothing tells."""

    system: str | None
    task: str | None

    def otherwise(self, other: Assigned) -> Assigned:
        """This, with what nothing told here as in `other`."""
        return Assigned(self.system or other.system, self.task or other.task)


class Assigner:
    """Assigns texts to the topics of an outline.

    A topic's terms count by the square root of how often they stand in the text, so that one word that is repeated
    does not outweigh several different ones.
    """

    def __init__(self, outline: Outline) -> None:
        self._outline = outline
        self._terms: list[tuple[str, int]] = []
        """The topic of each term and what it counts, by the term's number."""
        self._words: dict[str, list[int]] = {}
        self._beginnings: dict[str, list[int]] = {}
        self._phrases: dict[str, list[tuple[int, list[str]]]] = {}
        """The terms of several words by the first one, with those that follow."""
        for topic in (*outline.systems.values(), *outline.tasks.values()):
            for term, weight in topic.terms.items():
                self._add(len(self._terms), *term.split())
                self._terms.append((topic.name, weight))
        self._lengths = sorted({len(beginning) for beginning in self._beginnings})
        self._known: dict[str, list[int]] = {}

    def extract(self, extract: Extract) -> Assigned:
        """The topics of an extract, by its text, its headings and its document's title."""
        return self.text(extract.text, " / ".join((extract.title, *extract.headings)))

    def text(self, text: str, heading: str = "") -> Assigned:
        """The topics of a text under a heading."""
        scores = dict.fromkeys((*self._outline.systems, *self._outline.tasks), 0.0)
        words = [*_WORD.findall(heading.lower()) * HEADING, *_WORD.findall(text.lower())]
        for number, count in self._found(words).items():
            topic, weight = self._terms[number]
            scores[topic] += weight * math.sqrt(count)
        return Assigned(_highest(scores, self._outline.systems), _highest(scores, self._outline.tasks))

    def _add(self, number: int, first: str, *following: str) -> None:
        if following:
            self._phrases.setdefault(first, []).append((number, list(following)))
        elif first.endswith("*"):
            self._beginnings.setdefault(first[:-1], []).append(number)
        else:
            self._words.setdefault(first, []).append(number)

    def _found(self, words: Sequence[str]) -> Counter[int]:
        """How often each term stands among `words`, by its number."""
        found: Counter[int] = Counter()
        for word, count in Counter(words).items():
            if (numbers := self._known.get(word)) is None:
                numbers = self._known[word] = self._of(word)
            for number in numbers:
                found[number] += count
        for at, word in enumerate(words, start=1):
            for number, following in self._phrases.get(word, ()):
                if _follow(following, words[at : at + len(following)]):
                    found[number] += 1
        return found

    def _of(self, word: str) -> list[int]:
        """The terms of one word that `word` is a form of."""
        found = list(self._words.get(word, ()))
        for length in self._lengths:
            if length <= len(word):
                found += self._beginnings.get(word[:length], ())
        return found


def _follow(wanted: Sequence[str], words: Sequence[str]) -> bool:
    """Whether `words` are those that are `wanted`; the last one may end in any way if it is followed by a `*`."""
    return words[:-1] == wanted[:-1] and bool(words) and _is(wanted[-1], words[-1])


def _is(wanted: str, word: str) -> bool:
    return word.startswith(wanted[:-1]) if wanted.endswith("*") else word == wanted


def _highest(scores: Mapping[str, float], topics: Iterable[str]) -> str | None:
    """The topic that comes to most, the earlier one of equals; None where that is not enough."""
    best = max(topics, key=scores.__getitem__)
    return best if scores[best] >= ENOUGH else None
