"""Units of measurement and time: what they measure, and how large they are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple


class Unit(NamedTuple):
    """`measure` names what is measured; `size` is one unit in the base unit of its measure.

    Bases: gram, litre, metre, mole, hour, mmHg, kilocalorie. Units of substance that do not convert into each other
    (IU, mEq, drops) are measures of their own, and so are degrees Celsius and Fahrenheit.
    """

    measure: str
    size: float


_PREFIXES = {
    "": 1.0,
    "k": 1e3,
    "d": 1e-1,
    "c": 1e-2,
    "m": 1e-3,
    "µ": 1e-6,
    "μ": 1e-6,
    "u": 1e-6,
    "mc": 1e-6,
    "n": 1e-9,
    "p": 1e-12,
    "f": 1e-15,
}
_LONG_PREFIXES = {
    "": 1.0,
    "kilo": 1e3,
    "deci": 1e-1,
    "centi": 1e-2,
    "milli": 1e-3,
    "micro": 1e-6,
    "nano": 1e-9,
    "pico": 1e-12,
}


def _metric() -> Iterator[tuple[str, Unit]]:
    for prefix, size in _PREFIXES.items():
        yield prefix + "g", Unit("mass", size)
        yield prefix + "l", Unit("volume", size)
        yield prefix + "mol", Unit("substance", size)
        yield prefix + "eq", Unit("equivalents", size)
        yield prefix + "j", Unit("energy", size * 0.000239006)
        yield prefix + "osm", Unit("osmoles", size)
        yield prefix + "gy", Unit("radiation", size)
        yield prefix + "sv", Unit("exposure", size)
        yield prefix + "hz", Unit("hertz", size)
        if prefix:
            yield prefix + "iu", Unit("units", size)
            yield prefix + "m", Unit("length", size)
    for prefix, size in _LONG_PREFIXES.items():
        for ending in ("", "s"):
            yield f"{prefix}gram{ending}", Unit("mass", size)
            yield f"{prefix}gramme{ending}", Unit("mass", size)
            yield f"{prefix}mole{ending}", Unit("substance", size)
            yield f"{prefix}equivalent{ending}", Unit("equivalents", size)
            yield f"{prefix}joule{ending}", Unit("energy", size * 0.000239006)
            yield f"{prefix}osmole{ending}", Unit("osmoles", size)
            for spelling in ("liter", "litre"):
                yield f"{prefix}{spelling}{ending}", Unit("volume", size)
            for spelling in ("meter", "metre"):
                yield f"{prefix}{spelling}{ending}", Unit("length", size)


def _named(measure: str, size: float, *names: str) -> Iterator[tuple[str, Unit]]:
    for name in names:
        yield name, Unit(measure, size)


TIMES = dict(
    [
        *_named("time", 1 / 3.6e6, "millisecond", "milliseconds", "msec", "msecs", "ms"),
        *_named("time", 1 / 3600, "second", "seconds", "sec", "secs"),
        *_named("time", 1 / 60, "minute", "minutes", "min", "mins"),
        *_named("time", 1.0, "hour", "hours", "hr", "hrs", "h"),
        *_named("time", 24.0, "day", "days", "night", "nights", "d"),
        *_named("time", 168.0, "week", "weeks", "wk", "wks"),
        *_named("time", 336.0, "fortnight", "fortnights"),
        *_named("time", 730.5, "month", "months", "mo", "mos"),
        *_named("time", 8766.0, "year", "years", "yr", "yrs", "yo", "y"),
        *_named("time", 87660.0, "decade", "decades"),
    ]
)
"""Units of time by name, in hours; months and years are mean ones."""

UNITS: dict[str, Unit] = (
    dict(_metric())
    | TIMES
    | dict(
        [
            *_named("units", 1.0, "iu", "ius"),
            *_named("units", 1.0, "unit", "units"),
            *_named("parts", 1.0, "ppm"),
            *_named("parts", 1e-3, "ppb"),
            *_named("percent", 1.0, "%", "percent", "percentage", "percentages"),
            *_named("pressure", 1.0, "mmhg"),
            *_named("pressure", 10.0, "cmhg"),
            *_named("pressure", 7.50062, "kpa"),
            *_named("energy", 1.0, "kcal", "kcals", "kilocalories", "calories", "calorie", "cal"),
            *_named("pressure", 0.735559, "cmh2o"),
            *_named("celsius", 1.0, "°c", "ºc", "celsius"),
            *_named("fahrenheit", 1.0, "°f", "ºf", "fahrenheit"),
            *_named("beats", 1.0, "bpm", "beats"),
            *_named("length", 0.0254, "inch", "inches"),
            *_named("length", 0.3048, "feet", "foot", "ft"),
            *_named("weight", 1.0, "kg", "kgs", "kilo", "kilos", "kilogram", "kilograms", "kilogramme", "kilogrammes"),
            *_named("weight", 0.453592, "lb", "lbs", "pound", "pounds"),
            *_named("mass", 28.3495, "oz", "ounce", "ounces"),
            *_named("drops", 1.0, "drop", "drops", "gtt", "gtts"),
            *_named("volume", 1e-6, "mm3", "mm³"),
            *_named("volume", 1e-3, "cc", "ccs"),
            *_named("volume", 5e-3, "teaspoon", "teaspoons", "teaspoonful", "teaspoonfuls", "tsp"),
            *_named("volume", 15e-3, "tablespoon", "tablespoons", "tablespoonful", "tablespoonfuls", "tbsp"),
            *_named("volume", 0.24, "cup", "cups"),
            *_named("volume", 0.473176, "pint", "pints"),
            *_named("volume", 0.946353, "quart", "quarts"),
            *_named("area", 1.0, "m2", "m²"),
            *_named("area", 1e-4, "cm2", "cm²"),
            *_named("area", 1e-6, "mm2", "mm²"),
        ]
    )
)
"""All units by their lower-case name."""

for _lost in ("pm", "fm", "um", "dm", "cal", "fl", "pl", "nl"):
    UNITS.pop(_lost, None)

PER_WORDS = frozenset({"/", "per"})


class Found(NamedTuple):
    """A unit in a row of words: `measure` (with what it is per), `size`, the number of words, and its rate.

    `rate` is how many times a day, where the unit is per time (`mg/kg/day`), else None.
    """

    measure: str
    size: float
    end: int
    rate: float | None
    rate_start: int
    per: str


def unit_at(words: Sequence[str], i: int) -> Found | None:
    """The unit that begins at `words[i]`, or None."""
    head = _simple(words, i)
    if head is None:
        return None
    (measure, size), i = head
    rate, rate_start, per = None, 0, ""
    while i + 1 < len(words) and (words[i] in PER_WORDS or _for_each(words, i)):
        number, k = _divisor(words, i + 1 + _for_each(words, i))
        below = _simple(words, k)
        if below is None:
            break
        (kind, width), end = below
        if kind == "time":
            rate, rate_start = 24.0 / (width * number), i
        elif kind == "volume":
            size, per = size / (width * number), "volume"
        elif kind in ("mass", "weight", "area", "substance"):
            if kind == measure and k > i + 1:
                break
            # Body weight and surface are what a dose is for; a small mass below is a concentration.
            size, per = size / (width * number), kind
        else:
            break
        i = end
    if rate is None and (speed := _speed(words, i)) and measure not in ("time", "percent"):
        rate_start = i
        rate, i = speed
    if measure == "volume" and rate is not None:
        # "mL/min" is a flow, and not a volume that is given so often.
        measure, size, rate = "flow", size * rate / 24.0, None
    return Found(f"{measure}/{per}" if per else measure, size, i, rate, rate_start, per)


def _speed(words: Sequence[str], i: int) -> tuple[float, int] | None:
    """How many times a day, and the index after it, where a volume flows "an hour", "hourly" or "each minute"."""
    if words[i : i + 1] == ["hourly"]:
        return 24.0, i + 1
    unit = TIMES.get(words[i + 1]) if i + 1 < len(words) and words[i] in _EACH else None
    if unit is None or unit.size > 1 or words[i + 2 : i + 3] in _FROM_THEN:
        return None
    return 24.0 / unit.size, i + 2


_FROM_THEN = (["before"], ["after"], ["later"], ["prior"], ["ago"])
_EACH = frozenset({"a", "an", "each", "every"})


def _for_each(words: Sequence[str], i: int) -> bool:
    """Whether "for each" or "for every" stands at `words[i]`."""
    return words[i] == "for" and words[i + 1] in ("each", "every")


def _divisor(words: Sequence[str], i: int) -> tuple[float, int]:
    word = words[i]
    if word[0].isdecimal() and len(word) <= 6:
        try:
            return max(float(word.replace(",", "")), 1e-9), i + 1
        except ValueError:
            return 1.0, i
    return 1.0, i


_PAIRS = {
    **{(first, unit): Unit("units", 1.0) for first in ("international", "standard") for unit in ("unit", "units")},
    **{(first, "c"): Unit("celsius", 1.0) for first in ("°", "º", "degree", "degrees")},
    **{(first, "f"): Unit("fahrenheit", 1.0) for first in ("°", "º", "degree", "degrees")},
    **{("degrees", name): Unit("celsius", 1.0) for name in ("celsius", "centigrade")},
    ("degrees", "fahrenheit"): Unit("fahrenheit", 1.0),
    **{("percentage", name): Unit("percent", 1.0) for name in ("point", "points")},
    ("mm", "hg"): Unit("pressure", 1.0),
    ("cm", "hg"): Unit("pressure", 10.0),
    ("per", "cent"): Unit("percent", 1.0),
    **{(first, unit): Unit("volume", 0.0295735) for first in ("fluid", "fl") for unit in ("ounce", "ounces", "oz")},
    **{("mm", power): Unit("volume", 1e-6) for power in ("3", "³")},
    **{("m", power): Unit("area", 1.0) for power in ("2", "²")},
    **{("cm", power): Unit("area", 1e-4) for power in ("2", "²")},
    **{("mm", power): Unit("area", 1e-6) for power in ("2", "²")},
    **{("square", name): Unit("area", 1.0) for name in ("meter", "metre", "meters", "metres")},
}
"""Units of two words."""


def _simple(words: Sequence[str], i: int) -> tuple[Unit, int] | None:
    """The unit without a divisor at `words[i]`, and the index after it."""
    if i >= len(words):
        return None
    if i + 1 < len(words) and (pair := _PAIRS.get((words[i], words[i + 1]))):
        return pair, i + 2
    found = UNITS.get(words[i])
    if found and found.measure == "length" and words[i + 1 : i + 2] == ["of"] and words[i + 2 : i + 3] in _COLUMNS:
        return Unit("pressure", found.size * 1e3 * (1.0 if words[i + 2] == "mercury" else 0.0735559)), i + 3
    return (found, i + 1) if found else None


_COLUMNS = (["mercury"], ["water"])
"""What a pressure is the height of."""
