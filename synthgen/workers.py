"""Spreads one function's work over processes, with the results in the order of the tasks.

The processes are plain children that run this module and talk through pipes. Unlike `multiprocessing`'s they never
import the caller's main module, so a script without an `if __name__` guard, a notebook and an embedding server work.
"""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain, islice
from queue import SimpleQueue
from typing import Any, TypeVar

from synthgen.errors import SynthgenError

T = TypeVar("T")
R = TypeVar("R")


def cores() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def map_ordered(function: Callable[[T], R], tasks: Iterable[T], processes: int) -> Iterator[R]:
    """`function(task)` for each of `tasks`, in their order; in `processes` others, or here for one process or task.

    `function` and `tasks` must be picklable. At most two tasks a process are held at a time. An exception of
    `function` is raised here, and ends the work. Raises SynthgenError if a process dies.
    """
    tasks = iter(tasks)
    first = list(islice(tasks, 2))
    tasks = chain(first, tasks)
    if processes == 1 or len(first) < 2:
        yield from map(function, tasks)
        return
    workers = [_Worker(function) for _ in range(processes)]
    idle: SimpleQueue[_Worker] = SimpleQueue()
    for worker in workers:
        idle.put(worker)

    def call(task: T) -> R:
        worker = idle.get()
        try:
            result: R = worker.call(task)
            return result
        finally:
            idle.put(worker)

    threads = ThreadPoolExecutor(processes)
    pending: deque[Future[R]] = deque()
    try:
        for task in tasks:
            pending.append(threads.submit(call, task))
            if len(pending) >= 2 * processes:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
    finally:
        for worker in workers:
            worker.stop()
        threads.shutdown(cancel_futures=True)


class _Worker:
    """One child process, which is sent the function once."""

    def __init__(self, function: Callable[[Any], Any]) -> None:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
        # `-c`, as with `-m` the child would hold this module twice.
        command = [sys.executable, "-c", "from synthgen.workers import serve; serve()"]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, env=environment)
        self._unsent: list[Any] = [function]

    def call(self, task: Any) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            for item in (*self._unsent, task):
                pickle.dump(item, self._process.stdin, pickle.HIGHEST_PROTOCOL)
            self._unsent.clear()
            self._process.stdin.flush()
            result, error = pickle.load(self._process.stdout)
        except (EOFError, OSError, pickle.UnpicklingError) as lost:
            code = self._process.wait()
            raise SynthgenError(
                f"a worker process ended with code {code}", fix="free memory or use fewer processes, then run again"
            ) from lost
        if error is not None:
            raise error
        return result

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                # What was not sent yet has nowhere to go.
                try:
                    stream.close()
                except OSError:
                    continue


def serve() -> None:
    """What a child runs: reads the function, then tasks, from standard input and answers on standard output."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent decides
    calls, answers = sys.stdin.buffer, os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a library prints must not stand among the answers
    function = None
    while True:
        try:
            function = function or pickle.load(calls)
            task = pickle.load(calls)
        except EOFError:
            return
        answer: tuple[Any, Exception | None]
        try:
            answer = function(task), None
        except Exception as error:
            answer = None, error
        pickle.dump(answer, answers, pickle.HIGHEST_PROTOCOL)
        answers.flush()
