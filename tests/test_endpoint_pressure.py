"""How a server's queue decides how much it is given."""

from __future__ import annotations

import asyncio

import pytest
from stub_server import StubServer

from synthgen.backends.openai import OpenAIBackend
from synthgen.endpoint.pressure import Pressure, Queue, read_queue
from synthgen.recipe import TeacherSettings

METRICS = """# HELP vllm:num_requests_waiting Number of requests waiting to be processed.
# TYPE vllm:num_requests_waiting gauge
vllm:num_requests_waiting{{engine="0",model_name="stub"}} {0}.0
vllm:num_requests_waiting{{engine="1",model_name="stub"}} {0}.0
# TYPE vllm:num_requests_waiting_by_reason gauge
vllm:num_requests_waiting_by_reason{{engine="0",model_name="stub",reason="capacity"}} 1000.0
vllm:num_requests_running{{engine="0",model_name="stub"}} 7.0
"""


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr("synthgen.endpoint.pressure.POLL_SECONDS", 0.0)


def after(pressure: Pressure, *waiting: int) -> int:
    """The limit once a server was seen that is given as much as it says, and lets so many of these wait."""
    for number in waiting:
        pressure.see(Queue(max(0, pressure.limit - number), number), pressure.limit)
    return pressure.limit


@pytest.mark.parametrize(
    ("metrics", "expected"),
    [
        (METRICS.format(6), Queue(7, 12)),
        (METRICS.format(0), Queue(7, 0)),
        ("vllm:num_requests_waiting 3.0\n", Queue(0, 3)),
        ("vllm:num_requests_waiting NaN\n", None),
        ("vllm:num_requests_waiting +Inf\n", None),
        ("vllm:num_requests_waiting x\n", None),
        ("vllm:num_requests_waiting_by_reason 3.0\n", None),
        ("# vllm:num_requests_waiting 3.0\n", None),
        ("<html>", None),
        ("", None),
    ],
)
def test_the_queue_is_that_of_all_engines(metrics: str, expected: Queue | None) -> None:
    assert read_queue(metrics.encode()) == expected


def test_it_shrinks_while_requests_wait_and_grows_back_to_the_setting_and_no_further() -> None:
    pressure = Pressure(64, 64)
    assert after(pressure, 0) == 64
    assert after(pressure, 20) == 54
    assert after(pressure, 20, 20) == 34
    assert after(pressure, 0) == 38
    assert after(pressure, *[0] * 100) == 64


def test_a_long_queue_halves_it_and_no_queue_closes_it() -> None:
    assert after(Pressure(64, 64), 64) == 32
    assert after(Pressure(64, 64), *[64] * 100) == 4
    assert after(Pressure(1, 1), 64) == 1


def test_what_others_sent_is_not_ours_to_take_away() -> None:
    pressure = Pressure(64, 64)
    pressure.see(Queue(200, 240), 44)
    assert pressure.limit == 44 - 12


def test_without_a_setting_it_grows_as_long_as_the_queue_is_empty() -> None:
    assert after(Pressure(64, 512), *[0] * 3) == 160
    assert after(Pressure(64, 512), *[0] * 100) == 512


@pytest.mark.parametrize("clients", [1, 4])
def test_a_slow_engine_is_kept_full_without_a_long_queue(clients: int) -> None:
    """An engine that works on 200 requests, of which one in twenty ends between two looks, given too much at first."""
    bears, pressures = 200, [Pressure(512, 512) for _ in range(clients)]
    flights = [pressure.limit for pressure in pressures]
    fullness, queue = [], []
    for _ in range(400):
        total = sum(flights)
        running = min(bears, total)
        fullness.append(running / bears)
        queue.append(total - running)
        for index, pressure in enumerate(pressures):
            pressure.see(Queue(running, total - running), flights[index])
            left = flights[index] - round(running / 20 * flights[index] / total)
            flights[index] = max(left, pressure.limit)
    assert min(fullness) > 0.95
    assert sum(queue[-100:]) / 100 < 0.4 * bears


def test_the_backend_follows_the_queue_down_and_up_again() -> None:
    waiting = 100

    async def run() -> None:
        async with (
            StubServer(metrics=lambda: METRICS.format(waiting)) as stub,
            OpenAIBackend(TeacherSettings(backend="openai", model="stub", base_url=stub.url, in_flight=64)) as backend,
            asyncio.timeout(60),
        ):
            await until(stub, backend, 4)
            nonlocal waiting
            waiting = 0
            await until(stub, backend, 64)

    async def until(stub: StubServer, backend: OpenAIBackend, wanted: int) -> None:
        while backend.in_flight != wanted:
            stub.looked.clear()
            await stub.looked.wait()

    asyncio.run(run())


def test_a_server_without_such_metrics_is_asked_once() -> None:
    async def run() -> list[str]:
        async with StubServer() as stub:
            backend = OpenAIBackend(TeacherSettings(backend="openai", model="stub", base_url=stub.url))
            async with backend:
                await asyncio.gather(*backend._background)
                assert backend.in_flight == 64
            return [path for path, _ in stub.looks]

    assert asyncio.run(run()) == ["/metrics"]
