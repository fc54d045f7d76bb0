"""What the journal holds: the best completion for each request, found without keeping the texts in memory."""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Set
from functools import lru_cache
from pathlib import Path

import zstandard

from synthgen.data import Completion
from synthgen.errors import StorageError
from synthgen.storage.completions import completion_from_json
from synthgen.storage.files import storage_errors
from synthgen.storage.frames import scan, unpack
from synthgen.storage.journal import SUFFIX

_SETTLED = 1
"""The least rank of a settled completion; see `_rank`."""


class JournalIndex:
    """The best completion for each request id in the journal's files, whoever wrote them.

    An answer beats a failure that is settled, which beats one that is not; among equals the first by file name and
    position wins. `torn_bytes` counts what was passed over: the end of a killed writer's file, or damage.
    `usd` is what all completions in the journal were charged, those that were asked again included.
    Made by `JournalIndex.load`; files that are written or grow later are not seen.
    """

    def __init__(self) -> None:
        self.torn_bytes = 0
        self.usd = 0.0
        self._files: list[Path] = []
        self._frame_file, self._frame_offset, self._frame_length = array("I"), array("Q"), array("I")
        # One entry for each request: where its best completion stands, how good it is, a hash of it, the cost of all.
        self._position: dict[str, int] = {}
        self._frame, self._line = array("I"), array("I")
        self._ranks, self._hashes = array("B"), array("Q")
        self._usd = array("d")
        self._lines = lru_cache(maxsize=64)(self._read_frame)

    @classmethod
    def load(cls, folder: Path) -> JournalIndex:
        """Reads all journal files in `folder`; a missing folder is an empty journal.

        Raises StorageError if a file cannot be read or holds something else.
        """
        index = cls()
        with storage_errors(folder):
            paths = sorted(folder.iterdir()) if folder.exists() else []
        for path in paths:
            if path.name.endswith(SUFFIX):
                index._add_file(path)
        return index

    def __len__(self) -> int:
        return len(self._position)

    def __contains__(self, request_id: object) -> bool:
        return request_id in self._position

    def settled_ids(self) -> Set[str]:
        """The requests that need not be sent again."""
        return {request_id for request_id, at in self._position.items() if self._ranks[at] >= _SETTLED}

    def cost(self, request_id: str) -> float:
        """What all completions of a request were charged, in US dollars."""
        at = self._position.get(request_id)
        return 0.0 if at is None else self._usd[at]

    def get(self, request_id: str) -> Completion | None:
        """The best completion, None where there is none. Fast if calls follow the order of writing roughly.

        Raises StorageError if the file has been changed or removed since.
        """
        at = self._position.get(request_id)
        if at is None:
            return None
        return completion_from_json(self._lines(self._frame[at])[self._line[at]])

    def digest(self) -> str:
        """A word that is the same if the best completions are, wherever they stand in the journal."""
        return f"{len(self)}-{sum(self._hashes):x}"

    def _add_file(self, path: Path) -> None:
        number = len(self._files)
        self._files.append(path)
        with storage_errors(path), path.open("rb") as file:
            whole = 0
            for frame in scan(file):
                whole += frame.length
                self._frame_file.append(number)
                self._frame_offset.append(frame.offset)
                self._frame_length.append(frame.length)
                self._add_lines(frame.content.splitlines(), path)
            self.torn_bytes += file.seek(0, 2) - whole

    def _add_lines(self, lines: list[bytes], path: Path) -> None:
        frame = len(self._frame_file) - 1
        for number, line in enumerate(lines):
            try:
                completion = completion_from_json(line)
            except StorageError as error:
                raise StorageError(error.what, where=path, fix=error.fix) from error
            self.usd += completion.usd
            rank = _rank(completion)
            at = self._position.setdefault(completion.request_id, len(self._ranks))
            if at == len(self._ranks):
                self._frame.append(frame)
                self._line.append(number)
                self._ranks.append(rank)
                self._hashes.append(_hash(line))
                self._usd.append(0.0)
            elif rank > self._ranks[at]:
                self._frame[at], self._line[at] = frame, number
                self._ranks[at], self._hashes[at] = rank, _hash(line)
            self._usd[at] += completion.usd

    def _read_frame(self, frame: int) -> list[bytes]:
        path = self._files[self._frame_file[frame]]
        with storage_errors(path), path.open("rb") as file:
            file.seek(self._frame_offset[frame])
            raw = file.read(self._frame_length[frame])
        try:
            return unpack(raw).splitlines()
        except zstandard.ZstdError as error:
            raise StorageError(
                "was changed while it was in use", where=path, fix="restore it, then run the same command again"
            ) from error


def _rank(completion: Completion) -> int:
    return int(completion.answered) + int(completion.settled)


def _hash(line: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(line, digest_size=8).digest(), "little")
