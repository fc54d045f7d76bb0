"""How far a run is, at work or not."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from synthgen.report.result import RunResult, load_run
from synthgen.storage.index import JournalIndex
from synthgen.turns import in_words, workers

STAGES = ("read", "extract", "plan", "judge", "select", "export", "pack")


@dataclass(frozen=True, slots=True)
class Standing:
    """`stages` says for each stage whether it is done; `answered` counts the requests in the journal that are settled.

    `owed` counts those of the plan that are not; None before there is a plan. `at_work` names the processes that work
    on the run now, and their shards.
    """

    run: RunResult
    stages: tuple[tuple[str, bool], ...]
    planned: int | None
    answered: int
    owed: int | None
    torn_bytes: int
    at_work: str | None


def standing(path: Path) -> Standing:
    """How far the run at `path` is. Raises StorageError if there is none."""
    run = load_run(path)
    journal = JournalIndex.load(run.paths.completions)
    answered, shares = len(journal.settled_ids()), run.state.shares
    return Standing(
        run=run,
        stages=tuple((name, bool(run.stage(name))) for name in STAGES),
        planned=run.stage("plan").get("requests"),
        answered=answered,
        # All that was answered since the plan was shared out is of this plan.
        owed=None if shares is None else max(0, shares.owed - (answered - shares.settled)),
        torn_bytes=journal.torn_bytes,
        at_work=in_words(workers(run.paths)) or None,
    )
