"""Requests through a provider's batch API: files, answers in any order, faults of every kind."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from stub_batches import Bought, Line, Outcome, Script, StubBatches, all_answered, answered, expired, failed
from stub_server import error as error_body

from synthgen.backends import make_backend
from synthgen.backends.openai_batch import OpenAIBatchBackend
from synthgen.cost import cost
from synthgen.data import Completion, Extract, Request, Transformation, Usage
from synthgen.errors import RecipeError, SynthgenError, TeacherError
from synthgen.recipe import TeacherSettings

SECRET = "sk-sentinel-7b1d4c"
POLL = 0.03
ASK = Transformation(name="ask", version=1, kind="text", summary="", instruction="Ask.")


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("STUB_KEY", SECRET)


def request(number: int, text: str = "") -> Request:
    extract = Extract(doc_id="d", start=0, end=4, text=text or f"text {number}", tokens=1)
    messages = [{"role": "user", "content": f"Extract: {extract.text}"}]
    return Request(f"{number:064x}", extract, ASK, "batch", 0, {"model": "stub", "messages": messages})


def backend(url: str, folder: Path, **changes: Any) -> OpenAIBatchBackend:
    options = {"poll_seconds": POLL, **changes.pop("options", {})}
    settings = {"model": "stub", "base_url": url, "api_key_env": "STUB_KEY", "attempts": 3, **changes}
    made = make_backend(TeacherSettings(backend="openai-batch", options=options, **settings))
    assert isinstance(made, OpenAIBatchBackend)
    made.keep_in(folder)
    return made


async def ask(teacher: OpenAIBatchBackend, requests: Sequence[Request]) -> list[Completion]:
    return await asyncio.gather(*(teacher.complete(one) for one in requests))


def through(
    folder: Path, script: Script = all_answered, *rounds: Sequence[Request], **changes: Any
) -> tuple[list[list[Completion]], StubBatches]:
    """What a teacher answers to rounds of requests, all in one process."""
    stub = StubBatches(script, **({"hook": changes.pop("hook")} if "hook" in changes else {}))

    async def work() -> list[list[Completion]]:
        async with stub, backend(stub.url, folder, **changes) as teacher:
            return [await ask(teacher, requests) for requests in rounds]

    return asyncio.run(work()), stub


def code(completion: Completion) -> tuple[str, str] | None:
    error = completion.error
    return None if error is None else (error.error_class, error.code)


TEN = [request(number) for number in range(10)]


def test_answers_in_any_order_go_to_their_requests(tmp_path: Path) -> None:
    [completions], stub = through(tmp_path, all_answered, TEN)
    assert [one.request_id for one in completions] == [one.request_id for one in TEN]
    assert all(one.answered and one.finish_reason == "stop" for one in completions)
    for asked, got in zip(TEN, completions, strict=True):
        assert asked.extract.text.split()[-1] in got.text.split()
    assert completions[0].usage == Usage(100, 10, 40)
    [bought] = stub.bought
    assert bought.lines[3] == {
        "custom_id": TEN[3].request_id,
        "method": "POST",
        "url": "/v1/chat/completions",
        "body": TEN[3].payload,
    }
    assert stub.keys == {f"Bearer {SECRET}"}


def test_a_file_holds_so_many_requests_and_no_more(tmp_path: Path) -> None:
    [completions], stub = through(tmp_path, all_answered, TEN, options={"max_requests": 4})
    assert all(one.answered for one in completions)
    assert sorted(len(bought.lines) for bought in stub.bought) == [2, 4, 4]
    assert set(stub.purchases.values()) == {1}


def test_a_file_has_so_many_bytes_and_no_more(tmp_path: Path) -> None:
    long = [request(number, "x" * 300) for number in range(10)]
    [completions], stub = through(tmp_path, all_answered, long, options={"max_megabytes": 0.0015})
    assert all(one.answered for one in completions)
    assert len(stub.uploads) > 2
    assert max(map(len, stub.uploads)) <= 1500


def test_a_request_that_fits_no_file_or_no_encoding_is_rejected(tmp_path: Path) -> None:
    odd = [request(0), request(1, "x" * 900), request(2, "\ud800")]
    [completions], stub = through(tmp_path, all_answered, odd, options={"max_megabytes": 0.0005})
    assert [code(one) for one in completions] == [None, ("rejected", "too_large"), ("rejected", "unsendable")]
    assert len(stub.purchases) == 1


def test_a_full_file_is_sent_at_once_and_the_last_one_when_no_more_requests_come(tmp_path: Path) -> None:
    sent = asyncio.Event()

    async def hook(step: str) -> None:
        if step == "created":
            sent.set()

    async def work() -> None:
        async with StubBatches(hook=hook) as stub, backend(stub.url, tmp_path, options={"max_requests": 4}) as teacher:
            asked = [asyncio.create_task(teacher.complete(one)) for one in TEN[:4]]
            await sent.wait()
            rest = [asyncio.create_task(teacher.complete(one)) for one in TEN[4:6]]
            await asyncio.gather(*asked, *rest)
            assert [len(bought.lines) for bought in stub.bought] == [4, 2]

    asyncio.run(work())


def test_each_fault_of_a_line_is_told_apart(tmp_path: Path) -> None:
    def script(bought: Bought) -> Outcome:
        lines: list[Line | bytes] = [answered(line) for line in bought.lines[:1]]
        lines.append(answered(bought.lines[1], "cut", finish_reason="length"))
        lines.append(answered(bought.lines[2], "", refusal="I cannot."))
        lines.append({**answered(bought.lines[3]), "response": {"status_code": 200, "body": {"choices": []}}})
        errors = [failed(line, status) for line, status in zip(bought.lines[4:7], (429, 500, 400), strict=True)]
        errors.append(failed(bought.lines[7], 400, code="context_length_exceeded"))
        return Outcome(output=lines, errors=[*errors, expired(bought.lines[8])], status="expired")

    [completions], _ = through(tmp_path, script, TEN)
    assert [one.finish_reason for one in completions[:3]] == ["stop", "length", "refusal"]
    assert [code(one) for one in completions[3:]] == [
        ("retryable", "bad_answer"),
        ("retryable", "rate_limit"),
        ("retryable", "http_500"),
        ("rejected", "http_400"),
        ("rejected", "context_length"),
        ("retryable", "batch_expired"),
        ("retryable", "batch_expired"),
    ]


def test_missing_repeated_and_unknown_lines(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    def script(bought: Bought) -> Outcome:
        first, second, _, *rest = [answered(line) for line in bought.lines]
        again = answered(bought.lines[0], "another answer")
        odd: list[Line | bytes] = [b"{", b"", {**second, "custom_id": "who"}, {**second, "custom_id": None}, again]
        return Outcome(output=[first, second, *odd, *rest])

    with caplog.at_level(logging.WARNING):
        [completions], _ = through(tmp_path, script, TEN)
    assert [code(one) for one in completions] == [None, None, ("retryable", "missing"), *[None] * 7]
    assert completions[0].text != "another answer"
    for words in ("2 lines that cannot be read", "1 lines with an unknown id", "1 repeated lines"):
        assert words in caplog.text


@pytest.mark.parametrize("status", ["expired", "cancelled"])
def test_what_a_batch_leaves_over_goes_into_the_next_file(tmp_path: Path, status: str) -> None:
    def script(bought: Bought) -> Outcome:
        if bought.index:
            return all_answered(bought)
        return Outcome(status, output=[answered(line) for line in bought.lines[:6]])

    async def work() -> StubBatches:
        async with StubBatches(script) as stub, backend(stub.url, tmp_path) as teacher:
            first = await ask(teacher, TEN)
            assert [code(one) for one in first] == [None] * 6 + [("retryable", f"batch_{status}")] * 4
            second = await ask(teacher, TEN[6:])
            assert all(one.answered for one in second)
            return stub

    stub = asyncio.run(work())
    assert stub.bought[1].ids == [one.request_id for one in TEN[6:]]


def test_a_batch_refused_for_some_lines_rejects_those_and_frees_the_rest(tmp_path: Path) -> None:
    faults = [{"code": "invalid_request", "message": f"Line 3 is bad, says {SECRET}", "line": 3, "param": "body"}]

    def script(bought: Bought) -> Outcome:
        return all_answered(bought) if bought.index else Outcome("failed", faults=faults)

    [first, second], stub = through(tmp_path, script, TEN, [*TEN[:2], *TEN[3:]])
    assert [code(one) for one in first] == [
        ("rejected", "http_400") if number == 2 else ("retryable", "batch_failed") for number in range(10)
    ]
    assert first[2].error is not None
    assert first[2].error.message == "Line 3 is bad, says [key]"
    assert all(one.answered for one in second)
    assert set(stub.purchases.values()) == {1}


@pytest.mark.parametrize(
    "faults",
    [
        [{"code": "model_not_found", "message": f"No stub for {SECRET}", "line": 1, "param": "body.model"}],
        [{"code": "billing", "message": "No stub for you"}],
    ],
)
def test_a_batch_refused_as_a_whole_stops_the_teacher(tmp_path: Path, faults: list[dict[str, Any]]) -> None:
    with pytest.raises(TeacherError, match="No stub for") as caught:
        through(tmp_path, lambda bought: Outcome("failed", faults=faults), TEN)
    assert SECRET not in str(caught.value)
    [completions], _ = through(tmp_path, all_answered, TEN)
    assert all(one.answered for one in completions)


def test_a_full_queue_is_waited_for_while_another_batch_is_in_it(tmp_path: Path) -> None:
    full = [{"code": "token_limit_exceeded", "message": "Enqueued token limit reached"}]
    room = asyncio.Event()

    def script(bought: Bought) -> Outcome:
        output = [answered(line) for line in bought.lines]
        if bought.index == 0:
            return Outcome(output=output, until=room)
        if bought.index == 1:
            return Outcome("failed", faults=full)
        room.set()
        return Outcome(output=output)

    [completions], stub = through(tmp_path, script, TEN, options={"max_requests": 5, "poll_seconds": 0.01})
    assert all(one.answered for one in completions)
    assert len(stub.uploads) == 2
    assert [bought.ids for bought in stub.bought[1:]] == [stub.bought[1].ids] * 2


def test_a_file_that_alone_is_too_much_for_the_queue_says_so(tmp_path: Path) -> None:
    full = [{"code": "token_limit_exceeded", "message": "Enqueued token limit reached"}]
    with pytest.raises(TeacherError, match="max_requests"):
        through(tmp_path, lambda bought: Outcome("failed", faults=full), TEN)
    [completions], _ = through(tmp_path, all_answered, TEN, options={"max_requests": 3})
    assert all(one.answered for one in completions)


def flaky(step: str, reply: Callable[[], web.Response | None]) -> Callable[[str], Awaitable[web.StreamResponse | None]]:
    """A hook that goes wrong when a step is made for the first time."""
    seen: set[str] = set()

    async def hook(now: str) -> web.StreamResponse | None:
        first = now not in seen
        seen.add(now)
        return reply() if first and now == step else None

    return hook


@pytest.mark.parametrize("step", ["upload", "uploaded", "create", "created", "look", "list", "reading"])
def test_a_call_that_fails_once_is_made_again_and_nothing_is_bought_twice(tmp_path: Path, step: str) -> None:
    hook = flaky(step, lambda: web.Response(status=503))
    [completions], stub = through(tmp_path, all_answered, TEN, hook=hook)
    assert all(one.answered for one in completions)
    assert set(stub.purchases.values()) == {1}


def test_an_unreachable_provider_stops_the_teacher(tmp_path: Path) -> None:
    async def work() -> None:
        async with backend("http://127.0.0.1:9/v1", tmp_path, attempts=1) as teacher:
            await ask(teacher, TEN)

    with pytest.raises(TeacherError, match="does not work"):
        asyncio.run(work())


@pytest.mark.parametrize("status", [401, 404])
def test_a_refusal_of_the_provider_stops_the_teacher_without_its_key(tmp_path: Path, status: int) -> None:
    async def hook(step: str) -> web.StreamResponse | None:
        return web.json_response(error_body(f"Incorrect API key provided: {SECRET}"), status=status)

    with pytest.raises(TeacherError, match=f"status {status}") as caught:
        through(tmp_path, all_answered, TEN, hook=hook)
    assert SECRET not in str(caught.value)
    assert "STUB_KEY" in str(caught.value) or status == 404


def test_stopped_it_leaves_its_batches_and_the_next_process_finds_them(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    release = asyncio.Event()
    seen = asyncio.Event()

    async def hook(step: str) -> None:
        if step == "look":
            seen.set()

    def script(bought: Bought) -> Outcome:
        return Outcome(output=[answered(line) for line in bought.lines], until=release)

    async def work() -> None:
        async with StubBatches(script, hook) as stub:
            async with backend(stub.url, tmp_path) as teacher:
                asked = asyncio.create_task(ask(teacher, TEN))
                await seen.wait()
                asked.cancel()
                await asyncio.wait([asked])
            assert "a batch goes on at the provider" in caplog.text
            release.set()
            async with backend(stub.url, tmp_path) as teacher:
                assert all(one.answered for one in await ask(teacher, TEN[:5]))
                assert all(one.answered for one in await ask(teacher, [*TEN[5:], request(99)]))
            assert set(stub.purchases.values()) == {1}
            assert len(stub.purchases) == 11

    asyncio.run(work())


def test_a_fault_that_was_told_once_is_not_told_again_by_the_next_process(tmp_path: Path) -> None:
    def script(bought: Bought) -> Outcome:
        output = [answered(line) for line in bought.lines]
        return Outcome(output=output if bought.index else output[:5])

    async def work() -> None:
        async with StubBatches(script) as stub:
            async with backend(stub.url, tmp_path) as teacher:
                assert [one.answered for one in await ask(teacher, TEN)] == [True] * 5 + [False] * 5
            async with backend(stub.url, tmp_path) as teacher:
                assert all(one.answered for one in await ask(teacher, TEN))
            assert stub.purchases == {one.request_id: 1 + (number >= 5) for number, one in enumerate(TEN)}

    asyncio.run(work())


def test_processes_that_share_the_folder_use_one_anothers_batches(tmp_path: Path) -> None:
    async def work() -> None:
        async with StubBatches() as stub, AsyncExitStack() as stack:
            one, two = [await stack.enter_async_context(backend(stub.url, tmp_path)) for _ in range(2)]
            await asyncio.gather(ask(one, TEN[:5]), ask(two, TEN[5:]))
            three = await stack.enter_async_context(backend(stub.url, tmp_path))
            assert all(one.answered for one in await ask(three, TEN))
            assert set(stub.purchases.values()) == {1}

    asyncio.run(work())


def test_a_batch_that_the_provider_has_forgotten_names_what_to_do(tmp_path: Path) -> None:
    through(tmp_path, all_answered, TEN)
    with pytest.raises(TeacherError, match=r"remove .*\.json"):
        through(tmp_path, all_answered, TEN)


def test_a_damaged_note_about_a_batch_is_an_error_and_not_a_second_purchase(tmp_path: Path) -> None:
    through(tmp_path, all_answered, TEN)
    [note] = tmp_path.glob("*/*.json")
    note.write_text("{}")
    with pytest.raises(SynthgenError, match="damaged"):
        through(tmp_path, all_answered, TEN)


def test_half_the_price_and_the_identity_of_the_same_model_online(tmp_path: Path) -> None:
    teacher = backend("http://127.0.0.1:9/v1", tmp_path, price_input=1.0, price_output=4.0)
    assert cost(teacher, Usage(1_000_000, 1_000_000)) == 2.5
    online = make_backend(TeacherSettings(backend="openai", model="stub"))
    assert teacher.identity() == online.identity()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"model": None}, "no model"),
        ({"base_url": ["http://a/v1", "http://b/v1"]}, "several addresses"),
        ({"options": {"max_request": 1}}, "max_requests"),
        ({"options": {"max_requests": 0}}, "max_requests"),
    ],
)
def test_settings_that_cannot_work(tmp_path: Path, changes: dict[str, Any], words: str) -> None:
    with pytest.raises(RecipeError, match=words):
        backend("http://127.0.0.1:9/v1", tmp_path, **changes)


def test_neither_key_nor_text_is_kept(tmp_path: Path) -> None:
    through(tmp_path, lambda bought: Outcome(output=[answered(line) for line in bought.lines[:5]]), TEN)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert files
    for path in files:
        content = path.read_bytes()
        assert SECRET.encode() not in content
        assert b"text 3" not in content
        if path.suffix == ".json":
            assert len(json.loads(content)["request_ids"]) == 5
