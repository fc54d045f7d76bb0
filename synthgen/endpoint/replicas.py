"""The replicas of one teacher: which of them an extract belongs to, and which of them are up."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence

from synthgen.endpoint.server import Server

FIRST_REST = 1.0
LONGEST_REST = 30.0
"""Seconds before a replica that is down is looked at, the first time and at most."""


class Replica:
    """One replica. It is down from its first failure until it answers, or is found well."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.down = asyncio.Event()
        self._rest = FIRST_REST

    def failed(self) -> None:
        self.down.set()

    def answered(self) -> None:
        self.down.clear()
        self._rest = FIRST_REST

    async def look_again(self) -> None:
        """Looks at it whenever it is down, and never ends. The pauses grow until it has answered a request."""
        while True:
            await self.down.wait()
            await asyncio.sleep(self._rest)
            self._rest = min(2 * self._rest, LONGEST_REST)
            if await self.server.is_well():
                self.down.clear()


def in_order(replicas: Sequence[Replica], text: str) -> Sequence[Replica]:
    """The replicas that are up, in the order in which `text` prefers them; the first of all where none is up.

    By rendezvous hashing (Thaler and Ravishankar, 1998): a text keeps its replica, whose cache knows it, and where one
    replica falls away, only its own texts move, and spread over all others.
    """
    if len(replicas) == 1:
        return replicas
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass")).digest()
    ordered = sorted(replicas, key=lambda replica: _weight(digest, replica.server.address), reverse=True)
    return [replica for replica in ordered if not replica.down.is_set()] or ordered[:1]


def _weight(digest: bytes, address: str) -> bytes:
    return hashlib.blake2b(address.encode(), key=digest, digest_size=8).digest()
