"""What the trainer is handed: the card's hyperparameters, the recipe's own, scripts that start it, and a manifest."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

import synthgen
from synthgen.corpus.flat import write_flat
from synthgen.corpus.pack import Packed, pack
from synthgen.errors import RecipeError, TrainingError, UsageError
from synthgen.recipe import PackSettings, TrainingSettings
from synthgen.tokens import load_tokenizer
from synthgen.training import make_trainer
from synthgen.training.axolotl import Axolotl
from synthgen.training.base import LossPoint, Schedule, TrainingRun
from synthgen.training.first_fit import shuffled_first_fit
from synthgen.training.prepare import prepare

TOKENIZER = load_tokenizer("mistral-7b-v0.1")
TEXTS = [f"Patient {number} was given {number}.5 mg of drug X twice a day. " * (number % 7 + 1) for number in range(50)]
DEFAULT: Mapping[str, Any] = {}
ONE = TrainingRun()
CARD = {
    "base_model": "mistralai/Mistral-7B-v0.1",
    "bf16": True,
    "learning_rate": 6e-6,
    "adam_epsilon": 1e-5,
    "num_epochs": 4,
    "adam_beta1": 0.9,
    "adam_beta2": 0.95,
    "weight_decay": 0.1,
    "sequence_len": 4096,
    "sample_packing": True,
    "lr_scheduler": "cosine",
    "cosine_min_lr_ratio": 0.0016667,
    "neftune_noise_alpha": 5,
    "warmup_steps": 100,
    "attn_implementation": "flash_attention_2",
}
"""The hyperparameters of the model card of Internist.ai 7b, in Axolotl's words."""


def made(folder: Path, packing: Mapping[str, Any] = DEFAULT, run: TrainingRun = ONE, **settings: Any) -> Schedule:
    """`TEXTS` packed and prepared for training in `folder`."""
    (folder / "tokens").mkdir(parents=True)
    tokens = write_flat(folder / "tokens", [TOKENIZER.encode(text) for text in TEXTS])
    names = list(map(str, range(len(TEXTS))))
    target = folder / "packed"
    target.mkdir()
    packed = pack(tokens, np.arange(len(TEXTS)), names, target, TOKENIZER, PackSettings(**packing))
    schedule = prepare(target, packed, TOKENIZER, TrainingSettings(**settings), run=run)
    assert schedule is not None
    return schedule


def config(folder: Path) -> dict[str, Any]:
    settings: dict[str, Any] = yaml.safe_load((folder / "packed" / "axolotl.yml").read_text("utf-8"))
    return settings


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a hand-off with nothing but defaults."""
    folder = tmp_path_factory.mktemp("usual")
    made(folder)
    return folder


@pytest.mark.parametrize("key", CARD)
def test_the_hyperparameters_are_the_model_cards(usual: Path, key: str) -> None:
    assert config(usual)[key] == CARD[key]


def test_a_step_is_the_nearest_to_the_cards_batch_that_four_gpus_share(usual: Path) -> None:
    settings = config(usual)
    windows = settings["micro_batch_size"] * settings["gradient_accumulation_steps"] * 4
    assert windows * settings["sequence_len"] == 196_608
    assert abs(196_608 - 192_000) < min(abs(4 * 4 * steps * 4096 - 192_000) for steps in (1, 2, 4, 5))
    told = " ".join((usual / "packed/axolotl.yml").read_text("utf-8").replace("\n#", "").split())
    assert "micro-batch 4 x accumulation 3 x 4 GPUs = 48 windows = 196,608 tokens" in told


def test_the_full_run_takes_the_steps_that_its_tokens_need(tmp_path: Path) -> None:
    packed = Packed(
        "mistral-7b-v0.1", "bins", 4096, 10**6, 0, 0, 10**6, 400_000_000, 399_000_000, 4000, 97_700, "0" * 64
    )
    made(tmp_path, {"form": "bins"})
    schedule = Axolotl().write(tmp_path / "packed", packed, TrainingSettings(), run=TrainingRun())
    assert (schedule.tokens_a_step, schedule.steps, schedule.left_out) == (196_608, 4 * 2036, 0)
    odd = Axolotl().write(tmp_path / "packed", replace(packed, windows=97_703), TrainingSettings(), run=TrainingRun())
    assert (odd.steps, odd.left_out) == (4 * 2036, 3)
    assert "The last 3 of an epoch" in (tmp_path / "packed/axolotl.yml").read_text("utf-8").replace("\n# ", " ")


def test_the_final_learning_rate_is_the_cards(usual: Path) -> None:
    assert config(usual)["learning_rate"] * config(usual)["cosine_min_lr_ratio"] == pytest.approx(1e-8, rel=1e-4)


def test_rows_are_found_beside_it_and_none_is_dropped_or_held_back(usual: Path) -> None:
    settings = config(usual)
    assert settings["datasets"] == [{"path": "train.parquet", "ds_type": "parquet", "type": None}]
    assert settings["excess_length_strategy"] == "raise"
    assert settings["val_set_size"] == 0


@pytest.mark.parametrize("form", ["documents", "bins"])
def test_axolotl_takes_rows_in_their_order_only_where_they_stand_in_that_of_bins(tmp_path: Path, form: str) -> None:
    made(tmp_path, {"form": form})
    settings = config(tmp_path)
    in_order = settings.get("curriculum_sampling", False) and settings.get("sample_packing_sequentially", False)
    assert in_order == (form == "bins") == (settings.get("shuffle_merged_datasets") is False)
    assert settings["micro_batch_size"] == (1 if form == "bins" else 4)
    assert settings["micro_batch_size"] * settings["gradient_accumulation_steps"] == 12


def test_every_option_of_the_recipe_is_in_the_place_of_the_cards(tmp_path: Path) -> None:
    options = {"learning_rate": 1e-4, "num_epochs": 1, "wandb_project": "set", "output_dir": "/models/one"}
    made(tmp_path, options=options)
    assert {key: config(tmp_path)[key] for key in options} == options
    assert config(tmp_path)["adam_beta2"] == 0.95


def test_another_micro_batch_keeps_the_tokens_of_a_step(tmp_path: Path) -> None:
    schedule = made(tmp_path, {"window": 2048}, options={"micro_batch_size": 8})
    assert (config(tmp_path)["gradient_accumulation_steps"], schedule.tokens_a_step) == (3, 196_608)


@pytest.mark.parametrize(("gpus", "micro", "accumulation"), [(1, 4, 12), (2, 4, 6), (8, 3, 2), (64, 1, 1)])
def test_other_gpus_keep_the_tokens_of_a_step_as_near_as_they_can(
    tmp_path: Path, gpus: int, micro: int, accumulation: int
) -> None:
    made(tmp_path, gpus=gpus)
    settings = config(tmp_path)
    assert (settings["micro_batch_size"], settings["gradient_accumulation_steps"]) == (micro, accumulation)
    assert ("deepspeed" in config(tmp_path)) == (tmp_path / "packed/deepspeed.json").exists() == (gpus > 1)


def test_without_a_gpu_it_trains_on_the_cpu(tmp_path: Path) -> None:
    made(tmp_path, gpus=0)
    wanted = {"bf16": False, "attn_implementation": "sdpa", "optimizer": "adamw_torch", "micro_batch_size": 1}
    assert {key: config(tmp_path)[key] for key in wanted} == wanted
    assert 'CUDA_VISIBLE_DEVICES=""' in (tmp_path / "packed/train.sh").read_text("utf-8")


def test_a_training_has_its_own_seed_steps_and_place(tmp_path: Path) -> None:
    schedule = made(tmp_path, run=TrainingRun("../seed-7", 7, 30))
    settings = config(tmp_path)
    assert (settings["seed"], settings["max_steps"], schedule.steps) == (7, 30, 30)
    assert settings["output_dir"].startswith("../seed-7/model-")
    assert settings["dataset_prepared_path"].startswith("../seed-7/prepared-")


def test_another_set_or_setting_trains_in_another_place(tmp_path: Path) -> None:
    for name, packing, options in (("a", {}, {}), ("b", {"window": 64}, {}), ("c", {}, {"learning_rate": 1e-3})):
        made(tmp_path / name, packing, options=options)
    one, cut, faster = (config(tmp_path / name) for name in "abc")
    assert len({settings["output_dir"] for settings in (one, cut, faster)}) == 3
    assert one["dataset_prepared_path"] == faster["dataset_prepared_path"] != cut["dataset_prepared_path"]


def test_no_base_model_is_guessed_for_another_tokenizer(tmp_path: Path) -> None:
    made(tmp_path)
    packed = Packed("own.model", "documents", 4096, 1, 0, 0, 1, 10, 9, 10, 1, "0" * 64)
    Axolotl().write(tmp_path / "packed", packed, TrainingSettings(), run=TrainingRun())
    assert config(tmp_path)["base_model"] is None
    with pytest.raises(TrainingError, match="no base model"):
        Axolotl().check(tmp_path / "packed")


def test_a_base_model_in_a_folder_is_found_from_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "model").mkdir()
    monkeypatch.chdir(tmp_path)
    made(tmp_path / "run", base_model="model")
    assert config(tmp_path / "run")["base_model"] == str(tmp_path / "model")


@pytest.mark.parametrize(
    ("packing", "options", "words"),
    [
        ({"form": "windows"}, {}, "documents in one row see each other"),
        ({"form": "bins"}, {"micro_batch_size": 4}, "as if they were one"),
        ({}, {"sequence_len": 8192}, "made for sequence_len: 4096"),
        ({}, {"sample_packing": False}, "made for sample_packing: True"),
        ({}, {"micro_batch_size": "4"}, r"options\.micro_batch_size: must be a whole number above 0"),
    ],
)
def test_settings_that_the_trainer_cannot_take_are_refused_before_a_run_begins(
    tmp_path: Path, examples: Path, packing: dict[str, Any], options: dict[str, Any], words: str
) -> None:
    settings = {"pack": packing, "training": {"options": options}}
    with pytest.raises(RecipeError, match=words):
        synthgen.run(examples, settings, out=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_an_unknown_trainer_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(UsageError, match=r"unknown trainer 'axolotle'\. Did you mean 'axolotl'"):
        make_trainer("axolotle")


def test_windows_without_a_trainer_are_rows_and_a_manifest(tmp_path: Path) -> None:
    with pytest.raises(AssertionError):
        made(tmp_path, {"form": "windows"}, trainer="")
    manifest = json.loads((tmp_path / "packed/manifest.json").read_text("utf-8"))
    assert (manifest["form"], manifest["schedule"]) == ("windows", None)
    assert not (tmp_path / "packed/axolotl.yml").exists()


def test_the_manifest_tells_counts_versions_and_the_hash_of_every_file(usual: Path) -> None:
    packed = usual / "packed"
    manifest = json.loads((packed / "manifest.json").read_text("utf-8"))
    there = {str(path.relative_to(packed)): path for path in packed.rglob("*") if path.is_file()}
    del there["manifest.json"]
    hashes = {name: {"sha256": hashlib.sha256(path.read_bytes()).hexdigest()} for name, path in there.items()}
    assert manifest["files"] == hashes
    assert manifest["tokens"] == sum(map(TOKENIZER.count, TEXTS)) + 2 * len(TEXTS)
    assert manifest["schedule"]["tokens_a_step"] == 196_608
    assert {"synthgen", "pyarrow", "sentencepiece"} <= manifest["versions"].keys()


def test_the_same_set_is_handed_over_in_the_same_bytes(tmp_path: Path, usual: Path) -> None:
    made(tmp_path)
    for path in (usual / "packed").rglob("*"):
        if path.is_file():
            assert (tmp_path / "packed" / path.relative_to(usual / "packed")).read_bytes() == path.read_bytes(), path


def test_the_tokenizer_folder_gives_the_ids_of_the_rows(usual: Path) -> None:
    from tokenizers import Tokenizer

    converted = Tokenizer.from_file(str(usual / "packed/tokenizer/tokenizer.json"))
    for text in [*TEXTS, "β ≥ 4.5\n\n  – “x”", "日本 😀"]:
        assert converted.encode(text, add_special_tokens=False).ids == TOKENIZER.encode(text)
        assert converted.encode(text).ids == [1, *TOKENIZER.encode(text)]
    assert config(usual)["tokenizer_config"] == "tokenizer"


@pytest.mark.parametrize("gpus", [0, 1, 4])
def test_the_scripts_are_sound_and_start_the_training_where_they_stand(tmp_path: Path, gpus: int) -> None:
    """`axolotl` is a stub here that says where it was called, and how."""
    made(tmp_path, gpus=gpus)
    stub = tmp_path / "bin" / "axolotl"
    stub.parent.mkdir()
    stub.write_text('#!/bin/sh\necho "$PWD $AXOLOTL_DO_NOT_TRACK $*"\n')
    stub.chmod(0o755)
    path = f"{stub.parent}{os.pathsep}{os.environ['PATH']}"
    command = Axolotl().command(tmp_path / "packed")
    done = subprocess.run(command, cwd="/", env={"PATH": path}, capture_output=True, text=True, check=True)
    called = done.stdout.splitlines()
    assert all(line.startswith(f"{tmp_path / 'packed'} 1 ") for line in called)
    assert called[-1].endswith("--launcher python" if not gpus else f"--nproc_per_node={gpus}")
    assert len(called) == (2 if gpus > 1 else 1)
    subprocess.run(["bash", "-n", tmp_path / "packed/train.slurm"], check=True)
    asked = f"#SBATCH --gpus-per-node={gpus}" in (tmp_path / "packed/train.slurm").read_text("utf-8")
    assert asked == (gpus > 0)


def test_losses_and_model_are_those_of_the_last_whole_checkpoint(tmp_path: Path) -> None:
    made(tmp_path)
    packed, trainer = tmp_path / "packed", Axolotl()
    assert (trainer.losses(packed), trainer.model(packed)) == ([], None)
    output = packed / config(tmp_path)["output_dir"]
    for step in (9, 10):
        checkpoint = output / f"checkpoint-{step}"
        checkpoint.mkdir(parents=True)
        history = [{"step": place, "loss": 9.5 - place, "tokens/trainable": 100 * place} for place in range(1, step)]
        state = {"global_step": step, "max_steps": 10, "log_history": [*history, {"step": step, "train_loss": 1.0}]}
        (checkpoint / "trainer_state.json").write_text(json.dumps(state))
        (output / "checkpoint-11").mkdir(exist_ok=True)
        assert len(trainer.losses(packed)) == step - 1
        assert trainer.losses(packed)[2] == LossPoint(3, 300, 6.5)
        assert trainer.model(packed) == (checkpoint.resolve() if step == 10 else None)


def test_a_trainer_that_is_not_installed_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made(tmp_path)
    monkeypatch.setenv("SYNTHGEN_AXOLOTL", str(tmp_path / "nowhere"))
    with pytest.raises(TrainingError, match=r"nowhere: Axolotl is not installed.*SYNTHGEN_AXOLOTL"):
        Axolotl().check(tmp_path / "packed")


def first_fit(lengths: list[int], capacity: int) -> int:
    """One document at a time, as Axolotl does it."""
    rooms: list[int] = []
    for length in lengths:
        place = next((place for place, room in enumerate(rooms) if room >= length), len(rooms))
        rooms[place:] = [(rooms[place] if place < len(rooms) else capacity) - length, *rooms[place + 1 :]]
    return len(rooms)


@pytest.mark.parametrize("capacity", [300, 1000])
def test_the_windows_of_an_epoch_are_counted_as_first_fit_fills_them(capacity: int) -> None:
    lengths = np.random.default_rng(5).integers(3, 300, 2000)
    shuffled = np.random.default_rng(1).permutation(lengths).tolist()
    assert shuffled_first_fit(lengths, capacity, 1) == first_fit(shuffled, capacity)
