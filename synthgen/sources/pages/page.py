"""What a page of a PDF is made of."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace

WIDE_GAP = 1.2
"""A gap wider than this many type sizes parts two cells; spaces between words, justified ones too, are narrower."""

ITEM = re.compile(r"(?:[•◦▪●○■□‣·➢\uf0b7\uf0a7]|[-–*](?= )|\d{1,2}[.)](?= )|\([a-z\d]{1,2}\)(?= )|o(?= {1,3}[A-Z]))\s*")
MARKER = re.compile(r"[•◦▪●○■□‣·➢\uf0b7\uf0a7]|\d{1,2}[.)]|\([a-z\d]{1,2}\)")
"""What may stand apart before a list item."""

WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_BROKEN = re.compile(r"([^\W\d_]+)[-‐]$")
_PREFIXES = "all anti co cross ex half high long low mid non post pre self semi short well"
_KEEPS_HYPHEN = frozenset(_PREFIXES.split())


@dataclass(frozen=True, slots=True)
class Cell:
    """A stretch of text without a wide gap, with its left and right edge in points."""

    text: str
    left: float
    right: float


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text: its cells from left to right, baseline (from the bottom of the page) and type size in points."""

    cells: tuple[Cell, ...]
    baseline: float
    size: float
    bold: bool = False
    page: int = 0

    @property
    def text(self) -> str:
        return " ".join(cell.text for cell in self.cells)

    @property
    def left(self) -> float:
        return self.cells[0].left

    @property
    def right(self) -> float:
        return self.cells[-1].right

    def followed_by(self, other: Line) -> Line | None:
        """Both as one line, where `other` stands on the same baseline to the right; else None."""
        if abs(self.baseline - other.baseline) > 0.2 * self.size or other.left < self.right - 1:
            return None
        bold = self.bold and other.bold
        if other.left - self.right > WIDE_GAP * self.size and not MARKER.fullmatch(self.text):
            return replace(self, cells=self.cells + other.cells, bold=bold)
        joint = Cell(f"{self.cells[-1].text} {other.cells[0].text}", self.cells[-1].left, other.cells[0].right)
        return replace(self, cells=(*self.cells[:-1], joint, *other.cells[1:]), bold=bold)


@dataclass(frozen=True, slots=True)
class Page:
    height: float
    lines: tuple[Line, ...]


def join_lines(above: str, below: str, words: Counter[str]) -> str:
    """Two lines as one. A hyphen at the end goes only where a word was broken, as far as the document's `words` tell.

    Hyphens after numbers stay ("20-" and "50 mg" are "20-50 mg"), as do those of compounds that the document
    writes with one elsewhere, or whose halves it uses by themselves.
    """
    broken = _BROKEN.search(above)
    if broken and below[:1].islower():
        first = WORD.match(below)
        left, right = broken[1].lower(), first[0].lower() if first else ""
        whole, compound = words[left + right], words[f"{left}-{right}"]
        separate = words[left] > 0 and words[right] > 0
        if compound > whole or (not whole and (left in _KEEPS_HYPHEN or separate)):
            return above + below
        return above[:-1] + below
    if above.endswith(("-", "‐", "–", "/")) and above[-2:-1].strip() and below[:1].isalnum():
        return above + below
    return f"{above} {below}"
