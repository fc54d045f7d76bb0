"""The way in to a teacher: how many attempts may run at once, and when none may begin.

A teacher that is too busy gets fewer attempts at once, one that is not there gets a single one now and then, so that a
bad hour costs time and not the requests of the run.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Callable

from synthgen.data import CompletionError
from synthgen.retry import Backoff

ABSENT = frozenset({"unreachable", "http_502", "http_503", "http_529", "rate_limit"})
"""Codes of errors that say that the teacher was busy or not there, and nothing about the request."""

ROW = 5
"""Failures in a row after which the gate closes."""


class Limit:
    """How many attempts at once a teacher bears: additive increase, multiplicative decrease (Chiu and Jain, 1989)."""

    def __init__(self) -> None:
        self._value = math.inf
        self._lowered = -math.inf

    def of(self, wanted: int) -> int:
        """`wanted`, or less if the teacher said that it was too much; at least 1."""
        return max(1, int(min(wanted, self._value)))

    def throttled(self, began: float, now: float, running: int) -> bool:
        """Halves what is running, if an attempt that `began` after the last halving is refused; says whether it did.

        The other attempts of a burst, which were sent before it was known to be one, change nothing.
        """
        if began < self._lowered:
            return False
        self._value = max(1.0, min(self._value, running) / 2)
        self._lowered = now
        return True

    def succeeded(self) -> None:
        """One more at once for each round of answers."""
        self._value += 1 / self._value


class Gate:
    """Lets attempts at one teacher through, in the order in which they come.

    `wanted` is how many the teacher wants at once, now. After ROW failures in a row the gate closes: one attempt at a
    time, each after a longer pause, until one succeeds. Failures that are not in ABSENT close it only while `more`
    requests are to come, which would otherwise be burnt. All times are the event loop's, in seconds.
    """

    def __init__(self, wanted: Callable[[], int], backoff: Backoff) -> None:
        self.more = True
        self.probes = 0
        """Attempts since the gate closed, all of them failed; 0 while it is open."""
        self.silent_since: float | None = None
        """When the first failure after the last answer was known; None where the last attempt to end succeeded."""
        self._wanted = wanted
        self._backoff = backoff
        self._limit = Limit()
        self._running = 0
        self._row = 0
        self._closed: float | None = None
        self._bursts = 0
        self._not_before = -math.inf
        self._waiting: deque[asyncio.Future[bool]] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._stopped = False

    async def enter(self) -> float | None:
        """Waits for an attempt's turn; the time at which it may begin, None where no more may. Then call `leave`."""
        if self._stopped:
            return None
        if not self._waiting and self._has_room(now := _now()):
            self._running += 1
            return now
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        self._admit()
        try:
            return _now() if await turn else None
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled() and turn.result():
                self._running -= 1
                self._admit()
            raise

    def leave(self, began: float, error: CompletionError | None) -> None:
        """An attempt that `began` then has ended so."""
        self._running -= 1
        if error is None or error.error_class != "retryable":
            self._limit.succeeded()
            self._row = self._bursts = self.probes = 0
            self._closed = self.silent_since = None
            self._not_before = -math.inf
        else:
            now = _now()
            if self.silent_since is None:
                self.silent_since = now
            if error.code == "rate_limit":
                self._slow_down(began, now, error.retry_after)
            else:
                self._count_failure(began, now, error)
        self._admit()

    def stop(self) -> None:
        """No attempt begins any more."""
        self._stopped = True
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(False)
        if self._timer:
            self._timer.cancel()

    def _slow_down(self, began: float, now: float, retry_after: float | None) -> None:
        if self._limit.throttled(began, now, self._running + 1):
            self._bursts += 1
            self._not_before = max(self._not_before, now + self._backoff.pause(self._bursts, retry_after))

    def _count_failure(self, began: float, now: float, error: CompletionError) -> None:
        self._row += 1
        if self._closed is None:
            if self._row < ROW or not (self.more or error.code in ABSENT):
                return
            self._closed = now
        elif began < self._closed:
            return
        else:
            self.probes += 1
        self._not_before = max(self._not_before, now + self._backoff.pause(self.probes + 1, error.retry_after))

    def _has_room(self, now: float) -> bool:
        capacity = 1 if self._closed is not None else self._limit.of(self._wanted())
        return self._running < capacity and now >= self._not_before

    def _admit(self) -> None:
        # One reading of the clock for both: between two of them a pause can end, and then nobody would be woken.
        now = _now()
        while self._waiting and self._has_room(now):
            turn = self._waiting.popleft()
            if not turn.done():
                self._running += 1
                turn.set_result(True)
        if self._timer:
            self._timer.cancel()
            self._timer = None
        if self._waiting and self._not_before > now:
            self._timer = asyncio.get_running_loop().call_at(self._not_before, self._admit)


def _now() -> float:
    return asyncio.get_running_loop().time()
