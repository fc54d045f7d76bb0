"""Plain text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby

from synthgen.data import Document, Quarantined
from synthgen.normalise.characters import normalise_characters
from synthgen.normalise.text import tidy
from synthgen.normalise.wrapping import unwrap
from synthgen.recipe import SourceSettings
from synthgen.sources.base import Source, SourceFile
from synthgen.sources.encoding import decode, read_bytes
from synthgen.sources.metadata import from_head

_UNDERLINE = re.compile(r"[ \t]*(={3,}|-{3,}|~{3,})[ \t]*$")
_CAPITALS = re.compile(r"(?=(?:.*[A-Z]){3})[^a-z]{4,80}$")
_GAP = re.compile(r"[ ]{2,}|\t+")
_RULE = re.compile(r"[-=+| \t]+$")


class TextSource(Source):
    """Reads `.txt`: underlined lines and lines of capitals are headings, aligned columns are tables."""

    name = "text"
    suffixes = (".txt", ".text")

    def read(self, file: SourceFile, settings: SourceSettings) -> Iterator[Document | Quarantined]:
        text = normalise_characters(decode(read_bytes(file, settings), file.name))
        fields = from_head(text)
        yield Document(
            text=plain_to_markdown(text),
            title="",
            source=file.name,
            format=self.name,
            publisher=fields.get("publisher"),
            licence=fields.get("licence"),
            date=fields.get("date"),
        )


def plain_to_markdown(text: str) -> str:
    """Plain text with normalised characters as Markdown."""
    lines = _with_headings(text.split("\n"))
    blocks = (list(block) for _, block in groupby(lines, key=lambda line: bool(line.strip())))
    return tidy(unwrap("\n".join("\n".join(aligned_table(block) or block) for block in blocks)))


def aligned_table(lines: list[str]) -> list[str] | None:
    """Lines whose columns are set apart by two or more spaces, or by tabs, as a pipe table; None if they are not.

    A table has three rows or more, all with the same number of columns, at least two; lines of dashes do not count.
    """
    rows = [_GAP.split(line.strip()) for line in lines if not _RULE.match(line)]
    if len(rows) < 3 or len({len(row) for row in rows}) != 1 or len(rows[0]) < 2:
        return None
    table = ["| " + " | ".join(cell.replace("|", r"\|") for cell in row) + " |" for row in rows]
    return [table[0], "|" + " --- |" * len(rows[0]), *table[1:]]


def _with_headings(lines: list[str]) -> list[str]:
    """The lines, those that are headings by the way they are set marked as Markdown has it."""
    out: list[str] = []
    alone = True
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        title = line.strip()
        underline = _UNDERLINE.match(line)
        if underline and out and out[-1].startswith("\0"):
            out[-1] = f"{'#' if underline[1][0] == '=' else '##'} {out[-1][1:]}\n"
        elif title and alone and _UNDERLINE.match(following) and len(title) <= 120 and not _GAP.search(title):
            out.append(f"\0{title}")
        elif alone and not following.strip() and _CAPITALS.match(title):
            out.append(f"## {title}")
        else:
            out.append(line)
        alone = not title
    return out
