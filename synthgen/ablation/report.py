"""The result in files: `result.json` for programs, `report.md` and `report.html` for people."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from synthgen.ablation import tables
from synthgen.ablation.page import html
from synthgen.ablation.result import Result
from synthgen.ablation.tables import Table
from synthgen.ablation.words import in_short, not_shown
from synthgen.storage.files import write_atomic

RESULT, MARKDOWN, HTML = "result.json", "report.md", "report.html"


def write_report(result: Result, folder: Path) -> None:
    """Writes the three files to `folder`, each whole or not at all; the same result gives the same bytes.

    Raises StorageError.
    """
    write_atomic(folder / RESULT, (json.dumps(result.to_json(), indent=1) + "\n").encode())
    write_atomic(folder / MARKDOWN, markdown(result).encode())
    write_atomic(folder / HTML, html(result).encode())


def markdown(result: Result) -> str:
    """The page in Markdown, without its plots."""
    lines = [f"# {tables.TITLE}", "", tables.lead(result), "", *_list(in_short(result))]
    for title, words, table in (
        ("Scores", tables.SCORES, tables.scores(result)),
        ("Differences", tables.DIFFERENCES, tables.told_apart(result)),
        ("Differences that are noise", "", tables.noise(result)),
        ("Arms", tables.ARMS, tables.arms(result)),
        ("Which option was chosen", tables.CHOSEN, tables.chosen(result)),
    ):
        if table.rows:
            lines += ["", f"## {title}", "", *([words, ""] if words else []), *_table(table)]
    lines += ["", "## What this does not show", "", *_list(not_shown(result))]
    return "\n".join([*lines, "", "## How it was computed", "", tables.METHOD]) + "\n"


def _list(sentences: Iterable[str]) -> list[str]:
    return [f"- {sentence}" for sentence in sentences]


def _table(table: Table) -> list[str]:
    left = {0, *table.words}
    rule = ["---" if place in left else "---:" for place in range(len(table.head))]
    rows = [[f"{cell.text} ({cell.note})" if cell.note else cell.text for cell in row] for row in table.rows]
    return [_row(cells) for cells in (table.head, rule, *rows)]


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
