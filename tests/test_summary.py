"""The closing words of a run, as a page and on the terminal."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

import synthgen
from synthgen.cli.progress import _log_lines, details, duration
from synthgen.progress import Progress
from synthgen.report.result import RunResult
from synthgen.report.summary import summarise


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory, examples: Path) -> RunResult:
    return synthgen.run(examples / "gout.md", out=tmp_path_factory.mktemp("a run") / "gout")


def test_the_page_says_what_was_made_where_and_what_to_do_next(finished: RunResult) -> None:
    page = finished.paths.summary.read_text("utf-8")
    total = finished.counts.total
    assert page.startswith(f"# {total.kept:,} records, {total.tokens:,} tokens\n")
    assert f"{total.planned} planned = {total.kept} kept + {total.rejected} rejected + 0 failed" in page
    assert "ledger complete" in page
    assert "nothing left this machine" in page
    assert f"`{finished.paths.dataset}`" in page
    assert "| faq | 1" in page


def test_the_next_steps_are_commands_that_can_be_pasted(finished: RunResult) -> None:
    commands = [command for _, command in summarise(finished).next]
    assert shlex.split(commands[0]) == ["synthgen", "show", str(finished.path)]
    page = finished.paths.summary.read_text("utf-8")
    assert all(f": `{command}`" in page for command in commands)


def test_tables_are_whole(finished: RunResult) -> None:
    rows = [line for line in finished.paths.summary.read_text("utf-8").splitlines() if line.startswith("|")]
    assert len(rows) >= 7
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} <= {4, 5, 7, 8}


@pytest.mark.parametrize(("seconds", "words"), [(7.4, "7s"), (75, "1m 15s"), (7500, "2h 05m"), (360_000, "100h 00m")])
def test_durations_read_like_durations(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_progress_of_a_teacher_says_rate_cost_and_time_left() -> None:
    now = Progress("generate", 50, 200, accepted=45, failed=2, tokens=10_000, usd=0.25, seconds=10.0)
    assert details(now) == "45 accepted · 2 failed · 1,000 tokens/s · $0.25 · 30s left"
    assert "cost unknown" in details(Progress("generate", 1, 2, usd=None, seconds=1.0))
    assert details(Progress("read", 3, None, seconds=1.0)) == ""


def test_a_log_has_a_line_now_and_then_and_one_when_it_ends_or_begins_to_drain() -> None:
    lines: list[str] = []
    show = _log_lines(lambda line, **options: lines.append(line), "")
    for second in range(25):
        show(Progress("generate", second, 100, seconds=float(second), draining=5 if second > 21 else 0))
    show(Progress("generate", 25, 25, seconds=25.0, finished=True))
    assert [line.split(" · ")[0] for line in lines] == [
        "Asking teachers: 10/100",
        "Asking teachers: 20/100",
        "Asking teachers: 22/100",
        "Asking teachers: 25/25",
    ]
    assert "stopping, 5 in flight" in lines[2]
