"""What a vLLM teacher says of itself and refuses before any engine is there."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from synthgen.backends import make_backend
from synthgen.backends.vllm import VLLMBackend
from synthgen.data import CompletionError
from synthgen.engine import failures, process
from synthgen.errors import RecipeError
from synthgen.recipe import TeacherSettings
from synthgen.words import parse_teacher


def backend(model: str | Path = "org/model", /, **options: Any) -> VLLMBackend:
    return VLLMBackend(TeacherSettings(backend="vllm", model=str(model), options=options))


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    """A folder that looks like a model, with 300 KB of weights."""
    folder = tmp_path / "one" / "small-7b"
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps({"model_type": "mistral"}), "utf-8")
    (folder / "tokenizer.json").write_text("{}", "utf-8")
    (folder / "model.safetensors").write_bytes(bytes(range(256)) * 1200)
    return folder


def moved(checkpoint: Path) -> Path:
    other = checkpoint.parents[1] / "two"
    checkpoint.parent.rename(other)
    return other / checkpoint.name


def test_it_is_found_by_its_word_on_the_command_line() -> None:
    teacher = make_backend(parse_teacher("vllm:org/model"))
    assert isinstance(teacher, VLLMBackend)
    assert teacher.local


def test_a_teacher_without_a_model_is_refused() -> None:
    with pytest.raises(RecipeError, match="has no model"):
        VLLMBackend(TeacherSettings(backend="vllm"))


@pytest.mark.parametrize("option", ["model", "enable_log_requests"])
def test_options_that_are_not_the_recipes_to_set_are_refused(option: str) -> None:
    with pytest.raises(RecipeError, match=option):
        backend(**{option: True})


def test_without_the_engine_it_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "vllm", None)
    with pytest.raises(RecipeError, match=r"pip install 'synthgen\[vllm\]'"):
        backend().check()


def test_the_identity_of_a_model_of_a_hub_names_it_and_what_changes_answers() -> None:
    identity = backend(dtype="float16", revision="abc", override_generation_config={"top_k": 5}).identity()
    assert identity["backend"] == "vllm"
    assert identity["model"] == "org/model"
    assert (identity["dtype"], identity["revision"]) == ("float16", "abc")
    assert identity["override_generation_config"] == {"top_k": 5}
    assert identity["weights"] is None


@pytest.mark.parametrize(
    "options",
    [
        {"tensor_parallel_size": 4},
        {"data_parallel_size": 2},
        {"gpu_memory_utilization": 0.8},
        {"max_num_seqs": 64},
        {"max_model_len": 4096},
        {"enable_prefix_caching": False},
        {"enforce_eager": True},
        {"disable_log_stats": False},
    ],
)
def test_where_and_how_fast_it_runs_is_not_its_identity(options: dict[str, Any]) -> None:
    assert backend(**options).identity() == backend().identity()


@pytest.mark.parametrize(
    "options",
    [{"dtype": "half"}, {"quantization": "fp8"}, {"seed": 1}, {"kv_cache_dtype": "fp8"}, {"tokenizer": "other"}],
)
def test_what_may_change_an_answer_is_its_identity(options: dict[str, Any]) -> None:
    assert backend(**options).identity() != backend().identity()


def test_the_identity_of_a_local_model_holds_no_path(checkpoint: Path) -> None:
    before = backend(checkpoint).identity()
    assert before["model"] == "small-7b"
    assert str(checkpoint.parent) not in json.dumps(before)
    assert backend(moved(checkpoint)).identity() == before


def test_other_weights_of_the_same_size_are_another_model(checkpoint: Path) -> None:
    before = backend(checkpoint).identity()
    weights = checkpoint / "model.safetensors"
    weights.write_bytes(bytes(reversed(weights.read_bytes())))
    assert backend(checkpoint).identity() != before


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "chat_template.jinja", "generation_config.json"])
def test_another_file_beside_the_weights_makes_another_model(checkpoint: Path, name: str) -> None:
    before = backend(checkpoint).identity()
    (checkpoint / name).write_text('{"other": true}', "utf-8")
    assert backend(checkpoint).identity() != before


def test_notes_beside_the_weights_do_not_matter(checkpoint: Path) -> None:
    before = backend(checkpoint).identity()
    (checkpoint / "README.md").write_text("A model.", "utf-8")
    (checkpoint / "training.log").write_text("epoch 1", "utf-8")
    assert backend(checkpoint).identity() == before


def test_a_chat_template_counts_by_its_words_and_not_by_its_path(tmp_path: Path) -> None:
    template = "{{ messages }}"
    (tmp_path / "chat.jinja").write_text(template, "utf-8")
    by_path = backend(chat_template=str(tmp_path / "chat.jinja")).identity()
    assert by_path == backend(chat_template=template).identity()
    assert by_path != backend(chat_template="{{ bos_token }}{{ messages }}").identity()


def test_a_chat_template_that_is_not_there_is_an_error() -> None:
    with pytest.raises(RecipeError, match="chat_template"):
        backend(chat_template="nowhere.jinja").identity()


def test_twice_what_the_engine_works_on_is_in_flight() -> None:
    assert backend(max_num_seqs=64).in_flight == 128
    assert VLLMBackend(TeacherSettings(backend="vllm", model="m", in_flight=7)).in_flight == 7


LOG = """
(EngineCore pid=7) ERROR 11-22 [core.py:1510] EngineCore failed to start.
(Worker pid=9) ERROR 11-22 [executor.py:930] torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB.
(EngineCore pid=7) ERROR 11-22 [core.py:1510] Exception: WorkerProc initialization failed due to an exception.
RuntimeError: Engine core initialization failed. See root cause above.
"""


def test_the_cause_of_a_failure_is_the_first_one_that_its_log_tells(tmp_path: Path) -> None:
    log = tmp_path / "engine.log"
    log.write_text(LOG, "utf-8")
    cause = process.root_cause(log)
    assert cause == "OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB."
    assert process.root_cause(log, start=len(LOG)) == ""
    assert process.root_cause(tmp_path / "none.log") == ""
    error = failures.start_error(RuntimeError("Engine core initialization failed."), cause, "vllm:m", log)
    assert "CUDA out of memory" in str(error)
    assert "Lower max_model_len" in str(error)
    assert str(log) in str(error)


def test_an_engine_killed_by_the_system_is_told_from_one_that_failed(tmp_path: Path) -> None:
    failure = RuntimeError("Engine core initialization failed. Failed core proc(s): {'EngineCore': -9}")
    assert "out of memory" in str(failures.start_error(failure, "", "vllm:m", tmp_path / "engine.log"))
    error = failures.died("", tmp_path / "engine.log")
    assert isinstance(error, CompletionError)
    assert error.error_class == "fatal"
    assert "out of memory" in error.message
