"""Near-duplicates: all that are like enough are found, none that is not, and the better one stays."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthgen.corpus.banding import Banding, choose_banding
from synthgen.corpus.copies import copied
from synthgen.corpus.flat import FlatTokens, Ints, write_flat
from synthgen.corpus.near import NGRAM, NearDuplicates, near_duplicates, precedence
from synthgen.corpus.ngrams import ngram_hashes
from synthgen.corpus.overlap import overlaps
from synthgen.corpus.sketch import Sketching, band_keys, minhash_keys

Document = list[int]


def grams(document: Document, n: int) -> set[tuple[int, ...]]:
    return {tuple(document[place : place + n]) for place in range(len(document) - n + 1)}


def jaccard(one: Document, other: Document, n: int = NGRAM) -> float:
    a, b = grams(one, n), grams(other, n)
    return len(a & b) / len(a | b) if a | b else 0.0


def edited(document: Document, edits: int, rng: np.random.Generator) -> Document:
    changed = list(document)
    for place in rng.choice(len(document), edits, replace=False):
        changed[place] = int(rng.integers(20_000, 30_000))
    return changed


@pytest.fixture(scope="module")
def documents() -> list[Document]:
    """400 documents and, for each fourth, a copy with 0 to 12 edits somewhere behind."""
    rng = np.random.default_rng(5)
    plain = [rng.integers(0, 20_000, int(rng.integers(60, 400))).tolist() for _ in range(400)]
    return plain + [edited(document, int(rng.integers(0, 13)), rng) for document in plain[::4]]


def search(folder: Path, documents: list[Document], order: Ints, threshold: float = 0.8) -> NearDuplicates:
    return near_duplicates(write_flat(folder, documents), order, threshold, processes=1)


def test_the_found_pairs_are_those_of_all_comparisons(tmp_path: Path, documents: list[Document]) -> None:
    found = search(tmp_path, documents, np.arange(len(documents)))
    # Only a document and its copy can be alike, and the copy comes behind.
    alike = {
        100 * 4 + place: 4 * place
        for place in range(100)
        if jaccard(documents[4 * place], documents[400 + place]) >= 0.8
    }
    assert dict(zip(found.dropped.tolist(), found.stays.tolist(), strict=True)) == alike
    assert len(alike) > 30


def test_the_jaccard_reported_is_exact(tmp_path: Path, documents: list[Document]) -> None:
    found = search(tmp_path, documents, np.arange(len(documents)))
    for dropped, stays, similar in zip(found.dropped, found.stays, found.jaccard, strict=True):
        assert similar == pytest.approx(jaccard(documents[dropped], documents[stays]), abs=1e-12)


def test_the_better_score_stays_then_the_lower_id(tmp_path: Path) -> None:
    document = list(range(50))
    order = precedence([0.5, 0.9, 0.9, 0.1], ["a", "c", "b", "d"])
    assert order.tolist() == [2, 1, 0, 3]
    found = search(tmp_path, [document] * 4, order)
    assert (sorted(found.dropped.tolist()), set(found.stays.tolist())) == ([0, 1, 3], {2})


def test_the_order_of_the_documents_decides_nothing(tmp_path: Path, documents: list[Document]) -> None:
    ids = [f"id{number:03}" for number in range(len(documents))]
    scores = np.random.default_rng(1).integers(0, 3, len(ids)).tolist()

    def named(order: Ints) -> set[tuple[str, str]]:
        (tmp_path / str(order[0])).mkdir()
        those = [ids[place] for place in order]
        first = precedence([scores[place] for place in order], those)
        found = search(tmp_path / str(order[0]), [documents[place] for place in order], first)
        return {(those[a], those[b]) for a, b in zip(found.dropped, found.stays, strict=True)}

    assert named(np.arange(len(ids))) == named(np.random.default_rng(2).permutation(len(ids)))


def test_no_chain_of_likenesses_carries_a_document_away(tmp_path: Path) -> None:
    first = list(range(200))
    second = [*range(20, 200), *range(1000, 1020)]
    third = [*range(40, 200), *range(1000, 1040)]
    assert min(jaccard(first, second), jaccard(second, third)) >= 0.8 > jaccard(first, third)
    found = search(tmp_path, [first, second, third], np.arange(3))
    assert (found.dropped.tolist(), found.stays.tolist()) == ([1], [0])


def test_a_thousand_alike_leave_one(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    document = rng.integers(0, 20_000, 300).tolist()
    found = search(tmp_path, [edited(document, 1, rng) for _ in range(1000)], np.arange(1000))
    assert found.dropped.tolist() == list(range(1, 1000))
    assert set(found.stays.tolist()) == {0}
    assert found.compared < 100_000  # of 499,500


def test_only_documents_of_one_group_are_compared_where_groups_are_given(tmp_path: Path) -> None:
    tokens = write_flat(tmp_path, [list(range(40))] * 4)
    found = near_duplicates(tokens, np.arange(4), 0.8, groups=np.array([7, 8, 7, 8]), processes=1)
    assert (found.dropped.tolist(), found.stays.tolist()) == ([2, 3], [0, 1])


def test_documents_without_an_ngram_are_left_alone(tmp_path: Path) -> None:
    found = search(tmp_path, [[1, 2], [1, 2], [], []], np.arange(4))
    assert (found.dropped.tolist(), found.compared) == ([], 0)
    assert search(tmp_path, [], np.arange(0)).dropped.tolist() == []


@pytest.mark.parametrize("processes", [1, 2])
def test_keys_are_the_same_for_any_number_of_processes(
    tmp_path: Path, documents: list[Document], processes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens, sketching = write_flat(tmp_path, documents), Sketching(NGRAM, Banding(4, 3))
    whole, _ = band_keys(tokens, sketching, processes=1)
    monkeypatch.setattr("synthgen.corpus.sketch.TASK_TOKENS", 1000)
    monkeypatch.setattr("synthgen.corpus.sketch.CACHED", 200)
    assert np.array_equal(band_keys(tokens, sketching, processes=processes)[0], whole)


def test_bands_agree_as_often_as_the_jaccard_says() -> None:
    rng = np.random.default_rng(9)
    agreed = []
    for _ in range(300):
        values = rng.integers(0, 2**63, 150).astype(np.uint64)
        # 100 of 150 in both, so a Jaccard similarity of 2/3.
        both = np.concatenate([values[:125], values[:100], values[125:]])
        keys = minhash_keys(both, np.array([0, 125]), Banding(64, 1))
        agreed.append((keys[:, 0] == keys[:, 1]).mean())
    assert np.mean(agreed) == pytest.approx(2 / 3, abs=0.02)


def test_the_sketch_finds_what_datasketch_finds(tmp_path: Path, documents: list[Document]) -> None:
    import datasketch

    banding = choose_banding(0.8)
    index = datasketch.MinHashLSH(num_perm=banding.hashes, params=(banding.bands, banding.rows))
    theirs = set()
    for number, document in enumerate(documents):
        sketch = datasketch.MinHash(num_perm=banding.hashes)
        sketch.update_batch([repr(gram).encode() for gram in grams(document, NGRAM)])
        theirs |= {(int(other), number) for other in index.query(sketch)}
        index.insert(str(number), sketch)
    found = search(tmp_path, documents, np.arange(len(documents)))
    ours = {(a, b) for a, b in zip(found.stays.tolist(), found.dropped.tolist(), strict=True)}
    true = {(a, b) for a, b in theirs if jaccard(documents[a], documents[b]) >= 0.8}
    assert len(true - ours) <= 1
    assert all(jaccard(documents[a], documents[b]) >= 0.8 for a, b in ours)


@given(st.lists(st.lists(st.integers(0, 3), max_size=12), min_size=1, max_size=6), st.integers(1, 4))
@settings(deadline=None)
def test_ngrams_keep_to_their_documents(documents: list[Document], n: int) -> None:
    flat = np.array([token for document in documents for token in document], np.uint16)
    hashes, offsets = ngram_hashes(flat, np.cumsum([0, *map(len, documents)]), n)
    known: dict[int, tuple[int, ...]] = {}
    for document, start, end in zip(documents, offsets[:-1], offsets[1:], strict=True):
        expected = [tuple(document[place : place + n]) for place in range(len(document) - n + 1)]
        assert [
            known.setdefault(value, gram) for value, gram in zip(hashes[start:end].tolist(), expected, strict=True)
        ] == expected
    assert len(set(known.values())) == len(known)


def test_overlaps_are_those_of_the_sets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(4)
    documents = [rng.integers(0, 6, int(rng.integers(0, 40))).tolist() for _ in range(30)]
    tokens = write_flat(tmp_path, documents)
    pairs = rng.integers(0, 30, (200, 2))
    monkeypatch.setattr("synthgen.corpus.overlap.TASK_TOKENS", 300)
    for processes in (1, 2):
        found = overlaps(tokens, tokens, pairs, 3, processes=processes)
        sets = [(grams(documents[a], 3), grams(documents[b], 3)) for a, b in pairs]
        assert found.shared.tolist() == [len(a & b) for a, b in sets]
        assert (found.left.tolist(), found.right.tolist()) == ([len(a) for a, _ in sets], [len(b) for _, b in sets])


def test_a_copy_of_the_extract_is_told_from_a_text_of_its_own(tmp_path: Path) -> None:
    def flat(name: str, documents: list[Document]) -> FlatTokens:
        (tmp_path / name).mkdir()
        return write_flat(tmp_path / name, documents)

    extract = list(range(100))
    records = flat("records", [extract[10:60], list(range(500, 600)), [*extract[:54], *range(900, 953)], [1]])
    shares = copied(records, flat("extracts", [list(range(700)), extract]), np.array([1, 1, 1, 0]), processes=1)
    assert shares.tolist() == pytest.approx([1.0, 0.0, 0.47, 0.0])


@pytest.mark.parametrize("threshold", [0.5, 0.6, 0.7, 0.8, 0.9, 0.95])
def test_the_banding_finds_nearly_all_pairs_at_the_threshold(threshold: float) -> None:
    banding = choose_banding(threshold)
    assert banding.recall(threshold) >= 0.99
    assert banding.hashes <= 128
    assert banding.recall(threshold - 0.2) < banding.recall(threshold - 0.1) < banding.recall(threshold)


def test_the_curve_is_the_known_one() -> None:
    assert Banding(14, 8).recall(0.8) == pytest.approx(0.924, abs=1e-3)
    assert Banding(16, 8).recall(0.8) == pytest.approx(0.947, abs=1e-3)
    assert Banding(8, 16).recall(0.8) == pytest.approx(0.20, abs=0.01)
    assert (choose_banding(0.8).recall(1.0), choose_banding(0.8)) == (1.0, Banding(16, 6))


def test_a_low_threshold_takes_what_the_hashes_give() -> None:
    assert choose_banding(0.01) == Banding(128, 1)
