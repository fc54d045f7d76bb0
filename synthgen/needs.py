"""What a transformation may need of an extract, so that no teacher is asked for what cannot be made."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from synthgen.data import Extract

_UNITS = (
    r"%|‰|°[CF]?|per ?cent|[kmcµμn]?g|m?[lL]|d[lL]|[mµμn]?mol|m?Eq|k?IU|units?|[kmcµμn]?m|mm ?Hg|k?cal|k?Pa|[mµ]?Sv|Gy"
    r"|bpm|breaths|beats|times|tablets?|capsules?|doses?|puffs?|drops|cycles?|points?|sec(?:ond)?s?|min(?:ute)?s?|h|hrs?"
    r"|hours?|days?|weeks?|months?|years?"
)
_QUANTITY = re.compile(rf"\d[ -]?(?:{_UNITS})(?!\w)|[<>≤≥=] ?\d")

NEEDS: Mapping[str, Callable[[Extract], bool]] = {
    "quantities": lambda extract: _QUANTITY.search(extract.text) is not None,
}
"""The tests by the name that stands in a transformation's `needs`.

`quantities`: a number with a unit or a comparator; years, citations and the numbers of lists and sections are none.
"""
