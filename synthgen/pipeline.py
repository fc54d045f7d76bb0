"""The stages in order: what `synthgen run` and the library call.

read -> extract -> plan -> generate -> judge -> export -> pack. Everything that can be wrong with sources, recipe,
teachers and budget is found before the first request is sent.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from synthgen import handoff, stages
from synthgen.errors import RunInterruptedError, SourceError, SynthgenError, UsageError
from synthgen.job import Job, check_job, digest, make_job
from synthgen.planning import Estimate, Plan, estimate
from synthgen.progress import OnProgress, silent
from synthgen.recipe import Recipe, override, parse_teacher, read_recipe, to_toml, validated
from synthgen.report.result import RunResult
from synthgen.report.summary import summarise, to_markdown
from synthgen.stages import Stages
from synthgen.storage.files import clean_leftovers, write_atomic
from synthgen.storage.index import JournalIndex
from synthgen.storage.layout import RunPaths
from synthgen.storage.lock import RunLock
from synthgen.storage.state import RunState, load_state
from synthgen.transformations import own_transformations, written_out
from synthgen.version import __version__

T = TypeVar("T")
P = ParamSpec("P")

Sources = str | Path | Sequence[str | Path]
RecipeLike = Recipe | Mapping[str, Any] | str | Path | None


def run(
    source: Sources | None = None,
    recipe: RecipeLike = None,
    *,
    out: str | Path | None = None,
    on_progress: OnProgress = silent,
) -> RunResult:
    """Makes a training set from `source` as `recipe` says; resumes if `out` holds a part of it.

    `source`: a file or folder, or several; None takes the recipe's. `recipe`: a Recipe, a mapping, the path of a TOML
    file, or None for the defaults. `out`: the run directory, by default `runs/NAME` after the first source.
    `on_progress` is called after every step, in this thread.

    Raises a SynthgenError for whatever makes the run impossible, before any request is sent where it can be known.
    Ctrl-C drains the requests in flight and raises RunInterruptedError; the same call goes on. A missed gate raises
    nothing: see `RunResult.gates`. Inside a running event loop, use `run_async`.
    """
    if _loop_is_running():
        raise UsageError("an event loop is running", where="synthgen.run", fix="await synthgen.run_async instead")
    recipe = resolve(source, recipe)
    job = make_job(recipe, _root(recipe, out))
    check_job(job)
    try:
        with _held(job) as work:
            prepared = _prepare(job, work, on_progress)
            journal = asyncio.run(_ask(job, work, prepared, on_progress))
            return _finish(job, work, prepared, journal, on_progress)
    except KeyboardInterrupt:
        raise RunInterruptedError(
            "interrupted", where=job.paths.root, fix="what was answered is kept; the same command goes on"
        ) from None


async def run_async(
    source: Sources | None = None,
    recipe: RecipeLike = None,
    *,
    out: str | Path | None = None,
    on_progress: OnProgress = silent,
) -> RunResult:
    """The asynchronous twin of `run`. Cancelling it drains the requests in flight first; the same call goes on.

    `on_progress` is called from worker threads, too.
    """
    recipe = resolve(source, recipe)
    job = make_job(recipe, _root(recipe, out))
    check_job(job)
    with _held(job) as work:
        prepared = await _in_thread(_prepare, job, work, on_progress)
        journal = await _ask(job, work, prepared, on_progress)
        return await _in_thread(_finish, job, work, prepared, journal, on_progress)


def plan(
    source: Sources | None = None,
    recipe: RecipeLike = None,
    *,
    out: str | Path | None = None,
    on_progress: OnProgress = silent,
) -> Estimate:
    """What `run` with the same arguments would ask for, and what that costs. Sends nothing, leaves nothing behind."""
    recipe = resolve(source, recipe)
    journal = JournalIndex.load(RunPaths(_root(recipe, out)).completions)
    with tempfile.TemporaryDirectory(prefix="synthgen-plan-") as folder:
        job = make_job(recipe, Path(folder) / "run")
        with _held(job) as work:
            return _prepare(job, work, on_progress, journal).estimate


def resolve(source: Sources | None, recipe: RecipeLike = None, **changes: Any) -> Recipe:
    """The recipe that a call means: `recipe`, with `source` and `changes` (those not None or empty) in their place."""
    if recipe is None:
        recipe = Recipe()
    elif isinstance(recipe, str | Path):
        recipe = read_recipe(Path(recipe))
    elif not isinstance(recipe, Recipe):
        recipe = validated(Recipe, recipe, where="recipe")
    if source:
        changes["source"] = [str(source)] if isinstance(source, str | Path) else [str(path) for path in source]
        for path in changes["source"]:
            if not path.isprintable():
                raise UsageError("the path holds characters that cannot be printed", where=ascii(path), fix="rename it")
    if changes.get("teachers"):
        changes["teachers"] = [parse_teacher(word).model_dump() for word in changes["teachers"]]
    if changes.get("prompts"):
        changes["prompts"] = str(changes["prompts"])
    recipe = override(recipe, **{key: value for key, value in changes.items() if value})
    if recipe.prompts and "transformations" not in recipe.model_fields_set:
        # Whoever brings transformations and sets no weights means to use them.
        own = dict.fromkeys(own_transformations(Path(recipe.prompts)), 1.0)
        recipe = override(recipe, transformations={**recipe.transformations, **own})
    return recipe


def _loop_is_running() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


async def _in_thread(work: Callable[P, T], *arguments: P.args, **options: P.kwargs) -> T:
    """`work` in a thread. When cancelled it waits for the thread, which still writes, before it gives way."""
    task = asyncio.ensure_future(asyncio.to_thread(work, *arguments, **options))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise


@dataclass(frozen=True)
class _Prepared:
    """What is known before the first request: the plan, what is answered of it, and what the rest takes."""

    plan: Plan
    made_from: Sequence[Any]
    journal: JournalIndex
    estimate: Estimate


def _prepare(job: Job, work: Stages, on_progress: OnProgress, journal: JournalIndex | None = None) -> _Prepared:
    read_key = stages.read(job, work, on_progress)
    extract_key = stages.cut(job, work, read_key, on_progress)
    planned = stages.make_plan(job)
    if journal is None:
        journal = JournalIndex.load(job.paths.completions)
    expected = estimate(planned, job.tokenizer.count, journal.settled_ids())
    if not expected.requests:
        raise SourceError(
            "there is nothing to ask: no extract holds what the transformations need",
            where=", ".join(job.recipe.source),
            fix="give other transformations a weight",
        )
    return _Prepared(planned, stages.plan_key(job, extract_key), journal, expected)


async def _ask(job: Job, work: Stages, prepared: _Prepared, on_progress: OnProgress) -> JournalIndex:
    """Asks for what is owed; returns the journal as it is then."""
    key = digest(*prepared.made_from)
    if "plan" not in work.state.stages or work.state.stages["plan"].key != key:
        work.note("plan", key, {"requests": prepared.estimate.requests})
    if not prepared.estimate.owed:
        return prepared.journal
    generated = await stages.ask(job, prepared.plan, prepared.journal, prepared.estimate.owed, on_progress)
    work.note("generate", key, {"stopped_by": generated.stopped_by})
    return JournalIndex.load(job.paths.completions)


def _finish(job: Job, work: Stages, prepared: _Prepared, journal: JournalIndex, on_progress: OnProgress) -> RunResult:
    judge_key = stages.judge(job, work, prepared.plan, prepared.made_from, journal, on_progress)
    export_key = handoff.export(job, work, judge_key, on_progress)
    handoff.pack(job, work, export_key, on_progress)
    result = RunResult(path=job.paths.root, recipe=job.recipe, state=work.state, worked=work.worked)
    write_atomic(job.paths.summary, to_markdown(summarise(result)).encode())
    return result


@contextmanager
def _held(job: Job) -> Iterator[Stages]:
    """The run directory, locked, with leftovers of a killed run cleared and the resolved recipe in it.

    A directory made here is removed again where the run fails before there is a plan: bad input leaves nothing.
    """
    paths = job.paths
    fresh = not paths.root.exists()
    with RunLock(paths.root):
        clean_leftovers(paths.root)
        work = Stages(paths.run_json, _state(job), __version__)
        try:
            write_atomic(paths.recipe, to_toml(job.recipe).encode())
            write_atomic(paths.transformations, written_out(job.transformations.values()))
            yield work
        except SynthgenError:
            if fresh and "plan" not in work.state.stages:
                shutil.rmtree(paths.root, ignore_errors=True)
            raise


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


def _root(recipe: Recipe, out: str | Path | None) -> Path:
    """The run directory: as given, else `runs/` and the name of the first source."""
    if out is not None or not recipe.source:
        return Path(out or "runs/unnamed")
    name = Path(recipe.source[0]).resolve().name
    return Path("runs") / (name.split(".")[0] or "root")
