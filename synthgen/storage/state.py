"""What a run is and how far it got: `run.json`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError

from synthgen.errors import StorageError
from synthgen.storage.files import storage_errors, write_atomic

FORMAT = 1
"""The version of the run directory that this package reads and writes."""


@dataclass(frozen=True, slots=True)
class StageState:
    """A stage that has ended. `key` is a hash of everything that its result depends on; `counts` holds JSON values."""

    key: str
    counts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Allowance:
    """What one part of a plan may take over all sessions; None where there is no cap."""

    requests: int | None = None
    usd: float | None = None


@dataclass(frozen=True, slots=True)
class Shares:
    """How the run is shared out to its shards. `key` is a hash of everything in which they have to agree.

    `allowances` holds one for each shard, in their order. `owed` and `settled` count the requests that the plan was
    short of, and those in the journal, when it was shared out. `ended` names the shards that have asked for all of
    their part since, or as much as a cap allowed: then with that cap.
    """

    key: str
    allowances: tuple[Allowance, ...]
    owed: int
    settled: int
    ended: Mapping[str, Literal["requests", "usd", "hours"] | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RunState:
    """`synthgen` is the version of the package that made the run, `created` the time (UTC, ISO 8601).

    `teachers` holds, for each teacher that has answered, its `identity` and what it said it `served`.
    """

    synthgen: str
    created: str
    source: tuple[str, ...]
    stages: Mapping[str, StageState] = field(default_factory=dict)
    teachers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    shares: Shares | None = None


def load_state(path: Path) -> RunState | None:
    """The state in the file `path`, None where there is no such file.

    Raises StorageError if it is damaged, cannot be read, or was written by a newer synthgen.
    """
    with storage_errors(path):
        if not path.exists():
            return None
        content = path.read_bytes()
    damaged = StorageError(
        "is damaged or not a run's state", where=path, fix="restore it, or give another output folder"
    )
    try:
        data = json.loads(content)
        version = data.pop("format")
        if version == FORMAT:
            return TypeAdapter(RunState).validate_python(data)
    except (ValueError, TypeError, AttributeError, KeyError, ValidationError) as error:
        raise damaged from error
    if not isinstance(version, int):
        raise damaged
    raise StorageError(
        f"has format {version}; this version reads format {FORMAT}",
        where=path,
        fix="update synthgen, or give another output folder",
    )


def save_state(path: Path, state: RunState) -> None:
    """Replaces the file `path` atomically. Raises StorageError."""
    data = {"format": FORMAT, **asdict(state)}
    write_atomic(path, json.dumps(data, indent=2).encode() + b"\n")
