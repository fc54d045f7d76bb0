"""How strongly a text urges each thing that it names: as an option, as advice, or as a duty."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from synthgen.claims.words import WORD, content, table

OPTION, ADVICE, DUTY = 1, 2, 3

_MODALS: Mapping[str, int] = {
    **dict.fromkeys(table("may might could can"), OPTION),
    **dict.fromkeys(table("should ought shall"), ADVICE),
    "must": DUTY,
}
_ASIDE = re.compile(r", [^,.;:]{0,60},|\([^()]{0,80}\)")
_PHRASE = re.compile(r"\b(?:ha(?:s|ve) to|needs? to|(?:is|are) (?:required|obliged) to)\b")
_BETWEEN = table("be been have not also then always only routinely generally usually still first")
"""Words that may stand between a modal verb and the verb that it governs."""

NEARBY = 3
"""Words between the two at most."""


@lru_cache(maxsize=4096)
def urged(low: str) -> Mapping[str, frozenset[tuple[int, bool]]]:
    """The stems of the verbs that a modal verb governs in a lower-case text, each with the strengths of those modals
    and whether they are denied."""
    words = WORD.findall(_PHRASE.sub("must", _ASIDE.sub(" ", low)))
    found: dict[str, frozenset[tuple[int, bool]]] = {}
    for at, word in enumerate(words):
        strength = _MODALS.get(word)
        if strength is None:
            continue
        following = words[at + 1 : at + 2 + NEARBY]
        governed = next((one for one in following if one not in _BETWEEN), "")
        stemmed = content(governed) if governed else ""
        if stemmed:
            denied = "not" in following[: following.index(governed)]
            found[stemmed] = found.get(stemmed, frozenset()) | {(strength, denied)}
    return found
