"""What a backend is: the way to one teacher."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Self

from synthgen.data import Completion, ModelInfo, Request
from synthgen.recipe import TeacherSettings


class Backend(ABC):
    """Sends requests to one teacher. An async context manager: heavy imports and connections belong in `__aenter__`.

    Subclasses are found by `synthgen.registry`. Making one must be cheap and must raise RecipeError at once for
    settings that cannot work, such as a missing model.
    """

    name: ClassVar[str]
    local: ClassVar[bool] = False
    """Whether the source text stays in this process. False means that it is sent somewhere; plan and card say so."""
    immediate: ClassVar[bool] = True
    """Whether it answers a request at once. One that works in batches does not: it is not asked just to try it, nor
    waited for when a run stops, and a request that fails does not say that it is busy."""
    deadline: ClassVar[float] = 600.0
    """Seconds that one request may take where the recipe sets no `deadline`."""
    price_factor: ClassVar[float] = 1.0
    """What this way to a model costs, of the prices in the recipe."""

    def __init__(self, settings: TeacherSettings) -> None:
        self.settings = settings

    @abstractmethod
    def identity(self) -> Mapping[str, Any]:
        """What of this teacher changes its answers (backend, model, revision, engine version ...), as JSON values.

        It enters the request id, so it holds no address, key or anything else that does not change an answer.
        Works before `__aenter__`.
        """

    @property
    @abstractmethod
    def in_flight(self) -> int:
        """How many requests it wants at once, at least 1."""

    def check(self) -> None:  # noqa: B027 (a backend that needs nothing has nothing to check)
        """Raises RecipeError for what a run needs of its surroundings and does not find, such as a key variable.

        Called before anything is read; a plan does without.
        """

    def keep_in(self, folder: Path) -> None:  # noqa: B027 (most backends have nothing to keep)
        """Hands over a folder in the run directory, not made yet, for what has to outlive the process.

        Called before `__aenter__`; other processes that work on the run may be given the same folder.
        """

    async def served(self) -> Mapping[str, Any]:
        """What the teacher, once entered, says of the model that it really runs, as JSON values; empty if nothing.

        A run that finds other values than in an earlier session is refused, so what differs between sessions without
        changing an answer must not be in it.
        """
        return {}

    async def model_info(self) -> ModelInfo | None:
        """What the teacher, once entered, says of its model; None if nothing."""
        return None

    @abstractmethod
    async def complete(self, request: Request) -> Completion:
        """One attempt at one request.

        Never raises for a bad request or answer: the Completion then carries a CompletionError of a known class.
        Retries, deadlines and budgets are the caller's (`synthgen.generate`). It is never told that no more requests
        come: a backend that collects them sends what it has once none has come for a while.
        """

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None
