"""CSV for people, who open it in a spreadsheet: no cell of it is ever a formula."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from typing import TextIO

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write_csv(file: TextIO, rows: Iterable[Sequence[object]]) -> None:
    """Appends `rows`. A text that a spreadsheet would take for a formula gets an apostrophe in front."""
    csv.writer(file, lineterminator="\n").writerows([_cell(value) for value in row] for row in rows)


def _cell(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
