"""The blocks of a normalised Markdown text: headings, paragraphs, list items and table rows, found line by line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from synthgen.extracts.sentences import wrapped

BlockKind = Literal["heading", "paragraph", "item", "header", "row"]

BOLD_LEVEL = 7
"""Level of a heading that is only a line in bold type: below all of Markdown's own."""
HEADING_LENGTH = 160
"""A longer heading, or a whole sentence behind `#`, is a paragraph that a converter took for a heading."""

_HEADING = re.compile(r"[ ]{0,3}(#{1,6})[ \t]+(\S.*)")
_BOLD = re.compile(r"[ ]{0,3}(?:\*\*|__)(?=[^\W_])([^*]{3,120}[^*.,;\s])(?:\*\*:?|__:?)")
# In bold type but no heading: the grade of a recommendation, the caption of a table.
_GRADE_OR_CAPTION = re.compile(
    r"(?:grade|level|strong|weak|conditional|class|category|evidence|table|figure|box|exhibit|[ivx]{1,3}[a-d]?\b)",
    re.IGNORECASE,
)
_ITEM = re.compile(r"([ \t]*)(?:[-*+•‣▪◦·–]|\(?\d{1,3}[.)]|\(?[A-Za-z][.)]|\(?[ivx]{2,4}[.)])[ \t]+\S")
# Below a line of text a rule makes it a heading, below a table row the table's header; elsewhere it only parts.
_RULE = re.compile(r"[ ]{0,3}(?:={2,}|-{2,}|(?=[^-]*-)[|:\- \t]*\|[|:\- \t]*)")


@dataclass(frozen=True, slots=True)
class Block:
    """`text[start:end]`, with the blank lines behind it.

    `kind` is `heading`, `paragraph`, `item` (with its continuation lines), `header` (a table's first row and the
    separator under it) or `row`. `level` is a heading's level (1 to 7) or an item's depth (from 1); 0 for the others.
    `heading` is a heading's words without markup.
    """

    start: int
    end: int
    kind: BlockKind
    level: int = 0
    heading: str = ""


def blocks(text: str) -> list[Block]:
    """The blocks of `text`, in order; together they are `text`, character for character.

    Blank lines and rules of dashes belong to the block before; blank lines at the very beginning to the first block.
    A text that is all white space is one paragraph; the empty text has no block.
    """
    found: list[Block] = []
    last = ""
    for start, end, line in _lines(text):
        before = found[-1] if found else None
        if before is None:
            if line or end == len(text):
                found.append(_opened(0, end, line, in_table=False))
        elif not line or _RULE.fullmatch(line):
            found[-1] = _closed(before, end, last if text.startswith(last, before.start) else "", line)
        elif last and _continues(before, last, line):
            found[-1] = Block(before.start, end, before.kind, before.level)
        else:
            found.append(_opened(start, end, line, in_table=bool(last) and before.kind in ("header", "row")))
        last = line
    return found


def _lines(text: str) -> Iterator[tuple[int, int, str]]:
    """(start, end, line) of every line; the end is behind the line break, the line is stripped at its end."""
    start = 0
    while start < len(text):
        newline = text.find("\n", start)
        end = len(text) if newline < 0 else newline + 1
        yield start, end, text[start:end].rstrip()
        start = end


def _opened(start: int, end: int, line: str, *, in_table: bool) -> Block:
    """The block that `line` begins."""
    if (match := _HEADING.fullmatch(line)) and _is_heading(match[2]):
        return Block(start, end, "heading", len(match[1]), _bare(match[2]))
    if (match := _BOLD.fullmatch(line)) and not _GRADE_OR_CAPTION.match(match[1]):
        return Block(start, end, "heading", BOLD_LEVEL, _bare(match[1]))
    if _is_row(line, in_table):
        return Block(start, end, "row")
    if match := _ITEM.match(line):
        return Block(start, end, "item", len(match[1].expandtabs(4)) // 2 + 1)
    return Block(start, end, "paragraph")


def _closed(block: Block, end: int, only_line: str, line: str) -> Block:
    """`block` with the blank line or rule `line` behind it; a rule right below `only_line` tells what it is."""
    words = _bare(only_line)
    if line and "|" in line:
        is_header = block.kind == "row" or "|" in only_line
        return Block(block.start, end, "header" if is_header else block.kind, block.level, block.heading)
    if line and block.kind == "paragraph" and words and _is_heading(words):
        return Block(block.start, end, "heading", 1 if "=" in line else 2, words)
    return Block(block.start, end, block.kind, block.level, block.heading)


def _is_heading(words: str) -> bool:
    is_sentence = words.rstrip("*_# ").endswith((".", ":"))
    return len(words) <= HEADING_LENGTH and words[0] != "(" and not (is_sentence and words.count(" ") >= 8)


def _bare(words: str) -> str:
    """`words` without the marks of headings and emphasis."""
    return words.replace("**", "").strip(" \t#*_:")


def _continues(before: Block, last: str, line: str) -> bool:
    """Whether `line` goes on with the paragraph or item `before`, whose last line was `last`."""
    if before.kind not in ("paragraph", "item") or _HEADING.match(line) or _ITEM.match(line) or _is_row(line, False):
        return False
    return (before.kind == "item" and line.startswith("  ")) or wrapped(last, line)


def _is_row(line: str, in_table: bool) -> bool:
    first = line.find("|")
    return first >= 0 and (in_table or ((line[:first].isspace() or not first) and line.find("|", first + 1) > 0))
