"""Progress of a run: a live line a stage on a terminal, plain lines in a log."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from synthgen.cost import dollars
from synthgen.progress import OnProgress, Progress

LOG_EVERY, REDRAW_EVERY = 10.0, 0.1
"""Seconds between two log lines of a stage, and between two pictures of its bar."""

NAMES = {
    "read": "Reading documents",
    "extract": "Cutting extracts",
    "generate": "Asking teachers",
    "judge": "Judging records",
    "tokenise": "Tokenising",
    "decontaminate": "Finding test items",
    "deduplicate": "Finding duplicates",
    "select": "Selecting records",
    "topics": "Sorting by topic",
    "export": "Writing dataset",
    "pack": "Packing tokens",
    "arms": "Writing arms",
    "check": "Checking",
    "train": "Training arms",
    "measure": "Measuring models",
}


@contextmanager
def shown(part: str = "") -> Iterator[OnProgress]:
    """Shows progress on the standard error stream while the block runs; `part` stands before each line of it."""
    from rich.console import Console

    console = Console(stderr=True)
    if not console.is_terminal:
        yield _log_lines(console.print, part)
        return
    from rich.progress import BarColumn, SpinnerColumn, TextColumn
    from rich.progress import Progress as Bars

    columns = (
        SpinnerColumn(finished_text="[green]✓[/]"),
        TextColumn("{task.description:<18}"),
        BarColumn(bar_width=24),
        TextColumn("{task.fields[count]:>9}"),
        TextColumn("{task.fields[details]}"),
    )
    with Bars(*columns, console=console) as bars:
        yield _bars(bars, part)


def details(progress: Progress) -> str:
    """What there is to say beside done and total: accepted, failed, tokens a second, cost, time left."""
    words = []
    if progress.draining:
        words.append(f"stopping, {progress.draining:,} in flight are waited for; Ctrl-C again stops at once")
    if progress.stage in ("generate", "judge"):
        words.append(f"{progress.accepted:,} accepted")
    if progress.failed:
        words.append(f"{progress.failed:,} failed")
    if progress.stage == "generate" and progress.tokens and progress.seconds:
        words.append(f"{progress.tokens / progress.seconds:,.0f} tokens/s")
    if progress.stage == "generate":
        cap = "" if progress.usd_cap is None else f" of {dollars(progress.usd_cap)}"
        words.append("cost unknown: no price" if progress.usd is None else f"{dollars(progress.usd)}{cap}")
        if progress.seconds_to_cap is not None and not progress.finished:
            words.append(f"{duration(progress.seconds_to_cap)} to the cap on hours")
        elif progress.seconds_left is not None and not progress.finished:
            words.append(f"{duration(progress.seconds_left)} left")
    return " · ".join(words)


def duration(seconds: float) -> str:
    """`75` as `1m 15s`, `7500` as `2h 05m`."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}h {minutes:02}m"
    return f"{minutes}m {rest:02}s" if minutes else f"{rest}s"


def _name(progress: Progress, part: str) -> str:
    return f"{part}: {NAMES[progress.stage].lower()}" if part else NAMES[progress.stage]


def _throttled(show: OnProgress, every: float) -> OnProgress:
    """`show`, once in `every` seconds of a stage, and at once when the stage ends or begins to drain."""
    last: dict[str, Progress] = {}

    def throttled(progress: Progress) -> None:
        before = last.get(progress.stage, Progress(progress.stage, 0, None))
        drains = progress.draining > 0 and not before.draining
        if progress.finished or drains or progress.seconds >= before.seconds + every:
            last[progress.stage] = progress
            show(progress)

    return throttled


def _bars(bars: Any, part: str) -> OnProgress:
    tasks: dict[str, Any] = {}

    def show(progress: Progress) -> None:
        if progress.stage not in tasks:
            tasks[progress.stage] = bars.add_task(_name(progress, part), total=progress.total, details="", count="")
        # A stage without steps has begun and ended, and its bar is full.
        done, total = (1, 1) if progress.finished and not progress.done else (progress.done, progress.total)
        told = {"details": details(progress), "count": _count(progress)}
        bars.update(tasks[progress.stage], completed=done, total=total, **told)

    return _throttled(show, REDRAW_EVERY)


def _count(progress: Progress) -> str:
    """Steps done, of how many where that is known; nothing for a stage without steps that has ended."""
    if progress.finished and not progress.done:
        return ""
    return f"{progress.done:,}" + (f"/{progress.total:,}" if progress.total is not None else "")


def _log_lines(write: Callable[..., None], part: str) -> OnProgress:
    def show(progress: Progress) -> None:
        words = [_count(progress), details(progress), "done" if progress.finished else ""]
        write(f"{_name(progress, part)}: {' · '.join(word for word in words if word)}", highlight=False, soft_wrap=True)

    return _throttled(show, LOG_EVERY)


@contextmanager
def terminate_as_interrupt() -> Iterator[None]:
    """While the block runs, SIGTERM (a preempted job) acts like Ctrl-C: it drains and leaves a resumable run.

    Also where SIGINT is ignored, as a shell has it for a command that it starts in the background.
    """
    interrupt = signal.signal(signal.SIGINT, signal.default_int_handler)
    terminate = signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, terminate)
        signal.signal(signal.SIGINT, interrupt)
