"""Tables on the pages of a PDF, which has no tables but text at places."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from synthgen.sources.pages.page import Cell, Line, join_lines

_REACH = 2.6
"""Rows of one table are not farther apart than this many type sizes, from last line to first."""

_PROSE = 40
"""Two columns whose cells are mostly longer than this many characters are a page set in two columns."""


@dataclass(frozen=True, slots=True)
class Table:
    """The lines of a table, in the page's order."""

    lines: tuple[Line, ...]


def find_tables(lines: Sequence[Line]) -> Iterator[Line | Table]:
    """The lines, with those that make up a table put together; a line outside of tables is one cell."""
    start = 0
    while start < len(lines):
        end = _table_end(lines, start) if len(lines[start].cells) > 1 else start
        region = lines[start:end]
        if sum(len(line.cells) > 1 for line in region) < 2:
            yield lines[start]
            start += 1
            continue
        columns = _columns(region)
        if len(columns) == 2 and _is_prose(region):
            yield from _column_by_column(region, columns)
        else:
            yield Table(tuple(region))
        start = end


def table_to_markdown(table: Table, words: Counter[str]) -> str:
    """A pipe table. A row ends where the lines stand farther apart, or else where the first column has text again."""
    columns = _columns(table.lines)
    baselines = sorted({line.baseline for line in table.lines}, reverse=True)
    starts = _row_starts(table, columns, baselines)
    rows: list[list[str]] = []
    for baseline in baselines:
        if baseline in starts or not rows:
            rows.append([""] * len(columns))
        for cell in sorted(_cells(table.lines, baseline), key=lambda cell: cell.left):
            index = _column_of(cell, columns)
            before = rows[-1][index]
            text = cell.text.replace("|", r"\|")
            rows[-1][index] = join_lines(before, text, words) if before else text
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([lines[0], f"|{' --- |' * len(columns)}", *lines[1:]])


def _table_end(lines: Sequence[Line], start: int) -> int:
    """Where the run of lines ends that may be a table: each in some of its columns, and close to the others."""
    columns = [(cell.left, cell.right) for cell in lines[start].cells]
    lowest = lines[start].baseline
    end = start + 1
    while end < len(lines):
        line = lines[end]
        if line.page != lines[start].page or abs(line.size - lines[start].size) > 0.6:
            break
        if not -1.5 * line.size - 60 < line.baseline - lowest or line.baseline > lines[start].baseline + 1:
            break
        if lowest - line.baseline > _REACH * line.size or any(_overlaps(cell, columns) > 1 for cell in line.cells):
            break
        columns = _merge([*columns, *((cell.left, cell.right) for cell in line.cells)])
        lowest = min(lowest, line.baseline)
        end += 1
    return end


def _overlaps(cell: Cell, columns: Sequence[tuple[float, float]]) -> int:
    return sum(cell.left < right and left < cell.right for left, right in columns)


def _merge(spans: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Spans that overlap, as one."""
    merged: list[tuple[float, float]] = []
    for left, right in sorted(spans):
        if merged and left < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(right, merged[-1][1]))
        else:
            merged.append((left, right))
    return merged


def _columns(lines: Sequence[Line]) -> list[tuple[float, float]]:
    return _merge([(cell.left, cell.right) for line in lines for cell in line.cells])


def _column_of(cell: Cell, columns: Sequence[tuple[float, float]]) -> int:
    return next(index for index, (left, right) in enumerate(columns) if left <= cell.left < right or cell.left == left)


def _cells(lines: Sequence[Line], baseline: float) -> Iterator[Cell]:
    for line in lines:
        if line.baseline == baseline:
            yield from line.cells


def _row_starts(table: Table, columns: Sequence[tuple[float, float]], baselines: list[float]) -> set[float]:
    """The baselines at which rows begin."""
    size = table.lines[0].size
    steps = [above - below for above, below in pairwise(baselines)]
    tight = min(steps, default=0.0)
    if tight <= 1.45 * size and max(steps, default=0.0) > 1.25 * tight:
        return {below for step, below in zip(steps, baselines[1:], strict=True) if step > 1.25 * tight}
    return {line.baseline for line in table.lines if _column_of(line.cells[0], columns) == 0}


def _is_prose(lines: Sequence[Line]) -> bool:
    lengths = sorted(len(cell.text) for line in lines for cell in line.cells)
    return len(lines) > 6 and lengths[len(lengths) // 2] > _PROSE


def _column_by_column(lines: Sequence[Line], columns: Sequence[tuple[float, float]]) -> Iterator[Line]:
    for index in range(len(columns)):
        for line in lines:
            cells = tuple(cell for cell in line.cells if _column_of(cell, columns) == index)
            if cells:
                yield Line(cells, line.baseline, line.size, line.bold, line.page)
