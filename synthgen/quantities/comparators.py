"""Comparators around a number: "at least", "18 or older", "not under", "maximum of", "2 hours before"."""

from __future__ import annotations

from collections.abc import Sequence

from synthgen.quantities.words import listed

UP, DOWN = 1, -1
"""A quantity bounded from below ("at least 5"), and one bounded from above ("up to 5"). Strictness is left aside."""

_SIGNS = {">": UP, "≥": UP, "⩾": UP, "≧": UP, "<": DOWN, "≤": DOWN, "⩽": DOWN, "≦": DOWN}
_THAN = {
    word: direction
    for direction, words in (
        (UP, "more greater older higher longer larger heavier later bigger"),
        (DOWN, "less fewer lower younger shorter smaller lighter earlier sooner"),
    )
    for word in words.split()
}
_PAIRS = {("at", "least"): UP, ("the", "least"): UP, ("at", "most"): DOWN, ("up", "to"): DOWN, ("not", "yet"): DOWN}
_BEFORE = {
    word: direction
    for direction, words in (
        (UP, "over above exceed exceeds exceeding exceeded beyond past minimum onward"),
        (DOWN, "below under within until till maximum max maximally limited ceiling"),
    )
    for word in words.split()
}
_AFTER = {
    **_THAN,
    "above": UP,
    "over": UP,
    "up": UP,
    "upward": UP,
    "upwards": UP,
    "onward": UP,
    "onwards": UP,
    "beyond": UP,
    "below": DOWN,
    "under": DOWN,
}
_FIXED = frozenset(
    {"least", "most", "to", "yet", "maximum", "max", "maximally", "minimum", "limit", "limited", "ceiling"}
)
"""Comparators that a negation before them does not turn round."""
_FAR = {
    **dict.fromkeys(("maximum", "max", "maximally", "limit", "limited", "ceiling"), DOWN),
    **dict.fromkeys(("minimum", "exceed", "exceeds", "exceeding", "exceeded"), UP),
}
"""Comparators that may stand some words before their number: "must not exceed a daily dose of 5 mg"."""
_NEGATIONS = frozenset({"not", "no", "never", "cannot", "without", "nor", "n't", "avoid"})
_BREAKS = frozenset(".;\n|)?!")
_REACH = 11
"""Words before a number in which a comparator such as "maximum" can stand."""
_EARLIER, _LATER = frozenset({"before", "prior", "preceding"}), frozenset({"after", "following", "later", "post"})


def bound_before(words: Sequence[str], first: int, stop: int) -> int:
    """UP, DOWN or 0 by the words before the number at `words[first]`; nothing before `stop` counts."""
    near = True
    for i in range(first - 1, max(stop, first - 1 - _REACH) - 1, -1):
        word = words[i]
        if near and word in _SIGNS:
            # "Against targets < 5" and "do not aim below 5" say the same.
            return 0 if "against" in words[max(stop, i - _REACH) : i] else _SIGNS[word]
        if word in _SIGNS or word in _BREAKS or word == ",":
            return 0
        found = _near(words, i, stop) if near else _FAR.get(word, 0)
        if found:
            return _negated(words, i, stop, found) if word not in _FIXED else found
        near = near and first - i < 4 and word in _FILLERS
    return 0


def bound_of_rate(words: Sequence[str], first: int, stop: int) -> int:
    """UP, DOWN or 0 by "at least", "up to" or "no more than" right before a frequency at `words[first]`."""
    if first - stop < 2:
        return 0
    pair = words[first - 2], words[first - 1]
    if pair[1] == "than" and first - stop > 2:
        return _negated(words, first - 2, stop, _THAN.get(pair[0], 0))
    return _PAIRS.get(pair, 0)


def _near(words: Sequence[str], i: int, stop: int) -> int:
    """The direction of a comparator that ends at `words[i]`, which stands right before a number."""
    pair = (words[i - 1], words[i]) if i > stop else ("", words[i])
    if pair[1] == "than":
        return _THAN.get(pair[0], 0)
    return _PAIRS.get(pair, _BEFORE.get(pair[1], 0))


_FILLERS = frozenset(
    listed(
        "a an the of age aged ages or about approximately roughly to = at is equal total dose daily : - by ( been"
        " completed * _"
    )
)
"""Words that may stand between a comparator and its number."""


def bound_after(words: Sequence[str], end: int) -> int:
    """UP, DOWN or 0 by the words from `words[end]` on, which follow a number with its unit."""
    i, last = end, min(len(words), end + 9)
    if i < last and words[i] == "+":
        return UP
    while i < last and words[i] in _SKIPPED:
        i += 1
    if i + 1 < last and words[i] in ("or", "and") and words[i + 1] in _AFTER:
        opens_next = words[i] == "and" and words[i + 2 : i + 3] in (["than"], ["the"])
        return 0 if opens_next else _AFTER[words[i + 1]]
    if i < last and words[i] in ("upward", "upwards", "onward", "onwards"):
        return UP
    if i < last and words[i] in ("maximum", "max", "minimum"):
        following = words[i + 1 : i + 2]
        if following and (following[0] in ("of", ":", "dose", "daily", "is") or following[0][0].isdecimal()):
            return 0
        return UP if words[i] == "minimum" else DOWN
    return 0


_SKIPPED = frozenset(["of", "age", "old", "years", "year", "(", "daily"])


def relation_after(words: Sequence[str], end: int) -> int:
    """DOWN for "2 hours before", UP for "2 hours after", else 0."""
    for word in words[end : end + 2]:
        if word in _EARLIER:
            return DOWN
        if word in _LATER:
            return UP
        if word not in _RELATION_FILLERS:
            break
    return 0


_RELATION_FILLERS = frozenset({"or", "more", "just", "immediately", "daily"})


def difference_after(words: Sequence[str], end: int) -> int:
    """UP for "5 kg more than", DOWN for "5 kg below the", else 0."""
    compared = end + 1 < len(words) and words[end + 1] in _COMPARED
    return _AFTER.get(words[end], 0) if compared else 0


_COMPARED = frozenset({"than", "the", "baseline", "normal", "usual", "prior", "previous"})


def _negated(words: Sequence[str], i: int, stop: int, direction: int) -> int:
    """The direction of the comparator at `words[i]`, turned round where it is negated ("must not exceed")."""
    for k in range(i - 1, max(stop, i - 4) - 1, -1):
        if words[k] in _NEGATIONS or words[k].endswith(("n't", "n’t")):
            return -direction
        if words[k] in _BREAKS or words[k] in (",", ":"):
            break
    return direction
