"""Killed at any moment and run again, a run ends as if it had never been killed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

# Some two hundred children one after the other.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

CHILD = Path(__file__).with_name("pipeline_kill_child.py")
TEXT = """# Dosing of drug {name}

Give {n} mg of drug {name} twice daily to adults for {n} days. Reduce the dose to half if the eGFR is < {n} mL/min.
Monitor potassium every {n} weeks, and stop the drug above {n}.5 mmol/L.

## Exceptions

Do not give it in pregnancy. Children below {n} kg get {n} mg/kg once daily, at most {n}00 mg a day.
Consider another drug where the patient takes more than {n} other medicines.
"""


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    folder.mkdir()
    for n, name in enumerate("abc", 3):
        (folder / f"{name}.md").write_text(TEXT.format(n=n, name=name), "utf-8")
    return folder


def runs(*arguments: str | Path) -> list[dict[str, Any]]:
    child = subprocess.run(
        [sys.executable, CHILD, *arguments], stdout=subprocess.PIPE, text=True, check=True, timeout=1700
    )
    return [json.loads(line) for line in child.stdout.splitlines()]


def check(ended: list[dict[str, Any]]) -> None:
    """All runs ended with the same bytes and the same exact account, and bought no answer twice."""
    assert {run["hash"] for run in ended} == {ended[-1]["hash"]}
    for run in ended:
        planned, kept, rejected, failed, pending = run["account"]
        assert planned == kept + rejected + failed
        assert pending == 0
        assert min(kept, rejected, failed) > 0
        assert run["asked_again"] == 0
        assert run["leftovers"] == []


def test_killed_at_every_point_that_writes(source: Path, tmp_path: Path) -> None:
    ended = runs("every", source, tmp_path)
    assert ended[-1]["kills"] == 0
    assert len(ended) > 120
    check(ended)


def test_killed_at_random_moments(source: Path, tmp_path: Path) -> None:
    ended = runs("random", source, tmp_path, "30")
    assert sum(run["kills"] for run in ended) >= 30
    check(ended)
