"""What is printed on every page of a PDF: headers, footers, page numbers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from synthgen.sources.pages.page import Line, Page

_EDGE_LINES = 4
_NUMBER = re.compile(r"^\d{1,4}\b|\b\d{1,4}$|(?<=page )\d{1,4}\b", re.IGNORECASE)
"""Where the number of the page stands in a running line: at its start, at its end, or after "page"."""

_PAGE_NUMBER = re.compile(r"[-–\s]*(?:page|p\.)?\s*(\d{1,4})(?:\s*(?:of|/)\s*(\d{1,4}))?[-–\s]*", re.IGNORECASE)


def without_running_lines(pages: Sequence[Page]) -> list[Page]:
    """The pages without what is printed on all of them: headers, footers, page numbers.

    A running line is among the outermost four at the top or bottom of its page, and stands at the same height on
    at least three pages (on both, of two) with the same words, or with one number that grows with the page.
    """
    seen = Counter(key for index, page in enumerate(pages) for line in _edges(page) for key in _keys(line, index))
    enough = max(2, min(3, len(pages)))

    def is_running(line: Line, index: int) -> bool:
        return any(seen[key] >= enough for key in _keys(line, index)) or _is_page_number(line, pages, index)

    kept = []
    for index, page in enumerate(pages):
        ordered = sorted(page.lines, key=lambda line: -line.baseline)
        running: set[Line] = set()
        for side in (ordered[:_EDGE_LINES], ordered[::-1][:_EDGE_LINES]):
            for line in side:
                if not is_running(line, index):
                    break
                running.add(line)
        kept.append(replace(page, lines=tuple(line for line in page.lines if line not in running)))
    return kept


def _edges(page: Page) -> set[Line]:
    ordered = sorted(page.lines, key=lambda line: line.baseline)
    return {*ordered[:_EDGE_LINES], *ordered[-_EDGE_LINES:]}


def _keys(line: Line, page: int) -> set[tuple[str, int]]:
    """What a running line shares with itself on other pages: its words, or them with a number less the page's."""
    text, height = line.text, round(line.baseline / 4)
    counted = {
        (f"{text[: match.start()]}\0{int(match[0]) - page}{text[match.end() :]}", height)
        for match in _NUMBER.finditer(text)
    }
    return counted | {(text, height)}


def _is_page_number(line: Line, pages: Sequence[Page], index: int) -> bool:
    """Whether a line at the very edge is the page's own number, as in "Page 1 of 2"."""
    height = pages[index].height
    if 0.08 * height < line.baseline < 0.92 * height:
        return False
    match = _PAGE_NUMBER.fullmatch(line.text)
    return match is not None and int(match[1]) == index + 1 and match[2] in (None, str(len(pages)))
