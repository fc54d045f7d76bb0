"""A local OpenAI-compatible server that does what a script says, on the loopback interface only.

In a test: `async with StubServer(script) as stub`, then `stub.url`. As a process of its own: `with served("--delay",
"0.1") as url`, or `python tests/stub_server.py`, which writes its URL as the first line of its output and serves until
it is killed. `GET /counts` at its root says what it saw. With `--lean` it reads and counts nothing, and is fast.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import random
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal, Self

from aiohttp import web


@dataclass(frozen=True)
class Seen:
    """A request as it arrived. `index` counts all of them, from 0; `attempt` those with this body, from 1.

    `peer` is the port of the client's end of the connection.
    """

    index: int
    attempt: int
    headers: Mapping[str, str]
    payload: Mapping[str, Any]
    peer: int = 0


@dataclass(frozen=True)
class Reply:
    """What goes back. `body` None is a valid chat completion with `text`, and `text` None one that suits the prompt.

    `until` holds the reply back. `cut` ends the connection without it, or after half of it. `drip` sends a byte of it
    every so many seconds.
    """

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | Mapping[str, Any] | None = None
    text: str | None = None
    finish_reason: str = "stop"
    delay: float = 0.0
    until: asyncio.Event | None = None
    cut: Literal["before", "within"] | None = None
    drip: float = 0.0


Script = Callable[[Seen], Reply | Awaitable[Reply]]


def completion(text: str = "An answer.", finish_reason: str = "stop", **message: Any) -> dict[str, Any]:
    """The body of a chat completion."""
    return {
        "id": "chatcmpl-stub",
        "object": "chat.completion",
        "created": 0,
        "model": "stub",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": text, **message},
                "finish_reason": finish_reason,
            }
        ],
        "usage": {"prompt_tokens": 100, "completion_tokens": 10, "prompt_tokens_details": {"cached_tokens": 40}},
    }


def error(message: str = "no", code: str | None = None) -> dict[str, Any]:
    """The body of an error in OpenAI's form."""
    return {"error": {"message": message, "type": "stub", "param": None, "code": code}}


def suiting(payload: Mapping[str, Any]) -> str:
    """An answer in the form that the prompt asks for, made of the prompt's words; no two prompts get the same."""
    prompt = " ".join(message["content"] for message in payload["messages"])
    case = f"Case {hashlib.sha256(prompt.encode()).hexdigest()[:8]}"
    # Of the extract's own text only: an answer that repeats what we say around it is not one.
    content = payload["messages"][-1]["content"]
    words = (content.rpartition("\n</")[0].partition("\n\n")[2] or content).split()
    points = [" ".join(words[start : start + 25]) for start in range(0, min(len(words), 200), 25)]
    if '"pairs"' in prompt:
        pairs = [{"question": f"{case}: what is point {n}?", "answer": point} for n, point in enumerate(points)]
        return json.dumps({"pairs": pairs})
    if '"vignette"' in prompt:
        options = [f"Option {letter} of {case}" for letter in "ABCDE"]
        question = {"vignette": f"{case}. {points[0]}", "question": "What is the best next step?", "options": options}
        return json.dumps({**question, "answer": "C", "explanation": f"Option C is right: {points[-1]}"})
    if '"turns"' in prompt:
        return json.dumps({"turns": [{"speaker": "doctor", "text": f"{case}. {point}"} for point in points]})
    if '"- "' in prompt:
        return "\n".join(f"- {case}: {point}" for point in points)
    return f"{case}. {' '.join(points)}"


class StubServer:
    """Serves `script` on a free port while entered; by default each request gets a valid answer.

    `models` are the entries of its list of models, `metrics` makes its metrics, and `health` is the status of its
    health; it has no such page where they are None.
    """

    def __init__(
        self,
        script: Script = lambda seen: Reply(),
        *,
        port: int = 0,
        keep: bool = True,
        models: Sequence[Mapping[str, Any]] | None = None,
        metrics: Callable[[], str] | None = None,
        health: int | None = 200,
    ) -> None:
        self.script = script
        self.models = models
        self.metrics = metrics
        self.health = health
        self.keep = keep
        """Whether `seen` keeps the requests; long runs only count them."""
        self.seen: list[Seen] = []
        self.requests = 0
        self.attempts: Counter[str] = Counter()
        self.in_flight = 0
        self.most_in_flight = 0
        self.looks: list[tuple[str, Mapping[str, str]]] = []
        """Path and headers of all other requests."""
        self.looked = asyncio.Event()
        """Is set at each of them."""
        self.left = asyncio.Event()
        """Is set when a client leaves before its reply is whole."""
        self.url = ""
        self._port = port

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=1 << 26)
        app.router.add_post("/v1/chat/completions", self._complete)
        app.router.add_get("/counts", self._counts)
        app.router.add_get("/{path:.*}", self._look)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port, backlog=2048)
        await site.start()
        port = self._runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{port}/v1"
        return self

    async def __aexit__(self, *details: object) -> None:
        await self._runner.cleanup()

    async def _counts(self, request: web.Request) -> web.Response:
        counts = {"requests": self.requests, "different": len(self.attempts), "most_in_flight": self.most_in_flight}
        return web.json_response(counts)

    @property
    def connections(self) -> int:
        """How many are open."""
        assert self._runner.server is not None
        return len(self._runner.server.connections)

    async def _look(self, request: web.Request) -> web.Response:
        self.looks.append((request.path, request.headers.copy()))
        self.looked.set()
        if request.path == "/v1/models" and self.models is not None:
            return web.json_response({"object": "list", "data": list(self.models)})
        if request.path == "/metrics" and self.metrics is not None:
            return web.Response(text=self.metrics())
        if request.path == "/health" and self.health is not None:
            return web.Response(status=self.health)
        raise web.HTTPNotFound

    async def _complete(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        digest = hashlib.sha256(body).hexdigest()
        self.attempts[digest] += 1
        peer = request.transport.get_extra_info("peername")[1] if request.transport else 0
        seen = Seen(self.requests, self.attempts[digest], request.headers.copy(), json.loads(body), peer)
        self.requests += 1
        if self.keep:
            self.seen.append(seen)
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            reply = self.script(seen)
            reply = reply if isinstance(reply, Reply) else await reply
            if reply.until is not None:
                await reply.until.wait()
            if reply.delay:
                await asyncio.sleep(reply.delay)
            return await _send(request, seen, reply)
        except (asyncio.CancelledError, ConnectionError):
            self.left.set()
            raise
        finally:
            self.in_flight -= 1


async def _send(request: web.Request, seen: Seen, reply: Reply) -> web.StreamResponse:
    text = suiting(seen.payload) if reply.text is None else reply.text
    body = completion(text, reply.finish_reason) if reply.body is None else reply.body
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    transport = request.transport
    if (reply.cut is None and not reply.drip) or transport is None:
        return web.Response(status=reply.status, headers=reply.headers, body=data, content_type="application/json")
    response = web.StreamResponse(status=reply.status, headers=reply.headers)
    if reply.drip:
        response.content_length = len(data)
        await response.prepare(request)
        for start in range(len(data)):
            await response.write(data[start : start + 1])
            await asyncio.sleep(reply.drip)
        return response
    if reply.cut == "within":
        response.content_length = len(data)
        await response.prepare(request)
        await response.write(data[: len(data) // 2])
    transport.close()
    return response


@contextmanager
def served(*arguments: str) -> Iterator[str]:
    """The base URL of a stub in a process of its own, with the options of its command line."""
    command = [sys.executable, __file__, *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def scripted(options: argparse.Namespace) -> Script:
    """What the command line asks for. Whether a request fails depends on its body alone."""

    def script(seen: Seen) -> Reply:
        draw = random.Random(json.dumps(seen.payload)).random()
        if draw < options.rejected_share:
            return Reply(status=400, body=error("rejected by the stub"), delay=options.delay)
        if draw < options.rejected_share + options.failing_share and seen.attempt < options.succeeds_at:
            return Reply(status=500, body=error("failed by the stub"), delay=options.delay)
        return Reply(text="x" * options.answer_bytes or options.text, delay=options.delay)

    return script


class Lean(asyncio.Protocol):
    """A connection to a server that gives every request the same reply, at the least cost."""

    def __init__(self, reply: bytes) -> None:
        self._reply = reply
        self._head = b""
        self._missing = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        if not self._missing:
            self._head += data
            head, end, data = self._head.partition(b"\r\n\r\n")
            if not end:
                return
            length = re.search(rb"content-length: *(\d+)", head, re.IGNORECASE)
            self._head, self._missing = b"", int(length[1]) if length else 0
        self._missing -= len(data)
        if self._missing <= 0:
            self._missing = 0
            self._transport.write(self._reply)


async def serve_lean(options: argparse.Namespace) -> None:
    body = json.dumps(completion("x" * options.answer_bytes or "An answer.")).encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Lean(head.encode() + body), "127.0.0.1", options.port, backlog=2048)
    sys.stdout.write(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1\n")
    sys.stdout.flush()
    await server.serve_forever()


async def serve(options: argparse.Namespace) -> None:
    async with StubServer(scripted(options), port=options.port, keep=False) as stub:
        sys.stdout.write(stub.url + "\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--delay", type=float, default=0.0, help="seconds before each reply")
    parser.add_argument("--text", help="the answer; by default one that suits the prompt")
    parser.add_argument("--answer-bytes", type=int, default=0, help="answer with so many bytes instead")
    parser.add_argument("--rejected-share", type=float, default=0.0, help="share of requests that get a 400")
    parser.add_argument("--failing-share", type=float, default=0.0, help="share of requests that get a 500")
    parser.add_argument("--succeeds-at", type=int, default=2, help="attempt at which a failing request is answered")
    parser.add_argument("--lean", action="store_true", help="read nothing, count nothing, and give one answer to all")
    options = parser.parse_args()
    asyncio.run(serve_lean(options) if options.lean else serve(options))


if __name__ == "__main__":
    main()
