"""The hand-off to Axolotl: a folder that it trains on as it is."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, ClassVar

import yaml

from synthgen.corpus.flat import Ints
from synthgen.corpus.pack import ROWS, Packed
from synthgen.corpus.rows import row_lengths
from synthgen.errors import RecipeError, TrainingError
from synthgen.recipe import PackSettings, TrainingSettings
from synthgen.storage.files import storage_errors
from synthgen.training.base import LossPoint, Schedule, Trainer, TrainingRun
from synthgen.training.configuration import CARD, Asked, Batch, as_yaml, batch_for, sections
from synthgen.training.environment import environment
from synthgen.training.first_fit import shuffled_first_fit
from synthgen.training.launch import CONFIG, TRAIN, write_scripts
from synthgen.training.tokenizer import CONVERTED, FOLDER

STATE = "trainer_state.json"
COUNTS = {"gradient_accumulation_steps", "max_steps", "micro_batch_size", "num_epochs"}
"""Keys that the schedule is computed from."""

_HEAD = f"""\
Continued pretraining with Axolotl 0.19, in the folder of this file:

  bash {TRAIN}

{{fill}}"""

_CHECK = """
import json, sys
import torch, yaml
from axolotl.utils.config import validate_config
from axolotl.utils.dict import DictDefault

path, gpus = sys.argv[1], int(sys.argv[2])
with open(path, encoding="utf-8") as file:
    settings = DictDefault(yaml.safe_load(file))
gpu = {"bf16": gpus > 0, "fp8": False, "tf32": gpus > 0, "n_gpu": max(gpus, 1)}
gpu["compute_capability"] = "sm_90" if gpus else None
try:
    validate_config(settings, capabilities=gpu, env_capabilities={"torch_version": torch.__version__.split("+")[0]})
except Exception as error:
    print(json.dumps(str(error)))
"""
"""Axolotl's validation of a configuration for the GPUs that it names, whatever this host has."""


class Axolotl(Trainer):
    name: ClassVar[str] = "axolotl"

    def accept(self, packing: PackSettings, settings: TrainingSettings) -> None:
        if packing.form == "windows":
            raise RecipeError(
                "Axolotl numbers the positions of a row from 0 to its end, so that documents in one row see each other",
                where="[pack] form = 'windows'",
                fix='pack documents or bins for it, or set [training] trainer = "" for the rows alone',
            )
        for key in sorted(COUNTS & settings.options.keys()):
            value = settings.options[key]
            if isinstance(value, bool) or not isinstance(value, int) or value < 1:
                raise _bad_option(key, "must be a whole number above 0", "mend it")
        if packing.form == "bins" and settings.options.get("micro_batch_size", 1) != 1:
            what = "exact bins are windows, and Axolotl fills all windows of a micro-batch as if they were one"
            raise _bad_option(
                "micro_batch_size", what, "leave it at 1 and set gradient_accumulation_steps, or pack documents"
            )
        for key, wanted in (("sequence_len", packing.window), ("sample_packing", True)):
            if settings.options.get(key, wanted) != wanted:
                raise _bad_option(
                    key, f"the rows are made for {key}: {wanted}", "leave it out; the window is that of [pack]"
                )

    def write(self, folder: Path, packed: Packed, settings: TrainingSettings, *, run: TrainingRun) -> Schedule:
        batch = batch_for(packed, settings)
        schedule = _schedule(packed, row_lengths(folder / ROWS), settings, run, batch)
        tokenizer = FOLDER if (folder / FOLDER / CONVERTED).exists() else None
        asked = Asked(packed, settings, run, batch, schedule, tokenizer)
        text = as_yaml(_HEAD.format(fill=_told(packed, schedule)), sections(asked))
        with storage_errors(folder):
            (folder / CONFIG).write_text(text, encoding="utf-8")
            write_scripts(folder, settings.gpus, _settings(folder)["output_dir"])
        return schedule

    def check(self, folder: Path) -> None:
        settings = _settings(folder)
        if settings["base_model"] is None:
            raise TrainingError(
                "no base model is known for this tokenizer", where=folder / CONFIG, fix="name [training] base_model"
            )
        gpus = 0 if settings["bf16"] is False else 2 if "deepspeed" in settings else 1
        said = environment().run(["python", "-c", _CHECK, CONFIG, str(gpus)], folder).strip().splitlines()
        if said and said[-1].startswith('"'):
            raise TrainingError(
                f"Axolotl refuses it: {json.loads(said[-1])}",
                where=folder / CONFIG,
                fix="mend [training] options of the recipe and pack again",
            )

    def command(self, folder: Path) -> list[str]:
        return ["bash", str(folder.resolve() / TRAIN)]

    def environment(self) -> Mapping[str, str]:
        return environment().variables

    def losses(self, folder: Path) -> list[LossPoint]:
        state, _ = _last_state(folder)
        found, before, last = list[LossPoint](), 0, 0
        for point in state.get("log_history", ()):
            if "loss" in point:
                tokens = int(point.get("tokens/trainable", 0))
                # Axolotl counts anew where it goes on from a checkpoint.
                before += last if tokens < last else 0
                last = tokens
                found.append(LossPoint(point["step"], before + tokens, point["loss"]))
        return found

    def model(self, folder: Path) -> Path | None:
        # Interrupted, Axolotl leaves a model beside the checkpoints as well: only the last checkpoint of a training
        # that came to its last step is the trained model.
        state, checkpoint = _last_state(folder)
        ended = bool(state) and state["global_step"] >= state["max_steps"]
        return checkpoint if ended else None


def _bad_option(key: str, what: str, fix: str) -> RecipeError:
    return RecipeError(what, where=f"[training] options.{key}", fix=fix)


def _schedule(packed: Packed, lengths: Ints, settings: TrainingSettings, run: TrainingRun, batch: Batch) -> Schedule:
    """As Axolotl goes through the rows: bins of a micro-batch's windows, of which each GPU takes as many as the others.

    The last step of an epoch may have fewer micro-batches.
    """
    capacity = packed.window * batch.micro
    bins = packed.windows if packed.form == "bins" else shuffled_first_fit(lengths, capacity, run.seed)
    epochs = settings.options.get("num_epochs", CARD["num_epochs"])
    of_all_epochs = math.ceil(math.ceil(bins // batch.gpus / batch.accumulation) * epochs)
    return Schedule(
        window=packed.window,
        windows=bins * batch.micro,
        left_out=bins % batch.gpus * batch.micro,
        fill=packed.tokens / (bins * capacity) if bins else 1.0,
        windows_a_step=batch.windows,
        steps=run.steps or settings.options.get("max_steps") or max(1, of_all_epochs),
    )


def _told(packed: Packed, schedule: Schedule) -> str:
    """How the windows are filled, for the head of the configuration."""
    if packed.form == "bins":
        told = (
            f"One document a row, in the order of {schedule.windows:,} windows that synthgen has filled, "
            f"{schedule.fill:.2%} full. Axolotl takes the rows in their order and so fills the same windows, in each "
            "epoch the same."
        )
    else:
        told = (
            f"One document a row. Axolotl shuffles them and fills the windows itself, about {schedule.windows:,} an "
            f"epoch, {schedule.fill:.2%} full. It counts the windows beforehand, and where another shuffle takes one "
            "more, a few documents wait for the next epoch."
        )
    if schedule.left_out:
        told += f" The last {schedule.left_out} of an epoch are too few for all GPUs and are left out."
    return told


def _settings(folder: Path) -> Mapping[str, Any]:
    path = folder / CONFIG
    with storage_errors(path):
        settings: Mapping[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    return settings


def _last_state(folder: Path) -> tuple[Mapping[str, Any], Path]:
    """The state that the last whole checkpoint holds, and its folder; an empty one where there is none yet."""
    output = folder / _settings(folder)["output_dir"]
    found = {int(path.parent.name.rpartition("-")[2]): path for path in output.glob(f"checkpoint-*/{STATE}")}
    for _, path in sorted(found.items(), reverse=True):
        with storage_errors(path), suppress(FileNotFoundError, json.JSONDecodeError):
            # One that is being written, or removed, is passed over.
            state: Mapping[str, Any] = json.loads(path.read_text("utf-8"))
            return state, path.parent.resolve()
    return {}, output
