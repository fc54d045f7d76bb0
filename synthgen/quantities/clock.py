"""Hours of the clock in a text: "8 a.m.", "7:30 pm", "14:00", "noon"."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from synthgen.quantities.agreement import EXACT, close
from synthgen.quantities.memo import places
from synthgen.quantities.quantity import Quantity
from synthgen.quantities.words import value_of

NOON, DAY = 12.0, 24.0
MANY = 12
"""Hours of a text that are read."""
_NAMED = {"noon": 12.0, "midday": 12.0, "midnight": 0.0}
_LETTERS = (["a", ".", "m"], ["p", ".", "m"])
_JOINED = (["am"], ["pm"])
EARLIEST = 5
"""The first hour that is read without a half of the day: "1:10" is more often a ratio."""


def hours_of_clock(words: Sequence[str]) -> Iterator[float]:
    """The hours of the clock, in order."""
    found = [hour[0] for i in places(words, _may_open) if (hour := hour_at(words, i)) is not None]
    yield from found[:MANY]


def is_between_hours(told: Quantity, hours: Sequence[float]) -> bool:
    """Whether a time is that from one of the hours to another, on the same day or the next."""
    if told.measure != "time" or told.is_range or told.low > DAY:
        return False
    return any(
        close(told.low, (there - here) % around, EXACT) for here in hours for there in hours for around in (NOON, DAY)
    )


def _may_open(word: str) -> bool:
    return word in _NAMED or (word[0].isdecimal() and len(word) <= 2)


def hour_at(words: Sequence[str], i: int) -> tuple[float, int] | None:
    """The hour of the clock at `words[i]`, and the index after it; None where there is none."""
    if words[i] in _NAMED:
        return _NAMED[words[i]], i + 1
    hour = value_of(words[i])
    if hour is None or hour > DAY:
        return None
    end, minutes = i + 1, None
    if words[end : end + 1] == [":"] and end + 1 < len(words) and len(words[end + 1]) == 2:
        minutes = value_of(words[end + 1])
        end += 2
    if words[end : end + 1] in _JOINED or words[end : end + 3] in _LETTERS:
        half = NOON if words[end][0] == "p" else 0.0
        return hour % NOON + half + (minutes or 0.0) / 60, end + (3 if len(words[end]) == 1 else 1)
    if minutes is None or minutes >= 60 or hour < EARLIEST:
        return None
    return hour + minutes / 60, end
