"""Looking into a run: records, one by one or as a list, beside their source."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from synthgen.data import Document, Extract, Judged
from synthgen.errors import StorageError, UsageError, nearest
from synthgen.report.result import load_run
from synthgen.storage import tables

OUTCOMES = ("kept", "rejected", "failed")


@dataclass(frozen=True, slots=True)
class Shown:
    """A record with its extract and the document that it comes from."""

    judged: Judged
    extract: Extract
    document: Document


def list_records(run: Path, outcome: str | None, transformation: str | None, limit: int) -> list[Judged]:
    """The first `limit` records of a run in plan order, of one outcome and transformation where given.

    Raises UsageError for an unknown outcome, StorageError where there are no records yet.
    """
    if outcome is not None and outcome not in OUTCOMES:
        raise UsageError(f"unknown outcome {outcome!r}", fix=f"valid: {', '.join(OUTCOMES)}")
    used = load_run(run).counts.by_transformation
    if transformation is not None and transformation not in used:
        raise UsageError(f"no request of this run is of {transformation!r}", fix=nearest(transformation, used))
    wanted = (
        judged
        for judged in tables.read_records(_records(run))
        if outcome in (None, judged.outcome) and transformation in (None, judged.record.transformation)
    )
    return list(islice(wanted, limit))


def find_record(run: Path, beginning: str) -> Shown:
    """The one record whose id begins so, with its source. Raises UsageError where none or several do."""
    found = list(tables.read_records(_records(run), begins=beginning.lower()))
    if len(found) != 1:
        raise UsageError(
            f"{len(found) or 'no'} records have an id that begins so",
            where=beginning,
            fix="give more of it" if found else f"list them with: synthgen show {run}",
        )
    judged, paths = found[0], load_run(run).paths
    extract = next(e for e in tables.read_extracts(paths.extracts) if e.extract_id == judged.record.extract_id)
    document = next(d for d in tables.read_documents(paths.documents) if d.doc_id == extract.doc_id)
    return Shown(judged, extract, document)


def _records(run: Path) -> Path:
    records = load_run(run).paths.records
    if not records.exists():
        raise StorageError("no records yet", where=run, fix="let `synthgen run` come to an end first")
    return records
