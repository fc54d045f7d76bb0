"""All passes together: the same records give the same windows, in whatever order and on however many cores."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from synthgen.corpus import contamination as looking
from synthgen.corpus import overlap, sketch, tokenise
from synthgen.corpus.benchmark_items import BenchmarkItem
from synthgen.corpus.bins import fill_bins
from synthgen.corpus.contamination import contamination
from synthgen.corpus.near import near_duplicates, precedence
from synthgen.corpus.pieces import piece_keys, pieces
from synthgen.tokens import load_tokenizer

NAME, WINDOW = "mistral-7b-v0.1", 256
ITEM = BenchmarkItem("ward", "1", "Which of the brass clocks did the lighthouse keeper wind before his breakfast?")
Texts = dict[str, str]


@pytest.fixture(scope="module")
def texts(examples: Path) -> Texts:
    """Sentences of the guidelines in many lengths and mixtures, some twice with an edit, some with an item in them."""
    rng = random.Random(3)
    sentences = [
        sentence for path in sorted(examples.glob("*.md")) for sentence in path.read_text(encoding="utf-8").split(". ")
    ]
    made = [". ".join(rng.sample(sentences, rng.randint(2, 25))) for _ in range(120)]
    made += [text.replace("the ", "this ", 1) for text in made[:30]]
    made += [text + " " + ITEM.question for text in made[40:45]]
    return {f"r{number}": text for number, text in enumerate(made)}


def run(texts: Texts, ids: list[str], folder: Path, processes: int) -> tuple[bytes, Counter[int]]:
    """The windows' tokens one after the other, and how often each token stands in the documents that stay."""
    tokenizer = load_tokenizer(NAME)
    tokens = tokenise.tokenise((texts[id_] for id_ in ids), folder, NAME, processes=processes).tokens
    near = near_duplicates(tokens, precedence([len(texts[id_]) % 3 for id_ in ids], ids), 0.8, processes=processes)
    met = contamination(tokens, [ITEM], NAME, sources=tokens, processes=processes)
    hit = [hit.document for hit in met.hits if hit.contaminated]
    stay = np.setdiff1d(np.arange(len(ids)), [*near.dropped, *hit])
    rows = pieces(tokens, stay, tokenizer, WINDOW)
    bins = fill_bins(rows.lengths, piece_keys(rows, ids), WINDOW, 0)
    flat = tokens.read(0, len(tokens))[0]
    begins = tokens.offsets[rows.document] + rows.start
    windows = np.concatenate([flat[begins[row] : begins[row] + rows.lengths[row]] for row in bins.documents])
    assert (len(near.dropped) >= 25, len(set(hit) - set(near.dropped.tolist())) > 0) == (True, True)
    kept = Counter(token for document in stay for token in tokens.read(document, document + 1)[0].tolist())
    assert Counter(windows.tolist()) == kept
    return bins.offsets.tobytes() + windows.tobytes(), kept


def test_windows_are_the_same_for_any_order_and_any_number_of_processes(
    texts: Texts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "STOCK_SOURCES", 1000)
    whole = run(texts, list(texts), tmp_path / "whole", 1)
    monkeypatch.setattr(tokenise, "BLOCK_CHARACTERS", 20_000)
    for module in (sketch, overlap, looking):
        monkeypatch.setattr(module, "TASK_TOKENS", 5_000)
    shuffled = random.Random(1).sample(list(texts), len(texts))
    assert run(texts, shuffled, tmp_path / "shuffled", 2) == whole
