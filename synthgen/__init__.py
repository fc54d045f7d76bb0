"""Turns clinical guidelines into a synthetic training set worth training on.

`run` does the whole way and returns a `RunResult`; `run_async` is its asynchronous twin; `run_pilot` asks a
small part first and tells whether it is worth going on; `plan` says what a run would take; `load_run` opens a run
directory; `Recipe` is what the user asks for. Importing this package is light.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from synthgen.version import __version__

if TYPE_CHECKING:
    from synthgen.checking import Checked, Pair, check, check_all
    from synthgen.errors import SynthgenError
    from synthgen.estimate import Estimate
    from synthgen.pilot.report import Pilot
    from synthgen.pipeline import plan, run, run_async, run_pilot
    from synthgen.progress import Progress
    from synthgen.recipe import Recipe
    from synthgen.refilter import filter_run
    from synthgen.repack import check_packed, pack_run
    from synthgen.report.result import RunResult, load_run

__all__ = [
    "Checked",
    "Estimate",
    "Pair",
    "Pilot",
    "Progress",
    "Recipe",
    "RunResult",
    "SynthgenError",
    "__version__",
    "check",
    "check_all",
    "check_packed",
    "filter_run",
    "load_run",
    "pack_run",
    "plan",
    "run",
    "run_async",
    "run_pilot",
]

_HOME = {
    "Checked": "synthgen.checking",
    "Pair": "synthgen.checking",
    "check": "synthgen.checking",
    "check_all": "synthgen.checking",
    "check_packed": "synthgen.repack",
    "filter_run": "synthgen.refilter",
    "pack_run": "synthgen.repack",
    "Estimate": "synthgen.estimate",
    "Pilot": "synthgen.pilot.report",
    "Progress": "synthgen.progress",
    "SynthgenError": "synthgen.errors",
    "Recipe": "synthgen.recipe",
    "RunResult": "synthgen.report.result",
    "load_run": "synthgen.report.result",
    "plan": "synthgen.pipeline",
    "run": "synthgen.pipeline",
    "run_async": "synthgen.pipeline",
    "run_pilot": "synthgen.pipeline",
}


def __getattr__(name: str) -> Any:
    """Public names are imported when they are first used, so that `import synthgen` costs nothing."""
    if name not in _HOME:
        raise AttributeError(f"module 'synthgen' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
