"""How well the filters tell faithful teacher outputs from corrupted ones, on a labelled set.

    python benchmarks/faithful.py [--data FOLDER] [--only FILTER] [--split tuned|unseen] [--misses TYPE] [--false]

Prints the share of good and of hard good records that are rejected, and of corrupted ones that are detected by type of
error, each with its Wilson 95 % interval and counts, and how many records a second of CPU time judges. The set is a
folder with `items.jsonl` and `extracts.jsonl`.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from synthgen.data import Extract, Kind, Record, Transformation, Verdict
from synthgen.filters import build_filters, judge
from synthgen.filters.base import Filter
from synthgen.records.parse import parse
from synthgen.records.render import render
from synthgen.transformations import load_transformations

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "faithful_or_not"
FORMS = {"table": "table_qa"}
"""Names of forms in the set that differ from those of their transformations."""
KINDS: dict[str, Kind] = {"diverse_qa": "qa", "vignette_mcq": "mcq"}
"""Kinds of the forms that are JSON in the set; the others, FAQ among them, are plain text there."""


@dataclass(frozen=True, slots=True)
class Item:
    """One labelled output, ready to be judged. `group` is its error type, or its label where it has none."""

    item_id: str
    group: str
    edits: Sequence[dict[str, str]]
    note: str
    record: Record
    extract: Extract


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    filters = [one for one in build_filters({}) if options.only in (None, one.name)]
    items = [item for item in read_items(options.data) if options.half is None or half_of(item) == options.half]
    started = time.process_time()
    judged = [(item, judge(item.record, item.extract, filters)) for item in items]
    seconds = time.process_time() - started
    _print_table(judged)
    _print_speed(items, filters, seconds)
    for item, verdicts in judged:
        rejected = not all(verdict.keep for verdict in verdicts)
        if item.group == options.misses and not rejected:
            _print_missed(item)
        elif options.false and item.group in ("good", "hard_good") and rejected:
            _print_rejected(item, verdicts)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", type=Path, default=DATA, help="folder with items.jsonl and extracts.jsonl")
    parser.add_argument("--only", metavar="FILTER", help="judge by this filter alone")
    parser.add_argument(
        "--split",
        dest="half",
        choices=("tuned", "unseen"),
        help="only one half of the extracts, by a hash of their ids",
    )
    parser.add_argument("--misses", metavar="TYPE", help="print the corrupted items of this type that were kept")
    parser.add_argument("--false", action="store_true", help="print the good items that were rejected, with evidence")
    return parser


def read_items(folder: Path) -> Iterator[Item]:
    """The items of the set, parsed and rendered as a run would."""
    extracts = {line["extract_id"]: line for line in _lines(folder / "extracts.jsonl")}
    available = load_transformations()
    for line in _lines(folder / "items.jsonl"):
        found = extracts[line["extract_id"]]
        text = found["text"]
        extract = Extract(found["extract_id"], 0, len(text), text, tokens=0, title=found["title"])
        name = FORMS.get(line["form"], line["form"])
        transformation = _transformation(name, available)
        yield Item(
            item_id=line["id"],
            group=line["error_type"] or line["label"],
            edits=line["edits"] or (),
            note=line["note"] or "",
            record=_record(line, extract, transformation),
            extract=extract,
        )


def half_of(item: Item) -> str:
    """`tuned` or `unseen`: the half of the extracts that rules may be made from, and the one that is kept apart."""
    return "unseen" if hashlib.sha256(item.extract.doc_id.encode()).digest()[0] % 2 else "tuned"


def wilson(hits: int, count: int) -> tuple[float, float]:
    """The Wilson 95 % interval of a share (Wilson 1927)."""
    if count == 0:
        return 0.0, 1.0
    z = 1.959964
    share = hits / count
    centre = share + z * z / (2 * count)
    width = z * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    scale = 1 + z * z / count
    return max(0.0, (centre - width) / scale), min(1.0, (centre + width) / scale)


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def _transformation(name: str, available: Mapping[str, Transformation]) -> Transformation:
    """The built-in transformation; where there is none of the form's kind, one that takes any answer of that kind."""
    kind = KINDS.get(name, "text")
    if name in available and available[name].kind == kind:
        return available[name]
    return Transformation(name, 1, kind, "", "", schema=None if kind == "text" else {"type": "object"})


def _record(line: dict[str, Any], extract: Extract, transformation: Transformation) -> Record:
    parsed = parse(line["text"], transformation)
    return Record(
        record_id=line["id"],
        extract_id=extract.extract_id,
        transformation=transformation.name,
        version=transformation.version,
        kind=transformation.kind,
        teacher="labelled",
        sample=0,
        raw=line["text"],
        finish_reason="stop",
        content=parsed.content,
        parse_error=parsed.error,
        text="" if parsed.content is None else render(parsed.content, transformation.kind),
    )


def _print_table(judged: Iterable[tuple[Item, Sequence[Verdict]]]) -> None:
    counts: dict[str, list[bool]] = defaultdict(list)
    for item, verdicts in judged:
        counts[item.group].append(not all(verdict.keep for verdict in verdicts))
    _write(f"{'':20} {'rejected':>9}  95 % interval      count")
    for group in sorted(counts, key=lambda name: (name not in ("good", "hard_good"), name)):
        hits, count = sum(counts[group]), len(counts[group])
        low, high = wilson(hits, count)
        _write(f"{group:20} {hits / count:9.1%}  {low:6.1%} to {high:6.1%}  {hits:4} of {count}")


def _print_speed(items: Sequence[Item], filters: Sequence[Filter], seconds: float) -> None:
    rate = len(items) / max(seconds, 1e-9)
    _write(f"{len(items)} records, {len(filters)} filters, {rate:,.0f} records a second of CPU time")


def _print_missed(item: Item) -> None:
    _write(f"\n{item.item_id} ({item.record.transformation}): {item.note}")
    for edit in item.edits:
        _write(f"  - {edit['find']}\n  + {edit['replace']}")


def _print_rejected(item: Item, verdicts: Sequence[Verdict]) -> None:
    _write(f"\n{item.item_id} ({item.record.transformation}, {item.group}): {item.note}")
    for verdict in verdicts:
        for found in verdict.evidence if not verdict.keep else ():
            start, end = found.get("start"), found.get("end")
            around = item.record.text[max(0, start - 60) : end + 40] if start is not None and end is not None else ""
            _write(
                f"  {verdict.filter} {verdict.code}: {json.dumps(dict(found), ensure_ascii=False)}\n    ...{around}..."
            )


def _write(line: str) -> None:
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    sys.exit(main())
