"""Looking into a run: records, one by one or as a list, beside their source."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
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


@dataclass(frozen=True, slots=True)
class Cluster:
    """A record that stays, and those that were dropped for it, the likest first. The last verdict of each of these says
    how much alike they are."""

    stays: Judged
    dropped: tuple[Judged, ...]


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


def list_clusters(run: Path, limit: int) -> tuple[list[Cluster], int]:
    """The `limit` largest clusters of a run, and how many there are. Raises StorageError as `list_records` does."""
    sizes = Counter(stays for stays in _column(run, "duplicate_of") if stays is not None)
    largest = sorted(sizes, key=lambda stays: (-sizes[stays], stays))[:limit]
    return _clusters(run, largest), len(sizes)


def find_cluster(run: Path, beginning: str) -> Cluster:
    """The cluster of the one record whose id begins so. Raises UsageError where it is in none."""
    judged = find_record(run, beginning).judged
    [found] = _clusters(run, [judged.duplicate_of or judged.record.record_id])
    if not found.dropped:
        raise UsageError(
            "no record was dropped for it", where=beginning, fix=f"list clusters with: synthgen show {run} --cluster"
        )
    return found


def _clusters(run: Path, stays: Sequence[str]) -> list[Cluster]:
    """The clusters of the records that stay, in their order."""
    wanted, dropped, staying = set(stays), defaultdict[str, list[Judged]](list), dict[str, Judged]()
    members = zip(_column(run, "record_id"), _column(run, "duplicate_of"), strict=True)
    rows = {row for row, member in enumerate(members) if not wanted.isdisjoint(member)}
    for judged in tables.read_rows(_records(run), rows):
        if judged.duplicate_of is None:
            staying[judged.record.record_id] = judged
        else:
            dropped[judged.duplicate_of].append(judged)
    return [Cluster(staying[one], tuple(sorted(dropped[one], key=_likest_first))) for one in stays]


def _likest_first(dropped: Judged) -> tuple[float, str]:
    return -(dropped.verdicts[-1].score or 0.0), dropped.record.record_id


def _column(run: Path, name: str) -> Iterator[str | None]:
    for group in tables.read_columns(_records(run), [name]):
        yield from group[name]


def _records(run: Path) -> Path:
    records = load_run(run).paths.records
    if not records.exists():
        raise StorageError("no records yet", where=run, fix="let `synthgen run` come to an end first")
    return records
