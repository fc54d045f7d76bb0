"""The probe: gaps in real sentences, whose right filling neither place nor length nor the usual word gives away."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from synthgen.ablation.probe import CHOICE, CLOZE, make_probe
from synthgen.ablation.statistics import baselines
from synthgen.ablation.tasks import Question, Task
from synthgen.data import Document, Extract
from synthgen.extractive.markup import plain
from synthgen.extracts.cut import extract
from synthgen.recipe import ExtractSettings, SourceSettings
from synthgen.sources.reader import read_sources
from synthgen.tokens import load_tokenizer

TOKENIZER = load_tokenizer("mistral-7b-v0.1")


def extracts_of(*paths: Path) -> list[Extract]:
    found = []
    for document in read_sources(paths, SourceSettings()):
        if isinstance(document, Document):
            found += extract(document, [], ExtractSettings(), TOKENIZER.count)[0]
    return found


@pytest.fixture(scope="module")
def guidelines(shared_data: Path) -> list[Extract]:
    """The extracts of some real guidelines."""
    return extracts_of(*sorted((shared_data / "guidelines" / "markdown").glob("*.md"))[:10])


@pytest.fixture(scope="module")
def probe(guidelines: list[Extract]) -> tuple[Task, Task]:
    cloze, choice = make_probe(guidelines, TOKENIZER)
    return cloze, choice


def kind(question: Question) -> str:
    return question.item_id.split(":")[1]


def filled(question: Question, option: str) -> str:
    return f"{question.prompt} {option}{question.rest}"


def test_the_probe_asks_of_all_kinds_in_both_forms(probe: tuple[Task, Task]) -> None:
    cloze, choice = probe
    assert (cloze.measure, cloze.form, choice.measure, choice.form) == (CLOZE, "plain", CHOICE, "letters")
    counts = Counter(map(kind, cloze.questions))
    assert set(counts) == {"quantity", "drug", "comparator", "strength"}
    assert len(cloze.questions) > 60
    for one, other in zip(cloze.questions, choice.questions, strict=True):
        assert (one.item_id, one.options, one.gold) == (other.item_id, other.options, other.gold)
        assert "____" in other.prompt
        assert other.prompt.count(one.options[one.gold]) >= 1


def test_the_right_filling_gives_a_sentence_of_the_guideline(
    probe: tuple[Task, Task], guidelines: list[Extract]
) -> None:
    texts = {one.doc_id: "" for one in guidelines}
    for one in guidelines:
        texts[one.doc_id] += " " + " ".join(plain(one.text).split())
    said = 0
    for question in probe[0].questions:
        end = " ".join(f"{question.options[question.gold]}{question.rest}".split())[:60]
        said += end.rstrip(".") in texts[question.item_id.split(":")[0]]
    # Some come from lists, whose items are joined with their lead-in.
    assert said > 0.9 * len(probe[0].questions)


def test_options_are_alike_in_tokens_and_in_form(probe: tuple[Task, Task]) -> None:
    for question in probe[0].questions:
        assert len({len(TOKENIZER.encode(filled(question, option))) for option in question.options}) == 1
        assert len(set(question.options)) == len(question.options) >= 2
        if kind(question) == "quantity":
            assert len({re.sub(r"\d", "0", option) for option in question.options}) == 1


def test_every_place_is_right_equally_often(probe: tuple[Task, Task]) -> None:
    for size in (2, 3, 4):
        places = Counter(question.gold for question in probe[0].questions if len(question.options) == size)
        assert max(places.values()) - min(places.values()) <= 1
        assert len(places) == size


def test_blind_answers_get_little_more_than_a_guess(probe: tuple[Task, Task]) -> None:
    luck = baselines(probe[0].questions)
    assert luck.longest < luck.chance + 0.06
    assert luck.majority < luck.chance + 0.12
    words = [question for question in probe[0].questions if kind(question) in ("comparator", "strength")]
    assert baselines(words).majority == baselines(words).chance == 0.5


def test_the_right_number_is_not_always_the_middle_one(probe: tuple[Task, Task]) -> None:
    ranks: Counter[int] = Counter()
    for question in probe[0].questions:
        if kind(question) == "quantity" and len(question.options) == 4 and all(map(str.isdecimal, question.options)):
            ranks[sorted(map(int, question.options)).index(int(question.options[question.gold]))] += 1
    assert max(ranks.values()) < 0.5 * sum(ranks.values())


def test_no_sentence_is_asked_twice_and_no_grade_tells_a_strength(probe: tuple[Task, Task]) -> None:
    sentences = [filled(question, question.options[question.gold]) for question in probe[0].questions]
    assert len(set(sentences)) == len(sentences)
    for question in probe[0].questions:
        assert not re.search(r"\((?:Strong|Weak) [Ff]or[^)]*\)\.?$", question.rest)


def test_questions_do_not_depend_on_the_order_of_extracts(guidelines: list[Extract], probe: tuple[Task, Task]) -> None:
    assert tuple(make_probe(guidelines[::-1], TOKENIZER)) == probe


def test_fewer_questions_are_the_same_ones(guidelines: list[Extract]) -> None:
    asked = [set(make_probe(guidelines, TOKENIZER, items=items)[0].questions) for items in (10, 20, 40)]
    assert [len(one) for one in asked] == [10, 20, 40]
    assert all(less < more for less, more in pairwise(asked))


def test_where_nothing_can_be_asked_there_is_no_task() -> None:
    document = Document("# Contents\n\nA page about nothing in particular.\n", "Nothing", "a.md", "markdown")
    assert make_probe(extract(document, [], ExtractSettings(), TOKENIZER.count)[0], TOKENIZER) == []
    assert make_probe([], TOKENIZER) == []
