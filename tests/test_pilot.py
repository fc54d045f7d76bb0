"""The pilot: which extracts it takes, what it measures, and what it calls collapsed."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import synthgen
from synthgen.data import Extract, Judged, Record
from synthgen.pilot.measures import Measures, measure
from synthgen.pilot.sample import chosen_extracts
from synthgen.pilot.verdict import RULES, Cell, judge_cell
from synthgen.report.result import RunResult
from synthgen.storage.tables import read_extracts, read_records


def cells(run: RunResult) -> dict[str, Cell]:
    """The verdict on each transformation of a run with one teacher."""
    extracts = {extract.extract_id: extract for extract in read_extracts(run.paths.extracts)}
    judged: dict[str, list[Judged]] = defaultdict(list)
    for item in read_records(run.paths.records):
        judged[item.record.transformation].append(item)
    return {name: judge_cell(name, "fake", measure(items, extracts, 0.0)) for name, items in judged.items()}


def fake_run(examples: Path, out: Path, **answers: str) -> RunResult:
    """A run with the fake teacher, whose answers need not hold to the source here."""
    held = ("quantities", "polarity", "strength", "population", "entities", "citations", "grounding", "safety")
    teacher: dict[str, Any] = {"backend": "fake", "options": {"answers": answers}}
    filters = {name: {"enabled": False} for name in (*held, "answer_key", "length")}
    four = dict.fromkeys(("distill", "faq", "knowledge_list", "vignette_mcq"), 1.0)
    # What says the same again would leave the set before it is measured here.
    dedup = {"exact": False, "near": 0.0}
    recipe = {"teachers": [teacher], "transformations": four, "filters": filters, "dedup": dedup}
    return synthgen.run(examples, recipe, out=out)


def test_a_healthy_teacher_is_not_called_collapsed(tmp_path: Path, examples: Path) -> None:
    found = cells(fake_run(examples, tmp_path / "run"))
    assert found["distill"].health == "healthy"
    # Its questions are made after one pattern, which is worth a look.
    assert {cell.health for cell in found.values()} <= {"healthy", "watch"}


def test_a_collapsed_teacher_is_called_collapsed(tmp_path: Path, examples: Path) -> None:
    question = {
        "vignette": "A patient presents with the condition, case {id}.",
        "question": "What is the best next step?",
        "options": ["One", "Two", "Three", "Four", "Five"],
        "answer": "C",
        "explanation": "It is recommended to consult the responsible clinician in every case.",
    }
    answers = {
        "distill": "It is important to note that care matters in case {id}. Always consult the responsible clinician.",
        "knowledge_list": "- It is important to note that care matters in case {id}.\n- Always consult the clinician.",
        "faq": json.dumps({"pairs": [{"question": "What is important in case {id}?", "answer": "Care is important."}]}),
        "vignette_mcq": json.dumps(question),
    }
    found = cells(fake_run(examples, tmp_path / "run", **answers))
    assert {name: cell.health for name, cell in found.items()} == dict.fromkeys(answers, "collapsed")
    assert any("one answer letter" in reason for reason in found["vignette_mcq"].reasons)
    for cell in found.values():
        reasons = " ".join(cell.reasons)
        assert "begin with the same words" in reasons
        assert "of the source's numbers are kept" in reasons


def test_real_texts_are_healthy(shared_data: Path) -> None:
    """Guidelines as they are, cut into records: what people wrote must not be called collapsed."""
    paths = sorted((shared_data / "guidelines").rglob("*.md"))
    texts = [path.read_text("utf-8") for path in paths]
    extracts, judged = {}, []
    for number, text in enumerate(texts):
        for start in range(0, len(text) - 1500, 6000):
            piece = text[start : start + 1500]
            extract = Extract(f"{number:012}", start, start + len(piece), piece, len(piece) // 4)
            extracts[extract.extract_id] = extract
            judged.append(Judged(a_record(piece, extract, tokens=300 + start % 170), "kept"))
    cell = judge_cell("distill", "people", measure(judged, extracts, None))
    assert len(judged) > 50
    assert (cell.health, cell.reasons) == ("healthy", ())


def a_record(text: str, extract: Extract, tokens: int = 100, **fields: Any) -> Record:
    record = Record("r", extract.extract_id, "distill", 1, "text", "t", 0, text, "stop", {"text": text}, None, text)
    return replace(record, tokens=tokens, **fields)


def measured(texts: Iterable[str], extract: str = "Give 5 mg twice, then 10 mg.", **fields: Any) -> Measures:
    found = {}
    judged = []
    for number, text in enumerate(texts):
        piece = Extract(f"{number:012}", 0, len(extract), extract, 9)
        found[piece.extract_id] = piece
        judged.append(Judged(a_record(text, piece, **fields), "kept"))
    return measure(judged, found, 1.0)


def test_what_is_measured_can_be_counted_by_hand() -> None:
    texts = ["Give 5 mg now and stop.", "Give 7 mg now and stop.", "Never give 10 mg at night."]
    found = measured(texts)
    assert found.opening == ("give # mg", 2 / 3)
    assert found.closing == ("now and stop", 2 / 3)
    assert found.numbers == pytest.approx((1 / 2 + 0 + 1 / 2) / 3)
    assert found.spread == 0.0
    assert found.price == pytest.approx(1e6 / 300)
    assert found.repeats is None


def test_samples_of_one_extract_that_repeat_each_other_are_counted() -> None:
    extract = Extract("d", 0, 4, "Give", 1)
    texts = ["one two three four five six", "one two three four five six", "seven eight nine ten eleven twelve"]
    judged = [Judged(a_record(text, extract, sample=number), "kept") for number, text in enumerate(texts)]
    assert measure(judged, {extract.extract_id: extract}, 0.0).repeats == pytest.approx(1 / 3)


def test_an_answer_position_is_held_against_chance() -> None:
    mcq = {"vignette": "v", "question": "q", "options": list("abcde"), "answer": "C", "explanation": "e"}
    same = measured([f"text {n} of many words" for n in range(30)], kind="mcq", content=mcq, raw=json.dumps(mcq))
    assert same.position == ("C", 1.0)
    assert next(rule for rule in RULES if rule.name == "position").health(same) == "collapsed"


def test_few_records_are_no_verdict() -> None:
    cell = judge_cell("distill", "t", measured(["Give 5 mg."] * 5))
    assert cell.health == "watch"
    assert "too few" in cell.reasons[0]
    nothing = judge_cell("distill", "t", Measures(asked=50, accepted=0))
    assert nothing.health == "collapsed"


@given(st.lists(st.tuples(st.integers(0, 5), st.text(min_size=1, max_size=8)), max_size=40), st.integers(0, 50))
def test_every_document_is_asked_before_any_is_asked_more(pieces: list[tuple[int, str]], number: int) -> None:
    extracts = [Extract(f"{document:012}", n, n + len(text), text, 1) for n, (document, text) in enumerate(pieces)]
    different = {extract.text: extract for extract in reversed(extracts)}.values()
    chosen = chosen_extracts(extracts, number)
    assert len(chosen) == min(number, len(different))
    counts: dict[str, int] = defaultdict(int)
    for extract in different:
        counts[extract.doc_id] += extract.extract_id in chosen
    for extract in different:
        if extract.extract_id not in chosen:
            assert counts[extract.doc_id] >= max(counts.values()) - 1
    assert chosen == chosen_extracts(reversed(extracts), number) or len(different) < len(extracts)
