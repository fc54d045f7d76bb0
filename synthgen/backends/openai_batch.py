"""Teachers behind a batch API as OpenAI has it: half the price, for answers within a day."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import Annotated, Any, ClassVar, Self

from pydantic import Field

from synthgen.backends.base import Backend
from synthgen.backends.openai import OPENAI_KEY, OPENAI_URL, OpenAIBackend
from synthgen.batches.dispatch import Dispatch
from synthgen.batches.lines import Limits
from synthgen.batches.provider import Provider
from synthgen.data import Completion, Request
from synthgen.endpoint.keys import Key, read_key
from synthgen.errors import RecipeError
from synthgen.recipe import TeacherSettings
from synthgen.settings import Positive, Settings, validated

IN_FLIGHT = 50_000
"""One full file. A request in flight stays in memory, with its prompt about 10 KB, so that this is half a gigabyte;
more files at once take more."""


class BatchOptions(Settings):
    """The `options` of the teacher: what one file may hold, and how often a batch is looked at."""

    max_requests: Annotated[int, Field(ge=1)] = 50_000
    max_megabytes: Positive = 200.0
    poll_seconds: Positive = 60.0
    """Between two looks at a batch; the first ones come sooner."""


class OpenAIBatchBackend(Backend):
    """Sends requests by the file, and needs a folder (`keep_in`) to remember what it sent before it can take any.

    Key and address are as for `openai`, and so is the identity: the same model gives the same answers, so that a run
    may go on in the other way. A file that is not full is sent when no request has come for a moment.
    """

    _stack: AsyncExitStack

    name: ClassVar[str] = "openai-batch"
    deadline: ClassVar[float] = 7 * 86_400.0
    price_factor: ClassVar[float] = 0.5
    immediate: ClassVar[bool] = False

    def __init__(self, settings: TeacherSettings) -> None:
        super().__init__(settings)
        self._where = f"teacher {settings.name}"
        if not settings.model:
            raise RecipeError("has no model", where=self._where, fix="set `model`, or write openai-batch:MODEL")
        if len(settings.base_urls) > 1:
            raise RecipeError(
                "has several addresses", where=self._where, fix="give one base_url; files have no replicas"
            )
        self._options = validated(BatchOptions, settings.options, where=f"{self._where}, options")
        self._model = settings.model
        self._url = next(iter(settings.base_urls), OPENAI_URL)
        self._key_variable = settings.api_key_env or (None if settings.base_urls else OPENAI_KEY)
        self._key = Key()
        self._folder: Path | None = None
        self._dispatch: Dispatch | None = None

    def identity(self) -> Mapping[str, Any]:
        return {"backend": OpenAIBackend.name, "model": self._model}

    @property
    def in_flight(self) -> int:
        return self.settings.in_flight or IN_FLIGHT

    def check(self) -> None:
        self._key = read_key(self._key_variable, self._where)

    def keep_in(self, folder: Path) -> None:
        self._folder = folder

    async def complete(self, request: Request) -> Completion:
        """Returns hours later. Raises TeacherError where the provider does not work, StorageError for the folder."""
        return await self._entered.ask(request)

    async def __aenter__(self) -> Self:
        self.check()
        options, settings = self._options, self.settings
        async with AsyncExitStack() as stack:
            provider = Provider(
                self._where, self._url, self._key, attempts=settings.attempts, patience=settings.patience
            )
            stack.push_async_callback(provider.close)
            await provider.greet()
            if self._folder is not None:
                limits = Limits(options.max_requests, int(options.max_megabytes * 1e6))
                self._dispatch = Dispatch(provider, self._folder, limits, options.poll_seconds)
                stack.push_async_callback(self._dispatch.stop)
                await self._dispatch.start()
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    @property
    def _entered(self) -> Dispatch:
        if self._dispatch is None:
            raise RecipeError("has no folder to remember its batches in", where=self._where, fix="call keep_in first")
        return self._dispatch
