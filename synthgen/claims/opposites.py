"""Words that mean the opposite of one another, by a table and by their prefixes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from synthgen.claims.words import content, stem, table

_PAIRS = """
    favorable unfavorable | favourable unfavourable | increase decrease | increase reduce | raise lower |
    include exclude | include omit | improve worsen | improve impair | better worse | positive negative |
    pre post | proximal distal | anterior posterior | medial lateral | inhaled oral | topical oral |
    enteral parenteral | safe unsafe | effective ineffective | necessary unnecessary |
    appropriate inappropriate | likely unlikely | early late | shorten lengthen | shorten prolong |
    strengthen weaken | agonist antagonist | activate inhibit | allow prohibit | allow forbid |
    permit prohibit | stable unstable | adequate inadequate | common uncommon |
    common rare | frequent infrequent | frequently rarely | often rarely | often seldom | usually rarely |
    gain loss | gain lose | soluble insoluble | dependent independent | prevent cause | protect harm |
    full empty | fasting fed | accept reject | benign malignant | active inactive | complete incomplete |
    open closed | dry wet | reversible irreversible | symptomatic asymptomatic | responsive unresponsive |
    slow rapid | slow fast | slowly rapidly | quickly slowly | direct indirect | always never |
    regular irregular | controlled uncontrolled | treated untreated | tolerant intolerant | whole crushed |
    dilute undiluted | induce inhibit | sitting standing | morning evening | morning bedtime | warm cold |
    hot cold | stop continue | withhold continue | supine upright |
    highest lowest | longest shortest | largest smallest | maximum minimum | earliest latest | least most |
    living deceased | alive dead |
    stimulate inhibit | stimulatory inhibitory | stimulation inhibition | known unknown | absence presence |
    absent present | dilate constrict | relax contract | abrupt gradual | abruptly gradually | accelerate delay |
    upper lower | internal external | minor major | encourage discourage | agree disagree |
    remember forget | loosen tighten | thick thin | sharp blunt | light heavy | acidic alkaline | volatile stable |
    high low | elevated reduced | elevated low | sensitive resistant
"""

_PREFIXES = (("un", ""), ("in", ""), ("ir", ""), ("non", ""), ("hyper", "hypo"), ("tachy", "brady"), ("intra", "extra"))


LEAST = 5
"""Letters that must follow a prefix, so that "inform" is not taken for the opposite of "form"."""


def _table() -> Mapping[str, tuple[str, ...]]:
    found: dict[str, set[str]] = {}
    for pair in _PAIRS.split("|"):
        one, other = map(stem, pair.split())
        found.setdefault(one, set()).add(other)
        found.setdefault(other, set()).add(one)
    return {one: tuple(sorted(others)) for one, others in found.items()}


OPPOSITES = _table()
"""The stems of the opposites of a stem: contrary adjectives, adverbs and verbs of general and clinical English."""


@lru_cache(maxsize=1 << 14)
def prefixed(stemmed: str) -> tuple[str, ...]:
    """The stems that mean the opposite of a stem by their prefix, or by its own."""
    found = []
    for one, other in _PREFIXES:
        for mine, theirs in ((one, other), (other, one)):
            if stemmed.startswith(mine) and len(stemmed) >= len(mine) + LEAST:
                found.append(theirs + stemmed[len(mine) :])
    return tuple(found)


@lru_cache(maxsize=1 << 14)
def contraries(stemmed: str) -> tuple[str, ...]:
    """The stems of its opposites, those by a prefix first."""
    return (*prefixed(stemmed), *OPPOSITES.get(stemmed, ()))


@lru_cache(maxsize=1 << 14)
def opposites(stemmed: str) -> frozenset[str]:
    """The stems of its opposites, by the table or by a prefix."""
    return frozenset(contraries(stemmed))


REACH = 2
"""Content words before and behind a word, up to a stop, that it is taken to go with."""

_TOKEN = re.compile(r"[^\W_]+|[.,;:()|\n]")
_STOPS = frozenset(".,;:()|\n")

TURNING = frozenset(
    map(
        stem,
        table(
            """
            reduce lower decrease less fewer raise increase more prevent inhibit block suppress counteract antagonize
            oppose reverse worsen improve slow stop avoid limit minimize
            """
        ),
    )
)
"""What turns the sense of a word which it governs."""


@lru_cache(maxsize=1 << 13)
def _sides(low: str, stemmed: str) -> tuple[frozenset[str], frozenset[str]]:
    """The words that a stem goes with, before and behind it, wherever it stands in a text."""
    tokens = _TOKEN.findall(low)
    stems = [content(token) for token in tokens]
    before: list[str] = []
    behind: list[str] = []
    for at, one in enumerate(stems):
        if one == stemmed:
            before += _near(tokens[:at][::-1], stems[:at][::-1])
            behind += _near(tokens[at + 1 :], stems[at + 1 :])
    return frozenset(before), frozenset(behind)


def _near(tokens: list[str], stems: list[str]) -> list[str]:
    found: list[str] = []
    for token, stemmed in zip(tokens[:12], stems, strict=False):
        if token in _STOPS or len(found) == REACH:
            break
        if stemmed:
            found.append(stemmed)
    return found


def together(mine: str, one: str, theirs: str, other: str) -> frozenset[str]:
    """The words that a stem of one text and a stem of another both go with, on the same side; none where each has the
    other's words on the other side, or where something turns the sense of the one alone ("reduces how quickly")."""
    before, behind = _sides(mine, one)
    ahead, after = _sides(theirs, other)
    if (before & after and behind & ahead) or not TURNING.isdisjoint(before ^ ahead):
        return frozenset()
    return before & ahead | behind & after
