"""What the passes over the whole set have found, in words and figures for the summary."""

from __future__ import annotations

from collections.abc import Iterator

from synthgen.removal import HELD_OUT
from synthgen.report.account import share
from synthgen.report.result import RunResult

TABLE_HEAD = ("evaluation set", "items", "found", "records dropped", "with the answer", "phrase only")


def facts(run: RunResult) -> Iterator[tuple[str, str]]:
    """Lines of (label, text) on duplicates, contamination and documents held out, of a run that was selected."""
    yield "Duplicates", _duplicates(run)
    yield "Contamination", _contamination(run)
    if run.stage("extract")["held_out"]:
        yield "Held out", _held_out(run)


def table(run: RunResult) -> tuple[tuple[str, ...], ...]:
    """A row for each evaluation set of which anything was met, as `TABLE_HEAD` says, and one for all others; none where
    nothing was."""
    found = run.stage("decontaminate")["benchmarks"]
    met = {name: counts for name, counts in found.items() if counts["records"] or counts["phrases"]}
    rows = [_row(name, counts) for name, counts in met.items()]
    others = [counts["items"] for name, counts in found.items() if name not in {*met, HELD_OUT}]
    if rows and others:
        rows.append((f"{len(others)} others", f"{sum(others):,}", *"0000"))
    return tuple(rows)


def _row(name: str, counts: dict[str, int]) -> tuple[str, ...]:
    columns = ("items", "met", "records", "answered", "phrases")
    return (name, *(f"{counts[column]:,}" for column in columns))


def _duplicates(run: RunResult) -> str:
    same, candidates, settings = run.stage("deduplicate"), run.stage("tokenise")["records"], run.recipe.dedup
    kinds = [f"{same['exact']:,} word for word"] if settings.exact else []
    if settings.near:
        kinds.append(f"{same['near']:,} nearly (Jaccard of 5-grams at least {settings.near:g})")
    if settings.semantic:
        kinds.append(f"{same['semantic']:,} in other words (cosine at least {settings.semantic_threshold:g})")
    if not kinds:
        return "not looked for"
    dropped = same["exact"] + same["near"] + same["semantic"]
    said = f"{dropped:,} of {candidates:,} records say what a better one says: {', '.join(kinds)}"
    inner = f"; {same['same_extract']:,} of them of the same extract" if dropped else ""
    return said + inner


def _contamination(run: RunResult) -> str:
    found, candidates = run.stage("decontaminate"), run.stage("tokenise")["records"]
    sets = {name: counts for name, counts in found["benchmarks"].items() if name != HELD_OUT}
    if not sets:
        return "not looked for: [decontaminate] names no evaluation set"
    items, met = sum(one["items"] for one in sets.values()), sum(one["met"] for one in sets.values())
    looked = f"{items:,} items of {len(sets)} evaluation set{'s' if len(sets) > 1 else ''}"
    if found["records"]:
        said = f"{found['records']:,} of {candidates:,} records hold {met:,} of {looked}, and were dropped"
    else:
        said = f"none of {looked} stands in the {candidates:,} records"
    return said + (f"; {found['stock']:,} phrases are common property and count for nothing" if found["stock"] else "")


def _held_out(run: RunResult) -> str:
    cut, leaked = run.stage("extract"), run.stage("decontaminate")["benchmarks"][HELD_OUT]["records"]
    extracts = f"{cut['held_out_extracts']:,} extracts ({share(cut['held_out_extracts'], cut['extracts'])})"
    said = f"{len(cut['held_out']):,} documents with {extracts} are kept for evaluation; nothing was made from them"
    return f"{said}, and {leaked:,} records with a passage of theirs were dropped" if leaked else said
