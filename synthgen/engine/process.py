"""The engine's processes: started quietly, kept from signals that are ours to answer, and never left behind."""

from __future__ import annotations

import logging
import multiprocessing
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from multiprocessing import resource_tracker
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

ENVIRONMENT = {
    "VLLM_LOGGING_LEVEL": "WARNING",
    "VLLM_LOGGING_STREAM": "ext://sys.stderr",
    "VLLM_NO_USAGE_STATS": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
}
"""What the engine reads from the environment, where the user has not set it: quiet, and nothing phones home."""

_WATCH = """
import os, signal, sys
sys.stdin.read()
for pid in sys.argv[1:]:
    try:
        os.kill(int(pid), signal.SIGKILL)
    except ProcessLookupError:
        pass
"""
_RAISED = re.compile(r"(?:^|\s)((?:\w+\.)*\w*(?:Error|Exception)): (\S.*)$", re.MULTILINE)
_SECOND_HAND = re.compile("root cause|See stack trace|initialization failed", re.IGNORECASE)


def set_environment() -> None:
    """Before the engine is imported."""
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)


def children() -> set[int]:
    """The processes that this one has started through `multiprocessing`."""
    return {child.pid for child in multiprocessing.active_children() if child.pid is not None}


def started(start: Callable[[], T], log: Path) -> T:
    """`start()`, whose processes print into the file `log` for all their life. For a thread of its own.

    They get no SIGINT and no SIGTERM: a terminal sends Ctrl-C, and a cluster a preemption, to every process, and an
    engine that heeds it drops the requests that a run still wants to finish.
    """
    with printing_into(log):
        # Starting the tracker, which complains about what a killed engine leaves, unblocks both signals.
        resource_tracker.ensure_running()
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
        try:
            return start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def printing_into(log: Path) -> Iterator[None]:
    """Sends what this process and those that it starts print, native code included, to the end of the file `log`."""
    log.parent.mkdir(parents=True, exist_ok=True)
    sys.stdout.flush()
    sys.stderr.flush()
    kept = [os.dup(1), os.dup(2)]
    try:
        with log.open("ab") as file:
            os.dup2(file.fileno(), 1)
            os.dup2(file.fileno(), 2)
        yield
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        for number, copy in enumerate(kept, 1):
            os.dup2(copy, number)
            os.close(copy)


@contextmanager
def logging_into(log: Path) -> Iterator[None]:
    """Sends what the engine's part in this process logs to the end of the file `log`, and not to the terminal."""
    logger = logging.getLogger("vllm")
    before, handler = logger.handlers, logging.FileHandler(log, encoding="utf-8")
    logger.handlers = [handler]
    try:
        yield
    finally:
        logger.handlers = before
        handler.close()


@contextmanager
def dying_with_us(processes: Collection[int]) -> Iterator[None]:
    """Within it, `processes` are killed should this one end without a chance to stop them, as by SIGKILL.

    An engine without its owner keeps the memory of the GPU, and the next one does not fit beside it.
    """
    command = [sys.executable, "-c", _WATCH, *map(str, processes)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True) as watch:
        try:
            yield
        finally:
            watch.kill()


def kill(processes: Collection[int]) -> None:
    """Ends processes at once; one that is gone already is fine."""
    for process in processes:
        try:
            os.kill(process, signal.SIGKILL)
        except ProcessLookupError:
            continue


def failed_to_start(log: Path, start: int = 0) -> bool:
    """Whether `log`, from byte `start` on, says that the engine gave up.

    It may then wait without end for processes of its own, which it asks to stop by the SIGTERM that they do not get.
    """
    return b"EngineCore failed to start" in _read(log, start)


def root_cause(log: Path, start: int = 0) -> str:
    """The first error that stands in `log` from byte `start` on, with its class; empty if there is none.

    The later ones mostly say only that another process had failed.
    """
    text = _read(log, start).decode("utf-8", "replace")
    found = [f"{match[1].rpartition('.')[2]}: {match[2].strip()}" for match in _RAISED.finditer(text)]
    first = next((error for error in found if not _SECOND_HAND.search(error)), "")
    return first[:300]


def _read(log: Path, start: int) -> bytes:
    try:
        return log.read_bytes()[start:]
    except FileNotFoundError:
        return b""
