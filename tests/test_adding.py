"""Another mix over the same source asks only for what is new, counted at the server."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from stub_server import Reply, Seen, StubServer

import synthgen
from synthgen.report.result import RunResult
from synthgen.storage.tables import read_records
from synthgen.transformations import load_transformations

BEGINNINGS = {name: one.instruction.partition("{{")[0] for name, one in load_transformations().items()}
"""How the instructions begin, by which the server tells what it is asked for."""


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("STUB_KEY", "sk-nothing")


@dataclass(frozen=True)
class Ran:
    """A run, what it asked the server for, and the answers in its records by transformation and id."""

    result: RunResult
    asked: Counter[str]
    raw: Mapping[str, Mapping[str, str]]


def runs(tmp_path: Path, source: Path, *changes: Mapping[str, Any]) -> list[Ran]:
    """Runs one recipe after the other in one directory."""
    asked: Counter[str] = Counter()

    def script(seen: Seen) -> Reply:
        instruction = seen.payload["messages"][-1]["content"].rpartition("</extract>\n\n")[2]
        asked[next((name for name, begins in BEGINNINGS.items() if instruction.startswith(begins)), "another")] += 1
        return Reply()

    async def each() -> list[Ran]:
        found = []
        async with StubServer(script) as stub:
            teacher = {"backend": "openai", "model": "stub", "base_url": stub.url, "api_key_env": "STUB_KEY"}
            for change in changes:
                asked.clear()
                result = await synthgen.run_async(source, {"teachers": [teacher], **change}, out=tmp_path / "run")
                found.append(Ran(result, Counter(asked), answers(result)))
        return found

    return asyncio.run(each())


def answers(run: RunResult) -> Mapping[str, Mapping[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for judged in read_records(run.path / "records.parquet"):
        found.setdefault(judged.record.transformation, {})[judged.record.record_id] = judged.record.raw
    return found


def test_a_further_transformation_makes_only_its_own_requests(tmp_path: Path, examples: Path) -> None:
    first = {"transformations": {"distill": 1.0, "entity_links": 1.0}}
    second = {"transformations": {"distill": 1.0, "entity_links": 1.0, "tutorial": 1.0}}
    before, after, again = runs(tmp_path, examples / "gout.md", first, second, second)
    extracts = before.asked["distill"]
    assert before.asked == Counter(distill=extracts, entity_links=extracts)
    assert after.asked == Counter(tutorial=extracts)
    assert again.asked == Counter()
    assert after.result.counts.total.planned == 3 * extracts
    assert {name: after.raw[name] for name in before.raw} == before.raw
    assert len(after.raw["tutorial"]) == extracts


def test_other_weights_ask_only_for_the_samples_that_are_new(tmp_path: Path, examples: Path) -> None:
    one = {"transformations": {"distill": 1.0, "entity_links": 1.0}}
    half = {"transformations": {"distill": 1.0, "entity_links": 0.5}}
    twice = {"transformations": {"distill": 1.0, "entity_links": 2.0}}
    alone = {"transformations": {"entity_links": 1.0}}
    whole, less, more, least, back = runs(tmp_path, examples / "gout.md", one, half, twice, alone, one)
    extracts = whole.asked["distill"]
    assert less.asked == Counter()
    assert 0 < len(less.raw["entity_links"]) < extracts
    # The largest weight is one sample an extract, so the other one is half of one.
    assert more.asked == Counter()
    assert 0 < len(more.raw["distill"]) < extracts
    assert least.asked == back.asked == Counter()
    assert set(least.raw) == {"entity_links"}
    assert back.raw == whole.raw


def test_another_form_asks_nothing_and_changes_the_texts(tmp_path: Path, examples: Path) -> None:
    mix = {"transformations": {"faq": 1.0, "distill": 1.0}, "dedup": {"near": 0.0}}
    plain, alpaca = runs(tmp_path, examples / "gout.md", mix, {**mix, "render": {"form": "alpaca"}})
    assert alpaca.asked == Counter()
    assert alpaca.raw == plain.raw
    assert alpaca.result.counts.total.kept == plain.result.counts.total.kept
    assert alpaca.result.counts.total.tokens > plain.result.counts.total.tokens
    assert all(text.startswith("### Instruction:\n") for text in alpaca.result.dataset["text"][:])


def test_a_changed_instruction_is_asked_anew_and_the_others_are_not(tmp_path: Path, examples: Path) -> None:
    folder = tmp_path / "prompts"
    folder.mkdir()
    own = '+++\nname = "riddle"\nversion = {}\nkind = "text"\nsummary = ""\noutput = "text"\n+++\nMake a {} riddle.\n'
    mix: dict[str, Any] = {"prompts": str(folder), "transformations": {"distill": 1.0, "riddle": 1.0}}
    (folder / "riddle.md").write_text(own.format(1, "hard"), "utf-8")
    (first,) = runs(tmp_path, examples / "gout.md", mix)
    (folder / "riddle.md").write_text(own.format(2, "soft"), "utf-8")
    (second,) = runs(tmp_path, examples / "gout.md", mix)
    assert second.asked == Counter(another=first.asked["another"])
    assert second.raw["distill"] == first.raw["distill"]
    assert not second.raw["riddle"].keys() & first.raw["riddle"].keys()
