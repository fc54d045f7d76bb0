"""No room: a small disk, a limit on file sizes, and the device that is always full."""

from __future__ import annotations

import asyncio
import os
import resource
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from synthgen.data import Completion, Document
from synthgen.errors import StorageError
from synthgen.storage.files import atomic_folder, write_atomic
from synthgen.storage.index import JournalIndex
from synthgen.storage.journal import JournalWriter
from synthgen.storage.tables import read_documents, write_documents

NO_SPACE = "no space left on the disk. Free space and run the same command again; nothing that was answered is lost"
NOISE = "".join(chr(0x4E00 + number * number * 7919 % 20_000) for number in range(100_000))


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """No file may grow over `size` bytes. Python ignores SIGXFSZ, so a write fails with EFBIG."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 64 KiB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "synthgen-test", str(disk)]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("mounting a small disk is not allowed here")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def completion(number: int) -> Completion:
    return Completion(f"id-{number}", text=NOISE[number * 500 : number * 500 + 500], finish_reason="stop")


async def append_until_full(folder: Path) -> tuple[list[int], StorageError]:
    """The completions that were acknowledged, 8 at once, and the error that ended it."""
    acknowledged: list[int] = []
    async with JournalWriter(folder) as writer:
        for first in range(0, 200, 8):
            numbers = range(first, first + 8)
            appends = (writer.append(completion(number)) for number in numbers)
            results = await asyncio.gather(*appends, return_exceptions=True)
            acknowledged += [number for number, result in zip(numbers, results, strict=True) if result is None]
            error = results[-1]
            if isinstance(error, StorageError):
                assert len(acknowledged) == first
                with pytest.raises(StorageError):
                    await writer.append(completion(199))
                return acknowledged, error
    raise AssertionError("there was room for everything")


async def append(folder: Path, number: int) -> None:
    async with JournalWriter(folder) as writer:
        await writer.append(completion(number))


def assert_readable(folder: Path, numbers: list[int]) -> None:
    index = JournalIndex.load(folder)
    assert [index.get(f"id-{number}") for number in numbers] == [completion(number) for number in numbers]
    assert len(index) == len(numbers)
    assert index.torn_bytes == 0


def test_a_journal_over_the_file_size_limit_keeps_what_was_acknowledged_and_goes_on_later(tmp_path: Path) -> None:
    with largest_file(30_000):
        acknowledged, error = asyncio.run(append_until_full(tmp_path))
    assert "the file size limit is reached" in str(error)
    assert acknowledged
    assert_readable(tmp_path, acknowledged)
    asyncio.run(append(tmp_path, 199))
    assert_readable(tmp_path, [*acknowledged, 199])


def test_a_journal_on_a_full_disk_keeps_what_was_acknowledged_and_goes_on_later(small_disk: Path) -> None:
    write_atomic(small_disk / "other", bytes(20_000))
    acknowledged, error = asyncio.run(append_until_full(small_disk / "completions"))
    assert NO_SPACE in str(error)
    assert acknowledged
    assert_readable(small_disk / "completions", acknowledged)
    (small_disk / "other").unlink()
    asyncio.run(append(small_disk / "completions", 199))
    assert_readable(small_disk / "completions", [*acknowledged, 199])


def test_a_journal_on_the_full_device_is_a_storage_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.open

    def full(path: Path, flags: int, mode: int = 0o777) -> int:
        return real("/dev/full", os.O_WRONLY) if path.name.endswith(".zst") else real(path, flags, mode)

    monkeypatch.setattr(os, "open", full)
    with pytest.raises(StorageError, match=NO_SPACE):
        asyncio.run(append(tmp_path, 0))


def test_a_file_leaves_the_old_one(small_disk: Path) -> None:
    path = small_disk / "file"
    write_atomic(path, b"old")
    with pytest.raises(StorageError, match=f"file: {NO_SPACE}"):
        write_atomic(path, bytes(100_000))
    with largest_file(8192), pytest.raises(StorageError, match=r"file: the file size limit is reached\. Raise it"):
        write_atomic(path, bytes(10_000))
    assert path.read_bytes() == b"old"
    assert len(list(small_disk.iterdir())) == 1


def test_a_folder_leaves_the_old_one(tmp_path: Path) -> None:
    with atomic_folder(tmp_path / "set") as folder:
        (folder / "a").write_bytes(b"old")
    with (
        largest_file(8192),
        pytest.raises(StorageError, match="set: the file size limit is reached"),
        atomic_folder(tmp_path / "set") as folder,
    ):
        (folder / "a").write_bytes(bytes(100_000))
    assert (tmp_path / "set" / "a").read_bytes() == b"old"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_table_leaves_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "documents.parquet"
    write_documents(path, [])
    with largest_file(8192), pytest.raises(StorageError, match=r"documents\.parquet: the file size limit is reached"):
        write_documents(path, [Document(NOISE, "t", "s", "text")])
    assert list(read_documents(path)) == []
    assert len(list(tmp_path.iterdir())) == 1
