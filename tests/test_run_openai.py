"""The main job with a model behind an OpenAI-compatible server, on the loopback interface."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from stub_server import Reply, Seen, StubServer, completion, error, served

import synthgen
from synthgen.errors import TeacherError

SECRET = "sk-sentinel-5f2c9a"


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("STUB_KEY", SECRET)


def recipe(url: str, **settings: Any) -> dict[str, Any]:
    teacher = {"backend": "openai", "model": "stub", "base_url": url, "api_key_env": "STUB_KEY", **settings}
    kinds = dict.fromkeys(("distill", "knowledge_list", "faq", "vignette_mcq"), 1.0)
    return {"teachers": [teacher], "transformations": kinds}


def counts(url: str) -> dict[str, int]:
    with urllib.request.urlopen(url.removesuffix("/v1") + "/counts") as answer:
        seen: dict[str, int] = json.load(answer)
    return seen


def test_an_exact_account_with_many_at_once_and_some_failing(tmp_path: Path, examples: Path) -> None:
    with served("--delay", "0.02", "--failing-share", "0.2", "--rejected-share", "0.1") as url:
        run = synthgen.run(examples, recipe(url, price_input=1.0, price_output=2.0), out=tmp_path / "run")
        seen = counts(url)
    total = run.counts.total
    assert total.planned == total.kept + total.rejected + total.failed
    assert total.pending == 0
    assert total.failed == run.counts.reasons["http_400"] == pytest.approx(total.planned * 0.1, rel=0.5)
    assert total.kept > 0.5 * total.planned
    assert seen["different"] == total.planned
    assert seen["requests"] > total.planned
    assert seen["most_in_flight"] > 30
    assert run.counts.usd == pytest.approx((run.counts.prompt_tokens + 2 * run.counts.completion_tokens) / 1e6)
    assert run.counts.completion_tokens > 0


def test_what_was_answered_is_not_asked_again_and_what_failed_is(tmp_path: Path, examples: Path) -> None:
    failing = True

    def script(seen: Seen) -> Reply:
        return Reply(status=500, body=error()) if failing and seen.index % 5 == 0 else Reply()

    async def both() -> None:
        nonlocal failing
        async with StubServer(script) as stub:
            settings = recipe(stub.url, attempts=1)
            first = await synthgen.run_async(examples / "gout.md", settings, out=tmp_path / "run")
            asked = stub.requests
            failing = False
            second = await synthgen.run_async(examples / "gout.md", settings, out=tmp_path / "run")
            assert first.counts.total.failed > 0
            assert stub.requests - asked == first.counts.total.failed
            assert second.counts.total.failed == 0

    asyncio.run(both())


def test_a_refused_key_stops_the_run_at_once_and_stands_nowhere(
    tmp_path: Path, examples: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    async def refused() -> int:
        async with StubServer(lambda seen: Reply(status=401, body=error(f"wrong key {SECRET}"))) as stub:
            with pytest.raises(TeacherError) as caught:
                await synthgen.run_async(examples, recipe(stub.url, in_flight=8), out=tmp_path / "run")
            assert SECRET not in str(caught.value)
            assert "STUB_KEY" in str(caught.value) or "key" in str(caught.value)
            return stub.requests

    assert asyncio.run(refused()) <= 8
    printed = capfd.readouterr()
    files = [path for path in (tmp_path / "run").rglob("*") if path.is_file()]
    assert files
    assert SECRET not in printed.out + printed.err
    assert all(SECRET.encode() not in path.read_bytes() for path in files)


def ignore_interrupts() -> None:
    """As a shell does for a command that it starts in the background."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@pytest.mark.parametrize(
    ("stop", "before"), [(signal.SIGINT, None), (signal.SIGTERM, None), (signal.SIGTERM, ignore_interrupts)]
)
def test_stopped_it_drains_exits_130_and_goes_on_where_it_stopped(
    tmp_path: Path, examples: Path, stop: signal.Signals, before: Callable[[], None] | None
) -> None:
    arrived, release = asyncio.Event(), asyncio.Event()

    def script(seen: Seen) -> Reply:
        arrived.set()
        return Reply(until=release)

    async def interrupt() -> tuple[int, str, int, int]:
        async with StubServer(script) as stub:
            command = [sys.executable, "-m", "synthgen", "run", "--source", str(examples), "--out", "run"]
            child = await asyncio.create_subprocess_exec(
                *command,
                "--teacher",
                f"openai:stub@{stub.url}",
                cwd=tmp_path,
                stderr=subprocess.PIPE,
                preexec_fn=before,
            )
            await arrived.wait()
            child.send_signal(stop)
            release.set()
            _, errors = await child.communicate()
            answered = stub.requests
            again = await asyncio.create_subprocess_exec(
                *command, "--teacher", f"openai:stub@{stub.url}", cwd=tmp_path, stdout=subprocess.PIPE
            )
            await again.communicate()
            assert again.returncode == 0
            return child.returncode or 0, errors.decode(), answered, stub.requests

    code, errors, asked, after = asyncio.run(interrupt())
    assert code == 130
    assert "stopping, " in errors
    assert "the same command goes on" in errors.splitlines()[-1].lower()
    assert "Traceback" not in errors
    total = synthgen.load_run(tmp_path / "run").counts
    assert total is not None
    assert 0 < asked <= 64
    assert after == total.total.planned


def test_a_missing_key_is_found_before_anything_is_read(
    tmp_path: Path, examples: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("STUB_KEY")
    with pytest.raises(synthgen.errors.RecipeError, match="STUB_KEY"):
        synthgen.run(examples, recipe("http://127.0.0.1:9/v1"), out=tmp_path / "run")
    assert not (tmp_path / "run").exists()
    assert os.environ.get("STUB_KEY") is None


def test_dollars_count_over_all_sessions_lost_answers_included(tmp_path: Path, examples: Path) -> None:
    async def sessions() -> list[int]:
        async with StubServer(lambda seen: Reply(cut="before")) as stub:
            settings = recipe(stub.url, price_input=1.0, price_output=10.0, attempts=1, in_flight=4)
            asked = []
            for _ in range(3):
                with contextlib.suppress(synthgen.SynthgenError):
                    await synthgen.run_async(
                        examples / "gout.md", {**settings, "budget": {"usd": 0.1}}, out=tmp_path / "run"
                    )
                asked.append(stub.requests)
            return asked

    asked = asyncio.run(sessions())
    assert asked[0] > 2
    assert asked == [asked[0]] * 3


@pytest.mark.parametrize("strange", [{"a": 1}, 5, ["stop"]])
def test_an_answer_with_a_strange_finish_reason_is_a_failed_one_and_no_more(
    tmp_path: Path, examples: Path, strange: object
) -> None:
    def script(seen: Seen) -> Reply:
        return Reply(body={**completion(), "choices": [{"finish_reason": strange, "message": {"content": "x"}}]})

    async def run() -> dict[str, int]:
        async with StubServer(lambda seen: script(seen) if seen.index == 3 else Reply()) as stub:
            result = await synthgen.run_async(examples / "gout.md", recipe(stub.url, attempts=1), out=tmp_path / "run")
            return dict(result.counts.reasons)

    assert asyncio.run(run())["bad_answer"] == 1


def test_a_plan_needs_no_key(tmp_path: Path, examples: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STUB_KEY")
    assert synthgen.plan(examples / "gout.md", recipe("http://127.0.0.1:9/v1")).remote == ("openai:stub",)
