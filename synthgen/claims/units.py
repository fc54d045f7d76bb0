"""A text taken apart: its sentences, the headings and the paragraph that each stands in, and the grade behind it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from synthgen.claims.lay import TERMS
from synthgen.claims.words import FUNCTION, WORD, content, folded, stem, tokens_of, words_of
from synthgen.extracts.sentences import spans

_GRADE_ALONE = re.compile(
    r"[\W_]{0,8}(?:(?:[Gg]rade|[Ll]evel|[Cc]lass)[: ]{1,2})?(?:[A-DI]{1,4}|EO|GPP|[1-5][A-C]?)[\W_]{0,8}"
    r"|[\W_]{0,8}(?:[Ss]trong|[Ww]eak|[Cc]onditional)\b[^.]{0,80}"
)
_ITEM = re.compile(r"[*•-] |\(?(?:\d{1,2}|[a-z])[.)] ")
_DEFINED = re.compile(r"\(\s?([A-Z][A-Za-z0-9–-]{1,9})s?\s?\)")


@dataclass(frozen=True, eq=False)
class Unit:
    """One sentence of the extract: its span, its words in order and their stems, and the stems of the headings and of
    the paragraph it stands in. `paragraph` is the number of the first unit of its paragraph, `line` that of its line;
    `low` ends with the grade that stands behind the sentence, if any; `tokens` and `words` are its words, in order and
    each once."""

    start: int
    end: int
    text: str
    low: str
    tokens: tuple[str, ...]
    words: frozenset[str]
    order: tuple[str, ...]
    stems: frozenset[str]
    context: frozenset[str]
    heading: bool
    paragraph: int
    line: int


def apart(text: str) -> tuple[tuple[Unit, ...], list[str], list[int]]:
    """The sentences of a text, the words of each in lower case with a space between, and the place of each of these
    among all of them."""
    abbreviations = _abbreviations(text)
    units: list[Unit] = []
    running: list[str] = []
    starts: list[int] = []
    length = 0
    above = paragraph = frozenset[str]()
    after_heading = False
    last_end = 0
    for start, end in spans(text):
        raw = text[start:end]
        body = raw.strip()
        low = folded(body)
        tokens = tokens_of(low)
        if not tokens:
            continue
        words = " ".join(tokens)
        running.append(words)
        length, begin = length + len(words) + 1, length
        new = "\n" in text[max(0, last_end - 2) : last_end] or not units
        if new:
            paragraph = frozenset()
        if units and _GRADE_ALONE.fullmatch(body):
            _graded(units, folded(body))
            continue
        order = tuple(filter(None, map(content, tokens)))
        stems = _expanded(frozenset(order), abbreviations)
        heading = _is_heading(body)
        if heading:
            above = above | stems if after_heading else stems
        after_heading = heading
        starts.append(begin)
        same_line = bool(units) and "\n" not in text[units[-1].end : start]
        units.append(
            Unit(
                start=start,
                end=start + len(raw.rstrip()),
                text=body,
                low=low,
                tokens=tokens,
                words=words_of(low),
                order=order,
                stems=stems,
                context=above | paragraph,
                heading=heading,
                paragraph=len(units) if new else units[-1].paragraph,
                line=units[-1].line if same_line else len(units),
            )
        )
        paragraph = paragraph | stems
        last_end = end
    starts.append(length)
    return tuple(units), running, starts


def _graded(units: list[Unit], grade: str) -> None:
    """Gives a grade that stands alone to the sentence before it; where that is the last item of a list, to the items
    that have none and to what introduces them. Numbered sentences that nothing introduces are no list."""
    listed = []
    for place in range(len(units) - 1, max(-1, len(units) - 12), -1):
        draft = units[place]
        listed.append(place)
        if draft.low != folded(draft.text) or (draft.heading and draft.text.startswith("#")):
            break
        if draft.text.endswith(":") or not _ITEM.match(draft.text):
            break
    introduced = units[listed[-1]].text.endswith(":")
    for place in listed if introduced else listed[:1]:
        low = f"{units[place].low} {grade}"
        units[place] = replace(units[place], low=low, tokens=tokens_of(low), words=words_of(low), heading=False)


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
    for short, long in (*abbreviations.items(), *TERMS):
        if short in stems:
            more |= long
        elif long and long <= stems:
            more.add(short)
    return frozenset(more)
