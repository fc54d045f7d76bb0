"""The candidates: records that their own verdicts keep, as the passes over the whole set see them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import partial
from pathlib import Path
from statistics import fmean
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import orjson

from synthgen.corpus.duplicates import fingerprint
from synthgen.corpus.flat import Hashes, Ints
from synthgen.corpus.overlap import Floats
from synthgen.filters.quantities import COMPLETE
from synthgen.storage import tables
from synthgen.storage.arrays import load_arrays, save_arrays
from synthgen.workers import map_ordered

COLUMNS = ["record_id", "extract_id", "transformation", "outcome", "text", "verdicts"]


@dataclass(frozen=True, slots=True)
class Candidates:
    """A value for each candidate, in the order of the records.

    `rows` are their numbers among all records, `names` their ids, `extracts` hashes of their extracts' ids, `prints`
    their texts' fingerprints (two numbers each). `scores`, from 0 to 2, say how well they stand by their source: the
    better of two that are alike stays. `recall` is the share of the extract's quantities that a record tells, NaN
    where its transformation does not promise them all.
    """

    rows: Ints
    names: npt.NDArray[np.bytes_]
    extracts: Hashes
    prints: Hashes
    scores: Floats
    recall: Floats

    @property
    def ids(self) -> list[str]:
        return [name.decode() for name in self.names.tolist()]

    def save(self, path: Path) -> None:
        """Raises StorageError."""
        save_arrays(path, {field.name: getattr(self, field.name) for field in fields(self)})

    @classmethod
    def load(cls, path: Path) -> Self:
        """Raises StorageError where the file is missing or damaged."""
        return cls(**load_arrays(path))


def gather(records: Path, processes: int) -> Candidates:
    """The candidates of a table of records. Raises StorageError."""
    parts = [_candidates(np.empty(0, np.int64), {column: [] for column in COLUMNS})]
    parts += map_ordered(partial(_of_group, records), range(tables.count_groups(records)), processes)
    return Candidates(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(Candidates)))


def _of_group(records: Path, number: int) -> Candidates:
    every = tables.read_group(records, number, COLUMNS)
    rows = np.array([row for row, outcome in enumerate(every["outcome"]) if outcome == "kept"], np.int64)
    group = {column: [values[row] for row in rows.tolist()] for column, values in every.items()}
    return _candidates(rows + number * tables.RECORDS.group, group)


def _candidates(rows: Ints, group: Mapping[str, list[Any]]) -> Candidates:
    """Those with the numbers `rows`, of which `group` holds the columns."""
    verdicts = list(map(orjson.loads, group["verdicts"]))
    told = [
        _score(those, "quantities") if name in COMPLETE else None
        for name, those in zip(group["transformation"], verdicts, strict=True)
    ]
    return Candidates(
        rows=rows,
        names=np.array([name.encode() for name in group["record_id"]], np.bytes_),
        extracts=np.frombuffer(b"".join(map(_hash, group["extract_id"])), "<u8"),
        prints=np.frombuffer(b"".join(map(fingerprint, group["text"])), "<u8").reshape(-1, 2),
        scores=np.array([_worth(those) for those in verdicts], np.float64),
        recall=np.array(told, np.float64),
    )


def _worth(verdicts: Sequence[Mapping[str, Any]]) -> float:
    """The mean support of a record's statements in its extract, and the share of the extract's quantities that it
    tells, as far as they were measured."""
    supports = [item["support"] for one in verdicts for item in one["evidence"] if "support" in item]
    return (fmean(supports) if supports else 0.0) + (_score(verdicts, "quantities") or 0.0)


def _score(verdicts: Sequence[Mapping[str, Any]], name: str) -> float | None:
    return next((one["score"] for one in verdicts if one["filter"] == name), None)


def _hash(word: str) -> bytes:
    return hashlib.blake2b(word.encode(), digest_size=8).digest()
