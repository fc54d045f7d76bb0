"""Judging a finished run again: no teacher, no source, the same run directory."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import synthgen
from synthgen.errors import StorageError, SynthgenError, UsageError
from synthgen.report.result import RunResult
from synthgen.storage import tables

STRICT = "[filters.copied]\nlongest = 25\n[gates]\nacceptance = 0.99\n"


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory, examples: Path) -> RunResult:
    """A small run whose source is gone."""
    folder = tmp_path_factory.mktemp("small")
    source = folder / "guidelines"
    source.mkdir()
    shutil.copy(min(examples.rglob("*.md")), source)
    run = synthgen.run(source, out=folder / "run")
    shutil.rmtree(source)
    return run


@pytest.fixture
def copy(finished: RunResult, tmp_path: Path) -> Path:
    return Path(shutil.copytree(finished.path, tmp_path / "copy"))


def contents(folder: Path) -> dict[str, bytes]:
    """All files by name, but for the lock and the summary, which names the folder."""
    files = {str(path.relative_to(folder)): path for path in folder.rglob("*") if path.is_file()}
    return {name: path.read_bytes() for name, path in files.items() if name not in (".lock", "report/summary.md")}


def test_new_settings_change_the_set_and_the_old_ones_bring_it_back(copy: Path, finished: RunResult) -> None:
    before = contents(finished.path)
    strict = synthgen.filter_run(copy, {"filters": {"copied": {"longest": 25}}})
    kept, copied = strict.result.counts.total.kept, strict.changes["", "copied"]
    assert 0 < kept < strict.before.total.kept == finished.counts.total.kept
    assert copied > 0
    assert sum(1 for _ in tables.read_records(copy / "records.parquet", outcome="kept")) == kept
    assert len(strict.result.dataset) == kept
    assert synthgen.load_run(copy).recipe.filters == {"copied": {"longest": 25}}
    again = synthgen.filter_run(copy, {"filters": {}})
    assert again.result.counts.total == finished.counts.total
    made = {name: data for name, data in contents(copy).items() if name.startswith(("dataset", "packed", "records"))}
    assert made == {name: before[name] for name in made}


def test_nothing_changes_where_nothing_is_changed(copy: Path) -> None:
    before = contents(copy)
    found = synthgen.filter_run(copy)
    assert not found.changes
    assert not found.result.worked
    assert contents(copy) == before


def test_neither_source_nor_journal_is_touched_and_other_sections_stay(copy: Path, finished: RunResult) -> None:
    recipe = {"source": "elsewhere", "teachers": [{"backend": "openai", "model": "m"}], "filters": {"length": {}}}
    journal = contents(copy / "completions")
    result = synthgen.filter_run(copy, recipe).result
    assert (result.recipe.source, result.recipe.teachers) == (finished.recipe.source, finished.recipe.teachers)
    assert contents(copy / "completions") == journal


def test_the_command_says_what_changed_and_ends_with_the_gates(copy: Path, cli: Callable[..., Any]) -> None:
    (copy.parent / "strict.toml").write_text(STRICT, "utf-8")
    ran = cli("filter", copy, "--recipe", copy.parent / "strict.toml")
    assert ran.code == 3
    assert "before" in ran.out
    assert "copied" in ran.out
    assert "acceptance" in ran.out
    assert cli("filter", copy.parent / "nowhere").code == 1


def test_a_folder_that_is_no_run_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="not a run directory"):
        synthgen.filter_run(tmp_path)


def test_an_unknown_filter_is_an_error_and_leaves_the_run_as_it_is(copy: Path) -> None:
    before = contents(copy)
    with pytest.raises(UsageError, match="quantities"):
        synthgen.filter_run(copy, {"filters": {"quantitys": {}}})
    assert contents(copy) == before


def test_keeping_nothing_is_an_error(copy: Path) -> None:
    kinds = {kind: {"min_tokens": 5000, "max_tokens": 6000} for kind in ("text", "qa", "mcq", "dialogue")}
    with pytest.raises(SynthgenError, match="no record was kept"):
        synthgen.filter_run(copy, {"filters": {"length": kinds}})
