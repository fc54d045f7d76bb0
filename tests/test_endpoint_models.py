"""What servers say of the model that they run."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from typing import Any

import pytest
from stub_server import StubServer

from synthgen.backends.openai import OpenAIBackend
from synthgen.data import ModelInfo
from synthgen.endpoint.models import listed
from synthgen.errors import TeacherError
from synthgen.recipe import TeacherSettings

UNUSED = "http://127.0.0.1:9/v1"
Models = Sequence[Mapping[str, Any]] | None


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


def entry(root: str | None = "/models/checkpoint", model: str = "stub") -> dict[str, Any]:
    """An entry as vLLM has it."""
    return {"id": model, "object": "model", "created": 1, "owned_by": "vllm", "root": root, "max_model_len": 4096}


def stated(*servers: Models, extra: Sequence[str] = ()) -> tuple[Mapping[str, Any], ModelInfo | None]:
    """`served` and `model_info` of a teacher behind these servers, and those at `extra` addresses."""

    async def run() -> tuple[Mapping[str, Any], ModelInfo | None]:
        async with AsyncExitStack() as stack:
            stubs = [await stack.enter_async_context(StubServer(models=models)) for models in servers]
            urls = [*extra, *(stub.url for stub in stubs)]
            settings = TeacherSettings(backend="openai", model="stub", base_url=urls)
            backend = await stack.enter_async_context(OpenAIBackend(settings))
            return await backend.served(), await backend.model_info()

    return asyncio.run(run())


def test_a_server_that_says_what_it_runs_is_believed() -> None:
    served, info = stated([entry(model="other"), entry()])
    assert served == {"root": "/models/checkpoint"}
    assert info == ModelInfo("stub", "/models/checkpoint", 4096)


@pytest.mark.parametrize("models", [None, [], [entry(model="other")], [entry(root=None)], [{"id": "stub", "root": 7}]])
def test_a_server_that_does_not_say_what_it_runs_is_none_the_worse(models: Models) -> None:
    served, _ = stated(models)
    assert served == {}


def test_replicas_that_agree_are_one_and_one_may_be_silent() -> None:
    served, info = stated([entry()], [entry()], None, extra=[UNUSED])
    assert served == {"root": "/models/checkpoint"}
    assert info is not None


def test_replicas_that_disagree_are_an_error_that_names_both() -> None:
    with pytest.raises(TeacherError, match=r"runs /models/a, and http://127.*runs /models/b.*two teachers"):
        stated([entry("/models/a")], [entry("/models/b")])


def test_a_teacher_that_nobody_answers_for_is_an_error_before_anything_is_paid() -> None:
    with pytest.raises(TeacherError, match=r"does not answer at http://127\.0\.0\.1:9/v1.*Check that it runs"):
        stated(extra=[UNUSED])


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"data": [{"id": "m", "context_length": 8192}]}', ModelInfo("m", None, 8192)),
        (b'[{"id": "m", "max_model_len": "long"}]', ModelInfo("m")),
        (b'{"data": null}', None),
        (b'{"data": 7}', None),
        (b"7", None),
        (b"<html>", None),
        (b"\xff", None),
    ],
)
def test_a_list_of_models_is_read_in_any_form(body: bytes, expected: ModelInfo | None) -> None:
    assert listed(body, "m") == expected
