"""Drives the teachers: hands out requests, retries them, and journals every final completion."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

from synthgen.backends.base import Backend
from synthgen.budget import Budget, Cap
from synthgen.cost import charge
from synthgen.data import Completion, CompletionError, Request
from synthgen.errors import BudgetError, TeacherError
from synthgen.gate import ABSENT, Gate
from synthgen.retry import Backoff

RESUME = "what was answered is kept, and the same command resumes"


@dataclass(frozen=True, slots=True)
class Generated:
    """How many requests ended with an answer and how many with an error, and the cap that stopped it, if one did."""

    answered: int
    failed: int
    stopped_by: Cap | None


async def generate(
    requests: Mapping[str, Iterable[Request]],
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

    `teachers` are entered backends, and `requests` what each is asked, by its name. A teacher's requests are taken in
    their order, one at a time, when it has room for one; no teacher waits for another. A completion is final when it is
    answered, rejected or fatal, or when `attempts` or `deadline` of its teacher are used up; it counts once `append`
    has returned, and then goes to `on_completion`. Attempts that fail because the teacher is busy or not there do
    not count, nor does the time that its gate keeps a request waiting (see `synthgen.gate`).

    Raises BudgetError before anything is sent where the budget cannot be kept. Raises TeacherError after a fatal
    error, where a teacher that never answered fails `attempts` times in a row with growing pauses, and where one that
    did is silent for its `patience`; then, and when cancelled, requests in flight get `drain_seconds` to end, and no
    retries; `on_drain` is told how many they are. A second cancellation, and any error of `append` or
    `on_completion`, stop it at once.
    """
    budget.check(teachers.values())
    flight = _Flight(append, budget, on_completion, backoff)
    lanes = [_Lane(name, teachers[name], backoff) for name in requests]
    try:
        await flight.hand_out([(lane, requests[lane.name]) for lane in lanes])
    except (asyncio.CancelledError, TeacherError, BudgetError):
        on_drain(sum(lane.running for lane in lanes if lane.backend.immediate))
        await flight.drain(lanes, drain_seconds)
        raise
    finally:
        await flight.cancel()
    return Generated(sum(lane.answered for lane in lanes), sum(lane.failed for lane in lanes), flight.stopped_by)


class _Lane:
    """One teacher at work."""

    def __init__(self, name: str, backend: Backend, backoff: Backoff) -> None:
        self.name = name
        self.backend = backend
        self.gate = Gate(lambda: backend.in_flight, backoff)
        self.running = 0
        self.answered = 0
        self.failed = 0

    @property
    def deadline(self) -> float:
        return self.backend.settings.deadline or self.backend.deadline

    def count(self, completion: Completion) -> None:
        """Counts a final completion; raises TeacherError where it shows that asking further is pointless."""
        error = completion.error
        if error is None:
            self.answered += 1
            return
        self.failed += 1
        if error.error_class == "fatal":
            said = f"{error.code}: {error.message}"
            raise TeacherError(f"refuses to work ({said})", where=f"teacher {self.name}", fix=RESUME)

    def check(self, error: CompletionError) -> None:
        """Raises TeacherError where a failed attempt was one too many to go on waiting for this teacher."""
        settings, gate = self.backend.settings, self.gate
        where, said = f"teacher {self.name}", f"the last attempt failed with {error.code}: {error.message}"
        if not self.answered and gate.probes >= settings.attempts:
            fix = f"check that it runs, and its settings; {RESUME}"
            raise TeacherError(f"answers nothing ({said})", where=where, fix=fix)
        silence = 0.0 if gate.silent_since is None else asyncio.get_running_loop().time() - gate.silent_since
        if silence > settings.patience:
            what = f"has answered nothing for {silence:,.0f} seconds ({said})"
            raise TeacherError(what, where=where, fix=RESUME)


class _Flight:
    """The requests in flight, one task each, and what they share."""

    def __init__(
        self,
        append: Callable[[Completion], Awaitable[None]],
        budget: Budget,
        on_completion: Callable[[Request, Completion], None],
        backoff: Backoff,
    ) -> None:
        self.append = append
        self.budget = budget
        self.on_completion = on_completion
        self.backoff = backoff
        self.stopped_by: Cap | None = None
        self.feeders: set[asyncio.Task[None]] = set()
        self.tasks: set[asyncio.Task[None]] = set()
        self.failures: list[BaseException] = []
        self.changed = asyncio.Event()
        self.stopping = asyncio.Event()

    async def hand_out(self, work: Iterable[tuple[_Lane, Iterable[Request]]]) -> None:
        """Starts a task for each request as there is room for it, and waits for all; raises the first error of any."""
        for lane, requests in work:
            self._start(self._feed(lane, requests), self.feeders)
        while self.feeders or self.tasks:
            await self._change()
            if self.failures:
                raise self._failure()

    async def drain(self, lanes: Iterable[_Lane], seconds: float) -> None:
        """Lets the requests in flight end, without retries; raises an error that stopped one of them."""
        self.stopping.set()
        for lane in lanes:
            lane.gate.stop()
        for feeder in self.feeders:
            feeder.cancel()
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while any(lane.running for lane in lanes if lane.backend.immediate):
                    await self._change()
        if self.failures:
            raise self._failure()

    async def cancel(self) -> None:
        """Cancels what is still in flight."""
        left = [*self.feeders, *self.tasks]
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    async def _feed(self, lane: _Lane, requests: Iterable[Request]) -> None:
        """Hands out the requests of one teacher until they or a cap end."""
        backend, budget = lane.backend, self.budget
        for request in requests:
            worst = budget.worst_case(backend, request)
            while (cap := budget.exceeded(worst)) or lane.running >= backend.in_flight:
                # What is in flight may turn out cheaper than it reserved, and leave room for this request.
                if cap and (cap != "usd" or not self.tasks):
                    self.stopped_by = self.stopped_by or cap
                    return
                await self._change()
            budget.requests += 1
            budget.reserve(worst)
            lane.running += 1
            self._start(self._work(lane, request, worst), self.tasks)
        lane.gate.more = False

    async def _work(self, lane: _Lane, request: Request, worst: float) -> None:
        try:
            completion = await self._ask(lane, request, worst)
            if completion is None:
                return
            await self.append(completion)
        finally:
            lane.running -= 1
        self.on_completion(request, completion)
        lane.count(completion)

    async def _ask(self, lane: _Lane, request: Request, worst: float) -> Completion | None:
        """The final completion of a request: all its attempts, within the teacher's deadline. None if none was made."""
        clock, attempts = asyncio.get_running_loop().time, lane.backend.settings.attempts
        left, counted, spent = lane.deadline, 0, 0.0
        completion: Completion | None = None
        while (began := await lane.gate.enter()) is not None:
            made = completion.attempts if completion else 0
            completion = await _attempt(lane, request, left)
            lane.gate.leave(began, completion.error if lane.backend.immediate else None)
            charged = charge(lane.backend, completion, worst)
            self.budget.settle(worst, charged)
            spent += charged
            completion = replace(completion, attempts=made + 1, usd=spent)
            if (error := completion.error) is None:
                return completion
            lane.check(error)
            counted += error.code not in ABSENT
            if error.error_class != "retryable" or counted == attempts:
                return completion
            # The gate waits for what a busy teacher asks for.
            pause = self.backoff.pause(completion.attempts, None if error.code == "rate_limit" else error.retry_after)
            left -= clock() - began + pause
            if left <= 0 or await self._stops_within(pause) or not self.budget.affords(worst):
                return completion
            self.budget.reserve(worst)
        self.budget.settle(worst, 0.0)
        return completion

    async def _stops_within(self, seconds: float) -> bool:
        """Waits so long, or less if everything is to stop; returns whether it is."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.stopping.wait()
        return self.stopping.is_set()

    async def _change(self) -> None:
        """Waits until a task ends."""
        await self.changed.wait()

    def _start(self, work: Coroutine[None, None, None], among: set[asyncio.Task[None]]) -> None:
        task = asyncio.create_task(work)
        among.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self.feeders.discard(task)
        self.tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            self.failures.append(error)
        # Whoever waits holds the old event; the next change is another one.
        self.changed.set()
        self.changed = asyncio.Event()

    def _failure(self) -> BaseException:
        # A full disk matters more than a teacher that refuses: nothing can be kept until it is mended.
        return min(self.failures, key=lambda error: isinstance(error, TeacherError))


async def _attempt(lane: _Lane, request: Request, seconds: float) -> Completion:
    """One attempt, cut off after so many seconds."""
    clock = asyncio.get_running_loop().time
    start = clock()
    try:
        async with asyncio.timeout(seconds):
            return await lane.backend.complete(request)
    except TimeoutError:
        error = CompletionError("retryable", "timeout", f"no answer within {lane.deadline:g} seconds")
        return Completion(request.request_id, latency=clock() - start, error=error)
