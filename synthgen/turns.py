"""Several processes on one run directory: who may be at work, and whose turn it is to write what they share.

A run without `--shard` is shard 1/1. It holds `.lock` alone, so that nobody else works on the run. Any other shard
holds its own `shards/I-of-N.lock` alone and, once it has arrived, `.lock` together with the others.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from synthgen.errors import RunInterruptedError, RunLockedError, UsageError
from synthgen.planning import Shard
from synthgen.storage.layout import RunPaths
from synthgen.storage.lock import FileLock

WHOLE = Shard(1, 1)
"""What a run without `--shard` works on."""

POLL_SECONDS = 0.2


def parse_shard(word: str) -> Shard:
    """A shard as on the command line: `I/N`, such as `2/3`. Raises UsageError."""
    found = re.fullmatch(r"([1-9][0-9]{0,5})/([1-9][0-9]{0,5})", word)
    if found is None or int(found[1]) > int(found[2]):
        raise UsageError(
            f"{word!r} is not a shard",
            where="--shard",
            fix="write I/N with I from 1 to N: of three hosts, the second gets --shard 2/3",
        )
    return Shard(int(found[1]), int(found[2]))


def workers(paths: RunPaths) -> dict[Shard, str]:
    """The processes at work on a run, in words, by their shard. Raises StorageError."""
    found = {}
    for path in paths.shards.glob("*-of-*.lock"):
        number, _, of = path.stem.partition("-of-")
        if who := FileLock(path).holder():
            found[Shard(int(number), int(of))] = who
    if not found and (who := FileLock(paths.lock).holder()):
        found[WHOLE] = who
    return dict(sorted(found.items(), key=lambda item: (item[0].of, item[0].number)))


def in_words(at_work: dict[Shard, str]) -> str:
    """The processes at work: `shard 2/3, process 7 on host (since ...)`."""
    return "; ".join(who if shard == WHOLE else f"shard {shard}, {who}" for shard, who in at_work.items())


class AtWork:
    """This process at work on a run as one of its shards, while the `with` block runs.

    Raises RunLockedError naming who is in the way.
    """

    def __init__(self, paths: RunPaths, shard: Shard) -> None:
        self._paths = paths
        self._shard = shard
        self._run = FileLock(paths.lock)
        self._own = self._run if shard == WHOLE else FileLock(paths.shards / f"{shard.number}-of-{shard.of}.lock")
        self._turn = FileLock(paths.shards / "turn.lock")
        self._given_up = threading.Event()

    def __enter__(self) -> Self:
        if self._own.acquire():
            return self
        if self._shard == WHOLE:
            raise self._refusal(in_words(workers(self._paths)))
        raise RunLockedError(
            f"shard {self._shard} is at work already, {self._own.holder() or 'another process'}",
            where=self._paths.root,
            fix="give each process a number of its own",
        )

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._run.release()
        self._own.release()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Waits until no other shard writes what all have in common, and keeps the others waiting meanwhile.

        Raises RunInterruptedError after `give_up`.
        """
        if self._shard == WHOLE:
            yield
            return
        while not self._turn.acquire():
            if self._given_up.wait(POLL_SECONDS):
                raise RunInterruptedError("interrupted", where=self._paths.root, fix="the same command goes on")
        try:
            yield
        finally:
            self._turn.release()

    @contextmanager
    def arrival(self) -> Iterator[str | None]:
        """The first turn. Yields the other shards that have arrived, in words.

        None where there is none: then anything in the directory may change.
        """
        with self.turn():
            alone = self._run.acquire()
            if not (alone or self._run.acquire(shared=True)):
                raise self._refusal(self._run.holder())
            if self._shard == WHOLE:
                yield None
                return
            try:
                yield None if alone else self._others()
            except BaseException:
                # The next shard's turn begins before this process has ended.
                self._run.release()
                raise
            # Not at one stroke: a run of the whole plan may come between, and then this shard has to yield.
            if not self._run.acquire(shared=True):
                raise self._refusal(self._run.holder())

    def give_up(self) -> None:
        """Ends the waiting for a turn, in whichever thread it is."""
        self._given_up.set()

    def _others(self) -> str:
        return in_words({shard: who for shard, who in workers(self._paths).items() if shard != self._shard})

    def _refusal(self, who: str | None) -> RunLockedError:
        return RunLockedError(
            f"{who or 'another process'} works on this run",
            where=self._paths.root,
            fix="wait until it ends or stop it, or give another output folder",
        )
