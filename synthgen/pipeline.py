"""The entry points: what `synthgen run` and the library call.

Everything that can be wrong with sources, recipe, teachers and budget is found before the first request is sent.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from synthgen import steering
from synthgen.asking import ask, ask_and_consult
from synthgen.errors import GateError, RunInterruptedError, UsageError
from synthgen.estimate import Estimate, estimate
from synthgen.job import Job, check_job, make_job
from synthgen.pilot import report
from synthgen.pilot.basis import bases_of
from synthgen.pilot.cells import judge_cells
from synthgen.pilot.report import Pilot
from synthgen.pilot.sample import pilot as chosen
from synthgen.planning import Plan, Shard
from synthgen.progress import OnProgress, silent
from synthgen.recipe import Recipe, override, read_recipe
from synthgen.report.result import RunResult
from synthgen.session import Begun, Session, begin, end, foreseen, held, in_thread
from synthgen.settings import validated
from synthgen.storage.index import JournalIndex
from synthgen.storage.layout import RunPaths
from synthgen.storage.state import load_state
from synthgen.survey import survey
from synthgen.transformations import own_transformations
from synthgen.turns import WHOLE, parse_shard
from synthgen.words import parse_price, parse_teacher, with_prices

Sources = str | Path | Sequence[str | Path]
RecipeLike = Recipe | Mapping[str, Any] | str | Path | None


def run(
    source: Sources | None = None,
    recipe: RecipeLike = None,
    *,
    out: str | Path | None = None,
    shard: str | Shard = WHOLE,
    allow_changed_teachers: bool = False,
    on_progress: OnProgress = silent,
) -> RunResult:
    """Makes a training set from `source` as `recipe` says; resumes if `out` holds a part of it.

    `source`: a file or folder, or several; None takes the recipe's. `recipe`: a Recipe, a mapping, the path of a TOML
    file, or None for the defaults. `out`: the run directory, by default `runs/NAME` after the first source.
    `shard`: `"2/3"` asks only for the second of three parts of the plan, while other processes that share `out` ask for
    the others; the last of them makes the set (see `RunResult.owed`). `allow_changed_teachers` goes on where teachers
    are not those that gave the run's earlier answers. `on_progress` is called after every step, in this thread.

    Raises a SynthgenError for whatever makes the run impossible, before any request is sent where it can be known.
    Ctrl-C drains the requests in flight and raises RunInterruptedError; the same call goes on. A missed gate raises
    nothing: see `RunResult.gates`. Inside a running event loop, use `run_async`.
    """
    if _loop_is_running():
        raise UsageError("an event loop is running", where="synthgen.run", fix="await synthgen.run_async instead")
    job = _checked(source, recipe, out, shard)
    _held_to_pilot(job)
    try:
        with held(job, on_progress, changed_teachers=allow_changed_teachers) as session, _loop(session) as loop:
            while True:
                begun = begin(session)
                result = end(session, begun, loop.run(ask_and_consult(session, begun)))
                if not _goes_on(result, session):
                    return result
    except KeyboardInterrupt:
        raise _interrupted(job) from None


async def run_async(
    source: Sources | None = None,
    recipe: RecipeLike = None,
    *,
    out: str | Path | None = None,
    shard: str | Shard = WHOLE,
    allow_changed_teachers: bool = False,
    on_progress: OnProgress = silent,
) -> RunResult:
    """The asynchronous twin of `run`. Cancelling it drains the requests in flight first; the same call goes on.

    `on_progress` is called from worker threads, too.
    """
    job = _checked(source, recipe, out, shard)
    _held_to_pilot(job)
    with held(job, on_progress, changed_teachers=allow_changed_teachers) as session:
        try:
            while True:
                begun = await in_thread(session, begin, session)
                result = await in_thread(session, end, session, begun, await ask_and_consult(session, begun))
                if not _goes_on(result, session):
                    return result
        finally:
            await session.faculty.leave()


def run_pilot(
    source: Sources | None = None,
    recipe: RecipeLike = None,
    *,
    out: str | Path | None = None,
    extracts: int = 40,
    allow_changed_teachers: bool = False,
    on_progress: OnProgress = silent,
) -> Pilot:
    """Asks for the part of a run that is about `extracts` of its extracts, and judges what the answers are worth.

    The arguments are those of `run`, which goes on from here: what is answered is not asked for again, neither by it
    nor by a pilot over more extracts. Raises as `run` does. A missed gate raises nothing: see `Pilot.exit_code`.
    """
    if _loop_is_running():
        raise UsageError("an event loop is running", where="synthgen.run_pilot", fix="call it in a thread")
    job = _checked(source, recipe, out, WHOLE)
    try:
        with held(job, on_progress, changed_teachers=allow_changed_teachers) as session, _loop(session) as loop:
            begun = begin(session)
            part = chosen(_foreseen(session, begun), extracts)
            stopped_by = loop.run(ask(session, begun.only(part)))
            cells = judge_cells(job, part, JournalIndex.load(job.paths.completions))
            collapsed = sum(cell.health == "collapsed" for cell in cells)
            gates = report.gate(job.recipe.gates, collapsed)
            pilot = Pilot(job.paths.root, sum(1 for _ in part.extracts()), cells, gates, stopped_by)
            report.save(pilot)
            return pilot
    except KeyboardInterrupt:
        raise _interrupted(job) from None


@dataclass(frozen=True)
class Prepared:
    """What is known of a run before the first request: the plan, and what is answered of it."""

    job: Job
    plan: Plan
    journal: JournalIndex

    @cached_property
    def estimate(self) -> Estimate:
        """What the rest of the plan takes."""
        return estimate(self.job, survey(self.plan, self.journal.settled_ids()), self.journal)


@contextmanager
def prepared(recipe: Recipe, out: str | Path | None = None, on_progress: OnProgress = silent) -> Iterator[Prepared]:
    """A run that is read, cut and planned, and held for this process while the block runs. Nothing is sent.

    Raises a SynthgenError for whatever makes the run impossible.
    """
    job = make_job(recipe, _root(recipe, out))
    with held(job, on_progress) as session:
        found = begin(session)
        yield Prepared(job, found.planned.plan, found.journal)


def plan(
    source: Sources | None = None,
    recipe: RecipeLike = None,
    *,
    out: str | Path | None = None,
    on_progress: OnProgress = silent,
) -> Estimate:
    """What `run` with the same arguments would ask for, and what that costs. Sends nothing, leaves nothing behind."""
    recipe = resolve(source, recipe)
    run = RunPaths(_root(recipe, out))
    journal, known = JournalIndex.load(run.completions), load_state(run.run_json)
    with tempfile.TemporaryDirectory(prefix="synthgen-plan-") as folder:
        job = make_job(recipe, Path(folder) / "run")
        with held(job, on_progress) as session:
            return Prepared(job, foreseen(session, known, steering.piloted(run, job)), journal).estimate


def resolve(source: Sources | None, recipe: RecipeLike = None, **changes: Any) -> Recipe:
    """The recipe that a call means: `recipe`, with `source` and `changes` (those not None or empty) in their place.

    `budget` is merged into the recipe's: caps that it does not name stay.
    """
    if recipe is None:
        recipe = Recipe()
    elif isinstance(recipe, str | Path):
        recipe = read_recipe(Path(recipe))
    elif not isinstance(recipe, Recipe):
        recipe = validated(Recipe, recipe, where="recipe")
    if source:
        changes["source"] = _paths(source)
    if changes.get("teachers"):
        changes["teachers"] = [parse_teacher(word).model_dump() for word in changes["teachers"]]
    if changes.get("prompts"):
        changes["prompts"] = str(changes["prompts"])
    caps = {key: value for key, value in (changes.get("budget") or {}).items() if value is not None}
    changes["budget"] = caps and {**recipe.model_dump(exclude_unset=True).get("budget", {}), **caps}
    recipe = override(recipe, **{key: value for key, value in changes.items() if value})
    if recipe.prompts and "transformations" not in recipe.model_fields_set:
        # Whoever brings transformations and sets no weights means to use them.
        own = dict.fromkeys(own_transformations(Path(recipe.prompts)), 1.0)
        recipe = override(recipe, transformations={**recipe.transformations, **own})
    return recipe


def asked_for(
    source: Sources | None,
    recipe: RecipeLike,
    prices: Iterable[str] | None,
    caps: Mapping[str, float | None],
    **changes: Any,
) -> Recipe:
    """The recipe that a command line means: as `resolve`, with `caps` for its budget and `prices` each in one word."""
    resolved = resolve(source, recipe, budget=caps, **changes)
    return with_prices(resolved, dict(map(parse_price, prices or ())))


def _paths(source: Sources) -> list[str]:
    paths = [str(source)] if isinstance(source, str | Path) else [str(path) for path in source]
    for path in paths:
        if not path.isprintable():
            raise UsageError("the path holds characters that cannot be printed", where=ascii(path), fix="rename it")
    return paths


def _loop_is_running() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _checked(source: Sources | None, recipe: RecipeLike, out: str | Path | None, shard: str | Shard) -> Job:
    """What a call asks for, as a job that can be done as far as that is known before anything is read.

    What a teacher needs is looked at later where the run has begun: it may have nothing to ask any more.
    """
    recipe = resolve(source, recipe)
    job = make_job(recipe, _root(recipe, out), shard if isinstance(shard, Shard) else parse_shard(shard))
    if not job.paths.run_json.exists():
        check_job(job)
    return job


def _interrupted(job: Job) -> RunInterruptedError:
    fix = "what was answered is kept; the same command goes on"
    return RunInterruptedError("interrupted", where=job.paths.root, fix=fix)


@contextmanager
def _loop(session: Session) -> Iterator[asyncio.Runner]:
    """One event loop for all legs, in which the teachers stay at work."""
    with asyncio.Runner() as loop:
        try:
            yield loop
        finally:
            loop.run(session.faculty.leave())


def _foreseen(session: Session, begun: Begun) -> Plan:
    """The plan that a pilot is a part of: the one that the run is expected to end with."""
    job = session.job
    return steering.foreseen(job, session.stages(), begun.planned.plan, steering.piloted(job.paths, job))


def _held_to_pilot(job: Job) -> None:
    """Raises UsageError or GateError where the recipe's gate on collapsed transformations keeps the run from asking."""
    if job.recipe.gates.collapsed is None:
        return
    bases = bases_of(job)
    cells = report.verdicts(job.paths, bases)
    for name, teacher in sorted(bases.keys() - {(cell.transformation, cell.teacher) for cell in cells}):
        what = (
            f"the gate on collapsed needs a pilot first: there is no verdict on {name} with {teacher} as they are now"
        )
        raise UsageError(what, where=job.paths.root, fix="run `synthgen pilot`, or give --pilot N")
    for missed in (gate for gate in report.gate(job.recipe.gates, len(report.collapsed(cells))) if not gate.passed):
        raise GateError(str(missed), where=job.paths.root, fix=f"see {job.paths.pilot}, mend them, pilot again")


def _goes_on(result: RunResult, session: Session) -> bool:
    """Whether this process is to plan and ask for more, as the target is not reached. Shards start together again."""
    return result.grows and session.job.shard == WHOLE


def _root(recipe: Recipe, out: str | Path | None) -> Path:
    """The run directory: as given, else `runs/` and the name of the first source."""
    if out is not None or not recipe.source:
        return Path(out or "runs/unnamed")
    name = Path(recipe.source[0]).resolve().name
    return Path("runs") / (name.split(".")[0] or "root")
