"""The exported set loads with `datasets`, and its card tells it truly, whatever stands in the documents' metadata."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import datasets
import pyarrow.parquet as pq
import pytest
import yaml
from markdown_it import MarkdownIt

from synthgen import export
from synthgen.card import (
    CardFacts,
    CoverageFacts,
    SourceFacts,
    card,
    plain,
)
from synthgen.data import Document, Extract, Record, Transformation
from synthgen.export import COLUMNS, Provenance, export_row, write_dataset
from synthgen.planning import Teacher
from synthgen.recipe import TeacherSettings
from synthgen.records.forms import Form, Rendered
from synthgen.report.account import Account, Tally

HOSTILE = [
    "Dose | of | pipes",
    "<script>alert(1)</script><img src=x onerror=y>",
    "--- \nlicense: mit\n---",
    "[click](http://example.org) ![](http://example.org/x.png)",
    "http://example.org www.example.org a@example.org",
    "**bold** _it_ `code` # head $x$ ~~gone~~ {name} {0.__class__} \\| &amp; {{",
    "new\nline\r\n| a | b |\u2028end \u202egnp.exe",
]

DOCUMENT = Document(
    text="# Fever\n\nGive paracetamol 15 mg/kg.",
    title="Fever in children",
    source="nhs/fever.md",
    format="markdown",
    publisher="Example College",
    licence="CC BY 4.0",
    url="https://example.org/fever",
)
EXTRACT = Extract(DOCUMENT.doc_id, 9, 35, DOCUMENT.text[9:35], 12, DOCUMENT.title, ("Fever", "Dose"))

FACTS = CardFacts(
    name="Guidelines",
    version="0.1.0",
    tokenizer="mistral-7b-v0.1",
    account=Account(
        total=Tally(kept=1200, rejected=250, failed=50, tokens=345678),
        by_transformation={
            "distill": Tally(kept=700, rejected=250, failed=50, tokens=245678),
            "faq": Tally(kept=500, tokens=100000),
        },
        by_teacher={"extractive": Tally(kept=1200, rejected=250, failed=50, tokens=345678)},
        reasons={"exact_duplicate": 200, "timeout": 50, "too_short": 50},
        prompt_tokens=0,
        completion_tokens=0,
        usd=0.0,
    ),
    transformations=[
        Transformation("distill", 1, "text", "Everything that the extract says, in plain prose.", ""),
        Transformation("faq", 2, "qa", "Questions and answers.", ""),
    ],
    teachers=[Teacher(TeacherSettings(name="extractive"), {"rules": 1, "backend": "extractive"}, local=True)],
    sources=[
        SourceFacts("Example College", "CC BY 4.0", 20, 400, 100000),
        SourceFacts("Institute of Illustrations", "CC BY 4.0", 35, 800, 245678),
    ],
    coverage=CoverageFacts(200000, 180000, {"repeated": 15000, "references": 5000}, {"not_text": 2}),
)


def record(number: int, text: str = "Give paracetamol 15 mg/kg.") -> Record:
    return Record(
        record_id=f"{number:064x}",
        extract_id=EXTRACT.extract_id,
        transformation="faq",
        version=2,
        kind="qa",
        teacher="extractive",
        sample=0,
        raw="",
        finish_reason="stop",
        content={"pairs": [{"question": "Wie viel?", "answer": text}]},
        text=text,
        tokens=10,
    )


def rows(count: int, text: str = "Give paracetamol 15 mg/kg.") -> Iterator[dict[str, Any]]:
    for number in range(count):
        made = record(number, f"{text} {number}")
        yield export_row(made, Rendered(made.text), EXTRACT, Provenance.of(DOCUMENT))


def load(folder: Path) -> Any:
    return datasets.load_dataset(str(folder), split="train")


def matter(text: str) -> dict[str, Any]:
    front: dict[str, Any] = yaml.safe_load(text.split("---\n")[1])
    return front


def test_the_set_loads_with_every_column(tmp_path: Path) -> None:
    assert write_dataset(tmp_path / "set", rows(3)) == 3
    loaded = load(tmp_path / "set")
    assert loaded.column_names == list(COLUMNS)
    assert loaded[1] == {
        "id": f"{1:064x}",
        "text": "Give paracetamol 15 mg/kg. 1",
        "transformation": "faq",
        "transformation_version": 2,
        "kind": "qa",
        "content": json.dumps({"pairs": [{"question": "Wie viel?", "answer": "Give paracetamol 15 mg/kg. 1"}]}),
        "messages": [
            {"role": "user", "content": "Wie viel?"},
            {"role": "assistant", "content": "Give paracetamol 15 mg/kg. 1"},
        ],
        "teacher": "extractive",
        "sample": 0,
        "doc_id": DOCUMENT.doc_id,
        "extract_id": f"{DOCUMENT.doc_id}:9-35",
        "title": "Fever in children",
        "publisher": "Example College",
        "licence": "CC BY 4.0",
        "source": "nhs/fever.md",
        "url": "https://example.org/fever",
        "headings": ["Fever", "Dose"],
        "start": 9,
        "end": 35,
        "tokens": 10,
    }


def test_a_set_in_another_form_loads_with_its_text_and_the_same_fields(tmp_path: Path) -> None:
    made = replace(record(0), content={"pairs": [{"question": "How?", "answer": "So."}] * 2})
    rendered = Form("alpaca").render(made)
    write_dataset(tmp_path / "set", [export_row(made, rendered, EXTRACT, Provenance.of(DOCUMENT))])
    row = load(tmp_path / "set")[0]
    turn = "### Instruction:\nHow?\n\n### Response:\nSo."
    assert row["text"] == f"{turn}</s>\n\n{turn}"
    assert json.loads(row["content"]) == made.content
    assert [message["role"] for message in row["messages"]] == ["user", "assistant"] * 2
    assert row["messages"][1] == {"role": "assistant", "content": "So."}


@pytest.mark.parametrize(("form", "said"), [("plain", "text |"), ("alpaca", "Alpaca"), ("chat", "chat template")])
def test_the_card_says_which_form_the_texts_have(form: str, said: str) -> None:
    line = next(line for line in card(replace(FACTS, form=form)).splitlines() if line.startswith("| `text`"))
    assert said in line


def test_a_large_set_is_split_into_shards_that_load_as_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "ROWS_AT_ONCE", 10)
    monkeypatch.setattr(export, "SHARD_BYTES", 15_000)
    write_dataset(tmp_path / "set", rows(95))
    names = sorted(path.name for path in (tmp_path / "set" / "data").iterdir())
    assert len(names) > 2
    assert names == [f"train-{number:05d}-of-{len(names):05d}.parquet" for number in range(len(names))]
    assert load(tmp_path / "set")["id"] == [f"{number:064x}" for number in range(95)]


def test_sets_in_folders_of_one_name_do_not_stand_in_for_each_other(tmp_path: Path) -> None:
    for run, count in (("one", 2), ("two", 3), ("two", 4)):
        folder = tmp_path / run / "dataset"
        shutil.rmtree(folder, ignore_errors=True)
        write_dataset(folder, rows(count))
        assert len(datasets.load_dataset(str(folder), split="train")) == count


def test_the_same_rows_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_dataset(tmp_path / name, rows(50))
    one, two = (tmp_path / name / "data" / "train-00000-of-00001.parquet" for name in ("one", "two"))
    assert one.read_bytes() == two.read_bytes()


def test_rows_are_not_collected_before_they_are_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "ROWS_AT_ONCE", 5)

    def failing() -> Iterator[dict[str, Any]]:
        yield from rows(20)
        assert (tmp_path / "set" / "data" / "shard-0").exists()

    write_dataset(tmp_path / "set", failing())


def test_a_set_without_rows_still_has_its_columns(tmp_path: Path) -> None:
    assert write_dataset(tmp_path / "set", []) == 0
    shard = pq.ParquetFile(tmp_path / "set" / "data" / "train-00000-of-00001.parquet")
    assert (shard.schema_arrow.names, shard.metadata.num_rows) == (list(COLUMNS), 0)


def test_the_card_is_the_one_on_file() -> None:
    assert card(FACTS) == (Path(__file__).parent / "golden" / "card.md").read_text("utf-8")


def test_the_front_matter_is_what_the_hub_understands() -> None:
    assert matter(card(FACTS)) == {
        "pretty_name": "Guidelines",
        "license": "cc-by-4.0",
        "task_categories": ["text-generation", "question-answering"],
        "size_categories": ["1K<n<10K"],
        "tags": ["synthetic", "medical", "clinical-guidelines"],
    }


@pytest.mark.parametrize("other", ["CC BY-SA 4.0", None, "Copyright: see the page"])
def test_a_licence_stands_in_the_front_matter_only_if_it_is_everyones(other: str | None) -> None:
    more = replace(FACTS, sources=[*FACTS.sources, SourceFacts("Another", other, 1, 1, 10)])
    alone = replace(FACTS, sources=[SourceFacts("Another", other, 1, 1, 10)])
    unused = replace(FACTS, sources=[*FACTS.sources, SourceFacts("Another", other, 1, 0, 0)])
    assert "license" not in matter(card(more))
    assert matter(card(alone)).get("license") == ("cc-by-sa-4.0" if other == "CC BY-SA 4.0" else None)
    assert matter(card(unused))["license"] == "cc-by-4.0"


def test_a_set_by_a_model_is_not_called_the_control_arm() -> None:
    identity = {"backend": "openai", "model": "big-model"}
    text = card(replace(FACTS, teachers=[Teacher(TeacherSettings(name="openai:big-model"), identity, local=False)]))
    assert "control arm" not in text
    assert "backend openai, model big-model" in text
    assert "was sent to the teacher" in text


def test_a_partial_set_says_so() -> None:
    total = replace(FACTS.account.total, pending=70)
    text = card(replace(FACTS, account=replace(FACTS.account, total=total)))
    assert "**The set is partial**: 70 planned requests" in text
    assert "1,570 planned = 1,200 kept + 250 rejected + 50 failed + 70 not asked yet." in text


def test_many_sources_are_summed_up() -> None:
    sources = [SourceFacts(f"Publisher {number}", None, 1, 2, 1000 - number) for number in range(60)]
    text = card(replace(FACTS, sources=sources))
    assert "| Publisher 49 |" in text
    assert "| Publisher 50 |" not in text
    assert "| 10 others | see the columns | 10 | 20 | 9,455 |" in text


def test_the_card_does_not_name_the_folder_of_a_tokenizer() -> None:
    assert "/home" not in card(replace(FACTS, tokenizer="/home/someone/own.model"))


@pytest.mark.parametrize("text", HOSTILE)
def test_words_from_documents_are_plain_text(text: str) -> None:
    renderer = MarkdownIt("gfm-like", {"linkify": False}).enable("table")
    tokens = renderer.parse(f"| a | b |\n| - | - |\n| {plain(text)} | x |")
    cells = [token for token in tokens if token.type == "inline"]
    assert len(cells) == 4
    children = cells[2].children or []
    assert {child.type for child in children} <= {"text", "text_special"}
    shown = "".join(child.content for child in children)
    assert shown == " ".join("".join(c if c.isprintable() else " " for c in text).split())


def test_hostile_metadata_changes_nothing_but_its_cells() -> None:
    sources = [SourceFacts(text, text, 1, 1, 1) for text in HOSTILE]
    text = card(replace(FACTS, sources=sources, name="\n".join(HOSTILE)))
    assert matter(text)["pretty_name"] == " ".join(" ".join(HOSTILE).split())
    assert set(matter(text)) == set(matter(card(FACTS))) - {"license"}
    body = text.split("---\n", 2)[2]
    headings = [line for line in body.splitlines() if line.startswith("#")][1:]
    assert headings == [line for line in card(FACTS).splitlines() if line.startswith("#")][1:]
    tags = MarkdownIt("gfm-like", {"linkify": False}).render(body)
    assert "<script" not in tags
    assert "<img" not in tags
    assert "<a " not in tags


def test_a_long_word_of_a_document_is_shortened() -> None:
    assert plain("x" * 1000) == "x" * 199 + "…"


def test_the_python_in_the_card_is_right(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_dataset(tmp_path / "path" / "to" / "this" / "folder", rows(2))
    code = card(FACTS).split("```python\n")[1].split("```")[0]
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    exec(code, names)
    assert len(names["dataset"]) == 2
