"""What became of a pilot's requests: the verdict on each transformation with each teacher."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from synthgen.cost import cost
from synthgen.data import Completion, Extract, Judged, Request, Usage
from synthgen.job import Job
from synthgen.pilot.basis import bases_of
from synthgen.pilot.measures import measure
from synthgen.pilot.verdict import Cell, judge_cell
from synthgen.planning import Plan
from synthgen.records.judge import judge_all
from synthgen.storage.index import JournalIndex

ORDER = ("collapsed", "watch", "healthy")


def judge_cells(job: Job, plan: Plan, journal: JournalIndex) -> tuple[Cell, ...]:
    """All cells, by the requests of `plan` that have an answer in `journal`, the worst first. Held in memory."""
    extracts: dict[str, Extract] = {}
    records: dict[tuple[str, str], list[Judged]] = defaultdict(list)
    usd: dict[tuple[str, str], float] = defaultdict(float)

    def answers() -> Iterator[tuple[Request, Completion]]:
        for request in plan:
            if (completion := journal.get(request.request_id)) is not None:
                extracts[request.extract.extract_id] = request.extract
                usd[request.transformation.name, request.teacher] += journal.cost(request.request_id)
                yield request, completion

    for item in judge_all(answers(), job.filters, job.tokenizer, job.form):
        records[item.record.transformation, item.record.teacher].append(item)
    unpriced = {name for name, backend in job.backends.items() if cost(backend, Usage()) is None}
    cells = (
        judge_cell(*key, measure(records[key], extracts, None if key[1] in unpriced else usd[key]), basis)
        for key, basis in bases_of(job).items()
    )
    return tuple(sorted(cells, key=lambda cell: (ORDER.index(cell.health), cell.transformation, cell.teacher)))
