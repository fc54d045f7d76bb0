"""Fixtures that several rooms' tests share."""

from __future__ import annotations

from pathlib import Path

import pytest

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
