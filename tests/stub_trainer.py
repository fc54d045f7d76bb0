"""A trainer that learns nothing, for tests of the ablation: steps, checkpoints and a model in milliseconds.

What it "learns" is a hash over all its steps, so that a training that is taken up again shows whether it went on from
where it was. Variables of the environment steer it: `STUB_FAIL` names a training that ends with an error at its second
step; at the step `STUB_AT` (`ARM/seed-N:STEP`) it sends the process `STUB_OWNER` the signal `STUB_SIGNAL`, unless the
file `STUB_SENT` is there, and waits to be ended.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import ClassVar

from synthgen.corpus.pack import ROWS, Packed
from synthgen.errors import RecipeError, TrainingError
from synthgen.recipe import PackSettings, TrainingSettings
from synthgen.training.base import LossPoint, Schedule, Trainer, TrainingRun

STEPS = 6
CONFIG = "stub.json"

_TRAIN = """
import hashlib, json, os, pathlib, signal, sys

folder = pathlib.Path(sys.argv[1])
config = json.loads((folder / "stub.json").read_text())
output = folder / config["output"]
output.mkdir(exist_ok=True)
path = output / "checkpoint.json"
state = json.loads(path.read_text()) if path.exists() else {"step": 0, "value": config["begin"], "begun": []}
state["begun"].append(state["step"])
name = "/".join(folder.parts[-2:])
sent = pathlib.Path(os.environ.get("STUB_SENT", os.devnull))
while state["step"] < config["steps"]:
    state["step"] += 1
    state["value"] = hashlib.sha256(f"{state['value']}:{state['step']}".encode()).hexdigest()
    new = path.with_suffix(".new")
    new.write_text(json.dumps(state))
    new.replace(path)
    print("step", state["step"], flush=True)
    if name == os.environ.get("STUB_FAIL") and state["step"] == 2:
        raise ValueError("the loss is no number")
    if f"{name}:{state['step']}" == os.environ.get("STUB_AT") and not sent.exists():
        sent.touch()
        os.kill(int(os.environ["STUB_OWNER"]), int(os.environ["STUB_SIGNAL"]))
        signal.pause()
(output / "model").mkdir(exist_ok=True)
(output / "model" / "config.json").write_text(state["value"])
"""


class Stub(Trainer):
    name: ClassVar[str] = "stub"

    def accept(self, packing: PackSettings, settings: TrainingSettings) -> None:
        if settings.options.get("seed"):
            raise RecipeError("gives the seeds itself", where="training.options.seed", fix="leave it out")

    def write(self, folder: Path, packed: Packed, settings: TrainingSettings, *, run: TrainingRun) -> Schedule:
        steps = run.steps or STEPS
        begin = f"{packed.sha256}:{run.seed}:{settings.options}"
        config = {"steps": steps, "begin": begin, "output": run.output, "refuse": settings.options.get("refuse", False)}
        (folder / CONFIG).write_text(json.dumps(config), encoding="utf-8")
        return Schedule(packed.window, packed.windows, 0, packed.fill, 1, steps)

    def check(self, folder: Path) -> None:
        if json.loads((folder / CONFIG).read_text("utf-8"))["refuse"] or not (folder / ROWS).exists():
            raise TrainingError("refuses it", where=folder / CONFIG, fix="mend it")

    def command(self, folder: Path) -> list[str]:
        return [sys.executable, "-c", _TRAIN, str(folder.resolve())]

    def environment(self) -> Mapping[str, str]:
        return {}

    def losses(self, folder: Path) -> list[LossPoint]:
        path = folder / "trained" / "checkpoint.json"
        done = json.loads(path.read_text("utf-8"))["step"] if path.exists() else 0
        return [LossPoint(step, step * 100, 10 / step) for step in range(1, done + 1)]

    def model(self, folder: Path) -> Path | None:
        path = folder / "trained" / "model"
        return path if (path / "config.json").exists() else None


def declared(real: Callable[[str], tuple[EntryPoint, ...]]) -> Callable[[str], tuple[EntryPoint, ...]]:
    """The registry's `declared`, with this trainer among what other packages declare."""

    def with_stub(group: str) -> tuple[EntryPoint, ...]:
        stub = EntryPoint("stub", f"{__name__}:Stub", group)
        return (*real(group), stub) if group == "synthgen.trainers" else real(group)

    return with_stub
