"""The whole set in tokens: the reference's own, whatever the processes, and only what is missing after a kill."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthgen.corpus import encode, tokenise
from synthgen.corpus.encode import WordEncoder
from synthgen.corpus.flat import FlatTokens, blocks, offsets_of, write_flat
from synthgen.corpus.spans import HashIndex, span_hashes, word_starts
from synthgen.corpus.tokenise import open_tokens
from synthgen.errors import StorageError, SynthgenError
from synthgen.tokens import BOS_MARK, EOS_MARK, Tokenizer, load_tokenizer
from synthgen.workers import map_ordered

NAME = "mistral-7b-v0.1"
AWKWARD = [
    "",
    " ",
    "\n",
    "  a",
    "a  \n\n  b ",
    "\u2581a b",
    "β ≥ 2.5\tmg",
    "\ud800x",
    "<s> </s>",
    "日本語 テスト",
    f"{BOS_MARK}a  b{EOS_MARK} c\n{EOS_MARK}",
    EOS_MARK,
    f"x{EOS_MARK}{BOS_MARK}\n  y",
    f"{BOS_MARK} a \u2581 b",
    "x" * 200,
]


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return load_tokenizer(NAME)


def documents(tokens: FlatTokens) -> list[list[int]]:
    flat, offsets = tokens.read(0, len(tokens))
    return [flat[a:b].tolist() for a, b in pairwise(offsets)]


def double(number: int) -> int:
    return 2 * number


def refuse(number: int) -> int:
    raise StorageError(f"no {number}", where="x", fix="y")


def die(number: int) -> int:
    raise SystemExit(number)


@given(st.lists(st.text(alphabet=st.sampled_from("ab  \n\u2581é0,.<ſ\u3000")), max_size=5))
@settings(max_examples=300, deadline=None)
def test_words_one_by_one_give_the_ids_of_the_whole(texts: list[str]) -> None:
    encoder = encode.word_encoder(NAME)
    assert encoder.exact
    tokens, lengths = encoder.encode(texts)
    expected, expected_lengths = encoder.encode_whole(texts)
    assert (tokens.tolist(), lengths.tolist()) == (expected.tolist(), expected_lengths.tolist())


def test_real_texts_give_the_ids_of_the_reference(shared_data: Path, tokenizer: Tokenizer) -> None:
    with gzip.open(shared_data / "textbooks" / "medquad.jsonl.gz", "rt", encoding="utf-8") as file:
        texts = [line for line, _ in zip(file, range(30), strict=False)]
    texts += [json.loads(line)["text"] for line in texts]
    tokens, lengths = WordEncoder(tokenizer).encode(texts)
    assert tokens.tolist() == [token for text in texts for token in tokenizer.encode(text)]
    assert lengths.sum() == len(tokens)


def test_a_full_memory_of_words_is_begun_anew(monkeypatch: pytest.MonkeyPatch, tokenizer: Tokenizer) -> None:
    monkeypatch.setattr(encode, "WORDS_KEPT", 3)
    encoder = WordEncoder(tokenizer)
    for text in ("one two three four five", "five six one", "seven"):
        assert encoder.encode([text])[0].tolist() == tokenizer.encode(text)


def test_more_words_than_the_index_was_made_for_keep_their_numbers() -> None:
    index, rng = HashIndex(), np.random.default_rng(2)
    hashes = rng.integers(0, 2**63, 20_000).astype(np.uint64)
    for start in range(0, len(hashes), 3_000):
        index.add(hashes[start : start + 3_000])
        assert index.find(hashes).tolist() == [n if n < start + 3_000 else -1 for n in range(len(hashes))]


@given(st.text(alphabet="ab \n\u00e9" + BOS_MARK, max_size=30).filter(bool))
@settings(deadline=None)
def test_words_tile_the_text_and_those_of_one_hash_are_the_same(text: str) -> None:
    data = np.frombuffer(text.encode(), np.uint8)
    starts = word_starts(data, np.array([0]))
    words = [data[a:b].tobytes().decode() for a, b in pairwise([*starts, len(data)])]
    assert words == re.findall(rf"[\n{BOS_MARK}]| +[^ \n{BOS_MARK}]*|[^ \n{BOS_MARK}]+", text)
    known = dict(zip(words, span_hashes(data, starts).tolist(), strict=True))
    assert [known[word] for word in words] == span_hashes(data, starts).tolist()
    assert len(set(known.values())) == len(known)


def test_every_text_is_a_document_in_order(tmp_path: Path, tokenizer: Tokenizer) -> None:
    made = tokenise.tokenise(iter(AWKWARD), tmp_path / "tokens", NAME, processes=1)
    assert documents(made.tokens) == [tokenizer.encode(text) for text in AWKWARD]
    assert documents(open_tokens(tmp_path / "tokens", NAME)) == documents(made.tokens)


def test_no_text_makes_an_empty_set(tmp_path: Path) -> None:
    made = tokenise.tokenise([], tmp_path / "tokens", NAME, processes=2)
    assert (len(made.tokens), made.blocks, documents(made.tokens)) == (0, 0, [])


def test_the_bytes_are_the_same_for_any_number_of_processes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokenise, "BLOCK_CHARACTERS", 100)
    texts = [f"Patient {number} takes {number}.5 mg of Drug{number} daily." for number in range(40)]
    for processes in (1, 3):
        made = tokenise.tokenise(texts, tmp_path / str(processes), NAME, processes=processes)
        assert made.blocks > 10
    for name in ("tokens.bin", "offsets.bin"):
        assert (tmp_path / "1" / name).read_bytes() == (tmp_path / "3" / name).read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["1", "3"]


def test_a_rerun_encodes_only_the_blocks_that_are_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokenise, "BLOCK_CHARACTERS", 10)
    texts = [f"Text number {number}." for number in range(6)]

    def killed() -> Iterator[str]:
        yield from texts[:4]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tokenise.tokenise(killed(), tmp_path / "tokens", NAME, processes=1)
    assert not (tmp_path / "tokens").exists()
    encoded: list[str] = []
    original = WordEncoder.encode

    def recorded(self: WordEncoder, group: list[str]) -> object:
        encoded.extend(group)
        return original(self, group)

    monkeypatch.setattr(WordEncoder, "encode", recorded)
    made = tokenise.tokenise(texts, tmp_path / "tokens", NAME, processes=1)
    assert encoded == texts[len(texts) - len(encoded) :]
    assert 0 < len(encoded) < len(texts)
    assert documents(made.tokens) == [load_tokenizer(NAME).encode(text) for text in texts]


def test_a_block_that_differs_from_the_reference_is_encoded_by_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tokenizer: Tokenizer
) -> None:
    def wrong(self: WordEncoder, texts: list[str]) -> tuple[object, object]:
        return np.zeros(len(texts), np.uint16), np.ones(len(texts), np.int64)

    monkeypatch.setattr(WordEncoder, "encode", wrong)
    made = tokenise.tokenise(["One text.", "Another."], tmp_path / "tokens", NAME, processes=1)
    assert (made.recoded, made.checked) == (1, 1)
    assert documents(made.tokens) == [tokenizer.encode("One text."), tokenizer.encode("Another.")]


def test_a_cut_off_file_is_an_error(tmp_path: Path) -> None:
    made = tokenise.tokenise(["One text."], tmp_path / "tokens", NAME, processes=1)
    made.tokens.path.write_bytes(b"")
    with pytest.raises(StorageError, match="shorter than its offsets"):
        made.tokens.read(0, 1)


def test_gathered_documents_come_in_the_order_asked_for(tmp_path: Path) -> None:
    tokens = write_flat(tmp_path, [[1, 2, 3], [], [4], [5, 6]])
    flat, offsets = tokens.gather(np.array([3, 1, 0, 3]))
    assert (flat.tolist(), offsets.tolist()) == ([5, 6, 1, 2, 3, 5, 6], [0, 2, 2, 5, 7])


@given(st.lists(st.integers(0, 20), max_size=30), st.integers(1, 40))
@settings(deadline=None)
def test_blocks_tile_the_documents_and_keep_the_limit(lengths: list[int], limit: int) -> None:
    found = blocks(offsets_of(lengths), limit)
    assert [place for first, last in found for place in range(first, last)] == list(range(len(lengths)))
    assert all(last - first == 1 or sum(lengths[first:last]) <= limit for first, last in found)


@pytest.mark.parametrize("processes", [1, 2])
def test_results_come_in_the_order_of_the_tasks(processes: int) -> None:
    assert list(map_ordered(double, range(20), processes)) == [2 * number for number in range(20)]


@pytest.mark.parametrize("processes", [1, 2])
def test_an_error_in_a_worker_is_raised_as_it_is(processes: int) -> None:
    with pytest.raises(StorageError, match="no 0"):
        list(map_ordered(refuse, range(20), processes))


def test_a_worker_that_dies_is_an_error() -> None:
    with pytest.raises(SynthgenError, match="a worker process ended with code"):
        list(map_ordered(die, range(3, 9), 2))
