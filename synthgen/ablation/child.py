"""Python of the trainer's environment as a child process: offline, its words in a log, its failures as ours."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from synthgen.ablation import launching
from synthgen.errors import TrainingError
from synthgen.training.environment import QUIET, environment

OFFLINE = {"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1"}
_QUIET = {**QUIET, "HF_HUB_DISABLE_TELEMETRY": "1", "HF_DATASETS_DISABLE_PROGRESS_BARS": "1"}
_RAISED = re.compile(r"^(?:\w+\.)*\w*(?:Error|Exception|NotFound|Interrupt)(?:: (?P<words>.*))?$", re.MULTILINE)
_LONGEST = 300


def python() -> Path:
    """The interpreter of the trainer's environment, into which Axolotl brings torch, transformers and the harness.

    Raises TrainingError where there is none.
    """
    return environment().executables / "python"


def run(
    command: Sequence[str],
    *,
    what: str,
    cwd: Path,
    log: Path,
    variables: Mapping[str, str] = OFFLINE,
    meanwhile: Callable[[], None] = lambda: None,
) -> None:
    """Runs `command`, which is called `what`, in `cwd`, and leaves what it prints in the file `log`.

    Its environment is this one's, with `variables` over it; what tracks or talks is turned off. `meanwhile` is called
    every few seconds. It ends with this process, however that ends. Raises TrainingError with the last error that it
    printed where it fails.
    """
    code = launching.run(command, cwd=cwd, log=log, variables={**_QUIET, **variables}, meanwhile=meanwhile)
    if code:
        raise TrainingError(
            f"it ended with {code}: {_last_error(log)}", where=what, fix=f"the whole output is in {log}"
        )


def _last_error(log: Path) -> str:
    """The last error that a log names, without the texts that may follow it."""
    found = list(_RAISED.finditer(log.read_text("utf-8", errors="replace")))
    return found[-1][0][:_LONGEST] if found else "no error is named"
