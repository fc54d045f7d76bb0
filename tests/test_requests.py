"""Requests out to files, answers in from files, and runs with a batch API."""

from __future__ import annotations

import asyncio
import hashlib
import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import Ran
from stub_batches import Bought, Line, Outcome, StubBatches, answered, expired, failed
from stub_server import StubServer

import synthgen
from synthgen.batches.exchange import Exported, export_requests, import_requests
from synthgen.batches.lines import Limits
from synthgen.errors import StorageError, UsageError

SECRET = "sk-sentinel-9e41aa"
NOWHERE = "http://127.0.0.1:9/v1"
RECIPE: dict[str, Any] = {"transformations": {"faq": 1.0, "knowledge_list": 1.0}}


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.delenv("STUB_KEY", raising=False)


@pytest.fixture
def source(tmp_path: Path, examples: Path) -> Path:
    """One guideline, in a folder of its own."""
    folder = tmp_path / "guidelines"
    folder.mkdir()
    (folder / "gout.md").write_bytes((examples / "gout.md").read_bytes())
    return folder


def recipe(url: str = NOWHERE, backend: str = "openai", **settings: Any) -> dict[str, Any]:
    teacher = {"backend": backend, "model": "stub", "name": "stub", "base_url": url, "api_key_env": "STUB_KEY"}
    prices = {"price_input": 1.0, "price_output": 2.0}
    return {**RECIPE, "teachers": [{**teacher, **prices, **settings}]}


def lines_of(exported: Exported) -> Iterator[Line]:
    for file in exported.files:
        yield from map(json.loads, file.path.read_text("utf-8").splitlines())


def write(path: Path, lines: list[Any]) -> Path:
    path.write_text("".join(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines), "utf-8")
    return path


def hashes(run: Path) -> dict[str, str]:
    """The bytes of what a run makes."""
    folders = (run / "dataset", run / "packed")
    return {
        str(path.relative_to(run)): hashlib.sha256(path.read_bytes()).hexdigest()
        for folder in folders
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_answered_elsewhere_a_run_gives_the_set_of_the_online_run(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exported = export_requests(source, recipe(), out=tmp_path / "files")
    [file] = exported.files
    assert file.path == tmp_path / "files" / "requests" / "stub-0001.jsonl"
    assert (file.teacher, file.model) == ("stub", "stub")
    answers = write(tmp_path / "answers.jsonl", [answered(line) for line in lines_of(exported)][::-1])
    found = import_requests([answers], tmp_path / "files")
    assert found.answered == file.requests == exported.requests > 0
    assert found.owed == found.failed == found.unknown == found.already == 0

    async def online() -> synthgen.RunResult:
        async with StubServer() as stub:
            monkeypatch.setenv("STUB_KEY", SECRET)
            return await synthgen.run_async(source, recipe(stub.url), out=tmp_path / "online")

    first = asyncio.run(online())
    monkeypatch.delenv("STUB_KEY")
    second = synthgen.run(source, recipe(), out=tmp_path / "files")
    assert hashes(first.path) == hashes(second.path)
    assert second.counts.usd == pytest.approx(first.counts.usd)
    assert second.counts.total == first.counts.total


def test_each_line_of_the_answers_is_accounted_for_and_can_come_again(source: Path, tmp_path: Path) -> None:
    exported = export_requests(source, recipe(), out=tmp_path / "run")
    asked = list(lines_of(exported))
    good = [answered(line) for line in asked[:-4]]
    lines = [
        *good,
        failed(asked[-4], 400, "bad"),
        failed(asked[-3], 500),
        expired(asked[-2]),
        {**answered(asked[0]), "custom_id": "who"},
        '{"custom_id": "cut of',
        "",
        good[0],
    ]
    answers = write(tmp_path / "answers.jsonl", lines)
    found = import_requests([answers], tmp_path / "run")
    assert (found.answered, found.rejected, found.failed) == (len(good), 1, 2)
    assert (found.unknown, found.already, found.unreadable, found.owed) == (1, 1, 1, 3)
    again = import_requests([answers, answers], tmp_path / "run")
    assert (again.answered, again.rejected, again.failed, again.owed) == (0, 0, 4, 3)
    assert again.already == 2 * (len(good) + 2)
    rest = export_requests(source, recipe(), out=tmp_path / "run")
    assert [line["custom_id"] for line in lines_of(rest)] == [line["custom_id"] for line in asked[-3:]]


def test_answers_of_run_batch_are_read_as_they_are(source: Path, tmp_path: Path) -> None:
    one, two, three, *_ = lines_of(export_requests(source, recipe(), out=tmp_path / "run"))
    message = {"role": "assistant", "content": "Words.", "refusal": None, "reasoning": None, "function_call": None}
    body = {
        "id": "chatcmpl-89fbb1e5b3d85e8a",
        "object": "chat.completion",
        "created": 1795346200,
        "model": "tiny",
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": "length", "stop_reason": None}],
        "usage": {"prompt_tokens": 24, "total_tokens": 48, "completion_tokens": 24, "prompt_tokens_details": None},
    }
    gone = {"message": "The model `other` does not exist.", "type": "NotFoundError", "param": "model", "code": 404}
    bad = {"message": "max_tokens must be at least 1", "type": "BadRequestError", "param": "max_tokens", "code": 400}

    def line(asked: Line, status: int, body: Any, error: Any) -> dict[str, Any]:
        response = {"status_code": status, "request_id": "vllm-batch-a5ba32797eb69340", "body": body}
        return {"id": "vllm-a9d466de", "custom_id": asked["custom_id"], "response": response, "error": error}

    lines = [line(one, 200, body, None), line(two, 404, None, {"error": gone}), line(three, 400, None, {"error": bad})]
    found = import_requests([write(tmp_path / "answers.jsonl", lines)], tmp_path / "run")
    assert (found.answered, found.rejected, found.failed) == (1, 1, 1)


def test_files_are_split_and_a_later_export_replaces_them(source: Path, tmp_path: Path) -> None:
    target = tmp_path / "elsewhere"
    first = export_requests(source, recipe(), out=tmp_path / "run", to=target, limits=Limits(requests=3))
    assert [file.requests for file in first.files[:-1]] == [3] * (len(first.files) - 1)
    assert len(first.files) > 2
    (target / "answers.jsonl").write_text("{}")
    small = export_requests(source, recipe(), out=tmp_path / "run", to=target, limits=Limits(size=20_000))
    assert max(file.path.stat().st_size for file in small.files) <= 20_000
    assert sum(file.requests for file in small.files) == first.requests
    whole = export_requests(source, recipe(), out=tmp_path / "run", to=target)
    assert {path.name for path in target.iterdir()} == {"stub-0001.jsonl", "answers.jsonl"}
    assert whole.requests == first.requests


def test_a_file_that_is_not_ours_is_not_replaced(source: Path, tmp_path: Path) -> None:
    (tmp_path / "stub-0001.jsonl").write_text('{"custom_id": "x", "response": {}}\n')
    with pytest.raises(UsageError, match="no file of requests"):
        export_requests(source, recipe(), out=tmp_path / "run", to=tmp_path)
    assert "response" in (tmp_path / "stub-0001.jsonl").read_text()


def test_each_teacher_has_files_of_its_own_and_the_built_in_one_has_none(source: Path, tmp_path: Path) -> None:
    teachers = [
        {"backend": "openai", "model": "org/one"},
        {"backend": "openai", "model": "org-one"},
        {"backend": "extractive", "weight": 2.0},
    ]
    exported = export_requests(source, {**RECIPE, "teachers": teachers}, out=tmp_path / "run")
    assert {file.teacher for file in exported.files} == {"openai:org/one", "openai:org-one"}
    assert len({file.path for file in exported.files}) == 2
    for file in exported.files:
        assert {line["body"]["model"] for line in map(json.loads, file.path.read_text("utf-8").splitlines())} == {
            file.model
        }
    assert sum(exported.left_out.values()) > 0
    with pytest.raises(UsageError, match="no teacher that could be asked elsewhere"):
        export_requests(source, RECIPE, out=tmp_path / "other")


def test_what_cannot_be_imported(source: Path, tmp_path: Path) -> None:
    [file] = export_requests(source, recipe(), out=tmp_path / "run").files
    with pytest.raises(UsageError, match="requests, not answers"):
        import_requests([file.path], tmp_path / "run")
    with pytest.raises(StorageError, match="does not exist"):
        import_requests([tmp_path / "nothing"], tmp_path / "run")
    with pytest.raises(StorageError, match="not a run"):
        import_requests([file.path], tmp_path)


def test_the_commands_say_what_there_is_to_do(cli: Callable[..., Ran], source: Path, tmp_path: Path) -> None:
    arguments = ["--source", source, "--teacher", f"openai:stub@{NOWHERE}", "--out", tmp_path / "run"]
    exported = cli("requests", "export", *arguments, "--to", tmp_path / "out")
    assert exported.code == 0
    assert "vllm run-batch -i " in exported.out
    assert "synthgen requests import answers.jsonl" in exported.out
    [file] = (tmp_path / "out").iterdir()
    asked = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    answers = write(tmp_path / "answers.jsonl", [answered(line) for line in asked[1:]])
    imported = cli("requests", "import", answers, "--out", tmp_path / "run")
    assert imported.code == 0
    assert f"{len(asked) - 1:,} answers imported" in imported.out
    assert "1 requests still owed" in imported.out


def test_a_run_with_a_batch_api_pays_half_and_keeps_no_key(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STUB_KEY", SECRET)

    def script(bought: Bought) -> Outcome:
        output = [answered(line) for line in bought.lines]
        if bought.index:
            return Outcome(output=output)
        return Outcome("expired", output=output[:-3], errors=[expired(line) for line in bought.lines[-3:]])

    async def both() -> tuple[synthgen.RunResult, synthgen.RunResult, StubBatches]:
        async with StubBatches(script) as stub, StubServer() as server:
            settings = recipe(stub.url, "openai-batch", options={"poll_seconds": 0.03})
            batch = await synthgen.run_async(source, settings, out=tmp_path / "batch")
            return batch, await synthgen.run_async(source, recipe(server.url), out=tmp_path / "online"), stub

    batch, online, stub = asyncio.run(both())
    total = batch.counts.total
    assert total.planned == total.kept + total.rejected
    assert total.failed == total.pending == 0
    assert len(stub.purchases) == total.planned
    assert sorted(stub.purchases.values())[-4:] == [1, 2, 2, 2]
    assert batch.counts.usd is not None
    assert online.counts.usd is not None
    assert batch.counts.usd == pytest.approx(online.counts.usd / 2)
    assert hashes(batch.path) == hashes(online.path)
    for path in tmp_path.rglob("*"):
        assert not path.is_file() or SECRET.encode() not in path.read_bytes()


def test_stopped_while_a_batch_is_pending_it_ends_resumably_and_export_leaves_that_batch_out(
    source: Path, tmp_path: Path
) -> None:
    looked, release = asyncio.Event(), asyncio.Event()

    async def hook(step: str) -> None:
        if step == "look":
            looked.set()

    def script(bought: Bought) -> Outcome:
        return Outcome(output=[answered(line) for line in bought.lines], until=release)

    async def work() -> None:
        async with StubBatches(script, hook) as stub:
            toml = tmp_path / "recipe.toml"
            toml.write_text(
                f'source = ["{source}"]\n[[teachers]]\nbackend = "openai-batch"\nmodel = "stub"\n'
                f'base_url = "{stub.url}"\n[teachers.options]\npoll_seconds = 0.03\n'
            )
            command = [sys.executable, "-m", "synthgen", "run", "--recipe", str(toml), "--out", str(tmp_path / "run")]
            child = await asyncio.create_subprocess_exec(*command, stderr=subprocess.PIPE)
            await looked.wait()
            child.send_signal(signal.SIGTERM)
            _, errors = await child.communicate()
            assert child.returncode == 130, errors.decode()
            assert b"goes on at the provider" in errors
            assert b"Traceback" not in errors
            exported = await asyncio.to_thread(export_requests, None, toml, out=tmp_path / "run")
            assert exported.files == ()
            assert sum(exported.left_out.values()) == len(stub.purchases)
            release.set()
            again = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
            await again.communicate()
            assert again.returncode == 0
            assert set(stub.purchases.values()) == {1}

    asyncio.run(work())
