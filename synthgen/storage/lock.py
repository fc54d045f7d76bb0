"""One process at a time works on a run directory."""

from __future__ import annotations

import fcntl
import json
import os
import socket
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from synthgen.errors import RunLockedError
from synthgen.storage.files import storage_errors


class RunLock:
    """Holds `folder` for this process while the `with` block runs; the folder is made where it is missing.

    The kernel holds the lock (`flock` on `folder/.lock`), so a killed process leaves none behind; the file says who
    holds it. Raises RunLockedError naming the holder where there is one, StorageError where the folder cannot be used.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / ".lock"
        self._handle = -1

    def __enter__(self) -> Self:
        with storage_errors(self._path):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o644)
            try:
                fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                os.ftruncate(self._handle, 0)
                os.write(self._handle, json.dumps(_this_process()).encode())
            except BlockingIOError:
                holder = _holder(os.pread(self._handle, 4096, 0))
                os.close(self._handle)
                raise RunLockedError(
                    f"{holder} works on this run",
                    where=self._path.parent,
                    fix="wait until it ends or stop it, or give another output folder",
                ) from None
            except BaseException:
                os.close(self._handle)
                raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # The file stays: were it removed, a process that has it open already could lock a file nobody else sees.
        os.close(self._handle)


def holder(folder: Path) -> str | None:
    """Who holds the lock of `folder`, in words; None if nobody does. Changes nothing there. Raises StorageError."""
    path = folder / ".lock"
    with storage_errors(path):
        if not path.exists():
            return None
        handle = os.open(path, os.O_RDONLY)
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return _holder(os.pread(handle, 4096, 0))
        finally:
            os.close(handle)
    return None


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
