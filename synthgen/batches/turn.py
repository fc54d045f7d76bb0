"""When files are sent and answers are read: one at a time, and not while requests come."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Turn:
    """Answers that are read make room for requests, which belong into one file; and the more requests wait for the
    answers of a batch, the less often these have to be read. So both wait until no request has come for `pause`
    seconds, and for one another."""

    def __init__(self, pause: float) -> None:
        self._pause = pause
        self._lock = asyncio.Lock()
        self._last = 0.0

    def request(self) -> None:
        """Notes that one comes."""
        self._last = asyncio.get_running_loop().time()

    @asynccontextmanager
    async def taken(self) -> AsyncIterator[None]:
        """The block runs when its turn has come."""
        clock = asyncio.get_running_loop().time
        async with self._lock:
            while (left := self._last + self._pause - clock()) > 0:  # noqa: ASYNC110 (a request only lengthens it)
                await asyncio.sleep(left)
            yield
