"""Teachers behind an OpenAI-compatible endpoint: hosted APIs and vLLM's own server."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from http.client import responses
from types import TracebackType
from typing import TYPE_CHECKING, Any, ClassVar, Self

import orjson

from synthgen.backends.base import Backend
from synthgen.data import Completion, CompletionError, ErrorClass, Request, Usage
from synthgen.errors import RecipeError
from synthgen.recipe import TeacherSettings
from synthgen.retry import retry_after

if TYPE_CHECKING:
    import openai

OPENAI_URL = "https://api.openai.com/v1"
OPENAI_KEY = "OPENAI_API_KEY"
NO_KEY = "none"
"""Sent where the endpoint needs no key; the `openai` package insists on one."""

CONNECT_SECONDS = 30.0
IN_FLIGHT = 64

RETRYABLE = frozenset({408, 409, 425, 429})
REJECTED = frozenset({400, 413, 422})

LONGEST_QUOTE = 200
"""Characters of a server's own words in an error message."""
PART_OF_KEY = 8
"""A word with this many characters in a row of the key gives it away."""
SHARED_WITH_PROMPT = 24
"""A server's words that have this many characters in a row in common with the prompt quote it."""


class OpenAIBackend(Backend):
    """Sends `request.payload` as it is to `BASE_URL/chat/completions`.

    The key is read from the variable `api_key_env`; without one, `OPENAI_API_KEY` goes to OpenAI's own address, and no
    key to any other. There are no `options`.
    """

    name: ClassVar[str] = "openai"

    _client: openai.AsyncOpenAI

    def __init__(self, settings: TeacherSettings) -> None:
        super().__init__(settings)
        where = f"teacher {settings.name}"
        if not settings.model:
            raise RecipeError("has no model", where=where, fix="set `model`, or write openai:MODEL")
        if settings.options:
            raise RecipeError(f"unknown option {min(settings.options)!r}", where=where, fix="openai takes no options")
        self._key_variable = settings.api_key_env or (None if settings.base_url else OPENAI_KEY)
        self._key: str | None = None

    def identity(self) -> Mapping[str, Any]:
        return {"backend": self.name, "model": self.settings.model}

    @property
    def in_flight(self) -> int:
        return self.settings.in_flight or IN_FLIGHT

    def check(self) -> None:
        if self._key_variable:
            self._key = _read_key(self._key_variable, f"teacher {self.settings.name}")

    async def __aenter__(self) -> Self:
        import httpx2
        import openai

        self.check()
        # aiohttp's transport costs a third of httpx's CPU time a request. A limit of None would mean aiohttp's own 100.
        limits = httpx2.Limits(max_connections=self.in_flight)
        self._client = openai.AsyncOpenAI(
            api_key=self._key or NO_KEY,
            base_url=next(iter(self.settings.base_urls), OPENAI_URL),
            max_retries=0,
            timeout=httpx2.Timeout(None, connect=CONNECT_SECONDS),
            http_client=openai.DefaultAioHttpClient(limits=limits),
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.close()

    async def complete(self, request: Request) -> Completion:
        import aiohttp
        import openai

        start = time.perf_counter()
        try:
            # Bytes in and bytes out: building the package's response models takes longer than all the rest.
            body = await self._client.post(
                "/chat/completions",
                content=orjson.dumps(request.payload, default=dict),
                cast_to=bytes,
                options={"headers": {"Content-Type": "application/json"}},
            )
        except orjson.JSONEncodeError:
            error = CompletionError("rejected", "unsendable", "the prompt holds characters that UTF-8 cannot")
        except openai.APIStatusError as failure:
            error = self._refused(failure, request)
        except (openai.APIConnectionError, aiohttp.ClientError, OSError) as failure:
            error = _no_answer(failure)
        else:
            return _parse(request.request_id, body, time.perf_counter() - start)
        return Completion(request.request_id, latency=time.perf_counter() - start, error=error)

    def _refused(self, failure: openai.APIStatusError, request: Request) -> CompletionError:
        """The error for an answer with a status other than 2xx."""
        status = failure.status_code
        broke = failure.code == "insufficient_quota"
        error_class = "fatal" if broke else _classify(status)
        code = "insufficient_quota" if broke else "rate_limit" if status == 429 else f"http_{status}"
        message = _presentable(failure.body, self._key, request) or responses.get(status, "unknown status").lower()
        if error_class == "fatal":
            message = f"{message}; {self._advice(status)}"
        return CompletionError(error_class, code, message, retry_after(failure.response.headers, datetime.now(UTC)))

    def _advice(self, status: int) -> str:
        """What to do about a fatal status."""
        if status in (401, 403):
            return f"check the key in {self._key_variable}" if self._key_variable else "set api_key_env for a key"
        if status in (402, 429):
            return "check the balance of the account"
        return "check model and base_url (which mostly ends in /v1)"


def _read_key(variable: str, where: str) -> str:
    key = os.environ.get(variable, "").strip()
    if not key:
        what = f"the environment variable {variable} holds no key"
        raise RecipeError(what, where=where, fix="set it, or name another one in api_key_env")
    if not (key.isascii() and key.isprintable()):
        raise RecipeError(f"the environment variable {variable} is not a key", where=where, fix="copy the key again")
    return key


def _classify(status: int) -> ErrorClass:
    if status >= 500 or status in RETRYABLE:
        return "retryable"
    return "rejected" if status in REJECTED else "fatal"


def _no_answer(failure: BaseException) -> CompletionError:
    """The error where no whole answer came; `unreachable` says that nothing can have been sent."""
    import aiohttp

    never_connected = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)
    if any(isinstance(cause, never_connected) for cause in _causes(failure)):
        return CompletionError("retryable", "unreachable", "no connection could be made")
    return CompletionError("retryable", "disconnected", "the connection ended before the answer was whole")


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__


def _presentable(body: object, key: str | None, request: Request) -> str:
    """The server's own words about an error, without the key and cut short; empty where they quote the prompt."""
    words = (body.get("message") or body.get("detail") or "") if isinstance(body, Mapping) else ""
    words = " ".join(words.split()) if isinstance(words, str) else ""
    words = (_without_key(words, key) if key else words)[:LONGEST_QUOTE]
    prompt = " ".join(" ".join(message["content"] for message in request.payload["messages"]).split())
    pieces = (words[i : i + SHARED_WITH_PROMPT] for i in range(len(words) - SHARED_WITH_PROMPT + 1))
    return "" if any(piece in prompt for piece in pieces) else words


def _without_key(words: str, key: str) -> str:
    """`words` without the key, and without words that hold a part of it: servers repeat keys with asterisks inside,
    in other case or without their prefix."""
    start = key[:4] if len(key) > 12 else key
    words = re.sub(re.escape(start) + r"\S*", "[key]", words.replace(key, "[key]"), flags=re.IGNORECASE)
    secret, length = key.lower(), min(len(key), PART_OF_KEY)
    parts = {secret[i : i + length] for i in range(len(secret) - length + 1)}
    return " ".join("[key]" if any(part in word.lower() for part in parts) else word for word in words.split(" "))


def _parse(request_id: str, body: bytes, latency: float) -> Completion:
    """The completion in the body of a chat completion; an error where it is not one."""
    try:
        data = orjson.loads(body)
        choice = data["choices"][0]
        refusal = choice["message"].get("refusal")
        text = refusal or choice["message"].get("content") or ""
        finish_reason = "refusal" if refusal else choice.get("finish_reason")
        if not isinstance(text, str) or not isinstance(finish_reason, str | None):
            raise TypeError
        return Completion(
            request_id,
            text=text,
            finish_reason=finish_reason,
            usage=_usage(data.get("usage") or {}),
            latency=latency,
        )
    except (ValueError, LookupError, TypeError, AttributeError):
        error = CompletionError("retryable", "bad_answer", "the body is not a whole chat completion")
        return Completion(request_id, latency=latency, error=error)


def _usage(data: Mapping[str, Any]) -> Usage:
    """The usage as reported; a negative count, which would lower the spend, is none."""
    details = data.get("prompt_tokens_details") or {}
    return Usage(
        prompt=max(0, int(data.get("prompt_tokens") or 0)),
        completion=max(0, int(data.get("completion_tokens") or 0)),
        cached=max(0, int(details.get("cached_tokens") or 0)),
    )
