"""What `synthgen check` and `synthgen filter` print. Only words and layout."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from rich.padding import Padding
from rich.table import Table

from synthgen.checking import Checked, Tally
from synthgen.cli.output import Text, numbers
from synthgen.refilter import Filtered


def beside_the_lines() -> Console:
    """Standard error, where standard output takes the verdicts."""
    console = Console(stderr=True, highlight=False)
    return console if console.is_terminal else Console(stderr=True, highlight=False, width=200)


def tally(found: Tally, console: Console) -> None:
    """How many pairs are kept, and why others are not, each reason with its first examples."""
    console.print(f"{found.kept + found.rejected:,} pairs = {found.kept:,} kept + {found.rejected:,} rejected")
    if not found.rejected:
        return
    rows = [(code, f"{count:,}") for code, count in found.reasons.most_common()]
    console.print()
    console.print(Padding(numbers(("rejected because", "pairs"), rows), (0, 2), expand=False))
    console.print()
    examples = Table(box=None, pad_edge=False, header_style="dim", show_edge=False)
    for column in ("reason", "pair", "words"):
        examples.add_column(column)
    for code, _ in found.reasons.most_common():
        for number, checked in found.examples[code]:
            examples.add_row(Text(code), f"{number:,}", Text("; ".join(_words(checked, code)) or "-"))
    console.print(Padding(examples, (0, 2), expand=False))


def changed(found: Filtered, console: Console) -> None:
    """What became of the records of a run that was judged again."""
    before, after = found.before.total, found.result.counts.total
    console.print(f"before  {before.equation}\nnow     {after.equation}\n")
    if not found.changes:
        console.print("No record has another outcome or reason than before.")
        return
    rows = [(was or "kept", now or "kept", f"{count:,}") for (was, now), count in found.changes.most_common()]
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in ("was", "is now"):
        table.add_column(column)
    table.add_column("records", justify="right")
    for row in rows:
        table.add_row(*map(Text, row))
    console.print(Padding(table, (0, 2), expand=False))


def _words(checked: Checked, code: str) -> Iterator[str]:
    """The first offending words of a rejection, on one line."""
    for verdict in checked.verdicts:
        if verdict.code == code and not verdict.keep:
            for item in verdict.evidence[:2]:
                if words := item.get("text") or item.get("detail") or item.get("source", {}).get("text"):
                    yield " ".join(str(words).split())[:100]
