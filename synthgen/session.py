"""One process's work on a run, before and after asking: begin and end.

Others may be at work on the other parts of its plan. What all have in common (everything but the journal) is read and
written in turns: whoever comes first reads, cuts and plans, whoever ends last makes the set.
"""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from synthgen import handoff, shares, stages, steering
from synthgen.budget import Cap
from synthgen.errors import SourceError, SynthgenError, UsageError
from synthgen.faculty import Faculty
from synthgen.field import cover
from synthgen.job import Job, digest
from synthgen.planning import Plan
from synthgen.progress import OnProgress
from synthgen.recipe import BudgetSettings, to_toml
from synthgen.report.result import RunResult
from synthgen.report.summary import summarise, to_markdown
from synthgen.selection import select
from synthgen.stages import Stages
from synthgen.storage.files import clean_leftovers, write_atomic
from synthgen.storage.index import JournalIndex
from synthgen.storage.state import RunState, Shares, StageState, load_state
from synthgen.teachers import Facts, facts, unchanged
from synthgen.transformations import written_out
from synthgen.turns import WHOLE, AtWork
from synthgen.version import __version__

T = TypeVar("T")
P = ParamSpec("P")


@dataclass(frozen=True)
class Session:
    """A run directory that this process is at work on. Whoever lets it ask lets its `faculty` go in the end.

    `changed_teachers` says whether teachers may be others than those that gave the earlier answers; `since` is when
    it began, by `time.monotonic`.
    """

    job: Job
    at_work: AtWork
    faculty: Faculty
    on_progress: OnProgress
    changed_teachers: bool = False
    since: float = field(default_factory=time.monotonic)

    def stages(self, *, others: str | None = None, worked: bool = False) -> Stages:
        """The stages as they stand; good for one turn, as other processes write them as well."""
        return Stages(self.job.paths.run_json, _state(self.job), __version__, others, worked)


@contextmanager
def held(job: Job, on_progress: OnProgress, *, changed_teachers: bool = False) -> Iterator[Session]:
    """The run directory, held for this process. Raises RunLockedError where that cannot be.

    A directory made here is removed again where the run fails before there is a plan: bad input leaves nothing.
    """
    root = job.paths.root
    fresh = job.shard == WHOLE and not root.exists()
    with AtWork(job.paths, job.shard) as at_work:
        try:
            yield Session(job, at_work, Faculty(job.paths.teachers), on_progress, changed_teachers)
        except SynthgenError:
            if fresh and "plan" not in _state(job).stages:
                shutil.rmtree(root, ignore_errors=True)
            raise


def claim(job: Job) -> None:
    """Makes the directory this recipe's, and clears what killed processes left. Nobody else may be at work on it."""
    clean_leftovers(job.paths.root)
    write_atomic(job.paths.recipe, to_toml(job.recipe).encode())
    write_atomic(job.paths.transformations, written_out(job.transformations.values()))


@dataclass(frozen=True)
class Planned:
    """The whole plan so far, and what it is made from."""

    plan: Plan
    made_from: Sequence[Any]

    @property
    def key(self) -> str:
        return digest(*self.made_from)


def planned(session: Session, work: Stages) -> Planned:
    """Reads, cuts and plans, as far as that is not done. Raises SourceError where there is nothing to ask."""
    job = session.job
    read_key = stages.read(job, work, session.on_progress)
    extract_key = stages.cut(job, work, read_key, session.on_progress)
    made_from = stages.plan_key(job, extract_key)
    plan = steering.on_course(job, work, stages.make_plan(job, work), made_from)
    if next(iter(plan), None) is None:
        raise SourceError(
            "there is nothing to ask: no extract holds what the transformations need",
            where=", ".join(job.recipe.source),
            fix="give other transformations a weight",
        )
    return Planned(plan, [*made_from, plan.rounds])


def foreseen(session: Session, known: RunState | None, measured: Mapping[str, float]) -> Plan:
    """The plan as it is expected to be once the target is reached.

    `known` is the state of the run so far, if any, and `measured` the yields of its pilot.
    """
    work = session.stages()
    if known is not None and steering.STAGE in known.stages:
        work.update(stages={steering.STAGE: known.stages[steering.STAGE]})
    return steering.foreseen(session.job, work, planned(session, work).plan, measured)


@dataclass(frozen=True)
class Begun:
    """What is before this process: the plan, what it asks of it, and what that comes to.

    `limits` are what the whole run may have taken once this process has asked.
    """

    planned: Planned
    asking: Plan
    journal: JournalIndex
    settled: Set[str]
    part: shares.Part
    limits: BudgetSettings

    def only(self, part: Plan) -> Begun:
        """The same with no more of the plan before this process than `part`."""
        return replace(self, asking=part, part=shares.count(part, self.journal, self.settled))


def begin(session: Session) -> Begun:
    """Plans, or finds that done, and takes this process's share.

    Raises UsageError where it does not fit in with the processes at work, or a teacher is another than before.
    """
    job, shard = session.job, session.job.shard
    with session.at_work.arrival() as others:
        work = session.stages(others=others)
        journal = JournalIndex.load(job.paths.completions)
        # Nothing is known of teachers that never answered, unless another process has just begun to ask them.
        known = {} if others is None and not len(journal) else work.state.teachers
        now = {name: facts(identity=backend.identity()) for name, backend in job.backends.items()}
        work.update(teachers=same_teachers(session, known, now))
        if others is None:
            claim(job)
        whole = planned(session, work)
        settled = journal.settled_ids()
        if others is None:
            part = _share_out(job, work, whole, journal, settled)[shard.number - 1]
        else:
            part = shares.count(whole.plan.part(shard), journal, settled)
        in_force = _shared(job, work, whole)
        if part.owed:
            work.update(shares=shares.begun(in_force, shard))
    limits = shares.limits(in_force, shard, part, job.recipe.budget, len(settled), journal.usd)
    return Begun(whole, whole.plan.part(shard), journal, settled, part, limits)


def end(session: Session, begun: Begun, stopped_by: Cap | None) -> RunResult:
    """Makes the set, if no other process has to answer for a request that is owed, and no more rounds are to come.

    What `RunResult.grows` says comes with the next `begin` that finds nobody else at work.
    """
    job, shard, asked = session.job, session.job.shard, begun.part.owed > 0
    with session.at_work.turn():
        work = session.stages(worked=asked)
        stale = asked or shard != WHOLE or job.panel is not None
        journal = JournalIndex.load(job.paths.completions) if stale else begun.journal
        in_force = _shared(job, work, begun.planned)
        if asked or str(shard) not in in_force.ended:
            in_force = shares.ended(in_force, shard, stopped_by)
            work.update(shares=in_force)
        if owed := shares.owed_by_others(begun.planned.plan, journal, in_force, shard):
            return RunResult(path=job.paths.root, recipe=job.recipe, state=work.state, owed=owed)
        capped = StageState(begun.planned.key, {"stopped_by": shares.stopped_by(in_force)})
        if work.state.stages.get("generate") != capped:
            work.note("generate", capped.key, capped.counts)
        return _set_made(session, work, begun.planned, journal)


async def in_thread(session: Session, work: Callable[P, T], *arguments: P.args, **options: P.kwargs) -> T:
    """`work` in a thread. When cancelled it waits for the thread, which still writes, before it gives way."""
    task = asyncio.ensure_future(asyncio.to_thread(work, *arguments, **options))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        session.at_work.give_up()
        await asyncio.wait([task])
        raise


def _set_made(session: Session, work: Stages, whole: Planned, journal: JournalIndex) -> RunResult:
    job, on_progress = session.job, session.on_progress
    judge_key = stages.judge(job, work, whole.plan, whole.made_from, journal, on_progress)
    select_key = select(job, work, judge_key, on_progress)
    steering.take_stock(job, work, whole.plan)
    result = RunResult(path=job.paths.root, recipe=job.recipe, state=work.state, worked=work.worked)
    if result.grows and job.shard == WHOLE:
        return result
    return hand_over(session, work, select_key)


def hand_over(session: Session, work: Stages, select_key: str) -> RunResult:
    """Makes `dataset/`, `packed/` and the summary of the selected records."""
    job = session.job
    export_key = handoff.export(job, work, select_key, session.on_progress)
    handoff.pack(job, work, export_key, session.on_progress)
    cover(job, work, select_key, session.on_progress)
    handoff.explain(job, work, select_key)
    result = RunResult(path=job.paths.root, recipe=job.recipe, state=work.state, worked=work.worked)
    write_atomic(job.paths.summary, to_markdown(summarise(result)).encode())
    return result


def _share_out(job: Job, work: Stages, whole: Planned, journal: JournalIndex, settled: Set[str]) -> list[shares.Part]:
    """Writes down the plan and its shares, and returns all parts of it."""
    parts = [shares.count(whole.plan.part(one), journal, settled) for one in shares.shards(job.shard.of)]
    if not work.stands("plan", whole.key):
        work.note("plan", whole.key, {"requests": sum(part.requests for part in parts)})
    new = shares.share_out(_agreed(job, whole), job.recipe.budget, parts, len(settled), journal.usd)
    work.update(shares=shares.in_force(work.state.shares, new))
    return parts


def _agreed(job: Job, whole: Planned) -> str:
    """A hash of everything in which all processes at work have to agree, but for their number."""
    recipe = job.recipe
    return digest(
        *whole.made_from, recipe.budget, recipe.filters, recipe.judge, recipe.dedup, recipe.decontaminate, recipe.pack
    )


def _shared(job: Job, work: Stages, whole: Planned) -> Shares:
    """The shares that the processes at work go by. Raises UsageError where this one's would be others."""
    found = work.state.shares
    if found is None or (found.key, len(found.allowances)) != (_agreed(job, whole), job.shard.of):
        raise work.at_odds()
    return found


def same_teachers(session: Session, known: Mapping[str, Facts], now: Mapping[str, Facts]) -> dict[str, Facts]:
    return unchanged(known, now, allowed=session.changed_teachers, run=session.job.paths.root)


def _state(job: Job) -> RunState:
    """The state of the run as it was left, or that of a new one.

    Raises UsageError where the run has a source that is not one of the recipe's: its records would be gone.
    """
    source = tuple(job.recipe.source)
    state = load_state(job.paths.run_json)
    if state is None:
        return RunState(__version__, datetime.now(UTC).isoformat(timespec="seconds"), source)
    now = {*source, *(str(Path(one).resolve()) for one in source)}
    if not all(one in now or str(Path(one).resolve()) in now for one in state.source):
        raise UsageError(
            f"holds a run of another source ({', '.join(state.source)})",
            where=job.paths.root,
            fix="give another run directory with --out",
        )
    return replace(state, source=source)
