"""Back-pressure: how many requests a server should be given, by how many wait in its queue."""

from __future__ import annotations

import asyncio
import math
import re
from collections import Counter
from dataclasses import dataclass

from synthgen.endpoint.server import Server

POLL_SECONDS = 1.0

_GAUGE = re.compile(rb"^vllm:num_requests_(running|waiting)(?:\{[^}\n]*\})? +(\S+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Queue:
    """How many requests a server works on, and how many wait for it to do so, whoever sent them."""

    running: int
    waiting: int


class Pressure:
    """How many requests to give to a server at once: from `start`, never above `most` or below a sixteenth of it.

    A request that waits in the server's queue only uses up its deadline there. Half of what waits, as far as it is
    ours, is taken off what is in flight, so that the engine stays full while the queue grows short; and a sixteenth of
    `most` is added each time that nothing waits.
    """

    def __init__(self, start: int, most: int) -> None:
        self._most = most
        self._step = max(1, most // 16)
        self.limit = start

    def see(self, queue: Queue, ours: int) -> None:
        """Learns of the server's queue at a time when `ours` of its requests are from here."""
        if queue.waiting:
            share = min(1.0, ours / (queue.running + queue.waiting))
            wanted = ours - math.ceil(queue.waiting * share / 2)
            self.limit = max(self._step, min(self.limit, wanted))
        else:
            self.limit = min(self._most, self.limit + self._step)

    async def follow(self, server: Server) -> None:
        """Sees the queue of `server` again and again; ends where that does not show one."""
        while True:
            reply = await server.metrics()
            if reply is not None and reply.status < 500:
                queue = read_queue(reply.body) if reply.status == 200 else None
                if queue is None:
                    return
                self.see(queue, server.in_flight)
            await asyncio.sleep(POLL_SECONDS)


def read_queue(metrics: bytes) -> Queue | None:
    """The queue of all engines together in vLLM's metrics (Prometheus's text format); None if they are none."""
    counts = Counter[bytes]()
    try:
        for name, value in _GAUGE.findall(metrics):
            counts[name] += int(float(value))
    except (ValueError, OverflowError):
        return None
    return Queue(counts[b"running"], counts[b"waiting"]) if b"waiting" in counts else None
