"""`synthgen ablate` goes on after any kill, trains side by side, and says before the first step what cannot work."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import stub_trainer
from conftest import Ran

import synthgen
from synthgen import registry
from synthgen.ablation import child, launching, running, whole
from synthgen.ablation.data import ItemScore, Measured, Trained
from synthgen.ablation.launching import Device, devices
from synthgen.ablation.layout import AblationPaths
from synthgen.errors import RunLockedError, TrainingError, UsageError
from synthgen.progress import Progress
from synthgen.recipe import TrainingSettings
from synthgen.storage.lock import FileLock

CHILD = Path(__file__).with_name("ablate_kill_child.py")
RECIPE = {
    "holdout": {"share": 0.2},
    "pack": {"window": 256},
    "transformations": {"distill": 1.0},
    "ablation": {
        "arms": {"source": {"source": 1.0}, "set": {"set": 1.0}, "control": {"control": 1.0}},
        "seeds": [1, 2],
        "tokens": 3000,
    },
    "training": {"gpus": 0},
}


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory, examples: Path) -> Path:
    """A run whose arms the stub trains."""
    done = synthgen.run(examples, RECIPE, out=tmp_path_factory.mktemp("ablated") / "run")
    recipe = done.paths.recipe.read_text("utf-8").replace('trainer = "axolotl"', 'trainer = "stub"')
    done.paths.recipe.write_text(recipe, "utf-8")
    return done.path


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> None:
    """The stub trainer, and a measure of its models that takes no time."""
    monkeypatch.setattr(registry, "declared", stub_trainer.declared(registry.declared))

    def read(training: Any, recipe: Any, paths: Any) -> list[Measured] | None:
        answers = training.folder / "answers.json"
        if not answers.exists():
            return None
        items = (ItemScore("a", json.loads(answers.read_text("utf-8")) > 0.5), ItemScore("b", True))
        return [Measured(training.arm, training.seed, "quiz", items)]

    def measure(trained: Trained, *_: Any) -> list[Measured]:
        learnt = int((trained.model / "config.json").read_text("utf-8")[:8], 16) / 16**8
        (trained.folder / "answers.json").write_text(json.dumps(learnt), encoding="utf-8")
        return []

    for module in (running, whole):
        monkeypatch.setattr(module, "read_measured", read)
    monkeypatch.setattr(running, "measure", measure)
    monkeypatch.setattr(running, "check_measures", lambda *_: None)


def stopped(run: Path, out: Path, at: str, by: signal.Signals) -> int:
    """How a process ends that gets a signal at a step of a training."""
    steered = {"STUB_AT": at, "STUB_SIGNAL": str(int(by))}
    command: list[str | Path] = [sys.executable, CHILD, run, out]
    return subprocess.run(command, env={**os.environ, **steered}, check=False, timeout=500).returncode


def ended(run: Path, out: Path) -> dict[str, Any]:
    done = subprocess.run([sys.executable, CHILD, run, out], stdout=subprocess.PIPE, check=True, timeout=500)
    models: dict[str, Any] = json.loads(done.stdout)
    return models


@pytest.mark.parametrize(("by", "code"), [(signal.SIGKILL, -signal.SIGKILL), (signal.SIGINT, 130)])
def test_stopped_in_the_middle_of_a_training_it_goes_on_from_the_checkpoint(
    run: Path, tmp_path: Path, by: signal.Signals, code: int
) -> None:
    whole_way = ended(run, tmp_path / "whole")
    assert set(whole_way) == {f"{arm}/seed-{seed}" for arm in ("source", "set") for seed in (1, 2)}
    assert stopped(run, tmp_path / "stopped", "set/seed-1:3", by) == code
    again = ended(run, tmp_path / "stopped")
    assert {name: model[:2] for name, model in again.items()} == {name: model[:2] for name, model in whole_way.items()}
    assert {name: model[2] for name, model in again.items()} == {
        "source/seed-1": [0],
        "set/seed-1": [0, 3],
        "source/seed-2": [0],
        "set/seed-2": [0],
    }


def test_all_is_trained_measured_and_reported(run: Path, tmp_path: Path, stub: None, cli: Callable[..., Ran]) -> None:
    done = cli("ablate", run, "--out", tmp_path / "ablation")
    assert done.code == 0, done.err
    assert "2 arms of" in done.out
    assert "as set" in done.out
    assert (tmp_path / "ablation" / "report" / "report.html").exists()
    assert "Training arms: 24/24 · done" in done.err
    again = cli("ablate", run, "--out", tmp_path / "ablation")
    assert again.code == 0
    assert "Training arms" not in again.err


def test_prepared_trained_one_by_one_and_collected(
    run: Path, tmp_path: Path, stub: None, cli: Callable[..., Ran]
) -> None:
    out = tmp_path / "ablation"
    prepared = cli("ablate", run, "--out", out, "--prepare-only")
    assert prepared.code == 0
    assert not list(out.glob("arms/*/*/trained"))
    assert f"sbatch {out / 'ablate.slurm'}" in prepared.out
    assert cli("ablate", run, "--out", out, "--only", "set/seed-2").code == 0
    some = cli("ablate", run, "--out", out, "--collect")
    assert some.code == 1
    assert "source/seed-1, set/seed-1, source/seed-2" in some.out
    for name in ("source/seed-1", "set/seed-1", "source/seed-2"):
        assert cli("ablate", run, "--out", out, "--only", name).code == 0
    assert cli("ablate", run, "--out", out, "--collect").code == 0


def test_the_clusters_script_names_every_training_once(run: Path, tmp_path: Path, stub: None) -> None:
    ablation = whole.prepare_only(run, out=tmp_path / "ablation")
    script = ablation.bench.paths.slurm.read_text("utf-8")
    subprocess.run(["bash", "-n"], input=script, text=True, check=True)
    assert "#SBATCH --array=0-3" in script
    for name in ablation.missing:
        assert script.count(f"    {name}\n") == 1
    assert f"synthgen ablate {run} --out {tmp_path / 'ablation'} --only" in script


def test_trainings_done_by_the_trainers_own_script_are_collected(run: Path, tmp_path: Path, stub: None) -> None:
    bench = whole.prepare_only(run, out=tmp_path / "ablation").bench
    for training in bench.trainings:
        subprocess.run(bench.trainer.command(training.folder), check=True, stdout=subprocess.DEVNULL)
    found = whole.collect(run, out=tmp_path / "ablation")
    assert found.missing == ()
    assert {curve.hours for curve in found.result.curves} == {None}
    assert {curve.tokens for curve in found.result.curves} == {600}


def test_what_is_collected_was_prepared(run: Path, tmp_path: Path, cli: Callable[..., Ran]) -> None:
    done = cli("ablate", run, "--out", tmp_path / "nothing", "--collect")
    assert done.code == 2
    assert "nothing is prepared here" in done.err


@pytest.mark.parametrize("options", [("--collect", "--prepare-only"), ("--collect", "--only", "set/seed-1")])
def test_options_that_contradict_each_other_are_refused(
    run: Path, cli: Callable[..., Ran], options: tuple[str, ...]
) -> None:
    done = cli("ablate", run, *options)
    assert done.code == 2
    assert "exclude each other" in done.err


def test_an_unknown_training_is_refused_by_the_nearest(run: Path, tmp_path: Path, stub: None) -> None:
    whole.prepare_only(run, out=tmp_path / "ablation")
    with pytest.raises(UsageError, match=r"unknown training 'set/seed-3'\. Did you mean 'set/seed-"):
        whole.train_one(run, "set/seed-3", out=tmp_path / "ablation")


def test_a_configuration_that_the_trainer_refuses_trains_no_arm(
    run: Path, tmp_path: Path, stub: None, cli: Callable[..., Ran]
) -> None:
    recipe = tmp_path / "recipe.toml"
    recipe.write_text('[training]\ntrainer = "stub"\ngpus = 0\noptions = {refuse = true}\n', "utf-8")
    done = cli("ablate", run, "--out", tmp_path / "ablation", "--recipe", recipe)
    assert done.code == 1
    assert "refuses it" in done.err
    assert not list(tmp_path.glob("ablation/arms/*/*/trained"))


def test_a_trainer_that_fails_is_named_with_its_last_error(
    run: Path, tmp_path: Path, stub: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STUB_FAIL", "set/seed-1")
    with pytest.raises(TrainingError, match="the training set/seed-1: it ended with 1: ValueError: the loss is no"):
        whole.ablate(run, out=tmp_path / "ablation")
    monkeypatch.delenv("STUB_FAIL")
    done = whole.ablate(run, out=tmp_path / "ablation")
    assert done.missing == ()
    (losses,) = (curve.losses for curve in done.result.curves if (curve.arm, curve.seed) == ("set", 1))
    assert [point.step for point in losses] == [1, 2, 3, 4, 5, 6]


def test_what_is_done_is_not_done_again_and_progress_counts_steps(run: Path, tmp_path: Path, stub: None) -> None:
    told: list[Progress] = []
    whole.ablate(run, out=tmp_path / "ablation", on_progress=told.append)
    last = {progress.stage: (progress.done, progress.total) for progress in told}
    assert last["train"] == (24, 24)
    assert last["measure"] == (4, 4)
    told.clear()
    whole.ablate(run, out=tmp_path / "ablation", on_progress=told.append)
    assert not {progress.stage for progress in told} & {"arms", "train", "measure"}


def test_two_at_one_ablation_are_one_too_many(run: Path, tmp_path: Path, stub: None) -> None:
    lock = FileLock(AblationPaths(tmp_path / "ablation").lock)
    assert lock.acquire()
    with pytest.raises(RunLockedError, match="works on this ablation"):
        whole.ablate(run, out=tmp_path / "ablation")
    lock.release()


def test_one_training_is_nobody_elses(run: Path, tmp_path: Path, stub: None) -> None:
    ablation = whole.prepare_only(run, out=tmp_path / "ablation")
    lock = FileLock(ablation.bench.trainings[0].lock)
    assert lock.acquire()
    with pytest.raises(RunLockedError, match=r"source/seed-1: .* is at it"):
        whole.train_one(run, "source/seed-1", out=tmp_path / "ablation")
    lock.release()


def test_gpus_are_shared_out_in_groups_of_what_a_training_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,2,5,7,9")
    assert devices(TrainingSettings(gpus=1))[1] == Device(("2",), 1)
    assert devices(TrainingSettings(gpus=2)) == [Device(("0", "2"), 0), Device(("5", "7"), 2)]
    assert devices(TrainingSettings(gpus=2))[1].name == "cuda:2"
    assert devices(TrainingSettings(gpus=0)) == [Device()]
    with pytest.raises(UsageError, match="takes 8 GPUs, and 5 are here"):
        devices(TrainingSettings(gpus=8))


def test_arms_are_trained_side_by_side_where_there_are_devices(
    run: Path, tmp_path: Path, stub: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: dict[str, str] = {}

    def noted(command: Any, *, what: str, variables: dict[str, str], **options: Any) -> None:
        seen[what] = variables["CUDA_VISIBLE_DEVICES"]
        real(command, what=what, variables=variables, **options)

    real = child.run
    monkeypatch.setattr(child, "run", noted)
    monkeypatch.setattr(whole, "devices", lambda _: [Device(("0",), 0), Device(("1",), 1)])
    done = whole.ablate(run, out=tmp_path / "ablation")
    assert done.missing == ()
    assert set(seen.values()) == {"0", "1"}


def test_a_command_ends_with_all_that_it_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launching, "POLL_SECONDS", 0.1)
    os.mkfifo(tmp_path / "pipe")
    # Whoever has the pipe open for writing holds it open: it comes to its end once the command and its child are gone.
    command = ["bash", "-c", "exec 3> pipe; sleep 300 & wait"]
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    code = launching.run(command, cwd=tmp_path, log=tmp_path / "log", meanwhile=launching.end_all)
    os.set_blocking(reader, True)
    assert os.read(reader, 1) == b""
    os.close(reader)
    assert code == 128 + signal.SIGKILL
