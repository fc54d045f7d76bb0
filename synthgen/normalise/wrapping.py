"""Lines that a writer's editor broke, joined again."""

from __future__ import annotations

import re
from itertools import pairwise

NARROWEST, WIDEST = 60, 120
"""Text wrapped by hand is about this many characters wide; other line ends are the author's."""

_OWN_LINE = re.compile(
    r"[ \t]*(?:#{1,6}[ \t]|\||```|~~~|>|[-*+•◦▪·][ \t]|\(?\d{1,3}[.)][ \t]|\(?[a-zA-Z][.)][ \t]|={3}|-{3})"
)
_ALIGNED = re.compile(r"\S(?: {3,}|\t)\S")
_HARD_BREAK = re.compile(r"(?: {2,}|\\)$")


def unwrap(text: str) -> str:
    """`text` with each line end replaced by a space where the next word would not have fitted on the line.

    Looks at runs of lines without a blank one, wrapped between 60 and 120 characters. List items, headings,
    tables, aligned columns and hard breaks begin and end lines of their own.
    """
    out: list[str] = []
    block: list[str] = []
    fenced = False
    for line in [*text.split("\n"), ""]:
        if line.lstrip().startswith(("```", "~~~")):
            fenced = not fenced
        if line.strip() and not fenced:
            block.append(line)
            continue
        out += _unwrap_block(block)
        block = []
        out.append(line)
    return "\n".join(out[:-1])


def _unwrap_block(lines: list[str]) -> list[str]:
    width = max((len(line.rstrip()) for line in lines), default=0)
    if len(lines) < 2 or not NARROWEST <= width <= WIDEST:
        return lines
    joined = [lines[0]]
    for previous, line in pairwise(lines):
        if _is_wrap(previous, line, width):
            joined[-1] = f"{joined[-1].rstrip()} {line.lstrip()}"
        else:
            joined.append(line)
    return joined


def _is_wrap(line: str, following: str, width: int) -> bool:
    if _OWN_LINE.match(following) or _HARD_BREAK.search(line) or _ALIGNED.search(line) or _ALIGNED.search(following):
        return False
    if line.lstrip().startswith(("#", "|")):
        return False
    return len(line.rstrip()) + 1 + len(following.split()[0]) > width
