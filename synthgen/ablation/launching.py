"""Programs of other environments as child processes: their output in a log, and none left behind."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from weakref import WeakSet

from synthgen.errors import UsageError
from synthgen.recipe import TrainingSettings
from synthgen.storage.files import storage_errors

POLL_SECONDS = 2.0

_SUPERVISE = """
import os, signal, subprocess, sys, threading

child = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, start_new_session=True)

def end():
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass

def watch():
    sys.stdin.buffer.read()
    end()

threading.Thread(target=watch, daemon=True).start()
code = child.wait()
end()
os._exit(code if code >= 0 else 128 - code)
"""
"""Runs a program in a session of its own until it ends or this process does, which closes the pipe, by whatever signal.

A trainer that outlived its owner would write into the checkpoints of the one that goes on. It is killed and not asked
to end: asked, Axolotl saves what it has as if that were the trained model.
"""

_running: WeakSet[subprocess.Popen[bytes]] = WeakSet()


def run(
    command: Sequence[str],
    *,
    cwd: Path,
    log: Path,
    variables: Mapping[str, str] = {},
    meanwhile: Callable[[], None] = lambda: None,
) -> int:
    """Runs `command` in `cwd` and returns its exit code, 128 + N where signal N ended it. All it prints is in `log`.

    Its environment is this one's with `variables` over it. `meanwhile` is called every few seconds. When this process
    ends, however it ends, so does the command with all that it has started; an exception here ends it too.
    """
    with storage_errors(log):
        log.parent.mkdir(parents=True, exist_ok=True)
        output = log.open("wb")
    with (
        output,
        subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", _SUPERVISE, *command],
            cwd=cwd,
            env={**os.environ, **variables},
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        ) as process,
    ):
        _running.add(process)
        try:
            while True:
                with suppress(subprocess.TimeoutExpired):
                    return process.wait(POLL_SECONDS)
                meanwhile()
        finally:
            _end(process)


def end_all() -> None:
    """Ends every command that `run` has started in this process and that is still at work."""
    for process in list(_running):
        _end(process)


@dataclass(frozen=True, slots=True)
class Device:
    """Where one training runs: on the GPUs with these names, of all that this process sees; on the CPU without any.

    `first` is the place of the first of them among all.
    """

    gpus: tuple[str, ...] = ()
    first: int = 0

    @property
    def name(self) -> str:
        """What torch calls the first of them, or the CPU."""
        return f"cuda:{self.first}" if self.gpus else "cpu"

    @property
    def variables(self) -> dict[str, str]:
        """What a program reads from its environment to use these and no others."""
        return {"CUDA_VISIBLE_DEVICES": ",".join(self.gpus)}


def devices(settings: TrainingSettings) -> list[Device]:
    """Where trainings can run side by side: as many as the GPUs that each takes allow, or one on the CPU.

    Raises UsageError where there are fewer GPUs than one training takes.
    """
    if not settings.gpus:
        return [Device()]
    there = _visible_gpus()
    if len(there) < settings.gpus:
        raise UsageError(
            f"a training takes {settings.gpus} GPUs, and {len(there)} are here",
            where="training.gpus",
            fix="set it to those that are here (0 trains on the CPU), or prepare with --prepare-only for other hosts",
        )
    starts = range(0, len(there) - settings.gpus + 1, settings.gpus)
    return [Device(tuple(there[start : start + settings.gpus]), start) for start in starts]


def _visible_gpus() -> list[str]:
    named = os.environ.get("CUDA_VISIBLE_DEVICES")
    if named is not None:
        return [name.strip() for name in named.split(",") if name.strip()]
    try:
        listed = subprocess.run(["nvidia-smi", "-L"], capture_output=True, text=True, check=False)
    except OSError:
        return []
    return [str(number) for number, line in enumerate(listed.stdout.splitlines()) if line.startswith("GPU ")]


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.stdin is not None:
        with suppress(OSError):
            process.stdin.close()
