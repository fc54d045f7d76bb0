"""Requests on the disk on their way into a batch file."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import BinaryIO

from synthgen.batches.lines import Limits
from synthgen.storage.files import storage_errors


class Spool:
    """The lines of one file to be, in a file without a name: it is gone when the process is, however that ends."""

    def __init__(self, folder: Path, limits: Limits) -> None:
        """Raises StorageError."""
        self.request_ids: list[str] = []
        self.size = 0
        self._folder = folder
        self._limits = limits
        with storage_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
            self._file: BinaryIO = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 (closed by `close`)

    @property
    def full(self) -> bool:
        return len(self.request_ids) >= self._limits.requests

    def takes(self, line: bytes) -> bool:
        """Whether the file with `line` in it is within its limits."""
        return self._limits.allow(len(self.request_ids) + 1, self.size + len(line))

    def add(self, request_id: str, line: bytes) -> None:
        """Raises StorageError."""
        with storage_errors(self._folder):
            self._file.write(line)
        self.request_ids.append(request_id)
        self.size += len(line)

    def content(self) -> BinaryIO:
        """The whole file. Raises StorageError."""
        with storage_errors(self._folder):
            # A reader takes its length from the disk.
            self._file.flush()
        return self._file

    def close(self) -> None:
        self._file.close()
