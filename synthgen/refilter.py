"""Judging a finished run again, under changed settings or new rules, without asking a teacher."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from synthgen import stages
from synthgen.errors import SynthgenError, UsageError
from synthgen.job import Job, digest, make_job
from synthgen.pipeline import RecipeLike, resolve
from synthgen.progress import OnProgress, silent
from synthgen.recipe import Recipe, override
from synthgen.report.account import Account
from synthgen.report.result import RunResult, load_run
from synthgen.selection import select
from synthgen.session import Session, claim, hand_over, held
from synthgen.storage import tables
from synthgen.storage.index import JournalIndex
from synthgen.target import Course

JUDGING = ("filters", "dedup", "decontaminate", "gates")
"""The sections of a recipe that decide what of a run's answers is kept."""


@dataclass(frozen=True)
class Filtered:
    """A run that was judged again. `changes` counts records by the reason before and now, empty for a kept one."""

    result: RunResult
    before: Account
    changes: Counter[tuple[str, str]]


def filter_run(path: str | Path, recipe: RecipeLike = None, *, on_progress: OnProgress = silent) -> Filtered:
    """Judges the answers of the run in `path` again, and makes its set anew where records have changed.

    Of `recipe` only the sections of `JUDGING` are taken, into the run's own recipe; None judges by what the run has,
    with the rules of this version. Its source is not read. Raises UsageError where the run has no plan, or was planned
    with other transformations or teachers than there are now; a SynthgenError where nothing is kept.
    """
    run = load_run(path)
    missing = [stage for stage in ("extract", "plan", "judge") if stage not in run.state.stages]
    if missing:
        raise UsageError(
            "the run has not come as far as judging", where=path, fix="go on with the `synthgen run` that made it"
        )
    job = make_job(run.recipe if recipe is None else _merged(run.recipe, resolve(None, recipe)), run.path)
    with held(job, on_progress) as session, session.at_work.arrival():
        before = _reasons(job)
        result = _made_again(session)
        after = _reasons(job)
    changes = Counter(
        (before.get(record, "not asked"), code) for record, code in after.items() if before.get(record) != code
    )
    return Filtered(result, run.counts, changes)


def _merged(own: Recipe, other: Recipe) -> Recipe:
    return override(own, **other.model_dump(include=set(JUDGING)))


def _made_again(session: Session) -> RunResult:
    job = session.job
    work = session.stages()
    plan = stages.make_plan(job, work)
    if job.recipe.target_tokens is not None and "target" in work.state.stages:
        plan = replace(plan, rounds=Course.from_json(work.state.stages["target"].counts).rounds[-1])
    made_from = [*stages.plan_key(job, work.state.stages["extract"].key), plan.rounds]
    if not work.stands("plan", digest(*made_from)):
        raise UsageError(
            "was planned with other transformations or teachers than there are now",
            where=job.paths.root,
            fix="judge it by the version of synthgen, and the prompts, that made it; or run it again",
        )
    claim(job)
    journal = JournalIndex.load(job.paths.completions)
    judge_key = stages.judge(job, work, plan, made_from, journal, session.on_progress)
    return hand_over(session, work, select(job, work, judge_key, session.on_progress))


def _reasons(job: Job) -> Mapping[str, str]:
    """The code of each record by its id, empty for a kept one."""
    if not job.paths.records.exists():
        raise SynthgenError("its records are gone", where=job.paths.records, fix="run it again; nothing is asked anew")
    return {judged.record.record_id: judged.code for judged in tables.read_records(job.paths.records)}
