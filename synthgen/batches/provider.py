"""The Files and Batches API of a provider. Every call is made until it works, or it is clear that it will not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, BinaryIO, TypeVar
from urllib.parse import urlsplit

from synthgen.batches.ledger import Batch
from synthgen.batches.lines import ENDPOINT
from synthgen.endpoint.faults import LONGEST_QUOTE, RETRYABLE
from synthgen.endpoint.keys import Key
from synthgen.endpoint.server import CONNECT_SECONDS
from synthgen.errors import TeacherError
from synthgen.retry import Backoff, retry_after

if TYPE_CHECKING:
    import openai
    from openai.types import Batch as State

T = TypeVar("T")
Lines = Callable[[str], AsyncIterator[bytes]]
"""The lines of a file, given its id."""

OPENAI_HOST = "api.openai.com"
NO_KEY = "none"
"""Sent where the provider needs no key; the `openai` package insists on one."""
NAME = "synthgen"
"""The key in a batch's metadata under which its name stands."""
PATH = "check base_url (which mostly ends in /v1), and whether the provider has a batch API"
SILENCE = 300.0
"""Seconds without a byte after which a connection is given up."""
CLOCKS = 86_400
"""Seconds by which the clocks of provider and host may differ."""


class Provider:
    """An account at a provider. Methods raise TeacherError where the provider refuses, where it does not answer
    `attempts` calls in a row and never did, or where it has not answered for `patience` seconds. `close` it."""

    def __init__(self, where: str, base_url: str, key: Key, *, attempts: int, patience: float) -> None:
        import httpx2
        import openai

        self.where = where
        self.key = key
        self._attempts, self._patience = attempts, patience
        self._reached = False
        # A call that creates something must not be repeated by the package, and a redirect would take key and prompts
        # to a place that nobody named.
        self._client = openai.AsyncOpenAI(
            api_key=key.value or NO_KEY,
            base_url=base_url,
            max_retries=0,
            timeout=httpx2.Timeout(SILENCE, connect=CONNECT_SECONDS),
            http_client=openai.DefaultAsyncHttpxClient(follow_redirects=False),
        )
        if urlsplit(base_url).hostname != OPENAI_HOST:
            # The package takes these from the environment: who pays is OpenAI's business alone.
            self._client.organization = self._client.project = None

    async def close(self) -> None:
        await self._client.close()

    async def greet(self) -> None:
        """Makes sure that key and address are right."""

        async def greet() -> None:
            await self._client.batches.list(limit=1)

        await self._persist(greet)

    async def upload(self, file: BinaryIO, name: str) -> str:
        """The id of a new file with the content of `file`."""

        async def upload() -> str:
            # The package reads it in small pieces, from its beginning.
            return (await self._client.files.create(file=(f"{name}.jsonl", file), purpose="batch")).id

        return await self._persist(upload)

    async def create(self, uploaded: Batch) -> str:
        """The id of the batch of an uploaded file: one that is there already, as the answer to an earlier call may have
        been lost, else a new one."""

        async def create() -> str:
            batch = await self._find(uploaded) or await self._client.batches.create(
                input_file_id=uploaded.file_id or "",
                endpoint=ENDPOINT,
                completion_window="24h",
                metadata={NAME: uploaded.name},
            )
            return batch.id

        return await self._persist(create)

    async def find(self, intent: Batch) -> str | None:
        """The id of the batch that came of `intent`; None where none did, or is listed yet."""
        state = await self._persist(lambda: self._find(intent))
        return state.id if state else None

    async def look(self, batch: Batch) -> State:
        """How far a batch is."""
        fix = "check that key and base_url are of the account that has it"
        fix += f"; to give its answers up and ask anew, remove {batch.path}"
        return await self._persist(lambda: self._client.batches.retrieve(batch.batch_id or ""), gone=fix)

    async def read(self, batch: Batch, work: Callable[[Lines], Awaitable[T]]) -> T:
        """What `work` makes of the lines of the files of a batch, each given by its id. It is called again where a
        connection broke."""
        fix = f"if the provider keeps them no longer, remove {batch.path} to ask anew"
        return await self._persist(lambda: work(self._lines), gone=fix)

    async def _find(self, intent: Batch) -> State | None:
        async for state in self._client.batches.list(limit=100):
            # The newest come first. One that failed was never begun, and stands in the way of none.
            if state.created_at < intent.created - CLOCKS:
                break
            if (state.metadata or {}).get(NAME) == intent.name and state.status != "failed":
                return state
        return None

    async def _lines(self, file_id: str) -> AsyncIterator[bytes]:
        async with self._client.files.with_streaming_response.content(file_id) as response:
            rest = b""
            async for chunk in response.iter_bytes(1 << 16):
                *lines, rest = (rest + chunk).split(b"\n")
                for line in lines:
                    yield line
            if rest:
                yield rest

    async def _persist(self, call: Callable[[], Awaitable[T]], gone: str = PATH) -> T:
        import httpx2
        import openai

        clock, backoff = asyncio.get_running_loop().time, Backoff()
        began, tries = clock(), 0
        while True:
            tries += 1
            wait = None
            try:
                result = await call()
            except openai.APIStatusError as refusal:
                if refusal.status_code < 500 and refusal.status_code not in RETRYABLE:
                    raise self._refused(refusal, gone) from None
                said = f"status {refusal.status_code}"
                wait = retry_after(refusal.response.headers, datetime.now(UTC))
            except (openai.APIConnectionError, openai.APIResponseValidationError, httpx2.TransportError):
                said = "no whole answer came"
            else:
                self._reached = True
                return result
            if clock() - began > self._patience or (not self._reached and tries >= self._attempts):
                raise TeacherError(
                    f"the batch API does not work ({said})",
                    where=self.where,
                    fix="check base_url; batches that were sent go on there, and the same command finds them again",
                ) from None
            await asyncio.sleep(backoff.pause(tries, wait))

    def _refused(self, refusal: openai.APIStatusError, gone: str) -> TeacherError:
        status = refusal.status_code
        said = f"status {status}: {self.words(refusal.body)}".rstrip(": ")
        fix = gone if status == 404 else PATH
        if status in (401, 403):
            fix = f"check the key in {self.key.variable}" if self.key.variable else "set api_key_env for a key"
        elif status == 402 or refusal.code == "insufficient_quota":
            fix = "check the balance of the account"
        return TeacherError(f"the batch API refuses ({said})", where=self.where, fix=fix)

    def words(self, said: object) -> str:
        """The provider's words in an error, on one line, cut short and without the key."""
        words = said.get("message") if isinstance(said, dict) else said
        return self.key.hide_in(" ".join(words.split()))[:LONGEST_QUOTE] if isinstance(words, str) else ""
