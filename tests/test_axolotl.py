"""The hand-off: the configuration holds the card's hyperparameters, and the real trainer takes the rows whole."""

from __future__ import annotations

import json
import os
import subprocess
from importlib.resources import files
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import yaml

import synthgen
from synthgen.corpus.pack import Packed
from synthgen.report.result import RunResult
from synthgen.tokens import load_tokenizer
from synthgen.training.axolotl import axolotl_config

PACKED = Packed("mistral-7b-v0.1", 4096, 1000, 3, 1010, 400_000, 4090, "0123456789ab" * 5 + "cdef")

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
    "flash_attention": True,
}
"""The hyperparameters of the model card of Internist.ai 7b, in Axolotl's words."""

MAKE_MODEL = """
import sys
from sentencepiece import SentencePieceProcessor
from transformers import LlamaTokenizer, MistralConfig
from transformers.convert_slow_tokenizer import generate_merges

model, folder = sys.argv[1:]
pieces = SentencePieceProcessor(model_file=model)
names = [pieces.id_to_piece(number) for number in range(pieces.vocab_size())]
vocabulary = {name: number for number, name in enumerate(names)}
scores = {name: pieces.get_score(number) for number, name in enumerate(names)}
LlamaTokenizer(vocab=vocabulary, merges=generate_merges(vocabulary, scores)).save_pretrained(folder)
sizes = dict(hidden_size=32, intermediate_size=64, num_hidden_layers=1, num_attention_heads=2, num_key_value_heads=1)
MistralConfig(vocab_size=len(names), **sizes).save_pretrained(folder)
"""
"""A tiny Mistral with the real tokenizer. To prepare rows, Axolotl reads its configuration and no weights."""

READ_PREPARED = """
import json, sys
from datasets import load_from_disk

prepared = load_from_disk(sys.argv[1])
columns = ("input_ids", "labels", "attention_mask", "position_ids")
json.dump({name: [list(row) for row in prepared[name]] for name in columns}, open(sys.argv[2], "w"))
"""


def config(packed: Packed = PACKED) -> dict[str, Any]:
    settings: dict[str, Any] = yaml.safe_load(axolotl_config(packed))
    return settings


@pytest.mark.parametrize("key", CARD)
def test_the_hyperparameters_are_the_model_cards(key: str) -> None:
    assert config()[key] == CARD[key]


def test_a_step_is_the_nearest_to_the_cards_batch_that_four_gpus_share() -> None:
    settings = config()
    windows = settings["micro_batch_size"] * settings["gradient_accumulation_steps"] * 4
    assert windows * settings["sequence_len"] == 196_608
    assert abs(196_608 - 192_000) < min(abs(4 * 4 * steps * 4096 - 192_000) for steps in (1, 2, 4, 5))
    assert "micro-batch 4 x accumulation 3 x 4 GPUs = 48 windows = 196,608 tokens" in axolotl_config(PACKED)


def test_the_final_learning_rate_is_the_cards() -> None:
    assert config()["learning_rate"] * config()["cosine_min_lr_ratio"] == pytest.approx(1e-8, rel=1e-4)


def test_rows_are_found_beside_it_and_none_is_dropped_or_held_back() -> None:
    settings = config()
    assert settings["datasets"] == [{"path": "train.parquet", "ds_type": "parquet", "type": None}]
    assert settings["excess_length_strategy"] == "raise"
    assert settings["val_set_size"] == 0


def test_another_set_is_prepared_elsewhere() -> None:
    other = Packed("mistral-7b-v0.1", 4096, 1000, 3, 1010, 400_000, 4090, "f" * 64)
    assert config()["dataset_prepared_path"] == "../trained/prepared-0123456789ab"
    assert config(other)["dataset_prepared_path"] == "../trained/prepared-ffffffffffff"


def test_another_window_keeps_the_tokens_of_a_step() -> None:
    settings = config(Packed("mistral-7b-v0.1", 2048, 1000, 3, 1010, 400_000, 2040, "0" * 64))
    assert (settings["sequence_len"], settings["micro_batch_size"]) == (2048, 4)
    assert settings["micro_batch_size"] * settings["gradient_accumulation_steps"] * 4 * 2048 == 196_608


def test_no_base_model_is_guessed_for_another_tokenizer() -> None:
    assert config(Packed("own.model", 4096, 1, 0, 1, 10, 10, "0" * 64))["base_model"] is None


@pytest.fixture(scope="session")
def trainer() -> Path:
    """The virtual environment that `.ci/axolotl_env` makes."""
    path = os.environ.get("SYNTHGEN_AXOLOTL")
    if not path:
        missing = "SYNTHGEN_AXOLOTL does not name the trainer's environment (.ci/axolotl_env makes one)"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    return Path(path)


def in_trainer(trainer: Path, *command: str | Path, cwd: Path) -> None:
    """Runs a command of the trainer's environment, offline."""
    settings = {
        "PATH": f"{trainer / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(cwd.parent),
        "HF_HUB_OFFLINE": "1",
        "AXOLOTL_DO_NOT_TRACK": "1",
        "TOKENIZERS_PARALLELISM": "false",
    }
    done = subprocess.run(
        [trainer / "bin" / command[0], *command[1:]], cwd=cwd, env=settings, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]


@pytest.fixture(scope="session")
def handed_over(trainer: Path, tmp_path_factory: pytest.TempPathFactory, examples: Path) -> RunResult:
    """A run after `axolotl preprocess` in its packed folder, with a tiny Mistral in the place of the base model.

    Its window is so small that many documents are cut. What the trainer prepared is in `prepared.json`.
    """
    run = synthgen.run(examples, {"pack": {"window": 256}}, out=tmp_path_factory.mktemp("run") / "examples")
    packed = run.paths.packed
    model = files("mistral_common") / "data" / "tokenizer.model.v1"
    in_trainer(trainer, "python", "-c", MAKE_MODEL, str(model), "../model", cwd=packed)
    tiny = yaml.safe_load((packed / "axolotl.yml").read_text("utf-8")) | {"base_model": "../model"}
    (packed / "tiny.yml").write_text(yaml.safe_dump(tiny), encoding="utf-8")
    in_trainer(trainer, "axolotl", "preprocess", "tiny.yml", "--debug-num-examples", "0", "--no-download", cwd=packed)
    (prepared,) = (packed / tiny["dataset_prepared_path"]).resolve().glob("*/dataset_info.json")
    in_trainer(trainer, "python", "-c", READ_PREPARED, str(prepared.parent), "../prepared.json", cwd=packed)
    return run


@pytest.mark.axolotl
def test_every_token_of_the_set_arrives_in_the_real_trainer(handed_over: RunResult) -> None:
    prepared = json.loads((handed_over.path / "prepared.json").read_text("utf-8"))
    rows = pq.read_table(handed_over.paths.packed / "train.parquet").to_pydict()
    assert sorted(prepared["input_ids"]) == sorted(rows["input_ids"])
    tokenizer = load_tokenizer("mistral-7b-v0.1")
    texts = handed_over.dataset["text"][:]
    assert len(rows["input_ids"]) > len(texts)
    tokens = [token for row in rows["input_ids"] for token in row[1:-1]]
    assert tokens == [token for text in texts for token in tokenizer.encode(text)]
    assert sum(map(len, prepared["input_ids"])) == len(tokens) + 2 * len(rows["input_ids"])
    assert prepared["labels"] == prepared["input_ids"]
    assert prepared["attention_mask"] == [[1] * len(row) for row in prepared["input_ids"]]


@pytest.mark.axolotl
def test_the_real_trainer_numbers_each_document_from_its_beginning(handed_over: RunResult) -> None:
    prepared = json.loads((handed_over.path / "prepared.json").read_text("utf-8"))
    assert prepared["position_ids"] == [list(range(len(row))) for row in prepared["input_ids"]]


@pytest.mark.axolotl
def test_the_real_trainer_logs_no_text_of_the_set(handed_over: RunResult) -> None:
    log = handed_over.path / "trained" / "model" / "debug.log"
    assert "daily" not in log.read_text("utf-8")
