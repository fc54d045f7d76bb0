"""Works on runs with several shards at once, in forked children that are killed, and with another number of them next.

`python shard_child.py SOURCE ROOT RUNS` prints a line of JSON for each run once it has come to its end; the first one
was never killed or shared.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from importlib import import_module
from pathlib import Path

from pipeline_kill_child import report

import synthgen
from synthgen.backends.base import Backend
from synthgen.backends.fake import FakeBackend
from synthgen.data import Completion, Request
from synthgen.filters.base import Filter
from synthgen.registry import parts
from synthgen.sources.base import Source
from synthgen.storage.index import JournalIndex
from synthgen.tokens import load_tokenizer

OPTIONS = {"delay": 0.005, "truncated_share": 0.2, "error_share": 0.1, "error_class": "rejected"}
RECIPE = {
    "teachers": [{"backend": "fake", "in_flight": 2, "options": OPTIONS}],
    "extracts": {"min_tokens": 30, "max_tokens": 120},
}


def make(source: Path, out: Path, shard: str) -> None:
    """A shard's work; notes in OUT.asked every request that was settled when it began and that it asked again."""
    settled = JournalIndex.load(out / "completions").settled_ids()
    complete = FakeBackend.complete

    async def watched(self: FakeBackend, request: Request) -> Completion:
        if request.request_id in settled:
            with out.with_suffix(".asked").open("a") as file:
                file.write(f"{request.request_id}\n")
        return await complete(self, request)

    FakeBackend.complete = watched  # type: ignore[method-assign]
    synthgen.run(source, RECIPE, out=out, shard=shard)


def session(source: Path, out: Path, kill_after: list[float | None]) -> int:
    """Works with a shard for each item, which is killed after so many seconds; returns how many were killed."""
    children = {}
    began = time.monotonic()
    for number, seconds in enumerate(kill_after, 1):
        child = os.fork()
        if child == 0:
            make(source, out, f"{number}/{len(kill_after)}")
            os._exit(0)
        children[child] = seconds
    for child, seconds in sorted(children.items(), key=lambda item: item[1] or 0.0):
        if seconds is not None:
            time.sleep(max(0.0, began + seconds - time.monotonic()))
            os.kill(child, signal.SIGKILL)
    ends = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    if set(ends) - {0, -signal.SIGKILL}:
        sys.exit(f"the shards ended with {ends}")
    return ends.count(-signal.SIGKILL)


def main(source: Path, root: Path, runs: int) -> None:
    start = time.monotonic()
    session(source, root / "whole", [None])
    whole, chance = time.monotonic() - start, random.Random(23)
    report(root / "whole", 0)
    for number in range(runs):
        out, killed = root / f"run-{number}", 0
        for _ in range(3):
            killed += session(source, out, [chance.uniform(0, whole) for _ in range(chance.randint(1, 4))])
        session(source, out, [None] * chance.randint(1, 4))
        report(out, killed)


if __name__ == "__main__":
    # Loaded here once, so that a child begins with the work.
    load_tokenizer("mistral-7b-v0.1")
    for module in ("jsonschema", "pandas", "pyarrow.parquet", "synthgen.pipeline", "yaml"):
        import_module(module)
    for group, base in (("backends", Backend), ("filters", Filter), ("sources", Source)):
        parts(f"synthgen.{group}", base)
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
