"""The stage `topics`: what of the field the source covers, and the set that was made of it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from synthgen.job import Job
from synthgen.progress import OnProgress, Watch
from synthgen.stages import Stages, open_extracts
from synthgen.storage import tables
from synthgen.storage.csv_text import write_csv
from synthgen.storage.files import atomic_text
from synthgen.topics.coverage import Coverage
from synthgen.topics.outline import load_outline


def cover(job: Job, stages: Stages, select_key: str, on_progress: OnProgress) -> str:
    """The extracts that were asked about, and the kept records, to `report/topics.csv`, by system and task."""
    paths = job.paths

    def work() -> dict[str, Any]:
        watch = Watch("topics", None, on_progress)
        found = Coverage(load_outline())
        for extract in open_extracts(job, stages):
            found.add_extract(extract)
            watch.step()
        for judged in tables.read_records(paths.records, outcome="kept"):
            found.add_record(judged.record)
            watch.step()
        with atomic_text(paths.topics_csv) as file:
            write_csv(file, found.rows())
        watch.finish()
        return {axis: [asdict(line) for line in found.lines(axis)] for axis in ("systems", "tasks")}

    return stages.run("topics", [select_key], [paths.topics_csv], work)
