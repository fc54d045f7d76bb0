"""Pages of a PDF to Markdown: running lines out, paragraphs whole again, headings by their type, tables as tables."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from statistics import median

from synthgen.sources.pages.page import ITEM, WORD, Line, Page, join_lines
from synthgen.sources.pages.tables import Table, find_tables, table_to_markdown

_SENTENCE_END = re.compile(r"[.!?:;][\"'”’)\]]*(?:\[?[\d,–⁰¹²³⁴-⁹-]+\]?)?$")

_LONGEST_HEADING = 200


@dataclass(frozen=True, slots=True)
class _Type:
    """How the lines of a document are set: usual distance of baselines in type sizes, and what is a heading."""

    leading: float
    levels: dict[tuple[float, bool], int]
    larger: float


def pages_to_markdown(pages: Sequence[Page]) -> str:
    """The pages, without running lines, as one Markdown text. Headings are lines in larger type, or short bold ones."""
    lines = [replace(line, page=index) for index, page in enumerate(pages) for line in page.lines]
    if not lines:
        return ""
    words = Counter(word.lower() for line in lines for word in WORD.findall(line.text))
    kind = _Type(_leading(lines), *_heading_levels(lines))
    parts: list[str] = []
    for is_table, group in groupby(find_tables(lines), key=lambda part: isinstance(part, Table)):
        if is_table:
            parts += [table_to_markdown(table, words) for table in group if isinstance(table, Table)]
        else:
            prose = [line for line in group if isinstance(line, Line)]
            parts += [_render(block, level, words) for block, level in _blocks(prose, kind)]
    return _join_blocks(parts)


def _leading(lines: Sequence[Line]) -> float:
    steps = [
        (above.baseline - below.baseline) / above.size
        for above, below in pairwise(lines)
        if above.page == below.page and 0 < above.baseline - below.baseline < 2.5 * above.size
    ]
    return median(steps) if steps else 1.2


def _heading_levels(lines: Sequence[Line]) -> tuple[dict[tuple[float, bool], int], float]:
    """Heading level by type size and weight, and the size from which type is larger than the body's.

    Headings are in type well above the body's, or in bold of at least its size; the larger, the higher.
    """
    weights: Counter[tuple[float, bool]] = Counter()
    for line in lines:
        weights[_style(line)] += len(line.text)
    body, bold_body = max(weights, key=lambda style: (weights[style], style))
    larger = 1.12 * body
    styles = [style for style in weights if style[0] >= larger or (style[1] and not bold_body and style[0] >= body)]
    sizes = sorted({size for size, _ in styles}, reverse=True)
    return {style: min(sizes.index(style[0]) + 1, 6) for style in styles}, larger


def _style(line: Line) -> tuple[float, bool]:
    return round(line.size * 2) / 2, line.bold


def _level(line: Line, kind: _Type) -> int:
    """The line's heading level, 0 for body text: items, and bold lines that end a sentence are body text."""
    if ITEM.match(line.text) and not _is_numbered_heading(line, kind):
        return 0
    if not re.search(r"[^\W\d_]{2}", line.text):
        return 0
    level = kind.levels.get(_style(line), 0)
    return 0 if line.text.endswith((".", ",", ";")) and _style(line)[0] < kind.larger else level


def _is_numbered_heading(line: Line, kind: _Type) -> bool:
    return line.text[0].isdigit() and _style(line)[0] >= kind.larger


def _blocks(lines: Sequence[Line], kind: _Type) -> Iterator[tuple[list[Line], int]]:
    """Lines that belong together, with their heading level: a heading, a paragraph, a list item."""
    edges = _right_edges(lines)
    block: list[Line] = []
    level = 0
    for line in lines:
        own = _level(line, kind)
        if block and own == level and _belongs(block[-1], line, kind, edges[block[-1]], heading=own > 0):
            block.append(line)
            continue
        if block:
            yield block, level
        block, level = [line], own
    yield block, level


def _right_edges(lines: Sequence[Line]) -> dict[Line, float]:
    """How far the text of each line's column goes to the right."""
    edges = {}
    for _, page in groupby(lines, key=lambda line: line.page):
        on_page = list(page)
        for line in on_page:
            edges[line] = max(other.right for other in on_page if other.left < line.right and line.left < other.right)
    return edges


def _belongs(above: Line, line: Line, kind: _Type, edge: float, *, heading: bool) -> bool:
    """Whether `line` goes on with what `above` began.

    It does if it is near and its first word would not have fitted above, or begins in lower case after a line that
    takes most of the column; and over a column or page if no sentence ends there.
    """
    step = above.baseline - line.baseline
    near = above.page == line.page and 0 < step <= (kind.leading + 0.35) * max(above.size, line.size)
    if heading:
        return near
    if ITEM.match(line.text) or abs(above.size - line.size) > 0.6:
        return False
    width = (above.right - above.left) / max(len(above.text), 1)
    full = above.right + (len(line.text.split()[0]) + 2) * width > edge
    open_ended = not _SENTENCE_END.search(above.text)
    goes_on = open_ended and line.text[0].islower() and above.right - above.left > 0.6 * (edge - above.left)
    return (full or goes_on) and (near or open_ended)


def _render(block: Sequence[Line], level: int, words: Counter[str]) -> str:
    """A block as Markdown; list items are indented as they stand on the page, for `tidy` to turn into levels."""
    text = block[0].text
    for line in block[1:]:
        text = join_lines(text, line.text, words)
    if level and len(text) <= _LONGEST_HEADING:
        return f"{'#' * level} {text}"
    item = ITEM.match(text)
    if not item or item.end() == len(text):
        return text
    marker = item[0].strip() if item[0][0].isdigit() else "-"
    return f"{' ' * round(block[0].left / 4)}{marker} {text[item.end() :]}"


def _join_blocks(blocks: Iterable[str]) -> str:
    """Blocks with a blank line between them, except between the items of a list."""
    text = ""
    was_item = False
    for block in blocks:
        is_item = bool(re.match(r" *(?:-|\d+[.)]) ", block))
        text += ("" if not text else "\n" if is_item and was_item else "\n\n") + block
        was_item = is_item
    return text
