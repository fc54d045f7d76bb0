"""Every token of every text arrives in the packed rows, in windows that the trainer takes."""

from __future__ import annotations

import hashlib
import json
from copy import copy
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthgen.corpus.cut import cut
from synthgen.corpus.pack import Packed, pack
from synthgen.errors import TokenizerError
from synthgen.extracts.sentences import spans
from synthgen.tokens import Tokenizer, load_tokenizer

SHORT = ["Give 5 mg/kg.", "INR ≥ 2.5 is high.", "- one\n- two\n\nA β-blocker helps."]
LONG = " ".join(f"Patient {number} was given {number}.5 mg of drug X twice a day." for number in range(40))


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return load_tokenizer("mistral-7b-v0.1")


def column(folder: Path, name: str) -> list[list[int]]:
    values: Any = pq.read_table(folder / "train.parquet")[name].to_pylist()
    return list(values)


def rows(folder: Path) -> list[list[int]]:
    return column(folder, "input_ids")


def inner(folder: Path) -> list[int]:
    """All tokens in order, without BOS and EOS."""
    return [token for row in rows(folder) for token in row[1:-1]]


def test_a_short_text_is_one_row_between_bos_and_eos(tmp_path: Path, tokenizer: Tokenizer) -> None:
    packed = pack(SHORT, tmp_path, tokenizer, 4096)
    assert rows(tmp_path) == [[1, *tokenizer.encode(text), 2] for text in SHORT]
    assert (packed.documents, packed.rows, packed.cut, packed.windows) == (3, 3, 0, 1)


def test_every_token_is_learned_and_none_is_masked(tmp_path: Path, tokenizer: Tokenizer) -> None:
    pack([*SHORT, LONG], tmp_path, tokenizer, 64)
    assert column(tmp_path, "labels") == rows(tmp_path)
    assert column(tmp_path, "attention_mask") == [[1] * len(row) for row in rows(tmp_path)]


def test_a_text_longer_than_the_window_is_cut_at_sentence_ends(tmp_path: Path, tokenizer: Tokenizer) -> None:
    packed = pack([SHORT[0], LONG, SHORT[1]], tmp_path, tokenizer, 64)
    assert (packed.documents, packed.cut) == (3, 1)
    assert packed.longest <= 64
    parts = rows(tmp_path)[1:-1]
    assert [(row[0], row[-1]) for row in parts] == [(1, 2)] * len(parts)
    assert all(tokenizer.decode(row[1:-1]).startswith("Patient ") for row in parts)
    assert all(tokenizer.decode(row[1:-1]).endswith("twice a day.") for row in parts)
    assert inner(tmp_path) == [token for text in (SHORT[0], LONG, SHORT[1]) for token in tokenizer.encode(text)]


def test_a_part_holds_as_many_sentences_as_fit(tokenizer: Tokenizer) -> None:
    ids = tokenizer.encode(LONG)
    pieces = cut(LONG, ids, tokenizer, 62)
    sentence = len(tokenizer.encode(LONG[slice(*spans(LONG)[20])].strip()))
    assert all(len(piece) + sentence > 62 for piece in pieces[:-1])


def test_a_sentence_longer_than_the_window_is_cut_between_tokens(tokenizer: Tokenizer) -> None:
    text = "Short one. And so on" + ", and then again" * 100 + ". Last one."
    ids = tokenizer.encode(text)
    pieces = cut(text, ids, tokenizer, 62)
    assert [token for piece in pieces for token in piece] == ids
    assert tokenizer.decode(pieces[0]) == "Short one."
    assert {len(piece) for piece in pieces[1:-1]} == {62}


def test_line_breaks_stay_with_the_part_before(tokenizer: Tokenizer) -> None:
    text = "\n\n".join(f"## Part {number}\n\n- give {number} mg\n- wait" for number in range(20))
    pieces = cut(text, tokenizer.encode(text), tokenizer, 62)
    assert all(tokenizer.decode(piece).endswith("\n") for piece in pieces[:-1])


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "Give 5 mg. ",
                "If INR < 2.5, stop.\n\n",
                "| a | b |\n",
                "- x\n",
                "  ",
                "\n",
                "é",
                "😀",
                "…",
                "a",
                "e.g. ",
                "?",
            ]
        )
        | st.text(max_size=5),
        max_size=60,
    ).map("".join),
    st.integers(1, 40),
)
def test_the_parts_put_together_are_the_tokens(text: str, limit: int) -> None:
    tokenizer = load_tokenizer("mistral-7b-v0.1")
    ids = tokenizer.encode(text)
    pieces = cut(text, ids, tokenizer, limit)
    assert [token for piece in pieces for token in piece] == ids
    assert max(map(len, pieces)) <= limit
    assert all(pieces[:-1])


def test_no_token_of_real_guidelines_is_lost(tmp_path: Path, tokenizer: Tokenizer, shared_data: Path) -> None:
    texts = [path.read_text("utf-8") for path in sorted((shared_data / "guidelines" / "markdown").glob("*.md"))[:8]]
    packed = pack(texts, tmp_path, tokenizer, 1024)
    assert packed.tokens - 2 * packed.rows == sum(map(tokenizer.count, texts))
    assert inner(tmp_path) == [token for text in texts for token in tokenizer.encode(text)]
    assert (packed.cut, packed.longest <= 1024) == (len(texts), True)


def test_the_manifest_says_what_is_there(tmp_path: Path, tokenizer: Tokenizer) -> None:
    packed = pack([*SHORT, LONG], tmp_path, tokenizer, 64)
    manifest = json.loads((tmp_path / "manifest.json").read_text("utf-8"))
    lengths = [len(row) for row in rows(tmp_path)]
    assert manifest == {
        "tokenizer": "mistral-7b-v0.1",
        "window": 64,
        "documents": 4,
        "cut": 1,
        "rows": len(lengths),
        "tokens": sum(lengths),
        "longest": max(lengths),
        "windows": -(-sum(lengths) // 64),
        "files": {"train.parquet": {"sha256": packed.sha256}},
    }
    assert packed.sha256 == hashlib.sha256((tmp_path / "train.parquet").read_bytes()).hexdigest()


def test_the_same_texts_give_the_same_bytes(tmp_path: Path, tokenizer: Tokenizer) -> None:
    packed: list[Packed] = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        packed.append(pack(iter([*SHORT * 300, LONG]), tmp_path / name, tokenizer, 256))
    assert packed[0] == packed[1]
    for name in ("train.parquet", "manifest.json"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_no_text_gives_no_row(tmp_path: Path, tokenizer: Tokenizer) -> None:
    packed = pack([], tmp_path, tokenizer, 4096)
    assert (packed.documents, packed.rows, packed.tokens, packed.longest, packed.windows) == (0, 0, 0, 0, 0)
    assert rows(tmp_path) == []


def test_the_manifest_names_a_tokenizer_file_without_its_folder(tmp_path: Path, tokenizer: Tokenizer) -> None:
    at_a_path = copy(tokenizer)
    at_a_path.name = "/somewhere/own.model"
    assert pack(SHORT, tmp_path, at_a_path, 4096).tokenizer == "own.model"


def test_a_tokenizer_without_bos_and_eos_is_refused(tmp_path: Path) -> None:
    class Bare:
        def __getattr__(self, name: str) -> Any:
            return lambda: -1

    with pytest.raises(TokenizerError, match="no BOS or EOS"):
        pack(SHORT, tmp_path, Tokenizer("bare", Bare()), 4096)
