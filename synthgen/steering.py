"""The rounds that a run's plan has come to on the way to its target, noted in the stage `target`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from synthgen import target
from synthgen.job import Job, digest
from synthgen.pilot.basis import bases_of
from synthgen.pilot.report import verdicts, yields
from synthgen.planning import Plan, Supply
from synthgen.report.account import Account
from synthgen.stages import Stages
from synthgen.storage.layout import RunPaths

STAGE = "target"


def on_course(job: Job, work: Stages, plan: Plan, made_from: Sequence[Any]) -> Plan:
    """`plan` with the rounds of this leg: the next one, if the last is done and nobody else is at work on it.

    Until there are answers of the whole plan, the first leg goes by what the pilot knows by now.

    Raises UsageError where others at work go for another target.
    """
    wanted = job.recipe.target_tokens
    if wanted is None:
        return plan
    key = digest(*made_from, job.recipe.filters, job.recipe.dedup, job.recipe.decontaminate)
    course = _course(work) if work.stands(STAGE, key) else None
    if work.others is None:
        if course is None or not course.accepted:
            course = target.first(wanted, Supply(plan), job.transformations, piloted(job.paths, job))
        else:
            course = target.grown(course)
    elif course is None:
        raise work.at_odds()
    _note(work, key, course)
    return replace(plan, rounds=course.rounds[-1])


def take_stock(job: Job, work: Stages, plan: Plan) -> None:
    """Notes how far the run has come, once the records of its plan are selected."""
    wanted = job.recipe.target_tokens
    if wanted is not None:
        account = Account.from_json(work.state.stages["select"].counts["account"])
        _note(work, work.state.stages[STAGE].key, target.judged(_course(work), wanted, account, Supply(plan)))


def foreseen(job: Job, work: Stages, plan: Plan, measured: Mapping[str, float]) -> Plan:
    """`plan` with the rounds that the run is expected to end with; `measured` is what a pilot knows of yields."""
    wanted = job.recipe.target_tokens
    if wanted is None:
        return plan
    rounds = target.forecast(_course(work), wanted, Supply(plan), job.transformations, measured)
    return replace(plan, rounds=rounds)


def piloted(run: RunPaths, job: Job) -> dict[str, float]:
    """The yields by transformation that a pilot of `run` has measured, as far as they hold for `job`."""
    return yields(verdicts(run, bases_of(job)))


def _course(work: Stages) -> target.Course:
    return target.Course.from_json(work.state.stages[STAGE].counts)


def _note(work: Stages, key: str, course: target.Course) -> None:
    if not work.stands(STAGE, key) or work.state.stages[STAGE].counts != course.to_json():
        work.note(STAGE, key, course.to_json())
