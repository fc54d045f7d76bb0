"""The way to the target: rounds of samples until the accepted tokens are there."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import synthgen
from synthgen.backends.fake import FakeBackend
from synthgen.data import Completion, Request
from synthgen.errors import RunInterruptedError
from synthgen.filters.base import AlwaysOn, Filter
from synthgen.planning import Supply
from synthgen.progress import Progress
from synthgen.registry import parts
from synthgen.report.account import Account, Tally
from synthgen.report.result import RunResult, load_run
from synthgen.storage import tables
from synthgen.target import Course, judged

FILTERS = parts("synthgen.filters", Filter)
UNJUDGED = {name: {"enabled": False} for name, one in FILTERS.items() if not issubclass(one.Settings, AlwaysOn)}

FOUR = dict.fromkeys(("distill", "faq", "knowledge_list", "vignette_mcq"), 1.0)


def recipe(target: int, **changes: Any) -> dict[str, Any]:
    teacher = {"backend": "fake", "options": changes.pop("options", {})}
    return {"teachers": [teacher], "transformations": FOUR, "target_tokens": target, "filters": UNJUDGED, **changes}


def on_target(run: RunResult, target: int) -> bool:
    return abs(run.counts.total.tokens - target) <= 0.02 * target


def uses(run: RunResult) -> dict[str, set[int]]:
    """How often each transformation uses an extract: the numbers that occur."""
    extracts = [extract.extract_id for extract in tables.read_extracts(run.paths.extracts)]
    used: dict[str, Counter[str]] = {}
    for item in tables.read_records(run.paths.records):
        used.setdefault(item.record.transformation, Counter())[item.record.extract_id] += 1
    return {name: {counts[extract] for extract in extracts} for name, counts in used.items()}


@pytest.mark.parametrize(
    ("target", "options"),
    [(20_000, {}), (30_000, {"truncated_share": 0.8, "empty_share": 0.05}), (150_000, {"truncated_share": 0.5})],
)
def test_a_run_comes_to_its_target(tmp_path: Path, examples: Path, target: int, options: dict[str, float]) -> None:
    run = synthgen.run(examples, recipe(target, options=options), out=tmp_path / "run")
    assert on_target(run, target)
    assert run.stage("target")["ended"] == "reached"
    assert run.counts.total.pending == 0
    for counts in uses(run).values():
        assert max(counts) - min(counts) <= 1


def test_real_guidelines_come_to_their_target_over_several_rounds(tmp_path: Path, shared_data: Path) -> None:
    source, target = shared_data / "guidelines" / "markdown", 500_000
    run = synthgen.run(source, recipe(target, options={"truncated_share": 0.5}), out=tmp_path / "run")
    way = run.stage("target")
    assert on_target(run, target)
    assert len(way["rounds"]) > 1
    assert way["accepted"][-1] == run.counts.total.tokens
    assert "of 500,000 tokens" in run.paths.summary.read_text("utf-8")


def test_the_same_command_again_asks_and_changes_nothing(
    tmp_path: Path, examples: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: Counter[str] = Counter()
    complete = FakeBackend.complete

    async def counted(self: FakeBackend, request: Request) -> Completion:
        asked[request.request_id] += 1
        return await complete(self, request)

    monkeypatch.setattr(FakeBackend, "complete", counted)
    wanted = recipe(100_000, options={"truncated_share": 0.5})
    run = synthgen.run(examples, wanted, out=tmp_path / "run")
    before = run.paths.run_json.read_bytes()
    assert len(run.stage("target")["rounds"]) > 1
    assert set(asked.values()) == {1}
    again = synthgen.run(examples, wanted, out=tmp_path / "run")
    assert not again.worked
    assert set(asked.values()) == {1}
    assert run.paths.run_json.read_bytes() == before
    other = synthgen.run(examples, recipe(120_000, options={"truncated_share": 0.5}), out=tmp_path / "run")
    assert on_target(other, 120_000)
    assert set(asked.values()) == {1}


def test_interrupted_on_its_way_it_comes_to_the_same_set(tmp_path: Path, examples: Path) -> None:
    wanted = recipe(100_000, options={"truncated_share": 0.5})
    seen = 0

    def stop(progress: Progress) -> None:
        nonlocal seen
        seen += 1
        if seen in (300, 450, 600, 750):
            raise KeyboardInterrupt

    whole = synthgen.run(examples, wanted, out=tmp_path / "whole")
    interruptions = 0
    while True:
        try:
            run = synthgen.run(examples, wanted, out=tmp_path / "run", on_progress=stop)
            break
        except RunInterruptedError:
            interruptions += 1
    assert interruptions > 1
    assert run.stage("target") == whole.stage("target")
    for name in ("packed/train.parquet", "dataset/README.md"):
        assert (run.path / name).read_bytes() == (whole.path / name).read_bytes()


def test_shards_take_a_round_each_time_they_are_started(tmp_path: Path, examples: Path) -> None:
    source = [examples / "gout.md", examples / "sepsis-first-hour.txt"]
    wanted, out = recipe(60_000, options={"truncated_share": 0.5}), tmp_path / "run"
    single = synthgen.run(source, wanted, out=tmp_path / "single")
    times, grows = 0, True
    while grows:
        runs = [synthgen.run(source, wanted, out=out, shard=f"{number}/2") for number in (1, 2)]
        times, grows = times + 1, runs[-1].grows
        assert runs[-1].finished
        assert ("start all shards again" in runs[-1].paths.summary.read_text("utf-8")) == grows
    assert times == len(single.stage("target")["rounds"]) > 1
    assert load_run(out).stage("target") == single.stage("target")
    assert (out / "packed/train.parquet").read_bytes() == (single.path / "packed/train.parquet").read_bytes()


def test_a_cap_ends_the_way_and_a_larger_one_goes_on(tmp_path: Path, examples: Path) -> None:
    capped = recipe(200_000, options={"truncated_share": 0.5}, budget={"requests": 60})
    run = synthgen.run(examples, capped, out=tmp_path / "run")
    assert run.counts.total.planned - run.counts.total.pending == 60
    assert "the cap on requests" in run.paths.summary.read_text("utf-8")
    assert not run.grows
    run = synthgen.run(examples, {**capped, "budget": {}}, out=tmp_path / "run")
    assert on_target(run, 200_000)


def test_a_teacher_that_repeats_itself_is_not_asked_for_ever(tmp_path: Path, examples: Path) -> None:
    answers = {"distill": "The dose is given once. It is the same for everybody, whoever asks and when."}
    wanted = recipe(50_000, options={"answers": answers}, transformations={"distill": 1.0})
    run = synthgen.run(examples, wanted, out=tmp_path / "run")
    assert run.counts.total.kept == 1
    assert run.stage("target")["ended"] == "exhausted"
    assert "more samples bring nothing new" in run.paths.summary.read_text("utf-8")


def test_a_plan_foresees_the_whole_way_and_then_what_is_left(tmp_path: Path, examples: Path) -> None:
    wanted = recipe(100_000, options={"truncated_share": 0.5})
    run = synthgen.run(examples, {**wanted, "budget": {"requests": 10}}, out=tmp_path / "run")
    first = run.counts.total.planned
    before = synthgen.plan(examples, wanted, out=tmp_path / "run")
    assert before.requests > 1.5 * first
    assert before.owed == before.requests - 10
    run = synthgen.run(examples, wanted, out=tmp_path / "run")
    after = synthgen.plan(examples, wanted, out=tmp_path / "run")
    assert (after.requests, after.owed) == (run.counts.total.planned, 0)


def an_account(tokens: int, pending: int = 0) -> Account:
    tally = Tally(kept=1, pending=pending, tokens=tokens)
    return Account(tally, {"faq": tally}, {"t": tally}, {}, 0, 0, 0.0)


class Even(Supply):
    """A source of a million tokens, in pieces of one."""

    def __init__(self) -> None:
        """Needs no plan."""

    def tokens(self, rounds: float) -> dict[str, int]:
        return {"faq": int(rounds * 1e6)}


@pytest.mark.parametrize("truth", [0.02, 0.3, 0.7, 2.5])
def test_legs_come_from_below_and_overshoot_is_taken_back(truth: float) -> None:
    course, target = Course((0.5,)), 1_000_000
    while course.ended is None:
        course = judged(course, target, an_account(int(truth * Even().tokens(course.rounds[-1])["faq"])), Even())
        course = Course((*course.rounds, course.next), course.accepted) if course.next else course
    assert course.ended == "reached"
    assert len(course.rounds) <= 6
    assert abs(course.accepted[-1] - target) <= 0.02 * target


def test_nothing_more_is_planned_while_requests_are_left() -> None:
    course = judged(Course((0.5,)), 1000, an_account(100, pending=3), Even())
    assert (course.next, course.ended) == (None, None)
