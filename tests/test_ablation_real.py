"""The whole ablation with the real trainer and harness: killed in the middle, it ends as if it had not been."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

import synthgen
from synthgen.ablation.layout import AblationPaths, load_plan
from synthgen.recipe import override, to_toml
from synthgen.report.result import RunResult

TINY = Path(__file__).with_name("tiny_model.py")
STEPS, WINDOW = 6, 512
BENCHMARKS = ("medqa_us_4options_test.jsonl", "mmlu_anatomy_test.csv")
OPTIONS = {
    "max_steps": STEPS,
    "save_steps": 2,
    "micro_batch_size": 1,
    "gradient_accumulation_steps": 2,
    "learning_rate": 1e-3,
    "warmup_steps": 1,
    "dataset_num_proc": 1,
}
UNKILLED = {"arms": {"source": {"source": 1.0}}, "benchmarks": [], "measures": ["held_out"]}
"""What is enough to compare with."""

KILLED = """
import os, signal, sys
from synthgen.ablation import launching, whole

launching.POLL_SECONDS = 0.05

def watch(progress):
    if progress.stage == "train" and progress.done:
        os.kill(os.getpid(), signal.SIGKILL)

whole.ablate(sys.argv[1], on_progress=watch)
"""

pytestmark = [pytest.mark.axolotl, pytest.mark.timeout(1200)]


@pytest.fixture(scope="session")
def environment() -> dict[str, str]:
    """Ours, with the trainer's virtual environment named in it."""
    if not os.environ.get("SYNTHGEN_AXOLOTL"):
        missing = "SYNTHGEN_AXOLOTL does not name the trainer's environment (.ci/axolotl_env makes one)"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    # Threads that wait for each other at every step are slow where other tests have the cores.
    return {**os.environ, "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}


@pytest.fixture(scope="session")
def run(environment: dict[str, str], shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> RunResult:
    """A run over real guidelines, some of them held out, with three arms for a tiny Mistral."""
    folder = tmp_path_factory.mktemp("real")
    python = Path(environment["SYNTHGEN_AXOLOTL"]) / "bin" / "python"
    subprocess.run([python, TINY, folder / "tiny", "--hidden", "32"], env=environment, check=True, capture_output=True)
    recipe = {
        "holdout": {"share": 0.15},
        "transformations": {"distill": 1.0, "faq": 1.0},
        # In another form, Axolotl takes documents in another order once it has gone on from a checkpoint.
        "pack": {"window": WINDOW, "form": "bins"},
        "training": {"gpus": 0, "base_model": str(folder / "tiny"), "options": OPTIONS},
        "ablation": {
            "arms": {"source": {"source": 1.0}, "mix": {"source": 0.7, "set": 0.3}, "set": {"set": 1.0}},
            "seeds": [1],
            "tokens": 20 * WINDOW,
            "benchmarks": [str(shared_data / "benchmarks" / name) for name in BENCHMARKS],
            "items": 12,
        },
    }
    return synthgen.run(shared_data / "guidelines" / "markdown", recipe, out=folder / "run")


def ablate(run: RunResult, *options: str | Path, environment: dict[str, str]) -> str:
    """What the command prints."""
    command: list[str | Path] = [sys.executable, "-m", "synthgen", "ablate", run.path, *options]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def killed_at_a_checkpoint(run: RunResult, training: Path, environment: dict[str, str]) -> int:
    """Kills an ablation when its first training has a checkpoint; the last step that is kept."""
    done = subprocess.run([sys.executable, "-c", KILLED, run.path], env=environment, check=False)
    assert done.returncode == -signal.SIGKILL
    return checkpoints(training)[-1]


def checkpoints(training: Path) -> list[int]:
    return sorted(int(path.name.rpartition("-")[2]) for path in training.glob("trained/model-*/checkpoint-*"))


def losses(training: Path) -> list[tuple[int, float]]:
    known = json.loads((training / "trained.json").read_text("utf-8"))
    return [(point["step"], point["loss"]) for point in known["losses"]]


def scores(paths: AblationPaths) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((paths.report / "result.json").read_text("utf-8"))["scores"]
    return found


def held_out_loss(paths: AblationPaths) -> list[float]:
    """Of the model of the source alone."""
    wanted = ("source", "heldout_nats")
    (found,) = (score["by_seed"] for score in scores(paths) if (score["arm"], score["measure"]) == wanted)
    return list(found)


def test_three_arms_are_trained_measured_and_reported_and_a_kill_changes_nothing(
    run: RunResult, environment: dict[str, str]
) -> None:
    paths = AblationPaths(run.path / "ablation")
    training = paths.training("source", 1)
    at = killed_at_a_checkpoint(run, training, environment)
    assert at < STEPS

    out = ablate(run, environment=environment)
    plan = load_plan(paths.plan)
    assert plan is not None
    assert plan.steps == STEPS
    for arm in plan.arms:
        assert abs(arm.tokens - 20 * WINDOW) < WINDOW
        settings = yaml.safe_load((paths.training(arm.name, 1) / "axolotl.yml").read_text("utf-8"))
        assert (settings["max_steps"], settings["seed"]) == (STEPS, 1)
        assert [step for step, _ in losses(paths.training(arm.name, 1))] == list(range(1, STEPS + 1))
    attempts = sorted(path.name for path in (training / "attempts").glob("*.log"))
    assert attempts == ["1.log", "2.log"]
    measures = {score["measure"] for score in scores(paths)}
    assert measures >= {"heldout_nats", "heldout_bits", "probe_cloze", "probe_choice", "medqa", "mmlu_anatomy"}
    assert (paths.report / "report.html").exists()
    assert "In short" in out

    ablation = {**run.recipe.ablation.model_dump(), **UNKILLED}
    recipe = run.path.with_name("unkilled.toml")
    recipe.write_text(to_toml(override(run.recipe, ablation=ablation)), "utf-8")
    unkilled = AblationPaths(run.path.with_name("unkilled"))
    ablate(run, "--out", unkilled.root, "--recipe", recipe, environment=environment)
    assert losses(training) == losses(unkilled.training("source", 1))
    assert held_out_loss(paths) == held_out_loss(unkilled)


def test_no_text_of_the_set_is_in_any_log(run: RunResult) -> None:
    logs = [path.read_text("utf-8", errors="replace") for path in run.path.rglob("*.log")]
    assert logs
    longest = max(run.dataset["text"][:], key=len)
    assert not any(longest[:60] in log for log in logs)


def test_the_kill_left_no_trainer_behind(run: RunResult) -> None:
    commands = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if path.exists()]
    assert not any(str(run.path).encode() in command for command in commands)
