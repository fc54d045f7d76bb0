"""The hand-off in the real trainer: rows arrive whole, in the windows that were told, and documents stay apart."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from synthgen.corpus.flat import write_flat
from synthgen.corpus.pack import Packed, pack
from synthgen.errors import TrainingError
from synthgen.recipe import PackSettings, TrainingSettings
from synthgen.tokens import load_tokenizer
from synthgen.training.axolotl import Axolotl
from synthgen.training.base import Schedule, TrainingRun
from synthgen.training.prepare import prepare

pytestmark = [pytest.mark.axolotl, pytest.mark.timeout(1200)]

CHILD = Path(__file__).with_name("axolotl_child.py")
TOKENIZER = load_tokenizer("mistral-7b-v0.1")
WINDOW = 512
SMALL = {"gradient_accumulation_steps": 2, "dataset_num_proc": 1}
"""Steps of two windows, and no process more than needed."""


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


@pytest.fixture(scope="module")
def texts(examples: Path) -> list[str]:
    """Whole guidelines, which are longer than the window, and their paragraphs; one text with a question in front."""
    whole = [path.read_text("utf-8") for path in sorted(examples.glob("*.md"))]
    paragraphs = [part for text in whole for part in text.split("\n\n") if len(part) > 40]
    return [*whole[:2], *paragraphs]


def handed_over(folder: Path, texts: list[str], form: str, **settings: Any) -> tuple[Packed, Schedule]:
    """`texts` packed and prepared in `folder`, for a tiny model beside it, on the CPU. Every third one is an answer
    from its 20th character on."""
    folder.mkdir()
    (folder.parent / "tokens").mkdir(exist_ok=True)
    tokens = write_flat(folder.parent / "tokens", [TOKENIZER.encode(text) for text in texts])
    answered = [(text, [(20, len(text))] if number % 3 == 0 else ()) for number, text in enumerate(texts)]
    names = list(map(str, range(len(texts))))
    packing = PackSettings(form=form, window=WINDOW, learn="answers")  # type: ignore[arg-type]
    packed = pack(tokens, np.arange(len(texts)), names, folder, TOKENIZER, packing, answered)
    settings = {"gpus": 0, "base_model": str(folder.parent / "model"), "options": SMALL, **settings}
    training = TrainingSettings(**settings)
    schedule = prepare(folder, packed, TOKENIZER, training, run=TrainingRun(f"../trained-{folder.name}", steps=4))
    assert schedule is not None
    return packed, schedule


@dataclass(frozen=True)
class Handed:
    """A hand-off and what the trainer made of it; see `axolotl_child.py`."""

    folder: Path
    packed: Packed
    schedule: Schedule
    seen: dict[str, Any]

    def column(self, name: str) -> list[list[int]]:
        values: Any = pq.read_table(self.folder / "train.parquet")[name].to_pylist()
        return list(values)

    def bins(self, epoch: dict[str, Any], name: str) -> list[list[int]]:
        """The rows of each bin that the sampler made or yielded."""
        return [bin_ for batch in epoch[name] for bin_ in batch]


@pytest.fixture(scope="module")
def handed(trainer: Path, texts: list[str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Handed]:
    """The same texts in both forms, in the real trainer, which is started once for all tests."""
    root = tmp_path_factory.mktemp("handed")
    made = {form: handed_over(root / form, texts, form) for form in ("documents", "bins")}
    folders = [f"{form}={root / form}" for form in made]
    command: list[str | Path] = [trainer / "bin" / "python", CHILD, root / "model", root / "seen.json", *folders]
    offline = {**os.environ, **Axolotl().environment(), "HF_HUB_OFFLINE": "1", "CUDA_VISIBLE_DEVICES": ""}
    done = subprocess.run(command, cwd=root, env=offline, capture_output=True, text=True, check=False)
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]
    (root / "child.log").write_text(done.stdout + done.stderr, "utf-8")
    seen = json.loads((root / "seen.json").read_text("utf-8"))
    return {form: Handed(root / form, *made[form], seen[form]) for form in made}


@pytest.fixture(params=["documents", "bins"])
def one(request: pytest.FixtureRequest, handed: dict[str, Handed]) -> Handed:
    return handed[request.param]


def test_every_row_arrives_as_it_was_packed(one: Handed, texts: list[str]) -> None:
    for name in ("input_ids", "labels"):
        assert sorted(one.seen["columns"][name]) == sorted(one.column(name)), name
    tokens = sum(map(len, one.column("input_ids"))) - 2 * one.packed.rows
    assert tokens == sum(map(TOKENIZER.count, texts))
    assert one.packed.cut == 2


def test_each_document_is_numbered_from_its_beginning(one: Handed) -> None:
    columns = one.seen["columns"]
    assert columns["position_ids"] == [list(range(len(row))) for row in columns["input_ids"]]


def test_every_document_is_in_one_window_of_every_epoch_whole(one: Handed) -> None:
    lengths = list(map(len, one.seen["columns"]["input_ids"]))
    for epoch in one.seen["epochs"]:
        bins = one.bins(epoch, "made")
        assert sorted(row for rows in bins for row in rows) == list(range(len(lengths)))
        assert all(sum(lengths[row] for row in rows) <= WINDOW for rows in bins)
        # The sampler has counted the windows of other shuffles: one that takes more gives its last ones away.
        assert len(bins) - len(one.bins(epoch, "yielded")) <= 1


def test_in_the_default_mode_each_epoch_is_another_shuffle_as_full_as_was_told(handed: dict[str, Handed]) -> None:
    documents = handed["documents"]
    orders = [documents.bins(epoch, "made") for epoch in documents.seen["epochs"]]
    assert orders[0] != orders[1] != orders[2]
    for order, epoch in zip(orders, documents.seen["epochs"], strict=True):
        assert abs(len(order) - documents.schedule.windows) <= 1
        assert epoch["fill"] == pytest.approx(documents.schedule.fill, abs=1 / len(order))


def test_in_the_mode_of_bins_the_sampler_makes_the_bins_that_were_filled(
    handed: dict[str, Handed], texts: list[str], tmp_path: Path
) -> None:
    """Bin by bin, in their order, in every epoch: the windows that the same texts and seed give as rows."""
    bins = handed["bins"]
    tokens = write_flat(tmp_path, [TOKENIZER.encode(text) for text in texts])
    packing = PackSettings(form="windows", window=WINDOW)
    pack(tokens, np.arange(len(texts)), list(map(str, range(len(texts)))), tmp_path, TOKENIZER, packing)
    shipped = pq.read_table(tmp_path / "train.parquet").to_pylist()
    rows = bins.seen["columns"]["input_ids"]
    for epoch in bins.seen["epochs"]:
        made = bins.bins(epoch, "yielded")
        assert len(made) == len(shipped) == bins.schedule.windows
        for window, those in zip(shipped, made, strict=True):
            ends = np.cumsum([0, *window["seq_lengths"]]).tolist()
            assert [window["input_ids"][first:last] for first, last in pairwise(ends)] == [rows[row] for row in those]
        assert epoch["fill"] == pytest.approx(bins.schedule.fill)
    assert bins.schedule.fill >= handed["documents"].schedule.fill


def test_other_tokens_in_one_document_change_no_loss_of_its_neighbours(one: Handed) -> None:
    """In the trainer's own model, with its own collator, on a window of several documents."""
    losses = one.seen["losses"]
    # The loss at a place is that of the token behind it; BOS, with which the next document begins, has none.
    before, after, end = losses["before"], losses["after"], losses["end"]
    assert one.seen["batch"]["input_ids"] == [1, WINDOW]
    assert before[: end - 1] != after[: end - 1]
    assert before[end - 1 :] == after[end - 1 :]
    assert sum(loss is not None for loss in before[end:]) > 20


def test_the_log_holds_no_text_of_the_set(handed: dict[str, Handed], texts: list[str]) -> None:
    log = (handed["bins"].folder.parent / "child.log").read_text("utf-8")
    phrases = {" ".join(words) for text in texts for words in runs_of_words(text)}
    assert "axolotl" in log
    assert len(phrases) > 500
    assert not [phrase for phrase in phrases if phrase in log]


def runs_of_words(text: str) -> Iterator[list[str]]:
    """The runs of six words of a text."""
    words = text.split()
    return (words[place : place + 6] for place in range(len(words) - 5))


def test_the_trainers_tokenizer_gives_the_ids_of_the_rows(one: Handed, texts: list[str]) -> None:
    assert one.seen["tokenizer"] == [TOKENIZER.encode(text) for text in one.seen["texts"]]


def test_axolotl_takes_the_configuration_for_four_gpus_and_refuses_a_bad_one(trainer: Path, tmp_path: Path) -> None:
    handed_over(tmp_path / "good", ["One."], "documents", gpus=4, base_model="mistralai/Mistral-7B-v0.1", options={})
    Axolotl().check(tmp_path / "good")
    handed_over(tmp_path / "bad", ["One."], "bins", options={"warmup_ratio": 0.1})
    with pytest.raises(TrainingError, match="mutually exclusive"):
        Axolotl().check(tmp_path / "bad")


def test_a_training_that_lost_its_last_checkpoint_goes_on_from_the_one_before(
    handed: dict[str, Handed], trainer: Path
) -> None:
    folder = handed["bins"].folder
    steps = list(trained(folder))
    model = Axolotl().model(folder)
    assert steps == [1, 2, 3, 4]
    assert model is not None
    losses = Axolotl().losses(folder)
    shutil.rmtree(model)
    assert Axolotl().model(folder) is None
    assert list(trained(folder)) == steps
    assert Axolotl().losses(folder)[:3] == losses[:3]
    assert Axolotl().losses(folder)[3].loss == pytest.approx(losses[3].loss, rel=1e-3)
    assert (Axolotl().model(folder), (model / "model.safetensors").exists()) == (model, True)
    assert losses[3].tokens > losses[2].tokens > 0


def trained(folder: Path) -> Iterator[int]:
    """Trains as the written command says, and tells the steps whose loss is known."""
    command, offline = Axolotl().command(folder), {**os.environ, **Axolotl().environment(), "HF_HUB_OFFLINE": "1"}
    done = subprocess.run(command, env=offline, capture_output=True, text=True, check=False)
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]
    return (point.step for point in Axolotl().losses(folder))
