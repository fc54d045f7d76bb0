"""Ablates a run with the stub trainer, measuring nothing: `python ablate_kill_child.py RUN OUT`.

Prints, as JSON, what each model has learnt and the steps at which its trainings began.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

import stub_trainer

from synthgen import registry
from synthgen.ablation import running, whole
from synthgen.ablation.layout import AblationPaths
from synthgen.errors import RunInterruptedError


def main(run: str, out: str) -> None:
    # A shell has its background jobs ignore interrupts, and their children with them.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    vars(registry)["declared"] = stub_trainer.declared(registry.declared)
    vars(running).update(measure=lambda *_: [], check_measures=lambda *_: None)
    os.environ |= {"STUB_OWNER": str(os.getpid()), "STUB_SENT": str(Path(out).with_suffix(".sent"))}
    try:
        whole.ablate(run, out=out)
    except RunInterruptedError as error:
        sys.exit(error.exit_code)
    paths = AblationPaths(Path(out))
    models = {}
    for folder in sorted(paths.arms.glob("*/seed-*")):
        state = json.loads((folder / "trained" / "checkpoint.json").read_text("utf-8"))
        known = json.loads((folder / "trained.json").read_text("utf-8"))
        models["/".join(folder.parts[-2:])] = [state["value"], known["tokens"], state["begun"]]
    print(json.dumps(models))  # noqa: T201 (read by the test)


if __name__ == "__main__":
    main(*sys.argv[1:])
