"""A process that is killed while a batch is on its way leaves it to the next one, which pays for nothing twice."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from batch_kill_child import COUNT, PRICE
from stub_batches import StubBatches

CHILD = Path(__file__).with_name("batch_kill_child.py")


class Child:
    """A process that does the job, and is killed when told so."""

    def __init__(self, server: asyncio.subprocess.Process) -> None:
        self._server = server
        self._pid = 0

    async def start(self, url: str, folder: Path) -> None:
        assert self._server.stdin is not None
        self._server.stdin.write(f"{url} {folder}\n".encode())
        self._pid = await self._said()

    def kill(self) -> None:
        """Kills it, if it is still there."""
        if self._pid:
            os.kill(self._pid, signal.SIGKILL)

    async def account(self) -> dict[str, float] | None:
        """What it came to; None where it was killed."""
        said = await self._said()
        if isinstance(said, dict):
            assert await self._said() == 0
        self._pid = 0
        if said == -signal.SIGKILL:
            return None
        assert isinstance(said, dict), f"it ended with status {said}"
        return said

    async def _said(self) -> Any:
        assert self._server.stdout is not None
        return json.loads(await self._server.stdout.readline())


@asynccontextmanager
async def children() -> AsyncIterator[Child]:
    server = await asyncio.create_subprocess_exec(
        sys.executable,
        CHILD,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "NO_PROXY": "127.0.0.1"},
    )
    child = Child(server)
    try:
        yield child
    finally:
        child.kill()
        server.kill()
        await server.communicate()


STEPS = [
    ("upload", 1),
    ("uploaded", 1),
    ("uploaded", 3),
    ("create", 1),
    ("created", 1),
    ("created", 3),
    ("look", 2),
    ("reading", 1),
    ("read", 1),
    ("read", 3),
]
"""What the provider is about to do, or has just done, and for which time, when the process is killed."""


async def check(child: Child, folder: Path, kills: Sequence[tuple[str, int]]) -> None:
    """Kills a process at each of `kills` in turn; the last one comes to its end, and nothing was lost or paid twice."""
    left = list(kills)
    seen: Counter[str] = Counter()

    async def hook(step: str) -> web.StreamResponse | None:
        seen[step] += 1
        if not left or (step, seen[step]) != left[0]:
            return None
        left.pop(0)
        child.kill()
        return web.Response(status=500)

    async with StubBatches(hook=hook) as stub:
        for number in range(len(kills)):
            seen.clear()
            await child.start(stub.url, folder)
            assert await child.account() is None
            assert len(left) == len(kills) - number - 1
        await child.start(stub.url, folder)
        account = await child.account()
        assert account is not None
        assert account["answered"] == COUNT
        # The stub reports 100 and 10 tokens for each request; a batch costs half the price.
        assert account["usd"] == pytest.approx(COUNT * 110 * PRICE / 2 / 1e6)
        assert len(stub.purchases) == COUNT
        assert set(stub.purchases.values()) == {1}


def test_killed_at_any_step_every_request_is_bought_and_charged_once(tmp_path: Path) -> None:
    async def work() -> None:
        async with children() as child:
            for step, nth in STEPS:
                await check(child, tmp_path / f"{step}-{nth}", [(step, nth)])

    asyncio.run(work())


def test_killed_again_and_again_it_comes_to_the_same_end(tmp_path: Path) -> None:
    async def work() -> None:
        async with children() as child:
            kills = [("uploaded", 1), ("created", 1), ("look", 1), ("reading", 1), ("look", 2), ("read", 1)]
            await check(child, tmp_path / "run", kills)

    asyncio.run(work())
