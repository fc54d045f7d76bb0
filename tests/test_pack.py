"""Every token of every text arrives in the packed rows, in the form that is asked for."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from copy import copy
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthgen.corpus.cut import cut
from synthgen.corpus.flat import FlatTokens, Ints, write_flat
from synthgen.corpus.labels import Ranges
from synthgen.corpus.layout import lay_out
from synthgen.corpus.ngrams import mix
from synthgen.corpus.pack import Packed, pack
from synthgen.corpus.pieces import Pieces
from synthgen.corpus.rows import MASKED
from synthgen.errors import TokenizerError
from synthgen.extracts.sentences import spans
from synthgen.recipe import PackSettings
from synthgen.tokens import EOS_MARK, Tokenizer, load_tokenizer

SHORT = ["Give 5 mg/kg.", "INR ≥ 2.5 is high.", "- one\n- two\n\nA β-blocker helps."]
LONG = " ".join(f"Patient {number} was given {number}.5 mg of drug X twice a day." for number in range(40))
TOKENIZER = load_tokenizer("mistral-7b-v0.1")


def flat(folder: Path, texts: Sequence[str]) -> FlatTokens:
    folder.mkdir(parents=True, exist_ok=True)
    return write_flat(folder, [TOKENIZER.encode(text) for text in texts])


def packed(folder: Path, texts: Sequence[str], ranges: Sequence[Ranges] = (), **keys: Any) -> Packed:
    """`texts` packed into `folder`, each called by its number."""
    tokens = flat(folder / "tokens", texts)
    names = list(map(str, range(len(texts))))
    those = list(zip(texts, ranges, strict=True)) if ranges else [(text, ()) for text in texts]
    return pack(tokens, np.arange(len(texts)), names, folder, TOKENIZER, PackSettings(**keys), those)


def column(folder: Path, name: str) -> list[list[int]]:
    values: Any = pq.read_table(folder / "train.parquet")[name].to_pylist()
    return list(values)


def rows(folder: Path) -> list[list[int]]:
    return column(folder, "input_ids")


def inner(folder: Path) -> list[int]:
    """All tokens in order, without BOS and EOS."""
    return [token for row in rows(folder) for token in row[1:-1]]


def test_a_short_text_is_one_row_between_bos_and_eos(tmp_path: Path) -> None:
    made = packed(tmp_path, SHORT)
    assert rows(tmp_path) == [[1, *TOKENIZER.encode(text), 2] for text in SHORT]
    assert (made.documents, made.rows, made.cut, made.windows) == (3, 3, 0, 1)


def test_every_token_but_the_first_is_learned(tmp_path: Path) -> None:
    made = packed(tmp_path, [*SHORT, LONG], window=64)
    assert column(tmp_path, "labels") == [[MASKED, *row[1:]] for row in rows(tmp_path)]
    assert column(tmp_path, "attention_mask") == [[1] * len(row) for row in rows(tmp_path)]
    assert made.learned == made.tokens - made.rows


def test_a_text_longer_than_the_window_is_cut_at_sentence_ends(tmp_path: Path) -> None:
    made = packed(tmp_path, [SHORT[0], LONG, SHORT[1]], window=64)
    assert (made.documents, made.cut) == (3, 1)
    assert made.longest <= 64
    parts = rows(tmp_path)[1:-1]
    assert [(row[0], row[-1]) for row in parts] == [(1, 2)] * len(parts)
    assert all(TOKENIZER.decode(row[1:-1]).startswith("Patient ") for row in parts)
    assert all(TOKENIZER.decode(row[1:-1]).endswith("twice a day.") for row in parts)
    assert inner(tmp_path) == [token for text in (SHORT[0], LONG, SHORT[1]) for token in TOKENIZER.encode(text)]


def test_a_part_holds_as_many_sentences_as_fit() -> None:
    ids = TOKENIZER.encode(LONG)
    pieces = cut(LONG, ids, TOKENIZER, 62)
    sentence = len(TOKENIZER.encode(LONG[slice(*spans(LONG)[20])].strip()))
    assert all(len(piece) + sentence > 62 for piece in pieces[:-1])


def test_a_sentence_longer_than_the_window_is_cut_between_tokens() -> None:
    text = "Short one. And so on" + ", and then again" * 100 + ". Last one."
    ids = TOKENIZER.encode(text)
    pieces = cut(text, ids, TOKENIZER, 62)
    assert [token for piece in pieces for token in piece] == ids
    assert TOKENIZER.decode(pieces[0]) == "Short one."
    assert {len(piece) for piece in pieces[1:-1]} == {62}


def test_line_breaks_stay_with_the_part_before() -> None:
    text = "\n\n".join(f"## Part {number}\n\n- give {number} mg\n- wait" for number in range(20))
    pieces = cut(text, TOKENIZER.encode(text), TOKENIZER, 62)
    assert all(TOKENIZER.decode(piece).endswith("\n") for piece in pieces[:-1])


WORDS = [
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


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(WORDS) | st.text(max_size=5), max_size=60).map("".join), st.integers(1, 40))
def test_the_parts_put_together_are_the_tokens(text: str, limit: int) -> None:
    ids = TOKENIZER.encode(text)
    pieces = cut(text, ids, TOKENIZER, limit)
    assert [token for piece in pieces for token in piece] == ids
    assert max(map(len, pieces)) <= limit
    assert all(pieces[:-1])


@pytest.fixture(scope="module")
def guidelines(shared_data: Path) -> list[str]:
    return [path.read_text("utf-8") for path in sorted((shared_data / "guidelines" / "markdown").glob("*.md"))[:8]]


def test_no_token_of_real_guidelines_is_lost(tmp_path: Path, guidelines: list[str]) -> None:
    made = packed(tmp_path, guidelines, window=1024)
    assert made.tokens - 2 * made.rows == sum(map(TOKENIZER.count, guidelines))
    assert inner(tmp_path) == [token for text in guidelines for token in TOKENIZER.encode(text)]
    assert (made.cut, made.longest <= 1024) == (len(guidelines), True)


@pytest.mark.parametrize("form", ["bins", "windows"])
def test_each_piece_of_real_guidelines_is_in_one_window_of_each_form(
    tmp_path: Path, guidelines: list[str], form: str
) -> None:
    packed(tmp_path / "documents", guidelines, window=1024)
    made = packed(tmp_path / form, guidelines, window=1024, form=form)
    pieces = rows(tmp_path / form)
    if form == "windows":
        lengths = column(tmp_path / form, "seq_lengths")
        windows = zip(pieces, lengths, strict=True)
        pieces = [piece for row, sizes in windows for piece in split(row, sizes)]
        assert max(map(len, rows(tmp_path / form))) <= 1024
    assert sorted(pieces) == sorted(rows(tmp_path / "documents"))
    assert made.tokens == sum(map(len, pieces))
    assert made.fill == made.tokens / (1024 * made.windows)


def split(row: list[int], sizes: list[int]) -> list[list[int]]:
    ends = np.cumsum([0, *sizes]).tolist()
    return [row[first:last] for first, last in pairwise(ends)]


def test_rows_in_the_order_of_bins_give_the_bins_by_next_fit(tmp_path: Path) -> None:
    texts = [LONG[: 40 * (number % 9 + 1)] for number in range(60)]
    made = packed(tmp_path / "bins", texts, window=128, form="bins")
    packed(tmp_path / "windows", texts, window=128, form="windows")
    filled: list[list[int]] = [[]]
    for length in map(len, rows(tmp_path / "bins")):
        if sum(filled[-1]) + length > 128:
            filled.append([])
        filled[-1].append(length)
    assert filled == column(tmp_path / "windows", "seq_lengths")
    assert len(filled) == made.windows


def test_windows_tell_where_their_documents_begin(tmp_path: Path) -> None:
    made = packed(tmp_path, [*SHORT, LONG], window=64, form="windows")
    assert made.rows == made.windows == len(rows(tmp_path))
    sizes, positions = column(tmp_path, "seq_lengths"), column(tmp_path, "position_ids")
    assert positions == [[place for size in row for place in range(size)] for row in sizes]
    for row, labels, lengths in zip(rows(tmp_path), column(tmp_path, "labels"), sizes, strict=True):
        assert all((piece[0], piece[-1]) == (1, 2) for piece in split(row, lengths))
        assert [piece[0] for piece in split(labels, lengths)] == [MASKED] * len(lengths)
        assert [piece[1:] for piece in split(labels, lengths)] == [piece[1:] for piece in split(row, lengths)]


lengths_of_documents = st.lists(st.integers(1, 130), min_size=1, max_size=40)


def some_pieces(documents: list[int], window: int) -> Pieces:
    """Documents of so many tokens, cut at the window."""
    every = [
        (number, start, min(start + window, length))
        for number, length in enumerate(documents)
        for start in range(0, length, window)
    ]
    return Pieces(*np.array(every, np.int64).T)


def laid_out(parts: Pieces, window: int, seed: int = 0) -> tuple[Ints, list[list[int]]]:
    """The order of the pieces, and their windows."""
    keys = mix((parts.document << 20 | parts.start).astype(np.uint64))
    bins = lay_out(parts, parts.lengths, keys, window, seed)
    return bins.documents, [part.tolist() for part in np.split(bins.documents, bins.offsets[1:-1])]


@given(lengths_of_documents, st.integers(0, 9))
@settings(deadline=None)
def test_the_parts_of_a_document_come_in_their_order_and_no_window_overflows(documents: list[int], seed: int) -> None:
    parts = some_pieces(documents, 50)
    order, windows = laid_out(parts, 50, seed)
    assert sorted(order.tolist()) == list(range(len(parts.document)))
    assert all(sum(parts.lengths[piece] for piece in window) <= 50 for window in windows)
    for _, pieces in groupby(sorted(order.tolist()), key=lambda piece: parts.document[piece]):
        places = [order.tolist().index(piece) for piece in pieces]
        assert places == sorted(places)


@given(lengths_of_documents)
@settings(deadline=None)
def test_the_order_of_arrival_changes_no_window(documents: list[int]) -> None:
    parts = some_pieces(documents, 200)
    moved = Pieces(parts.document[::-1], parts.start[::-1], parts.end[::-1])
    count = len(documents) - 1
    assert laid_out(parts, 200)[1] == [[count - piece for piece in window] for window in laid_out(moved, 200)[1]]


def test_a_document_of_many_windows_has_them_in_a_row() -> None:
    parts = some_pieces([30, 440, *[20] * 60], 50)
    _, windows = laid_out(parts, 50)
    holding = [place for place, window in enumerate(windows) if any(parts.document[piece] == 1 for piece in window)]
    assert holding == list(range(holding[0], holding[0] + 9))


def test_only_what_was_answered_has_a_label(tmp_path: Path) -> None:
    text = "Question: What is a high INR?\nAnswer: 2.5 or more\n\nQuestion: And a low one?\nAnswer: β-blocker; 😀 é"
    answered = [(text.index(part), text.index(part) + len(part)) for part in ("2.5 or more", "β-blocker; 😀 é")]
    made = packed(tmp_path, [text, "All of it."], [answered, ()], learn="answers")
    labels = column(tmp_path, "labels")
    runs = [list(run) for kept, run in groupby(labels[0], lambda label: label != MASKED) if kept]
    assert [TOKENIZER.decode([token for token in run if token != 2]) for run in runs] == [
        "2.5 or more",
        "β-blocker; 😀 é",
    ]
    assert labels[0][-1] == 2
    assert labels[1] == [MASKED, *TOKENIZER.encode("All of it."), 2]
    assert made.learned == sum(label != MASKED for row in labels for label in row)


def test_the_end_of_a_turn_within_a_text_is_learned_with_the_answer(tmp_path: Path) -> None:
    text = f"Q: How much?\nA: 5 mg{EOS_MARK}\nQ: How often?\nA: daily"
    first = (text.index("5 mg"), text.index(EOS_MARK) + 1)
    packed(tmp_path, [text], [[first, (text.index("daily"), len(text))]], learn="answers")
    (labels,) = column(tmp_path, "labels")
    runs = [list(run) for kept, run in groupby(labels, lambda label: label != MASKED) if kept]
    assert [TOKENIZER.decode(run) for run in runs] == [f"5 mg{EOS_MARK}", f"daily{EOS_MARK}"]


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.sampled_from([*WORDS, EOS_MARK, "\u00a0", "\ufb01", "\t", "🫠", "𐌰"]), min_size=1, max_size=12),
    st.data(),
)
def test_the_learned_tokens_are_those_that_stand_for_the_characters(
    tmp_path_factory: pytest.TempPathFactory, words: list[str], data: st.DataObject
) -> None:
    text = "".join(words)
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    folder = tmp_path_factory.mktemp("learned")
    packed(folder, [text], [[(start, end)]], learn="answers")
    found = [label != MASKED for label in column(folder, "labels")[0][1:-1]] if rows(folder) else []
    spans = TOKENIZER.offsets(text)
    # The blank in front of a text stands for no character, and of a character in bytes SentencePiece names the last.
    blank = spans[0] == (0, 0)
    expected = [first < end and max(last, first + 1) > start for first, last in spans]
    assert found[blank:] == expected[blank:] or not any(expected)


def test_a_part_of_which_nothing_is_to_be_learned_is_left_out_and_counted(tmp_path: Path) -> None:
    made = packed(tmp_path, [LONG, SHORT[0]], [[(len(LONG) - 12, len(LONG))], ()], learn="answers", window=64)
    assert (made.rows, made.cut, made.left_out > 5) == (2, 1, True)
    assert rows(tmp_path)[1] == [1, *TOKENIZER.encode(SHORT[0]), 2]


def test_packed_says_what_is_there(tmp_path: Path) -> None:
    made = packed(tmp_path, [*SHORT, LONG], window=64)
    lengths = [len(row) for row in rows(tmp_path)]
    assert (made.tokenizer, made.form, made.window) == ("mistral-7b-v0.1", "documents", 64)
    assert (made.rows, made.tokens, made.longest) == (len(lengths), sum(lengths), max(lengths))
    assert made.windows == -(-sum(lengths) // 64)
    assert made.sha256 == hashlib.sha256((tmp_path / "train.parquet").read_bytes()).hexdigest()


@pytest.mark.parametrize("form", ["documents", "bins", "windows"])
def test_the_same_texts_give_the_same_bytes(tmp_path: Path, form: str) -> None:
    one, two = (packed(tmp_path / name, [*SHORT * 30, LONG], window=256, form=form) for name in ("one", "two"))
    assert one == two
    assert (tmp_path / "one/train.parquet").read_bytes() == (tmp_path / "two/train.parquet").read_bytes()


@pytest.mark.parametrize("form", ["documents", "bins", "windows"])
def test_no_text_gives_no_row(tmp_path: Path, form: str) -> None:
    made = packed(tmp_path, [], form=form)
    assert (made.documents, made.rows, made.tokens, made.longest, made.windows, made.fill) == (0, 0, 0, 0, 0, 1.0)
    assert rows(tmp_path) == []


def test_only_the_documents_that_stay_are_packed(tmp_path: Path) -> None:
    tokens = flat(tmp_path / "tokens", [*SHORT, ""])
    made = pack(tokens, np.array([0, 2, 3]), list("abcd"), tmp_path, TOKENIZER, PackSettings())
    assert rows(tmp_path) == [[1, *TOKENIZER.encode(text), 2] for text in (SHORT[0], SHORT[2])]
    assert (made.documents, made.rows) == (3, 2)


def test_what_is_packed_names_a_tokenizer_file_without_its_folder(tmp_path: Path) -> None:
    at_a_path = copy(TOKENIZER)
    at_a_path.name = "/somewhere/own.model"
    made = pack(flat(tmp_path / "tokens", SHORT), np.arange(3), list("abc"), tmp_path, at_a_path, PackSettings())
    assert made.tokenizer == "own.model"


def test_a_tokenizer_without_bos_and_eos_is_refused(tmp_path: Path) -> None:
    class Bare:
        def __getattr__(self, name: str) -> Any:
            return lambda *_: -1

    with pytest.raises(TokenizerError, match="no BOS or EOS"):
        pack(flat(tmp_path, SHORT), np.arange(3), list("abc"), tmp_path, Tokenizer("bare", Bare()), PackSettings())
