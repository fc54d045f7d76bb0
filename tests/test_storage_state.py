from __future__ import annotations

from pathlib import Path

import pytest

from synthgen.errors import StorageError
from synthgen.storage.layout import RunPaths
from synthgen.storage.state import RunState, StageState, load_state, save_state

STATE = RunState(
    synthgen="0.1.0",
    created="2024-01-01T00:00:00+00:00",
    source=("guidelines", "mehr/Leitlinie ä.pdf"),
    stages={
        "sources": StageState("ab12", counts={"documents": 3, "formats": {"pdf": 2}}),
        "extracts": StageState("cd34"),
    },
)


def test_a_state_reads_back_equal(tmp_path: Path) -> None:
    path = RunPaths(tmp_path).run_json
    assert load_state(path) is None
    save_state(path, STATE)
    assert load_state(path) == STATE


def test_counts_come_back_in_their_order(tmp_path: Path) -> None:
    counts = {"b": {"y": 1, "x": 2}, "a": 3}
    save_state(tmp_path / "run.json", RunState("1", "now", ("s",), {"read": StageState("k", counts)}))
    state = load_state(tmp_path / "run.json")
    assert state is not None
    assert str(state.stages["read"].counts) == str(counts)


def test_a_newer_format_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    path.write_text('{"format": 2, "anything": []}')
    with pytest.raises(StorageError, match=r"has format 2; this version reads format 1\. Update synthgen"):
        load_state(path)


@pytest.mark.parametrize("content", [b"", b"\xff", b"[]", b"{}", b'{"format": "x"}', b'{"format": 1, "stages": 3}'])
def test_a_damaged_state_is_a_storage_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "run.json"
    path.write_bytes(content)
    with pytest.raises(StorageError, match="is damaged"):
        load_state(path)


def test_a_state_that_cannot_be_read_is_a_storage_error(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="a folder stands where a file is needed"):
        load_state(tmp_path)
