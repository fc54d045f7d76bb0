"""The stages of a run, one function each.

A stage writes whole files that replace the old ones at once, and notes in `run.json` the key of what they were made
from. It is skipped as long as that key is the same and the files are there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Container, Iterable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import astuple, dataclass, replace
from pathlib import Path
from typing import Any, TextIO

from synthgen.budget import Budget
from synthgen.corpus.duplicates import drop_exact
from synthgen.cost import cost
from synthgen.data import Completion, Document, Extract, Judged, Quarantined, Request, Usage
from synthgen.errors import SourceError, UsageError
from synthgen.extracts.coverage import ledger, write_rows
from synthgen.extracts.cut import extract
from synthgen.extracts.drops import find_drops, repeated_paragraphs
from synthgen.generate import Generated, generate
from synthgen.job import Job, digest
from synthgen.planning import Plan
from synthgen.progress import OnProgress, Watch
from synthgen.records.judge import judge_all, usable
from synthgen.report.account import AccountBuilder
from synthgen.sources import fingerprint, read_sources
from synthgen.storage import tables
from synthgen.storage.csv_text import write_csv
from synthgen.storage.files import atomic_text
from synthgen.storage.index import JournalIndex
from synthgen.storage.journal import JournalWriter
from synthgen.storage.state import RunState, StageState, save_state
from synthgen.teachers import Facts, facts, folder


@dataclass
class Stages:
    """Runs stages, skips those whose result stands, and keeps `run.json` true.

    Where `others`, processes told in words, work with what is there, it is not made anew: that raises UsageError.
    """

    path: Path
    state: RunState
    version: str
    others: str | None = None
    worked: bool = False

    def run(
        self, name: str, made_from: Sequence[Any], files: Sequence[Path], work: Callable[[], dict[str, Any]]
    ) -> str:
        """The stage's key. `work` makes `files` from what `made_from` describes and returns counts."""
        key = digest(self.version, name, *made_from)
        if self.stands(name, key) and all(file.exists() for file in files):
            return key
        if self.others is not None and name in self.state.stages and not self.stands(name, key):
            raise self.at_odds()
        self.note(name, key, work())
        return key

    def stands(self, name: str, key: str) -> bool:
        """Whether the stage has ended with this key."""
        return name in self.state.stages and self.state.stages[name].key == key

    def note(self, name: str, key: str, counts: Mapping[str, Any]) -> None:
        """Writes down that a stage is done."""
        self.worked = True
        self.update(stages={**self.state.stages, name: StageState(key, counts)})

    def update(self, **changes: Any) -> None:
        """Writes down what is new in the state."""
        before, self.state = self.state, replace(self.state, **changes)
        if self.state != before:
            save_state(self.path, self.state)

    def at_odds(self) -> UsageError:
        """The error for a shard that would mix another set into that of the others."""
        who = f" (at work: {self.others})" if self.others else ""
        return UsageError(
            f"shards with other recipes, sources or numbers of shards cannot work on one run{who}",
            where=self.path.parent,
            fix="give all of them the same, or wait until the others have ended",
        )


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
        with atomic_text(paths.quarantined) as file:
            write_csv(file, [("source", "code", "reason"), *map(astuple, quarantined)])
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
    """The plan of one round over the run's extracts."""

    def extracts() -> Iterator[Extract]:
        return tables.read_extracts(job.paths.extracts)

    weights = {name: job.recipe.transformations[name] for name in job.transformations}
    return Plan(extracts, job.transformations, weights, job.teachers)


def plan_key(job: Job, extract_key: str) -> list[Any]:
    """What a plan is made from, other than the code and its rounds. How a host reaches a teacher is not part of it."""
    recipe = job.recipe
    way = {"base_url", "api_key_env", "in_flight", "deadline", "attempts", "patience", "options"}
    teachers = [(teacher.settings.model_dump(exclude=way), teacher.identity) for teacher in job.teachers.values()]
    return [extract_key, list(job.transformations.values()), recipe.transformations, recipe.target_tokens, teachers]


async def ask(
    job: Job,
    plan: Plan,
    settled: Container[str],
    owed: Mapping[str, int],
    budget: Budget,
    *,
    on_entered: Callable[[Mapping[str, Facts]], Awaitable[None]],
    on_answer: Callable[[str], None],
    on_progress: OnProgress,
) -> Generated:
    """Asks teachers for every request of `plan` that is not `settled`, and journals the answers.

    `owed` says how many those are, by teacher; the others are not entered. `on_entered` gets what is known of those
    that are, before the first request, and may raise; `on_answer` gets the teacher's name with each answer.
    """
    caps = budget.settings
    watch = Watch(
        "generate",
        sum(owed.values()),
        on_progress,
        usd=budget.usd,
        usd_cap=caps.usd,
        seconds_cap=None if caps.hours is None else caps.hours * 3600,
    )

    def completed(request: Request, completion: Completion) -> None:
        known = cost(job.backends[request.teacher], Usage()) is not None
        if completion.answered:
            on_answer(request.teacher)
        watch.step(
            accepted=completion.answered and usable(request, completion, job.filters),
            failed=not completion.answered,
            tokens=completion.usage.completion,
            usd=completion.usd if known else None,
        )

    teachers = {name: job.backends[name] for name in owed}
    async with AsyncExitStack() as stack:
        for name, backend in teachers.items():
            backend.keep_in(folder(job.paths.teachers, name))
            await stack.enter_async_context(backend)
        entered = {name: (backend.identity(), await backend.served()) for name, backend in teachers.items()}
        await on_entered({name: facts(identity=what, served=served) for name, (what, served) in entered.items()})
        writer = await stack.enter_async_context(JournalWriter(job.paths.completions))
        generated = await generate(
            {name: _owed(plan.of_teacher(name), settled) for name in teachers},
            teachers,
            append=writer.append,
            budget=budget,
            on_completion=completed,
            on_drain=watch.drain,
        )
    watch.finish()
    return generated


def judge(
    job: Job, stages: Stages, plan: Plan, made_from: Sequence[Any], journal: JournalIndex, on_progress: OnProgress
) -> str:
    """Completions to `records.parquet`, and the account of every planned request."""
    paths, recipe = job.paths, job.recipe

    def work() -> dict[str, Any]:
        account = AccountBuilder()
        watch = Watch("judge", None, on_progress)

        def answers() -> Iterator[tuple[Request, Completion]]:
            for request in plan:
                if (completion := journal.get(request.request_id)) is None:
                    account.pending(request)
                else:
                    account.answered(completion)
                    yield request, completion

        def counted() -> Iterator[Judged]:
            for item in judged(job, answers()):
                account.judged(item)
                watch.step(accepted=item.outcome == "kept", failed=item.outcome == "failed")
                yield item

        tables.write_records(paths.records, counted())
        watch.finish()
        unpriced = any(cost(backend, Usage()) is None for backend in job.backends.values())
        remote = sorted(name for name, backend in job.backends.items() if not backend.local)
        return {"account": account.build(None if unpriced else journal.usd).to_json(), "remote": remote}

    return stages.run("judge", [*made_from, journal.digest(), recipe.filters, recipe.dedup], [paths.records], work)


def judged(job: Job, answers: Iterable[tuple[Request, Completion]]) -> Iterator[Judged]:
    """The records of `answers`, in their order, judged as the recipe says."""
    found = judge_all(answers, job.filters, job.tokenizer)
    return drop_exact(found) if job.recipe.dedup.exact else found


def _owed(requests: Iterable[Request], settled: Container[str]) -> Iterator[Request]:
    return (request for request in requests if request.request_id not in settled)


def _nothing_to_learn(job: Job, documents: int, dropped: Mapping[str, int]) -> SourceError:
    reasons = ", ".join(code.replace("_", " ") for code in sorted(dropped, key=lambda code: (-dropped[code], code)))
    return SourceError(
        f"there is nothing to learn from: all text of the {documents} documents was dropped ({reasons})",
        where=", ".join(job.recipe.source),
        fix="give the full guidelines, not their citations or notices",
    )
