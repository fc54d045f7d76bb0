"""Whether two quantities say the same."""

from __future__ import annotations

import math
from enum import IntEnum

from synthgen.quantities.quantity import Quantity
from synthgen.quantities.unitless import YEAR

EXACT = 1e-6
OUNCE, FLUID_OUNCE = 28.3495, 0.0295735
"""Grams and litres of an ounce."""
CONVERTED = 0.02
"""How far an amount may be rounded that is told in the unit of another system."""
ROUNDED, MONTH = 0.001, YEAR / 24 / 12
"""How far a frequency may be rounded, and the days of a mean month."""
CALENDAR = 0.09
"""How far a time in months or years may be from one in days or weeks: twelve weeks are told as three months."""


_OFTEN = frozenset({"rate", "time"})


class Agreement(IntEnum):
    NONE = 0
    PART = 1
    """One end of a range, the bare number, or an interval told as a frequency."""
    TOTAL = 2
    """Another amount and frequency, but the same amount a day."""
    FULL = 3


def agreement(told: Quantity, other: Quantity) -> Agreement:
    """How far the quantity of an output says what the quantity `other` of the source says.

    Opposite comparators, and "before" against "after", never agree; strict and inclusive ones do ("over 60", "60 and
    over"), and so does a comparator with none.
    """
    # "At least every 3 months" is an interval of 3 months at most.
    turned = -1 if {told.measure, other.measure} == _OFTEN else 1
    bounds = told.bound * other.bound * turned
    if told.is_range == other.is_range and (bounds < 0 or told.relation * other.relation < 0):
        return Agreement.NONE
    if told.measure == other.measure:
        return _same_measure(told, other)
    if not told.measure or not other.measure:
        return _bare(told, other)
    if turned < 0:
        rate, time = (told, other) if told.measure == "rate" else (other, told)
        tolerance = CALENDAR if _calendar(rate) != _calendar(time) else 0.001
        longest, shortest = close(rate.high * time.low, 24.0, tolerance), close(rate.low * time.high, 24.0, tolerance)
        same = (longest or shortest) if told is time and not time.is_range else (longest and shortest)
        return Agreement.PART if same else Agreement.NONE
    if {told.measure, other.measure} == {"mass", "weight"}:
        factor = 1000.0 if told.measure == "mass" else 0.001
        same = close(told.low, other.low * factor, CONVERTED) and close(told.high, other.high * factor, CONVERTED)
        return Agreement.FULL if same else Agreement.NONE
    if {told.measure, other.measure} == {"mass", "volume"}:
        return _ounces(told, other)
    return _same_head(told, other)


def comparable(measure: str, other: str) -> bool:
    """Whether quantities of these two measures can agree."""
    if measure == other:
        return True
    if not measure or not other:
        return not (measure or other).startswith(("name:", "way:"))
    return {measure, other} in ({"rate", "time"}, {"mass", "weight"}, {"mass", "volume"}) or (
        measure.partition("/")[0] == other.partition("/")[0]
    )


def _same_measure(told: Quantity, other: Quantity) -> Agreement:
    tolerance = _tolerance(told, other)
    low, high = close(told.low, other.low, tolerance), close(told.high, other.high, tolerance)
    if tolerance == CONVERTED:
        low = low or _rounds(told.raw[0], other.low * told.raw[0] / told.low)
        high = high or _rounds(told.raw[1], other.high * told.raw[1] / told.high)
    if low and high:
        return Agreement.FULL
    if told.measure == "time" and told.bound < 0 and other.is_range:
        # "Under 30" is the upper end of "18 to 29 years".
        high = high or close(told.high - YEAR, other.high, EXACT)
    if not told.is_range and ((low and told.bound >= 0) or (high and told.bound <= 0)):
        # "Over 5" is not the upper end of "2 to 5".
        return Agreement.PART
    if told.rate and other.rate:
        ends = (other.low * other.rate[0], other.high * other.rate[1])
        low, high = close(told.low * told.rate[0], ends[0], 0.005), close(told.high * told.rate[1], ends[1], 0.005)
        if (low and high) or (not told.is_range and (low or high)):
            return Agreement.TOTAL
    return Agreement.NONE


def _tolerance(told: Quantity, other: Quantity) -> float:
    if told.raw == other.raw:
        return EXACT
    if told.measure in ("time", "rate"):
        return CALENDAR if _calendar(told) != _calendar(other) else 0.001
    return CONVERTED if _other_system(told, other) else EXACT


def _other_system(told: Quantity, other: Quantity) -> bool:
    """Whether the units of two quantities are of different systems, so that one is rounded: pounds and kilograms."""
    if told.measure not in _SYSTEMS or not told.low or not other.low:
        return False
    ratio = math.log10(told.low / told.raw[0] / (other.low / other.raw[0]))
    return abs(ratio - round(ratio)) > EXACT


_SYSTEMS = frozenset({"weight", "length", "volume", "mass"})


def _rounds(told: float, exact: float) -> bool:
    """Whether a number is the exact one rounded to as many decimals as it has, or to fives or tens of its last one."""
    digits = next((digits for digits in (0, 1, 2) if round(told, digits) == told), 3)
    last = 0.1**digits
    return abs(told - exact) <= last * (2.5 if round(told / last) % 5 == 0 else 0.5) + EXACT


def _ounces(told: Quantity, other: Quantity) -> Agreement:
    """ "8 ounces" of water are a volume, which is told in round millilitres."""
    ounces, volume = (told, other) if told.measure == "mass" else (other, told)
    is_fluid = close(ounces.low, ounces.raw[0] * OUNCE, EXACT)
    same = is_fluid and all(
        close(one * FLUID_OUNCE, end, 0.05) for one, end in zip(ounces.raw, (volume.low, volume.high), strict=True)
    )
    return Agreement.PART if same else Agreement.NONE


def _bare(told: Quantity, other: Quantity) -> Agreement:
    """A number without a unit says what the same number with one says; years and percent may also gain theirs."""
    measured, plain = (told, other) if told.measure else (other, told)
    if measured.measure == "rate":
        # "No more than 4 doses in 24 hours" is how often one dose may be taken.
        times = plain.rate[0] if plain.rate else 1.0
        same = plain.raw[1] > 1 and any(
            close(plain.low * times, measured.low * days, ROUNDED)
            and close(plain.high * times, measured.high * days, ROUNDED)
            for days in (1, 7, MONTH, YEAR / 24)
        )
        return Agreement.PART if same else Agreement.NONE
    if measured.measure.startswith("name:"):
        return Agreement.NONE
    same = plain.raw == measured.raw or (measured is other and not plain.is_range and plain.raw[0] in measured.raw)
    if same and (measured is other or measured.measure in ("time", "percent")):
        return Agreement.PART
    if measured.measure == "percent" and plain.high <= 1 and close(plain.low * 100, measured.low, EXACT):
        return Agreement.PART
    return Agreement.NONE


def _same_head(told: Quantity, other: Quantity) -> Agreement:
    """ "125 mg per 5 mL" may be told as 125 mg, and "mL/min/1.73 m2" as mL/min."""
    (head, _, per), (other_head, _, other_per) = told.measure.partition("/"), other.measure.partition("/")
    if head != other_head or (per and other_per):
        return Agreement.NONE
    same = told.raw == other.raw if "volume" in (per, other_per) else close(told.low, other.low, 0.001)
    return Agreement.PART if same else Agreement.NONE


def _calendar(quantity: Quantity) -> bool:
    """Whether a time or frequency is written in months or years, which are no fixed number of days."""
    hours = 24.0 / quantity.low if quantity.measure == "rate" and quantity.low else quantity.low
    raw = quantity.raw[0] if quantity.measure == "time" else 1.0
    return hours > 600 and raw > 0 and abs(hours / raw / 730.5 % 1) < EXACT


def close(a: float, b: float, tolerance: float) -> bool:
    """Whether two values differ by at most this share of the larger one."""
    if a == b:
        return True
    one, other = abs(a), abs(b)
    return abs(a - b) <= tolerance * (one if one > other else other)
