"""Several servers that are one teacher: who gets which extract, and what happens when one of them falls away."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from typing import Any, cast

import pytest
from stub_server import Reply, Script, StubServer, error

from synthgen.backends.openai import OpenAIBackend
from synthgen.data import Completion, Extract, Request, Transformation
from synthgen.endpoint.replicas import Replica, in_order
from synthgen.endpoint.server import Server
from synthgen.recipe import TeacherSettings

TEXTS = [f"Extract {number}." for number in range(600)]
TRANSFORMATION = Transformation("distill", 1, "text", "", "")
UNUSED = "http://127.0.0.1:9/v1"


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


class Named:
    """A server as far as its replica asks, which is well when it is told to be, and says how often it was asked."""

    def __init__(self, address: str, well: Sequence[bool] = ()) -> None:
        self.address = address
        self.well = list(well)
        self.idle = asyncio.Event()

    async def is_well(self) -> bool:
        if not self.well:
            self.idle.set()
            await asyncio.Event().wait()
        return self.well.pop(0)


def replicas(*addresses: str) -> list[Replica]:
    return [Replica(cast(Server, Named(address))) for address in addresses]


def first_of(among: Sequence[Replica]) -> dict[str, str]:
    return {text: in_order(among, text)[0].server.address for text in TEXTS}


def test_extracts_are_spread_evenly_whatever_the_order_of_the_addresses() -> None:
    shares = Counter(first_of(replicas("a", "b", "c")).values())
    assert all(150 < count < 250 for count in shares.values())
    assert first_of(replicas("a", "b", "c")) == first_of(replicas("c", "a", "b"))


def test_where_a_replica_falls_away_only_its_own_extracts_move_and_to_all_others() -> None:
    three = replicas("a", "b", "c")
    before = first_of(three)
    three[0].failed()
    after = first_of(three)
    moved = {text for text in TEXTS if before[text] != after[text]}
    assert moved == {text for text in TEXTS if before[text] == "a"}
    assert min(Counter(after[text] for text in moved).values()) > len(moved) // 3


def test_where_none_is_up_the_first_is_still_asked() -> None:
    two = replicas("a", "b")
    before = first_of(two)
    for replica in two:
        replica.failed()
    assert first_of(two) == before
    assert all(len(in_order(two, text)) == 1 for text in TEXTS)


def test_a_single_one_is_always_asked() -> None:
    one = replicas("a")
    one[0].failed()
    assert in_order(one, "x") == one


def test_a_replica_that_is_down_is_looked_at_after_growing_pauses_until_it_is_well(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pauses: list[float] = []
    turn = asyncio.sleep

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)
        await turn(0)

    async def run() -> None:
        server = Named("a", [False] * 6 + [True, True])
        replica = Replica(cast(Server, server))
        watch = asyncio.create_task(replica.look_again())
        for _ in range(2):
            replica.failed()
            while replica.down.is_set():
                await turn(0)
        replica.answered()
        replica.failed()
        await server.idle.wait()
        watch.cancel()

    monkeypatch.setattr("synthgen.endpoint.replicas.asyncio.sleep", sleep)
    asyncio.run(run())
    assert pauses == [1, 2, 4, 8, 16, 30, 30, 30, 1]


def request(number: int, extract: int | None = None) -> Request:
    text = TEXTS[number if extract is None else extract]
    payload = {"model": "stub", "messages": [{"role": "user", "content": f"Case {number}."}]}
    return Request(f"{number:064x}", Extract("d", 0, 9, text, 20), TRANSFORMATION, "t", 0, payload)


def teacher(*urls: str, **fields: Any) -> OpenAIBackend:
    return OpenAIBackend(TeacherSettings(backend="openai", model="stub", base_url=list(urls), **fields))


def asked(stub: StubServer) -> set[int]:
    return {int(seen.payload["messages"][0]["content"].split()[1].rstrip(".")) for seen in stub.seen}


def among_two(
    check: Callable[[StubServer, StubServer, OpenAIBackend], Any], first: Script = lambda seen: Reply()
) -> None:
    """Runs `check` on two servers, of which the first follows its script, and the teacher that they are."""

    async def run() -> None:
        async with AsyncExitStack() as stack:
            here = await stack.enter_async_context(StubServer(first))
            there = await stack.enter_async_context(StubServer())
            backend = await stack.enter_async_context(teacher(here.url, there.url))
            await stack.enter_async_context(asyncio.timeout(60))
            await check(here, there, backend)

    asyncio.run(run())


def test_all_requests_of_an_extract_go_to_one_replica() -> None:
    async def check(here: StubServer, there: StubServer, backend: OpenAIBackend) -> None:
        await asyncio.gather(*(backend.complete(request(number, number // 4)) for number in range(200)))
        assert here.seen
        assert there.seen
        assert not {number // 4 for number in asked(here)} & {number // 4 for number in asked(there)}

    among_two(check)


def test_what_cannot_have_been_sent_moves_within_the_attempt() -> None:
    async def run() -> list[Completion]:
        async with StubServer() as stub, teacher(UNUSED, stub.url) as backend:
            return [await backend.complete(request(number)) for number in range(20)]

    assert all(result.answered for result in asyncio.run(run()))


def test_where_no_replica_is_there_the_error_says_so() -> None:
    async def run() -> list[Completion]:
        async with teacher(UNUSED, "http://127.0.0.1:1/v1") as backend:
            return [await backend.complete(request(number)) for number in range(3)]

    assert {result.error and result.error.code for result in asyncio.run(run())} == {"unreachable"}


@pytest.mark.parametrize(
    ("reply", "code"),
    [(Reply(cut="before"), "disconnected"), (Reply(status=500, body=error()), "http_500")],
)
def test_what_may_have_been_sent_is_an_error_and_the_next_attempt_goes_elsewhere(reply: Reply, code: str) -> None:
    async def check(here: StubServer, there: StubServer, backend: OpenAIBackend) -> None:
        number = 0
        while (result := await backend.complete(request(number))).answered:
            number += 1
        assert result.error is not None
        assert (result.error.error_class, result.error.code) == ("retryable", code)
        assert (await backend.complete(request(number))).answered
        assert here.requests == 1
        assert number in asked(there)

    among_two(check, lambda seen: reply)


def test_a_request_that_is_refused_says_nothing_against_the_replica() -> None:
    async def check(here: StubServer, there: StubServer, backend: OpenAIBackend) -> None:
        results = [await backend.complete(request(number)) for number in range(40)]
        assert sum(not result.answered for result in results) == here.requests > 5

    among_two(check, lambda seen: Reply(status=400, body=error()))


def test_a_replica_that_comes_back_gets_its_extracts_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("synthgen.endpoint.replicas.FIRST_REST", 0.001)

    async def check(here: StubServer, there: StubServer, backend: OpenAIBackend) -> None:
        number = 0
        while (await backend.complete(request(number))).answered:
            number += 1
        here.script = lambda seen: Reply()
        before = here.requests
        while here.requests == before:
            await backend.complete(request(number))
        assert "/health" in {path for path, _ in here.looks}

    among_two(check, lambda seen: Reply(status=503, body=error()))


def test_nothing_is_left_running_when_the_teacher_is_left() -> None:
    async def run() -> set[asyncio.Task[Any]]:
        async with StubServer() as stub:
            async with teacher(stub.url, UNUSED) as backend:
                await backend.complete(request(0))
            return asyncio.all_tasks() - {cast("asyncio.Task[Any]", asyncio.current_task())}

    left = asyncio.run(run())
    assert not [task for task in left if "look_again" in repr(task) or "follow" in repr(task)]


def test_a_teacher_of_two_servers_takes_twice_as_much() -> None:
    assert teacher(UNUSED, "http://b/v1").in_flight == 2 * teacher(UNUSED).in_flight
    assert teacher(UNUSED, "http://b/v1", in_flight=7).in_flight == 7
