"""The caps of a run, and what counts against them while requests are in flight."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Literal

from synthgen.backends.base import Backend
from synthgen.cost import cost, worst_case
from synthgen.data import Request, Usage
from synthgen.errors import BudgetError
from synthgen.recipe import BudgetSettings

Cap = Literal["requests", "usd", "hours"]


class Budget:
    """Counts requests, dollars and hours against their caps.

    An attempt reserves its worst case before it is sent, and is settled at what it took, so that `usd` plus
    `reserved` is never above the cap. `requests` and `usd` start at what earlier sessions of the run used;
    hours are those since this object was made.
    """

    def __init__(
        self,
        settings: BudgetSettings,
        *,
        requests: int = 0,
        usd: float = 0.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.settings = settings
        self.requests = requests
        self.usd = usd
        self.reserved = 0.0
        self._clock = clock
        self._start = clock()

    def check(self, teachers: Iterable[Backend]) -> None:
        """Raises BudgetError where dollars are capped and a teacher that is not local has no price."""
        if self.settings.usd is None:
            return
        for backend in teachers:
            if cost(backend, Usage()) is None:
                raise BudgetError(
                    "a budget in dollars cannot be kept without prices",
                    where=f"teacher {backend.settings.name}",
                    fix="give --price MODEL=IN/OUT, or price_input and price_output in the recipe",
                )

    def worst_case(self, backend: Backend, request: Request) -> float:
        """What an attempt at `request` must reserve: 0 where dollars are not capped or the teacher is free.

        Raises BudgetError where the answer's length, and so its cost, has no limit.
        """
        if self.settings.usd is None:
            return 0.0
        worst = worst_case(backend, request.payload)
        if worst is None:
            raise BudgetError(
                "a budget in dollars cannot be kept for answers of any length",
                where=f"teacher {backend.settings.name}, transformation {request.transformation.name}",
                fix="set max_tokens in its sampling",
            )
        return worst

    def exceeded(self, worst: float) -> Cap | None:
        """The cap that one more request, costing `worst` at most, would exceed."""
        if self.settings.requests is not None and self.requests >= self.settings.requests:
            return "requests"
        if self.settings.hours is not None and self._clock() - self._start >= self.settings.hours * 3600:
            return "hours"
        return None if self.affords(worst) else "usd"

    def affords(self, worst: float) -> bool:
        """Whether one more attempt, costing `worst` at most, keeps within the cap on dollars."""
        return self.settings.usd is None or self.usd + self.reserved + worst <= self.settings.usd

    def reserve(self, worst: float) -> None:
        self.reserved += worst

    def settle(self, worst: float, spent: float) -> None:
        """Puts what an attempt took in the place of what it had reserved."""
        self.reserved -= worst
        self.usd += spent
