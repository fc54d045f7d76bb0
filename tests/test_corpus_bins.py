"""Windows are filled as best-fit decreasing fills them, no token is lost, and the order of arrival decides nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthgen.corpus.bins import Bins, fill_bins
from synthgen.corpus.flat import write_flat
from synthgen.corpus.pieces import pieces
from synthgen.errors import UsageError
from synthgen.tokens import load_tokenizer


def fill(lengths: list[int], window: int, seed: int = 0) -> Bins:
    return fill_bins(np.array(lengths, np.int64), np.arange(len(lengths), dtype=np.uint64), window, seed)


def contents(bins: Bins) -> list[list[int]]:
    return [part.tolist() for part in np.split(bins.documents, bins.offsets[1:-1])] if len(bins) else []


def best_fit_decreasing(lengths: list[int], window: int) -> list[int]:
    """The room left in each bin, one document at a time."""
    rooms: list[int] = []
    for length in sorted(lengths, reverse=True):
        fitting = [(room, place) for place, room in enumerate(rooms) if room >= length]
        if fitting:
            rooms[min(fitting)[1]] -= length
        else:
            rooms.append(window - length)
    return rooms


@given(st.integers(1, 60).flatmap(lambda w: st.tuples(st.just(w), st.lists(st.integers(1, w), max_size=120))))
@settings(deadline=None)
def test_bins_are_those_of_best_fit_decreasing(case: tuple[int, list[int]]) -> None:
    window, lengths = case
    found = [window - sum(lengths[place] for place in bin_) for bin_ in contents(fill(lengths, window))]
    assert sorted(found) == sorted(best_fit_decreasing(lengths, window))


@given(st.lists(st.integers(1, 50), max_size=100), st.integers(0, 2**32))
@settings(deadline=None)
def test_every_document_is_in_exactly_one_bin_that_holds_it(lengths: list[int], seed: int) -> None:
    bins = fill(lengths, 50, seed)
    assert sorted(bins.documents.tolist()) == list(range(len(lengths)))
    assert all(0 < sum(lengths[place] for place in bin_) <= 50 for bin_ in contents(bins))
    assert bins.tokens == sum(lengths)
    assert bins.fill == (sum(lengths) / (50 * len(bins)) if lengths else 1.0)


@given(st.lists(st.integers(1, 50), min_size=1, max_size=100))
@settings(deadline=None)
def test_the_order_of_arrival_changes_nothing(lengths: list[int]) -> None:
    keys = np.arange(len(lengths), dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    order = np.random.default_rng(len(lengths)).permutation(len(lengths))
    bins = fill_bins(np.array(lengths), keys, 50, 7)
    moved = fill_bins(np.array(lengths)[order], keys[order], 50, 7)
    assert order[moved.documents].tolist() == bins.documents.tolist()
    assert moved.offsets.tolist() == bins.offsets.tolist()


def test_the_seed_shuffles_the_bins_and_nothing_else() -> None:
    lengths = np.random.default_rng(3).integers(1, 65, 500).tolist()
    one, same, other = contents(fill(lengths, 64, 1)), contents(fill(lengths, 64, 1)), contents(fill(lengths, 64, 2))
    assert one == same != other
    assert sorted(one) == sorted(other)
    assert sorted(one) != one


def test_real_lengths_fill_the_windows() -> None:
    lengths = np.clip(np.random.default_rng(0).lognormal(5.8, 0.6, 100_000), 20, 4096).astype(np.int64)
    bins = fill_bins(lengths, np.arange(len(lengths), dtype=np.uint64), 4096, 0)
    assert bins.fill > 0.999


@pytest.mark.parametrize("length", [0, 65])
def test_a_length_out_of_range_is_an_error(length: int) -> None:
    with pytest.raises(UsageError, match="do not fit windows of 64"):
        fill([3, length], 64)


def test_only_documents_longer_than_the_limit_are_cut_and_no_token_is_lost(tmp_path: Path) -> None:
    tokenizer = load_tokenizer("mistral-7b-v0.1")
    long = " ".join(f"Patient {number} was given {number}.5 mg of drug X twice a day." for number in range(30))
    documents = [tokenizer.encode(text) for text in ("Give 5 mg/kg.", "", long, "Short again.")]
    tokens = write_flat(tmp_path, documents)
    found = pieces(tokens, np.arange(4), tokenizer, 62)
    rows = [documents[d][a:b] for d, a, b in zip(found.document, found.start, found.end, strict=True)]
    assert [token for row in rows for token in row] == [token for document in documents for token in document]
    assert rows[0] == documents[0]
    assert rows[-1] == documents[3]
    assert len(rows) > 4
    assert found.lengths.max() <= 62
    assert all(tokenizer.decode(row).rstrip().endswith(".") for row in rows)
