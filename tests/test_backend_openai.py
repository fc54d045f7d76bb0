from __future__ import annotations

import asyncio
import json
import logging
import socket
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from stub_server import Reply, Script, Seen, StubServer, completion, error

from synthgen.backends import make_backend
from synthgen.backends.openai import OpenAIBackend
from synthgen.data import Completion, CompletionError, ErrorClass, Extract, Request, Transformation, Usage
from synthgen.errors import RecipeError
from synthgen.recipe import TeacherSettings

KEY = "sk-sentinel-0123456789abcdef"
PROMPT = "Give 500 mg of amoxicillin three times daily for five days, unless there is a penicillin allergy."


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/elsewhere")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


def settings(url: str | None = "http://127.0.0.1:9/v1", **fields: Any) -> TeacherSettings:
    return TeacherSettings(backend="openai", model="stub", base_url=url, **fields)


def request(number: int = 0, **payload: Any) -> Request:
    transformation = Transformation("distill", 1, "text", "", "")
    messages = [{"role": "system", "content": f"Case {number}."}, {"role": "user", "content": PROMPT}]
    body = {"model": "stub", "messages": messages, "max_tokens": 64, **payload}
    return Request(f"{number:064x}", Extract("d", 0, 9, PROMPT, 20), transformation, "openai:stub", 0, body)


async def ask(url: str, asked: Request | None = None, **fields: Any) -> Completion:
    async with OpenAIBackend(settings(url, **fields)) as backend:
        return await backend.complete(asked or request())


def replied(reply: Reply, asked: Request | None = None, **fields: Any) -> Completion:
    """What the backend makes of one reply."""

    async def run() -> Completion:
        async with StubServer(lambda seen: reply) as stub:
            return await ask(stub.url, asked, **fields)

    return asyncio.run(run())


def failed(reply: Reply, asked: Request | None = None, **fields: Any) -> CompletionError:
    result = replied(reply, asked, **fields)
    assert result.error is not None
    assert result.text == ""
    return result.error


def test_an_answer_comes_back_as_it_was_sent() -> None:
    text = "Größe ≥ 5 mm²\n\n| a | b |\u2028 \t"
    result = replied(Reply(text=text))
    assert (result.text, result.finish_reason, result.usage) == (text, "stop", Usage(100, 10, 40))
    assert result.request_id == request().request_id
    assert result.latency > 0


def test_the_payload_goes_out_as_it_is() -> None:
    payload: dict[str, Any] = {
        "top_k": 20,
        "min_p": 0.1,
        "response_format": {"type": "json_object"},
        "temperature": 0.7,
    }

    async def run() -> Mapping[str, Any]:
        async with StubServer() as stub:
            await ask(stub.url, request(**payload))
            return stub.seen[0].payload

    assert asyncio.run(run()) == request(**payload).payload


@pytest.mark.parametrize("word", ["length", "content_filter", "tool_calls"])
def test_the_finish_reason_is_the_teachers_word(word: str) -> None:
    assert replied(Reply(finish_reason=word)).finish_reason == word


def test_a_refusal_is_told_from_an_answer() -> None:
    body = completion(refusal="I cannot help with that.")
    body["choices"][0]["message"]["content"] = None
    result = replied(Reply(body=body))
    assert (result.text, result.finish_reason) == ("I cannot help with that.", "refusal")


def test_no_content_is_an_empty_answer_and_no_usage_is_zero() -> None:
    body = completion()
    body["choices"][0]["message"]["content"] = None
    del body["usage"]
    result = replied(Reply(body=body))
    assert result.answered
    assert (result.text, result.usage) == ("", Usage())


@pytest.mark.parametrize(
    ("status", "code", "error_class", "word"),
    [
        (400, None, "rejected", "http_400"),
        (413, None, "rejected", "http_413"),
        (422, None, "rejected", "http_422"),
        (401, "invalid_api_key", "fatal", "http_401"),
        (402, None, "fatal", "http_402"),
        (403, None, "fatal", "http_403"),
        (404, "model_not_found", "fatal", "http_404"),
        (408, None, "retryable", "http_408"),
        (409, None, "retryable", "http_409"),
        (429, None, "retryable", "rate_limit"),
        (429, "insufficient_quota", "fatal", "insufficient_quota"),
        (500, None, "retryable", "http_500"),
        (503, None, "retryable", "http_503"),
        (529, None, "retryable", "http_529"),
    ],
)
def test_each_status_has_its_class(status: int, code: str | None, error_class: ErrorClass, word: str) -> None:
    result = failed(Reply(status=status, body=error("the server's words", code)))
    assert (result.error_class, result.code) == (error_class, word)
    assert "the server's words" in result.message


@pytest.mark.parametrize(
    ("status", "code", "fix"),
    [
        (401, None, "check the key in TEACHER_KEY"),
        (404, None, "check model and base_url"),
        (429, "insufficient_quota", "check the balance"),
    ],
)
def test_a_fatal_error_says_what_to_do(
    status: int, code: str | None, fix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEACHER_KEY", KEY)
    assert fix in failed(Reply(status=status, body=error("no", code)), api_key_env="TEACHER_KEY").message


@pytest.mark.parametrize("body", [b"", b"<html>Bad gateway</html>", b"[1]", b'{"detail": [{"input": "x"}]}', b"\xff"])
def test_an_error_without_words_gets_those_of_its_status(body: bytes) -> None:
    assert failed(Reply(status=502, body=body)).message == "bad gateway"


@pytest.mark.parametrize(
    ("value", "seconds"), [("0", 0.0), ("3", 3.0), ("1000000000", 120.0), ("x", None), ("-1", None)]
)
def test_the_pause_that_a_server_asks_for_is_handed_on(value: str, seconds: float | None) -> None:
    assert failed(Reply(status=429, headers={"Retry-After": value}, body=error())).retry_after == seconds


def test_one_call_is_one_attempt() -> None:
    async def run() -> int:
        async with StubServer(lambda seen: Reply(status=500)) as stub:
            await ask(stub.url)
            return stub.requests

    assert asyncio.run(run()) == 1


@pytest.mark.parametrize("cut", ["before", "within"])
def test_a_cut_connection_is_retryable(cut: Any) -> None:
    result = failed(Reply(cut=cut))
    assert (result.error_class, result.code) == ("retryable", "disconnected")


@pytest.mark.parametrize(
    "body",
    [
        json.dumps(completion()).encode()[:-20],
        b"",
        b"null",
        b"[]",
        b'"text"',
        b'{"choices": []}',
        b'{"choices": [null]}',
        b'{"choices": [{"message": null}]}',
        b'{"choices": [{"message": {"content": 7}}]}',
        b'{"choices": [{"message": {"content": "\\ud800"}}]}',
        b'{"error": {"message": "overloaded"}}',
        b"\xff\xfe",
    ],
)
def test_a_body_that_is_no_whole_completion_is_retryable(body: bytes) -> None:
    result = failed(Reply(body=body))
    assert (result.error_class, result.code) == ("retryable", "bad_answer")


def test_words_that_are_not_http_are_retryable() -> None:
    async def run() -> Completion:
        async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"SSH-2.0-OpenSSH_9.7\r\n\r\n")
            writer.close()
            await writer.wait_closed()

        server = await asyncio.start_server(speak, "127.0.0.1", 0)
        async with server:
            host, port = server.sockets[0].getsockname()
            return await ask(f"http://{host}:{port}/v1")

    result = asyncio.run(run()).error
    assert result is not None
    assert (result.error_class, result.code) == ("retryable", "disconnected")


def test_a_refused_connection_is_retryable_and_known_not_to_have_sent_anything() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/v1"
        result = asyncio.run(ask(url)).error
    assert result is not None
    assert (result.error_class, result.code) == ("retryable", "unreachable")


def test_a_prompt_that_utf8_cannot_hold_is_rejected_and_not_sent() -> None:
    asked = request(messages=[{"role": "user", "content": "\ud800"}])
    result = failed(Reply(), asked)
    assert (result.error_class, result.code) == ("rejected", "unsendable")


def test_three_hundred_requests_are_really_in_flight_at_once() -> None:
    async def run() -> tuple[int, set[str]]:
        everyone = asyncio.Event()

        def hold(seen: Any) -> Reply:
            if stub.in_flight == 300:
                everyone.set()
            return Reply(text=seen.payload["messages"][0]["content"], until=everyone)

        async with (
            StubServer(hold) as stub,
            OpenAIBackend(settings(stub.url, in_flight=300)) as backend,
            asyncio.timeout(60),
        ):
            results = await asyncio.gather(*(backend.complete(request(number)) for number in range(300)))
            return stub.most_in_flight, {result.text for result in results}

    most, texts = asyncio.run(run())
    assert most == 300
    assert texts == {f"Case {number}." for number in range(300)}


def test_the_key_goes_where_it_belongs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEACHER_KEY", KEY)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-not-for-others")

    async def run() -> list[str | None]:
        async with StubServer() as stub:
            await ask(stub.url, api_key_env="TEACHER_KEY")
            await ask(stub.url)
            return [seen.headers.get("Authorization") for seen in stub.seen]

    assert asyncio.run(run()) == [f"Bearer {KEY}", None]


def test_the_key_is_shown_to_no_page_that_is_not_the_apis(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEACHER_KEY", KEY)

    async def run() -> dict[str, bool]:
        async with StubServer(models=[]) as stub:
            async with OpenAIBackend(settings(stub.url, api_key_env="TEACHER_KEY")) as backend:
                await backend.served()
                while len({path for path, _ in stub.looks}) < 2:
                    stub.looked.clear()
                    await stub.looked.wait()
            return {path: "Authorization" in headers for path, headers in stub.looks}

    assert asyncio.run(run()) == {"/v1/models": True, "/metrics": False}


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEACHER_KEY", KEY)

    async def run() -> CompletionError | None:
        async with StubServer() as elsewhere:
            location = {"Location": f"{elsewhere.url}/chat/completions"}
            async with StubServer(lambda seen: Reply(status=status, headers=location, body=b"")) as stub:
                result = await ask(stub.url, api_key_env="TEACHER_KEY")
            assert not elsewhere.seen
            return result.error

    result = asyncio.run(run())
    assert result is not None
    assert (result.error_class, result.code) == ("fatal", f"http_{status}")
    assert "base_url" in result.message


def test_connections_are_used_again() -> None:
    async def run() -> set[int]:
        async with StubServer() as stub, OpenAIBackend(settings(stub.url)) as backend:
            for number in range(5):
                await backend.complete(request(number))
            return {seen.peer for seen in stub.seen}

    assert len(asyncio.run(run())) <= 2  # one of them may have begun as that to the metrics


@pytest.mark.parametrize("reply", [Reply(until=asyncio.Event()), Reply(drip=0.01)], ids=["hung", "slow drip"])
def test_a_request_that_is_cancelled_leaves_no_connection_behind(reply: Reply) -> None:
    async def run() -> None:
        arrived = asyncio.Event()

        def script(seen: Seen) -> Reply:
            arrived.set()
            return reply

        async with StubServer(script) as stub, OpenAIBackend(settings(stub.url)) as backend, asyncio.timeout(60):
            asking = asyncio.create_task(backend.complete(request()))
            await arrived.wait()
            asking.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asking
            await stub.left.wait()
            stub.script = lambda seen: Reply(text="Well again.")
            assert (await backend.complete(request(1))).text == "Well again."

    asyncio.run(run())


def test_a_prompt_of_megabytes_goes_out() -> None:
    large = request(messages=[{"role": "user", "content": "word " * 500_000}])
    assert replied(Reply(text="Long."), large).text == "Long."


def test_who_pays_is_told_to_openai_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_ORG_ID", "org-x")

    async def run() -> list[str | None]:
        async with StubServer() as stub:
            await ask(stub.url)
            monkeypatch.setattr("synthgen.backends.openai.OPENAI_URL", stub.url)
            async with OpenAIBackend(settings(None)) as backend:
                await backend.complete(request())
            assert not [path for path, _ in stub.looks[1:]]
            return [seen.headers.get("OpenAI-Organization") for seen in stub.seen]

    assert asyncio.run(run()) == [None, "org-x"]


@pytest.mark.parametrize(("url", "variable"), [(None, "OPENAI_API_KEY"), ("http://127.0.0.1:9/v1", "TEACHER_KEY")])
def test_a_missing_key_is_named_by_its_variable(url: str | None, variable: str) -> None:
    with pytest.raises(RecipeError, match=rf"variable {variable} holds no key.*api_key_env"):
        make_backend(settings(url, api_key_env=variable if url else None)).check()


@pytest.mark.parametrize("value", ["", "  ", "sk-…", "two\nlines"])
def test_a_variable_that_holds_no_key_is_refused_without_showing_it(
    value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", value)
    with pytest.raises(RecipeError, match="OPENAI_API_KEY") as caught:
        make_backend(settings(None)).check()
    assert not value.strip() or value not in str(caught.value)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"model": None}, "model"),
        ({"options": {"stream": True}}, "stream"),
        ({"base_url": "http://host:99999/v1"}, "port"),
        ({"base_url": ["http://host/v1", "http://ho..st/v1"]}, "ho..st/v1 has no valid host"),
    ],
)
def test_settings_that_cannot_work_are_refused_at_once(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(RecipeError, match=words):
        make_backend(settings().model_copy(update=fields))


def test_the_identity_does_not_depend_on_the_address_or_the_load() -> None:
    here, there = settings("http://a/v1", in_flight=1), settings("https://b/v1", deadline=1.0)
    assert OpenAIBackend(here).identity() == OpenAIBackend(there).identity() == {"backend": "openai", "model": "stub"}
    assert not OpenAIBackend(here).local


@pytest.mark.parametrize(
    "words",
    [
        f"Incorrect API key provided: {KEY}.",
        f"Incorrect API key provided: {KEY[:8]}*******{KEY[-4:]}.",
        f"bad header 'Bearer {KEY}' " * 20,
        f"no such key: {KEY.upper()}",
        f"unknown token {KEY[3:]!r}",
        f"token ...{KEY[-12:]} is not known",
    ],
)
def test_no_error_holds_the_key(words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEACHER_KEY", KEY)
    message = failed(Reply(status=401, body=error(words)), api_key_env="TEACHER_KEY").message.lower()
    assert KEY[:6] not in message
    assert KEY[-4:] not in message


@pytest.mark.parametrize(
    "words",
    [f"invalid input: {PROMPT}", f"[{{'input': {{'messages': {json.dumps(PROMPT)}}}}}]", f"{'x' * 150} {PROMPT}"],
)
def test_no_error_holds_the_prompt(words: str) -> None:
    message = failed(Reply(status=400, body=error(words))).message
    assert message == "bad request"


def test_long_words_of_a_server_are_cut_short() -> None:
    assert len(failed(Reply(status=400, body=error("word " * 1000))).message) <= 200


@pytest.mark.parametrize("script", [lambda seen: Reply(), lambda seen: Reply(status=401, body=error(KEY))])
def test_neither_logs_nor_representations_hold_key_or_prompt(
    script: Script, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("TEACHER_KEY", KEY)
    caplog.set_level(logging.DEBUG)

    async def run() -> str:
        async with StubServer(script) as stub:
            backend = OpenAIBackend(settings(stub.url, api_key_env="TEACHER_KEY"))
            async with backend:
                result = await backend.complete(request())
            return f"{backend!r} {replace(result, text='')!r}"

    shown = asyncio.run(run()) + caplog.text
    assert KEY not in shown
    assert PROMPT[:20] not in shown
