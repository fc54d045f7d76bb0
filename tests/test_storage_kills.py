"""Children killed with SIGKILL at every system call that changes a file."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from synthgen.data import Completion
from synthgen.storage.files import atomic_folder, clean_leftovers, write_atomic
from synthgen.storage.index import JournalIndex


def kills(scenario: str, root: Path) -> Iterator[tuple[Path, set[int]]]:
    """For each kill the folder that it left, and what the child had reported as done."""
    script = Path(__file__).with_name("storage_kill_child.py")
    subprocess.run([sys.executable, str(script), scenario, str(root)], check=True, timeout=120)
    folders = sorted(path for path in root.iterdir() if path.is_dir())
    assert len(folders) > 10
    for folder in folders:
        yield folder, {int(line) for line in folder.with_suffix(".done").read_text().split()}


def test_every_acknowledged_completion_is_readable_after_any_kill_and_no_other_text(tmp_path: Path) -> None:
    acknowledged = set()
    for folder, done in kills("journal", tmp_path):
        index = JournalIndex.load(folder / "completions")
        assert {f"id-{number}" for number in done} <= index.settled_ids()
        for number in range(24):
            expected = Completion(f"id-{number}", text=f"text {number} " * 20, finish_reason="stop")
            assert index.get(f"id-{number}") in ((expected,) if number in done else (None, expected))
        acknowledged.add(len(done))
    assert acknowledged == {0, 4, 8, 12, 16, 20}


def test_an_atomic_file_is_the_old_or_the_new_one_after_any_kill(tmp_path: Path) -> None:
    for folder, done in kills("file", tmp_path):
        path = folder / "report" / "file.txt"
        content = path.read_bytes() if path.exists() else None
        last = max(done, default=-1)
        assert content in [b"%d" % version * 10_000 if version >= 0 else None for version in (last, last + 1)]
        clean_leftovers(folder)
        assert [inner for inner in folder.rglob("*") if inner.is_file()] == ([path] if content else [])


@pytest.mark.parametrize("use_again", ["clean", "write"])
def test_an_atomic_folder_is_the_old_or_the_new_one_after_any_kill(tmp_path: Path, use_again: str) -> None:
    for folder, done in kills("swap", tmp_path):
        last = max(done, default=-1)
        if use_again == "clean":
            clean_leftovers(folder)
            assert version(folder / "set") in (last, last + 1)
        else:
            with atomic_folder(folder / "set") as new:
                assert version(folder / "set") in (last, last + 1)
                write_atomic(new / "c.txt", b"newest")
            assert [inner.name for inner in (folder / "set").iterdir()] == ["c.txt"]
        assert {inner.name for inner in folder.iterdir()} <= {"set"}


def test_cleaning_up_after_a_kill_can_itself_be_killed_at_any_point(tmp_path: Path) -> None:
    for folder, _ in kills("settle", tmp_path):
        clean_leftovers(folder)
        assert version(folder / "set") == 1
        assert [inner.name for inner in folder.iterdir()] == ["set"]


def version(folder: Path) -> int:
    """The version of a whole folder, -1 where there is none."""
    if not folder.exists():
        return -1
    texts = [(folder / name).read_text() for name in ("a.txt", "inner/b.txt")]
    assert texts[0] == texts[1]
    assert len(texts[0]) == 10_000
    assert set(texts[0]) == {texts[0][0]}
    return int(texts[0][0])
