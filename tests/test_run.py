"""The main job, end to end, as a library call."""

from __future__ import annotations

import asyncio
import csv
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import datasets
import pyarrow.parquet as pq
import pytest

import synthgen
from synthgen.errors import RunLockedError, SourceError, SynthgenError, UsageError
from synthgen.progress import Progress
from synthgen.report.result import RunResult
from synthgen.storage import tables
from synthgen.tokens import load_tokenizer


def folder_hash(*folders: Path) -> str:
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            digest.update(f"{path.relative_to(folder.parent)}\0".encode() + path.read_bytes())
    return digest.hexdigest()


def test_every_planned_request_is_accounted_for_once(finished: RunResult) -> None:
    total = finished.counts.total
    assert total.planned == total.kept + total.rejected + total.failed
    assert total.kept > 250
    assert (total.failed, total.pending) == (0, 0)
    judged = list(tables.read_records(finished.paths.records))
    assert len({item.record.record_id for item in judged}) == total.planned
    assert Counter(item.outcome for item in judged) == {"kept": total.kept, "rejected": total.rejected}


def test_the_dataset_loads_and_every_row_leads_to_its_source_span(finished: RunResult) -> None:
    rows = datasets.load_dataset(str(finished.paths.dataset), split="train")
    assert len(rows) == len(finished.dataset) == finished.counts.total.kept
    documents = {document.doc_id: document for document in tables.read_documents(finished.paths.documents)}
    extracts = {extract.extract_id: extract for extract in tables.read_extracts(finished.paths.extracts)}
    for row in rows:
        document = documents[row["doc_id"]]
        assert document.text[row["start"] : row["end"]] == extracts[row["extract_id"]].text
        assert row["licence"] is None or "CC0" in row["licence"] or "publicdomain/zero" in row["licence"]
        assert json.loads(row["content"])


def test_the_ledger_covers_every_character_of_every_document(finished: RunResult) -> None:
    spans: dict[str, list[tuple[int, int]]] = {}
    with finished.paths.coverage.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            spans.setdefault(row["doc_id"], []).append((int(row["start"]), int(row["end"])))
    for document in tables.read_documents(finished.paths.documents):
        ends = [0, *(end for _, end in spans[document.doc_id])]
        assert [start for start, _ in spans[document.doc_id]] == ends[:-1]
        assert ends[-1] == len(document.text)


def test_every_token_of_the_set_is_in_the_packed_rows(finished: RunResult) -> None:
    tokenizer = load_tokenizer("mistral-7b-v0.1")
    packed = pq.read_table(finished.paths.packed / "train.parquet").column("input_ids").to_pylist()
    texts = [row["text"] for row in finished.dataset]
    assert packed == [[1, *tokenizer.encode(text), 2] for text in texts]


def test_the_same_call_again_does_nothing_and_a_lost_folder_is_made_again(
    finished: RunResult, examples: Path, tmp_path: Path
) -> None:
    shutil.copytree(finished.path, tmp_path / "run")
    again = synthgen.run(examples, out=tmp_path / "run")
    assert not again.worked
    shutil.rmtree(again.paths.dataset)
    shutil.rmtree(again.paths.packed)
    assert synthgen.run(examples, out=tmp_path / "run").worked
    assert folder_hash(again.paths.dataset, again.paths.packed) == folder_hash(
        finished.paths.dataset, finished.paths.packed
    )


def test_another_process_with_another_hash_seed_makes_the_same_bytes(
    finished: RunResult, examples: Path, tmp_path: Path
) -> None:
    code = "import sys, synthgen; synthgen.run(sys.argv[1], {'teachers': [{'in_flight': 1}]}, out=sys.argv[2])"
    environment = {**os.environ, "PYTHONHASHSEED": "12345"}
    subprocess.run([sys.executable, "-c", code, str(examples), str(tmp_path / "run")], env=environment, check=True)
    other = synthgen.load_run(tmp_path / "run").paths
    assert folder_hash(other.dataset, other.packed) == folder_hash(finished.paths.dataset, finished.paths.packed)


def test_a_changed_recipe_reuses_every_answer_that_still_applies(tmp_path: Path, examples: Path) -> None:
    source, out = examples / "gout.md", tmp_path / "run"
    first = synthgen.run(source, {"transformations": {"faq": 1.0}}, out=out)
    asked: list[Progress] = []
    second = synthgen.run(source, {"transformations": {"faq": 1.0, "distill": 1.0}}, out=out, on_progress=asked.append)
    new = second.counts.by_transformation["distill"].planned
    assert [p.total for p in asked if p.stage == "generate"][-1] == new
    assert second.counts.by_transformation["faq"] == first.counts.by_transformation["faq"]
    assert synthgen.run(source, {"transformations": {"distill": 1.0}}, out=out).counts is not None


def test_progress_counts_up_to_the_total(tmp_path: Path, examples: Path) -> None:
    seen: list[Progress] = []
    synthgen.run(examples / "gout.md", out=tmp_path / "run", on_progress=seen.append)
    assert list(dict.fromkeys(progress.stage for progress in seen)) == [
        "read", "extract", "generate", "judge", "tokenise", "decontaminate", "deduplicate", "select", "export", "pack",
        "topics",
    ]  # fmt: skip
    last = [progress for progress in seen if progress.stage == "generate"][-1]
    assert last.finished
    assert last.done == last.total
    assert 0 < last.accepted <= last.done


def test_the_plan_is_what_the_run_asks_for_and_leaves_nothing(tmp_path: Path, examples: Path) -> None:
    expected = synthgen.plan(examples / "gout.md", out=tmp_path / "run")
    assert not (tmp_path / "run").exists()
    assert expected.usd is not None
    assert (expected.usd.low, expected.usd.high) == (0.0, 0.0)
    assert expected.remote == ()
    run = synthgen.run(examples / "gout.md", out=tmp_path / "run")
    assert run.counts.total.planned == expected.requests == expected.owed
    assert synthgen.plan(examples / "gout.md", out=tmp_path / "run").owed == 0


def test_the_asynchronous_twin_does_the_same(tmp_path: Path, examples: Path) -> None:
    async def both() -> list[RunResult]:
        calls = [
            synthgen.run_async(examples / f"{name}.md", out=tmp_path / name)
            for name in ("gout", "type-2-diabetes-glucose-lowering")
        ]
        return await asyncio.gather(*calls)

    for result in asyncio.run(both()):
        assert result.finished
        assert result.exit_code == 0


def test_a_second_run_on_a_directory_names_the_first(tmp_path: Path, examples: Path) -> None:
    def second(progress: Progress) -> None:
        if progress.stage == "judge" and not progress.done:
            with pytest.raises(RunLockedError, match=f"process {os.getpid()}"):
                synthgen.run(examples / "gout.md", out=tmp_path / "run")

    assert synthgen.run(examples / "gout.md", out=tmp_path / "run", on_progress=second).finished


def test_a_budget_stops_cleanly_and_a_larger_one_goes_on(tmp_path: Path, examples: Path) -> None:
    source, out = examples / "gout.md", tmp_path / "run"
    part = synthgen.run(source, {"budget": {"requests": 9}}, out=out)
    assert part.counts.total.planned - part.pending == 9
    assert "partial" in part.paths.summary.read_text("utf-8")
    assert synthgen.run(source, out=out).pending == 0


def test_a_missed_gate_is_told_by_the_exit_code_and_the_set_is_there(tmp_path: Path, examples: Path) -> None:
    run = synthgen.run(examples / "gout.md", {"gates": {"min_records": 10_000, "coverage": 0.1}}, out=tmp_path / "run")
    assert run.exit_code == 3
    assert [(gate.name, gate.passed) for gate in run.gates] == [("coverage", True), ("min_records", False)]
    assert len(run.dataset) > 0


def test_a_set_without_a_record_is_an_error_that_says_why(tmp_path: Path, examples: Path) -> None:
    recipe = {"teachers": [{"backend": "fake", "options": {"truncated_share": 1.0}}]}
    with pytest.raises(SynthgenError, match=r"no record was kept of \d+ planned \(\d+ truncated\)"):
        synthgen.run(examples / "gout.md", recipe, out=tmp_path / "run")


@pytest.mark.parametrize("documents", [1, 4, 12])
def test_there_is_nothing_to_learn_from_citations_and_notices(tmp_path: Path, documents: int) -> None:
    notice = "This summary was withdrawn by its developer. It should no longer be used or cited by anybody anywhere."
    for n in range(documents):
        (tmp_path / f"stub-{n}.md").write_text(
            f"# General\n\n## Guideline Title\n\nManagement of condition {n}.\n\n## Bibliographic Source(s)\n\n"
            f"- Some Society. Management of condition {n}. 2009. 12 p.\n\n## Guideline Status\n\n{notice}\n\n"
            f"# Disclaimer\n\n## NGC Disclaimer\n\n{notice} {notice}\n",
            "utf-8",
        )
    with pytest.raises(SourceError, match="nothing to learn from"):
        synthgen.run(tmp_path, out=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_the_real_material_makes_a_set(tmp_path: Path, shared_data: Path) -> None:
    run = synthgen.run(shared_data / "guidelines", out=tmp_path / "run")
    assert run.counts.total.kept >= 1_800
    assert set(run.stage("read")["formats"]) == {"jats", "jsonl", "markdown", "pdf"}
    cut = run.stage("extract")
    assert cut["used"] + sum(cut["dropped"].values()) == cut["characters"]


def test_the_real_stubs_hold_nothing_to_learn_from(tmp_path: Path, shared_data: Path) -> None:
    for stubs in shared_data.glob("stubs"):  # not in every copy of the material
        with pytest.raises(SourceError, match="nothing to learn from"):
            synthgen.run(stubs, out=tmp_path / "run")


def test_the_same_folder_under_another_name_is_the_same_source_and_one_more_extends_it(
    tmp_path: Path, examples: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(examples)
    first = synthgen.run("gout.md", out=tmp_path / "run")
    assert not synthgen.run(examples / "gout.md", out=tmp_path / "run").worked
    both = synthgen.run(["./gout.md", "sepsis-first-hour.txt"], out=tmp_path / "run")
    assert both.counts.total.planned > first.counts.total.planned
    with pytest.raises(UsageError, match="another source"):
        synthgen.run("sepsis-first-hour.txt", out=tmp_path / "run")


def test_a_cancelled_run_ends_its_stage_before_it_lets_go(tmp_path: Path, examples: Path) -> None:
    async def cancel() -> list[str]:
        began = asyncio.Event()
        ended: list[str] = []
        loop = asyncio.get_running_loop()

        def watch(progress: Progress) -> None:
            if progress.stage == "judge":
                loop.call_soon_threadsafe(began.set)
                if progress.finished:
                    ended.append(progress.stage)

        task = asyncio.create_task(synthgen.run_async(examples / "gout.md", out=tmp_path / "run", on_progress=watch))
        await began.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return ended

    assert asyncio.run(cancel()) == ["judge"]
    assert synthgen.run(examples / "gout.md", out=tmp_path / "run").finished


def test_inside_a_loop_the_call_says_what_to_await(examples: Path, tmp_path: Path) -> None:
    async def wrong() -> None:
        synthgen.run(examples, out=tmp_path / "run")

    with pytest.raises(UsageError, match="run_async"):
        asyncio.run(wrong())


def test_transformations_of_ones_own_are_used_and_kept_in_the_run(tmp_path: Path, examples: Path) -> None:
    matter = 'name = "riddle"\nversion = 1\nkind = "text"\nsummary = "A riddle."\noutput = "text"'
    (tmp_path / "riddle.md").write_text(f"+++\n{matter}\n+++\nMake a riddle.\n")
    run = synthgen.run(examples / "gout.md", {"prompts": str(tmp_path)}, out=tmp_path / "run")
    assert run.counts.by_transformation["riddle"].planned > 0
    assert "Make a riddle." in run.paths.transformations.read_text("utf-8")


def test_a_table_cell_is_no_formula_and_a_title_no_escape_sequence(tmp_path: Path, cli: Callable[..., Any]) -> None:
    text = "Give paracetamol 15 mg/kg every 6 hours to children with fever. Do not exceed 60 mg/kg a day. " * 4
    (tmp_path / "hostile.md").write_text(f'---\ntitle: "=HYPERLINK(1)\\e[31m"\n---\n# Fever\n\n{text}\n', "utf-8")
    assert cli("run", "--source", "hostile.md", "--teacher", "fake", "--out", "run").code == 0
    assert ",'=HYPERLINK" in (tmp_path / "run/report/coverage.csv").read_text("utf-8")
    shown = cli("show", "run", cli("show", "run").out.splitlines()[1].split()[0])
    assert "=HYPERLINK(1)" in shown.out
    assert "\x1b[31m" not in shown.out
