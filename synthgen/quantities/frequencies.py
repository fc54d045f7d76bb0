"""Frequencies: "twice daily", "every 6 to 8 hours", "q8h", "3 times a week", "12-hourly", "per day"."""

from __future__ import annotations

from collections.abc import Sequence

from synthgen.quantities.numerals import DASHES, SMALL, span_at
from synthgen.quantities.units import TIMES
from synthgen.quantities.words import listed

Rate = tuple[float, float, int]
"""The lowest and the highest number of times a day, and the index after the words that say so."""

ADVERBS = {
    "daily": 1.0,
    "nightly": 1.0,
    "weekly": 1 / 7,
    "fortnightly": 1 / 14,
    "monthly": 24 / 730.5,
    "quarterly": 24 / (3 * 730.5),
    "yearly": 24 / 8766,
    "annually": 24 / 8766,
    "annual": 24 / 8766,
    "semiannual": 48 / 8766,
    "semiannually": 48 / 8766,
    "biennial": 12 / 8766,
    "biennially": 12 / 8766,
    "hourly": 24.0,
    "bid": 2.0,
    "tid": 3.0,
    "qid": 4.0,
    "qd": 1.0,
    "qhs": 1.0,
    "qod": 0.5,
    **{
        f"q{number}{unit}": 24.0 / number / TIMES[unit].size
        for unit in ("h", "hr", "hrs", "d", "days", "wk", "wks", "weeks", "mo", "months")
        for number in range(1, 73)
    },
}
"""Words that are a frequency by themselves, in times a day."""
_TIMES = {"once": 1.0, "twice": 2.0, "thrice": 3.0}
_OPENERS = frozenset({"every", "each", "per", "a", "/", "q"})
_DOTTED = {("b", "i"): 2.0, ("t", "i"): 3.0, ("q", "i"): 4.0}
_OCCASIONS = frozenset(
    listed(
        "times time x × occasion occasions session sessions visit visits dose doses application applications"
        " administration administrations injection injections infusion infusions treatment treatments"
    )
)
"""What is counted where a text says how often something is done: "2 doses a day"."""
_DIVIDED = frozenset(listed("divided equal equally separate evenly single"))
_DAYS = frozenset(listed("day days night nights"))
OPENING = frozenset(ADVERBS) | frozenset(_TIMES) | _OPENERS | {"b", "t"}
"""Words at which a frequency without a leading number may begin."""
_PERIOD_OPENERS = frozenset({"a", "an", "per", "each", "every", "/", "in", "the"})
_NOT_RATES = frozenset(
    listed(
        "living life lives activities activity routine routines function functions functional functioning work task"
        " tasks chores habits care needs environment experience experiences stress stressors struggles"
    )
)
"""What is called daily without being done once a day."""


def frequency_at(words: Sequence[str], i: int) -> Rate | None:
    """The frequency that begins at `words[i]` and with no number, or None."""
    word = words[i]
    after = words[i + 1] if i + 1 < len(words) else ""
    if word in ADVERBS:
        return None if after in _NOT_RATES else (ADVERBS[word], ADVERBS[word], i + 1)
    if word in _TIMES:
        low, high, end = _TIMES[word], _TIMES[word], i + 1
        if after == "or" and i + 2 < len(words) and words[i + 2] in _TIMES:
            high, end = _TIMES[words[i + 2]], i + 3
        period = _period(words, end)
        return (low * period[0], high * period[1], period[2]) if period else None
    if after == "." and words[i + 3 : i + 5] == [".", "d"] and (word, words[i + 2]) in _DOTTED:
        times = _DOTTED[word, words[i + 2]]
        return times, times, i + 5
    return _every(words, i) if word in _OPENERS and after else None


def times_at(words: Sequence[str], i: int, raw: tuple[float, float]) -> Rate | None:
    """The frequency that goes on at `words[i]` behind the number `raw`, or None.

    "3 times daily", "8-hourly", "2 daily doses", "4 divided doses", "5 days a week".
    """
    if i >= len(words):
        return None
    k = i
    while k < i + 2 and k + 1 < len(words) and words[k] in _DIVIDED:
        k += 1
    if words[k : k + 2] in (["daily", "doses"], ["daily", "dose"]):
        # "Three daily doses on consecutive days" are one a day.
        return None if "days" in words[k + 2 : k + 6] else (raw[0], raw[1], k + 2)
    if words[k] in _OCCASIONS:
        period = _period(words, k + 1)
        if period and words[period[2] : period[2] + 1] in (["apart"], ["later"]):
            return None
        if period is None and words[k] in ("dose", "doses") and "divided" in words[max(0, i - 4) : k]:
            period = 1.0, 1.0, k + 1
        return (raw[0] * period[0], raw[1] * period[1], period[2]) if period else None
    if words[k] in _DAYS:
        period = _period(words, k + 2 if words[k + 1 : k + 2] == ["of"] else k + 1)
        long = period is not None and period[0] < 1 / 6
        return (raw[0] * period[0], raw[1] * period[1], period[2]) if period and long else None
    if words[i] in ("/", "per", "a") and raw[0] >= 1:
        period = _period(words, i)
        return (raw[0] * period[0], raw[1] * period[1], period[2]) if period and period[0] <= 1 else None
    k = i + 1 if words[i] in DASHES else i
    if k < len(words) and words[k] in ("hourly", "weekly", "monthly", "yearly") and raw[0] > 0:
        return ADVERBS[words[k]] / raw[1], ADVERBS[words[k]] / raw[0], k + 1
    return None


def _every(words: Sequence[str], i: int) -> Rate | None:
    word, k = words[i], i + 1
    if word == "every" and words[k] in ("other", "second", "alternate") and k + 1 < len(words):
        unit = TIMES.get(words[k + 1])
        return (12.0 / unit.size, 12.0 / unit.size, k + 2) if unit else None
    span = span_at(words, k) if word in ("every", "q", "per", "/") else None
    low, high, k = span or (1.0, 1.0, k)
    unit = TIMES.get(words[k]) if k < len(words) else None
    if unit is None or (words[k] in ("second", "seconds") and word != "/"):
        return None
    alone = word in ("a", "each") or (word == "/" and words[k] in ("d", "h", "y"))
    high, k = _or_more(words, k, high)
    if alone and words[k + 1 : k + 2] == ["ago"]:
        return None
    if alone and words[i - 1 : i] not in (["times"], ["time"]) and not _number_near(words, i):
        return None
    return 24.0 / (high * unit.size), 24.0 / (low * unit.size), k + 1


def _or_more(words: Sequence[str], k: int, high: float) -> tuple[float, int]:
    """The longer time in "12 months or 24 months" or "year or two", whose first unit is `words[k]`, and its end."""
    if words[k + 1 : k + 2] not in (["or"], ["to"]):
        return high, k
    if words[k + 2 : k + 3] == ["two"] and high == 1:
        return 2.0, k + 2
    other = span_at(words, k + 2)
    unit = TIMES.get(words[other[2]]) if other is not None and other[2] < len(words) else None
    if other is None or unit is None:
        return high, k
    times = other[1] * unit.size / TIMES[words[k]].size
    return (times, other[2]) if times > high else (high, k)


def _number_near(words: Sequence[str], i: int) -> bool:
    """Whether a number stands among the four words before `words[i]`."""
    return any(word[0].isdecimal() or word in SMALL for word in words[max(0, i - 4) : i])


def _period(words: Sequence[str], i: int) -> Rate | None:
    """Times a day, at least and at most, for one time in the period at `words[i]` ("/day", "every 2 weeks")."""
    if i < len(words) and words[i] == "-":
        i += 1
    if i >= len(words):
        return None
    if words[i] in ADVERBS:
        return ADVERBS[words[i]], ADVERBS[words[i]], i + 1
    if words[i] not in _PERIOD_OPENERS:
        return None
    span = span_at(words, i + 1) if words[i] in ("every", "per", "in") else None
    least, most, k = span or (1.0, 1.0, i + 2 if words[i] == "in" and words[i + 1 : i + 2] == ["a"] else i + 1)
    unit = TIMES.get(words[k]) if k < len(words) else None
    if span and unit:
        most, k = _or_more(words, k, most)
    return (24.0 / (unit.size * most), 24.0 / (unit.size * least), k + 1) if unit else None
