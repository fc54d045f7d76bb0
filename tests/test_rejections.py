"""The page that says why answers were not kept."""

from __future__ import annotations

from pathlib import Path

from synthgen.data import Extract, Judged, Record, Verdict
from synthgen.report.rejections import page, rejections
from synthgen.storage import tables

SOURCE = "# Gout\n\nGive colchicine | 500 micrograms *twice* daily for 3 days."
EXTRACT = Extract("0" * 12, 0, len(SOURCE), SOURCE, 20, title="Gout <script>", headings=("A", "Dose"))


def rejected(number: int, code: str, text: str, verdict: Verdict, extract: Extract = EXTRACT) -> Judged:
    record = Record(
        f"{number:064}", extract.extract_id, "distill", 1, "text", "t", 0, text, "stop", {"text": text}, text=text
    )
    return Judged(record, "rejected", code, (verdict,))


def dose(number: int, **places: object) -> Judged:
    text = "Colchicine 900 micrograms is given."
    evidence = {"text": "900 micrograms", "start": 11, "end": 25, **places}
    return rejected(number, "number_changed", text, Verdict("quantities", False, "number_changed", 0.0, (evidence,)))


def test_an_example_shows_the_words_and_their_place_in_the_source(tmp_path: Path) -> None:
    start = SOURCE.index("500")
    judged = [dose(1, source={"start": start, "end": start + 14})]
    tables.write_records(tmp_path / "records.parquet", judged)
    tables.write_extracts(tmp_path / "extracts.parquet", [EXTRACT])
    text = page(tmp_path / "records.parquet", tmp_path / "extracts.parquet", {"number_changed": "it changes a number"})
    assert "| [number_changed](#number_changed) | quantities | 1 | it changes a number |" in text
    assert "> Colchicine **900 micrograms** is given." in text
    assert "Source: \\# Gout Give colchicine \\| **500 micrograms** \\*twice\\* daily for 3 days." in text
    assert "<script>" not in text
    assert "**000000000000**, distill by t, from Gout \\<script\\> › Dose" in text


def test_where_the_evidence_has_no_source_its_statement_says_where_it_rests(tmp_path: Path) -> None:
    one = dose(1)
    aligned = {"start": 0, "end": 35, "support": 0.5, "source_start": 8, "source_end": 23}
    judged = [
        Judged(one.record, "rejected", one.code, (*one.verdicts, Verdict("grounding", True, "", 0.0, (aligned,))))
    ]
    tables.write_records(tmp_path / "records.parquet", judged)
    tables.write_extracts(tmp_path / "extracts.parquet", [EXTRACT])
    text = page(tmp_path / "records.parquet", tmp_path / "extracts.parquet", {})
    assert "Source: \\# Gout **Give colchicine** \\| 500" in text


def test_reasons_stand_by_their_number_with_at_most_one_example_of_an_extract() -> None:
    other = Extract("1" * 12, 0, len(SOURCE), SOURCE, 20)
    long = Verdict("length", False, "too_long")
    judged = [
        rejected(9, "too_long", "x", long),
        *(dose(number) for number in range(5)),
        Judged(dose(6).record, "kept"),
        *(rejected(number, "too_long", "x", long, other) for number in (20, 21, 22)),
    ]
    found = rejections(judged)
    assert [(one.code, one.filter, one.count, len(one.examples)) for one in found] == [
        ("number_changed", "quantities", 5, 1),
        ("too_long", "length", 4, 2),
    ]
