"""Words of closed classes that exclude one another: more and less, first and last, days and weeks.

One of them in another's place changes what is said wherever the words around it are the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from synthgen.claims.alignment import Claim
from synthgen.claims.contradiction import MAX_ORDER
from synthgen.claims.negation import denies
from synthgen.claims.source import Source
from synthgen.claims.words import content

_CLASSES = """
    more greater larger higher longer bigger older heavier above over exceeding beyond
    / less fewer smaller lower shorter younger lighter below under
    | more greater stronger better / less weaker worse
    | most greatest highest largest longest strongest best / least fewest lowest smallest shortest weakest worst
    | before prior preceding ahead beforehand / after following afterward afterwards
    | superior / inferior
    | sooner earlier / later
    | faster quicker / slower
    | fastest quickest / slowest
    | earliest soonest / latest
    | many / few
    | first initial / last final / second / third / fourth / fifth
    | past previous last / next
    | early / late
    | brief / long prolonged
    | temporary temporarily transient transiently / permanent permanently
    | large big / small
    | narrow limited / wide broad
    | plus / minus
    | outweigh outweighs exceed exceeds / equal equals
    | once / twice
    | double doubles doubled doubling / triple triples tripled tripling
    | hours / minutes / days / weeks / months / years
    | i / ii / iii / iv / v
    | ia / ib / ic / iia / iib / iic
"""
_CLASS = [[frozenset(side.split()) for side in line.split("/")] for line in _CLASSES.split("|")]
WITH: Mapping[str, frozenset[str]] = {
    word: frozenset[str]().union(*[side for sides in _CLASS for side in sides if word in side])
    for sides in _CLASS
    for side in sides
    for word in side
}
"""The words that may stand for a word, itself among them."""
_INSTEAD: Mapping[str, frozenset[str]] = {
    word: frozenset[str]().union(*[side for sides in _CLASS for side in sides if any(word in one for one in sides)])
    - alike
    for word, alike in WITH.items()
}
"""The words that exclude a word."""

EXCLUSIVE = frozenset(WITH)

_TOKEN = re.compile(r"[^\W_]+|[.;:()|]")
_STOPS = frozenset(".;:()|")
_NUMBER = re.compile(
    r"\d|(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|\w+teen|twelve|twenty|thirty|forty|sixty|ninety"
    r"|half|quarter|than)\Z"
)
_TIMES = frozenset(("hours", "minutes", "days", "weeks", "months", "years"))

REACH, WINDOW = 2, 11
"""Content words on each side that a word goes with, and words among which they are looked for."""

SURE = 3
"""Shared words that tell the place of a word in a sentence that is not among those which bear the statement best."""

Place = tuple[int, int]
"""The number of a unit, and of a word in it."""


def replaced(claim: Claim) -> str:
    """A word in whose place the extract has one that excludes it, between the same words; empty where there is none,
    where another sentence has it there too, and where two of them make up for each other."""
    if EXCLUSIVE.isdisjoint(claim.reading.words):
        return ""
    found: list[tuple[str, str]] = []
    places = _places(claim.source)
    tokens = _read(claim.low)[0]
    for at, word in enumerate(tokens):
        others = _INSTEAD.get(word)
        if not others or others.isdisjoint(places) or _of_number(tokens, at):
            continue
        shared, number, place = max(_instead(claim, at, others), default=(0, 0, 0))
        unit = claim.source.units[number]
        if (
            shared
            and not _known(claim, at, shared - 1)
            and _as_denied(claim.low, unit.low)
            and not _crossed(claim.low, at, unit.low, place)
        ):
            found.append((_read(unit.low)[0][place], word))
    if (len(found) == 1 and found[0][0] not in tokens) or (len(found) == 2 and found[0] == found[1][::-1]):
        return " to ".join(found[0])
    return ""


def _instead(claim: Claim, at: int, others: frozenset[str]) -> Iterator[tuple[int, int, int]]:
    """Where any of some words stands in the place of the word `at`, after how many words around it are the same."""
    before, behind = _sides(claim.low, at)
    units = claim.source.units
    near = (*claim.support[:1], *claim.rivals)
    for other in others:
        for number, place in _places(claim.source).get(other, ()):
            unit = units[number]
            ahead, after = _sides(unit.low, place)
            left, right = len(before & ahead), len(behind & after)
            bound = (left and right) or (left == REACH and not behind and not after) or (right == REACH and not before)
            if bound and (
                number in near or (left + right >= SURE and len(claim.own & unit.stems) * 5 >= len(claim.own) * 3)
            ):
                yield left + right, number, place


def _known(claim: Claim, at: int, least: int) -> bool:
    """Whether any sentence has the word `at`, or one like it, beside as many of the same words."""
    before, behind = _sides(claim.low, at)
    for one in WITH[_read(claim.low)[0][at]]:
        for number, place in _places(claim.source).get(one, ()):
            ahead, after = _sides(claim.source.units[number].low, place)
            if len(before & ahead) + len(behind & after) >= max(1, least):
                return True
    return False


def _crossed(low: str, at: int, source: str, place: int) -> bool:
    """Whether what is compared with what changes places too: "A is less than B" is "B is more than A"."""
    before, behind = _compared(low, at)
    ahead, after = _compared(source, place)
    return not (before - ahead).isdisjoint(after) or not (behind - after).isdisjoint(ahead)


def _compared(low: str, at: int) -> tuple[frozenset[str], frozenset[str]]:
    """The words before the comparative `at`, and those behind its "than"."""
    tokens, stems = _read(low)
    than = next((i for i in range(at, min(len(tokens), at + WINDOW)) if tokens[i] == "than"), 0)
    if not than:
        return frozenset(), frozenset()
    return frozenset(stems[max(0, at - WINDOW) : at]) - {""}, frozenset(stems[than : than + WINDOW]) - {""}


def _as_denied(low: str, source: str) -> bool:
    return denies(low) == denies(source) and ("unless" in low) == ("unless" in source)


def _of_number(tokens: Sequence[str], at: int) -> bool:
    """Whether the word belongs to a number, which is compared as a quantity."""
    if tokens[at] in _TIMES and at and _NUMBER.match(tokens[at - 1]):
        return True
    return any(token[0].isdigit() for token in tokens[at + 1 : at + 3])


@lru_cache(maxsize=32)
def _places(source: Source) -> Mapping[str, Sequence[Place]]:
    """Where the sentences of the extract have these words."""
    found: dict[str, list[Place]] = {}
    for number, unit in enumerate(source.units):
        if len(unit.order) <= MAX_ORDER and not EXCLUSIVE.isdisjoint(unit.tokens):
            for at, token in enumerate(_read(unit.low)[0]):
                if token in EXCLUSIVE:
                    found.setdefault(token, []).append((number, at))
    return found


@lru_cache(maxsize=1 << 12)
def _read(low: str) -> tuple[list[str], list[str]]:
    """The words and stops of a text, and the stem of each that is a content word."""
    tokens = _TOKEN.findall(low)
    return tokens, ["" if token in _STOPS or token in EXCLUSIVE else content(token) for token in tokens]


@lru_cache(maxsize=1 << 13)
def _sides(low: str, at: int) -> tuple[frozenset[str], frozenset[str]]:
    """The words that the one `at` goes with, before and behind it."""
    tokens, stems = _read(low)
    first = max(0, at - WINDOW)
    return (
        _near(tokens[first:at][::-1], stems[first:at][::-1]),
        _near(tokens[at + 1 : at + 1 + WINDOW], stems[at + 1 : at + 1 + WINDOW]),
    )


def _near(tokens: Sequence[str], stems: Sequence[str]) -> frozenset[str]:
    found: list[str] = []
    for token, stemmed in zip(tokens, stems, strict=True):
        if token in _STOPS or len(found) == REACH:
            break
        if stemmed:
            found.append(stemmed)
    return frozenset(found)
