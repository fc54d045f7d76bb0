"""Numbers with a unit: found in text, compared, and changed into plausible wrong ones."""

from __future__ import annotations

import re
from dataclasses import dataclass

_NUMBER = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
_UNIT = (
    r"(?:[µμ]g|micrograms?|milligrams?|grams?|mcg|ug|mg|kg|ng|g|international units?|units?|IU|mEq|mmol|mL|ml|dL"
    r"|L|mm ?Hg|cm|mm|kcal|calories"
    r"|bpm|°[CF]|%|percent"
    r"|years?|months?|weeks?|days?|hours?|minutes?|hrs?|min)"
    r"(?: ?/ ?(?:kg|m2|m²|day|week|hour|hr|h|minute|min|dose|dL|mL|L|1\.73 m ?[2²]|mg|g|mmol|mol))*(?![A-Za-z²/])"
    r"|/ ?[uµμ]L(?![A-Za-z])"
)
_QUANTITY = re.compile(
    rf"(?<![\w.,/–-])(?P<first>\d{{2,3}}/\d{{2,3}}(?= ?mm ?Hg)|{_NUMBER})"
    rf"(?:(?P<joint> ?[–—-] ?| to )(?P<second>{_NUMBER}))?(?P<gap>[ -]?)(?P<unit>{_UNIT})"
)
_TIME = frozenset({"year", "month", "week", "day", "hour", "minute", "hr", "min"})
_OFFSETS = {"°c": (1, -1, 2, -2, 3), "°f": (1, -1, 2, -2, 3), "mmhg": (10, -10, 20, -20, 30)}
"""Units of scales on which twice as much is no plausible error."""
_DOSES = frozenset({"mg", "mcg", "g", "unit", "iu", "meq", "ng", "microgram", "milligram", "gram"})
_CONCENTRATION = frozenset({"dl", "l", "ml", "mmol", "g", "mg"})
_USUAL = {
    "minute": (1, 2, 5, 10, 15, 20, 30, 45, 60, 90, 120),
    "hour": (1, 2, 3, 4, 6, 8, 12, 24, 36, 48, 72, 96),
    "day": (1, 2, 3, 5, 7, 10, 14, 21, 28, 30, 60, 90, 120),
    "week": (1, 2, 3, 4, 6, 8, 10, 12, 16, 24, 36, 48),
    "month": (1, 2, 3, 4, 6, 9, 12, 18, 24, 36),
}
"""Durations that are in use; a wrong one looks like a right one."""
_DOSE_STEPS = (2, 0.5, 4, 10, 0.25, 0.1)
"""Wrong doses are those that a slip would give: doubled, halved, ten times too much."""
_STEPS = (2, 0.5, 1.5, 3, 0.75, 4, 0.25, 5)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number or range with its unit: `text` is what stands in `[start, end)`. `unit` is normalised for comparison."""

    start: int
    end: int
    text: str
    first: str
    joint: str
    second: str
    tail: str
    unit: str

    @property
    def is_time(self) -> bool:
        return self.unit in _TIME

    @property
    def is_dose(self) -> bool:
        """Whether the unit is one that drugs are given in (concentrations are left out)."""
        head, _, per = self.unit.partition("/")
        return head in _DOSES and per not in _CONCENTRATION


def quantities(text: str) -> list[Quantity]:
    """All quantities of `text`, in order."""
    return [
        Quantity(
            match.start(),
            match.end(),
            match[0],
            match["first"],
            match["joint"] or "",
            match["second"] or "",
            match["gap"] + match["unit"],
            _normalised(match["unit"]),
        )
        for match in _QUANTITY.finditer(text)
    ]


def changed(quantity: Quantity) -> list[str]:
    """Other values of the same form and unit, most plausible first; none equals the quantity itself."""
    if "/" in quantity.first:
        upper, lower = (int(part) for part in quantity.first.split("/"))
        steps = [(10, 0), (-10, 0), (10, 10), (-10, -10), (20, 10), (0, -10)]
        return [f"{upper + a}/{lower + b}{quantity.tail}" for a, b in steps if upper + a > lower + b > 0]
    if quantity.unit in _OFFSETS and not quantity.second and float(quantity.first.replace(",", "")) >= 30:
        decimals = len(quantity.first.partition(".")[2])
        offsets = [offset / 2 if decimals else offset for offset in _OFFSETS[quantity.unit]]
        return [f"{float(quantity.first) + offset:.{decimals}f}{quantity.tail}" for offset in offsets]
    usual = _USUAL.get(quantity.unit, ())
    if usual and not quantity.second and quantity.first.isdecimal():
        value = max(1, int(quantity.first))
        near = sorted(
            (other for other in usual if other != value), key=lambda other: max(other, value) / min(other, value)
        )
        return [f"{other}{quantity.tail}" for other in near[:5]]
    parts = [part for part in (quantity.first, quantity.second) if part]
    found = []
    for factor in _DOSE_STEPS if quantity.is_dose else _STEPS:
        scaled = [_scaled(part, factor, quantity) for part in parts]
        if all(scaled) and len(set(scaled)) == len(parts) and not set(scaled) & set(parts[:1]):
            found.append(quantity.joint.join(map(str, scaled)) + quantity.tail)
    return found


def _scaled(number: str, factor: float, quantity: Quantity) -> str | None:
    """`number` times `factor` in the same notation, or None where that would be no value of its kind.

    A dose is exact, and half a dose may have one more decimal; any other value is rounded.
    """
    value = float(number.replace(",", "")) * factor
    decimals = len(number.partition(".")[2])
    if quantity.is_dose:
        decimals = 1 if factor == 0.5 and not decimals and value % 1 else decimals
        if abs(value - round(value, decimals)) > 1e-9:
            return None
    elif not decimals:
        value = 5 * round(value / 5) if value >= 20 and number[-1] in "05" else round(value)
    if value <= 0 or (quantity.unit == "%" and value > 100) or (quantity.unit == "year" and value > 90):
        return None
    text = f"{value:,.{decimals}f}" if "," in number or value >= 10_000 else f"{value:.{decimals}f}"
    text = text.removesuffix(".0") if factor > 1 else text
    return text if float(text.replace(",", "")) > 0 else None


def _normalised(unit: str) -> str:
    unit = (
        unit.lower()
        .replace(" ", "")
        .replace("percent", "%")
        .replace("μ", "µ")
        .replace("ug", "mcg")
        .replace("µg", "mcg")
    )
    return unit if len(unit) <= 3 else unit.removesuffix("s")
