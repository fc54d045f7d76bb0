"""The command line as a person meets it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from synthgen.report.result import RunResult

HEAVY = {"torch", "vllm", "datasets", "pyarrow", "openai", "pandas", "numpy", "pydantic", "lxml", "trafilatura"}


def test_importing_the_package_loads_nothing_heavy() -> None:
    code = "import json, sys, synthgen; print(json.dumps(sorted({name.split('.')[0] for name in sys.modules})))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert not HEAVY & set(json.loads(loaded))


def test_the_module_and_the_command_are_the_same() -> None:
    ran = subprocess.run([sys.executable, "-m", "synthgen", "--version"], capture_output=True, text=True, check=True)
    assert ran.stdout.startswith("synthgen 0.")


def test_help_names_every_command(cli: Callable[..., Any]) -> None:
    printed = cli("--help").out
    assert all(command in printed for command in ("run", "plan", "status", "show", "prompts", "init"))
    for command in ("run", "plan", "status", "show", "prompts", "init"):
        assert cli(command, "--help").code == 0


def test_prompts_lists_shows_and_previews(cli: Callable[..., Any], tmp_path: Path) -> None:
    listed = cli("prompts").out
    assert all(name in listed for name in ("distill", "faq", "knowledge_list", "vignette_mcq"))
    assert "audience is one of" in cli("prompts", "faq").out
    text = "Give 5 mg [not markup] {{audience}} once daily " + "and again " * 40
    (tmp_path / "extract.txt").write_text(text, "utf-8")
    previewed = cli("prompts", "faq", "--extract", "extract.txt").out
    assert text.strip() in previewed
    assert previewed.index("--- system ---") < previewed.index("--- user ---")


def test_init_writes_a_recipe_that_plan_takes(cli: Callable[..., Any], tmp_path: Path, examples: Path) -> None:
    assert cli("init").code == 0
    planned = cli("plan", "--recipe", "recipe.toml", "--source", examples)
    assert planned.code == 0, planned.err
    assert "Nothing was sent" in planned.out
    assert cli("init").code == 2


def test_a_plan_for_a_model_says_what_leaves_the_machine_and_what_it_costs(
    cli: Callable[..., Any], tmp_path: Path, examples: Path
) -> None:
    (tmp_path / "recipe.toml").write_text(
        "[[teachers]]\nbackend = 'openai'\nmodel = 'm'\nbase_url = 'http://127.0.0.1:9/v1'\n"
        "price_input = 1.0\nprice_output = 2.0\n"
    )
    planned = cli("plan", "--recipe", "recipe.toml", "--source", examples)
    assert "source text is sent to openai:m" in planned.out
    assert "about $" in planned.out
    assert not (tmp_path / "runs").exists()


def test_status_and_show_lead_from_the_run_to_a_source_span(cli: Callable[..., Any], finished: RunResult) -> None:
    run = finished.path
    status = cli("status", run).out
    assert "no process" in status
    assert "planned = " in status
    listed = cli("show", run, "--transformation", "faq", "--limit", "3").out.splitlines()
    record = next(line for line in listed if "kept" in line).split()[0]
    shown = cli("show", run, record).out
    assert all(word in shown for word in ("Document", "Licence", "Span", "source", "Question:"))
    rejected = cli("show", run, "--outcome", "rejected").out
    assert "rejected: " in rejected
    assert cli("show", run, "--outcome", "lost").code == 2
    assert cli("show", run, "zzz").code == 2


def test_the_same_command_again_says_that_nothing_is_left(
    cli: Callable[..., Any], finished: RunResult, examples: Path
) -> None:
    again = cli("run", "--source", examples, "--out", finished.path)
    assert again.code == 0
    assert "Nothing left to do" in again.out
