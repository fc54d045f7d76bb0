"""Finding files, the checks at the door, and what becomes of bad input."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthgen.data import Document, Quarantined
from synthgen.errors import SourceError
from synthgen.recipe import LicencePolicy, MetadataRule, SourceSettings
from synthgen.sources import fingerprint, read_sources

NO_SETTINGS = SourceSettings()


def read(*paths: Path, settings: SourceSettings = NO_SETTINGS) -> list[Document | Quarantined]:
    return list(read_sources(paths, settings))


def outcome(found: list[Document | Quarantined]) -> dict[str, str]:
    """Source to `used`, or to the code of the reason why not."""
    return {item.source: "used" if isinstance(item, Document) else item.code for item in found}


def write(path: Path, content: str | bytes = "Give 5 mg.") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_a_folder_is_read_in_the_order_of_its_names(tmp_path: Path) -> None:
    for name in ("b.md", "a/z.txt", "a/b.md", ".hidden.md", ".git/x.md", "c/deep/er.md"):
        write(tmp_path / name, f"Text of {name}.")
    assert list(outcome(read(tmp_path))) == ["a/b.md", "a/z.txt", "b.md", "c/deep/er.md"]


def test_roots_that_share_names_keep_them_apart(tmp_path: Path) -> None:
    write(tmp_path / "one" / "a.md", "One.")
    write(tmp_path / "two" / "a.md", "Two.")
    assert list(outcome(read(tmp_path / "one", tmp_path / "two"))) == ["one/a.md", "two/a.md"]
    assert list(outcome(read(tmp_path / "one" / "a.md", tmp_path / "two"))) == ["one/a.md", "two/a.md"]
    assert list(outcome(read(tmp_path / "one", tmp_path / "one" / "a.md"))) == ["a.md"]


def test_link_loops_end(tmp_path: Path) -> None:
    write(tmp_path / "a" / "x.md")
    (tmp_path / "a" / "loop").symlink_to(tmp_path, target_is_directory=True)
    assert len(outcome(read(tmp_path))) == 1


def test_a_document_with_a_patients_data_is_set_aside_before_anything_is_made_of_it(tmp_path: Path) -> None:
    write(tmp_path / "a.md", "# Asthma\n\nMary H., MRN: 48213377, was born on 3 March 1961.\n\nGive 5 mg.")
    write(tmp_path / "b.md", "Born in 1961. Questions: (202) 555-0143, office@guidelines.example.")
    found = read(tmp_path)
    assert outcome(found) == {"a.md": "patient_data", "b.md": "used"}
    assert isinstance(found[0], Quarantined)
    assert "line 3" in found[0].reason
    assert "48213377" not in found[0].reason
    assert outcome(read(tmp_path, settings=SourceSettings(patient_data="use"))) == {"a.md": "used", "b.md": "used"}


def test_a_pipe_in_the_folder_does_not_block(tmp_path: Path) -> None:
    write(tmp_path / "a.md")
    os.mkfifo(tmp_path / "b.md")
    assert outcome(read(tmp_path)) == {"a.md": "used", "b.md": "unknown_format"}


def test_every_bad_document_is_listed_and_the_others_are_used(tmp_path: Path) -> None:
    write(tmp_path / "a.md", "Give 5 mg.")
    write(tmp_path / "b.md", "Give  5 mg.\r\n")
    write(tmp_path / "c.md", " \n\n")
    write(tmp_path / "d.docx", b"PK")
    write(tmp_path / "e.pdf", b"%PDF-1.4 nothing")
    write(tmp_path / "f.xml", "<article><body>")
    write(
        tmp_path / "g.jsonl",
        '{"text": "Give 6 mg."}\n{"text": \n{"text": 5}\n{"note": "x"}\n{"text": null}\n{"text": "Give 7 mg."}\n',
    )
    assert outcome(read(tmp_path)) == {
        "a.md": "used",
        "b.md": "duplicate",
        "c.md": "empty",
        "d.docx": "unknown_format",
        "e.pdf": "unreadable",
        "f.xml": "unreadable",
        "g.jsonl#1": "used",
        "g.jsonl#2": "bad_row",
        "g.jsonl#3": "bad_row",
        "g.jsonl#4": "bad_row",
        "g.jsonl#5": "empty",
        "g.jsonl#6": "used",
    }
    reasons = {item.source: item.reason for item in read(tmp_path) if isinstance(item, Quarantined)}
    assert "a.md" in reasons["b.md"]
    assert reasons["g.jsonl#2"].startswith("g.jsonl line 2: is not valid JSON")
    assert "'note'" in reasons["g.jsonl#4"]


BOMB = '<?xml version="1.0"?><!DOCTYPE article [<!ENTITY a "aaaaaaaaaa">' + "".join(
    f'<!ENTITY {name} "{f"&{below};" * 10}">' for below, name in zip("abcdefghi", "bcdefghij", strict=True)
)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.pdf", b"%PDF-1.4 garbage", "a.pdf: is not a PDF, or is damaged"),
        ("a.xml", "<article><body></article>", "a.xml: is not valid XML (Opening and ending tag mismatch"),
        ("a.xml", "<html><body>x</body></html>", "a.xml: is XML, but not JATS: its root is <html>"),
        ("a.xml", f"{BOMB}]><article><body><p>&j;</p></body></article>", "a.xml: its entities grow without bound"),
        (
            "a.xml",
            f'{BOMB}]><article><body id="&j;"><p>x</p></body></article>',
            "a.xml: its entities grow without bound",
        ),
        ("a.xml", f"{BOMB}]><article><body><p>&a;</p></body></article>", "a.xml: declares an entity of its own, &a;"),
        (
            "a.xml",
            '<!DOCTYPE article [<!ENTITY x SYSTEM "file:///etc/passwd">]><article><body><p>&x;</p></body></article>',
            "a.xml: declares an entity of its own, &x;",
        ),
        ("a.jsonl", '{"text": "x"', "a.jsonl line 1: is not valid JSON ("),
        ("a.jsonl", "[1]", "a.jsonl line 1: is a JSON list, not an object"),
        ("a.jsonl", '{"abstract": "x"}', "has no column with text (it has: 'abstract')"),
        ("a.jsonl.gz", b"\x1f\x8b\x08\x00 cut", "a.jsonl.gz: cannot be read to its end"),
        ("a.jsonl.zst", b"not zstd", "a.jsonl.zst: cannot be read to its end"),
        ("a.parquet", b"PAR1 no", "a.parquet: is not a Parquet file, or is damaged"),
        ("a.md", b"caf\xe9 5 mg", "a.md: is not UTF-8 at byte 3. Convert the file to UTF-8"),
        ("a.md", b"5 mg\x00\x01", "a.md: has a NUL character at offset 4"),
        ("a.md", "---\ntitle: [x\n---\nText", "a.md: its front matter is not valid YAML (line 3"),
        ("a.md", "+++\ntitle = x\n+++\nText", "a.md: its front matter is not valid TOML ("),
        ("a.md", "---\ntitle: x\n\nText", "a.md: its front matter is never closed"),
        ("a.md", "", "a.md: there is no text in it"),
        ("a.jsonl", "\n\n", "a.jsonl: there is no document in it"),
        ("a.html", f"<html><body>{'<div>' * 400}5 mg", "a.html: is HTML with elements nested too deeply"),
        ("a.docx", b"PK", "the file has no format that can be read"),
    ],
)
def test_a_single_bad_file_gives_one_line_that_says_what_is_wrong(
    tmp_path: Path, name: str, content: str | bytes, said: str
) -> None:
    path = write(tmp_path / name, content)
    with pytest.raises(SourceError) as raised:
        read(path)
    assert said in str(raised.value)
    assert "\n" not in str(raised.value)


SAMPLES = {
    "a.md": b"---\ntitle: x\n---\n# H\n<table><tr><td>5 mg</td></tr></table>\n[a](b) ![c](d) <sup>2</sup>",
    "a.txt": b"TITLE\n=====\n\nA   B\n1   2\n3   4\n",
    "a.html": b"<html><head><title>x</title></head><body><ul><li>5 mg<table><tr><td rowspan=2>a</table></ul></body>",
    "a.xml": b"<article><front/><body><sec><title>a</title><p>5<sup>2</sup><xref/></p></sec></body></article>",
    "a.jsonl": b'{"text": "5 mg"}\n{"text": "6 mg", "title": 7}\n',
    "a.pdf": b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Count 0/Kids[]>>endobj\n",
}


@given(st.sampled_from(sorted(SAMPLES)), st.binary(max_size=12), st.integers(0, 120), st.integers(0, 12))
@settings(max_examples=80, deadline=None)
def test_damaged_files_are_read_or_refused_and_never_crash(name: str, noise: bytes, at: int, cut: int) -> None:
    sample = SAMPLES[name]
    with tempfile.TemporaryDirectory() as folder:
        path = write(Path(folder) / name, sample[:at] + noise + sample[at + cut :])
        found: list[Document | Quarantined] = []
        with contextlib.suppress(SourceError):
            found = read(path)
    assert all(item.text.encode() for item in found if isinstance(item, Document))


def test_paths_with_nothing_to_read_are_refused_at_once(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    write(tmp_path / "other" / "a.docx")
    for path, said in [
        (tmp_path / "missing", "there is no such file or folder"),
        (tmp_path / "empty", "the folder has no files"),
        (tmp_path / "other", "none of the 1 files has a format that can be read"),
    ]:
        with pytest.raises(SourceError, match=said):
            read_sources([path], NO_SETTINGS)
    with pytest.raises(SourceError, match="no source was given"):
        read_sources([], NO_SETTINGS)


def test_a_folder_with_no_usable_document_says_how_many_and_the_first_reason(tmp_path: Path) -> None:
    write(tmp_path / "a.docx")
    write(tmp_path / "b.pdf", b"no")
    write(tmp_path / "c.md", "")
    with pytest.raises(SourceError, match=r"not one document can be used; 3 files were seen\. b\.pdf: is not a PDF"):
        read(tmp_path)


def test_a_large_file_is_not_read(tmp_path: Path) -> None:
    write(tmp_path / "a.md", "x" * 5000)
    write(tmp_path / "b.md", "Give 5 mg.")
    found = read(tmp_path, settings=SourceSettings(max_file_mb=0.004))
    assert outcome(found) == {"a.md": "unreadable", "b.md": "used"}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("name", ["a.md", "a.txt", "a.html", "a.jsonl"])
def test_byte_order_marks_are_understood(tmp_path: Path, name: str, encoding: str) -> None:
    content = '{"text": "≥5 µg"}' if name.endswith("jsonl") else "≥5 µg"
    found = read(write(tmp_path / name, content.encode(encoding)))
    assert isinstance(found[0], Document)
    assert found[0].text == "≥5 µg"


def test_an_encoding_that_a_page_declares_is_used(tmp_path: Path) -> None:
    page = '<html><head><meta charset="windows-1252"></head><body><p>5 µg – café</p></body></html>'
    found = read(write(tmp_path / "a.html", page.encode("cp1252")))
    assert isinstance(found[0], Document)
    assert found[0].text == "5 µg – café"


def test_rules_fill_only_the_gaps_of_the_metadata(tmp_path: Path) -> None:
    write(tmp_path / "who" / "a.md", "---\npublisher: Own\n---\nGive 5 mg.")
    write(tmp_path / "who" / "b.jsonl", json.dumps({"text": "Give 6 mg."}))
    rules = [
        MetadataRule(glob="who/*", publisher="WHO", licence="CC-BY-4.0"),
        MetadataRule(glob="*", publisher="Else", date="2024"),
    ]
    found = read(tmp_path, settings=SourceSettings(metadata=rules))
    assert [(item.publisher, item.licence, item.date) for item in found if isinstance(item, Document)] == [
        ("Own", "CC BY 4.0", "2024"),
        ("WHO", "CC BY 4.0", "2024"),
    ]


@pytest.mark.parametrize(
    ("policy", "used"),
    [
        ({}, ["by", "nc", "none"]),
        ({"allow": ["cc-by*"]}, ["by", "nc"]),
        ({"refuse": ["*NC*"]}, ["by", "none"]),
        ({"allow": ["*"], "refuse": ["*-nc-*"]}, ["by"]),
    ],
)
def test_the_licence_policy_refuses_at_the_door(tmp_path: Path, policy: dict[str, Any], used: list[str]) -> None:
    write(tmp_path / "by.md", "---\ntitle: Open\nlicence: CC-BY-4.0\n---\nOne.")
    write(tmp_path / "nc.md", "---\ntitle: Closed\nlicence: CC-BY-NC-4.0\n---\nTwo.")
    write(tmp_path / "none.md", "Three.")
    found = read(tmp_path, settings=SourceSettings(licences=LicencePolicy(**policy)))
    assert [item.source.removesuffix(".md") for item in found if isinstance(item, Document)] == used
    refused = [item for item in found if isinstance(item, Quarantined)]
    assert all(item.code == "licence" for item in refused)
    if "nc" not in used:
        reason = next(item.reason for item in refused if item.source == "nc.md")
        assert "'Closed'" in reason
        assert "'CC BY-NC 4.0'" in reason


def test_the_fingerprint_follows_names_and_contents_and_not_the_machine(tmp_path: Path) -> None:
    write(tmp_path / "here" / "a.md", "One.")
    write(tmp_path / "here" / "b" / "c.txt", "Two.")
    shutil.copytree(tmp_path / "here", tmp_path / "there" / "here")
    first = fingerprint([tmp_path / "here"])
    assert fingerprint([tmp_path / "there" / "here"]) == first
    write(tmp_path / "there" / "here" / "a.md", "One!")
    assert fingerprint([tmp_path / "there" / "here"]) != first


def test_reading_is_the_same_in_every_process(examples: Path) -> None:
    code = (
        "import sys; from synthgen.sources import *; from synthgen.recipe import SourceSettings; "
        "print([(i.source, i.doc_id, i.title) for i in read_sources(sys.argv[1:], SourceSettings())])"
    )
    runs = {
        subprocess.run(
            [sys.executable, "-c", code, str(examples)],
            env={**os.environ, "PYTHONHASHSEED": seed, "LC_ALL": "C"},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("0", "1")
    }
    assert len(runs) == 1


def test_sources_are_named_with_forward_slashes(shared_data: Path) -> None:
    found = read(shared_data / "guidelines")
    assert all("\\" not in item.source and not item.source.startswith("/") for item in found)
    assert len(outcome(found)) == len(found) == 51
    assert set(outcome(found).values()) == {"used"}
