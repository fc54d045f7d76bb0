"""Several processes on one run directory: every request once, one set, one budget, and nobody in another's way."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import signal
import subprocess
import sys
from asyncio.subprocess import Process
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any

import pytest
from stub_server import Reply, Seen, StubServer

import synthgen
from synthgen.errors import RunInterruptedError, RunLockedError, UsageError
from synthgen.planning import Shard
from synthgen.progress import Progress
from synthgen.recipe import BudgetSettings
from synthgen.report.result import load_run
from synthgen.report.standing import standing
from synthgen.shares import Part, share_out
from synthgen.storage.index import JournalIndex
from synthgen.storage.layout import RunPaths
from synthgen.turns import AtWork, workers

EXAMPLES = Path(__file__).parents[1] / "examples"
IN_FLIGHT = 4
SOURCES = ("gout.md", "sepsis-first-hour.txt", "type-2-diabetes-glucose-lowering.md")


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("STUB_KEY", "single")


@pytest.fixture
def sources(examples: Path) -> list[Path]:
    return [examples / name for name in SOURCES]


def recipe(url: str, **changes: Any) -> dict[str, Any]:
    teacher = {"backend": "openai", "model": "stub", "base_url": url, "api_key_env": "STUB_KEY", "in_flight": IN_FLIGHT}
    return {"teachers": [teacher], **changes}


def made(run: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(path for name in ("dataset", "packed") for path in (run / name).rglob("*") if path.is_file()):
        digest.update(f"{path.relative_to(run)}\0".encode() + path.read_bytes())
    return digest.hexdigest()


class Shards:
    """Starts shards of one run as processes, and holds the stub's replies to them back as a test says."""

    def __init__(self, sources: Sequence[Path], run: Path) -> None:
        self.sources = sources
        self.run = run
        self.asked: Counter[str] = Counter()
        self.answers: dict[str, int] = {}
        """How many of a shard's requests are answered before `release`; all where it is not named."""
        self.stuck: dict[str, asyncio.Event] = {}
        self.release = asyncio.Event()

    def hold(self, shard: str, answers: int) -> None:
        self.answers[shard], self.stuck[shard] = answers, asyncio.Event()

    def script(self, seen: Seen) -> Reply:
        shard = seen.headers["Authorization"].removeprefix("Bearer ")
        self.asked[shard] += 1
        if self.asked[shard] <= self.answers.get(shard, self.asked[shard]):
            return Reply()
        if self.asked[shard] == self.answers[shard] + IN_FLIGHT:
            # Nothing more can come: all answers are in the journal, and all that may be in flight is.
            self.stuck[shard].set()
        return Reply(until=self.release)

    async def start(self, url: str, shard: str) -> Process:
        recipe_file = self.run.with_suffix(".toml")
        lines = ['[[teachers]]\nbackend = "openai"\nmodel = "stub"\napi_key_env = "STUB_KEY"\n']
        recipe_file.write_text(f'{lines[0]}base_url = "{url}"\nin_flight = {IN_FLIGHT}\n')
        words = [f"--source={source}" for source in self.sources]
        words += [f"--recipe={recipe_file}", f"--out={self.run}", f"--shard={shard}"]
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "synthgen", "run", *words),
            env={**os.environ, "STUB_KEY": shard},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )


async def ended(process: Process) -> tuple[int | None, str, str]:
    out, err = await process.communicate()
    return process.returncode, out.decode(), err.decode()


def test_three_shards_one_killed_one_preempted_go_on_as_two_and_make_the_set_of_one(
    tmp_path: Path, sources: list[Path]
) -> None:
    async def scenario() -> None:
        shards = Shards(sources, tmp_path / "run")
        shards.hold("2/3", 4)
        shards.hold("3/3", 2)
        async with StubServer(shards.script) as stub:
            three = {name: await shards.start(stub.url, name) for name in ("1/3", "2/3", "3/3")}
            first = asyncio.create_task(ended(three["1/3"]))
            await shards.stuck["2/3"].wait()
            await shards.stuck["3/3"].wait()
            three["2/3"].kill()
            await ended(three["2/3"])
            three["3/3"].send_signal(signal.SIGTERM)
            code, out, err = await first
            assert code == 0, err
            assert "left to other shards" in out
            shards.release.set()
            code, _, err = await ended(three["3/3"])
            assert code == 130, err
            assert not load_run(shards.run).finished
            two = [await shards.start(stub.url, name) for name in ("1/2", "2/2")]
            for code, _, err in await asyncio.gather(*map(ended, two)):
                assert code == 0, err
            seen, twice = len(stub.attempts), stub.requests - len(stub.attempts)
            single = await synthgen.run_async(sources, recipe(stub.url), out=tmp_path / "single")
        run = load_run(shards.run)
        assert run.finished
        assert run.counts.total == single.counts.total
        assert seen == single.counts.total.planned
        assert twice == IN_FLIGHT
        assert made(shards.run) == made(single.path)
        assert not list(shards.run.rglob("*.tmp"))

    asyncio.run(scenario())


def test_killed_at_random_moments_and_restarted_with_other_numbers_of_shards_it_makes_the_set_of_one(
    tmp_path: Path, examples: Path
) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "gout.md").write_text((examples / "gout.md").read_text("utf-8")[:3000], "utf-8")
    child = subprocess.run(
        [sys.executable, Path(__file__).with_name("shard_child.py"), source, tmp_path, "3"],
        stdout=subprocess.PIPE,
        check=True,
        timeout=200,
    )
    whole, *killed = map(json.loads, child.stdout.splitlines())
    assert sum(run.pop("kills") for run in killed) >= 3
    assert killed == [{key: whole[key] for key in killed[0]}] * 3
    assert whole["asked_again"] == 0
    assert whole["leftovers"] == []


def in_flight(
    tmp_path: Path, source: Path, meanwhile: Callable[[str], Coroutine[None, None, None]], **arguments: Any
) -> synthgen.RunResult:
    """What became of a run that `meanwhile` meets when its first request is on the way; it gets the stub's URL."""

    async def both() -> synthgen.RunResult:
        arrived, release = asyncio.Event(), asyncio.Event()

        def script(seen: Seen) -> Reply:
            arrived.set()
            return Reply(until=release)

        async with StubServer(script) as stub:
            task = asyncio.create_task(synthgen.run_async(source, recipe(stub.url), out=tmp_path / "run", **arguments))
            await arrived.wait()
            await meanwhile(stub.url)
            release.set()
            return await task

    return asyncio.run(both())


def test_a_shard_at_work_keeps_out_its_twin_a_plain_run_other_numbers_and_other_recipes(
    tmp_path: Path, sources: list[Path]
) -> None:
    source, out = sources[0], tmp_path / "run"

    async def meanwhile(url: str) -> None:
        before = (out / "recipe.toml").read_bytes(), (out / "extracts.parquet").stat()
        with pytest.raises(RunLockedError, match=rf"shard 1/3 is at work already, process {os.getpid()} on"):
            await synthgen.run_async(source, recipe(url), out=out, shard="1/3")
        with pytest.raises(RunLockedError, match=rf"shard 1/3, process {os.getpid()} on .* works on this run"):
            await synthgen.run_async(source, recipe(url), out=out)
        with pytest.raises(UsageError, match=r"numbers of shards.*at work: shard 1/3, process \d+ on [^;]*\)"):
            await synthgen.run_async(source, recipe(url), out=out, shard="1/2")
        others: list[dict[str, Any]] = [
            {"target_tokens": 5000},
            {"filters": {"length": {"enabled": False}}},
            {"extracts": {"max_tokens": 400}},
            {"budget": {"requests": 5}},
        ]
        for other in others:
            with pytest.raises(UsageError, match="other recipes"):
                await synthgen.run_async(source, recipe(url, **other), out=out, shard="2/3")
        with pytest.raises(UsageError, match="other recipes"):
            await synthgen.run_async(sources[:2], recipe(url), out=out, shard="2/3")
        assert before == ((out / "recipe.toml").read_bytes(), (out / "extracts.parquet").stat())
        assert list(workers(RunPaths(out))) == [Shard(1, 3)]
        now = standing(out)
        assert f"shard 1/3, process {os.getpid()}" in str(now.at_work)
        assert now.owed == now.planned

    part = in_flight(tmp_path, source, meanwhile, shard="1/3")
    assert part.owed > 0
    assert part.exit_code == 0
    assert not part.finished
    assert standing(out).at_work is None
    assert standing(out).owed == part.owed


def test_a_plain_run_at_work_keeps_out_shards(tmp_path: Path, sources: list[Path]) -> None:
    async def meanwhile(url: str) -> None:
        with pytest.raises(RunLockedError, match=rf": process {os.getpid()} on .* works on this run"):
            await synthgen.run_async(sources[0], recipe(url), out=tmp_path / "run", shard="1/3")

    assert in_flight(tmp_path, sources[0], meanwhile).finished


def test_waiting_for_a_turn_ends_when_the_run_is_cancelled(tmp_path: Path, sources: list[Path]) -> None:
    paths = RunPaths(tmp_path / "run")

    async def cancelled() -> None:
        with AtWork(paths, Shard(1, 2)) as first, first.turn():
            task = asyncio.create_task(synthgen.run_async(sources[0], out=paths.root, shard="2/2"))
            await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    asyncio.run(cancelled())
    assert not paths.run_json.exists()


def fake(**teacher: Any) -> dict[str, Any]:
    return {"backend": "fake", "in_flight": 2, **teacher}


def shared(sources: Sequence[Path], settings: dict[str, Any], out: Path, of: int) -> list[synthgen.RunResult]:
    return [synthgen.run(sources, settings, out=out, shard=f"{number}/{of}") for number in range(1, of + 1)]


def test_a_cap_on_requests_holds_over_all_shards_and_the_last_one_makes_a_partial_set(
    tmp_path: Path, sources: list[Path]
) -> None:
    settings = {"teachers": [fake()], "budget": {"requests": 31}}
    runs = shared(sources, settings, tmp_path / "run", 3)
    assert [run.finished for run in runs] == [False, False, True]
    total = runs[-1].counts.total
    assert total.planned - total.pending == 31
    assert "the cap on requests" in runs[-1].paths.summary.read_text("utf-8")
    again = shared(sources, settings, tmp_path / "run", 2)
    assert again[-1].counts.total == total
    more = shared(sources, {**settings, "budget": {"requests": total.planned}}, tmp_path / "run", 2)
    assert more[-1].counts.total.pending == 0


def test_a_cap_on_dollars_holds_over_all_shards_and_whatever_is_left_is_shared_out_anew(
    tmp_path: Path, sources: list[Path]
) -> None:
    teacher = fake(price_input=10.0, price_output=10.0, sampling={"max_tokens": 50})
    settings = {"teachers": [teacher], "budget": {"usd": 1.0}}
    spent = []
    for of in (3, 3, 2, 1):
        run = shared(sources, settings, tmp_path / "run", of)[-1]
        assert run.pending > 0
        assert run.stage("generate")["stopped_by"] == "usd"
        spent.append(JournalIndex.load(run.paths.completions).usd)
    assert spent == sorted(spent)
    assert 0.8 < spent[-1] <= 1.0


def test_allowances_add_up_to_the_cap_and_go_by_what_is_owed() -> None:
    parts = [Part(100, 40, 4.0, {"a": 60}), Part(50, 50, 3.0, {}), Part(30, 10, 1.0, {"a": 15, "b": 5})]
    shares = share_out("key", BudgetSettings(requests=141, usd=12.0), parts, settled=110, usd=9.0)
    assert [one.requests for one in shares.allowances] == [40 + 23, 50, 10 + 8]
    assert [one.usd for one in shares.allowances] == pytest.approx([4 + 3 * 0.75, 3, 1 + 3 * 0.25])
    assert share_out("key", BudgetSettings(), parts, 0, 0.0).owed == 80


def test_a_shard_with_nothing_owed_makes_the_set_that_was_not_made(tmp_path: Path, sources: list[Path]) -> None:
    def stop(progress: Progress) -> None:
        if progress.stage == "judge":
            raise KeyboardInterrupt

    out, settings = tmp_path / "run", {"teachers": [fake()]}
    assert synthgen.run(sources, settings, out=out, shard="1/2").owed
    with pytest.raises(RunInterruptedError):
        synthgen.run(sources, settings, out=out, shard="2/2", on_progress=stop)
    assert synthgen.run(sources, settings, out=out, shard="1/2").finished
    assert not synthgen.run(sources, settings, out=out, shard="2/2").worked


def test_a_set_of_shards_is_not_remade_by_a_plain_run(tmp_path: Path, sources: list[Path]) -> None:
    out, settings = tmp_path / "run", {"teachers": [fake()]}
    runs = shared(sources, settings, out, 2)
    assert not synthgen.run(sources, settings, out=out).worked
    assert made(runs[-1].path) == made(synthgen.run(sources, settings, out=tmp_path / "single").path)


@pytest.mark.parametrize("word", ["2", "0/3", "4/3", "a/b", "1/2/3", "-1/2", "", "1/0"])
def test_a_wrong_shard_is_a_usage_error_with_an_example(word: str, examples: Path, cli: Callable[..., Any]) -> None:
    ran = cli("run", "--source", examples, "--shard", word)
    assert ran.code == 2
    assert "the second gets --shard 2/3" in ran.err


@pytest.fixture
def cluster(tmp_path: Path) -> dict[str, str]:
    """The environment of a host with synthgen, and with stand-ins for ssh and Slurm."""
    commands = tmp_path / "bin"
    commands.mkdir()
    bodies = {
        "synthgen": f'exec {sys.executable} -m synthgen "$@"',
        "ssh": 'echo "$1" >> hosts; shift; exec sh -c "$*"',
        "scontrol": 'echo "$*" >> requeued',
    }
    for name, body in bodies.items():
        (commands / name).write_text(f"#!/bin/sh\n{body}\n")
        (commands / name).chmod(0o755)
    slurm = {"SLURM_ARRAY_JOB_ID": "7", "SLURM_ARRAY_TASK_ID": "1", "SLURM_ARRAY_TASK_COUNT": "2"}
    return {**os.environ, **slurm, "PATH": f"{commands}{os.pathsep}{os.environ['PATH']}"}


@pytest.mark.parametrize("name", ["slurm.sbatch", "two_hosts.sh"])
def test_the_example_scripts_are_bash(name: str) -> None:
    subprocess.run(["bash", "-n", EXAMPLES / name], check=True)


def test_the_two_host_script_makes_the_set_of_one_host(
    tmp_path: Path, sources: list[Path], cluster: dict[str, str]
) -> None:
    words = ["--source", str(sources[0]), "--teacher", "fake", "--out", "a run"]
    subprocess.run(
        ["bash", EXAMPLES / "two_hosts.sh", "one", "two", *words], cwd=tmp_path, env=cluster, check=True, timeout=120
    )
    assert sorted((tmp_path / "hosts").read_text().split()) == ["one", "two"]
    assert load_run(tmp_path / "a run").finished
    single = synthgen.run(sources[0], {"teachers": [{"backend": "fake"}]}, out=tmp_path / "single")
    assert made(tmp_path / "a run") == made(single.path)


def test_the_slurm_script_drains_and_asks_to_be_queued_again(
    tmp_path: Path, sources: list[Path], cluster: dict[str, str]
) -> None:
    arrived, release = asyncio.Event(), asyncio.Event()

    def script(seen: Seen) -> Reply:
        arrived.set()
        return Reply(until=release)

    async def preempted() -> tuple[int | None, int]:
        async with StubServer(script) as stub:
            words = ["--source", str(sources[0]), "--teacher", f"openai:stub@{stub.url}", "--out", "run"]
            job = await asyncio.create_subprocess_exec(
                "bash", EXAMPLES / "slurm.sbatch", *words, cwd=tmp_path, env=cluster, stderr=subprocess.PIPE
            )
            await arrived.wait()
            job.send_signal(signal.SIGTERM)
            # Only the shell gets the signal; that synthgen got it from there is told by its first words about it.
            assert job.stderr is not None
            async for line in job.stderr:
                if b"stopping" in line:
                    break
            release.set()
            await job.communicate()
            return job.returncode, stub.requests

    code, asked = asyncio.run(preempted())
    assert code == 130
    assert (tmp_path / "requeued").read_text() == "requeue 7_1\n"
    assert len(JournalIndex.load(tmp_path / "run" / "completions")) == asked
