"""The way to the target with the engine for real, on a CPU.

A random model says nothing that is true, so every filter that may be switched off is: what is kept are the answers that
it ends by itself. Their share and their lengths are the engine's own, and known to nobody before.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from test_vllm import LENIENT, OPTIONS, engine, model, told  # noqa: F401 (fixtures)

from synthgen.report.result import load_run
from synthgen.storage.index import JournalIndex

# One start of an engine takes 25 seconds on two idle cores, and minutes on busy ones.
pytestmark = [pytest.mark.vllm, pytest.mark.timeout(1800)]

TARGET = 8_000
END = "2"
"""The token that ends an answer, of Mistral-7B-v0.1's; a bias makes a random model come to it now and then."""


def test_the_engine_comes_to_a_target_over_several_legs(
    engine: Path,  # noqa: F811
    model: Path,  # noqa: F811
    shared_data: Path,
    tmp_path: Path,
) -> None:
    sampling = {"max_tokens": 96, "temperature": 1.0, "logit_bias": {END: 5.5}}
    options = {**OPTIONS, "gpu_memory_utilization": 0.2}
    teacher = {"backend": "vllm", "name": "tiny", "model": str(model), "options": options, "sampling": sampling}
    recipe = {
        "teachers": [teacher],
        "transformations": {"distill": 1.0, "tutorial": 0.5},
        "filters": LENIENT,
        "target_tokens": TARGET,
    }
    (tmp_path / "recipe.json").write_text(json.dumps(recipe), "utf-8")
    source = shared_data / "guidelines" / "markdown"
    seen = told(engine, "run", source, tmp_path / "recipe.json", tmp_path / "run")
    run = load_run(tmp_path / "run")
    course, total = run.stage("target"), run.counts.total
    assert course["ended"] == "reached"
    assert len(course["rounds"]) > 1
    assert abs(total.tokens - TARGET) <= 0.02 * TARGET
    assert 0 < total.kept < total.planned
    assert seen["worked"] == [True, False]
    assert len(JournalIndex.load(run.paths.completions)) >= total.planned == seen["planned"]
