"""What the documents show runs, and what they say of the code is true."""

from __future__ import annotations

import re
import runpy
import shutil
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import synthgen
from synthgen.recipe import Recipe
from synthgen.report.result import RunResult
from synthgen.settings import validated
from synthgen.transformations import load_transformations, read_transformation

ROOT = Path(__file__).parents[1]
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *sorted((ROOT / "docs").rglob("*.md")),
    ROOT / "examples/README.md",
]


def blocks(language: str) -> list[Any]:
    """The code blocks of one language in all pages, as parameters."""
    found = []
    for page in PAGES:
        for number, code in enumerate(re.findall(rf"```{language}\n(.*?)```", page.read_text("utf-8"), re.DOTALL)):
            found.append(pytest.param(code, id=f"{page.relative_to(ROOT)}-{number}"))
    return found


@pytest.mark.parametrize("code", blocks("python"))
def test_python_snippets_run(
    code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, finished: RunResult, examples: Path
) -> None:
    shutil.copytree(examples, tmp_path / "examples" / "guidelines")
    shutil.copytree(finished.path, tmp_path / "runs" / "guidelines")
    monkeypatch.chdir(tmp_path)
    exec(compile(code, "snippet", "exec"), {})


@pytest.mark.parametrize("code", blocks("toml"))
def test_toml_snippets_are_valid_recipes(code: str) -> None:
    validated(Recipe, tomllib.loads(code), where="snippet")


@pytest.mark.parametrize("code", blocks("markdown"))
def test_transformation_snippets_are_valid(code: str, tmp_path: Path) -> None:
    (tmp_path / "snippet.md").write_text(code, "utf-8")
    assert read_transformation(tmp_path / "snippet.md").name == "riddle"


def test_commands_in_the_pages_exist_with_their_options(cli: Callable[..., Any]) -> None:
    lines = {
        line
        for page in PAGES
        for line in re.findall(r"(?:\.venv/bin/|^|`)(synthgen [a-z][^`\n#|&]*)", page.read_text("utf-8"), re.MULTILINE)
    }
    assert len(lines) > 8
    for line in sorted(lines):
        words = line.split()[1:]
        command = words[:2] if words[0] == "requests" else words[:1]
        known = cli(*command, "--help").out
        assert all(option in known for option in words if option.startswith("--")), line


def test_the_architecture_names_every_module_as_its_docstring_does() -> None:
    toc = runpy.run_path(str(ROOT / "docs" / "toc.py"))
    text = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    assert text == toc["page"](text), "run: python docs/toc.py"
    modules = {str(path.relative_to(ROOT / "synthgen")) for path in (ROOT / "synthgen").rglob("*.py")}
    named = set(re.findall(r"^- `([\w/]+\.py)`: \S", text, re.MULTILINE))
    assert named == {module for module in modules if not module.endswith("__init__.py")}


def test_the_transformations_page_is_made_from_the_files() -> None:
    library = runpy.run_path(str(ROOT / "docs" / "prompt_library.py"))
    text = (ROOT / "docs" / "transformations.md").read_text("utf-8")
    assert text == library["page"](text), "run: python docs/prompt_library.py"
    for name, transformation in load_transformations().items():
        assert f"| [`{name}`](#{name}) | {transformation.kind} | {transformation.summary} |" in text


def test_links_between_pages_lead_somewhere() -> None:
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text("utf-8")):
            assert "://" in target or (page.parent / target).exists(), f"{page}: {target}"


def test_the_readme_shows_real_records(finished: RunResult) -> None:
    example = (ROOT / "README.md").read_text("utf-8").partition("## One span")[2].partition("Records of a")[0]
    span, *records = re.findall(r"```text\n(.*?)\n```", example, re.DOTALL)
    texts = finished.dataset["text"][:]
    assert span in (ROOT / "examples/guidelines/gout.md").read_text("utf-8")
    assert len(records) >= 2
    for record in records:
        assert record in texts, record


def test_the_readmes_price_is_the_plans(examples: Path) -> None:
    expected = synthgen.plan(examples, ROOT / "examples" / "priced.toml")
    told = " ".join((ROOT / "README.md").read_text("utf-8").split())
    prompt, answers = (
        f"{round(tokens.expected, -3):,.0f}" for tokens in (expected.prompt_tokens, expected.completion_tokens)
    )
    assert (
        f"{expected.requests} requests, about {prompt} prompt and {answers} completion tokens, fourteen cents" in told
    )
    assert expected.usd is not None
    assert expected.usd.expected == pytest.approx(0.14, abs=0.005)
