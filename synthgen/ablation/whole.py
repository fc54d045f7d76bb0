"""The entry points: what `synthgen ablate` and the library call."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from synthgen.ablation import running
from synthgen.ablation.launching import devices
from synthgen.ablation.layout import AblationPaths, Training, prepared_plan
from synthgen.ablation.measuring import read_measured
from synthgen.ablation.preparing import merged, prepare
from synthgen.ablation.report import HTML, write_report
from synthgen.ablation.result import Result, summarise
from synthgen.ablation.running import Bench
from synthgen.ablation.tasks import read_tasks
from synthgen.errors import RunLockedError, TrainingError, UsageError, nearest
from synthgen.pipeline import RecipeLike, resolve
from synthgen.progress import OnProgress, silent
from synthgen.report.result import load_run
from synthgen.storage.lock import FileLock


@dataclass(frozen=True)
class Ablation:
    """An ablation as it stands.

    `missing` names the trainings that have not been brought to their end and measured. `unchecked` says why trainer and
    harness could not check what has been prepared, None where they did.
    """

    bench: Bench
    result: Result
    missing: tuple[str, ...]
    unchecked: str | None = None

    @property
    def path(self) -> Path:
        return self.bench.paths.root

    @property
    def facts(self) -> list[tuple[str, str]]:
        """What else there is to say, each with a label."""
        paths, plan = self.bench.paths, self.bench.plan
        found = [("Steps", f"{plan.steps:,} in each training")]
        for name, count in plan.left_out.items():
            found.append(("Left out", f"{count:,} documents of {name}, near ones that are held out"))
        if self.missing:
            trainings = f"{len(self.missing)} of {len(self.bench.trainings)} trainings"
            found.append(("Missing", f"{trainings}: {', '.join(self.missing)}"))
            found.append(("Cluster", f"sbatch {paths.slurm}, then synthgen ablate with --collect"))
        if self.unchecked:
            found.append(("Unchecked", self.unchecked))
        if self.result.scores:
            found.append(("Report", str(paths.report / HTML)))
        return found


def ablate(
    run: str | Path, recipe: RecipeLike = None, *, out: str | Path | None = None, on_progress: OnProgress = silent
) -> Ablation:
    """Prepares, trains and measures all arms of the run in the folder `run`, and reports. The same call resumes.

    Of `recipe` only `[ablation]`, `[training]` and `[pack]` are taken, into the run's own; None takes the run's. `out`
    is the ablation directory, by default `ablation` in that of the run.

    Raises a SynthgenError for whatever makes it impossible, before the first training where it can be known; a
    TrainingError where a training or measuring fails. Ctrl-C ends what is at work and raises RunInterruptedError.
    """
    paths = _paths(run, out)
    with _held(paths):
        bench = _prepared(run, recipe, paths, on_progress)
        free = devices(bench.recipe.training)
        running.check(bench, bench.trainings, on_progress)
        running.work(bench, bench.trainings, free, on_progress)
        return _reported(bench)


def prepare_only(
    run: str | Path, recipe: RecipeLike = None, *, out: str | Path | None = None, on_progress: OnProgress = silent
) -> Ablation:
    """Writes all that `ablate` would work with, and a script by which a cluster does that work. Trains nothing."""
    paths = _paths(run, out)
    with _held(paths):
        bench = _prepared(run, recipe, paths, on_progress)
        try:
            bench.trainer.environment()
        except TrainingError as error:
            return _standing(bench, str(error))
        running.check(bench, bench.trainings, on_progress)
        return _standing(bench)


def train_one(
    run: str | Path, name: str, *, out: str | Path | None = None, on_progress: OnProgress = silent
) -> Ablation:
    """Trains and measures one training (`ARM/seed-N`) of an ablation that has been prepared. Others may be at work."""
    paths = _paths(run, out)
    with _held(paths, shared=True):
        bench = _opened(paths)
        known = {training.name: training for training in bench.trainings}
        if name not in known:
            raise UsageError(f"unknown training {name!r}", where=paths.root, fix=nearest(name, known))
        device, *_ = devices(bench.recipe.training)
        running.check(bench, [known[name]], on_progress)
        running.work(bench, [known[name]], [device], on_progress)
        return _standing(bench)


def collect(run: str | Path, *, out: str | Path | None = None, on_progress: OnProgress = silent) -> Ablation:
    """Reports what has been trained, here or elsewhere. Models that have not been measured are; none is trained."""
    paths = _paths(run, out)
    with _held(paths):
        bench = _opened(paths)
        running.adopt(bench)
        ended = [training for training in bench.trainings if training.ended]
        owed = [training for training in ended if not _measured(bench, training)]
        if owed:
            running.work(bench, owed, devices(bench.recipe.training), on_progress)
        return _reported(bench)


def _paths(run: str | Path, out: str | Path | None) -> AblationPaths:
    return AblationPaths(Path(run) / "ablation" if out is None else Path(out))


def _prepared(run: str | Path, recipe: RecipeLike, paths: AblationPaths, on_progress: OnProgress) -> Bench:
    whole = merged(load_run(run), None if recipe is None else resolve(None, recipe))
    return Bench(paths, prepare(whole, paths, on_progress), whole.recipe)


def _opened(paths: AblationPaths) -> Bench:
    plan, recipe = prepared_plan(paths)
    return Bench(paths, plan, recipe)


def _reported(bench: Bench) -> Ablation:
    """The ablation as it stands, its report written where anything is measured."""
    found = _standing(bench)
    if found.result.scores:
        write_report(found.result, bench.paths.report)
    return found


def _standing(bench: Bench, unchecked: str | None = None) -> Ablation:
    trained, measured = running.collect(bench, bench.trainings)
    result = summarise(bench.plan.arms, trained, measured, read_tasks(bench.paths.tasks))
    return Ablation(bench, result, _missing(bench), unchecked)


def _missing(bench: Bench) -> tuple[str, ...]:
    return tuple(training.name for training in bench.trainings if not (training.ended and _measured(bench, training)))


def _measured(bench: Bench, training: Training) -> bool:
    return read_measured(training, bench.recipe, bench.paths) is not None


@contextmanager
def _held(paths: AblationPaths, *, shared: bool = False) -> Iterator[None]:
    """The ablation directory, held for this process, alone or together with others that train one arm each."""
    lock = FileLock(paths.lock)
    if not lock.acquire(shared=shared):
        who = lock.holder() or "another process"
        raise RunLockedError(f"{who} works on this ablation", where=paths.root, fix="wait until it ends, or stop it")
    try:
        yield
    finally:
        lock.release()
