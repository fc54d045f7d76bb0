"""Locks between processes, on one host or several."""

from __future__ import annotations

import fcntl
import json
import os
import socket
import time
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from synthgen.errors import RunLockedError
from synthgen.storage.files import storage_errors

_TRIES, _PAUSE = 3, 0.02
"""Who looks for the holder holds the lock for a moment, and must not be taken for somebody at work."""


class FileLock:
    """A lock on the file `path`, which is made where it is missing. Let go of it with `release`, or by dying.

    The kernel holds it (`flock`), so a killed process leaves none behind; the file says who held it alone last. The
    file stays: were it removed, a process that has it open already could lock a file nobody else sees.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._handle = -1

    def acquire(self, *, shared: bool = False) -> bool:
        """Takes the lock, alone or together with other shared holders, or turns what is held into the other kind.

        Does not wait: False where another holder is in the way, and then nothing is held. Raises StorageError where the
        file cannot be used.
        """
        with storage_errors(self.path):
            if self._handle < 0:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                self._handle = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o644)
            try:
                if not _taken(self._handle, fcntl.LOCK_SH if shared else fcntl.LOCK_EX):
                    self.release()
                    return False
                if not shared:
                    os.ftruncate(self._handle, 0)
                    os.pwrite(self._handle, json.dumps(_this_process()).encode(), 0)
            except BaseException:
                self.release()
                raise
        return True

    def release(self) -> None:
        """Lets go; does nothing where nothing is held."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1

    def holder(self) -> str | None:
        """Who holds the lock alone, in words; None if nobody does. Changes nothing. Raises StorageError."""
        with storage_errors(self.path):
            if not self.path.exists():
                return None
            handle = os.open(self.path, os.O_RDONLY)
            try:
                return None if _taken(handle, fcntl.LOCK_SH) else _holder(os.pread(handle, 4096, 0))
            finally:
                os.close(handle)


class RunLock:
    """Holds `folder` for this process while the `with` block runs; the folder is made where it is missing.

    Raises RunLockedError naming the holder where there is one, StorageError where the folder cannot be used.
    """

    def __init__(self, folder: Path) -> None:
        self._lock = FileLock(folder / ".lock")

    def __enter__(self) -> Self:
        if not self._lock.acquire():
            raise RunLockedError(
                f"{self._lock.holder() or 'another process'} works on this run",
                where=self._lock.path.parent,
                fix="wait until it ends or stop it, or give another output folder",
            )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lock.release()


def holder(folder: Path) -> str | None:
    """Who holds `folder`, in words; None if nobody does. Changes nothing there. Raises StorageError."""
    return FileLock(folder / ".lock").holder()


def _taken(handle: int, kind: int) -> bool:
    for left in reversed(range(_TRIES)):
        try:
            fcntl.flock(handle, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            if left:
                time.sleep(_PAUSE)
        else:
            return True
    return False


def _this_process() -> dict[str, object]:
    since = datetime.now(UTC).isoformat(timespec="seconds")
    return {"pid": os.getpid(), "host": socket.gethostname(), "since": since}


def _holder(content: bytes) -> str:
    """The holder in words; it may be about to write who it is."""
    try:
        data = json.loads(content)
        return f"process {data['pid']} on {data['host']} (since {data['since']})"
    except (ValueError, TypeError, KeyError):
        return "another process"
