"""The blocks of an extract in plain text, as the rules read them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from synthgen.extractive.markup import plain
from synthgen.extracts.blocks import blocks

_MARKER = re.compile(r"\s*(?:(?:[-*+•‣▪◦·–]|\(?\d{1,3}[.)]|\(?[A-Za-z][.)]|\(?[ivx]{2,4}[.)])\s+)+")
_LONGEST_LABEL = 60
LABEL_LEVEL = 8
"""Level of a line that is a heading without the markup of one."""
_CELL = re.compile(r"(?<!\\)\|")


@dataclass(frozen=True, slots=True)
class Piece:
    """One heading, paragraph, item or table row in plain text.

    `level` is a heading's level or an item's depth. `cells` of a row are its (column header, cell) pairs; empty cells
    are left out.
    """

    kind: Literal["heading", "paragraph", "item", "row"]
    text: str
    level: int = 0
    cells: tuple[tuple[str, str], ...] = ()


def pieces(text: str) -> Iterator[Piece]:
    """The pieces of `text`, in order."""
    header: list[str] = []
    for block in blocks(text):
        raw = text[block.start : block.end]
        if block.kind == "heading":
            yield Piece("heading", plain(block.heading), block.level)
        elif block.kind == "header":
            header = _cells(raw.strip().partition("\n")[0])
        elif block.kind == "row":
            cells = _cells(raw)
            names = header if len(header) == len(cells) else [""] * len(cells)
            pairs = tuple((name, cell) for name, cell in zip(names, cells, strict=True) if any(map(str.isalnum, cell)))
            yield Piece("row", "; ".join(f"{name}: {cell}" if name else cell for name, cell in pairs), 0, pairs)
        elif block.kind == "item":
            item = plain(_MARKER.sub("", raw, count=1))
            shouted = item.isupper() and 3 < len(item) <= _LONGEST_LABEL
            yield Piece("heading", item, LABEL_LEVEL) if shouted else Piece("item", item, block.level)
        else:
            yield Piece("paragraph", plain(raw))


def _cells(row: str) -> list[str]:
    return [plain(cell) for cell in _CELL.split(row.strip().removeprefix("|").removesuffix("|"))]
