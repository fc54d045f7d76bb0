"""The ledger lists every character of a document once, or refuses."""

from __future__ import annotations

import csv
import io

import pytest

from synthgen.data import Document, Drop, Extract
from synthgen.errors import DocumentError
from synthgen.extracts.coverage import ledger, write_rows

DOCUMENT = Document("Give 5 mg.\n\nReferences", "Dosing", "a.md", "markdown")
ID = DOCUMENT.doc_id
EXTRACT = Extract(ID, 0, 12, DOCUMENT.text[:12], 6, "Dosing")
DROP = Drop(ID, 12, 22, "references", "References")


def test_rows_are_in_order_with_their_fate() -> None:
    kept, dropped = ledger(DOCUMENT, [EXTRACT], [DROP])
    assert (kept.fate, kept.extract_id, kept.tokens) == ("extract", f"{ID}:0-12", 6)
    assert (dropped.fate, dropped.code, dropped.start, dropped.end) == ("drop", "references", 12, 22)


@pytest.mark.parametrize(
    ("extracts", "drops"),
    [
        ([EXTRACT], []),
        ([], [DROP]),
        ([EXTRACT], [DROP, DROP]),
        ([EXTRACT], [Drop(ID, 11, 22, "references")]),
        ([EXTRACT], [DROP, Drop(ID, 22, 30, "blank")]),
        ([EXTRACT], [Drop(ID, 12, 12, "blank"), DROP]),
    ],
)
def test_a_gap_or_an_overlap_is_an_error(extracts: list[Extract], drops: list[Drop]) -> None:
    with pytest.raises(DocumentError, match=r"a\.md: extracts and drops do not tile") as caught:
        ledger(DOCUMENT, extracts, drops)
    assert "Give" not in str(caught.value)


def test_an_empty_document_has_no_rows() -> None:
    assert ledger(Document("", "", "e.md", "markdown"), [], []) == []


def test_the_file_has_one_header_and_a_row_a_span() -> None:
    file = io.StringIO()
    for _ in range(2):
        write_rows(ledger(DOCUMENT, [EXTRACT], [DROP]), file)
    rows = list(csv.DictReader(io.StringIO(file.getvalue())))
    assert [(row["fate"], row["start"], row["end"]) for row in rows] == [
        ("extract", "0", "12"),
        ("drop", "12", "22"),
    ] * 2
    assert rows[0]["source"] == "a.md"
