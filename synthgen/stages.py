"""The stages of a run, one function each.

A stage writes whole files that replace the old ones at once, and notes in `run.json` the key of what they were made
from. It is skipped as long as that key is the same and the files are there.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from pathlib import Path
from typing import Any, TextIO

from synthgen.budget import Budget
from synthgen.cost import cost
from synthgen.data import Completion, Document, Extract, Judged, Quarantined, Request, Usage
from synthgen.emphasis import emphasis
from synthgen.errors import SourceError, UsageError
from synthgen.extracts.coverage import ledger, write_rows
from synthgen.extracts.cut import extract
from synthgen.extracts.drops import find_drops, repeated_paragraphs
from synthgen.faculty import Faculty
from synthgen.generate import Generated, generate
from synthgen.holdout import held_out
from synthgen.job import Job, digest
from synthgen.jury.agreement import AgreementBuilder
from synthgen.planning import Plan
from synthgen.progress import OnProgress, Watch
from synthgen.records.judge import judge_all
from synthgen.report.account import AccountBuilder
from synthgen.sources import fingerprint, read_sources
from synthgen.storage import tables
from synthgen.storage.csv_text import write_csv
from synthgen.storage.files import atomic_text
from synthgen.storage.index import JournalIndex
from synthgen.storage.journal import JournalWriter
from synthgen.storage.state import RunState, StageState, save_state
from synthgen.teachers import Facts
from synthgen.workers import cores


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
        key = self.key(name, made_from)
        if self.stands(name, key) and all(file.exists() for file in files):
            return key
        if self.others is not None and name in self.state.stages and not self.stands(name, key):
            raise self.at_odds()
        self.note(name, key, work())
        return key

    def key(self, name: str, made_from: Sequence[Any]) -> str:
        """The key of a stage that is made from this."""
        return digest(self.version, name, *made_from)

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
        by_document: Counter[str] = Counter()

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
                by_document[document.doc_id] += len(found)
                watch.step()
                yield from found

        with atomic_text(paths.coverage) as rows:
            tables.write_extracts(paths.extracts, extracts(rows))
            if not totals["extracts"]:
                raise _nothing_to_learn(job, totals["barren"], dropped)
        apart = held_out(tables.read_documents(paths.documents), job.recipe.holdout)
        watch.finish()
        counts = {**totals, "dropped": dict(dropped.most_common())}
        return {**counts, "held_out": sorted(apart), "held_out_extracts": sum(by_document[one] for one in apart)}

    made_from = [read_key, settings, job.recipe.holdout, job.recipe.tokenizer]
    return stages.run("extract", made_from, [paths.extracts, paths.coverage], work)


def open_extracts(job: Job, stages: Stages) -> Iterator[Extract]:
    """The run's extracts but for those of documents that are held out."""
    apart = frozenset(stages.state.stages["extract"].counts["held_out"])
    return (one for one in tables.read_extracts(job.paths.extracts) if one.doc_id not in apart)


def make_plan(job: Job, stages: Stages) -> Plan:
    """The plan of one round over the run's extracts that may be asked about."""

    def extracts() -> Iterator[Extract]:
        return open_extracts(job, stages)

    weights = {name: job.recipe.transformations[name] for name in job.transformations}
    counts = emphasis(extracts, job.recipe.plan)
    return Plan(extracts, job.transformations, weights, job.teachers, emphasis=counts)


def plan_key(job: Job, extract_key: str) -> list[Any]:
    """What a plan is made from, other than the code and its rounds. How a host reaches a teacher is not part of it."""
    recipe = job.recipe
    way = {"base_url", "api_key_env", "in_flight", "deadline", "attempts", "patience", "options"}
    teachers = [(teacher.settings.model_dump(exclude=way), teacher.identity) for teacher in job.teachers.values()]
    weights = (recipe.transformations, recipe.plan)
    return [extract_key, list(job.transformations.values()), weights, recipe.target_tokens, teachers]


async def ask(
    job: Job,
    requests: Mapping[str, Iterable[Request]],
    budget: Budget,
    faculty: Faculty,
    *,
    total: int | None,
    accepts: Callable[[Request, Completion], bool],
    on_entered: Callable[[Mapping[str, Facts]], Awaitable[None]],
    on_answer: Callable[[str], None],
    on_progress: OnProgress,
) -> Generated:
    """Asks each teacher in `requests` for what is there, and journals the answers. The teachers stay in the `faculty`.

    `total` says how many those are, where that is known, and `accepts` whether an answer looks usable. `on_entered`
    gets what is known of the teachers before the first request, and may raise; `on_answer` gets the teacher's name with
    each answer.
    """
    caps = budget.settings
    watch = Watch(
        "generate",
        total,
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
            accepted=completion.answered and accepts(request, completion),
            failed=not completion.answered,
            tokens=completion.usage.completion,
            usd=completion.usd if known else None,
        )

    teachers = {name: job.backends[name] for name in requests}
    await on_entered(await faculty.convene(teachers))
    async with JournalWriter(job.paths.completions) as writer:
        generated = await generate(
            requests,
            teachers,
            append=writer.append,
            budget=budget,
            on_completion=completed,
            on_drain=watch.drain,
        )
    watch.finish()
    return generated


def answers(plan: Iterable[Request], journal: JournalIndex) -> Iterator[tuple[Request, Completion]]:
    """The requests of a plan that have an answer, with it."""
    for request in plan:
        if (completion := journal.get(request.request_id)) is not None:
            yield request, completion


def judged(job: Job, answered: Iterable[tuple[Request, Completion]]) -> Iterator[tuple[Judged, Extract]]:
    """The records of `answered` in their order, as the filters judge them, with their extracts."""
    extracts = deque[Extract]()

    def noted() -> Iterator[tuple[Request, Completion]]:
        for request, completion in answered:
            extracts.append(request.extract)
            yield request, completion

    return ((one, extracts.popleft()) for one in judge_all(noted(), job.filters, job.tokenizer, job.form, cores()))


def judged_from(job: Job, made_from: Sequence[Any], journal: JournalIndex) -> list[Any]:
    """What the stage `judge` is made from."""
    return [*made_from, journal.digest(), job.recipe.filters, job.recipe.judge, job.form]


def judge(
    job: Job, stages: Stages, plan: Plan, made_from: Sequence[Any], journal: JournalIndex, on_progress: OnProgress
) -> str:
    """Completions to `judged.parquet`, each record by itself, and the account of every planned request."""
    paths, panel = job.paths, job.panel

    def work() -> dict[str, Any]:
        account, agreement, codes = AccountBuilder(), AgreementBuilder(), Counter[str]()
        watch = Watch("judge", None, on_progress)

        def answered() -> Iterator[tuple[Request, Completion]]:
            for request in plan:
                if (completion := journal.get(request.request_id)) is None:
                    account.pending(request)
                else:
                    account.answered(completion)
                    yield request, completion

        def counted() -> Iterator[Judged]:
            for ruled, source in judged(job, answered()):
                item = ruled if panel is None else panel.decide(ruled, source, journal)
                account.judged(item)
                agreement.add(item)
                codes.update({verdict.code for verdict in item.verdicts})
                watch.step(accepted=item.outcome == "kept", failed=item.outcome == "failed")
                yield item

        tables.write_records(paths.judged, counted())
        watch.finish()
        unpriced = any(cost(backend, Usage()) is None for backend in job.backends.values())
        remote = sorted(name for name, backend in job.backends.items() if not backend.local)
        made = account.build(None if unpriced else journal.usd)
        counts = {"account": made.to_json(), "remote": remote, "unsupported": codes["unsupported"]}
        return counts if panel is None else {**counts, "agreement": agreement.build().to_json()}

    return stages.run("judge", judged_from(job, made_from, journal), [paths.judged], work)


def _nothing_to_learn(job: Job, documents: int, dropped: Mapping[str, int]) -> SourceError:
    reasons = ", ".join(code.replace("_", " ") for code in sorted(dropped, key=lambda code: (-dropped[code], code)))
    return SourceError(
        f"there is nothing to learn from: all text of the {documents} documents was dropped ({reasons})",
        where=", ".join(job.recipe.source),
        fix="give the full guidelines, not their citations or notices",
    )
