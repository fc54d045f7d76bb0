"""The journal: completions are appended to it, and count once they are on the disk.

`completions/*.jsonl.zst`, one file a writer, so that several hosts can write one run. A flush is one zstd frame of JSON
lines, then an fsync. Appends that arrive while a flush runs share the next one (group commit).
"""

from __future__ import annotations

import asyncio
import os
import re
import secrets
import socket
import threading
from collections import deque
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from synthgen.data import Completion
from synthgen.storage.completions import completion_to_json
from synthgen.storage.files import storage_errors, sync_folder
from synthgen.storage.frames import pack

SUFFIX = ".jsonl.zst"

FRAME_BYTES = 1 << 20
"""A frame holds at most this much JSON, or one longer line: what a reader must decompress to get at one line."""


class JournalWriter:
    """Appends completions to a new file in `folder`. Used by one event loop; close it, or use it with `async with`.

    After a write error nothing more is written: what was appended before stays readable, every waiting and later
    append raises StorageError. A new writer can go on once the cause is gone.
    """

    def __init__(self, folder: Path) -> None:
        self._file = _JournalFile(folder)
        self._queue: deque[tuple[bytes, asyncio.Future[None]]] = deque()
        self._flusher: asyncio.Task[None] | None = None
        self._failure: Exception | None = None

    async def append(self, completion: Completion) -> None:
        """Returns once the completion will survive a kill and a power cut. Raises StorageError.

        Cancelling it does not take the completion back: it may be written or not.
        """
        if self._failure is not None:
            raise self._failure
        durable = asyncio.get_running_loop().create_future()
        self._queue.append((completion_to_json(completion) + b"\n", durable))
        if self._flusher is None:
            self._flusher = asyncio.create_task(self._flush_all())
        await durable

    async def close(self) -> None:
        """Writes what waits, then closes the file. No append may follow."""
        if self._flusher is not None:
            await asyncio.wait([self._flusher])
        await asyncio.to_thread(self._file.close)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _flush_all(self) -> None:
        while self._queue:
            lines, waiting = self._next_batch()
            try:
                await asyncio.to_thread(self._file.append, lines)
            except Exception as error:
                self._failure = error
                waiting += [durable for _, durable in self._queue]
                self._queue.clear()
            for durable in waiting:
                if durable.done():
                    continue
                if self._failure is None:
                    durable.set_result(None)
                else:
                    durable.set_exception(self._failure)
        self._flusher = None

    def _next_batch(self) -> tuple[list[bytes], list[asyncio.Future[None]]]:
        lines: list[bytes] = []
        waiting: list[asyncio.Future[None]] = []
        size = 0
        while self._queue and (not lines or size + len(self._queue[0][0]) <= FRAME_BYTES):
            line, durable = self._queue.popleft()
            lines.append(line)
            waiting.append(durable)
            size += len(line)
        return lines, waiting


class _JournalFile:
    """One file of the journal, made at the first append. Safe to close while another thread appends."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / _unique_name()
        self._handle: int | None = None
        self._good = 0
        self._lock = threading.Lock()

    def append(self, lines: list[bytes]) -> None:
        """Adds a frame that holds `lines`, and syncs it. Raises StorageError, and then the file ends where it did."""
        frame = memoryview(pack(b"".join(lines)))
        with self._lock, storage_errors(self._path):
            if self._handle is None:
                self._handle = self._create()
            try:
                written = 0
                while written < len(frame):
                    written += os.write(self._handle, frame[written:])
                os.fsync(self._handle)
            except OSError:
                # Readers pass over a torn end, so the error that counts is the one that is being raised.
                with suppress(OSError):
                    os.ftruncate(self._handle, self._good)
                raise
            self._good += written

    def close(self) -> None:
        with self._lock:
            if self._handle is not None:
                os.close(self._handle)
                self._handle = None

    def _create(self) -> int:
        folder = self._path.parent
        if not folder.is_dir():
            folder.mkdir(parents=True, exist_ok=True)
            sync_folder(folder.parent)
        handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o644)
        sync_folder(folder)
        return handle


def _unique_name() -> str:
    """No other writer on any host takes it; the names of one host sort by time."""
    time = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    host = re.sub(r"[^A-Za-z0-9-]", "-", socket.gethostname())[:64]
    return f"{time}-{host}-{os.getpid()}-{secrets.token_hex(4)}{SUFFIX}"
