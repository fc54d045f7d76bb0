"""Text of any source to the one Markdown form that documents have.

Numbers, units, comparators, tables, lists and headings stay exactly as they are. What goes on purpose: what
`clutter` lists, emphasis marks with nothing between them, empty headings and list items, and surplus white space.
"""

from __future__ import annotations

import re

from synthgen.normalise.characters import normalise_characters, restore_scripts
from synthgen.normalise.clutter import without_links, without_tags
from synthgen.normalise.wrapping import unwrap

_FENCE = re.compile(r" {0,3}(?:```|~~~)")
_ITEM = re.compile(r"([ \t]*)([*\-•◦▪●○■□‣·]|\d{1,3}[.)])[ \t]+(?=\S)")
_EMPTY_ITEM = re.compile(r"[ \t]*[*\-•◦▪●○■□‣·][ \t]*$")
_HEADING = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*$")
_EMPTY_EMPHASIS = re.compile(r"(?<![*_\\])(\*\*|__)[ \t]*\1(?![*_])")
_SPACES = re.compile(r"(?<=\S)[ \t]{2,}(?=\S)|\t")
_FLATTENED_ITEM = re.compile(r"(?<=[\w.,:;)]) {2,}[-•] +(?=[A-Z])")
"""An item of a list that a converter put on one line: "types:    - Red cells    - Platelets"."""

_BLANK_LINES = re.compile(r"\n{3,}")


def normalise_markdown(text: str) -> str:
    """Markdown, perhaps made from HTML and with remnants of it, as documents have it."""
    text = without_tags(without_links(normalise_characters(text)))
    return tidy(unwrap(_FLATTENED_ITEM.sub("\n- ", restore_scripts(normalise_characters(text)))))


def tidy(text: str) -> str:
    """Markdown with uniform bullets, indents, headings and white space, at most one blank line, none at the ends."""
    lines: list[str] = []
    indents: list[int] = []
    fenced = False
    for line in text.split("\n"):
        if _FENCE.match(line):
            fenced = not fenced
        if fenced:
            lines.append(line.rstrip())
            continue
        if line.strip() and not line.startswith((" ", "\t")) and not _ITEM.match(line):
            indents.clear()
        lines.append(_tidy_line(line.rstrip(), indents))
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip("\n")


def _tidy_line(line: str, indents: list[int]) -> str:
    """One line; `indents` are those of the list items that it may stand in, outermost first."""
    if _EMPTY_ITEM.match(line):
        return ""
    if heading := _HEADING.match(line):
        words = _SPACES.sub(" ", heading[2] or "").strip()
        return f"{heading[1]} {words}" if words else ""
    line = _EMPTY_EMPHASIS.sub("", line)
    item = _ITEM.match(line)
    if not item:
        return _SPACES.sub(" ", line.strip())
    indent = len(item[1].expandtabs(4))
    while indents and indents[-1] > indent:
        indents.pop()
    if not indents or indents[-1] < indent:
        indents.append(indent)
    marker = item[2] if item[2][0].isdigit() else "-"
    return f"{'  ' * (len(indents) - 1)}{marker} {_SPACES.sub(' ', line[item.end() :])}"
