"""The way to a server: proxies of the environment, and how its health is found out."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Sequence
from typing import Any

import pytest
from stub_server import Reply, StubServer

from synthgen.backends.openai import OpenAIBackend
from synthgen.data import Completion, CompletionError, Extract, Request, Transformation
from synthgen.endpoint.server import Server, open_session, proxy_for
from synthgen.errors import RecipeError
from synthgen.recipe import TeacherSettings

KEY = "sk-sentinel-0123456789abcdef"
TEACHER = "http://teacher.invalid:8000/v1"
PAYLOAD = {"messages": [{"role": "user", "content": "Hello"}]}
ASKED = Request("0", Extract("d", 0, 1, "", 1), Transformation("distill", 1, "text", "", ""), "t", 0, PAYLOAD)


def teacher(url: str, **fields: Any) -> TeacherSettings:
    return TeacherSettings(backend="openai", name="t", model="m", base_url=url, **fields)


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.mark.parametrize(
    ("variables", "url", "expected"),
    [
        ({}, "http://host/v1", None),
        ({"http_proxy": "http://proxy:3128"}, "http://host/v1", "http://proxy:3128"),
        ({"HTTP_PROXY": "proxy:3128"}, "http://host/v1", "http://proxy:3128"),
        ({"http_proxy": "http://proxy:3128"}, "https://host/v1", None),
        ({"https_proxy": "http://proxy:3128"}, "https://host/v1", "http://proxy:3128"),
        ({"all_proxy": "http://proxy:3128"}, "https://host/v1", "http://proxy:3128"),
        ({"all_proxy": "http://proxy:3128", "no_proxy": "host"}, "https://host/v1", None),
        ({"all_proxy": "http://proxy:3128", "no_proxy": "host:8000"}, "http://host:8000/v1", None),
        ({"all_proxy": "http://proxy:3128", "no_proxy": ".org"}, "http://gpu.cluster.org/v1", None),
        ({"all_proxy": "http://proxy:3128", "no_proxy": "*"}, "http://host/v1", None),
    ],
)
def test_the_environment_says_which_proxy(
    variables: dict[str, str], url: str, expected: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert proxy_for(url, "teacher t") == expected


def test_a_proxy_that_cannot_be_used_is_named_before_anything_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("all_proxy", "socks5://user:secret@proxy:1080")
    with pytest.raises(RecipeError, match=r"teacher t: the proxy .* Set http_proxy") as caught:
        OpenAIBackend(teacher(TEACHER)).check()
    assert "secret" not in str(caught.value)


def test_requests_go_through_the_proxy_with_its_password_and_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEACHER_KEY", KEY)

    async def run() -> tuple[Completion, str, str]:
        async with StubServer(lambda seen: Reply(text="By proxy.")) as proxy:
            monkeypatch.setenv("http_proxy", proxy.url.removesuffix("/v1").replace("//", "//user:secret@"))
            async with OpenAIBackend(teacher(TEACHER, api_key_env="TEACHER_KEY")) as backend:
                result = await backend.complete(ASKED)
            headers = proxy.seen[0].headers
            return result, headers["Proxy-Authorization"], f"{headers['Host']} {headers['Authorization']}"

    result, password, rest = asyncio.run(run())
    assert result.text == "By proxy."
    assert base64.b64decode(password.removeprefix("Basic ")) == b"user:secret"
    assert rest == f"teacher.invalid:8000 Bearer {KEY}"


def test_a_proxy_that_does_not_let_a_request_through_is_named_and_nothing_was_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def run() -> CompletionError | None:
        async with StubServer() as proxy:
            monkeypatch.setenv("https_proxy", proxy.url.removesuffix("/v1"))
            async with OpenAIBackend(teacher(TEACHER.replace("http:", "https:"))) as backend:
                return (await backend.complete(ASKED)).error

    result = asyncio.run(run())
    assert result is not None
    assert (result.error_class, result.code) == ("retryable", "unreachable")
    assert "proxy" in result.message


@pytest.mark.parametrize(
    ("health", "models", "expected", "pages"),
    [
        (200, None, True, ["/health"]),
        (503, [], False, ["/health"]),
        (None, [], True, ["/health", "/v1/models"]),
        (401, [], True, ["/health", "/v1/models"]),
        (None, None, True, ["/health", "/v1/models"]),
    ],
)
def test_a_server_is_well_by_its_health_or_else_its_models(
    health: int | None, models: Sequence[dict[str, str]] | None, expected: bool, pages: list[str]
) -> None:
    async def run() -> tuple[bool, list[str]]:
        async with StubServer(health=health, models=models) as stub, open_session() as session:
            well = await Server(session, stub.url, {}, None).is_well()
            return well, [path for path, _ in stub.looks]

    assert asyncio.run(run()) == (expected, pages)


def test_a_server_that_is_not_there_is_not_well() -> None:
    async def run() -> bool:
        async with open_session() as session:
            return await Server(session, "http://127.0.0.1:9/v1", {}, None).is_well()

    assert not asyncio.run(run())
