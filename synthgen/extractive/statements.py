"""An extract as statements: pieces of it that can be understood alone, each with what it is about."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from synthgen.data import Extract
from synthgen.extractive import topics
from synthgen.extractive.grammar import GRADE, closed, is_sentence
from synthgen.extractive.lists import listed
from synthgen.extractive.pieces import LABEL_LEVEL, Piece, pieces
from synthgen.extractive.quantities import quantities
from synthgen.extractive.salience import is_administrative, is_noise, salience
from synthgen.extractive.units import units
from synthgen.extracts.sentences import sentences


@dataclass(frozen=True, slots=True)
class Statement:
    """One or more sentences of the extract that belong together.

    `subject` is what the document is about, `topic` the nearest heading above the text and `context` the one above
    that, as words inside a sentence; each is empty where there is none. `whole` tells whether the text can stand
    without them. `section` is the same for statements under one heading. `lead` is the lead-in of a list, `cells` a
    table row's (column header, cell) pairs, `salience` as in `synthgen.extractive.salience`.
    """

    text: str
    subject: str = ""
    context: str = ""
    topic: str = ""
    section: int = 0
    whole: bool = True
    salience: int = 0
    lead: str = ""
    cells: tuple[tuple[str, str], ...] = ()

    @property
    def names(self) -> tuple[str, str, str]:
        """Subject, context and topic; a context only where the topic needs it."""
        return self.subject, self.context if topics.is_weak(self.topic) else "", self.topic

    @property
    def bare(self) -> str:
        """The text without its topic in front of it."""
        head, colon, rest = self.text.partition(": ")
        return rest if colon and head.lower() == self.topic.lower() else self.text

    @property
    def alone(self) -> str:
        """The text with what it does not say of its subject and topic before it."""
        text, anchor = self.bare, self.subject or self.context
        if self.whole and anchor and topics.is_named(anchor, text):
            return text
        needed = topics.missing(self.names, text)
        return f"{topics.title(needed)}: {text}" if needed else text


def statements(extract: Extract) -> tuple[Statement, ...]:
    """The statements of an extract, in its order, without what points elsewhere or speaks of the document itself."""
    return _statements(extract.text, extract.title, extract.headings)


@lru_cache(maxsize=64)
def _statements(text: str, title: str, headings: tuple[str, ...]) -> tuple[Statement, ...]:
    reader = _Reader(text, title, headings)
    return tuple(_unrepeated(reader.read(list(pieces(text)))))


def _unrepeated(found: Iterator[Statement]) -> Iterator[Statement]:
    seen = set()
    for statement in found:
        key = statement.text.lower()
        if key not in seen:
            seen.add(key)
            yield statement


class _Reader:
    """Walks over the pieces of one extract and keeps the headings that stand above the current one."""

    def __init__(self, text: str, title: str, headings: Sequence[str]) -> None:
        self._body = f" {' '.join(text.split())} "
        self._subject = topics.subject(title)
        self._above = list(headings)
        self._numbers = set(re.findall(r"\d+", text))
        self._stack: list[tuple[int, str]] = []
        self._section = 0
        self._administrative = any(map(is_administrative, headings))

    def read(self, queue: list[Piece]) -> Iterator[Statement]:
        at, lead = 0, ""
        while at < len(queue):
            piece = queue[at]
            end = at + 1
            if piece.kind == "item":
                end = next((n for n in range(at, len(queue)) if queue[n].kind != "item"), len(queue))
            if piece.kind == "heading":
                self._enter(piece.level, piece.text)
            found, lead = self._statements(piece, queue[at:end], queue[end : end + 1], lead)
            yield from found
            at = end

    def _statements(
        self, piece: Piece, group: list[Piece], after: list[Piece], lead: str
    ) -> tuple[list[Statement], str]:
        """The statements of a piece (of a whole list, given as `group`), and the lead-in that they are to the next."""
        follows = after[0].kind if after else ""
        label = piece.kind == "paragraph" and follows in {"paragraph", "item"} and _is_label(piece.text)
        if label:
            self._enter(LABEL_LEVEL, piece.text)
        if self._administrative:
            return [], ""
        if label or piece.kind == "heading":
            return [], _heading_lead(piece.text) if follows == "item" else ""
        if piece.kind == "row":
            return self._row(piece), ""
        if piece.kind == "item":
            return [self._made(*made) for made in listed(group, lead)], ""
        parts = sentences(piece.text)
        next_lead = parts.pop() if follows == "item" and parts and parts[-1].endswith(":") else ""
        return [self._made(text, whole) for text, whole in units(parts)], next_lead

    def _enter(self, level: int, heading: str) -> None:
        """Go below a heading. One of level N ends those of the path above the extract from the Nth on."""
        if heading.startswith(("(", "[", "*")):
            return
        self._above = self._above[: level - 1]
        self._stack = [*(entry for entry in self._stack if entry[0] < level), (level, heading)]
        self._section += 1
        self._administrative = any(map(is_administrative, [*self._above, *(name for _, name in self._stack)]))

    def _made(self, text: str, whole: bool, lead: str = "", cells: tuple[tuple[str, str], ...] = ()) -> Statement:
        subject, context, topic = (topics.inline(name, self._body) for name in self._names())
        return Statement(text, subject, context, topic, self._section, whole, salience(text), lead, cells)

    def _names(self) -> tuple[str, str, str]:
        """Subject, context and topic; no heading from outside the extract with a number that the extract lacks."""
        outer = [name for name in self._above if self._numbers.issuperset(re.findall(r"\d+", name))]
        names = [topics.topic_name(heading) for heading in (*outer, *(name for _, name in self._stack))]
        names = [
            name
            for n, name in enumerate(names)
            if name and name.lower() not in map(str.lower, [self._subject, *names[n + 1 :]])
        ]
        context, topic = ["", "", *names][-2:]
        return self._subject, context, topic

    def _row(self, piece: Piece) -> list[Statement]:
        if len(piece.cells) < 2 or is_noise(piece.text):
            return []
        return [self._made(closed(piece.text), False, "", piece.cells)]


def _heading_lead(heading: str) -> str:
    """A heading as the lead-in of the list below it, where it names what is listed."""
    return f"{heading}:" if topics.topic_name(heading) == heading else ""


def _is_label(text: str) -> bool:
    """Whether a short line without a stop is a heading that lost its markup."""
    return (
        len(text.split()) <= 8
        and text[:1].isupper()
        and text[-1].isalnum() | (text[-1] == ")")
        and not is_sentence(text)
        and not GRADE.match(text)
        and not quantities(text)
    )
