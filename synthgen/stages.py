"""The stages of a run, one function each.

A stage writes whole files that replace the old ones at once, and notes in `run.json` the key of what they were made
from. It is skipped as long as that key is the same and the files are there.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TextIO

from synthgen.budget import Budget
from synthgen.corpus.duplicates import drop_exact
from synthgen.cost import cost
from synthgen.data import Completion, Document, Extract, Judged, Quarantined, Request
from synthgen.errors import SourceError
from synthgen.extracts.coverage import ledger, write_rows
from synthgen.extracts.cut import extract
from synthgen.extracts.drops import find_drops, repeated_paragraphs
from synthgen.generate import Generated, generate
from synthgen.job import Job, digest
from synthgen.planning import Plan, prompt_overhead, prompt_tokens, rounds_for
from synthgen.progress import OnProgress, Watch
from synthgen.recipe import BudgetSettings
from synthgen.records.judge import judge_all, judge_one
from synthgen.report.account import AccountBuilder
from synthgen.sources import fingerprint, read_sources
from synthgen.storage import tables
from synthgen.storage.files import atomic_text
from synthgen.storage.index import JournalIndex
from synthgen.storage.journal import JournalWriter
from synthgen.storage.state import RunState, StageState, save_state


@dataclass
class Stages:
    """Runs stages, skips those whose result stands, and keeps `run.json` true."""

    path: Path
    state: RunState
    version: str
    worked: bool = False

    def run(
        self, name: str, made_from: Sequence[Any], files: Sequence[Path], work: Callable[[], dict[str, Any]]
    ) -> str:
        """The stage's key. `work` makes `files` from what `made_from` describes and returns counts."""
        key = digest(self.version, name, *made_from)
        before = self.state.stages.get(name)
        if before and before.done and before.key == key and all(file.exists() for file in files):
            return key
        self.note(name, key, work())
        return key

    def note(self, name: str, key: str, counts: Mapping[str, Any]) -> None:
        """Writes down that a stage is done."""
        self.worked = True
        stages = {**self.state.stages, name: StageState(key=key, done=True, counts=counts)}
        self.state = replace(self.state, stages=stages)
        save_state(self.path, self.state)


def read(job: Job, stages: Stages, on_progress: OnProgress) -> str:
    """Sources to `documents.parquet`, and what was set aside to `report/quarantined.csv`."""
    paths, sources = job.paths, job.recipe.source

    def work() -> dict[str, Any]:
        formats: Counter[str] = Counter()
        quarantined: list[Quarantined] = []
        watch = Watch("read", None, on_progress)

        def documents() -> Iterator[Document]:
            for item in read_sources(sources, job.recipe.sources):
                watch.step()
                if isinstance(item, Quarantined):
                    quarantined.append(item)
                else:
                    formats[item.format] += 1
                    yield item

        tables.write_documents(paths.documents, documents())
        watch.finish()
        _write_table(
            paths.quarantined, ("source", "code", "reason"), [(q.source, q.code, q.reason) for q in quarantined]
        )
        return {"formats": dict(sorted(formats.items())), "quarantined": dict(Counter(q.code for q in quarantined))}

    return stages.run("read", [fingerprint(sources), job.recipe.sources], [paths.documents, paths.quarantined], work)


def cut(job: Job, stages: Stages, read_key: str, on_progress: OnProgress) -> str:
    """Documents to `extracts.parquet`, and the coverage ledger to `report/coverage.csv`.

    Raises SourceError where no document holds anything to learn from.
    """
    paths, settings = job.paths, job.recipe.extracts

    def work() -> dict[str, Any]:
        watch = Watch("extract", None, on_progress)
        repeated = repeated_paragraphs(tables.read_documents(paths.documents), settings)
        totals: Counter[str] = Counter()
        dropped: Counter[str] = Counter()

        def extracts(rows: TextIO) -> Iterator[Extract]:
            for document in tables.read_documents(paths.documents):
                found, drops = extract(document, find_drops(document, repeated), settings, job.tokenizer.count)
                write_rows(ledger(document, found, drops), rows)
                dropped.update({drop.code: 0 for drop in drops})
                for drop in drops:
                    dropped[drop.code] += drop.end - drop.start
                totals.update(
                    characters=len(document.text),
                    used=sum(piece.end - piece.start for piece in found),
                    tokens=sum(piece.tokens for piece in found),
                    extracts=len(found),
                    barren=not found,
                )
                watch.step()
                yield from found

        with atomic_text(paths.coverage) as rows:
            tables.write_extracts(paths.extracts, extracts(rows))
            if not totals["extracts"]:
                raise _nothing_to_learn(job, totals["barren"], dropped)
        watch.finish()
        return {**totals, "dropped": dict(dropped.most_common())}

    return stages.run("extract", [read_key, settings, job.recipe.tokenizer], [paths.extracts, paths.coverage], work)


def make_plan(job: Job) -> Plan:
    """The plan over the run's extracts."""

    def extracts() -> Iterator[Extract]:
        return tables.read_extracts(job.paths.extracts)

    weights = {name: job.recipe.transformations[name] for name in job.transformations}
    rounds = rounds_for(job.recipe.target_tokens, extracts(), job.transformations, weights)
    return Plan(extracts, job.transformations, weights, job.teachers, rounds)


def plan_key(job: Job, extract_key: str) -> list[Any]:
    """What the plan is made from, other than the code."""
    recipe = job.recipe
    teachers = [(teacher.settings, teacher.identity) for teacher in job.teachers.values()]
    return [extract_key, list(job.transformations.values()), recipe.transformations, recipe.target_tokens, teachers]


async def ask(job: Job, plan: Plan, index: JournalIndex, total: int, on_progress: OnProgress) -> Generated:
    """Asks the teachers for every request of `plan` that `index` has not settled, and journals the answers.

    `total` is how many those are.
    """
    settled = index.settled_ids()
    overhead = prompt_overhead(job.transformations, job.tokenizer.count)
    watch = Watch("generate", total, on_progress)

    def answered(request: Request, completion: Completion) -> None:
        settings = job.backends[request.teacher].settings
        kept = completion.answered and judge_one(request, completion, job.filters).outcome == "kept"
        watch.step(
            accepted=kept,
            failed=not completion.answered,
            tokens=completion.usage.completion,
            usd=0.0 if job.backends[request.teacher].local else cost(settings, completion.usage),
        )

    async with AsyncExitStack() as stack:
        for backend in job.backends.values():
            await stack.enter_async_context(backend)
        journal = await stack.enter_async_context(JournalWriter(job.paths.completions))
        generated = await generate(
            (request for request in plan if request.request_id not in settled),
            job.backends,
            append=journal.append,
            budget=_budget(job, plan, index),
            prompt_tokens=lambda request: prompt_tokens(request, overhead),
            on_completion=answered,
        )
    watch.finish()
    return generated


def judge(job: Job, stages: Stages, plan: Plan, made_from: Sequence[Any], on_progress: OnProgress) -> str:
    """Completions to `records.parquet`, and the account of every planned request."""
    paths, recipe = job.paths, job.recipe
    index = JournalIndex.load(paths.completions)

    def work() -> dict[str, Any]:
        builder = AccountBuilder()
        watch = Watch("judge", None, on_progress)
        judged = judge_all(plan, index.get, job.filters, job.tokenizer, builder)
        if recipe.dedup.exact:
            judged = drop_exact(judged)

        def counted() -> Iterator[Judged]:
            for item in judged:
                builder.judged(item)
                watch.step(accepted=item.outcome == "kept", failed=item.outcome == "failed", tokens=item.record.tokens)
                yield item

        tables.write_records(paths.records, counted())
        watch.finish()
        local = frozenset(name for name, backend in job.backends.items() if backend.local)
        settings = {name: backend.settings for name, backend in job.backends.items()}
        remote = sorted(job.backends.keys() - local)
        return {"account": builder.build(settings, local).to_json(), "remote": remote}

    return stages.run("judge", [*made_from, index.digest(), recipe.filters, recipe.dedup], [paths.records], work)


def _budget(job: Job, plan: Plan, index: JournalIndex) -> Budget:
    """The recipe's caps, with what earlier sessions of this run used already counted."""
    asked = usd = 0.0
    for request in plan if job.recipe.budget != BudgetSettings() else ():
        if completion := index.get(request.request_id):
            asked += 1
            usd += cost(job.backends[request.teacher].settings, completion.usage) or 0.0
    return Budget(job.recipe.budget, requests=int(asked), usd=usd)


def _nothing_to_learn(job: Job, documents: int, dropped: Mapping[str, int]) -> SourceError:
    reasons = ", ".join(code.replace("_", " ") for code in sorted(dropped, key=lambda code: (-dropped[code], code)))
    return SourceError(
        f"there is nothing to learn from: all text of the {documents} documents was dropped ({reasons})",
        where=", ".join(job.recipe.source),
        fix="give the full guidelines, not their citations or notices",
    )


def _write_table(path: Path, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    with atomic_text(path) as file:
        csv.writer(file, lineterminator="\n").writerows([head, *rows])
