"""Fixtures that several rooms' tests share."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from rich.console import Console

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder with real material beside the checkout; tests that need it skip where it is absent."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the folder with real material is absent")
    return folder


@pytest.fixture(scope="session")
def examples() -> Path:
    """The guidelines that ship with the project."""
    return ROOT / "examples" / "guidelines"


@dataclass(frozen=True)
class Ran:
    """How a command of the CLI ended and what it printed."""

    code: int
    out: str
    err: str


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Callable[..., Ran]:
    """Runs a command line in this process, in an empty folder, as a log (not a terminal) would see it."""
    from synthgen.cli import main, output

    monkeypatch.chdir(tmp_path)

    def run(*arguments: object) -> Ran:
        monkeypatch.setattr(sys, "argv", ["synthgen", *map(str, arguments)])
        monkeypatch.setattr(output, "console", Console(highlight=False, width=120, file=sys.stdout))
        try:
            main()
            code = 0
        except SystemExit as end:
            code = int(end.code or 0)
        printed = capsys.readouterr()
        return Ran(code, printed.out, printed.err)

    return run
