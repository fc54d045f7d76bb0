from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeVar

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthgen.data import Document, Extract, Judged, Outcome, Record, Verdict
from synthgen.errors import DocumentError, StorageError
from synthgen.storage.tables import (
    EXTRACTS,
    read_documents,
    read_extracts,
    read_records,
    write_documents,
    write_extracts,
    write_records,
)

T = TypeVar("T")

words = st.text(max_size=20)
maybe = st.none() | words
numbers = st.integers(0, 2**40)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=6,
)
objects = st.dictionaries(words, json_values, max_size=3)
documents = st.builds(Document, words, words, words, words, maybe, maybe, maybe, maybe)
extracts = st.builds(Extract, words, numbers, numbers, words, numbers, words, st.lists(words).map(tuple))
verdicts = st.builds(
    Verdict,
    words,
    st.booleans(),
    words,
    st.none() | st.floats(allow_nan=False),
    st.lists(objects, max_size=2).map(tuple),
)
records = st.builds(
    Record,
    record_id=words,
    extract_id=words,
    transformation=words,
    version=numbers,
    kind=st.sampled_from(["text", "qa", "mcq", "dialogue"]),
    teacher=words,
    sample=numbers,
    raw=words,
    finish_reason=maybe,
    content=st.none() | objects,
    parse_error=maybe,
    text=words,
    tokens=numbers,
)
outcomes: st.SearchStrategy[Outcome] = st.sampled_from(["kept", "rejected", "failed"])
judged = st.builds(Judged, records, outcomes, words, st.lists(verdicts, max_size=3).map(tuple), maybe)


def record(number: int, outcome: Outcome = "kept") -> Judged:
    return Judged(Record(f"r{number}", "d:0-9", "faq", 1, "qa", "extractive", 0, f"raw {number}", "stop"), outcome)


@settings(max_examples=40, deadline=None)
@given(st.lists(documents, max_size=4), st.lists(extracts, max_size=4), st.lists(judged, max_size=4))
def test_tables_read_back_equal(
    tmp_path_factory: pytest.TempPathFactory, docs: list[Document], exts: list[Extract], recs: list[Judged]
) -> None:
    folder = tmp_path_factory.mktemp("tables")
    assert write_documents(folder / "d", docs) == len(docs)
    assert write_extracts(folder / "e", exts) == len(exts)
    assert write_records(folder / "r", recs) == len(recs)
    assert list(read_documents(folder / "d")) == docs
    assert list(read_extracts(folder / "e")) == exts
    assert list(read_records(folder / "r")) == recs


def test_real_guidelines_read_back_equal(tmp_path: Path, shared_data: Path) -> None:
    paths = sorted((shared_data / "guidelines").rglob("*.md"))
    docs = [Document(path.read_text("utf-8"), path.stem, path.name, "markdown") for path in paths]
    write_documents(tmp_path / "d", docs)
    assert list(read_documents(tmp_path / "d")) == docs


def test_the_same_rows_give_the_same_bytes_and_bounded_row_groups(tmp_path: Path) -> None:
    def rows() -> Iterator[Extract]:
        return (Extract("d", n, n + 1, f"text {n}", 3, headings=("a", "b")) for n in range(10_000))

    for name in ("a", "b"):
        assert write_extracts(tmp_path / name, rows()) == 10_000
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    metadata = pq.ParquetFile(tmp_path / "a").metadata
    sizes = [metadata.row_group(number).num_rows for number in range(metadata.num_row_groups)]
    assert sizes == [EXTRACTS.group, EXTRACTS.group, 10_000 - 2 * EXTRACTS.group]
    assert list(read_extracts(tmp_path / "a")) == list(rows())


def test_writing_takes_rows_as_they_come_and_a_failure_leaves_the_old_table(tmp_path: Path) -> None:
    def failing() -> Iterator[Document]:
        yield Document("text", "title", "a.md", "markdown")
        raise DocumentError("no text")

    write_documents(tmp_path / "d", [])
    with pytest.raises(DocumentError):
        write_documents(tmp_path / "d", failing())
    assert list(read_documents(tmp_path / "d")) == []
    assert len(list(tmp_path.iterdir())) == 1


def test_records_can_be_read_by_outcome_or_id(tmp_path: Path) -> None:
    write_records(tmp_path / "r", [record(1), record(2, "rejected"), record(3)])
    assert list(read_records(tmp_path / "r", outcome="kept")) == [record(1), record(3)]
    assert list(read_records(tmp_path / "r", begins="r2")) == [record(2, "rejected")]


def test_a_lone_surrogate_becomes_a_replacement_character(tmp_path: Path) -> None:
    write_documents(tmp_path / "d", [Document("5 \ud800 mg", "t", "s", "text")])
    assert [document.text for document in read_documents(tmp_path / "d")] == ["5 \ufffd mg"]


def test_a_missing_table_is_a_storage_error(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="d: does not exist"):
        list(read_documents(tmp_path / "d"))


def test_a_table_of_other_columns_is_a_storage_error(tmp_path: Path) -> None:
    pq.write_table(pa.table({"text": ["a"]}), tmp_path / "d")
    with pytest.raises(StorageError, match="d: is damaged or not a table of synthgen"):
        list(read_documents(tmp_path / "d"))


def test_a_damaged_table_is_a_storage_error_or_reads_as_it_was(tmp_path: Path) -> None:
    rows = [record(number) for number in range(50)]
    write_records(tmp_path / "whole", rows)
    whole = (tmp_path / "whole").read_bytes()
    damaged = [whole[:length] for length in range(0, len(whole), 97)]
    damaged += [whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :] for at in range(0, len(whole), 61)]
    errors = sum(reads_as(tmp_path / "bad", content, rows) for content in damaged)
    assert errors > len(damaged) / 2


def reads_as(path: Path, content: bytes, rows: Iterable[Judged]) -> bool:
    """Whether reading `content` is an error, which it may only fail to be if it gives `rows`."""
    path.write_bytes(content)
    try:
        assert list(read_records(path)) == rows
    except StorageError:
        return True
    return False
