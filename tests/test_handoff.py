"""A run's set reaches the trainer: packed from tokens that exist, in the form that is asked for, and again at will."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import yaml

import synthgen
from synthgen.corpus import tokenise
from synthgen.errors import RecipeError, UsageError
from synthgen.recipe import read_recipe
from synthgen.report import packing
from synthgen.report.result import RunResult
from synthgen.storage.files import write_atomic
from synthgen.tokens import load_tokenizer

TOKENIZER = load_tokenizer("mistral-7b-v0.1")


@pytest.fixture
def run(finished: RunResult, tmp_path: Path) -> Path:
    """A copy of a finished run, to change."""
    shutil.copytree(finished.path, tmp_path / "run")
    return tmp_path / "run"


def rows(run: Path, column: str = "input_ids") -> list[list[int]]:
    values: Any = pq.read_table(run / "packed" / "train.parquet")[column].to_pylist()
    return list(values)


def files(run: Path) -> dict[str, bytes]:
    packed = run / "packed"
    return {str(path.relative_to(packed)): path.read_bytes() for path in packed.rglob("*") if path.is_file()}


def test_a_run_packs_its_kept_records_whole_in_the_order_of_the_set(finished: RunResult) -> None:
    texts = finished.dataset["text"][:]
    assert rows(finished.path) == [[1, *TOKENIZER.encode(text), 2] for text in texts]
    assert finished.stage("pack")["tokens"] == sum(map(TOKENIZER.count, texts)) + 2 * len(texts)


def test_packing_encodes_no_text_again(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def encode(*arguments: object) -> None:
        raise AssertionError("a text was encoded")

    monkeypatch.setattr(tokenise, "_encode_block", encode)
    monkeypatch.setattr(type(TOKENIZER), "encode_batch", encode)
    assert synthgen.pack_run(run, {"pack": {"form": "bins"}}).stage("pack")["form"] == "bins"


@pytest.mark.parametrize("form", ["bins", "windows"])
def test_a_run_is_packed_again_in_another_form_with_the_same_tokens(run: Path, form: str) -> None:
    trainer = "axolotl" if form == "bins" else ""
    again = synthgen.pack_run(run, {"pack": {"form": form, "window": 1024}, "training": {"trainer": trainer}})
    packed = again.stage("pack")
    assert (packed["form"], packed["rows"]) == (form, len(rows(run)))
    assert packed["tokens"] == sum(map(len, rows(run))) > 10_000
    assert (run / "packed" / "axolotl.yml").exists() == (form == "bins")
    assert again.recipe.pack.window == read_recipe(run / "recipe.toml").pack.window == 1024


def test_packing_again_as_before_gives_the_same_bytes_and_then_does_nothing(run: Path) -> None:
    before = files(run)
    synthgen.pack_run(run, {"pack": {"window": 512}})
    assert files(run) != before
    assert synthgen.pack_run(run, {"pack": {"window": 4096}}).worked
    assert files(run) == before
    assert not synthgen.pack_run(run).worked


def test_of_a_recipe_only_packing_and_training_are_taken(run: Path) -> None:
    synthgen.pack_run(run, {"source": "elsewhere", "target_tokens": 5, "training": {"gpus": 2}})
    recipe = read_recipe(run / "recipe.toml")
    assert (recipe.target_tokens, recipe.training.gpus) == (None, 2)
    assert yaml.safe_load((run / "packed" / "axolotl.yml").read_text("utf-8"))["gradient_accumulation_steps"] == 6


def test_a_form_that_the_trainer_cannot_take_leaves_what_was_packed(run: Path) -> None:
    before = files(run)
    with pytest.raises(RecipeError, match="documents in one row see each other"):
        synthgen.pack_run(run, {"pack": {"form": "windows"}})
    assert files(run) == before
    assert read_recipe(run / "recipe.toml").pack.form == "documents"


def test_only_the_answers_are_learned_where_the_form_has_instructions(tmp_path: Path, examples: Path) -> None:
    recipe = {"render": {"form": "alpaca"}, "pack": {"learn": "answers"}, "transformations": {"faq": 1.0}}
    made = synthgen.run(examples, recipe, out=tmp_path / "run")
    texts = made.dataset["text"][:]
    assert len(texts) == len(rows(made.path)) > 20
    for text, ids, labels in zip(texts, rows(made.path), rows(made.path, "labels"), strict=True):
        assert TOKENIZER.decode(ids[1:-1]).startswith("### Instruction:\n")
        learned = TOKENIZER.decode([label for label in labels if label not in (-100, 2)])
        assert learned
        assert "### " not in learned
        assert labels[-1] == 2
        assert text.startswith("### Instruction:\n")
    assert 0 < made.stage("pack")["learned"] < made.stage("pack")["tokens"]


def test_the_facts_say_how_full_the_windows_will_be(run: Path, finished: RunResult) -> None:
    told = dict(packing.facts(finished))
    assert "as the trainer fills them" in told["Windows"]
    manifest = json.loads((finished.paths.packed / "manifest.json").read_text("utf-8"))
    assert f"{manifest['schedule']['fill']:.2%} full" in told["Windows"]
    told = dict(packing.facts(synthgen.pack_run(run, {"pack": {"form": "bins"}})))
    assert told["Windows"].endswith("% full")


def test_a_run_that_has_no_set_yet_cannot_be_packed(run: Path) -> None:
    state = json.loads((run / "run.json").read_text("utf-8"))
    del state["stages"]["select"]
    write_atomic(run / "run.json", json.dumps(state).encode())
    with pytest.raises(UsageError, match="has not come as far as packing"):
        synthgen.pack_run(run)


def test_the_command_packs_again_and_tells_what_is_there(run: Path, tmp_path: Path, cli: Callable[..., Any]) -> None:
    (tmp_path / "bins.toml").write_text('[pack]\nform = "bins"\nwindow = 1024\n[training]\ngpus = 0\n', "utf-8")
    done = cli("pack", run, "--recipe", tmp_path / "bins.toml")
    assert done.code == 0
    for words in ("one document a row, in the order of the windows", "of 1,024 tokens", "steps of 188 windows"):
        assert words in done.out


def test_the_check_of_a_trainer_that_is_not_there_is_an_error(
    run: Path, cli: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNTHGEN_AXOLOTL", str(run / "nowhere"))
    done = cli("pack", run, "--check")
    assert (done.code, "Axolotl is not installed" in done.err) == (1, True)
