"""Teachers behind an OpenAI-compatible endpoint: hosted APIs and vLLM's own server."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, ClassVar, Self
from urllib.parse import urlsplit

import orjson

from synthgen.backends.base import Backend
from synthgen.data import Completion, CompletionError, ModelInfo, Request
from synthgen.endpoint.answers import read_answer
from synthgen.endpoint.faults import error_in, no_answer, refused, status_within
from synthgen.endpoint.keys import Key, read_key
from synthgen.endpoint.models import listed
from synthgen.endpoint.pressure import Pressure
from synthgen.endpoint.replicas import Replica, in_order
from synthgen.endpoint.server import Reply, Server, open_session, proxy_for
from synthgen.errors import RecipeError, TeacherError
from synthgen.recipe import TeacherSettings

if TYPE_CHECKING:
    import aiohttp

OPENAI_URL = "https://api.openai.com/v1"
OPENAI_KEY = "OPENAI_API_KEY"
ACCOUNT = {"OpenAI-Organization": "OPENAI_ORG_ID", "OpenAI-Project": "OPENAI_PROJECT_ID"}
"""Headers that say who pays, for a key that may do so for several, by the variables that hold them."""

IN_FLIGHT = 64
IN_FLIGHT_SEEN = 512
"""Requests at once for each server where the recipe does not say: to begin with, and at most where its queue is seen to
be empty."""


class OpenAIBackend(Backend):
    """Sends `request.payload` as it is to `BASE_URL/chat/completions`, and each extract always to the same replica.

    The key is read from the variable `api_key_env`; without one, `OPENAI_API_KEY` goes to OpenAI's own address, and no
    key to any other. Proxies are those of the environment. There are no `options`.
    """

    name: ClassVar[str] = "openai"

    _session: aiohttp.ClientSession

    def __init__(self, settings: TeacherSettings) -> None:
        super().__init__(settings)
        self._where = f"teacher {settings.name}"
        if not settings.model:
            raise RecipeError("has no model", where=self._where, fix="set `model`, or write openai:MODEL")
        if settings.options:
            unknown = f"unknown option {min(settings.options)!r}"
            raise RecipeError(unknown, where=self._where, fix="openai takes no options")
        self._model = settings.model
        self._urls = settings.base_urls or (OPENAI_URL,)
        for url in self._urls:
            if not _is_possible(url):
                raise RecipeError(f"{url} has no valid host or port", where=self._where, fix="mend base_url")
        self._key_variable = settings.api_key_env or (None if settings.base_urls else OPENAI_KEY)
        self._key = Key()
        self._replicas: list[Replica] = []
        self._background: list[asyncio.Task[None]] = []
        share = -(-settings.in_flight // len(self._urls)) if settings.in_flight else None
        self._pressures = [Pressure(share or IN_FLIGHT, share or IN_FLIGHT_SEEN) for _ in self._urls]

    def identity(self) -> Mapping[str, Any]:
        return {"backend": self.name, "model": self._model}

    @property
    def in_flight(self) -> int:
        """What the recipe says, or a number for each server; fewer while requests wait in the servers' queues."""
        limit = sum(pressure.limit for pressure in self._pressures)
        return min(self.settings.in_flight or limit, limit)

    def check(self) -> None:
        self._key = read_key(self._key_variable, self._where)
        for url in self._urls:
            proxy_for(url, self._where)

    async def served(self) -> Mapping[str, Any]:
        """The checkpoint (`root`) behind the model's name, where the servers state it, as vLLM does.

        Raises TeacherError where no replica answers, or two of them run different checkpoints.
        """
        infos = await self._model_infos()
        roots = {address: info.root for address, info in infos.items() if info and info.root}
        if len(set(roots.values())) > 1:
            (here, first), *others = roots.items()
            there, other = next(item for item in others if item[1] != first)
            what = f"{here} runs {first}, and {there} runs {other}"
            raise TeacherError(what, where=self._where, fix="give replicas of one model, or make two teachers of them")
        return {"root": next(iter(roots.values()))} if roots else {}

    async def model_info(self) -> ModelInfo | None:
        """What the first replica that lists the model says of it; None where none does.

        Raises TeacherError where no replica answers.
        """
        return next((info for info in (await self._model_infos()).values() if info), None)

    async def complete(self, request: Request) -> Completion:
        start = time.perf_counter()
        try:
            body = orjson.dumps(request.payload, default=dict)
        except orjson.JSONEncodeError:
            error = CompletionError("rejected", "unsendable", "the prompt holds characters that UTF-8 cannot")
            return Completion(request.request_id, error=error)
        for replica in in_order(self._replicas, request.extract.text):
            outcome = await _attempt(replica, body)
            if isinstance(outcome, Reply):
                return self._read(outcome, request, time.perf_counter() - start)
            error = outcome
            if error.code != "unreachable":
                break
        return Completion(request.request_id, latency=time.perf_counter() - start, error=error)

    async def __aenter__(self) -> Self:
        self.check()
        self._session = open_session()
        headers = {**self._key.headers, **_account(self._urls)}
        servers = [Server(self._session, url, headers, proxy_for(url, self._where)) for url in self._urls]
        self._replicas = [Replica(server) for server in servers]
        jobs = [
            pressure.follow(server)
            for pressure, server in zip(self._pressures, servers, strict=True)
            if server.address != OPENAI_URL
        ]
        if len(self._replicas) > 1:
            jobs += [replica.look_again() for replica in self._replicas]
        self._background = [asyncio.create_task(job) for job in jobs]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._background:
            task.cancel()
        ends = await asyncio.gather(*self._background, return_exceptions=True)
        await self._session.close()
        for end in ends:
            if isinstance(end, Exception):
                raise end

    def _read(self, reply: Reply, request: Request, latency: float) -> Completion:
        """What a reply says, whatever its status."""
        if 200 <= reply.status < 300:
            completion = read_answer(request.request_id, reply.body, latency)
            if completion.answered:
                return completion
            said = error_in(reply.body)
            status = status_within(said)
            if status is None:
                return completion
        else:
            said, status = error_in(reply.body), reply.status
        error = refused(status, said, request, self._key, reply.headers)
        return Completion(request.request_id, latency=latency, error=error)

    async def _model_infos(self) -> dict[str, ModelInfo | None]:
        """What each replica that answers says of the model, by its address. Raises TeacherError where none does."""
        replies = await asyncio.gather(*(replica.server.models() for replica in self._replicas))
        infos = {
            replica.server.address: listed(reply.body, self._model) if reply.status == 200 else None
            for replica, reply in zip(self._replicas, replies, strict=True)
            if reply is not None and reply.status < 500
        }
        if not infos:
            what = f"does not answer at {', '.join(self._urls)}"
            raise TeacherError(what, where=self._where, fix="check that it runs, and base_url")
        return infos


def _is_possible(url: str) -> bool:
    """Whether a server can have this address; that it is one, the recipe has checked."""
    try:
        parts = urlsplit(url)
        return parts.port != 0 and bool((parts.hostname or "").encode("idna"))
    except ValueError:
        return False


async def _attempt(replica: Replica, body: bytes) -> Reply | CompletionError:
    """One attempt at one replica, which it marks as up or down."""
    import aiohttp

    try:
        reply = await replica.server.ask(body)
    except (aiohttp.ClientError, OSError) as failure:
        replica.failed()
        return no_answer(failure, replica.server.address)
    if reply.status >= 500:
        replica.failed()
    else:
        replica.answered()
    return reply


def _account(urls: tuple[str, ...]) -> dict[str, str]:
    """The headers that say who pays, which are OpenAI's business alone."""
    if urls != (OPENAI_URL,):
        return {}
    values = {header: os.environ.get(variable, "").strip() for header, variable in ACCOUNT.items()}
    return {header: value for header, value in values.items() if value}
