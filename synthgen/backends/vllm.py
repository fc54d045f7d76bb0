"""Teachers run by vLLM in this process: continuous batching of whatever the run asks, no server between."""

from __future__ import annotations

import importlib.util
import multiprocessing
import os
import shutil
import socket
import tempfile
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Self

from synthgen.backends.base import Backend
from synthgen.data import Completion, ModelInfo, Request, Usage
from synthgen.engine import process
from synthgen.engine.checkpoint import fingerprint, is_local
from synthgen.engine.options import RESERVED, answer_options, check_options, engine_version, template_text
from synthgen.engine.running import Engine, running
from synthgen.engine.sampling import check_sampling
from synthgen.errors import RecipeError
from synthgen.recipe import TeacherSettings

BATCHES_IN_FLIGHT = 2
"""One that the engine works on and one that waits in it: it stays full even where a whole batch ends at once."""
BATCH = 256
"""The engine's usual `max_num_seqs`, until it has said its own."""

GIVEN_UP = frozenset({"abort", "error"})
"""Finish reasons of requests that have no answer."""


class VLLMBackend(Backend):
    """Each request is one of the engine's, sampled as `request.payload` says in the words of the chat completions API.

    `options` are arguments of the engine by name (`tensor_parallel_size`, `dtype`, `quantization`, `max_model_len` ...)
    and `chat_template`, a template or the path of one, for a model that brings none.
    """

    name: ClassVar[str] = "vllm"
    local: ClassVar[bool] = True
    deadline: ClassVar[float] = 3600.0

    def __init__(self, settings: TeacherSettings) -> None:
        super().__init__(settings)
        self._where = f"teacher {settings.name}"
        if not settings.model:
            raise RecipeError("has no model", where=self._where, fix="set `model`, or write vllm:MODEL")
        for option, fix in RESERVED.items():
            if option in settings.options:
                raise RecipeError(f"option {option!r} is not to be set", where=self._where, fix=fix)
        self._model = settings.model
        self._engine_options = {key: value for key, value in settings.options.items() if key != "chat_template"}
        self._log: Path | None = None
        self._engine: Engine | None = None

    def identity(self) -> Mapping[str, Any]:
        return self._identity

    @cached_property
    def _identity(self) -> dict[str, Any]:
        path = Path(self._model)
        return {
            "backend": self.name,
            "model": path.resolve().name if is_local(self._model) else self._model,
            "weights": fingerprint(path) if path.exists() else None,
            "engine": engine_version(),
            "revision": None,
            "dtype": "auto",
            "quantization": None,
            **answer_options(self.settings.options),
        }

    @property
    def in_flight(self) -> int:
        if self.settings.in_flight:
            return self.settings.in_flight
        if self._engine is None:
            return BATCHES_IN_FLIGHT * int(self.settings.options.get("max_num_seqs", BATCH))
        return BATCHES_IN_FLIGHT * self._engine.batch

    def check(self) -> None:
        if importlib.util.find_spec("vllm") is None:
            raise RecipeError(
                "vLLM is not installed", where=self._where, fix="install it: pip install 'synthgen[vllm]'"
            )
        if getattr(multiprocessing.current_process(), "_inheriting", False):
            raise RecipeError(
                "a process of the engine runs the script that started it again",
                where=self._where,
                fix="put what the script does under `if __name__ == '__main__':`",
            )
        if is_local(self._model) and not Path(self._model).exists():
            raise RecipeError(f"there is no model in {self._model}", where=self._where, fix="check `model`")
        process.set_environment()
        # On being imported, the engine prints what it does not find.
        with process.printing_into(Path(os.devnull)):
            if self._engine_options:
                check_options(self._engine_options, self._where)
            if self.settings.sampling:
                check_sampling(self.settings.sampling, self._where)

    def keep_in(self, folder: Path) -> None:
        self._log = folder / f"{socket.gethostname()}-{os.getpid()}.log"

    async def served(self) -> Mapping[str, Any]:
        config = self._running.core.model_config
        commit = getattr(config.hf_config, "_commit_hash", None)
        return {
            "dtype": str(config.dtype).removeprefix("torch."),
            "quantization": config.quantization,
            **({"commit": commit} if commit else {}),
        }

    async def model_info(self) -> ModelInfo:
        return ModelInfo(self._identity["model"], max_model_len=self._running.context)

    async def __aenter__(self) -> Self:
        self.check()
        given = self.settings.options.get("chat_template")
        template = None if given is None else template_text(given)
        async with AsyncExitStack() as stack:
            log = self._log or _temporary_log(stack)
            self._engine = await stack.enter_async_context(
                running(self._model, self._engine_options, template, log, self.settings.name)
            )
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.__aexit__(kind, error, trace)
        self._engine = None

    async def complete(self, request: Request) -> Completion:
        begun = time.perf_counter()
        engine = self._running
        try:
            output = await engine.answer(request.request_id, request.payload)
        except Exception as failure:
            error = engine.failure(failure)
            return Completion(request.request_id, latency=time.perf_counter() - begun, error=error)
        answer = output.outputs[0]
        if answer.finish_reason in GIVEN_UP:
            return Completion(request.request_id, latency=time.perf_counter() - begun, error=engine.given_up())
        return Completion(
            request.request_id,
            text=answer.text,
            finish_reason=answer.finish_reason,
            usage=Usage(len(output.prompt_token_ids), len(answer.token_ids), output.num_cached_tokens or 0),
            latency=time.perf_counter() - begun,
        )

    @property
    def _running(self) -> Engine:
        assert self._engine is not None, "the backend is not entered"
        return self._engine


def _temporary_log(stack: AsyncExitStack) -> Path:
    """A log file that is gone with `stack` if all went well, and stays, to be read, if not."""
    folder = Path(tempfile.mkdtemp(prefix="synthgen-vllm-"))

    def forget(kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if kind is None:
            shutil.rmtree(folder, ignore_errors=True)

    stack.push(forget)
    return folder / "engine.log"
