"""Words that mean the opposite of one another, by a table and by their prefixes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from synthgen.claims.words import stem

_PAIRS = """
    favorable unfavorable | favourable unfavourable | increase decrease | increase reduce | raise lower |
    include exclude | include omit | improve worsen | improve impair | better worse | positive negative |
    pre post | proximal distal | anterior posterior | medial lateral | inhaled oral | topical oral |
    enteral parenteral | safe unsafe | effective ineffective | necessary unnecessary |
    appropriate inappropriate | likely unlikely | early late | shorten lengthen | shorten prolong |
    strengthen weaken | agonist antagonist | activate inhibit | allow prohibit | allow forbid |
    permit prohibit | superior inferior | stable unstable | adequate inadequate | common uncommon |
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
