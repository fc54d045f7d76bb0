"""One batch, from a file of requests to the answers."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping
from typing import TYPE_CHECKING, Any

from synthgen.batches.ledger import Batch, Ledger, keep_only, save
from synthgen.batches.lines import completion_of
from synthgen.batches.provider import Provider
from synthgen.batches.results import ENDED, NOT_BEGUN, UNFINISHED, is_queue_full, read_results, refused_lines
from synthgen.batches.spool import Spool
from synthgen.batches.turn import Turn
from synthgen.batches.waiting import Waiting
from synthgen.data import Completion
from synthgen.errors import TeacherError

if TYPE_CHECKING:
    from openai.types import Batch as State

log = logging.getLogger(__name__)

FIRST_LOOK = 1 / 30
"""The pause before the second look at a batch, as a part of the longest one."""
FULL_PAUSE = 10
"""How many times as long as that a batch waits that found the provider's queue full."""


class Courier:
    """Looks after one batch: of a file that is still to be sent (`send`), or of one that was (`fetch`).

    `others_queued` says whether the provider has other batches in its queue; `poll` is the longest time between two
    looks at a batch, in seconds. Both ways end when nobody waits for an answer of the batch any more; whatever stops
    them earlier becomes `failure`, and goes to all who wait.
    """

    def __init__(
        self,
        provider: Provider,
        waiting: Waiting,
        turn: Turn,
        poll: float,
        others_queued: Callable[[], bool],
        batch: Batch | None = None,
    ) -> None:
        self.failure: Exception | None = None
        self.queued = False
        """Whether the provider has the batch, and has not ended it."""
        self._provider = provider
        self._waiting = waiting
        self._turn = turn
        self._poll = poll
        self._others_queued = others_queued
        self._batch = batch
        self._spool: Spool | None = None
        self._work: asyncio.Task[None] | None = None
        self._creating: asyncio.Task[Batch] | None = None

    def has(self, request_id: str) -> bool:
        """Whether this request is, or is about to be, in the batch, and may have an answer there."""
        return self._batch is None or request_id in self._batch.request_ids

    def send(self, spool: Spool, ledger: Ledger, uploading: asyncio.Lock) -> None:
        """Makes a batch of a file, then as `fetch`."""
        self._spool = spool
        self._start(lambda: self._send(spool, ledger, uploading))

    def fetch(self) -> None:
        """Waits for the end of the batch and hands out its answers, as long as somebody waits for some."""
        if self._work is None:
            self._start(self._fetch)

    async def stop(self, seconds: float) -> None:
        """Leaves the batch to the provider. If it is just being created, that gets so many seconds to end."""
        await _cancel(self._work)
        if self._creating:
            await asyncio.wait([self._creating], timeout=seconds)
            await _cancel(self._creating)
        if self._spool:
            self._spool.close()

    def _start(self, work: Callable[[], Coroutine[None, None, None]]) -> None:
        async def guarded() -> None:
            try:
                await work()
            except Exception as error:
                self.failure = error
                request_ids = self._batch.request_ids if self._batch else self._spool.request_ids if self._spool else ()
                self._waiting.fail(request_ids, error)
            finally:
                self._work = None

        self._work = asyncio.create_task(guarded())

    async def _send(self, spool: Spool, ledger: Ledger, uploading: asyncio.Lock) -> None:
        async with uploading:
            intent = await asyncio.to_thread(ledger.intend, spool.request_ids)
            file_id = await self._provider.upload(spool.content(), intent.name)
        spool.close()
        await self._create(await asyncio.to_thread(save, intent, file_id=file_id))
        await self._fetch()

    async def _fetch(self) -> None:
        while (batch := self._batch) and any(map(self._waiting.asked, batch.request_ids)):
            state = await self._end_of(batch)
            if is_queue_full(state):
                await self._create_again(batch)
                continue
            async with self._turn.taken():
                failed = await (self._refused(batch, state) if state.status == "failed" else self._read(batch, state))
                # On the disk before anyone hears of it: a request that is then sent again is in one batch only.
                self._batch = await asyncio.to_thread(keep_only, batch, batch.request_ids.keys() - failed.keys())
            for completion in failed.values():
                self._waiting.give(completion)

    async def _create(self, uploaded: Batch) -> None:
        """Makes a batch of an uploaded file. Goes on when this is cancelled: it may be paid already."""

        async def create() -> Batch:
            batch_id = await self._provider.create(uploaded)
            self.queued = True
            return await asyncio.to_thread(save, uploaded, batch_id=batch_id)

        self._creating = asyncio.create_task(create())
        self._batch = await asyncio.shield(self._creating)

    async def _create_again(self, batch: Batch) -> None:
        """Gives a batch that found the queue full another try, if another one may make room for it."""
        if not self._others_queued():
            await asyncio.to_thread(keep_only, batch, ())
            raise TeacherError(
                "a file holds more tokens than the account may have in the provider's queue",
                where=self._provider.where,
                fix="lower max_requests in the teacher's options, or wait for the account's other batches",
            )
        await asyncio.sleep(FULL_PAUSE * self._poll)
        await self._create(batch)

    async def _end_of(self, batch: Batch) -> State:
        """The state of the batch once it has ended."""
        pause = FIRST_LOOK * self._poll
        while (state := await self._provider.look(batch)).status not in ENDED:
            self.queued = True
            await asyncio.sleep(pause)
            pause = min(2 * pause, self._poll)
        self.queued = False
        return state

    async def _read(self, batch: Batch, state: State) -> Mapping[str, Completion]:
        """Hands out the answers; the requests that wait for one and got none, by id."""
        waiting = self._waiting
        results = await self._provider.read(
            batch,
            lambda lines: read_results(
                lines, state, batch.request_ids, waiting.asked, waiting.give, self._provider.key
            ),
        )
        if results.remark:
            log.warning("%s: passed over %s", batch.batch_id, results.remark)
        why = UNFINISHED[state.status]
        missing = [one for one in batch.request_ids if one not in results.seen and waiting.asked(one)]
        return results.failed | {one: Completion(one, error=why) for one in missing}

    async def _refused(self, batch: Batch, state: State) -> Mapping[str, Completion]:
        """What becomes of the requests of a batch that was not even begun: of all of them, so that it is forgotten."""
        try:
            refused = list(refused_lines(state, batch.request_ids, self._provider.words, self._provider.where))
        except TeacherError:
            await asyncio.to_thread(keep_only, batch, ())
            raise
        completions = {one: Completion(one, error=NOT_BEGUN) for one in batch.request_ids}
        for answer in refused:
            if request := self._waiting.asked(answer.request_id):
                completions[answer.request_id] = completion_of(answer, request, self._provider.key)
        return completions


async def _cancel(task: asyncio.Task[Any] | None) -> None:
    if task:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
