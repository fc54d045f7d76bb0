"""A whole run with no room: whatever it writes fails once, in one clear line, and nothing that was answered is lost."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import synthgen
from synthgen.storage.completions import completion_from_json
from synthgen.storage.frames import scan

CHILD = Path(__file__).with_name("run_no_room_child.py")
SAFE = "run the same command again; nothing that was answered is lost."
NO_ROOM = f"the file size limit is reached. Raise it (ulimit -f) and {SAFE}"
NO_SPACE = f"no space left on the disk. Free space and {SAFE}"
TEXT = """# Dosing of drug {name}

Give {n} mg of drug {name} twice daily to adults for {n} days. Reduce the dose to half if the eGFR is < {n} mL/min.
Monitor potassium every {n} weeks, and stop the drug above {n}.5 mmol/L.

## Exceptions

Do not give it in pregnancy. Children below {n} kg get {n} mg/kg once daily, at most {n}00 mg a day.
Consider another drug where the patient takes more than {n} other medicines, or weighs over {n}0 kg.
"""

Run = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def command() -> Iterator[Run]:
    """`command(*arguments, largest_file=BYTES)` runs a command line in a child: a dict with code, out and err."""
    child = subprocess.Popen([sys.executable, CHILD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert child.stdin
    assert child.stdout
    stdin, stdout = child.stdin, child.stdout

    def run(*arguments: object, largest_file: int | None = None) -> dict[str, Any]:
        stdin.write(json.dumps({"arguments": list(map(str, arguments)), "largest_file": largest_file}) + "\n")
        stdin.flush()
        ran: dict[str, Any] = json.loads(stdout.readline())
        return ran

    with child:
        yield run


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("source") / "guidelines"
    folder.mkdir()
    for n, name in enumerate("abcdefghijklmnop", 3):
        # Digits that do not compress make each table larger than the small files that are written before it.
        lots = (hashlib.sha512(f"{name}{number}".encode()).hexdigest() for number in range(20))
        lines = "".join(f"- Withdraw lot {lot} of drug {name}.\n" for lot in lots)
        (folder / f"{name}.md").write_text(f"{TEXT.format(n=n, name=name)}\n## Lots\n\n{lines}", "utf-8")
    return folder


@pytest.fixture(scope="module")
def undisturbed(command: Run, source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run directory of a run that had all the room it wanted."""
    out = tmp_path_factory.mktemp("undisturbed") / "run"
    assert command("run", "--source", source, "--out", out)["code"] == 0
    return out


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """`disk(options)` is a disk of its own, mounted anew with these options each time; what is on it stays."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=4k", "synthgen-test", str(folder)]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("mounting a small disk is not allowed here")

    def remount(options: str) -> Path:
        subprocess.run(["mount", "-o", f"remount,{options}", str(folder)], check=True)
        return folder

    yield remount
    subprocess.run(["umount", str(folder)], check=True)


def failed_at(ran: dict[str, Any], out: Path, why: str) -> str:
    """What of the run directory could not be written, by the one line that says so."""
    assert ran["code"] == 1, ran
    said: str = ran["err"]
    *before, line = said.splitlines()
    assert not [word for word in before if word.startswith("synthgen: ") or "Traceback" in word]
    start, end = f"synthgen: {out}/", f": {why}"
    assert line.startswith(start)
    assert line.endswith(end), line
    assert ran["out"] == ""
    assert not list(out.rglob("*.tmp"))
    return line[len(start) : -len(end)].partition("/")[0]


def answered(run: Path) -> list[str]:
    """The request ids of all completions in the journal."""
    ids = []
    for path in sorted(run.glob("completions/*")):
        with path.open("rb") as file:
            ids += [
                completion_from_json(line).request_id for frame in scan(file) for line in frame.content.splitlines()
            ]
    return ids


def assert_same_set(out: Path, undisturbed: Path) -> None:
    """What the trainer gets is the same, byte for byte, and each request was answered exactly once on the way there."""
    for folder in ("dataset", "packed"):
        assert files(out / folder) == files(undisturbed / folder)
    counts = synthgen.load_run(out).counts
    assert counts is not None
    assert (counts.total.failed, counts.total.pending) == (0, 0)
    assert sorted(answered(out)) == sorted(answered(undisturbed))
    assert len(answered(out)) == counts.total.planned


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_limit_on_file_sizes_is_met_by_one_file_after_another(
    command: Run, source: Path, undisturbed: Path, tmp_path: Path
) -> None:
    out, where = tmp_path / "run", []
    documents, records = ((undisturbed / name).stat().st_size for name in ("documents.parquet", "records.parquet"))
    for limit in (300, documents - 1, records - 1):
        where.append(failed_at(command("run", "--source", source, "--out", out, largest_file=limit), out, NO_ROOM))
    assert where == ["recipe.toml", "documents.parquet", "selection"]
    assert sorted(answered(out)) == sorted(answered(undisturbed))
    assert command("run", "--source", source, "--out", out)["code"] == 0
    assert_same_set(out, undisturbed)


def test_answers_that_found_room_are_not_asked_for_again(
    command: Run, source: Path, undisturbed: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    shutil.copytree(undisturbed, out, ignore=shutil.ignore_patterns("completions"))
    size = sum(map(len, files(undisturbed / "completions").values()))
    ran = command("run", "--source", source, "--out", out, largest_file=size // 2)
    assert failed_at(ran, out, NO_ROOM) == "completions"
    assert set(answered(out)) < set(answered(undisturbed))
    assert answered(out)
    assert command("run", "--source", source, "--out", out)["code"] == 0
    assert_same_set(out, undisturbed)


@pytest.mark.parametrize("name", ["documents.parquet", "extracts.parquet", "records.parquet", "dataset", "packed"])
def test_what_is_missing_from_a_finished_run_is_made_again_once_there_is_room(
    command: Run, source: Path, undisturbed: Path, tmp_path: Path, name: str
) -> None:
    out = tmp_path / "moved"
    shutil.copytree(undisturbed, out, ignore=shutil.ignore_patterns(name))
    size = max(len(content) for path, content in files(undisturbed).items() if path.startswith(name))
    ran = command("run", "--source", source, "--out", out, largest_file=size - 1)
    assert failed_at(ran, out, NO_ROOM) == name
    assert command("run", "--source", source, "--out", out)["code"] == 0
    assert_same_set(out, undisturbed)


# Some hundred runs one after the other.
@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_disk_that_is_full_again_and_again(
    command: Run, source: Path, undisturbed: Path, disk: Callable[[str], Path]
) -> None:
    where, kept = [], 0
    for size in range(16, 4000, 24):
        out = disk(f"size={size}k") / "run"
        ran = command("run", "--source", source, "--out", out)
        if not ran["code"]:
            break
        where.append(failed_at(ran, out, NO_SPACE))
        ids = answered(out)
        assert len(ids) == len(set(ids)) >= kept
        kept = len(ids)
    assert {"documents.parquet", "selection", "dataset"} <= set(where)
    assert_same_set(out, undisturbed)


def test_a_run_directory_that_becomes_read_only_half_way(
    command: Run, source: Path, undisturbed: Path, disk: Callable[[str], Path]
) -> None:
    out = disk("size=160k") / "run"
    failed_at(command("run", "--source", source, "--out", out), out, NO_SPACE)
    before = answered(out)
    assert before
    disk("size=4m,ro")
    ran = command("run", "--source", source, "--out", out)
    failed_at(ran, out, "the file system is read-only. Choose another folder.")
    looked = command("status", out)
    assert looked["code"] == 0
    assert f"{len(before)} in the journal" in looked["out"]
    disk("size=4m,rw")
    assert command("run", "--source", source, "--out", out)["code"] == 0
    assert_same_set(out, undisturbed)
