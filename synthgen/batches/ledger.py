"""What was given to a provider: one small file a batch, written before and after each step that may cost money.

An intent (`file_id` and `batch_id` None) becomes an uploaded file, and that a batch. A killed process leaves it as any
of these; its name, which the provider keeps with the batch, tells whether the last step was made.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import orjson

from synthgen.errors import StorageError
from synthgen.storage.files import storage_errors, sync_folder, write_atomic
from synthgen.storage.lock import FileLock

LOCK = ".lock"
NEW_FOLDERS = 3
"""How many folders above a file may be as new as the file."""


@dataclass(frozen=True, slots=True)
class Batch:
    """A file of requests at a provider.

    `request_ids` (the keys) stand for the lines of its file, in their order; once its answers were read, only those
    that may have one there are left.
    `name` is unique among all batches of all runs; `created` is the Unix time of the intent.
    """

    path: Path
    name: str
    created: float
    request_ids: Mapping[str, None]
    file_id: str | None = None
    batch_id: str | None = None


class Ledger:
    """The batches of one teacher in `folder`, which several processes may share: each writes to a folder of its own.

    `close` it. All methods raise StorageError where the folder cannot be used.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._own = folder / f"{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}-{secrets.token_hex(8)}"
        self._lock = FileLock(self._own / LOCK)
        self._written = 0

    def intend(self, request_ids: Sequence[str]) -> Batch:
        """A new batch of these requests, on the disk before anything is sent."""
        if not self._written:
            self._lock.acquire()
            with storage_errors(self._own):
                for above in list(self._own.parents)[:NEW_FOLDERS]:
                    sync_folder(above)
        self._written += 1
        name = f"{self._own.name}-{self._written:04}"
        return save(Batch(self._own / f"{name}.json", name, time.time(), dict.fromkeys(request_ids)))

    def batches(self) -> Iterator[Batch]:
        """The batches of all processes, but for those that are being sent by another one right now."""
        with storage_errors(self._folder):
            paths = sorted(self._folder.glob("*/*.json"))
        for path in paths:
            batch = _load(path)
            if batch and (batch.batch_id or FileLock(path.parent / LOCK).holder() is None):
                yield batch

    def close(self) -> None:
        self._lock.release()


def requests_out(folder: Path) -> set[str]:
    """The requests that were sent, or may have been. Raises StorageError."""
    with storage_errors(folder):
        batches = [_load(path) for path in sorted(folder.glob("*/*.json"))]
    return {request_id for batch in batches if batch for request_id in batch.request_ids}


def save(batch: Batch, *, file_id: str | None = None, batch_id: str | None = None) -> Batch:
    """Puts `batch`, with what is new about it, on the disk. Raises StorageError."""
    batch = replace(batch, file_id=file_id or batch.file_id, batch_id=batch_id or batch.batch_id)
    data = {
        "name": batch.name,
        "created": batch.created,
        "file_id": batch.file_id,
        "batch_id": batch.batch_id,
        "request_ids": list(batch.request_ids),
    }
    write_atomic(batch.path, orjson.dumps(data))
    return batch


def keep_only(batch: Batch, request_ids: Collection[str]) -> Batch:
    """Takes all other requests out of `batch`; a batch without any is forgotten. Raises StorageError."""
    kept = {one: None for one in batch.request_ids if one in request_ids}
    if len(kept) == len(batch.request_ids):
        return batch
    batch = replace(batch, request_ids=kept)
    if kept:
        return save(batch)
    with storage_errors(batch.path):
        batch.path.unlink(missing_ok=True)
    return batch


def _load(path: Path) -> Batch | None:
    """The batch in the file `path`; None where another process has removed it just now."""
    with storage_errors(path):
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            return None
    try:
        data = orjson.loads(content)
        request_ids = dict.fromkeys(data.pop("request_ids"))
        return Batch(path=path, request_ids=request_ids, **data)
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        fix = "restore it, or remove it to ask for its requests anew"
        raise StorageError("is damaged or not the state of a batch", where=path, fix=fix) from error
