"""What negations and modal verbs govern, and between which words: a word is found again in another text where it stands
among the same ones. All texts are in lower case."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from synthgen.claims.modality import ADVICE, DUTY, OPTION
from synthgen.claims.negation import is_lessening, is_negation
from synthgen.claims.seeming import plain
from synthgen.claims.source import Source, Unit
from synthgen.claims.words import content, stem, table, words_of

_TOKEN = re.compile(r"[^\W_]+|[.,;:()|]")
_STOPS = frozenset(".;:()|")
_OPENERS = table(
    "but because although though whereas while if when who which that unless until except so since whether despite"
)
"""What begins a clause."""
_RELATIVE, _EXCEPTING = table("that which who"), table("unless until except")
_JOINTS = table("and but so yet")
"""What begins a clause behind a comma."""
_NEGATIONS = table("not no never cannot neither nor")
_OF_THINGS = table("no neither")
"""The negations of which the two next words are denied, where they adjoin."""
_JOINING = table("or and")
_BE = table("is are was were be been being")
_USE = table("use used uses using")
_HELP = table("help helps helped helping")
_ADVERBS = table("always often sometimes seldom first soon just")
_LIGHT = frozenset(map(stem, table("able necessary required needed work try attempt")))
"""Stems of words whose negation denies what they govern."""
_MODALS: Mapping[str, int] = {
    **dict.fromkeys(table("may might could can"), OPTION),
    **dict.fromkeys(table("should ought shall"), ADVICE),
    "must": DUTY,
}
_MUST = re.compile(r"\b(?:ha(?:s|ve) to|needs? to|(?:is|are) (?:required|obliged) to)\b")
_ASIDE = re.compile(r"\b(may|might|can|could|should|must), [^,.;:]{0,60},")

AHEAD = 6
"""Words within which a negation or a modal verb governs another one."""

AROUND = 4
"""Content words on either side of a word that are its neighbours."""


@dataclass(frozen=True, eq=False)
class Governed:
    """A content word in its place: whether it is denied, or None if that is unsure; by which word it is denied or
    urged, and how strongly; its neighbours, and the words of its clause."""

    stem: str
    denied: bool | None
    by: str
    force: int
    before: tuple[str, ...]
    behind: tuple[str, ...]
    clause: frozenset[str]

    @cached_property
    def near(self) -> frozenset[str]:
        return frozenset((*self.before, *self.behind)) - {self.stem}

    def sides(self, other: Governed) -> int:
        """How many neighbours it has on the same side as the other one."""
        return len(frozenset(self.before).intersection(other.before)) + len(
            frozenset(self.behind).intersection(other.behind)
        )


@lru_cache(maxsize=1 << 13)
def denied(low: str) -> tuple[Governed, ...]:
    """The content words of a text, each with whether a negation governs it.

    It is unsure in a clause that denies anything else, in an exception, behind "none that", and of deeds that are only
    named ("to take", "taking"): these are not said to be done."""
    tokens = _TOKEN.findall(plain(low))
    stems = list(map(_stem, tokens))
    numbers = _numbered(tokens)
    heads = _heads(tokens, stems, numbers)
    counts: dict[int, int] = {}
    words: dict[int, list[str]] = {}
    relative = set()
    for token, number in zip(tokens, numbers, strict=True):
        words.setdefault(number, []).append(token)
        counts[number] = counts.get(number, 0) + is_negation(token)
        if token in _RELATIVE:
            relative.add(number)
    known = {number: frozenset(held) for number, held in words.items()}

    def sense(at: int) -> bool | None:
        number = numbers[at]
        if words[number][0] in _EXCEPTING or (number in relative and counts.get(number - 1)):
            return None
        relating = number + 1 in relative and counts[number + 1]
        if counts[number] or relating:
            return True if at in heads and counts[number] == 1 and not relating else None
        return None if _only_named(tokens, at) else False

    order = [at for at, stemmed in enumerate(stems) if stemmed and not is_negation(tokens[at])]
    return tuple(
        [
            Governed(stems[at], sense(at), heads.get(at, ""), 0, *_around(order, place, stems), known[numbers[at]])
            for place, at in enumerate(order)
        ]
    )


@lru_cache(maxsize=1 << 13)
def urged(low: str) -> tuple[Governed, ...]:
    """The verbs of a text that a modal verb governs."""
    tokens = _TOKEN.findall(_MUST.sub("must", _ASIDE.sub(r"\1", low)))
    if _MODALS.keys().isdisjoint(tokens):
        return ()
    stems = list(map(_stem, tokens))
    order = [at for at, stemmed in enumerate(stems) if stemmed]
    found = []
    for at, token in enumerate(tokens):
        force = _MODALS.get(token, 0)
        head = next(_ahead(tokens, stems, at), -1) if force else -1
        if head >= 0:
            denies = not _NEGATIONS.isdisjoint(tokens[at + 1 : head])
            around = _around(order, order.index(head), stems)
            found.append(Governed(stems[head], denies, token, force, *around, frozenset()))
    return tuple(found)


@lru_cache(maxsize=1 << 13)
def restricting(low: str) -> frozenset[str]:
    """The stems of the words of a text that deny, restrict, lessen or compare, but for mere negations."""
    words = [one for one in _TOKEN.findall(plain(low)) if one not in _NEGATIONS]
    return frozenset([content(one) or one for one in words if is_negation(one) or is_lessening(one)])


Places = Mapping[str, Sequence[tuple[Governed, Unit]]]
"""The places of a stem in an extract."""


@lru_cache(maxsize=32)
def denied_in(source: Source) -> Places:
    return _places(source, denied)


@lru_cache(maxsize=32)
def denied_stems(source: Source) -> frozenset[str]:
    """The stems that the extract denies anywhere."""
    return frozenset([stemmed for stemmed, places in denied_in(source).items() if any(one.denied for one, _ in places)])


@lru_cache(maxsize=32)
def urged_in(source: Source) -> Places:
    return _places(source, urged)


def has_modal(words: frozenset[str]) -> bool:
    return not _MODALS.keys().isdisjoint(words) or not {"has", "have", "need", "needs", "to"}.isdisjoint(words)


def has_negation(words: frozenset[str]) -> bool:
    return not _NEGATIONS.isdisjoint(words) or "t" in words


def may_differ(low: str, own: frozenset[str], source: Source) -> bool:
    """Whether a text denies anything, or has any word, of these or "use", that the extract denies."""
    words, stems = words_of(low), denied_stems(source)
    return has_negation(words) or not own.isdisjoint(stems) or ("use" in stems and not _USE.isdisjoint(words))


def _places(source: Source, read: Callable[[str], tuple[Governed, ...]]) -> Places:
    found: dict[str, list[tuple[Governed, Unit]]] = {}
    for unit in source.units:
        for one in read(unit.low):
            found.setdefault(one.stem, []).append((one, unit))
    return found


@lru_cache(maxsize=1 << 15)
def _stem(token: str) -> str:
    return "use" if token in _USE else content(token) if token.isalnum() else ""


def _numbered(tokens: Sequence[str]) -> list[int]:
    """The number of the clause that each word stands in."""
    found, number = [], 0
    for token, following in zip(tokens, (*tokens[1:], ""), strict=False):
        number += token in _STOPS or token in _OPENERS or (token == "," and following in _JOINTS)
        found.append(number)
    return found


def _ahead(tokens: Sequence[str], stems: Sequence[str], at: int) -> Iterator[int]:
    """The places of the words that the one at a place may govern, but adverbs."""
    for place in range(at + 1, min(at + 1 + AHEAD, len(tokens))):
        if tokens[place] in _STOPS or tokens[place] == ",":
            return
        if stems[place] and not (tokens[place].endswith("ly") or tokens[place] in _ADVERBS):
            yield place


def _heads(tokens: Sequence[str], stems: Sequence[str], numbers: Sequence[int]) -> dict[int, str]:
    """The places of the words that negations govern, each with its negation."""
    found: dict[int, str] = {}
    for at, token in enumerate(tokens):
        if token not in _NEGATIONS:
            continue
        last = -1
        for place in _ahead(tokens, stems, at):
            if numbers[place] != numbers[at] or (last >= 0 and not _JOINING.issuperset(tokens[last + 1 : place])):
                break
            if stems[place] in _LIGHT:
                continue
            found[place] = token
            if token not in _OF_THINGS or last >= 0:
                break
            last = place
    return found


def _only_named(tokens: Sequence[str], at: int) -> bool:
    """Whether a word is an infinitive, but of what needs to be done, or a gerund."""
    before = tokens[at - 1] if at else ""
    if before == "to":
        return at < 2 or tokens[at - 2] not in ("need", "needs")
    return not _HELP.isdisjoint(tokens[max(0, at - 3) : at]) or (tokens[at].endswith("ing") and before not in _BE)


def _around(order: Sequence[int], place: int, stems: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return (
        tuple([stems[at] for at in order[max(0, place - AROUND) : place]]),
        tuple([stems[at] for at in order[place + 1 : place + 1 + AROUND]]),
    )
