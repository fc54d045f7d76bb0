"""The command line as a person meets it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from synthgen.cli.progress import details
from synthgen.cost import dollars
from synthgen.progress import Progress, Watch
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
    commands = (
        *("run", "plan", "pilot", "doctor", "check", "filter", "requests"),
        *("status", "show", "prompts", "init"),
    )
    assert all(command in printed for command in commands)
    for command in commands:
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
    assert re.search(r"Cost +about \$\d\.\d+ \(\$\d\.\d+ to \$\d\.\d+\)", planned.out)
    assert "counted with the target tokenizer mistral-7b-v0.1" in planned.out
    assert not (tmp_path / "runs").exists()


def test_a_plan_takes_prices_and_caps_and_says_how_far_they_reach(cli: Callable[..., Any], examples: Path) -> None:
    teacher = ("plan", "--source", examples, "--teacher", "openai:m@http://127.0.0.1:9/v1")
    assert "unknown: give --price MODEL=IN/OUT" in cli(*teacher).out
    capped = cli(*teacher, "--price", "m=1/2", "--max-cost", "0.1", "--max-requests", 1000)
    assert re.search(r"Cap on dollars +stops it when about \d+ % of these are asked", capped.out)
    assert re.search(r"Cap on requests +is not expected to be reached", capped.out)
    assert cli(*teacher, "--price", "n=1/2").code == 2


def test_the_plan_of_a_finished_run_owes_nothing(cli: Callable[..., Any], finished: RunResult, examples: Path) -> None:
    planned = cli("plan", "--source", examples, "--out", finished.path).out
    assert re.search(r"To be asked +0 \(\d+ are answered already\)", planned)
    assert "Prompts" not in planned


def test_a_plan_shows_each_of_several_teachers(cli: Callable[..., Any], examples: Path) -> None:
    remote = ("--teacher", "openai:m@http://127.0.0.1:9/v1", "--price", "m=1/2")
    planned = cli("plan", "--source", examples / "gout.md", "--teacher", "extractive", *remote)
    assert re.search(r"teacher +requests +prompt tokens +answer tokens +dollars +time", planned.out)
    assert re.search(r"extractive +\d+ +[\d,]+ +[\d,]+ +\$0\.00 +none", planned.out)
    assert re.search(r"openai:m +\d+ +[\d,]+ +[\d,]+ +\$0\.\d+ +\d+s", planned.out)


def test_progress_says_what_is_spent_of_the_cap_and_which_end_comes_first() -> None:
    now = Progress("generate", 50, 200, usd=1.2, usd_cap=5.0, seconds=600.0)
    assert "$1.20 of $5.00 · 30m 00s left" in details(now)
    assert "5m 00s to the cap on hours" in details(replace(now, seconds_cap=900.0))
    assert "30m 00s left" in details(replace(now, seconds_cap=9000.0))
    assert "cost unknown: no price" in details(replace(now, usd=None))


@pytest.mark.parametrize(
    ("usd", "words"), [(0, "$0.00"), (1234.5, "$1,234.50"), (0.03, "$0.03"), (0.00312, "$0.0031"), (0.0999, "$0.10")]
)
def test_small_amounts_keep_the_digits_that_count(usd: float, words: str) -> None:
    assert dollars(usd) == words


def test_a_stage_that_goes_on_counts_from_what_was_spent_before() -> None:
    seen: list[Progress] = []
    watch = Watch("generate", 2, seen.append, usd=1.0, usd_cap=2.0)
    watch.step(usd=0.25)
    assert (seen[-1].usd, seen[-1].usd_cap) == (1.25, 2.0)
    watch.step(usd=None)
    assert seen[-1].usd is None


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
