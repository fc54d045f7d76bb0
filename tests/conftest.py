"""Fixtures that several rooms' tests share."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from rich.console import Console

import synthgen
from synthgen.report.result import RunResult

ROOT = Path(__file__).parents[1]


def pytest_configure(config: pytest.Config) -> None:
    """Where CI is set, slow tests run too; nothing is fetched, and what `datasets` caches is gone at the end."""
    if os.environ.get("CI"):
        config.option.markexpr = ""
    cache = tempfile.TemporaryDirectory(prefix="synthgen-tests-")
    config.add_cleanup(cache.cleanup)
    os.environ.update(HF_HOME=cache.name, HF_HUB_OFFLINE="1", HF_DATASETS_DISABLE_PROGRESS_BARS="1")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest begins first, so that no core is left with it at the end."""
    items.sort(key=lambda item: not any(map(item.get_closest_marker, ("vllm", "axolotl", "slow"))))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Where it counts (CI is set), a skipped test is a failed one."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") and reporter is not None and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


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


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory, examples: Path) -> RunResult:
    """A finished run over the examples, to look at and not to change."""
    return synthgen.run(examples, out=tmp_path_factory.mktemp("finished") / "guidelines")


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
