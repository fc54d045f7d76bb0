from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from synthgen.errors import RunLockedError, StorageError
from synthgen.storage.lock import FileLock, RunLock, holder

HOLD = """
import sys
from pathlib import Path
from synthgen.storage.lock import RunLock, holder
with RunLock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_process_is_told_who_holds_the_run_until_that_one_is_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(RunLockedError) as caught, RunLock(tmp_path):
            pass
        holder.kill()
    assert f"process {holder.pid} on {socket.gethostname()} (since 2" in str(caught.value)
    assert caught.value.where == str(tmp_path)
    assert caught.value.fix
    with RunLock(tmp_path):
        assert f'"pid": {os.getpid()}' in (tmp_path / ".lock").read_text()


def test_a_run_can_be_locked_again_after_it_was_released(tmp_path: Path) -> None:
    for _ in range(2):
        with RunLock(tmp_path / "new" / "run"):
            pass


def test_what_an_earlier_holder_left_in_the_file_does_not_matter(tmp_path: Path) -> None:
    (tmp_path / ".lock").write_text("x" * 1_000)
    with RunLock(tmp_path), pytest.raises(RunLockedError, match=f"process {os.getpid()}"), RunLock(tmp_path):
        pass


def test_one_process_cannot_lock_a_run_twice(tmp_path: Path) -> None:
    with RunLock(tmp_path), pytest.raises(RunLockedError, match=f"process {os.getpid()}"), RunLock(tmp_path):
        pass


def test_a_holder_that_has_not_said_who_it_is_yet_is_another_process(tmp_path: Path) -> None:
    with RunLock(tmp_path):
        (tmp_path / ".lock").write_bytes(b"")
        with pytest.raises(RunLockedError, match="another process works on this run"), RunLock(tmp_path):
            pass


def test_a_folder_that_cannot_be_used_is_a_storage_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StorageError, match="file: ") as caught, RunLock(tmp_path / "file"):
        pass
    assert caught.value.fix


def test_the_holder_of_a_lock_can_be_looked_up_without_taking_it(tmp_path: Path) -> None:
    assert holder(tmp_path) is None
    assert list(tmp_path.iterdir()) == []
    with RunLock(tmp_path):
        assert f"process {os.getpid()}" in str(holder(tmp_path))
    assert holder(tmp_path) is None


def test_a_lock_that_is_shared_keeps_out_who_wants_it_alone(tmp_path: Path) -> None:
    one, two, alone = (FileLock(tmp_path / "lock") for _ in range(3))
    assert one.acquire(shared=True)
    assert two.acquire(shared=True)
    assert not alone.acquire()
    assert alone.holder() is None
    one.release()
    two.release()
    assert alone.acquire()
    assert not one.acquire(shared=True)
    assert f"process {os.getpid()}" in str(one.holder())


def test_a_lock_can_be_turned_into_the_other_kind(tmp_path: Path) -> None:
    one, two = FileLock(tmp_path / "lock"), FileLock(tmp_path / "lock")
    assert one.acquire()
    assert one.acquire(shared=True)
    assert two.acquire(shared=True)
    two.release()
    assert one.acquire()
    assert not two.acquire(shared=True)
    assert one.acquire(shared=True)
    assert two.acquire(shared=True)
    assert not one.acquire()
    assert two.acquire()
