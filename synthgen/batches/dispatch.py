"""Between requests that come one by one and a provider that takes them by the file."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from pathlib import Path

from synthgen.batches.courier import FIRST_LOOK, Courier
from synthgen.batches.ledger import Batch, Ledger, keep_only, save
from synthgen.batches.lines import TOO_LARGE, Limits, request_line
from synthgen.batches.provider import Provider
from synthgen.batches.spool import Spool
from synthgen.batches.turn import Turn
from synthgen.batches.waiting import Waiting
from synthgen.data import Completion, CompletionError, Request

log = logging.getLogger(__name__)

STOP_SECONDS = 20.0
"""What a batch that is being created when everything is to stop gets to come into being."""


class Dispatch:
    """Collects requests into files, sends these as batches, and hands every answer to whoever waits for it.

    A file is sent when it is full, or when no request has come for a moment. A request of a batch that
    is known from an earlier process waits for that batch, and is not sent again. `poll` is the longest time between
    two looks at a batch, in seconds.
    """

    def __init__(self, provider: Provider, folder: Path, limits: Limits, poll: float) -> None:
        self._provider = provider
        self._folder = folder
        self._limits = limits
        self._poll = poll
        self._ledger = Ledger(folder)
        self._waiting = Waiting()
        self._turn = Turn(FIRST_LOOK * poll)
        self._uploading = asyncio.Lock()
        self._spool: Spool | None = None
        self._sender: asyncio.Task[None] | None = None
        self._couriers: list[Courier] = []
        self._courier_of: dict[str, Courier] = {}
        """The one who got a request last, by its id."""

    async def start(self) -> None:
        """Finds the batches of earlier processes. Raises TeacherError or StorageError."""
        for batch in self._ledger.batches():
            found = batch if batch.batch_id else await self._settle(batch)
            if found is not None:
                self._hand_to(self._courier(found), found.request_ids)

    async def ask(self, request: Request) -> Completion:
        """The answer to `request`. Raises TeacherError where the provider does not work, and StorageError."""
        self._turn.request()
        courier = self._courier_of.get(request.request_id)
        if courier and courier.failure:
            raise courier.failure
        if courier and courier.has(request.request_id):
            courier.fetch()
        elif error := self._collect(request):
            return Completion(request.request_id, error=error)
        return await self._waiting.wait(request)

    async def stop(self) -> None:
        """Leaves what is pending to the provider."""
        if self._sender:
            self._sender.cancel()
            await asyncio.gather(self._sender, return_exceptions=True)
        if self._spool:
            self._spool.close()
        await asyncio.gather(*(courier.stop(STOP_SECONDS) for courier in self._couriers))
        self._ledger.close()
        if pending := sum(courier.queued for courier in self._couriers):
            what = "a batch goes on" if pending == 1 else f"{pending:,} batches go on"
            log.warning("%s at the provider; the same command fetches the answers", what)

    def _collect(self, request: Request) -> CompletionError | None:
        """Puts a request into the file that is sent next, or says why it cannot be sent at all."""
        line = request_line(request)
        if isinstance(line, CompletionError):
            return line
        if not self._limits.allow(1, len(line)):
            return TOO_LARGE
        if self._spool and not self._spool.takes(line):
            self._send(self._spool)
        if self._spool is None:
            self._spool = Spool(self._folder, self._limits)
        self._spool.add(request.request_id, line)
        if self._spool.full:
            self._send(self._spool)
        elif self._sender is None:
            self._sender = asyncio.create_task(self._send_in_turn())
        return None

    async def _send_in_turn(self) -> None:
        try:
            async with self._turn.taken():
                if self._spool:
                    self._send(self._spool)
        finally:
            self._sender = None

    def _send(self, spool: Spool) -> None:
        self._spool = None
        courier = self._courier()
        self._hand_to(courier, spool.request_ids)
        courier.send(spool, self._ledger, self._uploading)

    def _courier(self, batch: Batch | None = None) -> Courier:
        def others_queued() -> bool:
            return any(courier.queued for courier in self._couriers)

        return Courier(self._provider, self._waiting, self._turn, self._poll, others_queued, batch)

    def _hand_to(self, courier: Courier, request_ids: Iterable[str]) -> None:
        self._couriers.append(courier)
        self._courier_of.update(dict.fromkeys(request_ids, courier))

    async def _settle(self, intent: Batch) -> Batch | None:
        """The batch that a killed process was about to create, if it came to that."""
        batch_id = await self._provider.find(intent)
        if batch_id is None and intent.file_id:
            # It may be so young that the provider does not list it yet.
            await asyncio.sleep(self._poll)
            batch_id = await self._provider.find(intent)
        if batch_id is None:
            keep_only(intent, ())
            return None
        return save(intent, batch_id=batch_id)
