"""Asking: what is owed of a process's part of the plan, and then the judge about what came of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Set
from itertools import chain, islice

from synthgen import stages
from synthgen.budget import Budget, Cap
from synthgen.data import Completion, Request
from synthgen.job import check_job
from synthgen.jury.votes import readable
from synthgen.records.judge import usable
from synthgen.session import Begun, Session, in_thread, same_teachers
from synthgen.storage.index import JournalIndex
from synthgen.teachers import Facts

FEW = 16
"""Records that the filters judge in one go between the judge's answers, which wait meanwhile."""


async def ask(session: Session, begun: Begun) -> Cap | None:
    """Asks for what is owed of `begun.asking`; returns the cap that ended it, if one did."""
    return await _ask(session, begun, _budget(session, begun))


async def ask_and_consult(session: Session, begun: Begun) -> Cap | None:
    """As `ask`, and then asks the judge, if the recipe has one, about what the filters keep of the answers."""
    budget = _budget(session, begun)
    return await _ask(session, begun, budget) or await _consult(session, begun, budget)


def _budget(session: Session, begun: Begun) -> Budget:
    limits = begun.limits
    if limits.hours is not None:
        limits = limits.model_copy(update={"hours": limits.hours - (time.monotonic() - session.since) / 3600})
    return Budget(limits, requests=len(begun.settled), usd=begun.journal.usd)


async def _ask(session: Session, begun: Begun, budget: Budget) -> Cap | None:
    if not begun.part.owed:
        return None
    requests = {
        name: (one for one in begun.asking.of_teacher(name) if one.request_id not in begun.settled)
        for name in begun.part.owed_by_teacher
    }
    filters = session.job.filters
    return await _asked(
        session, requests, budget, begun.part.owed, lambda request, answer: usable(request, answer, filters)
    )


async def _consult(session: Session, begun: Begun, budget: Budget) -> Cap | None:
    job, panel = session.job, session.job.panel
    if panel is None:
        return None
    journal = await in_thread(session, JournalIndex.load, job.paths.completions)
    work = session.stages()
    if work.stands("judge", work.key("judge", stages.judged_from(job, begun.planned.made_from, journal))):
        return None
    answered = stages.answers(begun.asking, journal)
    few = iter(lambda: list(islice(answered, FEW)), [])
    owed = panel.owed((one for some in few for one in stages.judged(job, some)), journal.settled_ids())
    first = next(owed, None)
    if first is None:
        return None
    return await _asked(session, {first.teacher: chain([first], owed)}, budget, None, readable)


async def _asked(
    session: Session,
    requests: Mapping[str, Iterable[Request]],
    budget: Budget,
    total: int | None,
    accepts: Callable[[Request, Completion], bool],
) -> Cap | None:
    job, answering, new = session.job, set[str](), set[str]()
    check_job(job)

    async def recognise(entered: Mapping[str, Facts]) -> None:
        new.update(await in_thread(session, _recognise, session, entered))

    try:
        generated = await stages.ask(
            job,
            requests,
            budget,
            session.faculty,
            total=total,
            accepts=accepts,
            on_entered=recognise,
            on_answer=answering.add,
            on_progress=session.on_progress,
        )
    finally:
        if never_answered := new - answering:
            _forget(session, never_answered)
    return generated.stopped_by


def _recognise(session: Session, entered: Mapping[str, Facts]) -> Set[str]:
    """Writes down who the teachers are, and returns those that were unknown. Raises UsageError if one has changed."""
    with session.at_work.turn():
        work = session.stages()
        known = work.state.teachers
        same_teachers(session, {name: known[name] for name in entered.keys() & known.keys()}, entered)
        work.update(teachers={**known, **entered})
    return entered.keys() - known.keys()


def _forget(session: Session, names: Iterable[str]) -> None:
    """Takes back who the teachers are, as the run holds no answers of theirs."""
    with session.at_work.turn():
        work = session.stages()
        work.update(teachers={name: known for name, known in work.state.teachers.items() if name not in names})
