"""The engine for real, on a CPU: in process, as a server behind the `openai` backend, and when it fails."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import synthgen
from synthgen.data import Completion
from synthgen.filters.base import AlwaysOn, Filter
from synthgen.registry import parts
from synthgen.report.result import RunResult
from synthgen.storage.index import JournalIndex
from synthgen.storage.tables import read_records
from synthgen.transformations import load_transformations

# One start of an engine takes 25 seconds on two idle cores, and minutes on busy ones.
pytestmark = [pytest.mark.vllm, pytest.mark.timeout(1800)]

CHILD = Path(__file__).with_name("vllm_child.py")
PATIENCE = 1500.0
OPTIONS = {"dtype": "bfloat16", "enforce_eager": True, "max_model_len": 4096, "block_size": 32}
SAMPLING = {"max_tokens": 160, "logit_bias": {"28739": 9, "28793": 8, "28752": 8}}
"""The bias towards quotes and closing brackets lets a model that says anything end its JSON."""
TRANSFORMATIONS = {"distill": 1.0, "faq": 1.0}
LENIENT = {
    name: {"enabled": False}
    for name, filter_class in parts("synthgen.filters", Filter).items()
    if not issubclass(filter_class.Settings, AlwaysOn)
}
"""The model says nothing that is true, or even words; what it ends by itself is kept all the same."""


@pytest.fixture(scope="session")
def engine() -> Path:
    """The virtual environment that `.ci/vllm_env` makes."""
    path = os.environ.get("SYNTHGEN_VLLM")
    if not path:
        missing = "SYNTHGEN_VLLM does not name the engine's environment (.ci/vllm_env makes one)"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    return Path(path)


@pytest.fixture(scope="session")
def model(engine: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random Mistral of 4M parameters with the real tokenizer."""
    folder = tmp_path_factory.mktemp("models") / "tiny-mistral"
    finished(start(engine, Path(__file__).with_name("tiny_model.py"), folder))
    return folder


@pytest.fixture(scope="session")
def source(examples: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("source")
    (folder / "gout.md").write_bytes((examples / "gout.md").read_bytes())
    return folder


def start(engine: Path, *arguments: str | Path) -> subprocess.Popen[str]:
    """A process of the engine's environment, offline, in a session of its own."""
    settings = {
        "PATH": f"{engine / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "HOME": os.environ["HF_HOME"],
        "HF_HUB_OFFLINE": "1",
        "VLLM_CPU_KVCACHE_SPACE": "1",
        "VLLM_NO_USAGE_STATS": "1",
    }
    command = [engine / "bin" / "python", *arguments]
    return subprocess.Popen(
        command, env=settings, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )


def finished(child: subprocess.Popen[str]) -> tuple[str, str]:
    """What a process has printed when it ends well."""
    out, err = child.communicate(timeout=PATIENCE)
    assert child.returncode == 0, (out + err)[-4000:]
    return out, err


def told(engine: Path, *arguments: str | Path) -> dict[str, Any]:
    """What the child tells; the engine itself prints nothing at all."""
    out, err = finished(start(engine, CHILD, *arguments))
    assert err == ""
    answer: dict[str, Any] = json.loads(out)
    return answer


def wait_until(true: Callable[[], bool], alive: subprocess.Popen[str] | None = None) -> None:
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, "waited in vain"
        assert alive is None or alive.poll() is None, "it ended before its time"
        time.sleep(0.1)


def descendants(parent: int) -> set[int]:
    """The processes that `parent` and its children have started, those of the engine among them."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
    found, new = set[int](), {parent}
    while new:
        new = {process for process, above in parents.items() if above in new} - found
        found |= new
    return found


def completions(run: Path) -> dict[str, list[Completion]]:
    """The journal's completions of a finished run, by transformation."""
    index = JournalIndex.load(run / "completions")
    found: dict[str, list[Completion]] = {}
    for judged in read_records(run / "records.parquet"):
        completion = index.get(judged.record.record_id)
        assert completion is not None
        found.setdefault(judged.record.transformation, []).append(completion)
    return found


def check_answers(run: Path) -> None:
    """Every request has an answer and its usage, prefixes were shared, and JSON answers that ended fit their schema."""
    found = completions(run)
    everything = [completion for group in found.values() for completion in group]
    assert set(found) == set(TRANSFORMATIONS)
    assert all(completion.answered and completion.usage.prompt > 200 for completion in everything)
    assert all(0 < completion.usage.completion <= 160 for completion in everything)
    assert sum(completion.usage.cached for completion in everything) > 0
    schema = Draft202012Validator(load_transformations()["faq"].schema or {})
    ended = [completion.text for completion in found["faq"] if completion.finish_reason == "stop"]
    assert ended
    for text in ended:
        # The engine lets raw line breaks stand in strings, which is for the parser to mend.
        schema.validate(json.loads(text, strict=False))
    assert all(completion.text.lstrip().startswith("{") for completion in found["faq"])


@pytest.fixture(scope="session")
def asked(engine: Path, model: Path) -> dict[str, Any]:
    return told(engine, "ask", model)


@pytest.mark.parametrize("name", ["plain", "again", "template arguments", "greedy"])
def test_a_request_is_answered(asked: dict[str, Any], name: str) -> None:
    assert asked[name]["error"] is None
    assert asked[name]["finish_reason"] == "length"
    assert asked[name]["usage"]["completion"] == 16
    assert asked[name]["usage"]["prompt"] > 150


def test_what_was_asked_before_is_read_from_the_cache(asked: dict[str, Any]) -> None:
    assert asked["plain"]["usage"]["cached"] == 0
    assert asked["again"]["usage"]["cached"] >= 128


def test_limits_and_stop_strings_are_kept(asked: dict[str, Any]) -> None:
    assert asked["completion limit"]["usage"]["completion"] == 3
    assert asked["stop"]["finish_reason"] == "stop"
    assert '"' not in asked["stop"]["text"]


def test_a_schema_is_obeyed(asked: dict[str, Any]) -> None:
    assert asked["schema"]["finish_reason"] == "stop"
    assert set(json.loads(asked["schema"]["text"], strict=False)) == {"answer"}


@pytest.mark.parametrize(
    ("name", "error_class", "code", "words"),
    [
        ("too long", "rejected", "context_length", "1024 tokens"),
        ("no room", "rejected", "context_length", "1024 tokens"),
        ("unknown key", "rejected", "invalid_request", "temprature"),
        ("bad value", "rejected", "invalid_request", "temperature"),
        ("surrogate", "rejected", "invalid_request", "cannot take"),
        ("not a schema", "retryable", "engine_error", "gave the request up"),
    ],
)
def test_a_request_that_cannot_be_answered_is_data(
    asked: dict[str, Any], name: str, error_class: str, code: str, words: str
) -> None:
    error = asked[name]["error"]
    assert (error["error_class"], error["code"]) == (error_class, code)
    assert words in error["message"]
    assert "amoxicillin" not in error["message"]


def test_a_cancelled_request_leaves_the_engine(asked: dict[str, Any]) -> None:
    assert asked["cancelled"] == [True, 0]


def test_an_engine_that_dies_is_fatal_to_all_its_requests(asked: dict[str, Any]) -> None:
    for name in ("dying", "dead"):
        assert (asked[name]["error"]["error_class"], asked[name]["error"]["code"]) == ("fatal", "engine_died")
        assert "killed" in asked[name]["error"]["message"]


def test_it_says_what_it_really_runs(asked: dict[str, Any]) -> None:
    assert asked["served"]["dtype"] == "bfloat16"
    assert asked["in_flight"] >= 2


@pytest.fixture(scope="session")
def refused(engine: Path, model: Path) -> dict[str, Any]:
    return told(engine, "refuse", model)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (
            "unknown option",
            "RecipeError: teacher vllm:*: unknown option 'max_modle_len'. Did you mean 'max_model_len'?",
        ),
        ("unknown sampling", "RecipeError: *unknown sampling key 'temprature'. Did you mean 'temperature'?"),
        ("bad sampling", "RecipeError: *temperature must be non-negative*"),
        ("bad option", "TeacherError: *dtype: *'bfloat16'*"),
        ("missing folder", "RecipeError: *there is no model in *-missing. Check `model`*"),
        ("missing on the hub", "TeacherError: *vLLM does not start*heck `model`*"),
        ("no system role", "TeacherError: *System role not supported*chat_template*"),
        ("no memory", "TeacherError: *KV cache*ower max_model_len*"),
    ],
)
def test_a_teacher_that_cannot_start_says_why(refused: dict[str, Any], name: str, words: str) -> None:
    from fnmatch import fnmatchcase

    assert fnmatchcase(refused[name], words)


@pytest.fixture(scope="session")
def in_process(engine: Path, model: Path, source: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A run killed with requests in flight, and run again to its end: where it is, and what was seen on the way."""
    root = tmp_path_factory.mktemp("in-process")
    teacher = {"backend": "vllm", "name": "tiny", "model": str(model), "options": OPTIONS, "sampling": SAMPLING}
    # So few at once that the first run is not over before it is killed.
    recipe = {"teachers": [{**teacher, "in_flight": 2}], "transformations": TRANSFORMATIONS, "filters": LENIENT}
    (root / "recipe.json").write_text(json.dumps(recipe), "utf-8")
    first = start(engine, CHILD, "run", source, root / "recipe.json", root / "run")
    wait_until(lambda: any(file.stat().st_size for file in (root / "run" / "completions").glob("*")), first)
    processes = descendants(first.pid)
    os.kill(first.pid, signal.SIGKILL)
    first.communicate()
    wait_until(lambda: not any(Path(f"/proc/{process}").exists() for process in processes))
    before = JournalIndex.load(root / "run" / "completions")
    second = told(engine, "run", source, root / "recipe.json", root / "run")
    return {"path": root / "run", "processes": processes, "before": before.settled_ids(), **second}


def test_a_killed_run_leaves_no_engine_behind(in_process: dict[str, Any]) -> None:
    assert len(in_process["processes"]) >= 2


def test_a_killed_run_goes_on_and_then_asks_nothing_more(in_process: dict[str, Any]) -> None:
    assert in_process["worked"] == [True, False]
    assert 0 < len(in_process["before"]) < in_process["planned"]
    assert in_process["failed"] == 0


def test_a_run_in_process_is_answered_as_planned(in_process: dict[str, Any]) -> None:
    check_answers(in_process["path"])


def test_the_card_names_the_model_and_its_engine_and_no_path(in_process: dict[str, Any], model: Path) -> None:
    card = (in_process["path"] / "dataset" / "README.md").read_text("utf-8")
    assert "model tiny-mistral" in card
    assert "dtype bfloat16" in card
    assert "0.32" in card
    assert str(model.parent) not in card


def test_the_engines_log_holds_no_text_of_the_source(in_process: dict[str, Any]) -> None:
    logs = list((in_process["path"] / "teachers").glob("*/*.log"))
    assert logs
    assert not any("allopurinol" in log.read_text("utf-8", "replace").lower() for log in logs)


@pytest.fixture(scope="session")
def server(engine: Path, model: Path) -> Iterator[str]:
    """The base URL of vLLM's own server with the tiny model."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    arguments = ["--model", str(model), "--served-model-name", "tiny", "--host", "127.0.0.1", "--port", str(port)]
    arguments += ["--dtype", "bfloat16", "--enforce-eager", "--max-model-len", "4096", "--block-size", "32"]
    arguments += ["--enable-prompt-tokens-details"]
    # The command `vllm serve` of this build looks for the package by the name of the other.
    process = start(engine, "-m", "vllm.entrypoints.openai.api_server", *arguments, "--uvicorn-log-level", "warning")
    root = f"http://127.0.0.1:{port}"
    try:
        wait_until(lambda: answers(f"{root}/health"), process)
        yield f"{root}/v1"
    finally:
        children = descendants(process.pid)
        for pid in (process.pid, *children):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.communicate()


def fetch(url: str) -> str:
    with urllib.request.urlopen(url, timeout=30) as answer:
        body: bytes = answer.read()
    return body.decode()


def answers(url: str) -> bool:
    try:
        fetch(url)
    except OSError:
        return False
    return True


@pytest.fixture(scope="session")
def through_server(server: str, source: Path, tmp_path_factory: pytest.TempPathFactory) -> RunResult:
    teacher = {"backend": "openai", "model": "tiny", "base_url": server, "sampling": SAMPLING}
    recipe = {"teachers": [teacher], "transformations": TRANSFORMATIONS, "filters": LENIENT}
    return synthgen.run(source, recipe, out=tmp_path_factory.mktemp("through-server") / "run")


def test_a_run_through_the_server_is_answered_as_planned(through_server: RunResult) -> None:
    total = through_server.counts.total
    assert (total.failed, total.pending) == (0, 0)
    check_answers(through_server.path)


@pytest.mark.usefixtures("through_server")
def test_the_server_tells_its_queue_and_its_model(server: str) -> None:
    metrics = fetch(f"{server.removesuffix('/v1')}/metrics")
    for name in ("vllm:num_requests_waiting", "vllm:num_requests_running", "vllm:prefix_cache_hits_total"):
        assert any(line.startswith(f"{name}{{") for line in metrics.splitlines())
    (listed,) = json.loads(fetch(f"{server}/models"))["data"]
    assert (listed["id"], listed["max_model_len"]) == ("tiny", 4096)
