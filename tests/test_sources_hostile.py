"""File names and metadata that are made to break a terminal, a report or a parser."""

from __future__ import annotations

import os
from itertools import pairwise
from pathlib import Path

import pytest

from synthgen.data import Document, Quarantined
from synthgen.recipe import SourceSettings
from synthgen.sources import read_sources


def read(path: Path) -> list[Document | Quarantined]:
    return list(read_sources([path], SourceSettings()))


def write(path: Path, content: str = "Give 5 mg.") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, "utf-8")
    return path


@pytest.mark.parametrize(
    "name",
    ["\x1b[31mred\x1b[0m\x07.md", "new\nline/do\rc.md", "right\u202eto left.md", "\udcff.md", "\x1b]0;t\x07.pdf"],
)
def test_a_name_with_characters_that_act_is_listed_without_them(tmp_path: Path, name: str) -> None:
    write(tmp_path / name)
    write(tmp_path / "good.md", "Give 6 mg.")
    found = read(tmp_path)
    assert len(found) == 2
    said = [item.source + getattr(item, "reason", "") for item in found]
    assert all(words.isprintable() for words in said)
    assert any("\ufffd" in words for words in said)


def test_files_whose_names_are_shown_alike_are_still_two_files(tmp_path: Path) -> None:
    write(tmp_path / os.fsdecode(b"a\xfe.md"))
    write(tmp_path / os.fsdecode(b"a\xff.md"))
    write(tmp_path / "a\x01.md", "Give 6 mg.")
    first, second, third = read(tmp_path)
    assert [item.source for item in (first, second, third)] == ["a\ufffd.md"] * 3
    used = [item.text for item in (first, second, third) if isinstance(item, Document)]
    assert sorted(used) == ["Give 5 mg.", "Give 6 mg."]


@pytest.mark.parametrize("escape", ["\\e[31m", "\\u202e", "\\a", "\\u2028"])
def test_metadata_holds_no_character_that_acts(tmp_path: Path, escape: str) -> None:
    (document,) = read(
        write(tmp_path / "a.md", f'---\ntitle: "Gout{escape}"\npublisher: ["A{escape}"]\n---\nGive 5 mg.')
    )
    assert isinstance(document, Document)
    assert document.title.isprintable()
    assert document.title.startswith("Gout")
    assert document.publisher is not None
    assert document.publisher.isprintable()


def test_aliases_in_front_matter_do_not_multiply(tmp_path: Path) -> None:
    levels = "abcdefghi"
    bomb = "".join(f"{name}: &{name} [{', '.join(9 * [f'*{last}'])}]\n" for last, name in pairwise(levels))
    (document,) = read(
        write(tmp_path / "a.md", f"---\na: &a x\n{bomb}title: *i\npublisher: *b\n---\n# Gout\n\nGive 5 mg.")
    )
    assert isinstance(document, Document)
    assert document.title == "Gout"
    assert document.publisher == ", ".join(9 * ["x"])
    (document,) = read(write(tmp_path / "b.md", "---\ntitle: &a [*a]\n---\n# Asthma\n\nGive 6 mg."))
    assert isinstance(document, Document)
    assert document.title == "Asthma"


def test_a_run_directory_in_the_folder_is_not_read(tmp_path: Path) -> None:
    write(tmp_path / "a.md")
    for name in (".lock", "recipe.toml", "run.json", "dataset/README.md", "report/summary.md"):
        write(tmp_path / "runs" / "guidelines" / name, "Give 6 mg.")
    write(tmp_path / "runs" / "b.md", "Give 7 mg.")
    assert [item.source for item in read(tmp_path)] == ["a.md", "runs/b.md"]
