"""Selects the judged records of a run again and again in forked children, which are killed at random moments.

`python select_kill_child.py RUN ROOT COUNT`: prints a line of JSON for each time that it came to its end.
"""

from __future__ import annotations

import hashlib
import json
import random
import shutil
import sys
import time
from pathlib import Path

from pipeline_kill_child import folder_hash, in_child

from synthgen.corpus import overlap, sketch, tokenise
from synthgen.job import make_job
from synthgen.progress import silent
from synthgen.recipe import DecontaminateSettings, Recipe
from synthgen.selection import select
from synthgen.stages import Stages
from synthgen.storage.files import clean_leftovers
from synthgen.storage.state import load_state
from synthgen.tokens import load_tokenizer
from synthgen.version import __version__

PASSES = ("tokenise", "decontaminate", "deduplicate", "select")


def work(out: Path) -> None:
    """What a run does once its records are judged, in many small blocks and two processes."""
    tokenise.BLOCK_CHARACTERS = 20_000
    sketch.TASK_TOKENS = overlap.TASK_TOKENS = 5_000
    clean_leftovers(out)
    job = make_job(Recipe(source=["guidelines"], decontaminate=DecontaminateSettings(built_in=False)), out)
    state = load_state(job.paths.run_json)
    assert state is not None
    select(job, Stages(job.paths.run_json, state, __version__), "judge", silent)


def fresh(run: Path, out: Path) -> None:
    """A copy of the run as it was before it was selected."""
    shutil.copytree(run, out)
    state = json.loads((out / "run.json").read_text())
    state["stages"] = {name: stage for name, stage in state["stages"].items() if name not in PASSES}
    (out / "run.json").write_text(json.dumps(state))
    for path in (out / "selection").iterdir():
        if path.name != "judged.parquet":
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    (out / "records.parquet").unlink()


def main(run: Path, root: Path, kills: int) -> None:
    start = time.monotonic()
    fresh(run, root / "whole")
    in_child(lambda: work(root / "whole"))
    whole, chance, done = time.monotonic() - start, random.Random(5), 0
    report(root / "whole", 0)
    while done < kills:
        out, killed = root / f"after-{done}", 0
        fresh(run, out)
        while not in_child(lambda out=out: work(out), chance.uniform(0, whole)):  # type: ignore[misc]
            killed += 1
        done += killed
        report(out, killed)


def report(out: Path, kills: int) -> None:
    """What the selected run is like."""
    records = hashlib.sha256((out / "records.parquet").read_bytes()).hexdigest()
    made = f"{folder_hash(out / 'selection', out / 'report')} {records}"
    left = [str(path) for path in out.rglob("*") if path.name.endswith((".tmp", "-blocks"))]
    print(json.dumps({"kills": kills, "hash": made, "leftovers": left}), flush=True)  # noqa: T201
    shutil.rmtree(out)


if __name__ == "__main__":
    load_tokenizer("mistral-7b-v0.1")
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
