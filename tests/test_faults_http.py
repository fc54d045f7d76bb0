"""What can go wrong between a run and its servers: a fault a row, each with the promise that is kept.

All rows go through `generate`, the `openai` backend and a journal on the disk. Servers repeat the key in their errors.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from stub_server import Reply, Seen, StubServer, completion, error

from synthgen.backends.openai import OpenAIBackend
from synthgen.budget import Budget
from synthgen.cost import cost, worst_case
from synthgen.data import Completion, Extract, Request, Transformation, Usage
from synthgen.errors import TeacherError
from synthgen.generate import generate
from synthgen.recipe import BudgetSettings, TeacherSettings
from synthgen.retry import Backoff
from synthgen.storage.index import JournalIndex
from synthgen.storage.journal import JournalWriter

KEY = "sk-sentinel-0123456789abcdef"
SAID = error(f"this is about {KEY}")
REQUESTS = 24
ALWAYS = 10**6
TRANSFORMATION = Transformation("distill", 1, "text", "", "")
HALF = json.dumps(completion()).encode()[:-40]
STUB_USAGE = Usage(100, 10, 40)


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("TEACHER_KEY", KEY)
    monkeypatch.setattr("synthgen.retry.LONGEST_RETRY_AFTER", 0.01)


@dataclass(frozen=True)
class Row:
    """Every fourth request gets `reply` at its first `times` attempts.

    `ends` is the code of the error that it ends with, None for an answer. `paid` says whether each of these attempts
    counts at the most that it can have cost, because its answer may have been lost on the way.
    """

    fault: str
    reply: Reply
    promise: str
    times: int = ALWAYS
    ends: str | None = None
    paid: bool = False
    settings: dict[str, Any] = field(default_factory=dict)


def busy(fault: str, retry_after: str) -> Row:
    """A storm of 429, longer than there are attempts."""
    reply = Reply(status=429, headers={"Retry-After": retry_after}, body=SAID)
    return Row(f"429 storm, {fault}", reply, "waited out, at no attempt's cost", times=4, settings={"attempts": 2})


ROWS = [
    Row(
        "hung request",
        Reply(until=asyncio.Event()),
        "ends at its deadline",
        ends="timeout",
        paid=True,
        times=1,
        settings={"deadline": 2.0},
    ),
    Row(
        "slow drip",
        Reply(drip=0.05),
        "ends at its deadline",
        ends="timeout",
        paid=True,
        times=1,
        settings={"deadline": 2.0},
    ),
    Row("cut connection", Reply(cut="within"), "asked again", times=1, paid=True),
    Row("answer lost after processing", Reply(cut="before"), "asked again, paid twice", times=1, paid=True),
    Row("truncated JSON", Reply(body=HALF), "asked again", times=1, paid=True),
    Row("never whole", Reply(body=HALF), "given up after its attempts", times=2, ends="bad_answer", paid=True),
    busy("Retry-After 0", "0"),
    busy("Retry-After 10^9", "1000000000"),
    busy("Retry-After a date", "Fri, 31 Dec 2100 23:59:59 GMT"),
    busy("Retry-After a past date", "Fri, 31 Dec 1999 23:59:59 GMT"),
    busy("Retry-After garbage", "in a while"),
    Row("400", Reply(status=400, body=SAID), "set aside for good, and not asked again", times=1, ends="http_400"),
    Row("500 then 200", Reply(status=500, body=SAID), "asked again", times=1),
    Row("always 500", Reply(status=500, body=SAID), "given up after its attempts", times=2, ends="http_500"),
    Row("given up", Reply(finish_reason="abort"), "asked again", times=1),
]


def request(number: int) -> Request:
    payload = {"model": "stub", "messages": [{"role": "user", "content": f"Case {number}."}], "max_tokens": 100}
    return Request(f"{number:064x}", Extract("d", 0, 9, f"Extract {number}.", 20), TRANSFORMATION, "t", 0, payload)


def number_of(seen: Seen) -> int:
    return int(seen.payload["messages"][0]["content"].split()[1].rstrip("."))


def is_hit(number: int) -> bool:
    return number % 4 == 1


def teacher(*urls: str, **fields: Any) -> OpenAIBackend:
    fields = {"in_flight": 8, "attempts": 2, **fields}
    settings = TeacherSettings(
        backend="openai",
        model="stub",
        name="t",
        base_url=list(urls),
        api_key_env="TEACHER_KEY",
        price_input=100.0,
        price_output=200.0,
        **fields,
    )
    return OpenAIBackend(settings)


async def drive(
    backend: OpenAIBackend, folder: Path, on_completion: Callable[[Request, Completion], None] = lambda *ended: None
) -> None:
    async with backend, JournalWriter(folder) as journal:
        await generate(
            {"t": map(request, range(REQUESTS))},
            {"t": backend},
            append=journal.append,
            budget=Budget(BudgetSettings(usd=1000.0)),
            on_completion=on_completion,
            backoff=Backoff(base=0.001, longest=0.01),
        )


def journalled(folder: Path) -> dict[int, Completion]:
    """The completions in the journal by number, none of which stands there twice, and none with the key."""
    index = JournalIndex.load(folder)
    found = {number: index.get(f"{number:064x}") for number in range(REQUESTS)}
    completions = {number: completion for number, completion in found.items() if completion is not None}
    assert index.usd == pytest.approx(sum(completion.usd for completion in completions.values()))
    assert KEY[:8] not in repr(completions)
    assert all(KEY.encode() not in path.read_bytes() for path in folder.iterdir())
    return completions


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.fault}: {row.promise}")
def test_a_fault_costs_no_more_than_it_must(row: Row, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    def script(seen: Seen) -> Reply:
        return row.reply if is_hit(number_of(seen)) and seen.attempt <= row.times else Reply()

    async def run() -> tuple[Counter[int], OpenAIBackend]:
        async with StubServer(script) as stub:
            backend = teacher(stub.url, **row.settings)
            await drive(backend, tmp_path)
            return Counter(number_of(seen) for seen in stub.seen), backend

    asked, backend = asyncio.run(run())
    ended = journalled(tmp_path)
    codes = {number: completion.error and completion.error.code for number, completion in ended.items()}
    assert codes == {number: row.ends if is_hit(number) else None for number in range(REQUESTS)}
    assert {ended[number].settled for number in range(REQUESTS) if is_hit(number)} == {row.ends in (None, "http_400")}
    for number in range(REQUESTS):
        faults = row.times if is_hit(number) else 0
        answers = 0 if is_hit(number) and row.ends else 1
        assert asked[number] == ended[number].attempts == faults + answers
        assert ended[number].usd == pytest.approx(charged(backend, number, faults, row) + answers * usual(backend))
    assert KEY not in caplog.text


def usual(backend: OpenAIBackend) -> float:
    return cost(backend, STUB_USAGE) or 0.0


def charged(backend: OpenAIBackend, number: int, faults: int, row: Row) -> float:
    """What failed attempts must have been charged: nothing, their usage where it came, or the most they may cost."""
    if row.reply.finish_reason == "abort":
        return faults * usual(backend)
    return faults * (worst_case(backend, request(number).payload) or 0.0) if row.paid else 0.0


@pytest.mark.parametrize(
    ("reply", "advice"),
    [
        (Reply(status=401, body=SAID), "check the key in TEACHER_KEY"),
        (Reply(status=403, body=SAID), "check the key in TEACHER_KEY"),
        (Reply(status=404, body=SAID), "check model and base_url"),
        (Reply(status=429, body=error(f"{KEY} is broke", "insufficient_quota")), "check the balance"),
        (Reply(status=307, headers={"Location": "http://127.0.0.1:9/v1/chat/completions"}), "set base_url"),
    ],
    ids=["401", "403", "404", "no quota", "redirect"],
)
def test_a_refusal_of_the_teacher_stops_the_run_before_more_is_asked(
    reply: Reply, advice: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    async def run() -> str:
        async with StubServer(lambda seen: reply) as stub:
            with pytest.raises(TeacherError, match=advice) as caught:
                await drive(teacher(stub.url), tmp_path)
            assert stub.requests <= 8
            return str(caught.value)

    assert KEY[:8] not in asyncio.run(run()) + caplog.text
    assert not any(completion.settled for completion in journalled(tmp_path).values())


def test_a_server_that_dies_and_comes_back_is_waited_for_and_every_request_is_answered_once(tmp_path: Path) -> None:
    asyncio.run(die(tmp_path, replicas=1))


def test_the_work_of_a_replica_that_dies_moves_to_the_other_and_every_request_is_answered_once(tmp_path: Path) -> None:
    asyncio.run(die(tmp_path, replicas=2))


async def die(folder: Path, replicas: int) -> None:
    """A run whose first server dies in the middle of it and, if it is the only one, comes back once it is missed."""
    dies, missed = asyncio.Event(), asyncio.Event()

    class Watched(OpenAIBackend):
        async def complete(self, asked: Request) -> Completion:
            result = await super().complete(asked)
            if result.error is not None and result.error.code == "unreachable":
                missed.set()
            return result

    def on_completion(asked: Request, ended: Completion) -> None:
        answered.append(ended.request_id)
        if len(answered) == REQUESTS // 3:
            dies.set()

    def script(seen: Seen) -> Reply:
        # Some requests are in its hands when it dies.
        return Reply(until=asyncio.Event()) if seen.index % 4 == 3 else Reply()

    answered: list[str] = []
    first, others = StubServer(script), [StubServer() for _ in range(replicas - 1)]
    servers = [await server.__aenter__() for server in (first, *others)]
    backend = Watched(teacher(*(server.url for server in servers)).settings)
    running = asyncio.create_task(drive(backend, folder, on_completion))
    await dies.wait()
    await first.__aexit__()
    if replicas == 1:
        await missed.wait()
        servers[0] = await StubServer(port=int(first.url.split(":")[2].split("/")[0])).__aenter__()
    await running
    for server in servers:
        await server.__aexit__()
    assert first.requests
    assert missed.is_set() == (replicas == 1)
    assert sorted(answered) == [f"{number:064x}" for number in range(REQUESTS)]
    assert all(completion.answered for completion in journalled(folder).values())
    assert len(journalled(folder)) == REQUESTS


def test_faults_of_many_kinds_at_once_leave_no_request_out(tmp_path: Path) -> None:
    replies = [row.reply for row in ROWS if row.times == 1 and row.ends is None]

    def script(seen: Seen) -> Reply:
        number = number_of(seen)
        return replies[number // 2 % len(replies)] if number % 2 and seen.attempt <= 2 else Reply()

    async def run() -> None:
        async with StubServer(script) as here, StubServer(script) as there:
            await drive(teacher(here.url, there.url, attempts=6), tmp_path)

    asyncio.run(run())
    assert sum(completion.answered for completion in journalled(tmp_path).values()) == REQUESTS
