"""Runs a small job again and again in forked children, kills them, and lets a last one finish what they left.

`python pipeline_kill_child.py every SOURCE ROOT` kills at every call that writes; `... random SOURCE ROOT COUNT`
at COUNT random moments, several times one run. Prints a line of JSON for each run that came to its end.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import signal
import sys
import time
from collections.abc import Callable
from importlib import import_module
from itertools import count
from pathlib import Path
from typing import Any

import synthgen
from synthgen.backends.base import Backend
from synthgen.backends.fake import FakeBackend
from synthgen.data import Completion, Request
from synthgen.filters.base import Filter
from synthgen.registry import parts
from synthgen.sources.base import Source
from synthgen.storage.index import JournalIndex
from synthgen.tokens import load_tokenizer

CALLS = ("write", "fsync", "replace", "mkdir", "unlink", "rmdir")
OPTIONS = {"delay": 0.002, "truncated_share": 0.2, "error_share": 0.2, "error_class": "rejected"}
RECIPE = {
    "teachers": [{"backend": "fake", "in_flight": 4, "options": OPTIONS}],
    "extracts": {"min_tokens": 30, "max_tokens": 120},
}


def make(source: Path, out: Path) -> None:
    """The job; notes in OUT.asked every request that the journal had settled when it began and that was asked again."""
    settled = JournalIndex.load(out / "completions").settled_ids()
    complete = FakeBackend.complete

    async def watched(self: FakeBackend, request: Request) -> Completion:
        if request.request_id in settled:
            with out.with_suffix(".asked").open("a") as file:
                file.write(f"{request.request_id}\n")
        return await complete(self, request)

    FakeBackend.complete = watched  # type: ignore[method-assign]
    synthgen.run(source, RECIPE, out=out)


def in_child(work: Callable[[], None], kill_after: float | None = None) -> bool:
    """Whether `work`, in a forked child, came to its end; the child may be killed from here after some seconds."""
    child = os.fork()
    if child == 0:
        work()
        os._exit(0)
    if kill_after is not None:
        time.sleep(kill_after)
        os.kill(child, signal.SIGKILL)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if status not in (0, -signal.SIGKILL):
        sys.exit(f"the child ended with {status}")
    return status == 0


def arm(point: int) -> None:
    """From now on, the call number `point` of those that write does half of what it should, and is the last one."""
    numbers = count()

    def deadly(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            if next(numbers) != point:
                return real(*arguments, **options)
            if real.__name__ == "write":
                real(arguments[0], bytes(arguments[1])[: len(arguments[1]) // 2])
            return os.kill(os.getpid(), signal.SIGKILL)

        return call

    for name in CALLS:
        setattr(os, name, deadly(getattr(os, name)))


def report(out: Path, kills: int) -> None:
    """What the finished run is like."""
    total = synthgen.load_run(out).counts.total
    asked = out.with_suffix(".asked")
    print(  # noqa: T201 (read by the test)
        json.dumps(
            {
                "kills": kills,
                "hash": folder_hash(out / "dataset", out / "packed"),
                "account": [total.planned, total.kept, total.rejected, total.failed, total.pending],
                "asked_again": len(asked.read_text().split()) if asked.exists() else 0,
                "leftovers": [str(path) for path in out.rglob("*.tmp")],
            }
        ),
        flush=True,
    )
    shutil.rmtree(out)


def folder_hash(*folders: Path) -> str:
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            digest.update(f"{path.relative_to(folder.parent)}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()


def every(source: Path, root: Path) -> None:
    """One kill a run, at each point in turn, until a run has fewer points than that."""
    for point in count():
        out = root / f"point-{point}"

        def armed(point: int = point, out: Path = out) -> None:
            arm(point)
            make(source, out)

        ended = in_child(armed)
        if not ended:
            in_child(lambda out=out: make(source, out))  # type: ignore[misc]
        report(out, int(not ended))
        if ended:
            return


def at_random(source: Path, root: Path, kills: int) -> None:
    """Runs that are killed at random moments until they come to their end, `kills` in all."""
    start = time.monotonic()
    in_child(lambda: make(source, root / "whole"))
    whole, chance, done = time.monotonic() - start, random.Random(17), 0
    report(root / "whole", 0)
    while done < kills:
        out, killed = root / f"after-{done}", 0
        while not in_child(lambda out=out: make(source, out), chance.uniform(0, whole)):  # type: ignore[misc]
            killed += 1
        done += killed
        report(out, killed)


if __name__ == "__main__":
    # Loaded here once, so that a child begins with the work.
    load_tokenizer("mistral-7b-v0.1")
    for module in ("jsonschema", "pandas", "pyarrow.parquet", "synthgen.pipeline", "yaml"):
        import_module(module)
    for group, base in (("backends", Backend), ("filters", Filter), ("sources", Source)):
        parts(f"synthgen.{group}", base)
    if sys.argv[1] == "every":
        every(Path(sys.argv[2]), Path(sys.argv[3]))
    else:
        at_random(Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4]))
