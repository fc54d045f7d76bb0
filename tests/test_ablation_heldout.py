"""The loss on held-out documents: all their tokens, each once. The real program runs in test_ablation_harness."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from synthgen.ablation.heldout import BITS, NATS, HeldOut, held_out_loss, held_out_rows, read_losses, write_rows
from synthgen.data import Document
from synthgen.errors import TrainingError
from synthgen.storage.files import write_atomic
from synthgen.tokens import load_tokenizer

TEXTS = ["# Dosing\n\nGive 5 mg of apixaban twice daily. " * 20, "Measure potassium within two weeks – or ≤ 14 days."]


def documents() -> list[Document]:
    return [Document(text, "A guideline", f"{n}.md", "markdown") for n, text in enumerate([*TEXTS, "  \n"])]


def leave(folder: Path, losses: dict[str, tuple[float, int]]) -> None:
    lines = [json.dumps({"doc_id": name, "nats": nats, "tokens": n}) for name, (nats, n) in losses.items()]
    write_atomic(folder / "losses.jsonl", ("\n".join(lines) + "\n").encode())


def test_windows_hold_every_token_once_behind_a_bos() -> None:
    tokenizer = load_tokenizer("mistral-7b-v0.1")
    rows = held_out_rows(documents(), tokenizer, 64)
    by_id = {document.doc_id: document for document in documents()}
    assert len(rows) == 2
    for row in rows:
        text = by_id[row.doc_id].text
        assert all(window[0] == tokenizer.bos_id and 1 < len(window) <= 64 for window in row.windows)
        assert [token for window in row.windows for token in window[1:]] == tokenizer.encode(text)
        assert row.bytes == len(text.encode())


def test_rows_do_not_depend_on_the_order_of_documents() -> None:
    tokenizer = load_tokenizer("mistral-7b-v0.1")
    assert held_out_rows(documents(), tokenizer, 32) == held_out_rows(documents()[::-1], tokenizer, 32)


def test_losses_are_read_a_token_and_a_byte_with_what_they_weigh(tmp_path: Path) -> None:
    write_rows([HeldOut("a", ((1, 5, 6), (1, 7)), 12), HeldOut("b", ((1, 8),), 4)], tmp_path / "rows.jsonl")
    leave(tmp_path / "losses", {"a": (6.0, 3), "b": (5.0, 1)})
    measured = read_losses(tmp_path / "losses", tmp_path / "rows.jsonl", "set", 3)
    assert measured is not None
    nats, bits = measured
    assert (nats.measure, nats.arm, nats.seed, nats.kind) == (NATS, "set", 3, "loss")
    assert [(item.correct, item.weight) for item in nats.items] == [(2.0, 3), (5.0, 1)]
    assert bits.measure == BITS
    assert [item.correct for item in bits.items] == pytest.approx([6 / math.log(2) / 12, 5 / math.log(2) / 4])
    assert [item.weight for item in bits.items] == [12, 4]


def test_losses_of_other_documents_are_not_taken(tmp_path: Path) -> None:
    write_rows([HeldOut("a", ((1, 5, 6),), 12)], tmp_path / "rows.jsonl")
    assert read_losses(tmp_path / "losses", tmp_path / "rows.jsonl", "set", 3) is None
    leave(tmp_path / "losses", {"a": (6.0, 3)})
    assert read_losses(tmp_path / "losses", tmp_path / "rows.jsonl", "set", 3) is None
    leave(tmp_path / "losses", {"b": (6.0, 2)})
    assert read_losses(tmp_path / "losses", tmp_path / "rows.jsonl", "set", 3) is None


def test_a_model_that_diverged_is_named_as_such(tmp_path: Path) -> None:
    write_rows([HeldOut("a", ((1, 5, 6),), 12)], tmp_path / "rows.jsonl")
    leave(tmp_path / "losses", {"a": (math.nan, 2)})
    with pytest.raises(TrainingError, match="diverged"):
        read_losses(tmp_path / "losses", tmp_path / "rows.jsonl", "set", 3)


def test_a_missing_environment_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNTHGEN_AXOLOTL", str(tmp_path / "nowhere"))
    write_rows([HeldOut("a", ((1, 5, 6),), 12)], tmp_path / "rows.jsonl")
    with pytest.raises(TrainingError, match="SYNTHGEN_AXOLOTL"):
        held_out_loss(tmp_path, tmp_path / "rows.jsonl", tmp_path / "losses", arm="set", seed=1)


def test_a_failure_of_the_program_is_reported_with_its_error_and_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs = tmp_path / "environment" / "bin"
    programs.mkdir(parents=True)
    for name in ("axolotl", "python"):
        (programs / name).write_text("#!/bin/sh\necho OSError: no file named model.safetensors\nexit 1\n")
        (programs / name).chmod(0o755)
    monkeypatch.setenv("SYNTHGEN_AXOLOTL", str(programs.parent))
    write_rows([HeldOut("a", ((1, 5, 6),), 12)], tmp_path / "rows.jsonl")
    with pytest.raises(TrainingError, match=r"losses of held-out documents: .*no file named .*losses\.log"):
        held_out_loss(tmp_path, tmp_path / "rows.jsonl", tmp_path / "losses", arm="set", seed=1)
    assert not (tmp_path / "losses").exists()
