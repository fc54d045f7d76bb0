"""The teachers at work: who is asked in one leg after another is entered once, and stays in between."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import AsyncExitStack
from pathlib import Path

from synthgen.backends.base import Backend
from synthgen.teachers import Facts, facts, folder


class Faculty:
    """Backends that are entered, by name; what they keep stands in the folder `place`.

    Starting an engine takes minutes. Those that are not asked go first, because two engines may not fit on one device.
    """

    def __init__(self, place: Path) -> None:
        self._place = place
        self._entered: dict[str, AsyncExitStack] = {}
        self._known: dict[str, Facts] = {}

    async def convene(self, backends: Mapping[str, Backend]) -> dict[str, Facts]:
        """Lets all others go, enters those of `backends` that are not there, and tells who they are."""
        await self._let_go(self._entered.keys() - backends.keys())
        for name, backend in backends.items():
            if name not in self._entered:
                backend.keep_in(folder(self._place, name))
                async with AsyncExitStack() as stack:
                    await stack.enter_async_context(backend)
                    self._known[name] = facts(identity=backend.identity(), served=await backend.served())
                    self._entered[name] = stack.pop_all()
        return {name: self._known[name] for name in backends}

    async def leave(self) -> None:
        """Lets all of them go."""
        await self._let_go(list(self._entered))

    async def _let_go(self, names: Collection[str]) -> None:
        async with AsyncExitStack() as stack:
            for name in sorted(names):
                stack.push_async_exit(self._entered.pop(name))
