"""How long to wait before asking again."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST_RETRY_AFTER = 120.0
"""Seconds. A server that asks for more is asked again after this long; a run must not hang on one header."""


@dataclass(frozen=True, slots=True)
class Backoff:
    """Exponential backoff with full jitter (Brooker, "Exponential Backoff And Jitter", 2015). In seconds."""

    base: float = 0.5
    longest: float = 60.0

    def pause(self, attempt: int, retry_after: float | None) -> float:
        """Seconds to wait after failed attempt number `attempt` (from 1): never less than the server asked for."""
        jitter = random.uniform(0, min(self.longest, self.base * 2 ** min(attempt, 30)))
        return jitter + (retry_after or 0.0)


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds that a server asks to wait, from 0 to LONGEST_RETRY_AFTER; None where it says nothing usable.

    `Retry-After` holds seconds or an HTTP date (RFC 9110, 10.2.3). `headers` must be case-insensitive or lower case.
    """
    value = headers.get("retry-after", "").strip()
    try:
        seconds = float(value)
    except ValueError:
        seconds = _until(value, now)
    return min(seconds, LONGEST_RETRY_AFTER) if seconds >= 0 and math.isfinite(seconds) else None


def _until(date: str, now: datetime) -> float:
    """Seconds from `now` until an HTTP date, 0 where it is past; NaN where it is no date."""
    try:
        moment = parsedate_to_datetime(date)
        return max(0.0, (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() - now.timestamp())
    except (ValueError, TypeError, OverflowError):
        return math.nan
