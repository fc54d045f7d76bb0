"""`synthgen pilot`: what it asks, what it says, and what the run makes of it."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from stub_server import served

import synthgen
from synthgen.errors import GateError, StorageError, UsageError
from synthgen.filters.base import AlwaysOn, Filter
from synthgen.registry import parts
from synthgen.report.result import load_run
from synthgen.storage.index import JournalIndex

FILTERS = parts("synthgen.filters", Filter)
UNJUDGED = {name: {"enabled": False} for name, one in FILTERS.items() if not issubclass(one.Settings, AlwaysOn)}
"""Nothing is rejected for what it says."""
SAME = {
    "distill": "It is important to note that care matters in case {id}. Always consult the responsible clinician.",
    "faq": json.dumps({"pairs": [{"question": "What is important in case {id}?", "answer": "Care is important."}]}),
}


def recipe(answers: dict[str, str] | None = None, **changes: Any) -> dict[str, Any]:
    teacher = {"backend": "fake", "options": {"answers": answers or {}}}
    chosen = {"distill": 1.0, "faq": 1.0, "knowledge_list": 1.0}
    return {"teachers": [teacher], "transformations": chosen, "filters": UNJUDGED, **changes}


def counts(url: str) -> dict[str, int]:
    with urllib.request.urlopen(url.removesuffix("/v1") + "/counts") as answer:
        seen: dict[str, int] = json.load(answer)
    return seen


def test_nothing_is_asked_twice_by_a_larger_pilot_or_by_the_run(
    tmp_path: Path, examples: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with served() as url:
        teacher = {"backend": "openai", "model": "stub", "base_url": url, "price_input": 1.0, "price_output": 2.0}
        wanted = recipe(teachers=[teacher])
        asked = []
        for extracts in (4, 4, 9):
            found = synthgen.run_pilot(examples, wanted, out=tmp_path / "run", extracts=extracts)
            asked.append(counts(url)["requests"])
            assert found.extracts == extracts
            assert sum(cell.measures.asked for cell in found.cells) == 3 * extracts == asked[-1]
        usd = sum(cell.measures.usd or 0.0 for cell in found.cells)
        assert usd == pytest.approx(JournalIndex.load(tmp_path / "run" / "completions").usd)
        assert usd > 0
        run = synthgen.run(examples, wanted, out=tmp_path / "run")
        assert counts(url)["requests"] == counts(url)["different"] == run.counts.total.planned
    assert asked == [12, 12, 27]


def test_the_run_after_a_pilot_makes_the_set_of_a_run_without_one(tmp_path: Path, examples: Path) -> None:
    synthgen.run_pilot(examples, recipe(), out=tmp_path / "piloted", extracts=5)
    runs = [synthgen.run(examples, recipe(), out=tmp_path / name) for name in ("piloted", "plain")]
    rows = [(run.path / "packed" / "train.parquet").read_bytes() for run in runs]
    assert rows[0] == rows[1]


def test_a_collapsed_teacher_is_named_in_the_table_the_report_and_the_run(
    tmp_path: Path, examples: Path, cli: Callable[..., Any]
) -> None:
    toml = tmp_path / "recipe.toml"
    synthgen.run_pilot(examples, recipe(SAME), out=tmp_path / "first", extracts=20)
    toml.write_bytes((tmp_path / "first" / "recipe.toml").read_bytes())
    ran = cli("pilot", "--recipe", toml, "--out", "run", "--extracts", 20)
    assert ran.code == 0, ran.err
    assert "1 healthy, 0 watch, 2 collapsed" in ran.out
    assert "begin with the same words" in ran.out
    report = (tmp_path / "run" / "report" / "pilot.md").read_text("utf-8")
    assert "| distill | fake | collapsed | 20 of 20 |" in report
    assert "it is important" in report
    cells = json.loads((tmp_path / "run" / "report" / "pilot.json").read_bytes())["cells"]
    assert [cell["health"] for cell in cells] == ["collapsed", "collapsed", "healthy"]
    ran = cli("run", "--recipe", toml, "--out", "run")
    assert ran.code == 0, ran.err
    assert "The pilot found collapsed: distill with fake, faq with fake" in ran.out
    assert "The pilot found collapsed" in (tmp_path / "run" / "report" / "summary.md").read_text("utf-8")


def test_a_gate_on_collapsed_stops_the_run_before_it_asks(tmp_path: Path, examples: Path) -> None:
    out, gated = tmp_path / "run", recipe(SAME, gates={"collapsed": 0})
    with pytest.raises(UsageError, match="needs a pilot first"):
        synthgen.run(examples, gated, out=out)
    found = synthgen.run_pilot(examples, gated, out=out, extracts=12)
    assert (found.exit_code, len(found.collapsed)) == (3, 2)
    before = len(JournalIndex.load(out / "completions"))
    with pytest.raises(GateError, match="collapsed is 2, asked for at most 0"):
        synthgen.run(examples, gated, out=out)
    assert len(JournalIndex.load(out / "completions")) == before
    mended = {**gated, "transformations": {"knowledge_list": 1.0}}
    with pytest.raises(UsageError, match="no verdict on knowledge_list with other"):
        synthgen.run(examples, {**mended, "teachers": [{"backend": "fake", "name": "other"}]}, out=out)
    assert synthgen.run(examples, mended, out=out).exit_code == 0
    assert load_run(out).collapsed == ()


def test_a_pilot_keeps_to_the_budget_and_judges_what_it_could_ask(tmp_path: Path, examples: Path) -> None:
    found = synthgen.run_pilot(examples, recipe(budget={"requests": 7}), out=tmp_path / "run", extracts=10)
    assert found.stopped_by == "requests"
    assert sum(cell.measures.asked for cell in found.cells) == 7
    assert "Cut short" in (tmp_path / "run" / "report" / "pilot.md").read_text("utf-8")


def test_a_damaged_report_of_a_pilot_is_said_so(tmp_path: Path, examples: Path) -> None:
    synthgen.run_pilot(examples, recipe(), out=tmp_path / "run", extracts=2)
    (tmp_path / "run" / "report" / "pilot.json").write_text("{}")
    with pytest.raises(StorageError, match="Run the pilot again"):
        _ = load_run(tmp_path / "run").collapsed


OWN = """\
+++
name = "own"
version = {version}
kind = "text"
summary = "A test."
output = "text"
+++
Say it.
"""


def test_a_verdict_holds_as_long_as_what_it_rests_on_is_the_same(tmp_path: Path, examples: Path) -> None:
    prompts = tmp_path / "prompts"
    prompts.mkdir()
    answers = {"own": SAME["distill"]}
    wanted = recipe(answers, transformations={"own": 1.0}, prompts=str(prompts), gates={"collapsed": 1})
    (prompts / "own.md").write_text(OWN.format(version=1))
    found = synthgen.run_pilot(examples, wanted, out=tmp_path / "run", extracts=12)
    assert [cell.health for cell in found.cells] == ["collapsed"]
    assert len(load_run(tmp_path / "run").collapsed) == 1
    (prompts / "own.md").write_text(OWN.format(version=2))
    with pytest.raises(UsageError, match="no verdict on own with fake"):
        synthgen.run(examples, wanted, out=tmp_path / "run")
    others: list[dict[str, Any]] = [{"filters": {}}, {"teachers": [{"backend": "fake", "sampling": {"top_p": 0.1}}]}]
    for changes in others:
        with pytest.raises(UsageError, match="no verdict on own with fake"):
            synthgen.run(examples, {**wanted, **changes}, out=tmp_path / "run")
    synthgen.run_pilot(examples, wanted, out=tmp_path / "run", extracts=12)
    assert len(synthgen.run(examples, wanted, out=tmp_path / "run").collapsed) == 1


def test_a_run_with_a_pilot_first_goes_on_unless_its_gate_stops_it(
    tmp_path: Path, examples: Path, cli: Callable[..., Any]
) -> None:
    import tomli_w

    toml = tmp_path / "recipe.toml"
    toml.write_text(tomli_w.dumps(recipe(SAME, gates={"collapsed": 0})))
    ran = cli("run", "--recipe", toml, "--source", examples, "--out", "run", "--pilot", 12)
    assert ran.code == 3, ran.err
    assert "1 healthy, 0 watch, 2 collapsed" in ran.out
    assert "GATE MISSED" in ran.out
    assert len(JournalIndex.load(tmp_path / "run" / "completions")) == 36
    toml.write_text(tomli_w.dumps(recipe(SAME)))
    ran = cli("run", "--recipe", toml, "--source", examples, "--out", "run", "--pilot", 12)
    assert ran.code == 0, ran.err
    assert "The pilot found collapsed: distill with fake, faq with fake" in ran.out
    assert cli("run", "--recipe", toml, "--source", examples, "--out", "run", "--pilot", 9, "--shard", "1/2").code == 2


def test_what_the_pilot_yields_is_what_the_first_leg_goes_by(tmp_path: Path, examples: Path) -> None:
    teacher = {"backend": "fake", "options": {"truncated_share": 0.6}}
    wanted = recipe(target_tokens=60_000, teachers=[teacher])
    synthgen.run_pilot(examples, wanted, out=tmp_path / "piloted", extracts=30)
    legs = {}
    for name in ("piloted", "plain"):
        run = synthgen.run(examples, wanted, out=tmp_path / name)
        assert abs(run.counts.total.tokens - 60_000) <= 1200
        legs[name] = run.stage("target")["accepted"]
    assert legs["plain"][0] < 30_000
    assert 50_000 < legs["piloted"][0] < 60_000


def test_samples_of_one_extract_are_held_against_each_other_where_the_run_is_to_have_several(
    tmp_path: Path, examples: Path
) -> None:
    """The fake teacher answers each sample in the same way."""
    for target, repeats in ((10_000, None), (400_000, 1.0)):
        wanted = recipe(transformations={"distill": 1.0}, target_tokens=target)
        found = synthgen.run_pilot(examples, wanted, out=tmp_path / f"{target}", extracts=12)
        assert found.cells[0].measures.repeats == repeats


def test_what_a_pilot_asked_nothing_of_is_said_so(tmp_path: Path, examples: Path) -> None:
    wanted = recipe(budget={"requests": 0}, gates={"collapsed": 0})
    found = synthgen.run_pilot(examples, wanted, out=tmp_path / "run", extracts=3)
    assert [cell.reasons for cell in found.cells] == [("nothing was asked of it",)] * 3


def test_a_teacher_that_only_judges_has_no_verdict(tmp_path: Path, examples: Path) -> None:
    wanted = recipe()
    wanted["teachers"].append({"backend": "fake", "name": "judge", "weight": 0.0})
    found = synthgen.run_pilot(examples / "gout.md", wanted, out=tmp_path / "run", extracts=2)
    assert {cell.teacher for cell in found.cells} == {"fake"}
