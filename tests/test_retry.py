from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthgen.retry import LONGEST_RETRY_AFTER, Backoff, retry_after

NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0.0),
        ("7", 7.0),
        (" 1.5 ", 1.5),
        ("1000000000", LONGEST_RETRY_AFTER),
        (format_datetime(NOW + timedelta(seconds=30), usegmt=True), 30.0),
        (format_datetime(NOW - timedelta(days=400), usegmt=True), 0.0),
        (format_datetime(NOW + timedelta(days=400), usegmt=True), LONGEST_RETRY_AFTER),
        ("Sun, 01 Mar 2026 12:00:20 -0000", 20.0),
    ],
)
def test_retry_after_is_read_as_seconds_or_a_date_and_capped(value: str, seconds: float) -> None:
    assert retry_after({"retry-after": value}, NOW) == seconds


@pytest.mark.parametrize("value", ["", "soon", "-1", "nan", "inf", "-inf", "1,5", "Mon, 99 Foo 2026 12:00:00 GMT"])
def test_an_unusable_retry_after_says_nothing(value: str) -> None:
    assert retry_after({"retry-after": value}, NOW) is None


def test_without_the_header_there_is_no_retry_after() -> None:
    assert retry_after({}, NOW) is None


@given(st.text())
def test_any_header_gives_a_pause_within_the_limits_or_none(value: str) -> None:
    seconds = retry_after({"retry-after": value}, NOW)
    assert seconds is None or 0 <= seconds <= LONGEST_RETRY_AFTER


@given(st.integers(1, 10_000), st.none() | st.floats(0, LONGEST_RETRY_AFTER))
def test_a_pause_is_at_least_what_the_server_asked_for_and_never_endless(attempt: int, asked: float | None) -> None:
    backoff = Backoff()
    assert (asked or 0.0) <= backoff.pause(attempt, asked) <= backoff.longest + LONGEST_RETRY_AFTER


def test_the_range_of_pauses_doubles_with_every_attempt() -> None:
    backoff = Backoff(base=1.0, longest=1e9)
    longest = [max(backoff.pause(attempt, None) for _ in range(500)) for attempt in range(1, 6)]
    assert all(bound / 2 < most <= bound for most, bound in zip(longest, [2, 4, 8, 16, 32], strict=True))
