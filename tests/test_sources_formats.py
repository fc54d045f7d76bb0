"""What each text format becomes: metadata, headings, tables, lists and scripts kept, furniture gone."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from synthgen.data import Document, Quarantined
from synthgen.recipe import SourceSettings
from synthgen.sources import read_sources


def read(path: Path, **settings: Any) -> list[Document | Quarantined]:
    return list(read_sources([path], SourceSettings(**settings)))


def document(folder: Path, name: str, content: str, **settings: Any) -> Document:
    path = folder / name
    path.write_text(content, "utf-8")
    found = read(path, **settings)
    assert len(found) == 1
    assert isinstance(found[0], Document)
    return found[0]


@pytest.mark.parametrize(
    "front",
    [
        '---\ntitle: "Croup: what to do"\nOrganisation: A Society\nlicense: CC-BY-4.0\ndate: 2024-05-01\n---\n',
        '+++\ntitle = "Croup: what to do"\npublisher = "A Society"\nlicence = "CC-BY-4.0"\ndate = 2024-05-01\n+++\n',
    ],
)
def test_front_matter_is_metadata_and_not_text(tmp_path: Path, front: str) -> None:
    made = document(tmp_path, "croup.md", front + "\n# Croup\n\nDexamethasone 0.15 mg/kg.\n")
    assert (made.title, made.publisher, made.licence, made.date) == (
        "Croup: what to do",
        "A Society",
        "CC BY 4.0",
        "2024-05-01",
    )
    assert made.text == "# Croup\n\nDexamethasone 0.15 mg/kg."
    assert made.format == "markdown"


def test_a_rule_at_the_top_is_no_front_matter(tmp_path: Path) -> None:
    assert document(tmp_path, "a.md", "---\n\nGive 5 mg.\n\n---\n\nThen stop.\n").text.startswith("---\n\nGive 5 mg.")


def test_title_is_the_metadata_else_the_first_heading_else_the_file_name(tmp_path: Path) -> None:
    assert document(tmp_path, "one.md", "---\ntitle: T\n---\n# H\n\nText.\n").title == "T"
    assert document(tmp_path, "two.md", "## **H** two\n\nText.\n").title == "H two"
    assert document(tmp_path, "three.v2.md", "Text only.\n").title == "three.v2"


def test_markdown_clutter_goes_and_structure_stays(tmp_path: Path) -> None:
    source = """
[Skip to content](#main)

* [Dosing](#dosing)
* [References](#references)

![logo](logo.png "Logo")

#  Dosing #

  1. First  line [FDA](http://www.fda.gov "FDA Web site").
      * nested with [a link](/x?y=(1))
  2. Second<sup>[3](#ref3)</sup>

| Drug | Dose |
|------|------|
| A | [5 mg](x.html) |

See <http://example.org/x> and [text][1].

[1]: http://example.org "Title"

[Back to top](#top)
"""
    assert document(tmp_path, "a.md", source).text == "\n".join(
        [
            "# Dosing",
            "",
            "1. First line FDA.",
            "  - nested with a link",
            "2. Second",
            "",
            "| Drug | Dose |",
            "|------|------|",
            "| A | 5 mg |",
            "",
            "See http://example.org/x and text.",
        ]
    )


def test_html_tables_in_markdown_become_pipe_tables(tmp_path: Path) -> None:
    source = """Text before.

<table border="1">
  <thead><tr><th>Age</th><th colspan="2">Dose</th></tr></thead>
  <tbody>
    <tr><td rowspan="2">&lt;3 years</td><td>day 1</td><td>5 mg/kg | once</td></tr>
    <tr><td>day 2</td><td><ul><li>2 mg</li><li>4 mg</li></ul></td></tr>
  </tbody>
</table>
Text after."""
    assert document(tmp_path, "a.md", source).text == "\n".join(
        [
            "Text before.",
            "",
            "| Age | Dose | Dose |",
            "| --- | --- | --- |",
            "| <3 years | day 1 | 5 mg/kg \\| once |",
            "| <3 years | day 2 | 2 mg; 4 mg |",
            "",
            "Text after.",
        ]
    )


def test_hand_wrapped_lines_are_joined_and_others_are_not(tmp_path: Path) -> None:
    wrapped = (
        "Give oral penicillin prophylaxis twice daily until the age of five in all\n"
        "children with homozygous sickle cell disease, and continue it after that\n"
        "in those without a spleen.\n\n- an item that is also wrapped by its writer at about the same width as\n"
        "  the rest\n- next\n\nDose: 5 mg\nRoute: oral\n"
    )
    text = document(tmp_path, "a.md", wrapped).text
    assert text.split("\n\n")[0].count("\n") == 0
    assert "same width as the rest\n- next" in text
    assert "Dose: 5 mg\nRoute: oral" in text


def test_plain_text_gets_headings_and_tables(tmp_path: Path) -> None:
    source = (
        "A guideline\n===========\nPublisher: A Society\nLicence: CC BY 4.0\n\nDOSING\n\n"
        "Drug         Dose      Interval\n-----------  --------  --------\nAmoxicillin  500 mg    8 h\n"
        "Doxycycline  100 mg    12 h\n"
    )
    made = document(tmp_path, "a.txt", source)
    assert (made.title, made.publisher, made.licence) == ("A guideline", "A Society", "CC BY 4.0")
    assert "## DOSING" in made.text
    assert "| Drug | Dose | Interval |\n| --- | --- | --- |\n| Amoxicillin | 500 mg | 8 h |" in made.text


def test_plain_text_takes_markup_and_entities_literally(tmp_path: Path) -> None:
    assert (
        document(tmp_path, "a.txt", "Write &lt;b&gt; and [x](y) if 3 < 4.").text
        == "Write &lt;b&gt; and [x](y) if 3 < 4."
    )


PAGE = """<!DOCTYPE html><html lang="en"><head><title>Asthma | Site</title>
<meta name="citation_title" content="Acute asthma"><meta property="og:site_name" content="A Society">
<meta name="dcterms.license" content="CC-BY-4.0"><meta name="citation_publication_date" content="2024/05/01">
<link rel="canonical" href="https://example.org/asthma"><style>p{}</style></head><body>
<header class="site-header"><a href="/">Home</a> Site name</header>
<nav><ul><li><a href="/a">Menu entry</a></li></ul></nav>
<div id="cookie-banner">We use cookies. <button>Accept</button></div>
<main><ol class="breadcrumb"><li>Guidelines</li></ol>
<h1>Acute asthma</h1>
<p>Give if SpO<sub>2</sub> &lt; 92&nbsp;% and age &gt;5 years;<br>
BMI ≥30 kg/m<sup>2</sup> in <b>adults</b>.<sup><a href="#r1">1</a></sup></p>
<h2>Doses</h2>
<ul><li>Salbutamol<ul><li>2.5 mg if &lt;5 years</li><li>5 mg</li></ul></li>
<li><p>Prednisolone</p><p>40 mg</p></li></ul>
<table><caption>Doses</caption><tr><th>Age</th><th>Dose</th></tr><tr><td>&lt;3</td><td>10<sup>9</sup>/L</td></tr></table>
<dl><dt>PEF</dt><dd>peak flow</dd></dl>
<div><a href="/p">« Previous: Croup</a> | <a href="/n">Next: Fever »</a></div>
<div class="share-buttons">Tweet this</div><aside>Related pages</aside>
<p><a href="#top">Back to top</a></p></main>
<footer>© Site</footer><script>var x = "5 mg";</script></body></html>"""


def test_a_web_page_keeps_its_content_and_loses_its_furniture(tmp_path: Path) -> None:
    made = document(tmp_path, "a.html", PAGE)
    assert made.text == "\n".join(
        [
            "# Acute asthma",
            "",
            "Give if SpO₂ < 92 % and age >5 years;",
            "BMI ≥30 kg/m² in **adults**.",
            "",
            "## Doses",
            "",
            "- Salbutamol",
            "  - 2.5 mg if <5 years",
            "  - 5 mg",
            "- Prednisolone",
            "40 mg",
            "",
            "**Doses**",
            "",
            "| Age | Dose |",
            "| --- | --- |",
            "| <3 | 10⁹/L |",
            "",
            "PEF: peak flow",
        ]
    )
    assert (made.title, made.publisher, made.licence, made.date, made.url) == (
        "Acute asthma",
        "A Society",
        "CC BY 4.0",
        "2024-05-01",
        "https://example.org/asthma",
    )


ARTICLE = """<?xml version="1.0"?>
<!DOCTYPE article PUBLIC "-//NLM//DTD JATS (Z39.96) Journal Archiving DTD v1.0//EN" "JATS-archivearticle1.dtd">
<article xmlns:xlink="http://www.w3.org/1999/xlink"><front><journal-meta>
<journal-title-group><journal-title>A Journal</journal-title></journal-title-group></journal-meta>
<article-meta><article-id pub-id-type="doi">10.1/x</article-id>
<title-group>
<article-title>Hypertension<xref ref-type="fn">*</xref> in <italic>pregnancy</italic></article-title></title-group>
<pub-date pub-type="epub"><day>3</day><month>6</month><year>2024</year></pub-date>
<permissions><license xlink:href="https://creativecommons.org/licenses/by/4.0/"><license-p>Open.</license-p></license>
</permissions>
<abstract><p>Short.</p></abstract></article-meta></front>
<body><sec><label>1</label><title>Doses &alpha;</title>
<p>Labetalol 200&nbsp;mg [<xref ref-type="bibr" rid="r1">1</xref>,
<xref ref-type="bibr" rid="r2">2</xref>] if &lt;160<sup>a</sup>, 10<sup>9</sup>/L<sup>
<xref ref-type="bibr" rid="r3">3</xref></sup>;
see <xref ref-type="table" rid="t1">Table 1</xref> and (<xref ref-type="bibr" rid="r4">Smith 2020</xref>).
<list list-type="order"><list-item><p>First</p></list-item><list-item><p>Second</p></list-item></list></p>
<sec><title>Deeper</title><table-wrap id="t1"><label>Table 1</label><caption><title>Doses</title></caption>
<table><thead><tr><th>Drug</th><th>Dose</th></tr></thead>
<tbody><tr><td>A</td><td>CO<sub>2</sub> 5 | 6</td></tr></tbody></table>
<table-wrap-foot><fn><p>A note.</p></fn></table-wrap-foot></table-wrap></sec></sec>
<sec><title>Competing interests</title><p>None.</p></sec></body>
<back><ref-list><ref id="r1"><mixed-citation>Smith 5 mg</mixed-citation></ref></ref-list></back></article>"""


def test_an_article_keeps_sections_tables_and_lists_and_loses_citation_marks(tmp_path: Path) -> None:
    made = document(tmp_path, "a.nxml", ARTICLE)
    assert made.text == "\n".join(
        [
            "# Hypertension in pregnancy",
            "",
            "## Abstract",
            "",
            "Short.",
            "",
            "## 1 Doses α",
            "",
            "Labetalol 200 mg if <160^a, 10⁹/L; see Table 1 and (Smith 2020).",
            "",
            "1. First",
            "2. Second",
            "",
            "### Deeper",
            "",
            "**Table 1. Doses.**",
            "",
            "| Drug | Dose |",
            "| --- | --- |",
            "| A | CO₂ 5 \\| 6 |",
            "",
            "A note.",
        ]
    )
    assert (made.title, made.publisher, made.licence, made.date, made.url) == (
        "Hypertension in pregnancy",
        "A Journal",
        "CC BY 4.0",
        "2024-06-03",
        "https://doi.org/10.1/x",
    )


ROWS = [
    {
        "id": "a",
        "source": "who",
        "title": "One",
        "clean_text": "Give 5 mg.",
        "raw_text": "x",
        "url": "u",
        "overview": None,
    },
    {
        "id": "b",
        "source": "who",
        "title": "Two",
        "clean_text": "Give 6 mg.",
        "raw_text": "x",
        "url": None,
        "overview": None,
    },
]


def write_rows(path: Path, rows: list[dict[str, Any]]) -> Path:
    data = "".join(json.dumps(row) + "\n" for row in rows).encode()
    if path.suffix == ".gz":
        data = gzip.compress(data)
    elif path.suffix == ".zst":
        data = zstandard.compress(data)
    elif path.suffix == ".parquet":
        pq.write_table(pa.Table.from_pylist(rows), path)
        return path
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("name", ["a.jsonl", "a.ndjson", "a.jsonl.gz", "a.jsonl.zst", "a.parquet"])
def test_columns_of_the_public_guideline_set_are_understood(tmp_path: Path, name: str) -> None:
    found = read(write_rows(tmp_path / name, ROWS))
    assert [item.source for item in found] == [f"{name}#1", f"{name}#2"]
    first = found[0]
    assert isinstance(first, Document)
    assert (first.text, first.title, first.publisher, first.url) == ("Give 5 mg.", "One", "who", "u")


@pytest.mark.parametrize("name", ["a.jsonl", "a.parquet"])
def test_other_columns_are_mapped_in_the_recipe(tmp_path: Path, name: str) -> None:
    path = write_rows(tmp_path / name, [{"passage": "Give 5 mg.", "head": "One", "text": "not this"}])
    found = read(path, columns={"text": "passage", "title": "head"})
    assert isinstance(found[0], Document)
    assert (found[0].text, found[0].title) == ("Give 5 mg.", "One")


def test_a_row_without_a_title_is_named_after_its_file(tmp_path: Path) -> None:
    found = read(write_rows(tmp_path / "set.jsonl", [{"content": "Give 5 mg."}]))
    assert isinstance(found[0], Document)
    assert found[0].title == "set 1"


def test_the_public_set_itself_is_read(shared_data: Path) -> None:
    found = read(shared_data / "guidelines" / "jsonl" / "guidelines.jsonl")
    assert len(found) == 22
    assert all(isinstance(item, Document) and item.publisher == "ngc" and item.title for item in found)


def test_real_articles_state_their_licence_journal_and_date(shared_data: Path) -> None:
    found = read(shared_data / "guidelines" / "jats")
    assert len(found) == 6
    assert all(isinstance(item, Document) and item.licence and item.publisher and item.date for item in found)
