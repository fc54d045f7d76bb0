"""The entailment filter: off by default, checked before anything is read, and real with a real model."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from synthgen.errors import RecipeError
from synthgen.filters import build_filters

CHILD = Path(__file__).with_name("entailment_child.py")


def test_it_is_not_there_unless_a_model_is_named() -> None:
    assert "entailment" not in [one.name for one in build_filters({})]


@pytest.mark.parametrize(
    "config", [None, "not JSON", "{}", '{"id2label": {"0": "positive", "1": "negative"}}', '{"id2label": []}']
)
def test_a_folder_without_an_entailment_model_is_refused_at_once(config: str | None, tmp_path: Path) -> None:
    if config is not None:
        (tmp_path / "config.json").write_text(config, "utf-8")
    with pytest.raises(RecipeError, match=r"holds no entailment model.*\[filters\.entailment\]"):
        build_filters({"entailment": {"model": str(tmp_path)}})


@pytest.mark.vllm
def test_a_real_model_tells_what_the_extract_bears(tmp_path: Path) -> None:
    named = os.environ.get("SYNTHGEN_VLLM")
    if named is None:
        pytest.skip("SYNTHGEN_VLLM names no environment with transformers")
    command = [Path(named) / "bin" / "python", CHILD, tmp_path / "model"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=550)
    assert done.returncode == 0, done.stderr[-2000:]
    told = json.loads(done.stdout)
    assert told["borne"]["code"] == ""
    assert told["borne"]["score"] > 0.5
    assert told["not borne"]["code"] == "not_entailed"
    assert [text.strip() for text in told["not borne"]["texts"]] == ["Insulin is offered twice daily."]
    assert told["windows"]["count"] > 5
    assert told["windows"]["all"]
    assert told["windows"]["last"].endswith("Check the feet every year.")
    assert 0 <= told["windows"]["score"] <= 1
