"""The outline of the field: its terms, what texts are assigned to, and what of it a source and a set cover."""

from __future__ import annotations

import csv
import gzip
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import synthgen
from synthgen.data import Extract, Record
from synthgen.errors import RecipeError
from synthgen.report import topics
from synthgen.report.result import RunResult
from synthgen.storage.tables import read_records
from synthgen.topics.assign import Assigned, Assigner
from synthgen.topics.coverage import OTHER, Coverage, Line
from synthgen.topics.outline import Axis, Outline, Topic, load_outline

OUTLINE = load_outline()
ASSIGNER = Assigner(OUTLINE)


def all_topics() -> list[Topic]:
    return [*OUTLINE.systems.values(), *OUTLINE.tasks.values()]


@pytest.mark.parametrize("topic", all_topics(), ids=lambda topic: topic.name)
def test_every_term_can_be_found_and_stands_once(topic: Topic) -> None:
    whole = {term for term in topic.terms if " " not in term and not term.endswith("*")}
    beginnings = [term[:-1] for term in topic.terms if " " not in term and term.endswith("*")]
    assert not [term for term in whole if term.startswith(tuple(beginnings))]
    alone = Assigner(Outline({topic.name: topic}, {topic.name: topic}))
    for term in topic.terms:
        assert term == term.lower().strip()
        assert "*" not in term[:-1]
        text = " ".join([term.rstrip("*").title()] * 9)
        assert alone.text(text) == Assigned(topic.name, topic.name), term


def test_no_name_is_used_twice_as_weights_are_given_by_name() -> None:
    names = [topic.name for topic in all_topics()]
    assert len(set(names)) == len(names) > 25


@pytest.mark.parametrize(
    ("text", "system", "task"),
    [
        (
            "Give 300 mg of aspirin at once to a patient with myocardial infarction.",
            "cardiovascular",
            "pharmacotherapy",
        ),
        ("Screening for cervical cancer begins at the age of 25 years.", "female", "prevention"),
        ("The retina is derived from the neural tube; its receptors bind light.", "senses", "mechanism"),
        ("Total hip replacement is surgery for severe osteoarthritis.", "musculoskeletal", "intervention"),
        ("Where consent is refused, document it and inform the ethics committee.", "practice", "care"),
        ("It was seen at ten.", None, None),
        ("", None, None),
    ],
)
def test_texts_are_assigned_by_their_words(text: str, system: str | None, task: str | None) -> None:
    assert ASSIGNER.text(text) == Assigned(system, task)


def test_a_heading_says_what_its_section_is_about() -> None:
    text = "Start with the lowest dose and look at the skin every week."
    assert ASSIGNER.text(text).system == "skin"
    extract = Extract("d", 0, 9, text, 12, title="Epilepsy in adults", headings=("Anticonvulsants",))
    assert ASSIGNER.extract(extract).system == "nervous"


@given(st.text(max_size=400))
def test_any_text_is_assigned_alike_whatever_was_assigned_before(text: str) -> None:
    assert ASSIGNER.text(text) == Assigner(OUTLINE).text(text)


def right(texts: list[tuple[str, str]], *systems: str) -> float:
    """The share of texts, each with its heading, that are assigned to one of `systems`."""
    found = Counter(ASSIGNER.text(text, heading).system for text, heading in texts)
    return sum(found[system] for system in systems) / found.total()


def medquad(folder: Path) -> dict[str, list[tuple[str, str]]]:
    """Texts for the public, by the institute that wrote them."""
    found: dict[str, list[tuple[str, str]]] = {}
    with gzip.open(folder / "textbooks" / "medquad.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in map(json.loads, lines):
            found.setdefault(line["source"], []).append((line["text"][:4000], line["title"]))
    return found


def test_texts_of_institutes_are_on_what_these_study(shared_data: Path) -> None:
    """Three quarters and more: not all that they write about lies in one organ."""
    texts = medquad(shared_data)
    assert right(texts["NINDS"], "nervous") > 0.6
    assert right(texts["NIDDK"], "endocrine", "gastrointestinal", "renal") > 0.75
    assert right(texts["NHLBI"], "cardiovascular", "respiratory", "blood") > 0.75
    assert right(texts["CDC"], "infection") > 0.75


def test_examination_questions_of_a_subject_are_on_its_organs(shared_data: Path) -> None:
    """Short, and often on something else as well: seven in ten."""
    subjects: dict[str, list[tuple[str, str]]] = {}
    for line in (shared_data / "benchmarks" / "medmcqa_dev.jsonl").read_text("utf-8").splitlines():
        item: dict[str, Any] = json.loads(line)
        words = [item["question"], *(item[f"op{letter}"] for letter in "abcd"), item["exp"] or ""]
        subjects.setdefault(item["subject_name"], []).append((" ".join(words), ""))
    assert right(subjects["Ophthalmology"], "senses") > 0.7
    assert right(subjects["Orthopaedics"], "musculoskeletal") > 0.9
    assert right(subjects["Gynaecology & Obstetrics"], "female", "pregnancy") > 0.6
    assert right(subjects["Dental"], "oral") > 0.55
    assert right(subjects["Microbiology"], "infection", "immune") > 0.6


def a_record(extract: Extract, text: str, tokens: int) -> Record:
    return Record("r", extract.extract_id, "faq", 1, "text", "t", 0, text, "stop", text=text, tokens=tokens)


def test_shares_are_of_tokens_and_a_record_that_tells_nothing_is_on_what_its_extract_is_on() -> None:
    heart = Extract("a", 0, 9, "Myocardial infarction and heart failure.", 30)
    skin = Extract("b", 0, 9, "Eczema, psoriasis and acne of the skin.", 70)
    found = Coverage(OUTLINE)
    for extract in (heart, skin):
        found.add_extract(extract)
    found.add_record(a_record(heart, "It is given at ten.", 5))
    found.add_record(a_record(skin, "A heart with atrial fibrillation.", 15))
    lines = {line.name: line for line in found.lines("systems")}
    assert (lines["cardiovascular"].source, lines["cardiovascular"].made) == (0.3, 1.0)
    assert (lines["skin"].source, lines["skin"].made) == (0.7, 0.0)
    assert lines["skin"].lost
    assert lines["renal"].missing
    assert not lines["cardiovascular"].lost
    said = topics.covered(list(lines.values()))
    assert said.startswith("2 of 22 systems are in the source; hardly there: respiratory, ")
    assert said.endswith("lost on the way: skin")


@pytest.mark.parametrize("axis", ["systems", "tasks"])
def test_what_is_on_no_topic_is_no_hole(axis: Axis) -> None:
    assert not any(line.known or line.missing or line.lost for line in Coverage(OUTLINE).lines(axis)[-1:])
    assert not Line(OTHER, "", 0.5, 0.0).lost


def test_the_report_of_a_run_has_every_pair_of_topics_and_the_summary_the_holes(finished: RunResult) -> None:
    with finished.paths.topics_csv.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    extracts, records = (sum(int(row[column]) for row in rows) for column in ("extracts", "records"))
    assert extracts == finished.stage("extract")["extracts"]
    assert records == finished.counts.total.kept == sum(1 for _ in read_records(finished.paths.records, outcome="kept"))
    for column, whole in (
        ("source_tokens", finished.stage("extract")["tokens"]),
        ("set_tokens", finished.counts.total.tokens),
    ):
        assert sum(int(row[column]) for row in rows) == whole
    summary = finished.paths.summary.read_text("utf-8")
    assert "## What of the field it covers" in summary
    assert "| Heart and vessels | " in summary
    assert "hardly there: " in summary


def test_a_plan_shows_the_source_by_topic_and_what_weights_make_of_it(examples: Path, tmp_path: Path) -> None:
    shares = []
    for weights in ({}, {"renal": 4.0}):
        recipe = {"target_tokens": 300_000, "plan": {"documents": "length", "topics": weights}}
        lines = synthgen.plan(examples, recipe, out=tmp_path / "run").coverage.lines("systems")
        shares.append({line.name: (line.source, line.made) for line in lines})
    plain, weighted = shares
    assert plain["renal"][0] == weighted["renal"][0]
    assert plain["renal"][1] == pytest.approx(plain["renal"][0], rel=0.1)
    assert weighted["renal"][1] > 2 * plain["renal"][1]


def test_a_weight_for_an_unknown_topic_names_the_nearest_one(examples: Path, tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match=r"\[plan.topics\].*unknown topic 'cardiovasular'.*'cardiovascular'"):
        synthgen.run(examples, {"plan": {"topics": {"cardiovasular": 2.0}}}, out=tmp_path / "run")
    assert not (tmp_path / "run").exists()
