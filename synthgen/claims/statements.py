"""What a record says, in statements with their offsets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal, NamedTuple

from synthgen.claims.words import FUNCTION, WORD, content, folded, tokens_of, words_of
from synthgen.data import Record
from synthgen.filters.evidence import POSED, judged_text

Role = Literal["text", "question", "answer", "vignette", "option", "key", "explanation"]

MAX_TEXT = 100_000
"""Characters of a record that are analysed."""

MAX_STATEMENTS = 2_000

# One set of characters begins every alternative, so that the scan is fast.
_END = re.compile(
    r"[.!?;\n(\[](?:"
    r"(?<=[.!?])[\"'”’)*_\]]{0,4}(?=\s+[\"'“(*_\[]{0,4}[A-Z0-9ÀÖØ-Þ])"
    r"(?<!\be\.g\.)(?<!\bi\.e\.)(?<!\bvs\.)(?<!\bDr\.)(?<!\bal\.)"
    r"|(?<=;)(?=\s)"
    r"|(?<=\n)\n*+"
    r"|(?<=[(\[])[*_ ]{0,4}(?:(?:[Gg]rade|[Ll]evel|[Cc]lass|[Cc]ategory|[Ss]trong|[Ww]eak|[Cc]onditional|[Ll]ow"
    r"|[Mm]oderate"
    r"|[Hh]igh|[Vv]ery low)\b[^()\[\]\n]{0,80}|[A-DI]{1,3}|EO)[*_ ]{0,4}[)\]][.,;]{0,2}(?=\s))"
)
"""Where a statement ends: at a sentence's end, a semicolon, a line's end, and behind a grade in brackets."""


class Word(NamedTuple):
    """A content word, its offset in its statement, and its stem."""

    text: str
    start: int
    stem: str


@dataclass(frozen=True, eq=False)
class Reading:
    """A piece of text, the same in lower case with single spaces and without emphasis, all its words in lower case, in
    order and each once, and the stems of its content words, in order."""

    text: str
    low: str
    tokens: tuple[str, ...]
    words: frozenset[str]
    stems: tuple[str, ...]

    @property
    def numbers(self) -> bool:
        """Whether it holds any number in digits."""
        return any(word[0].isdigit() for word in self.words)


@dataclass(frozen=True, slots=True, eq=False)
class Statement:
    """A sentence, a clause before a semicolon, a list item or a table row. `question` is the number of the statement
    that asks what this one answers, or -1; `leads` are that one, or else the heading above, and the clause that this
    one goes on from."""

    role: Role
    start: int
    end: int
    reading: Reading
    question: int = -1
    leads: tuple[int, ...] = ()

    @property
    def text(self) -> str:
        return self.reading.text


_HEADING = re.compile(r"#.*|\*\*[^*]+\*\*:?")


def statements_of(record: Record) -> tuple[Statement, ...]:
    """The statements of a record, in order. The same record gives the same object while it is looked at."""
    return _statements(judged_text(record)[:MAX_TEXT], tuple(_parts(record)))


@lru_cache(maxsize=1 << 13)
def words_in(text: str) -> tuple[Word, ...]:
    """The content words of a statement's text, with their places."""
    # Made as the tuples that they are, which takes half the time.
    make = tuple.__new__
    return tuple(
        [
            make(Word, (word, match.start(), stemmed))
            for match in WORD.finditer(text)
            if (stemmed := content(word := match[0]))
        ]
    )


def _parts(record: Record) -> Iterator[tuple[Role, str]]:
    content = record.content
    if content is None:
        return
    if record.kind == "qa" and isinstance(content.get("pairs"), list):
        for pair in content["pairs"]:
            yield ("vignette" if record.transformation in POSED else "question"), str(pair["question"])
            yield "answer", str(pair["answer"])
    elif record.kind == "mcq" and isinstance(content.get("options"), list):
        key = str(content["answer"])
        yield "vignette", str(content["vignette"])
        yield "question", str(content["question"])
        for number, option in enumerate(content["options"]):
            yield ("key" if chr(65 + number) == key else "option"), str(option)
        yield "explanation", str(content["explanation"])
    elif record.kind == "dialogue" and isinstance(content.get("turns"), list):
        for turn in content["turns"]:
            yield "text", str(turn["text"])
    else:
        yield "text", record.text


@lru_cache(maxsize=64)
def _statements(text: str, parts: tuple[tuple[Role, str], ...]) -> tuple[Statement, ...]:
    found: list[Statement] = []
    at, question, heading = 0, -1, -1
    for role, part in parts:
        part = part.strip()
        start = text.find(part, at)
        if not part or start < 0:
            continue
        at = start + len(part)
        for begin, end in _pieces(text, start, at):
            reading = _read(text[begin:end])
            piece, low = reading.text, reading.low
            if (
                FUNCTION.issuperset(reading.tokens)
                and not low.lstrip(" *|-").startswith(("yes", "no"))
                and not low.rstrip(" *_").endswith("?")
            ):
                continue
            kind = role
            if role == "text" and piece.rstrip("*_ ").endswith("?"):
                kind = "question"
            if kind == "question" and role == "text":
                _join_question(text, found, begin)
            asks = kind in ("question", "vignette")
            question = len(found) if asks else question
            answered = -1 if asks else question
            heading = len(found) if _HEADING.fullmatch(piece.strip()) else heading
            leads = (answered,) if answered >= 0 else (heading,) if 0 <= heading < len(found) else ()
            if found and found[-1].end == begin and found[-1].role == kind and _goes_on(piece):
                leads = (len(found) - 1, *leads)
            found.append(Statement(kind, begin, end, reading, answered, leads))
            if len(found) >= MAX_STATEMENTS:
                return tuple(found)
    return tuple(found)


def _goes_on(piece: str) -> bool:
    """Whether a piece begins in the middle of a sentence."""
    first = piece.lstrip()[:1]
    return first.islower() or first in ("(", "[")


@lru_cache(maxsize=1 << 13)
def _read(piece: str) -> Reading:
    low = folded(piece)
    tokens = tokens_of(low)
    return Reading(piece, low, tokens, words_of(low), tuple(filter(None, map(content, tokens))))


def _join_question(text: str, found: list[Statement], begin: int) -> None:
    """What stands before a question on its line sets its scene, and is no claim either."""
    for at in range(len(found) - 1, -1, -1):
        if found[at].role != "text" or "\n" in text[found[at].end - 1 : begin]:
            break
        begin = found[at].start
        found[at] = replace(found[at], role="question", question=-1)


def _pieces(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    at = start
    for match in _END.finditer(text, start, end):
        if match.end() > at:
            yield at, match.end()
        at = match.end()
    if at < end:
        yield at, end
