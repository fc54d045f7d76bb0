"""Numbers without a unit: what they measure all the same, and which of them measure nothing."""

from __future__ import annotations

from collections.abc import Sequence

from synthgen.quantities.numerals import SMALL
from synthgen.quantities.quantity import Quantity
from synthgen.quantities.units import unit_at
from synthgen.quantities.words import listed, value_of

YEAR = 8766.0
"""Hours in a mean year."""
NAMED = frozenset(
    listed(
        "stage stages grade grades type types class classes category categories phase phases group groups tier"
        " schedule day days week level levels"
    )
)
_STRUCTURE = frozenset(
    listed(
        "table figure fig recommendation recommendations question questions step steps chapter section part box item"
        " appendix answer option options case statement number no note page version kq"
    )
)
_MARKS = frozenset("*#-|_>• ")
_SHARE_WORDS = frozenset({"out", "of", "in", "every", "each", "/", "per", "for", "among"})
_WHOLES = frozenset({"10", "100", "1000", "1,000", "10,000", "100,000", "hundred"})


def measured(
    words: Sequence[str], first: int, last: int, raw: tuple[float, float]
) -> tuple[str, float, float, int] | None:
    """Measure, low, high and the index after it, for an age, a share ("6 out of 100"), a name ("stage 3") or a year."""
    before = words[first - 1] if first else ""
    if before in NAMED:
        return f"name:{before.removesuffix('s')}", raw[0], raw[1], last
    if before == "-" and first > 1 and words[first - 2].isalpha() and raw[0] == raw[1]:
        return f"name:{words[first - 2]}", raw[0], raw[1], last
    share = _share(words, last)
    if share is not None and raw[0] <= share[0]:
        return "percent", 100 * raw[0] / share[0], 100 * raw[1] / share[0], share[1]
    if _is_age(words, first, last):
        return "time", raw[0] * YEAR, raw[1] * YEAR, last
    if raw[0] == raw[1] and 1900 <= raw[0] < 2100 and words[last - 1].isdecimal() and words[last : last + 1] != ["/"]:
        return "name:year", raw[0], raw[1], last
    return None


def is_marker(words: Sequence[str], first: int, end: int, value: float) -> bool:
    """Whether a number only numbers a list item, a heading, a table or a reference."""
    after = words[end] if end < len(words) else "\n"
    before = words[first - 1] if first else "\n"
    if after == "]" and before in (",", "-", "–"):
        return True
    if before in _STRUCTURE or before in ("[", "#") or (before == "^" and after == "^"):
        return True
    if after not in (".", ")", ":") or value >= 1000 or value != int(value):
        return False
    k = first - 1
    while k >= 0 and words[k] in _MARKS:
        k -= 1
    if k < 0 or words[k] == "\n":
        return end < len(words) - 1 and words[end + 1] != "\n"
    listed = before in ("and", ",", ";", ":", "or", "include", "with")
    return after == ")" and value <= 30 and listed and "(" not in words[max(0, first - 8) : first]


def is_of_a_case(words: Sequence[str], first: int, last: int, measure: str) -> bool:
    """Whether a quantity describes one made-up person: "a 66-year-old", "2 hours ago", "someone weighing 60 kg"."""
    if measure == "time":
        k = last + 1 if last < len(words) and words[last] == "-" else last
        return k < len(words) and words[k] in ("old", "olds", "ago", "week", "day")
    if measure in _READINGS and _in_example(words, first):
        return True
    if not measure:
        # "A woman of 30"
        return first > 2 and words[first - 1] == "of" and words[first - 3] in _SINGLE and words[first - 2] in _PERSONS
    if measure != "weight":
        return False
    if not _SINGLE.isdisjoint(words[max(0, first - BEFORE) : first]) and not _PERSONS.isdisjoint(
        words[max(0, first - BEFORE) : first]
    ):
        return True
    return last < len(words) and words[last] in _PERSONS


def is_example(words: Sequence[str], quantity: Quantity) -> bool:
    """Whether the sentence of a quantity without comparator makes up a person ("Ms. A. takes 6 mg") or an instance
    ("with 45 g, for instance, that would be 15 g")."""
    if quantity.bound:
        return False
    sentence = _sentence(words, quantity.first)
    if not _TITLES.isdisjoint(sentence):
        return True
    return not _INSTANCES.isdisjoint(sentence) and not _SUPPOSED.isdisjoint(sentence)


def _sentence(words: Sequence[str], at: int) -> Sequence[str]:
    """The sentence around `words[at]`; a stop behind a title or a single letter does not end it."""
    first = last = at
    while first > max(0, at - SENTENCE) and not _stops(words, first - 1):
        first -= 1
    while last < min(len(words), at + SENTENCE) and not _stops(words, last):
        last += 1
    return words[first:last]


def _stops(words: Sequence[str], i: int) -> bool:
    return words[i] in "?!\n" or (words[i] == "." and words[i - 1] not in _TITLES and len(words[i - 1]) > 1)


_TITLES = frozenset({"mr", "mrs", "ms", "miss"})
_INSTANCES = frozenset({"example", "instance"})
_SUPPOSED = frozenset({"would", "if", "suppose", "has", "had", "takes", "gets"})


def _in_example(words: Sequence[str], first: int) -> bool:
    """Whether the sentence of the number at `words[first]` is called an example before it."""
    for i in range(first - 1, max(-1, first - SENTENCE), -1):
        if words[i] in ".?!\n":
            return False
        if words[i] in ("example", "instance", "suppose", "imagine"):
            return True
    return False


_READINGS = frozenset(
    {"percent", "pressure", "weight", "celsius", "fahrenheit", "beats", "mass/volume", "substance/volume"}
)
"""What is measured in a person, and not given to one."""
SENTENCE = 20
BEFORE = 8
"""Words before a weight in which the person may be named who has it."""
_SINGLE = frozenset({"a", "an", "someone", "one"})
_PERSONS = frozenset(
    listed("someone person adult child infant patient client man woman boy girl teenager adolescent individual")
)


_CLOSING = frozenset(".;\n")


def _is_age(words: Sequence[str], first: int, last: int) -> bool:
    before = words[first - 1] if first else ""
    if before in ("age", "aged", "ages", "older", "younger"):
        return True
    near = words[max(0, first - 4) : first]
    if "age" in near and _CLOSING.isdisjoint(near[near.index("age") :]):
        return True
    if before == "than" and first > 1 and words[first - 2] in ("older", "younger"):
        return True
    return last + 1 < len(words) and words[last] in ("or", "and") and words[last + 1] in ("older", "younger")


def _share(words: Sequence[str], i: int) -> tuple[float, int] | None:
    """The whole of a share ("out of 100", "women per 1,000"), with the index after it.

    Only wholes that are a power of ten count, because "1 of 5" may as well be a count.
    """
    counted = i < len(words) and words[i] not in _SHARE_WORDS and words[i] not in SMALL and words[i].isalpha()
    k = i + 1 if counted else i
    start = k
    while k < len(words) and k < start + 3 and words[k] in _SHARE_WORDS:
        k += 1
    if k == start or k >= len(words) or words[k] not in _WHOLES:
        return None
    value = 100.0 if words[k] == "hundred" else value_of(words[k])
    if value is None or (words[start] == "/" and value < 100) or unit_at(words, k + 1) is not None:
        return None
    return value, k + 1
