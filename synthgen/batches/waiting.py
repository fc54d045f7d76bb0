"""Who waits for the answer to which request."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from synthgen.data import Completion, Request


class Waiting:
    """The requests whose answers are waited for, each by one coroutine."""

    def __init__(self) -> None:
        self._requests: dict[str, tuple[Request, asyncio.Future[Completion]]] = {}

    async def wait(self, request: Request) -> Completion:
        """The completion that is given for `request`; raises what it fails with."""
        future: asyncio.Future[Completion] = asyncio.get_running_loop().create_future()
        self._requests[request.request_id] = (request, future)
        try:
            return await future
        finally:
            del self._requests[request.request_id]

    def asked(self, request_id: str) -> Request | None:
        """The request with this id, if its answer is still waited for."""
        request, future = self._requests.get(request_id, (None, None))
        return None if future is None or future.done() else request

    def give(self, completion: Completion) -> None:
        """Ends the wait for a completion, where there is any."""
        if self.asked(completion.request_id):
            self._requests[completion.request_id][1].set_result(completion)

    def fail(self, request_ids: Iterable[str], error: Exception) -> None:
        """Ends the waits for these requests with `error`."""
        for request_id in request_ids:
            if self.asked(request_id):
                self._requests[request_id][1].set_exception(error)
