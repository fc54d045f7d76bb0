"""Evaluation sets are recognised by hashes alone, in which no text can be read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from synthgen.corpus.benchmark_items import BenchmarkItem, read_benchmarks
from synthgen.corpus.contamination import Contamination, Hit, contamination
from synthgen.corpus.flat import FlatTokens, write_flat
from synthgen.corpus.hashed import HashedSet, hash_items, hashed_sets, one_way, read_hashed, write_hashed
from synthgen.corpus.patterns import LONGEST, sequences
from synthgen.corpus.words import word_reader
from synthgen.errors import StorageError
from synthgen.tokens import load_tokenizer

NAME = "mistral-7b-v0.1"
LONG = BenchmarkItem(
    "ward",
    "a",
    "A lighthouse keeper of 61 years notices that his left hand trembles whenever he winds the brass clock before "
    "breakfast, and that the trembling stops at once when he reaches for his cup. What explains the tremor best?",
    ("Loss of dopamine neurons", "Too much thyroid hormone", "Cerebellar stroke", "Cold"),
    "Loss of dopamine neurons",
)
SHORT = BenchmarkItem(
    "ward",
    "b",
    "Which nerve lifts the eyelid?",
    ("Oculomotor nerve", "Optic nerve", "Facial nerve"),
    "Oculomotor nerve",
)
TERSE = BenchmarkItem("ward", "c", "Brass clocks:", ("Are wound by keepers", "Never stop", "Tremble"), "Never stop")
PROSE = "The clinic opens at eight. Patients are asked to bring their list of medicines and a recent letter. "


def flat(folder: Path, texts: Sequence[str]) -> FlatTokens:
    folder.mkdir()
    return write_flat(folder, load_tokenizer(NAME).encode_batch(list(texts)))


@pytest.fixture(scope="module")
def ward() -> HashedSet:
    return hash_items([LONG, SHORT, TERSE], source="a test", licence="CC0-1.0", tokenizer=NAME)


def look(
    folder: Path,
    texts: Sequence[str],
    hashed: Sequence[HashedSet],
    items: Sequence[BenchmarkItem] = (),
    sources: Sequence[str] = (PROSE,),
) -> Contamination:
    tokens, known = flat(folder / "set", texts), flat(folder / "sources", sources)
    return contamination(tokens, items, NAME, sources=known, hashed=hashed, processes=1)


def only(found: Contamination) -> Hit:
    assert len({(hit.document, hit.item) for hit in found.hits}) == 1, found.hits
    return max(found.hits, key=lambda hit: (hit.contaminated, hit.words))


def test_a_question_is_found_with_its_row_and_span(tmp_path: Path, ward: HashedSet) -> None:
    text = PROSE + LONG.question.upper() + " " + PROSE
    hit = only(look(tmp_path, [PROSE, text], [ward]))
    assert (hit.document, hit.benchmark, hit.item, hit.part, hit.match) == (1, "ward", "1", "question", "exact")
    assert (hit.score, hit.answer) == (1.0, False)
    tokenizer = load_tokenizer(NAME)
    matched = tokenizer.decode(tokenizer.encode(text)[hit.start : hit.end])
    assert matched in LONG.question.upper()
    assert len(matched.split()) == hit.words >= 13


def test_any_twelve_words_in_a_row_are_met(tmp_path: Path, ward: HashedSet) -> None:
    words = LONG.question.split()
    rows = [" ".join(words[start : start + 12]) for start in range(len(words) - 11)]
    found = look(tmp_path, [f"{PROSE} {row} {PROSE}" for row in rows], [ward])
    assert {hit.document for hit in found.hits} == set(range(len(rows)))


def test_a_short_question_is_found_where_it_stands_alone(tmp_path: Path, ward: HashedSet) -> None:
    asked = PROSE + "\nQ: which nerve lifts the eyelid?\n" + PROSE
    within = PROSE + "They asked which nerve lifts the eyelid when a patient looks up."
    hit = only(look(tmp_path, [within, asked], [ward]))
    assert (hit.document, hit.item, hit.match) == (1, "2", "exact")


def test_a_question_too_short_to_stand_alone_is_found_with_its_answer(tmp_path: Path, ward: HashedSet) -> None:
    hit = only(look(tmp_path, ["Brass clocks: an overview.", "Brass clocks:\nB. Never stop\n"], [ward]))
    assert (hit.document, hit.item, hit.part, hit.answer, hit.match) == (1, "3", "question", True, "exact")


def test_options_count_with_something_of_their_question(tmp_path: Path, ward: HashedSet) -> None:
    options = "\n".join(f"{letter}. {option}" for letter, option in zip("ABCD", LONG.options, strict=True))
    edited = LONG.question.replace("61 years", "65").replace("left hand", "arm").replace("brass", "old")
    found = look(tmp_path, [options, f"{edited}\n{options}"], [ward])
    assert {(hit.document, hit.part): hit.contaminated for hit in found.hits if hit.part == "options"} == {
        (0, "options"): False,
        (1, "options"): True,
    }


def test_a_phrase_of_many_sources_is_no_hit(tmp_path: Path, ward: HashedSet) -> None:
    row = " ".join(LONG.question.split()[:12])
    found = look(tmp_path, [PROSE + row], [ward], sources=[f"{row} {word}" for word in ("one", "two", "three")])
    assert found.hits == []
    assert [phrase.sources for phrase in found.stock] == [3] * len(found.stock)
    assert found.stock


def test_a_set_whose_text_is_given_is_not_reported_twice(tmp_path: Path, ward: HashedSet) -> None:
    found = look(tmp_path, [PROSE + LONG.question], [ward], items=[LONG])
    assert [hit.item for hit in found.hits] == ["a"]


def test_phrases_that_several_items_have_are_left_out() -> None:
    ending = "which of the following would be the most likely finding of all"
    items = [BenchmarkItem("many", str(n), f"Case {n} holds {n} apples in all {n} bags, {ending}?") for n in range(5)]
    made = hash_items(items, source="a test", licence="CC0-1.0", tokenizer=NAME)
    words = word_reader(load_tokenizer(NAME)).of_texts([ending]).hashes
    assert not set(one_way(sequences(words)).tolist()) & set(made.hashes.tolist())


def test_a_file_is_read_as_it_was_written(tmp_path: Path, ward: HashedSet) -> None:
    write_hashed(tmp_path / "ward.hashes", ward)
    (read,) = hashed_sets([tmp_path / "ward.hashes"], built_in=False)
    assert read.about == ward.about
    assert read.digest == ward.digest
    assert (read.about.licence, read.about.source, read.about.items) == ("CC0-1.0", "a test", 3)


@pytest.mark.parametrize("damage", [b"", b"{}\n", b"cut"])
def test_a_damaged_file_is_an_error_that_names_it(tmp_path: Path, ward: HashedSet, damage: bytes) -> None:
    path = tmp_path / "ward.hashes"
    write_hashed(path, ward)
    path.write_bytes(path.read_bytes()[:-1] if damage == b"cut" else damage)
    with pytest.raises(StorageError, match=r"ward\.hashes"):
        read_hashed(path)


def test_no_word_and_no_next_word_can_be_told_from_a_file(ward: HashedSet) -> None:
    """No hash is that of a single word or option, and of a text's sequences so few are kept that none leads on."""
    words = word_reader(load_tokenizer(NAME)).of_texts([LONG.question]).hashes
    known = set(ward.hashes.tolist())
    plain = [*words.tolist(), *sequences(words).tolist()]
    assert not known & {*plain, *one_way(np.array(plain[: len(words)], np.uint64)).tolist()}
    options = word_reader(load_tokenizer(NAME)).of_texts(list(LONG.options))
    for first, last in zip(options.offsets[:-1], options.offsets[1:], strict=True):
        assert not known & set(one_way(sequences(options.hashes[first:last])).tolist())
    kept = [value in known for value in one_way(sequences(words)).tolist()]
    assert 0 < sum(kept) <= len(kept) / 2
    hashes = ward.hashes[ward.first[0] : ward.first[1]]
    assert hashes.tolist() == sorted(hashes.tolist())


def test_the_sets_that_come_along_say_what_they_are() -> None:
    found = hashed_sets()
    assert sum(one.about.items for one in found) == 7045
    assert {one.about.licence for one in found} == {"MIT"}
    assert all(one.about.source for one in found)
    assert all(one.words[text] >= 3 for one in found for text in range(one.about.texts))


def test_real_items_are_recognised_and_real_prose_is_clean(shared_data: Path, tmp_path: Path) -> None:
    items = read_benchmarks([shared_data / "benchmarks"])
    rows: dict[str, int] = {}
    numbers = [rows.setdefault(item.benchmark, 0) or 0 for item in items]
    for number, item in enumerate(items):
        rows[item.benchmark] += 1
        numbers[number] = rows[item.benchmark]
    planted = [(item, row) for item, row in zip(items, numbers, strict=True) if len(item.question.split()) > 7][::100]
    prose = [path.read_text("utf-8") for path in sorted((shared_data / "guidelines" / "markdown").glob("*.md"))]
    found = look(tmp_path, [*prose, *(f"{PROSE}\n\n{item.question}" for item, _ in planted)], hashed_sets())
    hits = {(hit.document, hit.benchmark, hit.item) for hit in found.hits if hit.contaminated}
    expected = {(len(prose) + number, item.benchmark, str(row)) for number, (item, row) in enumerate(planted)}
    assert len(expected) > 50
    assert expected <= hits
    assert min(document for document, _, _ in hits) == len(prose)


def test_sequences_are_those_of_eight_words_or_the_whole() -> None:
    words = np.arange(1, 11, dtype=np.uint64)
    assert len(sequences(words)) == len(words) - LONGEST + 1
    assert len(sequences(words[:3])) == 1
