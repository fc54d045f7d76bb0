"""A run whose records a judge reads, behind a real server on the loopback interface."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path
from typing import Any

import pytest
from stub_server import Reply, Seen, StubServer

import synthgen
from synthgen.errors import UsageError
from synthgen.report.result import RunResult
from synthgen.storage import tables

LISTED = re.compile(r"<statements>\n(.*)\n</statements>", re.DOTALL)


def vote(seen: Seen) -> Reply:
    """Supports every statement but those with `500`."""
    listed = LISTED.search(seen.payload["messages"][-1]["content"])
    assert listed is not None
    words = ["unsupported" if "500" in line else "supported" for line in listed[1].splitlines()]
    return Reply(text=json.dumps({"verdicts": words}))


def recipe(url: str, **judge: Any) -> dict[str, Any]:
    big = {"backend": "openai", "model": "big", "name": "big", "base_url": url, "weight": 0.0}
    teachers = [{"backend": "extractive"}, {**big, "price_input": 1.0, "price_output": 1.0}]
    return {"teachers": teachers, "judge": {"teacher": "big", **judge}, "transformations": {"distill": 1.0}}


def run(examples: Path, out: Path, settings: dict[str, Any]) -> RunResult:
    return synthgen.run(examples / "gout.md", settings, out=out)


async def judged(examples: Path, out: Path, **changes: Any) -> tuple[RunResult, StubServer]:
    async with StubServer(vote) as stub:
        judge = changes.pop("judge", {})
        settings = {**recipe(stub.url, **judge), **changes}
        return await asyncio.to_thread(run, examples, out, settings), stub


def test_what_the_judge_does_not_support_is_rejected_with_its_words(tmp_path: Path, examples: Path) -> None:
    result, stub = asyncio.run(judged(examples, tmp_path / "run", judge={"votes": 3, "audit": 1.0}))
    records = list(tables.read_records(tmp_path / "run" / "records.parquet"))
    asked = [one for one in records if any(verdict.filter == "judge" for verdict in one.verdicts)]
    assert stub.requests == 3 * len(asked) > 0
    doubted = [one for one in records if one.code == "judge_unsupported"]
    assert doubted
    for one in doubted:
        assert "500" in one.verdicts[-1].evidence[0]["text"]
        assert one.verdicts[-1].evidence[0]["votes"] == {"unsupported": 3}
    assert not any("500" in one.record.text for one in records if one.outcome == "kept")
    agreement = result.stage("judge")["agreement"]
    assert agreement["only_judge_rejects"] == len(doubted)
    assert sum(agreement.values()) == len(asked)
    assert result.counts.usd is not None
    assert result.counts.usd > 0
    assert result.counts.total.kept == len(records) - sum(one.outcome != "kept" for one in records)


def test_votes_are_bought_once_and_another_judge_is_asked_anew(tmp_path: Path, examples: Path) -> None:
    out = tmp_path / "run"

    async def three() -> tuple[int, int, int]:
        async with StubServer(vote) as stub:
            settings = recipe(stub.url)
            await asyncio.to_thread(run, examples, out, settings)
            first = stub.requests
            await asyncio.to_thread(run, examples, out, settings)
            again = stub.requests
            more = {**settings, "judge": {"teacher": "big", "votes": 3}}
            await asyncio.to_thread(run, examples, out, more)
            return first, again, stub.requests

    first, again, more = asyncio.run(three())
    assert first == again > 0
    assert more == 3 * first, "the first vote is kept"


def test_the_judge_counts_against_the_caps(tmp_path: Path, examples: Path) -> None:
    whole, _ = asyncio.run(judged(examples, tmp_path / "whole"))
    planned = whole.counts.total.planned
    result, stub = asyncio.run(judged(examples, tmp_path / "capped", budget={"requests": planned + 2}))
    assert stub.requests == 2
    assert result.stage("judge")["agreement"]["unjudged"] > 0
    assert result.stage("generate")["stopped_by"] == "requests"


def test_nobody_is_consulted_unless_the_recipe_says_so(tmp_path: Path, examples: Path) -> None:
    _, stub = asyncio.run(judged(examples, tmp_path / "run", judge={"teacher": None}))
    assert stub.requests == 0


def test_the_plan_foresees_what_the_judge_takes(tmp_path: Path, examples: Path) -> None:
    settings = {**recipe("http://127.0.0.1:9/v1", votes=3), "budget": {"usd": 9.0}}
    expected = synthgen.plan(examples / "gout.md", settings, out=tmp_path / "run")
    judge = expected.teachers[-1]
    assert judge.name == "big as judge"
    assert expected.requests < judge.owed <= 3 * expected.requests
    assert judge.usd is not None
    assert 0 < judge.usd.low < judge.usd.expected < judge.usd.high
    assert expected.remote == ("big",)
    assert set(expected.caps) == {"usd"}
    assert run(examples, tmp_path / "none", {**settings, "judge": {}}).counts.usd == 0
    without = synthgen.plan(examples / "gout.md", {**settings, "judge": {}}, out=tmp_path / "other")
    assert [teacher.name for teacher in without.teachers] == ["extractive"]


def test_shards_cannot_share_a_cap_with_a_judge(tmp_path: Path, examples: Path) -> None:
    settings = {**recipe("http://127.0.0.1:9/v1"), "budget": {"usd": 1.0}}
    with pytest.raises(UsageError, match="shards cannot share a cap"):
        synthgen.run(examples, settings, out=tmp_path / "run", shard="1/2")
