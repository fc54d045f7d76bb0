"""How far a run is, at work or not."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from synthgen.report.result import RunResult, load_run
from synthgen.storage.index import JournalIndex
from synthgen.storage.lock import holder

STAGES = ("read", "extract", "plan", "judge", "export", "pack")


@dataclass(frozen=True, slots=True)
class Standing:
    """`stages` says for each stage whether it is done; `answered` counts the requests in the journal that are settled.

    `at_work` names the process that holds the run now.
    """

    run: RunResult
    stages: tuple[tuple[str, bool], ...]
    planned: int | None
    answered: int
    torn_bytes: int
    at_work: str | None


def standing(path: Path) -> Standing:
    """How far the run at `path` is. Raises StorageError if there is none."""
    run = load_run(path)
    journal = JournalIndex.load(run.paths.completions)
    return Standing(
        run=run,
        stages=tuple((name, bool(run.stage(name))) for name in STAGES),
        planned=run.stage("plan").get("requests"),
        answered=len(journal.settled_ids()),
        torn_bytes=journal.torn_bytes,
        at_work=holder(path),
    )
