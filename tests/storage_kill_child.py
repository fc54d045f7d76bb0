"""Runs a scenario again and again, each time in a forked child that kills itself at another system call.

`python storage_kill_child.py SCENARIO ROOT` makes a folder under ROOT for each kill (`012-torn`: at call 12, half
of what it should write written) and beside it a file `012-torn.done` with what the child had reported as done.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

from synthgen.data import Completion
from synthgen.storage.files import atomic_folder, clean_leftovers, write_atomic
from synthgen.storage.journal import JournalWriter

CALLS = ("open", "write", "fsync", "replace", "mkdir", "unlink", "rmdir", "ftruncate")
Report = Callable[[object], None]


def journal(folder: Path, report: Report) -> None:
    async def append(writer: JournalWriter, number: int) -> None:
        await writer.append(Completion(f"id-{number}", text=f"text {number} " * 20, finish_reason="stop"))
        report(number)

    async def write() -> None:
        for first in (0, 12):
            async with JournalWriter(folder / "completions") as writer:
                for wave in range(first, first + 12, 4):
                    await asyncio.gather(*(append(writer, number) for number in range(wave, wave + 4)))

    asyncio.run(write())


def file(folder: Path, report: Report) -> None:
    for version in range(3):
        write_atomic(folder / "report" / "file.txt", b"%d" % version * 10_000)
        report(version)


def swap(folder: Path, report: Report) -> None:
    for version in range(3):
        with atomic_folder(folder / "set") as new:
            fill(new, version)
        report(version)


def settle(folder: Path, report: Report) -> None:
    clean_leftovers(folder)
    report(1)


def between_the_renames(folder: Path) -> None:
    for name, version in ((".synthgen-set-old.tmp", 0), (".synthgen-set-new.tmp", 1)):
        (folder / name).mkdir()
        fill(folder / name, version)


def fill(folder: Path, version: int) -> None:
    (folder / "inner").mkdir()
    for name in ("a.txt", "inner/b.txt"):
        (folder / name).write_text(str(version) * 10_000)


def killed(folder: Path, scenario: Callable[[Path, Report], None], point: int, how: str) -> bool:
    """Whether the scenario got as far as system call `point`, where it was killed."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        send = os.write

        def report(done: object) -> None:
            send(writer, f"{done}\n".encode())

        arm(point, how)
        scenario(folder, report)
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        folder.with_suffix(".done").write_bytes(pipe.read())
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if status not in (0, -signal.SIGKILL):
        sys.exit(f"the child ended with {status}")
    return status != 0


def arm(point: int, how: str) -> None:
    numbers = count()

    def deadly(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **options: Any) -> Any:
            if next(numbers) != point:
                return real(*args, **options)
            try:
                if how == "after":
                    real(*args, **options)
                elif how == "torn" and real.__name__ == "write":
                    real(args[0], args[1][: len(args[1]) // 2])
            finally:
                os.kill(os.getpid(), signal.SIGKILL)

        return call

    for name in CALLS:
        setattr(os, name, deadly(getattr(os, name)))


def main(name: str, root: Path) -> None:
    scenario = {"journal": journal, "file": file, "swap": swap, "settle": settle}[name]
    for point in count():
        for how in ("before", "torn", "after"):
            folder = root / f"{point:03}-{how}"
            folder.mkdir()
            if name == "settle":
                between_the_renames(folder)
            if not killed(folder, scenario, point, how):
                shutil.rmtree(folder)
                folder.with_suffix(".done").unlink()
                return


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
