from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from synthgen.errors import DocumentError, StorageError
from synthgen.storage.files import (
    atomic_file,
    atomic_folder,
    atomic_text,
    clean_leftovers,
    storage_errors,
    write_atomic,
)


def test_a_file_is_made_with_its_folder_and_replaced(tmp_path: Path) -> None:
    path = tmp_path / "report" / "summary.md"
    for data in (b"one", b"two"):
        write_atomic(path, data)
        assert path.read_bytes() == data
    assert [inner.name for inner in path.parent.iterdir()] == ["summary.md"]


def test_a_file_has_the_permissions_that_the_umask_leaves(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_atomic(tmp_path / "file", b"")
    finally:
        os.umask(before)
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o640


def test_an_exception_in_the_block_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    write_atomic(tmp_path / "file", b"old")

    def fail_halfway() -> None:
        with atomic_file(tmp_path / "file") as file:
            file.write(b"half")
            raise DocumentError("no text")

    with pytest.raises(DocumentError):
        fail_halfway()
    assert (tmp_path / "file").read_bytes() == b"old"
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EROFS, errno.EIO, errno.ESTALE])
def test_every_system_error_says_what_where_and_what_to_do(number: int) -> None:
    with pytest.raises(StorageError) as caught, storage_errors(Path("run/file")):
        raise OSError(number, os.strerror(number))
    assert caught.value.what
    assert caught.value.where == "run/file"
    assert caught.value.fix


def test_a_message_never_names_a_temporary_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StorageError) as caught:
        write_atomic(tmp_path / "file" / "inner", b"")
    assert caught.value.where == str(tmp_path / "file")
    with pytest.raises(StorageError) as caught, atomic_folder(tmp_path / "set") as folder:
        (folder / "missing").read_bytes()
    assert caught.value.where == str(tmp_path / "set")


def test_text_is_written_as_it_is_and_replaces_the_old_file_only_when_whole(tmp_path: Path) -> None:
    def write(text: str, error: Exception | None = None) -> None:
        with atomic_text(tmp_path / "file.csv") as file:
            file.write(text)
            if error:
                raise error

    write("≥ 5 mg\n\r\n\ud800")
    with pytest.raises(DocumentError):
        write("half", DocumentError("no text"))
    assert (tmp_path / "file.csv").read_bytes() == "≥ 5 mg\n\r\n?".encode()
    assert len(list(tmp_path.iterdir())) == 1


def test_an_exception_in_the_block_leaves_the_old_folder_and_nothing_else(tmp_path: Path) -> None:
    for content in ("one", "two"):
        with atomic_folder(tmp_path / "set") as folder:
            (folder / content).write_text(content)

    def fail_halfway() -> None:
        with atomic_folder(tmp_path / "set") as folder:
            (folder / "three").write_text("half")
            raise DocumentError("no text")

    with pytest.raises(DocumentError):
        fail_halfway()
    assert [path.relative_to(tmp_path).as_posix() for path in sorted(tmp_path.rglob("*"))] == ["set", "set/two"]


def test_cleaning_leaves_what_others_made(tmp_path: Path) -> None:
    (tmp_path / ".notes.tmp").write_bytes(b"")
    (tmp_path / ".synthgen-0123.tmp").write_bytes(b"")
    clean_leftovers(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [".notes.tmp"]
