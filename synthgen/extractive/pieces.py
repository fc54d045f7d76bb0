"""The blocks of an extract in plain text, as the rules read them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from synthgen.extractive.markup import plain
from synthgen.extractive.phrases import lowered
from synthgen.extracts.blocks import blocks

_MARKER = re.compile(r"\s*(?:(?:[-*+•‣▪◦·–]|\(?\d{1,3}[.)]|\(?[A-Za-z][.)]|\(?[ivx]{2,4}[.)])\s+)+")
_LONGEST_LABEL = 60
LABEL_LEVEL = 8
"""Level of a line that is a heading without the markup of one."""
_ASKS = re.compile(r"(?:when|what|who|how|where|why|time)\b", re.IGNORECASE)
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
            if header and cells[0] == header[0] and len(cells) == len(header):
                # A second line of headers, below cells that span several columns.
                header = [top if top == below else f"{top}, {below}" for top, below in zip(header, cells, strict=True)]
                continue
            names = header if len(header) == len(cells) else [""] * len(cells)
            pairs = tuple((name, cell) for name, cell in zip(names, cells, strict=True) if any(map(str.isalnum, cell)))
            yield Piece("row", row_text(pairs), 0, pairs)
        elif block.kind == "item":
            item = plain(_MARKER.sub("", raw, count=1))
            shouted = item.isupper() and 3 < len(item) <= _LONGEST_LABEL
            yield Piece("heading", item, LABEL_LEVEL) if shouted else Piece("item", item, block.level)
        else:
            yield Piece("paragraph", plain(raw))


def row_subject(cells: Sequence[tuple[str, str]]) -> str:
    """What a row is about: its first cell, behind its header where it is a number."""
    header, cell = cells[0]
    told = cell[0].isalpha() or not header or _ASKS.match(header)
    return cell if told else f"{header} {cell}"


def row_text(cells: Sequence[tuple[str, str]]) -> str:
    """A row as running text: its subject, and what each further column says of it.

    Columns that are all headed in the same way, `High (one is enough)`, are lists side by side: none is the subject.
    """
    if all(name.endswith(")") for name, _ in cells):
        return "; ".join(f"{name}: {cell}" for name, cell in cells)
    said = [cell if not name or _ASKS.match(name) else f"{lowered(name)}: {cell}" for name, cell in cells[1:]]
    return f"{row_subject(cells)} – {'; '.join(said)}" if said else cells[0][1] if cells else ""


def _cells(row: str) -> list[str]:
    return [plain(cell) for cell in _CELL.split(row.strip().removeprefix("|").removesuffix("|"))]
