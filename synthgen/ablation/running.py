"""Trains and measures the arms of an ablation, side by side where there are devices; what is done is not done again."""

from __future__ import annotations

import json
import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from synthgen.ablation import child, launching
from synthgen.ablation.data import Measured, Trained
from synthgen.ablation.launching import Device
from synthgen.ablation.layout import AblationPaths, Plan, Training, read_json
from synthgen.ablation.measuring import check_measures, measure, read_measured
from synthgen.errors import RunInterruptedError, RunLockedError, TrainingError
from synthgen.progress import OnProgress, Progress, Stage, Watch
from synthgen.recipe import Recipe
from synthgen.storage.files import storage_errors, write_atomic
from synthgen.storage.lock import FileLock
from synthgen.training import make_trainer
from synthgen.training.base import LossPoint, Trainer

_ATTEMPTS = "attempts"


@dataclass(frozen=True)
class Bench:
    """An ablation that has been prepared, and all that is needed to work on it."""

    paths: AblationPaths
    plan: Plan
    recipe: Recipe

    @property
    def trainer(self) -> Trainer:
        return make_trainer(self.recipe.training.trainer)

    @property
    def trainings(self) -> list[Training]:
        return self.plan.trainings(self.paths)


def check(bench: Bench, trainings: Sequence[Training], on_progress: OnProgress) -> None:
    """Has the trainer look at one of `trainings` of every arm, if not begun, and the harness at its tasks.

    Raises TrainingError where one of them is not installed, or refuses.
    """
    first = {training.arm: training for training in reversed(trainings) if not training.begun}
    owed = any(read_measured(training, bench.recipe, bench.paths) is None for training in trainings)
    watch = Watch("check", len(first) + owed, on_progress)
    for training in first.values():
        bench.trainer.check(training.folder)
        watch.step()
    if owed:
        check_measures(bench.recipe, bench.paths)
        watch.step()
    watch.finish()


def work(bench: Bench, trainings: Sequence[Training], devices: Sequence[Device], on_progress: OnProgress) -> None:
    """Trains and measures what of `trainings` is not done yet, one on each of `devices` at a time.

    Raises the first error, once what is at work beside it has ended; RunInterruptedError on Ctrl-C, RunLockedError
    where another process is at a training.
    """
    owed = [training for training in trainings if not _done(bench, training)]
    free, tally = queue.SimpleQueue[Device](), _Tally(owed, bench.plan.steps, on_progress)
    for device in devices:
        free.put(device)

    def job(training: Training) -> None:
        device = free.get()
        try:
            with _held(training):
                if not training.ended:
                    _train(bench, training, device, lambda step: tally.trained(training, step))
                tally.trained(training, bench.plan.steps)
                measure(read_trained(bench, training), bench.recipe, bench.paths, device.name)
                tally.measured()
        finally:
            free.put(device)

    with ThreadPoolExecutor(len(devices)) as pool:
        futures = [pool.submit(job, training) for training in owed]
        try:
            _wait(futures)
        except KeyboardInterrupt:
            _stop(futures)
            fix = "the same command goes on from the last checkpoints"
            raise RunInterruptedError("interrupted", where=bench.paths.root, fix=fix) from None


def collect(bench: Bench, trainings: Iterable[Training]) -> tuple[list[Trained], list[Measured]]:
    """What has been trained and measured of `trainings`. Nothing runs."""
    trained, measured = list[Trained](), list[Measured]()
    for training in trainings:
        if training.ended:
            trained.append(read_trained(bench, training))
            measured += read_measured(training, bench.recipe, bench.paths) or ()
    return trained, measured


def adopt(bench: Bench) -> None:
    """Notes the trainings that the trainer's own scripts have brought to their end, here or elsewhere."""
    for training in bench.trainings:
        if not training.ended and bench.trainer.model(training.folder) is not None:
            _note(bench, training, None)


def read_trained(bench: Bench, training: Training) -> Trained:
    """What is known of a training that has ended. Raises TrainingError where its model is gone."""
    known = read_json(training.trained)
    model = bench.trainer.model(training.folder)
    if model is None:
        raise TrainingError(
            "its model is gone", where=training.folder, fix="put it back, or remove trained.json to train it again"
        )
    losses = tuple(LossPoint(**point) for point in known["losses"])
    return Trained(training.arm, training.seed, training.folder, model, known["tokens"], known["hours"], losses)


def _train(bench: Bench, training: Training, device: Device, at_step: Callable[[int], None]) -> None:
    """Trains, or goes on, and notes what came of it."""
    trainer, attempts = bench.trainer, training.folder / _ATTEMPTS
    number = len(list(attempts.glob("*.json"))) + 1
    write_atomic(attempts / f"{number}.json", json.dumps({"began": time.time()}).encode())

    def meanwhile() -> None:
        at_step(max((point.step for point in trainer.losses(training.folder)), default=0))

    child.run(
        trainer.command(training.folder),
        what=f"the training {training.name}",
        cwd=training.folder,
        log=attempts / f"{number}.log",
        variables={**trainer.environment(), **device.variables},
        meanwhile=meanwhile,
    )
    _note(bench, training, _hours(attempts))


def _note(bench: Bench, training: Training, hours: float | None) -> None:
    """Writes down what is known of a training that has ended. Raises TrainingError where it left no model."""
    if bench.trainer.model(training.folder) is None:
        raise TrainingError(
            "the trainer ended and left no model", where=training.name, fix=f"see {training.folder / _ATTEMPTS}"
        )
    losses = bench.trainer.losses(training.folder)
    tokens = losses[-1].tokens if losses else 0
    known = {"tokens": tokens, "hours": hours, "losses": [asdict(point) for point in losses]}
    write_atomic(training.trained, json.dumps(known).encode())


def _hours(attempts: Path) -> float:
    """The hours of all attempts: each from its beginning to the last that it printed."""
    with storage_errors(attempts):
        began = {path.with_suffix(".log"): float(read_json(path)["began"]) for path in attempts.glob("*.json")}
        seconds = [max(0.0, log.stat().st_mtime - start) for log, start in began.items() if log.exists()]
    return sum(seconds) / 3600


def _done(bench: Bench, training: Training) -> bool:
    return training.ended and read_measured(training, bench.recipe, bench.paths) is not None


@contextmanager
def _held(training: Training) -> Iterator[None]:
    """The training, held for this process. Raises RunLockedError."""
    lock = FileLock(training.lock)
    if not lock.acquire():
        who = lock.holder() or "another process"
        raise RunLockedError(f"{who} is at it", where=training.name, fix="wait until it ends, or stop it")
    try:
        yield
    finally:
        lock.release()


def _wait(futures: Sequence[Future[None]]) -> None:
    """Until all have ended; after an error nothing more begins."""
    for future in futures:
        try:
            future.result()
        except Exception:
            for other in futures:
                other.cancel()
            raise


def _stop(futures: Sequence[Future[None]]) -> None:
    """Ends what is at work. A thread may be between two children: hence again and again."""
    for future in futures:
        future.cancel()
    while wait(futures, timeout=0.1).not_done:
        launching.end_all()


class _Tally:
    """Tells `on_progress`, from whichever thread, how many steps are trained and how many models are measured."""

    def __init__(self, owed: Sequence[Training], steps: int, on_progress: OnProgress) -> None:
        self._at = {training.name: 0 for training in owed if not training.ended}
        self._steps, self._models, self._measured = steps, len(owed), 0
        self._on_progress, self._lock, self._began = on_progress, threading.Lock(), time.monotonic()

    def trained(self, training: Training, step: int) -> None:
        with self._lock:
            if self._at.get(training.name, step) != step:
                self._at[training.name] = step
                self._tell("train", sum(self._at.values()), len(self._at) * self._steps)

    def measured(self) -> None:
        with self._lock:
            self._measured += 1
            self._tell("measure", self._measured, self._models)

    def _tell(self, stage: Stage, done: int, total: int) -> None:
        seconds = time.monotonic() - self._began
        self._on_progress(Progress(stage, done, total, seconds=seconds, finished=done == total))
