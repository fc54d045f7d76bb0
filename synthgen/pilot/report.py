"""What a pilot says: `report/pilot.json` for the run that follows, `report/pilot.md` and the terminal for people."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from synthgen.cost import dollars
from synthgen.errors import StorageError
from synthgen.pilot.basis import Bases
from synthgen.pilot.measures import Measures
from synthgen.pilot.verdict import ENOUGH, Cell
from synthgen.recipe import GateSettings
from synthgen.report.gates import GateResult, check_gates
from synthgen.storage.files import storage_errors, write_atomic
from synthgen.storage.layout import RunPaths

HEAD = ("transformation", "teacher", "verdict", "accepted", "tokens", "$ per 1M", "why")
NUMBERS_HEAD = (
    *("transformation", "teacher", "spread", "same opening", "same closing", "distinct", "similarity", "compression"),
    *("numbers kept", "answer letter", "repeats"),
)


@dataclass(frozen=True, slots=True)
class Pilot:
    """The verdicts of a pilot over so many `extracts`, the worst first; `stopped_by` is the cap that ended it early."""

    path: Path
    extracts: int
    cells: tuple[Cell, ...]
    gates: tuple[GateResult, ...] = ()
    stopped_by: str | None = None

    @property
    def collapsed(self) -> tuple[Cell, ...]:
        """The cells whose records are not worth having."""
        return collapsed(self.cells)

    @property
    def exit_code(self) -> int:
        """0, or 3 where more cells are collapsed than the recipe's gate allows."""
        return 0 if all(gate.passed for gate in self.gates) else 3


def gate(settings: GateSettings, collapsed: int) -> tuple[GateResult, ...]:
    """The gate on collapsed cells, if the recipe has one."""
    return check_gates(GateSettings(collapsed=settings.collapsed), {"collapsed": collapsed})


def save(pilot: Pilot) -> None:
    """Writes `report/pilot.json` and `report/pilot.md`. Raises StorageError."""
    paths = RunPaths(pilot.path)
    data = {"extracts": pilot.extracts, "stopped_by": pilot.stopped_by, "cells": [asdict(cell) for cell in pilot.cells]}
    write_atomic(paths.pilot_json, json.dumps(data, indent=2, ensure_ascii=False).encode("utf-8", "replace") + b"\n")
    write_atomic(paths.pilot, to_markdown(pilot).encode("utf-8", "replace"))


def verdicts(paths: RunPaths, bases: Bases) -> tuple[Cell, ...]:
    """The cells of the run's last pilot whose verdicts hold, as they rest on what is in `bases`; none without a pilot.

    Raises StorageError where its file is damaged.
    """
    return tuple(cell for cell in _load(paths) if bases.get((cell.transformation, cell.teacher)) == cell.basis)


def collapsed(cells: Iterable[Cell]) -> tuple[Cell, ...]:
    """The cells whose records are not worth having."""
    return tuple(cell for cell in cells if cell.health == "collapsed")


def yields(cells: Iterable[Cell]) -> dict[str, float]:
    """The accepted tokens for each token of source, by transformation, where enough was asked to tell."""
    asked, source, made = Counter[str](), Counter[str](), Counter[str]()
    for cell in cells:
        found = cell.measures
        asked[cell.transformation] += found.asked
        source[cell.transformation] += round(found.asked * found.source)
        made[cell.transformation] += round(found.accepted * found.tokens)
    return {name: made[name] / source[name] for name, count in asked.items() if count >= ENOUGH and source[name]}


def _load(paths: RunPaths) -> tuple[Cell, ...]:
    with storage_errors(paths.pilot_json):
        if not paths.pilot_json.exists():
            return ()
        content = paths.pilot_json.read_bytes()
    try:
        return TypeAdapter(tuple[Cell, ...]).validate_python(json.loads(content)["cells"])
    except (ValueError, TypeError, KeyError, ValidationError) as error:
        raise StorageError("is damaged", where=paths.pilot_json, fix="run the pilot again") from error


def title(pilot: Pilot) -> str:
    """How many cells are what, in words."""
    healths = [cell.health for cell in pilot.cells]
    counts = ", ".join(f"{healths.count(one)} {one}" for one in ("healthy", "watch", "collapsed"))
    return f"Pilot over {pilot.extracts:,} extracts: {counts}"


def facts(pilot: Pilot) -> list[tuple[str, str]]:
    """What there is to say of the pilot as a whole."""
    found = []
    usd = [cell.measures.usd for cell in pilot.cells]
    spent = "unknown (a teacher has no price)" if None in usd else dollars(sum(value or 0.0 for value in usd))
    found.append(("Cost", f"{spent}; the answers are the run's own and are not asked for again"))
    if pilot.stopped_by:
        found.append(("Cut short", f"by the cap on {pilot.stopped_by}; these verdicts are on what was asked"))
    found += [("Gate passed" if one.passed else "GATE MISSED", str(one)) for one in pilot.gates]
    return found


def rows(cells: Sequence[Cell]) -> list[tuple[str, ...]]:
    """A row of `HEAD` for each cell."""
    return [
        (
            cell.transformation,
            cell.teacher,
            cell.health,
            f"{cell.measures.accepted:,} of {cell.measures.asked:,}",
            f"{cell.measures.tokens:,.0f}",
            "unknown" if cell.measures.price is None else dollars(cell.measures.price),
            "; ".join(cell.reasons) or "nothing stands out",
        )
        for cell in cells
    ]


def to_markdown(pilot: Pilot) -> str:
    """The pilot as a Markdown page."""
    lines = [f"# {title(pilot)}", "", *(f"- **{label}**: {text}" for label, text in facts(pilot)), ""]
    lines += [_row(HEAD), _row(["---"] * len(HEAD)), *map(_row, rows(pilot.cells))]
    lines += ["", "## The numbers", "", _row(NUMBERS_HEAD), _row(["---"] * len(NUMBERS_HEAD))]
    lines += [_row((cell.transformation, cell.teacher, *_numbers(cell.measures))) for cell in pilot.cells]
    return "\n".join(lines) + "\n"


def _numbers(found: Measures) -> list[str]:
    return [
        _share(found.spread),
        _commonest(found.opening),
        _commonest(found.closing),
        _share(found.distinct),
        _share(found.similarity),
        "" if found.compression is None else f"{found.compression:.1f}",
        _share(found.numbers),
        _commonest(found.position) if found.position else "",
        _share(found.repeats),
    ]


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.0%}"


def _commonest(found: tuple[str, float]) -> str:
    return f"{found[0]}: {found[1]:.0%}" if found[0] else ""


def _row(cells: Sequence[Any]) -> str:
    return "| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |"
