"""Why answers were not kept, with examples of each reason beside their source: `report/rejected.md`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from synthgen.data import Extract, Judged, Verdict
from synthgen.filters.evidence import judged_text
from synthgen.storage import tables

EXAMPLES = 3
"""Records that are shown for one reason: the first ones, at most one of an extract."""

AROUND = 120
"""Characters of a record, and of its extract, that are shown before and behind what was found."""

_MARKUP = re.compile(r"[\\`*_\[\]<>|#~$]")
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Rejections:
    """The records of one reason: the `filter` that gave it (None where no filter did), how many, and a few."""

    code: str
    filter: str | None
    count: int
    examples: tuple[Judged, ...]


def rejections(judged: Iterable[Judged]) -> list[Rejections]:
    """The rejected ones of `judged` by reason, the most frequent first."""
    counts: Counter[str] = Counter()
    examples: dict[str, dict[str, Judged]] = {}
    for one in judged:
        if one.outcome == "rejected":
            counts[one.code] += 1
            known = examples.setdefault(one.code, {})
            if len(known) < EXAMPLES:
                known.setdefault(one.record.extract_id, one)
    return [
        Rejections(code, _filter(examples[code].values()), count, tuple(examples[code].values()))
        for code, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    ]


def page(records: Path, extracts: Path, meanings: Mapping[str, str]) -> str:
    """The Markdown page for the tables of a run; `meanings` says in plain words what the reason codes mean."""
    found = rejections(tables.read_records(records, outcome="rejected"))
    wanted = {one.record.extract_id for group in found for one in group.examples}
    sources = {one.extract_id: one for one in tables.read_extracts(extracts) if one.extract_id in wanted}
    total = sum(group.count for group in found)
    lines = [
        "# Why answers were not kept",
        "",
        f"{total:,} answers were rejected. Each is in `records.parquet`, whole.",
    ]
    lines += ["", "| reason | filter | records | meaning |", "| --- | --- | ---: | --- |"]
    for group in found:
        meaning = meanings.get(group.code, "")
        lines.append(f"| [{group.code}](#{group.code}) | {group.filter or 'set'} | {group.count:,} | {meaning} |")
    for group in found:
        lines += ["", f"## {group.code}", "", f"{group.count:,} records: {meanings.get(group.code, '')}."]
        for one in group.examples:
            lines += ["", *_example(one, sources[one.record.extract_id])]
    return "\n".join(lines) + "\n"


def _example(judged: Judged, extract: Extract) -> list[str]:
    record, verdict = judged.record, _verdict(judged)
    title = " › ".join(part for part in (extract.title, *extract.headings[-1:]) if part)
    lines = [f"**{record.record_id[:12]}**, {record.transformation} by {record.teacher}, from {_line(title)}"]
    items = verdict.evidence if verdict else ()
    shown = next((item for item in items if "start" in item), None)
    if shown is not None:
        lines += ["", f"> {_quoted(judged_text(record), shown['start'], shown['end'])}"]
    span = _span(judged, items)
    if span is not None:
        lines += ["", f"Source: {_quoted(extract.text, *span)}"]
    elif record.parse_error and record.raw:
        lines += ["", f"It could not be read: {_line(record.parse_error)}."]
    if judged.duplicate_of:
        lines += ["", f"{judged.duplicate_of[:12]} stays in its place."]
    return lines


def _span(judged: Judged, items: Iterable[Mapping[str, Any]]) -> tuple[int, int] | None:
    """Where in the extract the first evidence belongs: where it says so itself, else where its statement rests."""
    for item in items:
        if "source" in item:
            return item["source"]["start"], item["source"]["end"]
        for statement in _alignment(judged):
            if "source_start" in statement and statement["start"] <= item.get("start", -1) < statement["end"]:
                return statement["source_start"], statement["source_end"]
    return None


def _alignment(judged: Judged) -> Iterable[Mapping[str, Any]]:
    return next((verdict.evidence for verdict in judged.verdicts if verdict.filter == "grounding"), ())


def _quoted(text: str, start: int, end: int) -> str:
    """The words at `[start, end)` in bold, with what stands around them, on one line."""
    first, last = max(0, start - AROUND), min(len(text), end + AROUND)
    before = ("…" if first else "") + _line(text[first:start])
    after = _line(text[end:last]) + ("…" if last < len(text) else "")
    return f"{before}**{_line(text[start:end]).strip()}**{after}".strip()


def _line(text: str) -> str:
    """Text of others as one line of Markdown, in which none of it is markup."""
    return _MARKUP.sub(r"\\\g<0>", _SPACE.sub(" ", text))


def _verdict(judged: Judged) -> Verdict | None:
    return next((verdict for verdict in judged.verdicts if verdict.code == judged.code), None)


def _filter(examples: Iterable[Judged]) -> str | None:
    return next((verdict.filter for one in examples if (verdict := _verdict(one))), None)
