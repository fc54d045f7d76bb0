"""What `synthgen ablate` prints. Only words and layout."""

from __future__ import annotations

from rich.console import Console
from rich.padding import Padding
from rich.table import Table

from synthgen.ablation import tables
from synthgen.ablation.whole import Ablation
from synthgen.ablation.words import in_short
from synthgen.cli.output import Text, headed, show_facts


def show(found: Ablation, console: Console) -> None:
    """What the arms are, what their models got, and what is missing."""
    headed(tables.lead(found.result))
    console.print(Padding(_table(tables.arms(found.result)), (0, 2), expand=False))
    if found.result.scores:
        console.print()
        console.print(Padding(_table(tables.scores(found.result)), (0, 2), expand=False))
        headed("In short")
        for sentence in in_short(found.result):
            console.print(Text(f"  {_plain(sentence)}"), soft_wrap=True)
    console.print()
    show_facts(found.facts)
    console.print()


def _table(table: tables.Table) -> Table:
    shown = Table(box=None, pad_edge=False, header_style="dim")
    for number, column in enumerate(table.head):
        shown.add_column(_plain(column), justify="left" if number in {0, *table.words} else "right")
    for row in table.rows:
        shown.add_row(*(Text(_plain(f"{cell.text} ({cell.note})" if cell.note else cell.text)) for cell in row))
    return shown


def _plain(words: str) -> str:
    """`words` without the marks that a page has."""
    return words.replace("`", "").replace("**", "")
