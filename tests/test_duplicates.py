"""Duplicates, exact and near: the better one stays, and each that is dropped names one that is not."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthgen.corpus.duplicates import KINDS, Duplicates, exact_duplicates, find_duplicates, fingerprint, joined
from synthgen.corpus.flat import Hashes, Ints, write_flat
from synthgen.corpus.semantic import SemanticDuplicates

WORDS = st.sampled_from(
    ["Metformin", "metformin", "METFORMIN", " ", "\n", "500 mg", "500  mg", "é", "e\u0301", ".", ""]
)


def prints(*texts: str) -> Hashes:
    return np.frombuffer(b"".join(map(fingerprint, texts)), "<u8").reshape(-1, 2)


def dropped(*texts: str, order: list[int] | None = None) -> dict[int, int]:
    """Each dropped text with the one that stays."""
    numbers: Ints = np.array(order if order is not None else range(len(texts)), np.int64)
    found, stays = exact_duplicates(prints(*texts), numbers)
    return dict(zip(found.tolist(), stays.tolist(), strict=True))


def test_the_first_in_precedence_stays_and_the_others_name_it() -> None:
    assert dropped("a", "b", "a", "b", "a") == {2: 0, 3: 1, 4: 0}
    assert dropped("a", "b", "a", "b", "a", order=[4, 3, 2, 1, 0]) == {0: 4, 1: 3, 2: 4}
    assert dropped() == dropped("a") == {}


@pytest.mark.parametrize(
    "other", ["give 5 MG daily.", "Give  5 mg\ndaily. ", "Give\u00a05 mg daily.", "\tGive 5 mg daily."]
)
def test_case_and_white_space_make_no_difference(other: str) -> None:
    assert dropped("Give 5 mg daily.", other) == {1: 0}


def test_composed_and_decomposed_letters_are_the_same() -> None:
    assert dropped("Ménière", "Me\u0301nie\u0300re", "MÉNIÈRE") == {1: 0, 2: 0}


@pytest.mark.parametrize("other", ["INR > 2", "INR ≥ 2", "INR < 2.0", "INR <2", "INR 2"])
def test_punctuation_and_signs_make_a_difference(other: str) -> None:
    assert dropped("INR < 2", other) == {}


def test_text_with_a_lone_surrogate_has_a_fingerprint() -> None:
    assert fingerprint("dose \ud800") != fingerprint("dose ?")


@given(st.lists(st.lists(WORDS, max_size=4).map("".join), max_size=12), st.randoms())
def test_what_stays_is_not_dropped_and_no_text_is_lost(texts: list[str], chance: random.Random) -> None:
    found = dropped(*texts, order=chance.sample(range(len(texts)), len(texts)))
    left = [text for number, text in enumerate(texts) if number not in found]
    assert not set(found.values()) & set(found)
    assert {fingerprint(text) for text in left} == {fingerprint(text) for text in texts}
    assert len(left) == len({fingerprint(text) for text in texts})


@pytest.fixture
def chain(tmp_path: Path) -> tuple[list[list[int]], Path]:
    """Documents 0 and 1 are the same, 2 is nearly as they are, and 3 is something else."""
    base = list(range(200))
    return [base, base, [*base[:-1], 900], list(range(300, 500))], tmp_path


def found_in(chain: tuple[list[list[int]], Path], order: list[int], apart: list[int], near: float = 0.8) -> Duplicates:
    documents, folder = chain
    flags = np.zeros(len(documents), np.bool_)
    flags[apart] = True
    return find_duplicates(
        write_flat(folder, documents),
        prints("a", "a", "b", "c"),
        np.array(order, np.int64),
        flags,
        exact=True,
        near=near,
        processes=1,
    )


def test_one_that_stays_for_its_equal_is_named_no_more_where_it_is_dropped_for_a_near_one(
    chain: tuple[list[list[int]], Path],
) -> None:
    found = found_in(chain, [2, 0, 1, 3], [])
    assert (found.dropped.tolist(), found.stays.tolist()) == ([0, 1], [2, 2])
    assert found.kind.tolist() == [1, 1]
    assert found.likeness[0] == found.likeness[1] == pytest.approx(195 / 197)


def test_exact_and_near_are_told_apart(chain: tuple[list[list[int]], Path]) -> None:
    found = found_in(chain, [0, 1, 2, 3], [])
    assert (found.dropped.tolist(), found.stays.tolist()) == ([1, 2], [0, 0])
    assert found.kind.tolist() == [0, 1]
    assert found_in(chain, [0, 1, 2, 3], [], near=0).dropped.tolist() == [1]


def test_what_is_apart_is_neither_dropped_nor_a_reason_to_drop(chain: tuple[list[list[int]], Path]) -> None:
    found = found_in(chain, [1, 2, 3, 0], [0])
    assert (found.dropped.tolist(), found.stays.tolist()) == ([2], [1])
    assert found_in(chain, [3, 0, 1, 2], [0, 1, 2]).dropped.tolist() == []


def test_semantic_ones_join_the_others_and_take_over_for_those_they_drop(
    chain: tuple[list[list[int]], Path],
) -> None:
    found = found_in(chain, [0, 1, 2, 3], [])
    more = SemanticDuplicates(np.array([0]), np.array([3]), np.array([0.97]))
    whole = joined(found, more)
    assert (whole.dropped.tolist(), whole.stays.tolist()) == ([0, 1, 2], [3, 3, 3])
    assert [KINDS[kind] for kind in whole.kind] == ["semantic_duplicate", "duplicate", "near_duplicate"]
    assert whole.likeness[0] == 0.97


def test_what_was_found_is_read_back(chain: tuple[list[list[int]], Path], tmp_path: Path) -> None:
    found = found_in(chain, [0, 1, 2, 3], [])
    found.save(tmp_path / "found.npz")
    again = Duplicates.load(tmp_path / "found.npz")
    assert (again.dropped == found.dropped).all()
    assert (again.likeness == found.likeness).all()
    assert (again.compared, again.recall) == (found.compared, found.recall)
