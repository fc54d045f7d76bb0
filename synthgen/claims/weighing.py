"""Two things that a statement compares the other way round than the extract."""

from __future__ import annotations

import re
from functools import lru_cache

from synthgen.claims.alignment import Claim
from synthgen.claims.words import stems_in, words_of

_EXCEEDS = re.compile(
    r"\b((?:\w+ ){1,6})(?:exceeds?|exceeded|outweighs?|(?:is|are) greater than|((?:is|are) outweighed by)) "
    r"(\w+(?: \w+){0,2})"
)
_OUTWEIGHING = frozenset(("exceed", "exceeds", "exceeded", "outweigh", "outweighs", "outweighed", "greater"))


def weighed(claim: Claim) -> str:
    """Two things of which the other one is said to exceed the one."""
    said = _exceeding(claim.low)
    if not said:
        return ""
    meant = [pair for unit in claim.source.units for pair in _exceeding(unit.low)]
    for more, less in said:
        if any(more & greater and less & lesser for greater, lesser in meant):
            return ""
        for greater, lesser in meant:
            if more & lesser and less & greater:
                return f"{min(more & lesser)} exceeds {min(less & greater)}"
    return ""


@lru_cache(maxsize=4096)
def _exceeding(low: str) -> tuple[tuple[frozenset[str], frozenset[str]], ...]:
    """What a text says to exceed what; words that stand on both sides tell nothing."""
    found: list[tuple[frozenset[str], frozenset[str]]] = []
    if _OUTWEIGHING.isdisjoint(words_of(low)):
        return ()
    for match in _EXCEEDS.finditer(low):
        more, less = stems_in(match[1]), stems_in(match[3])
        pair = (less - more, more - less) if match[2] else (more - less, less - more)
        found.append(pair)
    return tuple(found)
