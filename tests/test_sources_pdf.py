"""PDF: reading order, running lines, paragraphs, headings, tables, scripts, and files that cannot be read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

from synthgen.data import Document
from synthgen.errors import SourceError
from synthgen.recipe import SourceSettings
from synthgen.sources import read_sources
from synthgen.sources.pages.page import join_lines

Piece = tuple[float, float, float, str, str]
"""Left, baseline, size, font (`R` or `B`) and text."""


def make_pdf(pages: Iterable[list[Piece]], *, title: str = "", trailer: str = "") -> bytes:
    """A PDF with the given pieces of text on its pages, in Helvetica and WinAnsi."""
    font = "<</Type/Font/Subtype/Type1/BaseFont/Helvetica{}/Encoding/WinAnsiEncoding>>"
    objects = ["<</Type/Catalog/Pages 2 0 R>>", "", font.format(""), font.format("-Bold"), f"<</Title({title})>>"]
    kids = []
    for pieces in pages:
        stream = "".join(
            f"BT /{kind} {size} Tf 1 0 0 1 {left} {baseline} Tm ({text}) Tj ET\n"
            for left, baseline, size, kind, text in pieces
        )
        objects.append(f"<</Length {len(stream.encode('cp1252'))}>>stream\n{stream}endstream")
        objects.append(
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents {len(objects)} 0 R"
            "/Resources<</Font<</R 3 0 R/B 4 0 R>>>>>>"
        )
        kids.append(f"{len(objects)} 0 R")
    objects[1] = f"<</Type/Pages/Count {len(kids)}/Kids[{' '.join(kids)}]>>"
    data = b"%PDF-1.4\n"
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(data))
        data += f"{number} 0 obj\n{body}\nendobj\n".encode("cp1252")
    entries = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    size = len(objects) + 1
    tail = f"xref\n0 {size}\n0000000000 65535 f \n{entries}trailer<</Size {size}/Root 1 0 R/Info 5 0 R{trailer}>>\n"
    return data + f"{tail}startxref\n{len(data)}\n%%EOF".encode()


def text_of(folder: Path, pages: Iterable[list[Piece]], title: str = "") -> str:
    return read(folder, make_pdf(pages, title=title)).text


def read(folder: Path, data: bytes) -> Document:
    path = folder / "a.pdf"
    path.write_bytes(data)
    found = list(read_sources([path], SourceSettings()))
    assert isinstance(found[0], Document)
    return found[0]


def column(lines: list[str], *, left: float = 50, top: float = 700, size: float = 10, font: str = "R") -> list[Piece]:
    return [(left, top - 12 * index, size, font, line) for index, line in enumerate(lines)]


PARAGRAPH = [
    "Give oral penicillin twice daily to all children with sickle cell disease until",
    "the age of five, and go on with a dose of 250 mg in those who have lost their",
    "spleen.",
]
FULL = "Give oral penicillin twice daily to all children with sickle cell disease until the age of five, and go on with"


def test_lines_of_a_paragraph_are_joined_and_headings_follow_the_type_size(tmp_path: Path) -> None:
    page = [
        (50, 760, 20, "B", "A guideline"),
        (50, 730, 14, "B", "1 Doses"),
        *column(PARAGRAPH),
        *column(["Another paragraph, set apart."], top=650),
        (50, 620, 10, "B", "Follow-up"),
        *column(["See again after 3 days."], top=600),
    ]
    assert text_of(tmp_path, [page]) == "\n\n".join(
        [
            "# A guideline",
            "## 1 Doses",
            f"{FULL} a dose of 250 mg in those who have lost their spleen.",
            "Another paragraph, set apart.",
            "### Follow-up",
            "See again after 3 days.",
        ]
    )


def test_running_lines_go_and_what_looks_like_them_stays(tmp_path: Path) -> None:
    pages = [
        [
            (50, 780, 8, "R", "A Society: a guideline"),
            *column([f"Day {number} of treatment needs a text of its own, and here it is.", "Dose: 5 mg"], top=740),
            *column(["Dose: 5 mg"], top=40 + 30 * number),
            (290, 20, 8, "R", f"Page {number} of 4"),
        ]
        for number in range(1, 5)
    ]
    text = text_of(tmp_path, pages)
    assert "Society" not in text
    assert "Page" not in text
    assert text.count("5 mg") == 8
    assert "Day 3 of treatment" in text


def test_a_paragraph_goes_on_over_the_page(tmp_path: Path) -> None:
    pages = [column(PARAGRAPH[:2], top=100), column(PARAGRAPH[2:], top=760)]
    assert text_of(tmp_path, pages) == f"{FULL} a dose of 250 mg in those who have lost their spleen."


def test_items_become_a_list(tmp_path: Path) -> None:
    page: list[Piece] = [
        *column(["Give:"], top=700),
        (50, 680, 10, "R", "•"),
        (70, 680, 10, "R", "adults: 500 mg"),
        (50, 664, 10, "R", "• children:"),
        (80, 648, 10, "R", "• 10 mg/kg"),
        (50, 632, 10, "R", "• nobody else"),
    ]
    assert text_of(tmp_path, [page]) == "Give:\n\n- adults: 500 mg\n- children:\n  - 10 mg/kg\n- nobody else"


def test_cells_that_stand_in_columns_become_a_table(tmp_path: Path) -> None:
    rows = [
        ("Drug", "Dose", "Interval"),
        ("Amoxicillin", "500 mg", "8 h"),
        ("Doxycycline", "100 mg on the first", "12 h"),
    ]
    page = column(["The doses are as follows."], top=720)
    for index, row in enumerate(rows):
        page += [(left, 690 - 20 * index, 10, "R", cell) for left, cell in zip((50, 200, 400), row, strict=True)]
    page.append((200, 638, 10, "R", "day, then 50 mg"))
    page += column(["Text after the table, over the whole of the width of the page, ends it."], top=590)
    assert text_of(tmp_path, [page]).split("\n\n")[1] == "\n".join(
        [
            "| Drug | Dose | Interval |",
            "| --- | --- | --- |",
            "| Amoxicillin | 500 mg | 8 h |",
            "| Doxycycline | 100 mg on the first day, then 50 mg | 12 h |",
        ]
    )


def test_raised_and_lowered_digits_are_scripts(tmp_path: Path) -> None:
    page: list[Piece] = [
        (50, 700, 10, "R", "BMI > 30 kg/m"),
        (115, 704, 6, "R", "2"),
        (118.4, 700, 10, "R", " and SpO"),
        (161, 698, 6, "R", "2"),
        (164.4, 700, 10, "R", " < 92 %"),
    ]
    assert text_of(tmp_path, [page]) == "BMI > 30 kg/m² and SpO₂ < 92 %"


@pytest.mark.parametrize(
    ("above", "below", "words", "joined"),
    [
        ("a hyper-", "tensive crisis", "hypertensive", "a hypertensive crisis"),
        ("a hyper-", "tensive crisis", "", "a hypertensive crisis"),
        ("long-", "acting insulin", "", "long-acting insulin"),
        ("dose-", "dependent", "dose dependent", "dose-dependent"),
        ("calcium-", "channel", "calcium-channel", "calcium-channel"),
        ("20-", "50 mg", "", "20-50 mg"),
        ("mg/", "kg", "", "mg/kg"),
        ("COVID-", "19", "", "COVID-19"),
        ("a dose -", "if any", "", "a dose - if any"),
        ("plain", "words", "", "plain words"),
    ],
)
def test_hyphens_at_line_ends_are_joined_with_care(above: str, below: str, words: str, joined: str) -> None:
    assert join_lines(above, below, Counter(words.split())) == joined


def test_the_title_is_that_of_the_metadata_unless_a_program_left_it(tmp_path: Path) -> None:
    page = [(50, 760, 20, "B", "A guideline"), *column(PARAGRAPH)]
    assert read(tmp_path, make_pdf([page], title="Penicillin")).title == "Penicillin"
    assert read(tmp_path, make_pdf([page], title="Microsoft Word - x.doc")).title == "A guideline"


def test_a_scanned_pdf_says_so(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"a\.pdf: has 2 pages and no text; it is probably scanned.*OCR"):
        read(tmp_path, make_pdf([[], []]))


def test_an_encrypted_pdf_says_so(tmp_path: Path) -> None:
    key = "00" * 32
    locked = f"/Encrypt<</Filter/Standard/V 1/R 2/P -4/O<{key}>/U<{key}>>>/ID[<00><00>]"
    with pytest.raises(SourceError, match=r"a\.pdf: is encrypted and needs a password"):
        read(tmp_path, make_pdf([column(PARAGRAPH)], trailer=locked))


def test_the_real_pdf_has_headings_items_and_no_running_lines(shared_data: Path) -> None:
    found = next(read_sources([shared_data / "guidelines" / "pdf"], SourceSettings()))
    assert isinstance(found, Document)
    assert found.text.count("## ") > 20
    assert found.text.count("\n- ") > 50
    assert "Page 1" not in found.text
    assert "non-pharmacological treatments" in found.text
