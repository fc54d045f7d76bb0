"""The guidelines that ship with the project: marked, free, dense in numbers, and right in their sums."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pypdfium2
import pytest
import yaml
from lxml import etree, html

FOLDER = Path(__file__).parents[1] / "examples" / "guidelines"
FILES = sorted(path.name for path in FOLDER.iterdir())
DISCLAIMER = (
    "This document was written for the synthgen project to test software. It is an illustration, not clinical advice: "
    "no guideline body wrote it, reviewed it or endorses it, its grades do not rest on a review of evidence, and "
    "nobody should diagnose, prescribe, monitor or withhold treatment on the strength of anything it says. "
    "Use your own national guidance and the product information of each medicine instead."
)
UNITS = (
    "% micrograms µg mg g kg mL L units IU mmol µmol pmol mmHg kPa fL mm minutes min hours h days weeks months years"
)
QUANTITY = re.compile(rf"\d+(?:[.,–-]\d+)* ?(?:{UNITS.replace(' ', '|')})(?![A-Za-z])(?:/[A-Za-z0-9.²]+)*")


@dataclass(frozen=True)
class Example:
    """One document: `text` is all that a reader sees of it, `marked` says where its licence stands."""

    name: str
    text: str
    marked: str

    @property
    def flat(self) -> str:
        return re.sub(r"\s+", " ", self.text)


def _markdown(path: Path) -> Iterator[Example]:
    _, head, body = path.read_text("utf-8").split("---\n", 2)
    yield Example(path.name, body, json.dumps(yaml.safe_load(head), default=str))


def _html(path: Path) -> Iterator[Example]:
    tree = html.document_fromstring(path.read_text("utf-8"))
    metas = " ".join(meta.get("content", "") for meta in tree.iter("meta"))
    yield Example(path.name, " ".join(tree.xpath("//article")[0].itertext()), metas)


def _jats(path: Path) -> Iterator[Example]:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    tree = etree.fromstring(path.read_bytes(), parser)
    permissions = etree.tostring(tree.find("front/article-meta/permissions"), encoding="unicode")
    yield Example(path.name, " ".join(tree.find("body").itertext()), permissions)


def _pdf(path: Path) -> Iterator[Example]:
    text = "\n".join(_pages(path))
    yield Example(path.name, text, text)


def _pages(path: Path) -> list[str]:
    with pypdfium2.PdfDocument(path) as document:
        return [page.get_textpage().get_text_range() for page in document]


def _text(path: Path) -> Iterator[Example]:
    text = path.read_text("utf-8")
    yield Example(path.name, text, text)


def _jsonl(path: Path) -> Iterator[Example]:
    for row in _rows(path):
        yield Example(f"{path.name}: {row['title']}", row["clean_text"], row["clean_text"])


def _rows(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


READERS: dict[str, Callable[[Path], Iterator[Example]]] = {
    ".md": _markdown,
    ".html": _html,
    ".xml": _jats,
    ".pdf": _pdf,
    ".txt": _text,
    ".jsonl": _jsonl,
}
EXAMPLES = [example for name in FILES for example in READERS[Path(name).suffix](FOLDER / name)]
each_example = pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)


def test_there_are_ten_documents_in_six_formats() -> None:
    assert len(EXAMPLES) == 10
    assert {Path(name).suffix for name in FILES} == set(READERS)


def test_the_page_about_the_examples_lists_exactly_the_files_that_are_there() -> None:
    page = (FOLDER.parent / "README.md").read_text("utf-8")
    assert sorted(re.findall(r"^\| `([^`]+)` \|", page, re.MULTILINE)) == FILES


@each_example
def test_a_document_is_marked_as_an_illustration_with_the_common_disclaimer(example: Example) -> None:
    assert example.flat.count(DISCLAIMER) == 1
    assert "illustrat" in example.flat.replace(DISCLAIMER, "").lower()


@each_example
def test_a_document_says_that_it_is_free_where_its_format_has_a_place_for_it(example: Example) -> None:
    assert "CC0-1.0" in example.marked


@each_example
def test_a_document_has_the_length_of_several_extracts(example: Example) -> None:
    assert 1200 <= len(example.text.split()) <= 2500


@each_example
def test_a_document_is_dense_in_quantities_comparators_and_ranges(example: Example) -> None:
    assert len(set(QUANTITY.findall(example.flat))) >= 60
    assert len(re.findall(r"[≥≤<>]", example.text)) >= 15
    assert "–" in example.text or "-" in example.text


@each_example
def test_a_document_is_clean_unicode(example: Example) -> None:
    assert not re.search("\ufffd|\ufeff|Ã|â€|Â[^a-z]", example.text)
    assert unicodedata.is_normalized("NFC", example.text)


@pytest.mark.parametrize("name", [name for name in FILES if name.endswith(".html")])
def test_a_web_page_has_clutter_around_its_article(name: str) -> None:
    tree = html.document_fromstring((FOLDER / name).read_text("utf-8"))
    article = tree.xpath("//article")[0]
    article.getparent().remove(article)
    assert {"nav", "footer", "aside", "table"} & {element.tag for element in tree.iter()} == {"nav", "footer", "aside"}
    assert "ookie" in tree.text_content()
    assert len(tree.xpath("//a")) >= 15


def test_the_pdf_is_small_has_metadata_and_a_running_header_and_number_on_each_page() -> None:
    path = FOLDER / "acute-hyperkalaemia.pdf"
    assert path.stat().st_size < 60_000
    with pypdfium2.PdfDocument(path) as document:
        metadata = document.get_metadata_dict()
    assert metadata["Title"] == "Acute hyperkalaemia in adults: an illustrative guideline"
    assert metadata["Author"] == "synthgen examples"
    pages = _pages(path)
    assert len(pages) == 4
    for number, page in enumerate(pages, 1):
        assert "Illustration for testing software" in page
        assert f"Page {number} of {len(pages)}" in page


def test_the_rows_have_the_columns_of_the_public_set() -> None:
    columns = ["id", "source", "title", "clean_text", "raw_text", "url", "overview"]
    rows = _rows(FOLDER / "iron-and-opioids.jsonl")
    assert [list(row) for row in rows] == [columns] * 2
    assert all(row["clean_text"] in row["raw_text"] for row in rows)


def test_doses_worked_out_by_weight_are_the_doses_per_kilogram() -> None:
    tree = html.document_fromstring((FOLDER / "acute-asthma-in-children.html").read_text("utf-8"))
    (table,) = [table for table in tree.iter("table") if "worked out by weight" in table.text_content()]
    rows = [[cell.text_content() for cell in row.iter("td")] for row in table.iter("tr")]
    per_kilogram, highest = (4, 40, 15, 5), (100, 2000, 250, 500)
    weights = [row for row in rows if row]
    assert len(weights) == 5
    for weight, *doses in weights:
        expected = [min(dose * _number(weight), top) for dose, top in zip(per_kilogram, highest, strict=True)]
        assert [_number(dose) for dose in doses] == expected


def test_infusion_rates_are_dose_times_weight_over_concentration() -> None:
    text = (FOLDER / "sepsis-first-hour.txt").read_text("utf-8")
    rates = re.findall(r"^ +(\d+) kg +([\d.]+) mL/h +([\d.]+) mL/h$", text, re.MULTILINE)
    assert len(rates) == 3
    for weight, *millilitres in rates:
        assert [float(rate) for rate in millilitres] == pytest.approx(
            [dose * int(weight) * 60 / 80 for dose in (0.1, 0.2)]
        )


def test_each_step_of_the_taper_adds_up_and_is_ten_milligrams_lower() -> None:
    text = _rows(FOLDER / "iron-and-opioids.jsonl")[1]["clean_text"]
    steps = re.findall(r"^\| [\d–]+ \| (\d+) mg \| (\d+) mg \| (\d+) mg \|$", text, re.MULTILINE)
    assert [int(total) for _, _, total in steps] == list(range(110, 30, -10))
    assert all(int(morning) + int(evening) == int(total) for morning, evening, total in steps)


def _number(text: str) -> float:
    match = re.search(r"\d[\d,.]*", text)
    assert match
    return float(match[0].replace(",", ""))


def test_the_library_example_runs(tmp_path: Path, examples: Path) -> None:
    script = examples.parent / "library.py"
    command = [sys.executable, str(script), str(examples / "gout.md"), str(tmp_path / "run")]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "requests to ask; text is sent to: nobody" in printed
    assert "passed: coverage" in printed
