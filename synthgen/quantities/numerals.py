"""Numbers in digits and in words: "1,000", "twenty-eight", "half", "two thirds", "2.0 × 10⁹"."""

from __future__ import annotations

from collections.abc import Sequence

from synthgen.quantities.units import UNITS
from synthgen.quantities.words import listed, power_of, value_of

_ONES = listed(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
    " eighteen nineteen"
)
_TENS = listed("twenty thirty forty fifty sixty seventy eighty ninety")
SMALL = {word: float(value) for value, word in enumerate(_ONES)}
_TENS_VALUES = {word: 10.0 * value for value, word in enumerate(_TENS, start=2)}
_SCALES = {"hundred": 100.0, "thousand": 1000.0, "million": 1e6, "billion": 1e9, "trillion": 1e12}
_PARTS = {
    name + ending: 1 / whole
    for whole, name in ((3, "third"), (4, "quarter"), (5, "fifth"), (6, "sixth"), (8, "eighth"), (10, "tenth"))
    for ending in ("", "s")
} | {"half": 0.5, "halves": 0.5}
VULGAR = {"½": 0.5, "¼": 0.25, "¾": 0.75, "⅓": 1 / 3, "⅔": 2 / 3, "⅛": 0.125}
NUMERALS = frozenset(SMALL) | frozenset(_TENS_VALUES) | frozenset(VULGAR) | {"half", "quarter", "hundred", "dozen"}
"""Words at which a number in words may begin."""
DASHES = frozenset("-–—‐‑−~")


def numeral_at(words: Sequence[str], i: int) -> tuple[float, int] | None:
    """The value of the number in words that begins at `words[i]`, and the index after it; None if there is none."""
    word = words[i]
    if word in ("half", "quarter"):
        return _PARTS[word], i + 1
    if word in VULGAR:
        return VULGAR[word], i + 1
    if word == "dozen":
        return 12.0, i + 1
    start = (1.0, i) if word == "hundred" else _below_hundred(words, i)
    if start is None:
        return None
    value, i = start
    if i < len(words) and words[i] in _SCALES:
        value, i = _scaled(words, i, value)
        rest = _below_hundred(words, i + 1 if words[i : i + 1] == ["and"] else i)
        value, i = (value + rest[0], rest[1]) if rest else (value, i)
    if i < len(words) and words[i] in _PARTS and value < 10:
        return value * _PARTS[words[i]], i + 1
    return value, i


def _below_hundred(words: Sequence[str], i: int) -> tuple[float, int] | None:
    """The value of the number below 100 in words at `words[i]` ("twenty-eight"), and the index after it."""
    if i >= len(words) or words[i] not in _TENS_VALUES:
        return (SMALL[words[i]], i + 1) if i < len(words) and words[i] in SMALL else None
    value, i = _TENS_VALUES[words[i]], i + 1
    k = i + 1 if words[i : i + 1] == ["-"] else i
    ones = SMALL.get(words[k], 0.0) if k < len(words) else 0.0
    return (value + ones, k + 1) if 1 <= ones <= 9 else (value, i)


def value_at(words: Sequence[str], i: int) -> tuple[float, int] | None:
    """The value of the number at `words[i]`, in digits or words, and the index after it; None if there is none."""
    if i >= len(words):
        return None
    value = value_of(words[i])
    if value is None:
        numeral = numeral_at(words, i)
        return grown(words, numeral[1], numeral[0]) if numeral else None
    return grown(words, i + 1, value)


def grown(words: Sequence[str], end: int, value: float) -> tuple[float, int]:
    """A number that ends before `words[end]` with what belongs to it, and the index after that.

    "2 and a half", "1½", "3 million", "100 000", and its repetition in brackets ("three (3)").
    """
    after = words[end] if end < len(words) else ""
    if after not in _GOES_ON:
        return value, end
    if (part := _slashed(words, end - 1)) and _slashed(words, end) is None:
        return part, end + 2
    if part := _slashed(words, end):
        return value + part, end + 3
    if after == "and" and words[end + 1 : end + 2] in (["a"], ["one"]) and words[end + 2 : end + 3] in _BROKEN:
        return value + _PARTS[words[end + 2]], end + 3
    if after in VULGAR:
        return value + VULGAR[after], end + 1
    if after in _SCALES:
        return _scaled(words, end, value)
    if after == "000" and value < 1000 and value == int(value):
        return value * 1000, end + 1
    if after == "(" and words[end + 2 : end + 3] == [")"] and _plain(words[end + 1]) == value:
        return value, end + 3
    return value, end


def _scaled(words: Sequence[str], i: int, value: float) -> tuple[float, int]:
    """`value` times the scales from `words[i]` on ("100 thousand million"), and the index after them."""
    while i < len(words) and words[i] in _SCALES:
        value, i = value * _SCALES[words[i]], i + 1
    return value, i


def _slashed(words: Sequence[str], i: int) -> float | None:
    """The fraction of a unit at `words[i]` that is written with a slash ("1/2 inch"), or None."""
    if words[i + 1 : i + 2] != ["/"] or words[i] not in _OVER or words[i + 2 : i + 3] not in _OVER[words[i]]:
        return None
    k = i + 4 if words[i + 3 : i + 4] == ["-"] else i + 3
    if k >= len(words) or words[k] not in UNITS:
        return None
    return float(words[i]) / float(words[i + 2])


_OVER = {"1": (["2"], ["3"], ["4"], ["8"]), "2": (["3"],), "3": (["4"], ["8"])}
_GOES_ON = frozenset(VULGAR) | frozenset(_SCALES) | frozenset(_OVER) | {"/", "and", "000", "("}
_BROKEN = (["half"], ["quarter"], ["third"])


def _plain(word: str) -> float | None:
    return SMALL.get(word, value_of(word))


def powered(words: Sequence[str], end: int, value: float) -> tuple[float, int]:
    """`value` with what belongs to it, times a power of ten that follows ("x 10^9", "× 10⁹"), and the index after."""
    value, end = grown(words, end, value)
    if end + 1 >= len(words) or words[end + 1] != "10" or words[end] not in ("×", "x", "*"):
        return value, end
    k = end + 3 if words[end + 2 : end + 3] == ["^"] else end + 2
    if k >= len(words):
        return value, end
    exponent = power_of(words[k])
    if exponent is None and k == end + 3 and words[k].isdecimal() and len(words[k]) <= 2:
        exponent = int(words[k])
    return (value * 10.0**exponent, k + 1) if exponent is not None and abs(exponent) < 16 else (value, end)


def span_at(words: Sequence[str], i: int) -> tuple[float, float, int] | None:
    """The number or range at `words[i]`, above 0, and the index after it, for a time that follows ("6 to 8 hours")."""
    one = value_at(words, i)
    if one is None or one[0] <= 0:
        return None
    low, i = one
    joint = words[i] if i < len(words) else ""
    if joint in DASHES or joint in ("to", "or"):
        two = value_at(words, i + 1)
        if two is not None and two[0] >= low:
            return low, two[0], two[1]
        if joint in DASHES:
            return low, low, i + 1
    return low, low, i
