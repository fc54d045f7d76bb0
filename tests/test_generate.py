from __future__ import annotations

import asyncio
import itertools
import socket
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
import stub_server
from stub_server import Reply, Seen, StubServer, error

from synthgen.backends.base import Backend
from synthgen.backends.fake import FakeBackend, answer
from synthgen.backends.openai import OpenAIBackend
from synthgen.budget import Budget
from synthgen.data import Completion, CompletionError, ErrorClass, Extract, Request, Transformation
from synthgen.errors import BudgetError, StorageError, SynthgenError, TeacherError
from synthgen.generate import Generated, generate
from synthgen.recipe import BudgetSettings, TeacherSettings
from synthgen.retry import Backoff

AT_ONCE = Backoff(base=0.001, longest=0.002)
ENDLESS = Backoff(base=1e9, longest=1e9)
EXTRACT = Extract("d", 0, 4, "Give", 1)
TRANSFORMATION = Transformation("distill", 1, "text", "", "")


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


def request(number: int, teacher: str = "fake") -> Request:
    messages = [{"role": "user", "content": f"Case {number}."}]
    payload = {"model": "stub", "messages": messages, "max_tokens": 100}
    return Request(f"{number:064x}", EXTRACT, TRANSFORMATION, teacher, 0, payload)


def number_of(seen: Seen) -> int:
    return int(seen.payload["messages"][0]["content"].split()[1].rstrip("."))


def fake(script: Callable[[Request, int], Completion | Awaitable[Completion]], **fields: Any) -> FakeBackend:
    return FakeBackend(TeacherSettings(backend="fake", name="fake", **fields), script)


def served(url: str, **fields: Any) -> OpenAIBackend:
    return OpenAIBackend(TeacherSettings(backend="openai", model="stub", name="fake", base_url=url, **fields))


def failure(
    asked: Request,
    error_class: ErrorClass = "retryable",
    retry_after: float | None = None,
    code: str = "told",
) -> Completion:
    return Completion(asked.request_id, error=CompletionError(error_class, code, "told to fail", retry_after))


@dataclass
class Journal:
    """Where completions go in these tests."""

    completions: list[Completion] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    async def append(self, completion: Completion) -> None:
        await asyncio.sleep(0)
        self.completions.append(completion)

    def on_completion(self, asked: Request, completion: Completion) -> None:
        assert asked.request_id == completion.request_id
        assert completion in self.completions
        self.told.append(asked.request_id)

    @property
    def numbers(self) -> list[int]:
        return [int(completion.request_id, 16) for completion in self.completions]


def by_teacher(requests: Iterable[Request], teachers: Sequence[Backend]) -> dict[str, Iterable[Request]]:
    if len(teachers) == 1:
        return {teachers[0].settings.name: requests}
    planned = list(requests)
    names = [teacher.settings.name for teacher in teachers]
    return {name: [asked for asked in planned if asked.teacher == name] for name in names}


async def drive(
    requests: Iterable[Request],
    *teachers: Backend,
    journal: Journal | None = None,
    budget: Budget | None = None,
    backoff: Backoff = AT_ONCE,
    drain_seconds: float = 60.0,
) -> Generated:
    journal = journal or Journal()
    entered = [await teacher.__aenter__() for teacher in teachers]
    try:
        return await generate(
            by_teacher(requests, entered),
            {teacher.settings.name: teacher for teacher in entered},
            append=journal.append,
            budget=budget or Budget(BudgetSettings()),
            on_completion=journal.on_completion,
            backoff=backoff,
            drain_seconds=drain_seconds,
        )
    finally:
        for teacher in entered:
            await teacher.__aexit__(None, None, None)


UNRELIABLE = {
    0: (99, Reply(status=500)),
    1: (99, Reply(status=400, body=error("never"))),
    2: (1, Reply(status=503)),
    3: (1, Reply(status=429, headers={"Retry-After": "0"}, body=error("slow down"))),
    4: (1, Reply(cut="within")),
    5: (1, Reply(cut="before")),
    6: (2, Reply(body=b'{"choices": [{"mess')),
}
"""By the last digit of a request's number: at how many attempts it fails, and how."""


def unreliable(seen: Seen) -> Reply:
    number = number_of(seen)
    failures, reply = UNRELIABLE.get(number % 10, (0, Reply()))
    return reply if seen.attempt <= failures else Reply(text=f"answer {number}")


def test_every_request_ends_with_exactly_one_completion_whatever_the_server_does() -> None:
    journal = Journal()

    async def run() -> tuple[Generated, Counter[int]]:
        async with StubServer(unreliable) as stub:
            result = await drive(map(request, range(500)), served(stub.url, attempts=3, in_flight=100), journal=journal)
            return result, Counter(number_of(seen) for seen in stub.seen)

    result, sent = asyncio.run(run())
    assert result == Generated(answered=400, failed=100, stopped_by=None)
    assert sorted(journal.numbers) == list(range(500))
    assert sorted(journal.told) == sorted(completion.request_id for completion in journal.completions)
    for completion in journal.completions:
        number = int(completion.request_id, 16)
        assert completion.attempts == sent[number] == {0: 3, 2: 2, 3: 2, 4: 2, 5: 2, 6: 3}.get(number % 10, 1)
        assert completion.answered is (number % 10 > 1)
        assert completion.text == (f"answer {number}" if completion.answered else "")


def test_the_account_is_exact_against_a_server_in_another_process() -> None:
    journal = Journal()
    with stub_server.served("--failing-share", "0.2", "--rejected-share", "0.1") as url:
        result = asyncio.run(drive(map(request, range(300)), served(url, in_flight=128), journal=journal))
    assert sorted(journal.numbers) == list(range(300))
    assert result.answered + result.failed == 300
    assert {c.error.code for c in journal.completions if c.error} == {"http_400"}
    assert max(completion.attempts for completion in journal.completions) == 2
    texts = [completion.text for completion in journal.completions if completion.answered]
    assert len(set(texts)) == len(texts) == result.answered


def test_a_hung_request_ends_at_its_deadline_and_the_others_do_not_wait_for_it() -> None:
    journal = Journal()

    async def run() -> Generated:
        never = asyncio.Event()
        async with StubServer(lambda seen: Reply(until=never if number_of(seen) == 3 else None)) as stub:
            return await drive(map(request, range(10)), served(stub.url, deadline=2.0, in_flight=2), journal=journal)

    assert asyncio.run(run()) == Generated(answered=9, failed=1, stopped_by=None)
    (hung,) = (completion for completion in journal.completions if completion.error)
    assert hung.error is not None
    assert (hung.error.error_class, hung.error.code) == ("retryable", "timeout")
    assert not hung.settled
    assert journal.numbers[-1] == 3


def test_the_deadline_is_for_all_attempts_and_pauses_together() -> None:
    backend = fake(lambda asked, attempt: failure(asked, retry_after=1000.0), attempts=100)
    journal = Journal()
    assert asyncio.run(drive([request(0)], backend, journal=journal)).failed == 1
    assert journal.completions[0].attempts == 1


def test_a_rejected_request_is_not_asked_again_and_the_run_goes_on() -> None:
    backend = fake(lambda asked, attempt: failure(asked, "rejected") if asked == request(1) else answer(asked, "x"))
    assert asyncio.run(drive(map(request, range(3)), backend)) == Generated(answered=2, failed=1, stopped_by=None)
    assert backend.attempts[request(1).request_id] == 1


def test_a_refused_key_stops_the_run_at_once_and_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEACHER_KEY", "sk-sentinel-0123456789")
    journal = Journal()
    handed: list[int] = []

    async def run() -> int:
        async with StubServer(lambda seen: Reply(status=401, body=error("bad key sk-sentinel-0123456789"))) as stub:
            backend = served(stub.url, in_flight=8, api_key_env="TEACHER_KEY")
            with pytest.raises(TeacherError, match=r"teacher fake: .*bad key.*TEACHER_KEY.*resumes") as caught:
                await drive(counted(100_000, handed), backend, journal=journal)
            assert "sentinel" not in f"{caught.value!r} {journal!r}"
            return stub.requests

    assert asyncio.run(run()) <= 16
    assert len(handed) <= 17
    assert journal.completions


def test_requests_in_flight_end_before_a_fatal_error_is_raised() -> None:
    journal = Journal()

    async def run() -> None:
        refused = asyncio.Event()

        async def script(asked: Request, attempt: int) -> Completion:
            if asked == request(0):
                refused.set()
                return failure(asked, "fatal")
            await refused.wait()
            for _ in range(100):
                await asyncio.sleep(0)
            return answer(asked, "x")

        with pytest.raises(TeacherError):
            await drive(map(request, range(100)), fake(script, in_flight=5), journal=journal)

    asyncio.run(run())
    assert sorted(journal.numbers) == [0, 1, 2, 3, 4]


def test_a_server_that_is_not_there_is_told_before_the_plan_is_burnt() -> None:
    handed: list[int] = []
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        backend = served(f"http://127.0.0.1:{unused.getsockname()[1]}/v1", attempts=2, in_flight=4)
        with pytest.raises(TeacherError, match=r"answers nothing.*unreachable.*resumes"):
            asyncio.run(drive(counted(100_000, handed), backend))
    assert len(handed) <= 5


def test_a_teacher_that_has_answered_once_may_fail_for_long() -> None:
    backend = fake(lambda asked, attempt: answer(asked, "x") if asked == request(0) else failure(asked), attempts=1)
    assert asyncio.run(drive(map(request, range(200)), backend)) == Generated(1, 199, None)


def test_one_that_is_silent_longer_than_its_patience_stops_the_run() -> None:
    def script(asked: Request, attempt: int) -> Completion:
        return answer(asked, "x") if asked == request(0) else failure(asked, code="http_503")

    journal = Journal()
    with pytest.raises(TeacherError, match=r"has answered nothing for 0 seconds.*http_503.*resumes"):
        asyncio.run(drive(map(request, range(200)), fake(script, patience=0.01, in_flight=4), journal=journal))
    assert [completion.answered for completion in journal.completions].count(True) == 1


def test_an_outage_costs_time_and_no_request() -> None:
    """Every attempt between the tenth and the hundredth finds the teacher away."""
    attempts = itertools.count()

    def script(asked: Request, attempt: int) -> Completion:
        away = 10 <= next(attempts) < 100
        return failure(asked, code="unreachable") if away else answer(asked, "x")

    assert asyncio.run(drive(map(request, range(50)), fake(script, attempts=2, in_flight=4))) == Generated(50, 0, None)


def test_a_storm_of_refusals_costs_time_and_no_request() -> None:
    busy = [True]
    running: list[int] = [0]
    most_after_the_storm: list[int] = []

    async def script(asked: Request, attempt: int) -> Completion:
        running[0] += 1
        try:
            for _ in range(10):
                await asyncio.sleep(0)
            if sum(backend.attempts.values()) > 300:
                busy[0] = False
            if not busy[0]:
                most_after_the_storm.append(running[0])
                return answer(asked, "x")
            return failure(asked, retry_after=0.0, code="rate_limit")
        finally:
            running[0] -= 1

    backend = fake(script, attempts=2, in_flight=64)
    assert asyncio.run(drive(map(request, range(200)), backend)) == Generated(200, 0, None)
    assert most_after_the_storm[0] == 1
    assert max(most_after_the_storm) > 10


def test_leftovers_that_always_fail_do_not_stop_a_run_that_has_nothing_else_to_ask() -> None:
    backend = fake(lambda asked, attempt: failure(asked), attempts=3)
    assert asyncio.run(drive(map(request, range(16)), backend)) == Generated(0, 16, None)


def test_a_stalled_teacher_does_not_hold_back_the_others() -> None:
    release = asyncio.Event()
    answered: Counter[str] = Counter()

    async def script(asked: Request, attempt: int) -> Completion:
        if asked.teacher == "stalled":
            await release.wait()
        answered[asked.teacher] += 1
        if not release.is_set() and answered["quick"] == 500:
            assert answered["stalled"] == 0
            release.set()
        return answer(asked, "x")

    teachers = [
        FakeBackend(TeacherSettings(backend="fake", name=name, in_flight=2), script) for name in ("stalled", "quick")
    ]
    requests = [request(number, ("stalled", "quick")[number % 2]) for number in range(1000)]
    assert asyncio.run(drive(requests, *teachers)) == Generated(1000, 0, None)


def test_requests_are_handed_out_in_their_order() -> None:
    order: list[str] = []

    async def script(asked: Request, attempt: int) -> Completion:
        order.append(asked.request_id)
        for _ in range(int(asked.request_id, 16) % 7):
            await asyncio.sleep(0)
        return answer(asked, "x")

    asyncio.run(drive(map(request, range(300)), fake(script, in_flight=7)))
    assert order == [request(number).request_id for number in range(300)]


def counted(number: int, handed: list[int]) -> Iterator[Request]:
    for index in range(number):
        handed.append(index)
        yield request(index)


def test_no_more_requests_are_made_than_there_is_room_for() -> None:
    handed: list[int] = []
    journal = Journal()
    ahead: list[int] = []

    async def script(asked: Request, attempt: int) -> Completion:
        await asyncio.sleep(0)
        ahead.append(len(handed) - len(journal.completions))
        return answer(asked, "x")

    asyncio.run(drive(counted(1000, handed), fake(script, in_flight=10), journal=journal))
    assert max(ahead) <= 11
    assert len(handed) == 1000


def test_each_teacher_has_its_own_room() -> None:
    running: Counter[str] = Counter()
    most: Counter[str] = Counter()

    async def script(asked: Request, attempt: int) -> Completion:
        running[asked.teacher] += 1
        most[asked.teacher] = max(most[asked.teacher], running[asked.teacher])
        for _ in range(5):
            await asyncio.sleep(0)
        running[asked.teacher] -= 1
        return answer(asked, "x")

    teachers = [
        FakeBackend(TeacherSettings(backend="fake", name=name, in_flight=room), script)
        for name, room in [("a", 3), ("b", 9)]
    ]
    requests = [request(number, "ab"[number % 4 > 0]) for number in range(400)]
    assert asyncio.run(drive(requests, *teachers)).answered == 400
    assert most == {"a": 3, "b": 9}


def test_nothing_counts_before_it_is_in_the_journal() -> None:
    class Full(Journal):
        async def append(self, completion: Completion) -> None:
            if len(self.completions) == 5:
                raise StorageError("no space left", where="run", fix="make room")
            self.completions.append(completion)

    journal = Full()
    handed: list[int] = []
    with pytest.raises(StorageError, match="Make room"):
        asyncio.run(drive(counted(10_000, handed), fake(lambda asked, _: answer(asked, "x")), journal=journal))
    assert len(journal.told) == 5
    assert len(handed) < 100


def test_a_full_disk_does_not_wait_for_what_is_in_flight() -> None:
    class Full(Journal):
        async def append(self, completion: Completion) -> None:
            raise StorageError("no space left")

    async def run() -> bool:
        cancelled = asyncio.Event()

        async def script(asked: Request, attempt: int) -> Completion:
            if asked == request(0):
                return answer(asked, "x")
            try:
                await asyncio.Event().wait()
            finally:
                cancelled.set()
            raise AssertionError

        with pytest.raises(StorageError):
            await drive(map(request, range(2)), fake(script), journal=Full())
        return cancelled.is_set()

    assert asyncio.run(run())


def test_cancellation_hands_out_nothing_more_and_keeps_what_is_still_answered() -> None:
    journal = Journal()
    handed: list[int] = []

    async def run() -> None:
        full, released = asyncio.Event(), asyncio.Event()

        async def script(asked: Request, attempt: int) -> Completion:
            if asked == request(9):
                full.set()
            await released.wait()
            return answer(asked, "x")

        driving = asyncio.create_task(drive(counted(1000, handed), fake(script, in_flight=10), journal=journal))
        await full.wait()
        driving.cancel()
        await asyncio.sleep(0)
        assert not driving.done()
        released.set()
        with pytest.raises(asyncio.CancelledError):
            await driving

    asyncio.run(run())
    assert sorted(journal.numbers) == list(range(10))
    assert len(handed) == 11


def test_cancellation_does_not_wait_for_retries() -> None:
    journal = Journal()

    async def run() -> None:
        asked_once = asyncio.Event()

        def script(asked: Request, attempt: int) -> Completion:
            asked_once.set()
            return failure(asked)

        backend = fake(script, deadline=1e12)
        driving = asyncio.create_task(drive([request(0)], backend, journal=journal, backoff=ENDLESS))
        await asked_once.wait()
        driving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await driving

    asyncio.run(run())
    assert [(completion.attempts, completion.settled) for completion in journal.completions] == [(1, False)]


@pytest.mark.parametrize("again", [True, False])
def test_a_second_cancellation_or_the_end_of_the_grace_period_stops_at_once(again: bool) -> None:
    journal = Journal()

    async def run() -> None:
        started = asyncio.Event()

        async def script(asked: Request, attempt: int) -> Completion:
            started.set()
            await asyncio.Event().wait()
            raise AssertionError

        driving = asyncio.create_task(
            drive(map(request, range(5)), fake(script), journal=journal, drain_seconds=1e6 if again else 0.001)
        )
        await started.wait()
        driving.cancel()
        if again:
            await asyncio.sleep(0)
            driving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await driving
        assert len(asyncio.all_tasks()) == 1

    asyncio.run(run())
    assert journal.completions == []


def test_a_full_disk_during_the_grace_period_is_told() -> None:
    class Full(Journal):
        async def append(self, completion: Completion) -> None:
            raise StorageError("no space left")

    async def run() -> None:
        started, released = asyncio.Event(), asyncio.Event()

        async def script(asked: Request, attempt: int) -> Completion:
            started.set()
            await released.wait()
            return answer(asked, "x")

        driving = asyncio.create_task(drive([request(0)], fake(script), journal=Full()))
        await started.wait()
        driving.cancel()
        released.set()
        with pytest.raises(StorageError):
            await driving

    asyncio.run(run())


def test_the_request_budget_stops_the_run_cleanly() -> None:
    budget = Budget(BudgetSettings(requests=30), requests=10)
    journal = Journal()
    result = asyncio.run(
        drive(map(request, range(100)), fake(lambda asked, _: answer(asked, "x")), journal=journal, budget=budget)
    )
    assert result == Generated(answered=20, failed=0, stopped_by="requests")
    assert sorted(journal.numbers) == list(range(20))
    assert budget.requests == 30


def test_the_hour_budget_stops_the_run_cleanly() -> None:
    now = [0.0]

    def script(asked: Request, attempt: int) -> Completion:
        now[0] += 600
        return answer(asked, "x")

    budget = Budget(BudgetSettings(hours=1), clock=lambda: now[0])
    result = asyncio.run(drive(map(request, range(100)), fake(script, in_flight=1), budget=budget))
    assert result == Generated(answered=6, failed=0, stopped_by="hours")


PRICES = {"price_input": 1.0, "price_output": 100.0}
WORST = (100 * 1.0 + 100 * 100.0) / 1e6


def test_the_dollar_budget_is_never_exceeded_counting_what_is_in_flight() -> None:
    budget = Budget(BudgetSettings(usd=20.5 * WORST))
    running: list[float] = []

    async def script(asked: Request, attempt: int) -> Completion:
        running.append(budget.usd + budget.reserved)
        await asyncio.sleep(0)
        return answer(asked, "x" * 400)

    result = asyncio.run(drive(map(request, range(1000)), fake(script, in_flight=64, **PRICES), budget=budget))
    assert result.stopped_by == "usd"
    assert max(running) <= 20.5 * WORST
    assert budget.usd <= 20.5 * WORST
    assert budget.reserved == pytest.approx(0)
    assert result.answered == 20


def test_a_dollar_budget_is_used_up_when_answers_are_cheaper_than_reserved() -> None:
    budget = Budget(BudgetSettings(usd=10.5 * WORST))

    async def script(asked: Request, attempt: int) -> Completion:
        await asyncio.sleep(0)
        return answer(asked, "x" * 40)

    result = asyncio.run(drive(map(request, range(10_000)), fake(script, in_flight=64, **PRICES), budget=budget))
    assert result.stopped_by == "usd"
    assert 90 < result.answered < 105
    assert 9.4 * WORST < budget.usd <= 10.5 * WORST


def test_lost_answers_are_counted_at_their_worst_and_retried_within_the_budget_only() -> None:
    def script(asked: Request, attempt: int) -> Completion:
        return Completion(asked.request_id, error=CompletionError("retryable", "disconnected", "lost"))

    budget = Budget(BudgetSettings(usd=2.5 * WORST))
    journal = Journal()
    result = asyncio.run(drive([request(0)], fake(script, attempts=6, **PRICES), budget=budget, journal=journal))
    assert result.failed == 1
    assert journal.completions[0].attempts == 2
    assert budget.usd == pytest.approx(2 * WORST, rel=0.01)
    assert journal.completions[0].usd == budget.usd


def test_a_budget_that_cannot_be_kept_is_refused_before_anything_is_sent() -> None:
    async def run() -> int:
        async with StubServer() as stub:
            with pytest.raises(BudgetError, match="price_input"):
                await drive([request(0)], served(stub.url), budget=Budget(BudgetSettings(usd=1.0)))
            return stub.requests

    assert asyncio.run(run()) == 0


def test_a_request_whose_cost_has_no_limit_stops_the_run_after_what_is_in_flight() -> None:
    journal = Journal()

    async def script(asked: Request, attempt: int) -> Completion:
        await asyncio.sleep(0)
        return answer(asked, "x")

    requests = [request(0), request(1), replace(request(2), payload={"messages": []})]
    with pytest.raises(BudgetError, match="max_tokens"):
        asyncio.run(drive(requests, fake(script, **PRICES), journal=journal, budget=Budget(BudgetSettings(usd=1.0))))
    assert sorted(journal.numbers) == [0, 1]


def test_an_error_in_the_callback_stops_the_run() -> None:
    class Broken(Journal):
        def on_completion(self, asked: Request, completion: Completion) -> None:
            raise SynthgenError("broken")

    with pytest.raises(SynthgenError, match="broken"):
        asyncio.run(drive(map(request, range(1000)), fake(lambda asked, _: answer(asked, "x")), journal=Broken()))


def test_no_request_is_no_work() -> None:
    assert asyncio.run(drive([], fake(lambda asked, _: answer(asked, "x")))) == Generated(0, 0, None)
