"""The rounds that a run's plan has come to on the way to its target, noted in the stage `target`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from synthgen import target
from synthgen.job import Job, digest
from synthgen.planning import Plan, Supply
from synthgen.report.account import Account
from synthgen.stages import Stages

STAGE = "target"


def on_course(job: Job, work: Stages, plan: Plan, made_from: Sequence[Any]) -> Plan:
    """`plan` with the rounds of this leg: the next one, if the last is done and nobody else is at work on it.

    Raises UsageError where others at work go for another target.
    """
    wanted = job.recipe.target_tokens
    if wanted is None:
        return plan
    key = digest(*made_from, job.recipe.filters, job.recipe.dedup)
    if work.stands(STAGE, key):
        course = _course(work) if work.others is not None else target.grown(_course(work))
    elif work.others is None:
        course = target.first(wanted, Supply(plan), job.transformations)
    else:
        raise work.at_odds()
    _note(work, key, course)
    return replace(plan, rounds=course.rounds[-1])


def take_stock(job: Job, work: Stages, plan: Plan) -> None:
    """Notes how far the run has come, once the answers to its plan are judged."""
    wanted = job.recipe.target_tokens
    if wanted is not None:
        account = Account.from_json(work.state.stages["judge"].counts["account"])
        _note(work, work.state.stages[STAGE].key, target.judged(_course(work), wanted, account, Supply(plan)))


def foreseen(job: Job, work: Stages, plan: Plan) -> Plan:
    """`plan` with the rounds that the run is expected to end with."""
    wanted = job.recipe.target_tokens
    if wanted is None:
        return plan
    return replace(plan, rounds=target.forecast(_course(work), wanted, Supply(plan), job.transformations))


def _course(work: Stages) -> target.Course:
    return target.Course.from_json(work.state.stages[STAGE].counts)


def _note(work: Stages, key: str, course: target.Course) -> None:
    if not work.stands(STAGE, key) or work.state.stages[STAGE].counts != course.to_json():
        work.note(STAGE, key, course.to_json())
