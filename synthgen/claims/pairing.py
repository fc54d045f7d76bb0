"""Which number a text gives to which name, where several of each stand in a sentence."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from synthgen.claims.alignment import Claim
from synthgen.claims.words import stem

_PART = re.compile(
    r"[,;:()|]|\b(?:and|or|with|plus|whereas|while|but|versus|vs|regardless|irrespective|unless|if|when|where)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"\d+(?:\.\d+)?|[^\W_]+")


def paired(text: str, names: frozenset[str]) -> Mapping[str, frozenset[str]]:
    """The numbers of a text, each with those stems of names that stand in the same part of a sentence."""
    found: dict[str, frozenset[str]] = {}
    for part in _PART.split(text):
        words = _WORD.findall(part)
        named = names.intersection(map(stem, words))
        if named:
            for word in words:
                if word[0].isdigit():
                    found[word] = found.get(word, frozenset()) | named
    return found


def _in_one_cell(text: str, number: str, names: frozenset[str]) -> bool:
    """Whether a cell of a table row, often about one name throughout, holds the number and one of the names."""
    cells = [_WORD.findall(cell) for cell in text.split("|")] if text.startswith("|") else []
    return any(number in words and not names.isdisjoint(map(stem, words)) for words in cells)


def crossed(claim: Claim, names: Callable[[str], frozenset[str]]) -> str:
    """A name of a sentence that the statement gives a number which the sentence gives to another name; empty if none.

    Only sentences that hold both names are looked at: numbers of other sentences are told by what surrounds them.
    `names` gives the stems of the names in a text.
    """
    said = paired(claim.text, mine) if (mine := names(claim.text)) else {}
    if not said:
        return ""
    units = [claim.source.units[number] for number in dict.fromkeys((*claim.support, *claim.rivals))]
    meant = [(unit, paired(unit.text, names(unit.text))) for unit in units]
    for number, named in said.items():
        theirs = frozenset[str]().union(*[pairs.get(number, frozenset()) for _, pairs in meant])
        if theirs and theirs.isdisjoint(named):
            for unit, pairs in meant:
                if number in pairs and named <= unit.stems and not _in_one_cell(unit.text, number, named):
                    return f"{number}: {min(pairs[number])} to {min(named)}"
    return ""
