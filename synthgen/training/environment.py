"""Where a trainer is installed: a virtual environment of its own, so that its libraries and synthgen's never clash."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from synthgen.errors import TrainingError

VARIABLE = "SYNTHGEN_AXOLOTL"
"""The environment variable that names the virtual environment of Axolotl."""
QUIET = {"AXOLOTL_DO_NOT_TRACK": "1", "TOKENIZERS_PARALLELISM": "false"}
"""Variables with which its programs tell nobody of their work, and do not warn of their own threads."""
LINES = 12


@dataclass(frozen=True, slots=True)
class Environment:
    """A virtual environment by the folder of its executables."""

    executables: Path

    @property
    def variables(self) -> Mapping[str, str]:
        """What its programs need: themselves on the path, and silence towards everybody."""
        path = os.pathsep.join([str(self.executables), os.environ.get("PATH", os.defpath)])
        return {"PATH": path, **QUIET}

    def run(self, command: Sequence[str | Path], folder: Path) -> str:
        """Runs one of its programs in `folder`; returns what it printed. Raises TrainingError where it fails."""
        program = self.executables / command[0]
        environment = {**os.environ, **self.variables, "HF_HUB_OFFLINE": "1"}
        try:
            done = subprocess.run(
                [program, *command[1:]],
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
            )
        except OSError as error:
            raise TrainingError(f"cannot be run ({error.strerror})", where=program, fix="install it anew") from error
        if done.returncode:
            end = "\n".join(done.stderr.strip().splitlines()[-LINES:])
            raise TrainingError(f"ended with code {done.returncode}:\n{end}", where=program, fix="see its words above")
        return done.stdout


def environment() -> Environment:
    """The trainer's environment: the one that the variable names, else that of the `axolotl` on the path.

    Raises TrainingError where there is none.
    """
    named = os.environ.get(VARIABLE)
    found = Path(named) / "bin" / "axolotl" if named else shutil.which("axolotl")
    if found is None or not Path(found).exists():
        raise TrainingError(
            "Axolotl is not installed",
            where=named or "PATH",
            fix=f"install it in a virtual environment of its own and name its folder in {VARIABLE}",
        )
    return Environment(Path(found).absolute().parent)
