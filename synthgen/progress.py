"""What a run tells whoever watches it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

Stage = Literal[
    "read",
    "extract",
    "plan",
    "generate",
    "judge",
    "tokenise",
    "decontaminate",
    "deduplicate",
    "select",
    "topics",
    "export",
    "pack",
    "arms",
    "check",
    "train",
    "measure",
]


@dataclass(frozen=True, slots=True)
class Progress:
    """A moment of a run. `total` is None where it is not known.

    `usd` is what the run has spent in all its sessions, None where a price is unknown; `usd_cap` is what it may spend.
    `accepted` counts records that passed the filters; `tokens` are completion tokens. `seconds` is the stage's age, and
    `seconds_cap` the age at which it stops. `draining` counts the requests in flight that a stopped run waits for.
    `finished` marks the last report of a stage.
    """

    stage: Stage
    done: int
    total: int | None
    accepted: int = 0
    failed: int = 0
    tokens: int = 0
    usd: float | None = 0.0
    usd_cap: float | None = None
    seconds: float = 0.0
    seconds_cap: float | None = None
    draining: int = 0
    finished: bool = False

    @property
    def rate(self) -> float:
        """Items a second since the stage began."""
        return self.done / self.seconds if self.seconds > 0 else 0.0

    @property
    def seconds_left(self) -> float | None:
        """Expected time until all is done, caps aside; None where nothing is known."""
        if self.total is None or not self.done or not self.seconds:
            return None
        return (self.total - self.done) / self.rate

    @property
    def seconds_to_cap(self) -> float | None:
        """Time until `seconds_cap`, where that is expected to come before all is done; None where it is not."""
        if self.seconds_cap is None:
            return None
        left = max(0.0, self.seconds_cap - self.seconds)
        return left if self.seconds_left is None or left < self.seconds_left else None


OnProgress = Callable[[Progress], None]


def silent(progress: Progress) -> None:
    """Watches nothing."""


class Watch:
    """Counts the steps of one stage and tells `on_progress` after each. `usd` was spent before it began."""

    def __init__(
        self,
        stage: Stage,
        total: int | None,
        on_progress: OnProgress,
        *,
        usd: float = 0.0,
        usd_cap: float | None = None,
        seconds_cap: float | None = None,
    ) -> None:
        self._now = Progress(stage, 0, total, usd=usd, usd_cap=usd_cap, seconds_cap=seconds_cap)
        self._began = time.monotonic()
        self._tell = on_progress
        self._tell(self._now)

    def step(self, *, accepted: int = 0, failed: int = 0, tokens: int = 0, usd: float | None = 0.0) -> None:
        """One more item; the others are what it adds. An unknown price makes the spend unknown."""
        now = self._now
        self._update(
            done=now.done + 1,
            accepted=now.accepted + accepted,
            failed=now.failed + failed,
            tokens=now.tokens + tokens,
            usd=None if usd is None or now.usd is None else now.usd + usd,
        )

    def drain(self, in_flight: int) -> None:
        """The stage stops, and waits for so many requests in flight."""
        self._update(draining=in_flight)

    def finish(self) -> None:
        """The stage has ended; its total is what was done."""
        self._update(total=self._now.done, finished=True)

    def _update(self, **changes: Any) -> None:
        self._now = replace(self._now, seconds=time.monotonic() - self._began, **changes)
        self._tell(self._now)
