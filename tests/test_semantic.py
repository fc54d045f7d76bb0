"""Documents that say the same in other words are found by a model's embeddings, and by nothing where none is named."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest

from synthgen.corpus import semantic
from synthgen.corpus.embedding import Embedder, Vectors
from synthgen.corpus.flat import Ints
from synthgen.corpus.semantic import semantic_duplicates
from synthgen.errors import RecipeError

CHILD = Path(__file__).with_name("semantic_child.py")


def unit(rows: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> Vectors:
    vectors: Vectors = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float16)
    return vectors


@pytest.fixture(scope="module")
def vectors() -> Vectors:
    """300 vectors in all directions, and for each third one a near neighbour behind."""
    rng = np.random.default_rng(3)
    plain = rng.normal(size=(300, 24))
    return unit(np.concatenate([plain, plain[::3] + 0.1 * rng.normal(size=(100, 24))]))


def one_by_one(vectors: Vectors, order: Ints, threshold: float) -> dict[int, int]:
    """The rule itself: the first that stays and is alike takes a document out."""
    cosine = vectors.astype(np.float32) @ vectors.astype(np.float32).T
    stays, dropped = list[int](), dict[int, int]()
    for document in order.tolist():
        alike = [other for other in stays if cosine[document, other] >= threshold]
        if alike:
            dropped[document] = alike[0]
        else:
            stays.append(document)
    return dropped


@pytest.mark.parametrize("rows", [7, 64, 4096])
@pytest.mark.parametrize("threshold", [0.5, 0.95])
def test_blocks_find_what_one_by_one_does(
    vectors: Vectors, rows: int, threshold: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(semantic, "ROWS", rows)
    order = np.random.default_rng(rows).permutation(len(vectors))
    found = semantic_duplicates(vectors, order, threshold)
    assert dict(zip(found.dropped.tolist(), found.stays.tolist(), strict=True)) == one_by_one(vectors, order, threshold)
    assert len(found.dropped) >= 90
    assert (found.cosine >= threshold).all()


def test_no_chain_of_likenesses_carries_a_document_away() -> None:
    angles = np.radians([0, 15, 30])
    found = semantic_duplicates(unit(np.stack([np.cos(angles), np.sin(angles)], axis=1)), np.arange(3), 0.95)
    assert (found.dropped.tolist(), found.stays.tolist()) == ([1], [0])


def test_documents_left_out_are_neither_dropped_nor_compared() -> None:
    found = semantic_duplicates(unit(np.ones((3, 4))), np.array([2, 0]), 0.9)
    assert (found.dropped.tolist(), found.stays.tolist()) == ([0], [2])
    assert len(semantic_duplicates(unit(np.ones((3, 4))), np.array([], np.int64), 0.9).dropped) == 0


def test_a_folder_without_a_model_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="holds no model"):
        _ = Embedder(tmp_path).fingerprint


@pytest.mark.axolotl
def test_a_real_model_embeds_block_by_block(tmp_path: Path) -> None:
    named = os.environ.get("SYNTHGEN_AXOLOTL")
    if named is None:
        pytest.skip("SYNTHGEN_AXOLOTL names no environment with transformers")
    environment = {**os.environ, "PYTHONPATH": str(CHILD.parents[1])}
    command = [Path(named) / "bin" / "python", CHILD, tmp_path]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=550, env=environment)
    assert done.returncode == 0, done.stderr[-2000:]
    told = json.loads(done.stdout)
    assert told["shape"] == [6, 32]
    assert told["lengths"] == pytest.approx([1] * 6, abs=0.01)
    assert told["same"]
    assert told["encoded"] == [2]
    assert told["left"] == ["again", "model", "vectors"]
    assert told["pairs"] == [[1, 0], [5, 4]]
