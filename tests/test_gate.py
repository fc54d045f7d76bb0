"""The way in to a teacher: turns, limits and pauses."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from synthgen.data import CompletionError
from synthgen.gate import ROW, Gate, Limit
from synthgen.retry import Backoff

AT_ONCE = Backoff(base=0.0)


def error(code: str, retry_after: float | None = None) -> CompletionError:
    return CompletionError("retryable", code, "told to fail", retry_after)


def in_loop(test: Callable[[], Awaitable[None]]) -> Callable[[], None]:
    def run() -> None:
        asyncio.run(test())  # type: ignore[arg-type]

    run.__name__ = test.__name__
    return run


async def entered(gate: Gate, times: int) -> list[float]:
    began = [await gate.enter() for _ in range(times)]
    assert None not in began
    return [moment for moment in began if moment is not None]


def test_a_limit_falls_once_a_burst_and_grows_by_one_a_round() -> None:
    limit = Limit()
    assert limit.of(64) == 64
    assert limit.throttled(began=0.0, now=1.0, running=64)
    assert not any(limit.throttled(began=moment / 100, now=2.0, running=60) for moment in range(100))
    assert limit.of(64) == 32
    assert limit.throttled(began=1.5, now=3.0, running=32)
    assert limit.of(64) == 16
    for _ in range(18):
        limit.succeeded()
    assert limit.of(64) == 17
    assert limit.of(8) == 8


def test_a_limit_never_falls_below_one() -> None:
    limit = Limit()
    for moment in range(20):
        limit.throttled(began=moment, now=moment, running=1)
    assert limit.of(64) == 1


@in_loop
async def test_turns_are_taken_in_order_and_no_more_than_wanted_at_once() -> None:
    gate, order, running = Gate(lambda: 3, AT_ONCE), list[int](), [0]

    async def visit(number: int) -> None:
        began = await gate.enter()
        assert began is not None
        order.append(number)
        running[0] += 1
        assert running[0] <= 3
        for _ in range(number % 4):
            await asyncio.sleep(0)
        running[0] -= 1
        gate.leave(began, None)

    await asyncio.gather(*(visit(number) for number in range(50)))
    assert order == list(range(50))


@in_loop
async def test_it_closes_after_failures_in_a_row_and_opens_with_the_first_answer() -> None:
    gate = Gate(lambda: 50, AT_ONCE)
    began = await entered(gate, ROW + 5)
    for moment in began[:ROW]:
        gate.leave(moment, error("http_500"))
    for moment in began[ROW:]:
        gate.leave(moment, error("http_500"))
    assert gate.probes == 0
    assert gate.silent_since is not None
    (probe,) = await entered(gate, 1)
    waiting = asyncio.create_task(gate.enter())
    await asyncio.sleep(0)
    assert not waiting.done()
    gate.leave(probe, error("http_500"))
    assert gate.probes == 1
    second = await waiting
    assert second is not None
    gate.leave(second, None)
    assert gate.probes == 0
    assert gate.silent_since is None
    await entered(gate, 50)


@pytest.mark.parametrize(("code", "closes"), [("http_500", False), ("unreachable", True)])
def test_with_nothing_more_to_come_only_absence_closes_it(code: str, closes: bool) -> None:
    async def run() -> None:
        gate = Gate(lambda: 50, AT_ONCE)
        gate.more = False
        for moment in await entered(gate, ROW):
            gate.leave(moment, error(code))
        await entered(gate, 1)
        second = asyncio.create_task(gate.enter())
        await asyncio.sleep(0)
        assert second.done() is not closes
        second.cancel()

    asyncio.run(run())


@in_loop
async def test_a_refusal_halves_what_runs_and_holds_the_next_back_as_long_as_was_asked() -> None:
    gate = Gate(lambda: 8, AT_ONCE)
    began = await entered(gate, 8)
    for moment in began:
        gate.leave(moment, error("rate_limit", retry_after=0.05))
    started = asyncio.get_running_loop().time()
    first = await entered(gate, 4)
    assert asyncio.get_running_loop().time() - started >= 0.05
    fifth = asyncio.create_task(gate.enter())
    await asyncio.sleep(0)
    assert not fifth.done()
    for turn in first:
        gate.leave(turn, None)
    assert await fifth is not None


@in_loop
async def test_stopped_it_lets_nobody_in_and_those_who_wait_go_home() -> None:
    gate = Gate(lambda: 1, AT_ONCE)
    await entered(gate, 1)
    waiting = asyncio.create_task(gate.enter())
    await asyncio.sleep(0)
    gate.stop()
    assert await waiting is None
    assert await gate.enter() is None


@in_loop
async def test_a_turn_that_is_cancelled_as_it_comes_goes_to_the_next() -> None:
    gate = Gate(lambda: 1, AT_ONCE)
    (began,) = await entered(gate, 1)
    first, second = asyncio.create_task(gate.enter()), asyncio.create_task(gate.enter())
    await asyncio.sleep(0)
    gate.leave(began, None)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    assert await second is not None


def test_it_holds_no_timer_when_the_loop_ends(recwarn: Any) -> None:
    async def run() -> None:
        gate = Gate(lambda: 1, Backoff(base=1e6, longest=1e6))
        for moment in await entered(gate, 1):
            gate.leave(moment, error("rate_limit", retry_after=1e6))
        waiting = asyncio.create_task(gate.enter())
        await asyncio.sleep(0)
        gate.stop()
        assert await waiting is None

    asyncio.run(run())
    assert not recwarn.list
