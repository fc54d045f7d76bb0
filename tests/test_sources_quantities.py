"""Every number keeps its unit and its comparator on the way from a file to a document.

What is removed on purpose, and so is taken out of the raw side as well: front matter, targets and titles of links,
HTML tags, reference lists, the numbers that cite them, and what is about an article rather than in it. Superscripts
and subscripts are compared as plain digits, and a cell that spans several places is repeated in each.
"""

from __future__ import annotations

import html
import json
import re
import unicodedata
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthgen.data import Document
from synthgen.normalise.text import normalise_markdown
from synthgen.recipe import SourceSettings
from synthgen.sources import read_sources

UNITS = unicodedata.normalize(
    "NFKC",
    "% mg mcg µg micrograms? g kg ng mL mL/h mL/min L dL mmol mmol/L mg/dL mg/kg mEq/L IU units? mmHg kPa m² kg/m²"
    " cm mm seconds? minutes? min hours? h days? weeks? months? years? °C °F bpm kcal percent cm/sec"
    " sec µM nM mM µl ml",
)
UNIT = "|".join(sorted(UNITS.split(), key=len, reverse=True))
QUANTITY = re.compile(rf"[<>≤≥=~]*\s*\d[\d.,]*(?:\s?[-–]\s?\d[\d.,]*)?\s?(?:{UNIT})(?![A-Za-z])")


def quantities(text: str) -> Counter[str]:
    """Every number with its unit and comparator, without spaces and with scripts as plain digits."""
    text = " ".join(unicodedata.normalize("NFKC", text).split())
    text = re.sub(r"(?<=/m| m) +2(?= )", "2", text)
    return Counter(match[0].replace(" ", "") for match in QUANTITY.finditer(text))


def plain(markdown: str) -> str:
    """Markdown without link targets and HTML tags, by simpler means than the product's."""
    text = re.sub(r"\A---\n.*?\n---\n", "", markdown, flags=re.DOTALL)
    text = re.sub(r"\]\([^()\s]*(?:\s+\"(?:[^\"\\]|\\.)*\")?\)", "]", text)
    text = re.sub(
        r"</?(?:sup|sub|em|strong|span|a|p|div|li|ul|ol|br|t[dhr]|table|thead|tbody)\b(?:[^<>\"]|\"[^\"]*\")*>",
        " ",
        text,
    )
    return html.unescape(text).replace("\\", "")


def documents(path: Path) -> list[Document]:
    return [item for item in read_sources([path], SourceSettings()) if isinstance(item, Document)]


def test_every_quantity_of_the_markdown_guidelines_survives(shared_data: Path) -> None:
    total = 0
    for path in sorted((shared_data / "guidelines" / "markdown").glob("*.md")):
        before, after = quantities(plain(path.read_text("utf-8"))), quantities(documents(path)[0].text)
        total += before.total()
        assert (before - after, after - before) == (Counter(), Counter()), path.name
    assert total > 400


def test_every_quantity_of_the_table_file_survives(shared_data: Path) -> None:
    path = shared_data / "guidelines" / "jsonl" / "guidelines.jsonl"
    rows = [json.loads(line)["clean_text"] for line in path.read_text("utf-8").splitlines()]
    for row, document in zip(rows, documents(path), strict=True):
        before, after = quantities(plain(row)), quantities(document.text)
        assert (before - after, after - before) == (Counter(), Counter()), document.source


def article_text(xml: str) -> str:
    """An article's title, abstracts, body and floats as plain text: inline tags vanish, all others part words."""
    xml = re.sub(
        r"<article-meta>.*?(?=<abstract)|<ref-list.*?</ref-list>|<back>(?!.*<app).*?</back>", " ", xml, flags=re.DOTALL
    )
    xml = re.sub(r"<kwd-group.*?</kwd-group>|<object-id.*?</object-id>|<counts>.*?</counts>", " ", xml, flags=re.DOTALL)
    xml = re.sub(r"<xref[^>]*ref-type=\"bibr\"[^>]*>\W*\d[^<]*</xref>", "", xml)
    xml = re.sub(r"</?(?:italic|bold|su[bp]|xref|ext-link|underline)\b[^>]*>", "", xml)
    return html.unescape(re.sub(r"<[^>]*>", " ", xml))


def test_no_quantity_of_the_articles_is_lost_or_new(shared_data: Path) -> None:
    total = 0
    for path in sorted((shared_data / "guidelines" / "jats").glob("*.nxml")):
        before, after = quantities(article_text(path.read_text("utf-8"))), quantities(documents(path)[0].text)
        total += before.total()
        assert (before - after, set(after) - set(before)) == (Counter(), set()), path.name
    assert total > 200


def test_every_quantity_of_the_pdf_survives(shared_data: Path) -> None:
    import pypdfium2

    path = next((shared_data / "guidelines" / "pdf").glob("*.pdf"))
    pdf = pypdfium2.PdfDocument(path)
    pages = [page.get_textpage().get_text_range() for page in pdf]
    pdf.close()
    running = re.compile(r"^Page \d+$|^VA/DoD Evidence Based Practice .*$", re.MULTILINE)
    raw = "\n".join(running.sub("", page.replace("\r\n", "\n")) for page in pages)
    before, after = quantities(plain(re.sub(r"-\n(?=\d)", "-", raw))), quantities(documents(path)[0].text)
    assert before.total() > 10
    assert (before - after, after - before) == (Counter(), Counter())


def test_every_quantity_of_the_examples_survives(examples: Path) -> None:
    for path in sorted(examples.glob("*.md")) + sorted(examples.glob("*.txt")):
        before, after = quantities(plain(path.read_text("utf-8"))), quantities(documents(path)[0].text)
        assert before.total() > 50
        assert (before - after, after - before) == (Counter(), Counter()), path.name


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        ("INR < 2 in 5 % but > 3 in 7 %", "INR < 2 in 5 % but > 3 in 7 %"),
        ("125 mg for age  <3 years and 250 mg for age ≥3 years", "125 mg for age <3 years and 250 mg for age ≥3 years"),
        ("age &lt;3 years &amp; &gt;10&nbsp;kg", "age <3 years & >10 kg"),
        ("BMI &ge;30 kg/m<sup>2</sup>", "BMI ≥30 kg/m²"),
        ("BMI ≥30 kg/m  2  and", "BMI ≥30 kg/m² and"),
        ("(defined by a BMI  >25 kg/m  2  ) with", "(defined by a BMI >25 kg/m²) with"),
        ("eGFR  <30 mL/min/1.73 m  2  to", "eGFR <30 mL/min/1.73 m² to"),
        ("[PaO  2  ]  <55 mm Hg", "[PaO₂] <55 mm Hg"),
        ("HbSβ  \\+  -thalassemia", "HbSβ⁺-thalassemia"),
        ("platelets 50 × 10<sup>9</sup>/L", "platelets 50 × 10⁹/L"),
        ("platelets 50 × 10⁹/L, 3 m², 5 µg", "platelets 50 × 10⁹/L, 3 m², 5 µg"),
        ("10<sup>-3</sup> and CO<sub>2</sub>, HbA<sub>1c</sub>, C<sub>max</sub>", "10⁻³ and CO₂, HbA1c, Cmax"),
        ("on the 4<sup>th</sup> day", "on the 4th day"),
        ("x<sup>0.75</sup>", "x^0.75"),
        ('[5 mg](http://x.org/10mg "20 mg") daily', "5 mg daily"),
        ("p<0.05 and a<b>c", "p<0.05 and a<b>c"),
        ("| dose | 5 mg<br>10 mg |", "| dose | 5 mg 10 mg |"),
        ("10  12  15", "10 12 15"),
        ("10 12 mg", "10 12 mg"),
        ("&amp;lt;5 mg", "&lt;5 mg"),
    ],
)
def test_numbers_units_and_signs_stay_what_they_are(raw: str, kept: str) -> None:
    assert normalise_markdown(raw) == kept


number = st.one_of(st.integers(0, 2000).map(str), st.decimals(0, 100, places=2).map(str))
phrase = st.builds(
    "{}{} {} {}".format,
    st.sampled_from(["", "<", "> ", "≥", "≤ ", "< "]),
    number,
    st.sampled_from(["mg", "mL/min", "%", "kg/m²", "mmHg", "°C", "× 10⁹/L"]),
    st.sampled_from(["daily", "if pregnant", "", "(see note)", "and", "* or", "[1]"]),
)
piece = st.one_of(
    phrase,
    phrase.map("- {}".format),
    phrase.map("## {}".format),
    st.lists(phrase, min_size=2, max_size=4).map(lambda cells: f"| {' | '.join(cells)} |"),
    phrase.map("<p>{}</p>".format),
    phrase.map('[{}](http://example.org/a_(b) "5 mg")'.format),
    phrase.map("**{}**".format),
)


@given(st.lists(piece, max_size=12).map("\n".join))
@settings(max_examples=150, deadline=None)
def test_any_text_made_of_doses_keeps_them_all(text: str) -> None:
    visible = re.sub(r"\(http[^\s]* \"5 mg\"\)", "", text)
    assert quantities(normalise_markdown(text)) == quantities(re.sub(r"</?p>", " ", visible))


@given(st.text(max_size=300))
@settings(max_examples=200, deadline=None)
def test_normalising_twice_changes_nothing_that_matters(text: str) -> None:
    once = normalise_markdown(text)
    assert unicodedata.is_normalized("NFC", once)
    assert not re.search(r"\r|\t|[ ]$|\n\n\n|[\u200b\ufeff\x00-\x08]", once)
