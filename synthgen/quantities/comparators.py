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
        (UP, "more greater older higher longer larger heavier later bigger faster"),
        (DOWN, "less fewer lower younger shorter smaller lighter earlier sooner slower"),
    )
    for word in words.split()
}
_PAIRS = {
    **{("at", "least"): UP, ("the", "least"): UP, ("at", "most"): DOWN, ("up", "to"): DOWN, ("not", "yet"): DOWN},
    **{(word, "age"): direction for word, direction in (("before", DOWN), ("after", UP), ("from", UP))},
}
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
    **dict.fromkeys(("above", "over", "up", "upward", "upwards", "onward", "onwards", "beyond"), UP),
    **dict.fromkeys(("below", "under"), DOWN),
}
_FIXED = frozenset(
    {"least", "most", "to", "yet", "maximum", "max", "maximally", "minimum", "limit", "limited", "ceiling", "first"}
)
"""Comparators that a negation before them does not turn round."""
_FAR = {
    **dict.fromkeys(("maximum", "max", "maximally", "limit", "limited", "ceiling"), DOWN),
    **dict.fromkeys(("minimum", "exceed", "exceeds", "exceeding", "exceeded"), UP),
}
"""Comparators that may stand some words before their number: "must not exceed a daily dose of 5 mg"."""
_LINES = frozenset({"limit", "limits", "threshold", "cutoff", "target", "goal"})
_NEGATIONS = frozenset({"not", "no", "never", "cannot", "without", "nor", "n't", "avoid"})
_BREAKS = frozenset(".;\n|)?!")
_REACH = 11
"""Words before a number in which a comparator such as "maximum" can stand."""
_EARLIER, _LATER = frozenset({"before", "prior", "preceding"}), frozenset({"after", "following", "later", "post"})


def bound_of(words: Sequence[str], first: int, last: int, stop: int, *, is_age: bool, is_range: bool = False) -> int:
    """UP, DOWN or 0 for the number with its unit `words[first:last]`; 0 for an exception and within a range."""
    inside = is_range and "within" in words[max(0, first - 2) : first]
    bound = 0 if inside else bound_before(words, first, stop, is_age=is_age) or bound_after(words, last)
    return 0 if bound and is_exception(words, first) else bound


def bound_before(words: Sequence[str], first: int, stop: int, *, is_age: bool = False) -> int:
    """UP, DOWN or 0 by the words before the number at `words[first]`; nothing before `stop` counts.

    An age is no limit of what is given at it: "the maximum from age 12".
    """
    near = True
    for i in range(first - 1, max(stop, first - 1 - _REACH) - 1, -1):
        word = words[i]
        if near and word in _SIGNS:
            # "Against targets < 5" and "do not aim below 5" say the same.
            return 0 if "against" in words[max(stop, i - _REACH) : i] else _SIGNS[word]
        if word in _SIGNS or word in _BREAKS or word == ",":
            return 0
        if (not near and is_age) or (near and word in _LINES):
            # What is over a limit is not over it by what leads to the limit: "exceeds the limit of 5".
            return 0
        found = _near(words, i, stop) if near else _FAR.get(word, 0)
        if found:
            return _turned(words, i, stop, found)
        near = near and first - i < 4 and word in _FILLERS
    return 0


def bound_of_rate(words: Sequence[str], first: int, stop: int) -> int:
    """UP, DOWN or 0 by "at least", "up to" or "no more than" right before a frequency at `words[first]`."""
    if first - stop < 2:
        return 0
    pair = words[first - 2], words[first - 1]
    if pair[1] == "than" and first - stop > 2:
        return _turned(words, first - 1, stop, _THAN.get(pair[0], 0))
    return _PAIRS.get(pair, 0)


def _near(words: Sequence[str], i: int, stop: int) -> int:
    """The direction of a comparator that ends at `words[i]`, which stands right before a number."""
    pair = (words[i - 1], words[i]) if i > stop else ("", words[i])
    if pair[1] == "than":
        # "10 mg more than the 5 mg" limits nothing.
        return _THAN.get(pair[0], 0) if stop != i - 1 or not stop else 0
    if pair[1] == "over" and pair[0][:1].isdecimal():
        # "140 over 90"
        return 0
    if pair[0] in ("or", "and") and 0 < stop >= i - 3:
        # "12 years and over: 5 mg".
        return 0
    if pair == ("the", "first") and i > stop + 1:
        return _OF_THE_FIRST.get(words[i - 2], 0)
    if pair == ("and", "including") and i > stop + 2 and words[i - 3 : i - 1] == ["up", "to"]:
        return DOWN
    if pair == ("up", "to") and i > stop + 1 and words[i - 2] in ("add", "adds", "adding", "added"):
        return 0
    if pair == ("the", "age") and i > stop + 1:
        pair = words[i - 2], "age"
    return _PAIRS.get(pair, _BEFORE.get(pair[1], 0))


_OF_THE_FIRST = {
    **dict.fromkeys(("within", "during", "in"), DOWN),
    **dict.fromkeys(("after", "beyond", "past"), UP),
}
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
        return 0 if words[i + 1 : i + 2] and words[i + 1][0].isdecimal() else UP
    while i < last and words[i] in _SKIPPED:
        i += 1
    if (
        i + 2 < last
        and words[i + 1] == "or"
        and words[i + 2] in _AFTER
        and words[i].isalpha()
        and words[i] not in _AFTER
    ):
        # "5 episodes or more"
        i += 1
    if i + 1 < last and words[i] in ("or", "and") and words[i + 1] in _AFTER:
        opens_next = words[i] == "and" and words[i + 2 : i + 3] in (["than"], ["the"])
        return 0 if opens_next else _AFTER[words[i + 1]]
    if i < last and words[i] in ("upward", "upwards", "onward", "onwards"):
        return UP
    if i < last and words[i] in ("maximum", "max", "minimum"):
        following = words[i + 1 : i + 5]
        # "5 mg; maximum daily dose 20 mg"
        if following and any(word[0].isdecimal() or word in ("of", ":", "is") for word in following):
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
    if end + 1 < len(words) and words[end + 1] in _COMPARED:
        return _AFTER.get(words[end], 0)
    closes = words[end : end + 1] and (end + 1 == len(words) or words[end + 1] in ".,;\n)")
    return _THAN.get(words[end], 0) if closes else 0


_COMPARED = frozenset(listed("than the that this his her its their your baseline normal usual prior previous"))


def _turned(words: Sequence[str], i: int, stop: int, direction: int) -> int:
    """The direction of the comparator that ends at `words[i]`, turned round where it is negated ("must not exceed").

    0 for "not within 14 days" and "not in the first 14 days", which another text tells as "14 days apart".
    """
    early = words[i] in ("within", "first", "until", "till")
    if not early and (words[i] in _FIXED or not direction):
        return direction
    start = i - 1 if words[i] == "than" else i
    between: list[str] = []
    for k in range(start - 1, max(stop, start - (_REACH if early else 4)) - 1, -1):
        word = words[k]
        if word in _BREAKS or word in (",", ":"):
            break
        if word in _NEGATIONS or word.endswith(("n't", "n’t")):
            if early:
                return 0
            if not _OPENS_CLAUSE.isdisjoint(between):
                return direction
            whom = words[start] in _OF_PEOPLE and not _LINKS.issuperset(between)
            return direction if whom or not _PREPOSITIONS.isdisjoint(between[1:]) else -direction
        between.append(word)
    return direction


def is_strict(words: Sequence[str], first: int, bound: int) -> bool:
    """Whether the comparator before the number at `words[first]` leaves that number out ("over 65", "< 5")."""
    for i in range(first - 1, max(-1, first - 5), -1):
        if words[i] == "than" and i:
            return _THAN.get(words[i - 1], 0) == bound
        if words[i] in _SIGNS:
            return words[i] in "<>"
        if words[i] in _STRICT:
            return _STRICT[words[i]] == bound
    return False


_STRICT = {
    **dict.fromkeys(("over", "above", "exceeds", "exceeding", "beyond", "past", "after"), UP),
    **dict.fromkeys(("below", "under", "before", "until", "yet"), DOWN),
}


def is_denied(words: Sequence[str], first: int) -> bool:
    """Whether the sentence around the number at `words[first]` denies or excludes anything, apart from a comparator.

    What is given from 90 on is not given below 90: a denial turns the comparators in it round.
    """
    for step, limit in ((-1, max(-1, first - _CLAUSE)), (1, min(len(words), first + _CLAUSE))):
        for i in range(first + step, limit, step):
            word = words[i]
            if word in _BREAKS or word == "(":
                break
            if (word in _DENIALS or word.endswith(("n't", "n’t"))) and not _compares(words, i):
                return True
    return False


def _compares(words: Sequence[str], i: int) -> bool:
    """Whether the denial at `words[i]` only makes a comparator ("not below"), or is denied itself ("is not held")."""
    if words[i] in _HELD:
        return not _NEGATIONS.isdisjoint(words[max(0, i - 3) : i])
    compares = any(word in _AFTER or word in _FAR for word in words[i + 1 : i + 3])
    return compares or not _HELD.isdisjoint(words[i + 1 : i + 4])


def is_loose(words: Sequence[str], first: int) -> bool:
    """Whether a negated verb stands before the comparator of the number at `words[first]`: "do not use more than 5"
    bounds what is used, "not advised beyond 5" what is not."""
    comparator = next(
        (i for i in range(first - 1, max(0, first - 4), -1) if words[i] in _BEFORE or words[i] in _THAN), 0
    )
    for i in range(comparator - 1, max(-1, comparator - 5), -1):
        if words[i] in _BREAKS or words[i] == ",":
            return False
        if words[i] in _NEGATIONS:
            return not _LINKS.issuperset(words[i + 1 : comparator])
    return False


_CLAUSE = 30
_HELD = frozenset({"hold", "holds", "held", "stop", "stops", "stopped"})
_DENIALS = (
    _NEGATIONS - {"n't"}
    | _HELD
    | frozenset(
        listed(
            "none neither unless except excluding exclude excludes excluded exclusion contraindicated contraindication"
            " withhold withheld withholds avoided avoids avoiding against prohibited"
        )
    )
)


def is_exception(words: Sequence[str], first: int) -> bool:
    """Whether what stands at `words[first]` is the exception from the contrary: "unless it is 90 or more"."""
    for i in range(first - 1, max(0, first - _REACH) - 1, -1):
        if words[i] in _BREAKS or words[i] == "unless":
            return words[i] == "unless"
    return False


_OF_PEOPLE = frozenset(listed("over above below under older younger heavier lighter"))
_LINKS = frozenset(
    listed(
        "be been is are was were has have had do does to fall falls drop drops go goes rise rises get going falling"
        " ever yet at"
    )
)
"""Words between a negation and the comparator that it turns round: "not be under", and not "nor in infants under"."""
_OPENS_CLAUSE = frozenset(listed("when if who where unless because"))
_PREPOSITIONS = frozenset({"in", "to", "for", "with", "among", "by", "from", "those"})
