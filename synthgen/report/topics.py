"""What a report says of the field: a line for each topic, and where the holes are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from synthgen.report.account import share
from synthgen.report.result import RunResult
from synthgen.topics.coverage import Line

HEAD = ("topic", "source", "set", "")
NOTE = """Shares of the tokens, first by what a text is on, then by what it is about. Told by weighted terms, without a
model: good for the whole, not for a single text. `topics.csv` has each pair."""


def table(run: RunResult) -> tuple[tuple[str, ...], ...]:
    """A row of `HEAD` for each system and then each task: shares of the source's tokens, and of the set's."""
    return rows([Line(**line) for axis in ("systems", "tasks") for line in run.stage("topics").get(axis, ())])


def rows(lines: Iterable[Line]) -> tuple[tuple[str, ...], ...]:
    """A row of `HEAD` for each line."""
    return tuple((line.title, share(line.source, 1), share(line.made, 1), _hole(line)) for line in lines)


def facts(run: RunResult) -> list[tuple[str, str]]:
    """The holes, in one line."""
    systems = [Line(**line) for line in run.stage("topics").get("systems", ())]
    return [("Field", covered(systems))] if systems else []


def covered(systems: Sequence[Line]) -> str:
    """How many of the `systems` a source covers, and which it does not, or the set does not."""
    known = [line for line in systems if line.known]
    lost = [line.name for line in known if line.lost]
    missing = [line.name for line in known if line.missing]
    words = [f"{len(known) - len(missing)} of {len(known)} systems are in the source"]
    words += [f"hardly there: {', '.join(missing)}"] if missing else []
    words += [f"lost on the way: {', '.join(lost)}"] if lost else []
    return "; ".join(words)


def _hole(line: Line) -> str:
    return "hardly in the source" if line.missing else "lost on the way" if line.lost else ""
