"""Evaluation items are found in every form that is still the item; common phrases are not taken for them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from synthgen.corpus.benchmark_items import BenchmarkItem, read_benchmarks
from synthgen.corpus.contamination import Contamination, Hit, contamination
from synthgen.corpus.flat import FlatTokens, write_flat
from synthgen.corpus.patterns import Found, Patterns
from synthgen.corpus.words import WordReader
from synthgen.errors import UsageError
from synthgen.tokens import Tokenizer, load_tokenizer

NAME = "mistral-7b-v0.1"
LONG = BenchmarkItem(
    "ward",
    "long",
    "A lighthouse keeper of 61 years notices that his left hand trembles whenever he winds the brass clock before "
    "breakfast, and that the trembling stops at once when he reaches for his cup. What explains the tremor best?",
    ("Loss of dopamine neurons", "Too much thyroid hormone", "Cerebellar stroke", "Cold"),
    "Loss of dopamine neurons",
)
SHORT = BenchmarkItem(
    "ward",
    "short",
    "Which nerve lifts the eyelid?",
    ("Oculomotor nerve", "Trigeminal nerve", "Optic nerve", "Facial nerve"),
    "Oculomotor nerve",
)
PROSE = "The clinic opens at eight. Patients are asked to bring their list of medicines and a recent letter. "


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return load_tokenizer(NAME)


def flat(folder: Path, texts: Sequence[str]) -> FlatTokens:
    folder.mkdir()
    return write_flat(folder, load_tokenizer(NAME).encode_batch(list(texts)))


def look(
    folder: Path,
    texts: Sequence[str],
    items: Sequence[BenchmarkItem] = (LONG, SHORT),
    sources: Sequence[str] = (PROSE,),
) -> Contamination:
    tokens, known = flat(folder / "set", texts), flat(folder / "sources", sources)
    return contamination(tokens, items, NAME, sources=known, processes=1)


def only(found: Contamination) -> Hit:
    assert len({(hit.document, hit.item) for hit in found.hits}) == 1, found.hits
    return max(found.hits, key=lambda hit: (hit.contaminated, hit.part == "question", hit.words))


def matched(hit: Hit, text: str) -> str:
    tokenizer = load_tokenizer(NAME)
    return tokenizer.decode(tokenizer.encode(text)[hit.start : hit.end])


def test_a_question_word_for_word_names_benchmark_item_and_span(tmp_path: Path) -> None:
    text = PROSE + LONG.question + " " + PROSE
    hit = only(look(tmp_path, [PROSE, text]))
    assert (hit.document, hit.benchmark, hit.item, hit.part, hit.match) == (1, "ward", "long", "question", "exact")
    assert matched(hit, text) == LONG.question.rstrip("?")
    assert (hit.score, hit.answer) == (1.0, False)


def test_question_and_answer_are_told_apart(tmp_path: Path) -> None:
    text = f"{LONG.question}\nIt is the loss of dopamine neurons."
    assert only(look(tmp_path, [text])).answer


@pytest.mark.parametrize(
    "change",
    [str.upper, lambda text: text.replace(" ", "\n"), lambda text: text.replace(",", " -").replace(".", " ;")],
    ids=["case", "white space", "punctuation"],
)
def test_case_blanks_and_punctuation_hide_nothing(tmp_path: Path, change: Any) -> None:
    assert only(look(tmp_path, [PROSE + change(LONG.question)])).match == "exact"


def test_a_question_edited_all_over_but_for_eight_words_is_found(tmp_path: Path) -> None:
    words = LONG.question.split()
    edited = [word if 8 <= place < 16 or place % 4 else "some" for place, word in enumerate(words)]
    hit = only(look(tmp_path, [" ".join(edited)]))
    assert (hit.match, hit.contaminated) == ("edited", True)
    assert hit.words < 13
    assert 0.5 <= hit.score < 1


def test_eight_words_alone_are_reported_but_are_no_copy(tmp_path: Path) -> None:
    hit = only(look(tmp_path, [PROSE + "He winds the brass clock before breakfast, and that is all. " + PROSE]))
    assert (hit.match, hit.contaminated) == ("phrase", False)
    assert hit.score < 0.5


def test_seven_words_are_not_met(tmp_path: Path) -> None:
    assert look(tmp_path, ["He winds the brass clock before breakfast every day."]).hits == []


def test_a_short_question_that_stands_alone_is_found(tmp_path: Path) -> None:
    assert only(look(tmp_path, [PROSE + "\n\nQ: which nerve lifts the eyelid?\nNobody knows."])).match == "exact"


def test_a_short_question_within_a_sentence_counts_with_its_options(tmp_path: Path) -> None:
    alone = "They asked which nerve lifts the eyelid when a patient looks up. " + PROSE
    given = alone + "It may be the facial nerve or the optic nerve."
    assert only(look(tmp_path, [alone])).match == "phrase"
    (tmp_path / "given").mkdir()
    assert only(look(tmp_path / "given", [given])).match == "exact"


@pytest.mark.parametrize("between", ["\n", " ", "\nB. "])
def test_a_question_too_short_to_stand_alone_is_found_with_its_answer(tmp_path: Path, between: str) -> None:
    item = BenchmarkItem("b", "terse", "Brass clocks:", ("Are wound by keepers", "Never stop", "Sing"), "Never stop")
    hit = only(look(tmp_path, ["Brass clocks: an overview.\n", f"- Brass clocks:{between}never stop.\n"], [item]))
    assert (hit.document, hit.part, hit.match, hit.answer) == (1, "question", "exact", True)


def test_a_long_name_in_common_is_no_copy(tmp_path: Path) -> None:
    name = "the International Society of Lighthouse Keepers and Brass Clock Winders"
    item = BenchmarkItem("b", "1", f"Do tremors in the left hand meet the criteria proposed by {name} for early rest?")
    hit = only(look(tmp_path, [PROSE + f"The letter was signed by {name}, which met in May. " + PROSE], [item, SHORT]))
    assert (hit.match, hit.words >= 11) == ("phrase", True)
    edited = f"Do shakes in his left hand satisfy the criteria that {name} has proposed, for an early rest?"
    (tmp_path / "edited").mkdir()
    assert only(look(tmp_path / "edited", [edited], [item, SHORT])).match == "edited"


def test_a_case_that_many_items_ask_about_is_no_stock_phrase(tmp_path: Path) -> None:
    items = [BenchmarkItem("case", str(n), f"{LONG.question} Question {n} of this case?") for n in range(6)]
    hit = only(look(tmp_path, ["He winds the brass clock before breakfast and his hand trembles."], items[:1]))
    assert hit.words == 8 - 1 + 1
    (tmp_path / "all").mkdir()
    found = look(tmp_path / "all", [LONG.question], items)
    assert {hit.item for hit in found.hits if hit.contaminated} == {item.item for item in items}
    assert found.stock == []


def test_shuffled_options_with_the_question_in_other_words_are_found(tmp_path: Path) -> None:
    text = "The eyelid is lifted by which nerve?\n- Facial nerve\n- Optic nerve\n- Oculomotor nerve\n- Trigeminal nerve"
    hit = only(look(tmp_path, [text]))
    assert (hit.part, hit.match) == ("option", "edited")
    assert hit.score > 0.5


def test_options_that_belong_to_a_subject_are_no_copy(tmp_path: Path) -> None:
    text = "The optic nerve sees; the oculomotor nerve, the trigeminal nerve and the facial nerve move or feel."
    assert not only(look(tmp_path, [text])).contaminated


def test_a_phrase_of_many_sources_is_reported_as_such(tmp_path: Path) -> None:
    stock = "he winds the brass clock before breakfast and that"
    found = look(tmp_path, [PROSE + stock], sources=[f"{stock} {word}" for word in ("one", "two", "three")])
    assert found.hits == []
    assert {(phrase.documents, phrase.sources, phrase.example) for phrase in found.stock} == {(1, 3, 0)}
    assert matched_stock(found, PROSE + stock) == {
        "he winds the brass clock before breakfast and",
        "winds the brass clock before breakfast and that",
    }


def matched_stock(found: Contamination, text: str) -> set[str]:
    tokenizer = load_tokenizer(NAME)
    ids = tokenizer.encode(text)
    return {tokenizer.decode(ids[phrase.start : phrase.end]) for phrase in found.stock}


def test_a_phrase_of_many_items_is_reported_as_such(tmp_path: Path) -> None:
    ending = "which of the following would be the most likely finding"
    items = [BenchmarkItem("many", str(n), f"Case {n} holds {n} apples in all {n} bags, {ending}?") for n in range(5)]
    found = look(tmp_path, [f"Look now {ending}."], items)
    assert found.hits == []
    assert [phrase.items for phrase in found.stock] == [5, 5, 5]


def test_questions_too_short_to_look_for_are_counted(tmp_path: Path) -> None:
    assert look(tmp_path, [PROSE], [BenchmarkItem("b", "1", "SI unit?"), LONG]).short == 1


def test_the_result_is_the_same_for_any_number_of_processes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [PROSE * n + (LONG.question if n % 3 == 0 else SHORT.question) for n in range(12)]
    tokens, sources = flat(tmp_path / "set", texts), flat(tmp_path / "sources", [PROSE])
    monkeypatch.setattr("synthgen.corpus.contamination.TASK_TOKENS", 100)
    one, two = (contamination(tokens, [LONG, SHORT], NAME, sources=sources, processes=number) for number in (1, 2))
    assert one == two
    assert [hit.document for hit in one.hits] == sorted(hit.document for hit in one.hits)
    assert {hit.document for hit in one.hits if hit.contaminated} == set(range(12))


def test_words_do_not_depend_on_how_they_were_cut_into_tokens(tokenizer: Tokenizer) -> None:
    one, other = "Hyperparathyroidism (aPTT) in\nβ-blockers", "the HYPERPARATHYROIDISM aptt, In β Blockers"
    reader = WordReader(tokenizer)
    assert reader.of_texts([one]).hashes.tolist() == reader.of_texts([other]).hashes.tolist()[1:]


def test_words_keep_to_their_documents(tokenizer: Tokenizer) -> None:
    words = WordReader(tokenizer).of_texts(["Sep", "sis", "", ".", "sepsis sep"])
    assert words.offsets.tolist() == [0, 1, 2, 2, 2, 4]
    assert words.hashes[0] == words.hashes[3] != words.hashes[2]
    empty = WordReader(tokenizer).read(np.empty(0, np.uint16), np.array([0, 0]))
    assert empty.offsets.tolist() == [0, 0]


def test_patterns_are_found_across_the_stretches_that_are_searched(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = WordReader(load_tokenizer(NAME))
    patterns, *_ = Patterns.of(reader.of_texts([LONG.question, SHORT.question, "one two", "three"]))
    words = reader.of_texts([PROSE + LONG.question, "One", "two three", SHORT.question + " one two"])
    whole = patterns.find(words)
    monkeypatch.setattr("synthgen.corpus.patterns.CACHED", 3)
    parts = patterns.find(words)

    def places(found: Found) -> set[tuple[int, ...]]:
        return set(zip(found.pattern.tolist(), found.document.tolist(), found.place.tolist(), strict=True))

    assert places(parts) == places(whole)
    assert len(whole.pattern) == len(places(whole))
    # All 8-grams of the long question, the short one, "one two", and "three", not "one" and "two" of two documents.
    assert len(whole.pattern) == len(LONG.question.split()) - 7 + 1 + 1 + 1


LAYOUTS = {
    "medqa.jsonl": json.dumps(
        {"question": "Q?", "answer": "no", "options": {"A": "yes", "B": "no"}, "answer_idx": "B"}
    ),
    "medmcqa.jsonl": json.dumps(
        {"id": "x", "question": "Q?", "opa": "yes", "opb": "no", "opc": "c", "opd": "d", "cop": 2}
    ),
    "mmlu.csv": '"Q?",yes,no,maybe,never,B\n',
    "header.csv": "id,question,A,B,C,D,answer\n7,Q?,yes,no,maybe,never,B\n",
    "hub.json": json.dumps([{"question": "Q?", "choices": ["yes", "no"], "answer": 1}]),
    "arc.json": json.dumps(
        {"data": [{"question": "Q?", "choices": {"text": ["yes", "no"], "label": ["A", "B"]}, "answer": "B"}]}
    ),
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_layout_is_known_by_its_columns(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(LAYOUTS[name], encoding="utf-8")
    (item,) = read_benchmarks([tmp_path])
    assert (item.benchmark, item.question, item.options[:2], item.answer) == (
        name.split(".")[0],
        "Q?",
        ("yes", "no"),
        "no",
    )


def test_medmcqa_from_a_hub_counts_its_answers_from_zero(tmp_path: Path) -> None:
    rows = [{"question": f"Q{cop}?", "opa": "a", "opb": "b", "opc": "c", "opd": "d", "cop": cop} for cop in (0, 3)]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "hub.parquet")
    assert [item.answer for item in read_benchmarks([tmp_path / "hub.parquet"])] == ["a", "d"]


def test_pubmedqa_has_its_abstract_as_passages(tmp_path: Path) -> None:
    row = {"QUESTION": "Q?", "CONTEXTS": ["one", "two"], "LONG_ANSWER": "long", "final_decision": "yes"}
    (tmp_path / "p.json").write_text(json.dumps({"123": row}), encoding="utf-8")
    (item,) = read_benchmarks([tmp_path])
    assert (item.item, item.question, item.passages, item.answer) == ("123", "Q?", ("long", "one", "two"), "yes")


@pytest.mark.parametrize(("name", "text"), [("a.jsonl", "{"), ("a.json", "3"), ("a.csv", "x,y\n1,2\n"), ("a.txt", "")])
def test_what_is_no_evaluation_set_is_an_error_that_names_it(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=name.replace(".", r"\.")):
        read_benchmarks([tmp_path / name])


def test_real_items_are_read_and_found_and_real_prose_is_clean(shared_data: Path, tmp_path: Path) -> None:
    items = read_benchmarks([shared_data / "benchmarks"])
    assert len(items) > 7000
    assert all(item.answer for item in items)
    guidelines = [
        path.read_text(encoding="utf-8") for path in sorted((shared_data / "guidelines" / "markdown").glob("*.md"))
    ]
    planted = [item for item in items if len(item.question.split()) >= 8][::200]
    texts = [guidelines[0][:2000] + "\n\n" + item.question for item in planted]
    found = look(tmp_path, texts + guidelines, items, guidelines)
    hits = {(hit.document, hit.item) for hit in found.hits if hit.contaminated}
    assert {(number, item.item) for number, item in enumerate(planted)} <= hits
    assert {document for document, _ in hits} == set(range(len(planted)))
