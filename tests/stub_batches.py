"""A local stub of OpenAI's Files and Batches API that does what a script says, on the loopback interface only.

In a test: `async with StubBatches(script) as stub`, then `stub.url`. It keeps what was uploaded and what was bought.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from aiohttp import BodyPartReader, web
from stub_server import completion, error, suiting

Line = Mapping[str, Any]


@dataclass(frozen=True)
class Bought:
    """A batch as it was created: `index` counts them from 0, `lines` are the requests of its file."""

    index: int
    name: str
    lines: Sequence[Line]

    @property
    def ids(self) -> list[str]:
        return [line["custom_id"] for line in self.lines]


@dataclass(frozen=True)
class Outcome:
    """How a batch ends. `output` and `errors` are the lines of its two files, None for no file; `faults` why it failed.

    It ends after so many `looks`, and not before `until`.
    """

    status: str = "completed"
    output: Sequence[Line | bytes] | None = None
    errors: Sequence[Line | bytes] | None = None
    faults: Sequence[Mapping[str, Any]] = ()
    looks: int = 1
    until: asyncio.Event | None = None


Script = Callable[[Bought], Outcome]
Hook = Callable[[str], Awaitable[web.StreamResponse | None]]


def answered(line: Line, text: str | None = None, **choice: Any) -> dict[str, Any]:
    """The output line for a request line."""
    body = completion(suiting(line["body"]) if text is None else text, **choice)
    return {
        "id": "batch_req_stub",
        "custom_id": line["custom_id"],
        "response": {"status_code": 200, "request_id": "req_stub", "body": body},
        "error": None,
    }


def failed(line: Line, status: int, message: str = "no", code: str | None = None) -> dict[str, Any]:
    """The error line for a request line that got another status than 200."""
    response = {"status_code": status, "request_id": "req_stub", "body": error(message, code)}
    return {"id": "batch_req_stub", "custom_id": line["custom_id"], "response": response, "error": None}


def expired(line: Line) -> dict[str, Any]:
    """The error line for a request line that was not made in time."""
    said = {"code": "batch_expired", "message": "This request could not be executed before the window expired."}
    return {"id": "batch_req_stub", "custom_id": line["custom_id"], "response": None, "error": said}


def all_answered(bought: Bought) -> Outcome:
    return Outcome(output=[answered(line) for line in reversed(bought.lines)])


async def nothing(step: str) -> None:
    """A hook that lets everything happen."""


@dataclass
class _Batch:
    bought: Bought
    outcome: Outcome
    file_id: str
    metadata: Mapping[str, str]
    created_at: float
    looks: int = 0

    def state(self, looked: bool) -> dict[str, Any]:
        self.looks += looked
        held = self.outcome.until is not None and not self.outcome.until.is_set()
        ended = self.looks > self.outcome.looks and not held
        number = self.bought.index
        return {
            "id": f"batch_{number}",
            "object": "batch",
            "endpoint": "/v1/chat/completions",
            "completion_window": "24h",
            "created_at": int(self.created_at),
            "input_file_id": self.file_id,
            "metadata": self.metadata,
            "status": self.outcome.status if ended else "in_progress",
            "output_file_id": f"output_{number}" if ended and self.outcome.output is not None else None,
            "error_file_id": f"errors_{number}" if ended and self.outcome.errors is not None else None,
            "errors": {"object": "list", "data": list(self.outcome.faults)} if ended and self.outcome.faults else None,
        }


@dataclass
class StubBatches:
    """Serves `script` on a free port while entered; by default each batch is answered, in reversed order.

    `hook` is called at every step (`upload`, `uploaded`, `create`, `created`, `look`, `list`, `reading`, `read`) and
    may reply in the place of the stub. Pages of the list hold `page` batches.
    """

    script: Script = all_answered
    hook: Hook = nothing
    page: int = 2
    uploads: list[bytes] = field(default_factory=list)
    bought: list[Bought] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)
    url: str = ""

    @property
    def purchases(self) -> Counter[str]:
        """How often each request was in a batch that was not refused as a whole."""
        return Counter(one for batch in self._batches if batch.outcome.status != "failed" for one in batch.bought.ids)

    async def __aenter__(self) -> Self:
        self._batches: list[_Batch] = []
        app = web.Application(client_max_size=1 << 28)
        app.router.add_post("/v1/files", self._upload)
        app.router.add_get("/v1/files/{id}/content", self._content)
        app.router.add_post("/v1/batches", self._create)
        app.router.add_get("/v1/batches", self._list)
        app.router.add_get("/v1/batches/{id}", self._look)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/v1"
        return self

    async def __aexit__(self, *details: object) -> None:
        await self._runner.cleanup()

    async def _upload(self, request: web.Request) -> web.StreamResponse:
        self.keys.add(request.headers.get("Authorization", ""))
        # Read part by part: what aiohttp spools for `request.post()` stays open where the client dies on the way.
        parts: dict[str | None, tuple[str | None, bytes]] = {}
        async for part in await request.multipart():
            assert isinstance(part, BodyPartReader)
            parts[part.name] = (part.filename, bytes(await part.read()))
        assert parts["purpose"][1] == b"batch"
        name, content = parts["file"]
        if reply := await self.hook("upload"):
            return reply
        self.uploads.append(content)
        if reply := await self.hook("uploaded"):
            return reply
        file = {"id": f"file_{len(self.uploads) - 1}", "object": "file", "purpose": "batch", "status": "processed"}
        return web.json_response({**file, "bytes": len(content), "created_at": 0, "filename": name})

    async def _create(self, request: web.Request) -> web.StreamResponse:
        wanted = await request.json()
        if reply := await self.hook("create"):
            return reply
        assert wanted["endpoint"] == "/v1/chat/completions"
        content = self.uploads[int(wanted["input_file_id"].removeprefix("file_"))]
        lines = [json.loads(line) for line in content.splitlines()]
        bought = Bought(len(self.bought), wanted["metadata"]["synthgen"], lines)
        batch = _Batch(bought, self.script(bought), wanted["input_file_id"], wanted["metadata"], time.time())
        self.bought.append(bought)
        self._batches.append(batch)
        if reply := await self.hook("created"):
            return reply
        return web.json_response(batch.state(False))

    async def _look(self, request: web.Request) -> web.StreamResponse:
        if reply := await self.hook("look"):
            return reply
        number = int(request.match_info["id"].removeprefix("batch_"))
        if number >= len(self._batches):
            return web.json_response(error("No such batch"), status=404)
        return web.json_response(self._batches[number].state(True))

    async def _list(self, request: web.Request) -> web.StreamResponse:
        if reply := await self.hook("list"):
            return reply
        newest = [batch.state(False) for batch in reversed(self._batches)]
        after = request.query.get("after")
        start = [batch["id"] for batch in newest].index(after) + 1 if after else 0
        page = newest[start : start + self.page]
        return web.json_response({"object": "list", "data": page, "has_more": start + self.page < len(newest)})

    async def _content(self, request: web.Request) -> web.StreamResponse:
        kind, _, number = request.match_info["id"].partition("_")
        outcome = self._batches[int(number)].outcome
        lines = (outcome.output if kind == "output" else outcome.errors) or ()
        data = b"".join((line if isinstance(line, bytes) else json.dumps(line).encode()) + b"\n" for line in lines)
        response = web.StreamResponse()
        response.content_length = len(data)
        await response.prepare(request)
        await response.write(data[: len(data) // 2])
        if await self.hook("reading"):
            if request.transport is not None:
                request.transport.close()
            return response
        await response.write(data[len(data) // 2 :])
        await self.hook("read")
        return response
