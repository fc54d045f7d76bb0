"""Bad input: one clear line, no traceback, a non-zero exit, and nothing half-written."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

GOOD = "# Gout\n\nGive colchicine 500 micrograms twice daily for up to 5 days. Avoid it if eGFR is < 10 mL/min.\n" * 3
BOMB = """<?xml version="1.0"?><!DOCTYPE article [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;"><!ENTITY e "&d;&d;&d;&d;&d;&d;&d;&d;">]>
<article><body><p>&e;&e;&e;&e;</p></body></article>"""

SOURCES: dict[str, tuple[bytes, list[str]]] = {
    "corrupt.pdf": (b"%PDF-1.7\n%garbage without an end", ["corrupt.pdf"]),
    "bad.xml": (b"<article><body><p>never closed</body></article>", ["bad.xml"]),
    "bomb.xml": (BOMB.encode(), ["bomb.xml"]),
    "rows.jsonl": (b'{"text": "fine"\n{"text": \n', ["rows.jsonl", "1"]),
    "latin.txt": ("Fieber über 38,5 °C".encode("latin-1"), ["latin.txt", "UTF-8"]),
    "empty.md": (b"", ["empty.md"]),
    "broken.jsonl.gz": (gzip.compress(b'{"text": "x"}\n')[:-9], ["broken.jsonl.gz"]),
    "data.parquet": (b"PAR1 not really", ["data.parquet"]),
    "picture.png": (b"\x89PNG", ["picture.png"]),
}


def one_line(ran: Any) -> str:
    """The error of a command that failed: one line, no traceback."""
    lines = [line for line in ran.err.splitlines() if line.startswith("synthgen: ")]
    assert "Traceback" not in ran.err + ran.out
    assert len(lines) == 1, ran.err
    assert ran.err.splitlines()[-1] == lines[0]
    return str(lines[0])


@pytest.mark.parametrize("name", SOURCES)
def test_a_source_that_cannot_be_used(cli: Callable[..., Any], tmp_path: Path, name: str) -> None:
    content, words = SOURCES[name]
    (tmp_path / name).write_bytes(content)
    ran = cli("run", "--source", name)
    assert ran.code == 1
    message = one_line(ran)
    assert all(word in message for word in words)
    assert not (tmp_path / "runs").exists() or not list((tmp_path / "runs").iterdir())


@pytest.mark.parametrize("name", SOURCES)
def test_a_bad_document_among_good_ones_is_listed_and_the_run_goes_on(
    cli: Callable[..., Any], tmp_path: Path, name: str
) -> None:
    folder = tmp_path / "guidelines"
    folder.mkdir()
    (folder / "gout.md").write_text(GOOD, "utf-8")
    (folder / name).write_bytes(SOURCES[name][0])
    ran = cli("run", "--source", "guidelines", "--teacher", "fake")
    assert ran.code == 0, ran.err
    listed = (tmp_path / "runs/guidelines/report/quarantined.csv").read_text("utf-8")
    assert name in listed
    assert "set aside: 1" in ran.out


def test_a_folder_that_is_missing_empty_or_unreadable(cli: Callable[..., Any], tmp_path: Path) -> None:
    assert "missing" in one_line(cli("run", "--source", "missing"))
    (tmp_path / "empty").mkdir()
    assert "empty" in one_line(cli("run", "--source", "empty"))
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "a.png").write_bytes(b"\x89PNG")
    assert "pictures" in one_line(cli("run", "--source", "pictures"))
    assert not (tmp_path / "runs").exists() or not list((tmp_path / "runs").iterdir())


@pytest.mark.parametrize(
    ("recipe", "code", "words"),
    [
        ("teachr = 1", 2, ["recipe.toml", "teachr", "Did you mean", "teachers"]),
        ("target_tokens = 'many'", 2, ["recipe.toml", "target_tokens", "integer"]),
        ("tokenizer = 'mistral-7b'", 2, ["tokenizer", "mistral-7b-v0.1"]),
        ("prompts = 'nowhere'", 2, ["nowhere"]),
        ("[transformations]\nfqa = 1.0", 2, ["fqa", "faq"]),
        ("[[teachers]]\nbackend = 'opnai'", 2, ["opnai", "openai"]),
        ("[[teachers]]\nbackend = 'openai'\nmodel = 'm'\napi_key_env = 'NO_SUCH_KEY'", 2, ["NO_SUCH_KEY"]),
        ("[[teachers]]\nbackend = 'openai'", 2, ["model"]),
        ("[filters.lenght]\nenabled = true", 2, ["lenght", "length"]),
        ("source = [", 2, ["recipe.toml", "TOML"]),
    ],
)
def test_a_recipe_that_cannot_work(
    cli: Callable[..., Any], tmp_path: Path, recipe: str, code: int, words: list[str]
) -> None:
    (tmp_path / "gout.md").write_text(GOOD, "utf-8")
    (tmp_path / "recipe.toml").write_text(recipe, "utf-8")
    ran = cli("run", "--source", "gout.md", "--recipe", "recipe.toml")
    message = one_line(ran)
    assert ran.code == code
    assert all(word in message for word in words), message
    assert not (tmp_path / "runs").exists()


def test_names_on_the_command_line(cli: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "gout.md").write_text(GOOD, "utf-8")
    assert "extractive" in one_line(cli("run", "--source", "gout.md", "--teacher", "extractve"))
    assert "faq" in one_line(cli("prompts", "fqa"))
    assert "run directory" in one_line(cli("status", "nowhere"))
    assert "no source" in one_line(cli("run"))


def test_an_output_that_cannot_be_written(cli: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "gout.md").write_text(GOOD, "utf-8")
    (tmp_path / "taken").write_text("a file", "utf-8")
    ran = cli("run", "--source", "gout.md", "--out", "taken/run")
    assert ran.code == 1
    assert "taken" in one_line(ran)
    assert "/proc" in one_line(cli("run", "--source", "gout.md", "--out", "/proc/synthgen-run"))


def test_another_source_in_the_same_run_directory_is_refused(cli: Callable[..., Any], tmp_path: Path) -> None:
    for name in ("gout.md", "other.md"):
        (tmp_path / name).write_text(GOOD + name, "utf-8")
    assert cli("run", "--source", "gout.md", "--teacher", "fake", "--out", "run").code == 0
    assert "another source (gout.md)" in one_line(cli("run", "--source", "other.md", "--out", "run"))


def test_a_run_directory_that_is_the_source_and_a_path_that_cannot_be_printed(
    cli: Callable[..., Any], tmp_path: Path
) -> None:
    (tmp_path / "g").mkdir()
    (tmp_path / "g" / "gout.md").write_text(GOOD, "utf-8")
    assert "the source itself" in one_line(cli("run", "--source", "g", "--out", "./g"))
    assert [path.name for path in (tmp_path / "g").iterdir()] == ["gout.md"]
    assert "cannot be printed" in one_line(cli("run", "--source", "bad\udcff"))


def test_a_log_in_another_encoding_gets_question_marks(tmp_path: Path) -> None:
    (tmp_path / "gout.md").write_text(GOOD, "utf-8")
    command = [sys.executable, "-m", "synthgen", "run", "--source", "gout.md", "--teacher", "fake"]
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    ran = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, check=False)
    assert (ran.returncode, b"Traceback" in ran.stderr) == (0, False)
