"""Drives the teachers: hands out requests, retries them, and journals every final completion."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

from synthgen.backends.base import Backend
from synthgen.budget import Budget, Cap
from synthgen.cost import charge
from synthgen.data import Completion, CompletionError, Request
from synthgen.errors import BudgetError, TeacherError
from synthgen.retry import Backoff

RESUME = "what was answered is kept, and the same command resumes"


@dataclass(frozen=True, slots=True)
class Generated:
    """How many requests ended with an answer and how many with an error, and the cap that stopped it, if one did."""

    answered: int
    failed: int
    stopped_by: Cap | None


async def generate(
    requests: Iterable[Request],
    teachers: Mapping[str, Backend],
    *,
    append: Callable[[Completion], Awaitable[None]],
    budget: Budget,
    on_completion: Callable[[Request, Completion], None],
    on_drain: Callable[[int], None] = lambda in_flight: None,
    backoff: Backoff = Backoff(),  # noqa: B008 (frozen)
    drain_seconds: float = 30.0,
) -> Generated:
    """Gets one final completion for each request, unless a cap of `budget` is reached.

    `requests` are taken in their order, one at a time, each when its teacher has room for it; `teachers` are entered
    backends by the name that `Request.teacher` holds. A completion is final when it is answered, rejected or fatal,
    or when `attempts` or `deadline` of its teacher are used up; it counts once `append` has returned, and then goes to
    `on_completion`.

    Raises BudgetError before anything is sent where the budget cannot be kept. Raises TeacherError after a fatal
    error, or where the first requests of a teacher (as many as it takes at once, at least 20) all failed; then, and
    when cancelled, requests in flight get `drain_seconds` to end, and no retries; `on_drain` is told how many they
    are. A second cancellation, and any error of `append` or `on_completion`, stop it at once.
    """
    budget.check(teachers.values())
    flight = _InFlight(teachers, append, budget, on_completion, backoff)
    try:
        stopped_by = await flight.hand_out(requests)
        await flight.finish()
    except (asyncio.CancelledError, TeacherError, BudgetError):
        on_drain(len(flight.tasks))
        await flight.drain(drain_seconds)
        raise
    finally:
        await flight.cancel()
    lanes = flight.lanes.values()
    return Generated(sum(lane.answered for lane in lanes), sum(lane.failed for lane in lanes), stopped_by)


class _Lane:
    """One teacher at work."""

    def __init__(self, name: str, backend: Backend) -> None:
        self.name = name
        self.backend = backend
        self.running = 0
        self.answered = 0
        self.failed = 0

    def count(self, completion: Completion) -> None:
        """Counts a final completion; raises TeacherError where it shows that asking further is pointless."""
        error = completion.error
        if error is None:
            self.answered += 1
            return
        self.failed += 1
        where, said = f"teacher {self.name}", f"{error.code}: {error.message}"
        if error.error_class == "fatal":
            raise TeacherError(f"refuses to work ({said})", where=where, fix=RESUME)
        if not self.answered and self.failed >= max(20, self.backend.in_flight):
            what = f"answered none of the first {self.failed} requests (the last one failed with {said})"
            raise TeacherError(what, where=where, fix=f"check that it runs, and its settings; {RESUME}")


class _InFlight:
    """The requests in flight, one task each, and what they share."""

    def __init__(
        self,
        teachers: Mapping[str, Backend],
        append: Callable[[Completion], Awaitable[None]],
        budget: Budget,
        on_completion: Callable[[Request, Completion], None],
        backoff: Backoff,
    ) -> None:
        self.lanes = {name: _Lane(name, backend) for name, backend in teachers.items()}
        self.append = append
        self.budget = budget
        self.on_completion = on_completion
        self.backoff = backoff
        self.tasks: set[asyncio.Task[None]] = set()
        self.failures: list[BaseException] = []
        self.changed = asyncio.Event()
        self.stopping = asyncio.Event()

    async def hand_out(self, requests: Iterable[Request]) -> Cap | None:
        """Starts a task for each request as there is room for it; returns the cap that ended this early."""
        for request in requests:
            lane = self.lanes[request.teacher]
            worst = self.budget.worst_case(lane.backend, request)
            while (cap := self.budget.exceeded(worst)) or lane.running >= lane.backend.in_flight:
                # What is in flight may turn out cheaper than it reserved, and leave room for this request.
                if cap and (cap != "usd" or not self.tasks):
                    return cap
                await self._change()
            self.budget.requests += 1
            self.budget.reserve(worst)
            lane.running += 1
            task = asyncio.create_task(self._work(lane, request, worst))
            self.tasks.add(task)
            task.add_done_callback(self._done)
        return None

    async def finish(self) -> None:
        """Waits until nothing is in flight; raises the first error of a task."""
        while self.tasks:
            await self._change()

    async def drain(self, seconds: float) -> None:
        """Lets the requests in flight end, without retries; raises an error that stopped one of them."""
        self.stopping.set()
        if self.tasks:
            await asyncio.wait(self.tasks, timeout=seconds)
        self._raise_failure()

    async def cancel(self) -> None:
        """Cancels what is still in flight."""
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    async def _work(self, lane: _Lane, request: Request, worst: float) -> None:
        try:
            completion = await self._ask(lane.backend, request, worst)
            await self.append(completion)
        finally:
            lane.running -= 1
        self.on_completion(request, completion)
        lane.count(completion)

    async def _ask(self, backend: Backend, request: Request, worst: float) -> Completion:
        """The final completion of a request: all its attempts, within the teacher's deadline."""
        settings, clock = backend.settings, asyncio.get_running_loop().time
        deadline = clock() + (settings.deadline or backend.deadline)
        spent = 0.0
        for attempt in range(1, settings.attempts + 1):
            completion = await _attempt(backend, request, deadline)
            charged = charge(backend, completion, worst)
            self.budget.settle(worst, charged)
            spent += charged
            completion = replace(completion, attempts=attempt, usd=spent)
            error = completion.error
            if error is None or error.error_class != "retryable" or attempt == settings.attempts:
                break
            pause = self.backoff.pause(attempt, error.retry_after)
            if clock() + pause >= deadline or await self._stops_within(pause) or not self.budget.affords(worst):
                break
            self.budget.reserve(worst)
        return completion

    async def _stops_within(self, seconds: float) -> bool:
        """Waits so long, or less if everything is to stop; returns whether it is."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.stopping.wait()
        return self.stopping.is_set()

    async def _change(self) -> None:
        """Waits until a task ends; raises the first error of any."""
        self.changed.clear()
        await self.changed.wait()
        self._raise_failure()

    def _done(self, task: asyncio.Task[None]) -> None:
        self.tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            self.failures.append(error)
        self.changed.set()

    def _raise_failure(self) -> None:
        if self.failures:
            # A full disk matters more than a teacher that refuses: nothing can be kept until it is mended.
            raise min(self.failures, key=lambda error: isinstance(error, TeacherError))


async def _attempt(backend: Backend, request: Request, deadline: float) -> Completion:
    """One attempt, cut off at `deadline` (in the loop's time)."""
    clock = asyncio.get_running_loop().time
    start = clock()
    try:
        async with asyncio.timeout_at(deadline):
            return await backend.complete(request)
    except TimeoutError:
        error = CompletionError(
            "retryable", "timeout", f"no answer within {backend.settings.deadline or backend.deadline:g} seconds"
        )
        return Completion(request.request_id, latency=clock() - start, error=error)
