"""The passes over the whole set as a part of a run: what they take out, what they leave, and why."""

from __future__ import annotations

import csv
import json
import random
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import synthgen
from synthgen.corpus import overlap, sketch, tokenise
from synthgen.data import Document, Judged, Record, Verdict
from synthgen.errors import UsageError
from synthgen.job import Job, make_job
from synthgen.progress import silent
from synthgen.recipe import LimitSettings, Recipe
from synthgen.report.account import Account, AccountBuilder
from synthgen.report.browse import find_cluster, list_clusters
from synthgen.selection import processes, select, survivors
from synthgen.stages import Stages
from synthgen.storage import tables
from synthgen.storage.state import RunState, StageState
from synthgen.tokens import load_tokenizer
from synthgen.version import __version__

CHILD = Path(__file__).with_name("select_kill_child.py")
ITEM = {
    "question": "Which of the brass clocks did the lighthouse keeper wind each morning before his frugal breakfast?",
    "options": {"A": "the tall one by the stairs", "B": "the ship's chronometer", "C": "the one in the lamp room"},
    "answer_idx": "B",
}
OPTIONS = "\n".join(f"{letter}. {option}" for letter, option in ITEM["options"].items())  # type: ignore[attr-defined]


def a_record(number: int, text: str, **fields: Any) -> Judged:
    record = Record(
        record_id=f"{number:064x}",
        extract_id=f"0123456789ab:{number}-{number + 1}",
        transformation="distill",
        version=1,
        kind="text",
        teacher="t",
        sample=0,
        raw=text,
        finish_reason="stop",
        content={"text": text},
        text=text,
        tokens=load_tokenizer("mistral-7b-v0.1").count(text),
    )
    told = Verdict("quantities", True, score=fields.pop("score", 1.0))
    return Judged(replace(record, **fields), "kept", verdicts=(told,))


def rejected(judged: Judged) -> Judged:
    return replace(judged, outcome="rejected", code="too_short")


def sentences(seed: int, count: int = 12) -> str:
    """A text of its own, of so many sentences."""
    rng = random.Random(seed)
    words = ["dose", "patient", "renal", "weekly", "tablet", "kidney", "monitor", "reduce", "adult", "fever", "cough"]
    return " ".join(f"Rule {rng.randrange(10**6)} says {' '.join(rng.choices(words, k=8))}." for _ in range(count))


class Selected:
    """A run directory whose records were judged, and what became of them when they were selected."""

    def __init__(self, root: Path, records: Iterable[Judged], **sections: Any) -> None:
        self.before = list(records)
        sections["decontaminate"] = {"built_in": False, **sections.get("decontaminate", {})}
        self.job: Job = make_job(Recipe.model_validate({"source": ["guidelines"], **sections}), root)
        paths = self.job.paths
        tables.write_records(paths.judged, self.before)
        tables.write_documents(paths.documents, [Document(sentences(10**6), "title", "a.md", "markdown")])
        account = AccountBuilder()
        for judged in self.before:
            account.judged(judged)
        counts: dict[str, dict[str, Any]] = {
            "read": {},
            "extract": {"held_out": []},
            "judge": {"account": account.build(0.0).to_json()},
        }
        noted = {name: StageState(name, found) for name, found in counts.items()}
        self.stages = Stages(paths.run_json, RunState(__version__, "", ("guidelines",), noted), __version__)
        select(self.job, self.stages, "judge", silent)
        self.after = {one.record.record_id: one for one in tables.read_records(paths.records)}

    def code(self, number: int) -> str:
        return self.after[f"{number:064x}"].code

    def stays(self, number: int) -> int | None:
        stays = self.after[f"{number:064x}"].duplicate_of
        return None if stays is None else int(stays, 16)

    def counts(self, stage: str) -> Any:
        return self.stages.state.stages[stage].counts

    def rows(self, path: Path) -> list[dict[str, str]]:
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))


@pytest.fixture
def benchmark(tmp_path: Path) -> str:
    path = tmp_path / "evaluation.jsonl"
    path.write_text(json.dumps(ITEM) + "\n", "utf-8")
    return str(path)


def test_the_better_record_stays_and_of_equal_ones_the_first_id(tmp_path: Path) -> None:
    text, other = sentences(1), sentences(2)
    records = [a_record(3, text, score=0.5), a_record(2, text.upper()), a_record(5, other), a_record(4, other)]
    found = Selected(tmp_path, records)
    assert [found.code(number) for number in (3, 2, 5, 4)] == ["duplicate", "", "duplicate", ""]
    assert (found.stays(3), found.stays(5)) == (2, 4)
    assert found.after[f"{3:064x}"].verdicts[-1] == Verdict("dedup", False, "duplicate", 1.0)
    assert found.counts("deduplicate")["exact"] == 2


def test_a_near_duplicate_goes_with_its_likeness_and_names_the_one_that_stays(tmp_path: Path) -> None:
    text = sentences(1, 30)
    found = Selected(tmp_path, [a_record(1, text, score=0.2), a_record(2, text.replace("Rule", "Law", 1))])
    assert (found.code(1), found.stays(1), found.code(2)) == ("near_duplicate", 2, "")
    verdict = found.after[f"{1:064x}"].verdicts[-1]
    assert verdict.score is not None
    assert 0.9 < verdict.score < 1
    [row] = found.rows(found.job.paths.duplicates_csv)
    assert (row["record"], row["stays"], row["likeness"]) == (f"{1:064x}", f"{2:064x}", str(verdict.score))


def test_nothing_is_dropped_where_the_recipe_says_so(tmp_path: Path) -> None:
    text = sentences(1)
    records = [a_record(1, text), a_record(2, text), a_record(3, text + " Stop.")]
    found = Selected(tmp_path, records, dedup={"exact": False, "near": 0})
    assert list(found.after.values()) == found.before
    assert found.job.paths.records.read_bytes() == found.job.paths.judged.read_bytes()


def test_records_that_were_not_kept_stay_as_they_are_and_drop_no_other(tmp_path: Path) -> None:
    text = sentences(1)
    records = [rejected(a_record(1, text)), a_record(2, text), rejected(a_record(3, "short"))]
    assert list(Selected(tmp_path, records).after.values()) == records


def test_nothing_kept_is_no_error_here(tmp_path: Path) -> None:
    found = Selected(tmp_path, [rejected(a_record(1, sentences(1)))], dedup={"near": 0.9})
    assert len(survivors(found.job.paths, found.job.recipe).documents) == 0
    assert len(Selected(tmp_path / "empty", []).after) == 0


def test_a_benchmark_item_is_found_and_named_with_its_words_in_the_record(tmp_path: Path, benchmark: str) -> None:
    text = f"{sentences(1)}\n\n{ITEM['question']}\n{OPTIONS}\n\n{sentences(2)}"
    found = Selected(
        tmp_path / "run", [a_record(1, text), a_record(2, sentences(3))], decontaminate={"benchmarks": [benchmark]}
    )
    judged = found.after[f"{1:064x}"]
    assert (judged.outcome, judged.code, found.code(2)) == ("rejected", "contaminated", "")
    verdict = judged.verdicts[-1]
    assert (verdict.filter, verdict.keep) == ("decontaminate", False)
    question = next(item for item in verdict.evidence if item["part"] == "question")
    assert (question["benchmark"], question["item"], question["match"]) == ("evaluation", "1", "exact")
    assert judged.record.text[question["start"] : question["end"]] == question["text"] == str(ITEM["question"])[:-1]
    rows = found.rows(found.job.paths.contamination_csv)
    assert {(row["record"], row["benchmark"], row["outcome"]) for row in rows} == {
        (f"{1:064x}", "evaluation", "rejected")
    }
    counts = {"items": 1, "met": 1, "records": 1, "answered": 1, "phrases": 0}
    assert found.counts("decontaminate")["benchmarks"] == {"evaluation": counts}


def test_the_form_of_the_training_text_changes_nothing_of_what_is_found(tmp_path: Path, benchmark: str) -> None:
    text = f"{sentences(1)}\n\n{ITEM['question']}\n\n{sentences(2)}"
    found = Selected(
        tmp_path / "run",
        [a_record(1, text, ask="Write about clocks.")],
        decontaminate={"benchmarks": [benchmark]},
        render={"form": "alpaca"},
    )
    judged = found.after[f"{1:064x}"]
    [item] = judged.verdicts[-1].evidence
    assert judged.record.text[item["start"] : item["end"]] == item["text"]


def test_a_contaminated_record_is_no_reason_to_drop_another(tmp_path: Path, benchmark: str) -> None:
    text = sentences(1, 60)
    records = [a_record(1, f"{text} {ITEM['question']}"), a_record(2, text, score=0.1)]
    found = Selected(tmp_path / "run", records, decontaminate={"benchmarks": [benchmark]})
    assert (found.code(1), found.code(2)) == ("contaminated", "")


def test_the_account_and_the_survivors_are_of_what_was_left(tmp_path: Path, benchmark: str) -> None:
    text = sentences(1)
    records = [
        a_record(1, text),
        rejected(a_record(2, "short")),
        a_record(3, text),
        a_record(4, f"{sentences(2)} {ITEM['question']}"),
        a_record(5, sentences(3)),
    ]
    found = Selected(tmp_path / "run", records, decontaminate={"benchmarks": [benchmark]})
    total = Account.from_json(found.counts("select")["account"]).total
    assert (total.planned, total.kept, total.rejected) == (5, 2, 3)
    assert total.tokens == sum(one.record.tokens for one in found.after.values() if one.outcome == "kept")
    left = survivors(found.job.paths, found.job.recipe)
    kept = [one.record for one in found.after.values() if one.outcome == "kept"]
    assert [left.ids[document] for document in left.documents] == [record.record_id for record in kept]
    tokenizer = load_tokenizer(found.job.recipe.tokenizer)
    for document, record in zip(left.documents.tolist(), kept, strict=True):
        assert left.tokens.read(document, document + 1)[0].tolist() == tokenizer.encode(record.text)


def some_records(count: int = 400) -> list[Judged]:
    """Records of which many are alike, in several ways."""
    rng = random.Random(7)
    records = []
    for number in range(count):
        text = sentences(number if number < 40 else rng.randrange(count))
        if rng.random() < 0.3:
            text = text.replace("patient", "person", rng.randrange(4))
        records.append(a_record(number, text, score=rng.randrange(4) / 4))
    return records


def test_the_same_records_come_out_for_any_number_of_processes_and_any_order(
    tmp_path: Path, benchmark: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = [*some_records(), a_record(9999, f"{sentences(2)} {ITEM['question']}")]
    sections = {"decontaminate": {"benchmarks": [benchmark]}}
    one = Selected(tmp_path / "one", records, **sections, limits={"processes": 1})
    monkeypatch.setattr(tokenise, "BLOCK_CHARACTERS", 20_000)
    for module in (sketch, overlap):
        monkeypatch.setattr(module, "TASK_TOKENS", 5_000)
    two = Selected(tmp_path / "two", records, **sections, limits={"processes": 2})
    assert two.job.paths.records.read_bytes() == one.job.paths.records.read_bytes()
    assert two.job.paths.duplicates_csv.read_bytes() == one.job.paths.duplicates_csv.read_bytes()
    shuffled = Selected(tmp_path / "shuffled", random.Random(1).sample(records, len(records)), **sections)
    assert shuffled.after == one.after
    codes = [judged.code for judged in one.after.values()]
    assert min(codes.count(code) for code in ("duplicate", "near_duplicate", "contaminated", "")) > 0


def test_every_dropped_record_names_one_that_stays(tmp_path: Path) -> None:
    found = Selected(tmp_path, some_records())
    named = [judged.duplicate_of for judged in found.after.values() if judged.duplicate_of is not None]
    assert len(named) > 100
    assert all(found.after[stays].outcome == "kept" for stays in named)


def test_what_was_rewritten_has_the_bytes_of_a_table_that_was_written(tmp_path: Path) -> None:
    many = [one for start in range(0, 12) for one in some_records()]
    records = [replace(one, record=replace(one.record, record_id=f"{n:064x}")) for n, one in enumerate(many)]
    found = Selected(tmp_path, records, dedup={"near": 0})
    assert len(records) > tables.RECORDS.group
    tables.write_records(tmp_path / "again.parquet", tables.read_records(found.job.paths.records))
    assert found.job.paths.records.read_bytes() == (tmp_path / "again.parquet").read_bytes()


def test_a_changed_threshold_does_the_later_passes_again_and_no_earlier_one(tmp_path: Path, examples: Path) -> None:
    run = synthgen.run(examples / "gout.md", {"dedup": {"near": 0}}, out=tmp_path / "run")
    before = {name: stage.key for name, stage in run.state.stages.items()}
    found = synthgen.filter_run(tmp_path / "run", {"dedup": {"near": 0.3}})
    after = {name: stage.key for name, stage in found.result.state.stages.items()}
    passes = ("judge", "tokenise", "tokenise_sources", "decontaminate", "deduplicate", "select")
    assert [name for name in passes if after[name] != before[name]] == ["deduplicate", "select"]
    assert found.changes["", "near_duplicate"] > 0


def test_what_is_held_out_is_not_asked_about_and_not_learned(tmp_path: Path, examples: Path) -> None:
    source = tmp_path / "guidelines"
    source.mkdir()
    for path in sorted(examples.glob("*.md")):
        (source / path.name).write_bytes(path.read_bytes())
    gout = (examples / "gout.md").read_text("utf-8")
    # A passage of it in another document: too little to be a near copy, and word for word.
    (source / "other.md").write_text(f"# Other\n\n{sentences(1, 200)}\n\n{gout[600:1500]}\n", "utf-8")
    recipe = {"holdout": {"documents": ["gout.md"]}, "extracts": {"min_tokens": 30, "max_tokens": 120}}
    run = synthgen.run(source, recipe, out=tmp_path / "run")
    [held_out] = run.stage("extract")["held_out"]
    records = list(tables.read_records(run.paths.records))
    assert held_out not in {judged.record.doc_id for judged in records}
    leaked = [judged for judged in records if judged.code == "contaminated"]
    assert leaked
    assert all(judged.verdicts[-1].evidence[0]["item"] == held_out for judged in leaked)
    page = run.paths.summary.read_text("utf-8")
    assert "1 documents with" in page
    assert f"{len(leaked)} records with a passage of theirs were dropped" in page


def test_gates_on_the_whole_set_decide_the_exit_code(tmp_path: Path, examples: Path) -> None:
    asked = {"near_duplicates": 0.0, "contaminated": 0.0, "unsupported": 0.2, "quantity_recall": 0.5}
    recipe = {"gates": asked, "dedup": {"near": 0.3}}
    run = synthgen.run(examples / "gout.md", recipe, out=tmp_path / "run")
    passed = {gate.name: gate.passed for gate in run.gates}
    assert passed == {"near_duplicates": False, "contaminated": True, "unsupported": True, "quantity_recall": True}
    assert run.exit_code == 3


def test_benchmarks_that_are_not_there_are_an_error_before_anything_is_asked(tmp_path: Path, examples: Path) -> None:
    with pytest.raises(UsageError, match="no evaluation set is here"):
        synthgen.run(examples / "gout.md", {"decontaminate": {"benchmarks": ["nowhere"]}}, out=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_clusters_are_shown_the_largest_first_and_one_by_its_texts(
    tmp_path: Path, examples: Path, cli: Callable[..., Any]
) -> None:
    run = synthgen.run(examples / "gout.md", {"dedup": {"near": 0.3}}, out=tmp_path / "run")
    found, total = list_clusters(run.path, 3)
    assert total >= len(found) > 0
    assert [len(one.dropped) for one in found] == sorted((len(one.dropped) for one in found), reverse=True)
    assert all(judged.duplicate_of == one.stays.record.record_id for one in found for judged in one.dropped)
    by_dropped = find_cluster(run.path, found[0].dropped[0].record.record_id)
    assert by_dropped == find_cluster(run.path, found[0].stays.record.record_id) == found[0]
    shown = cli("show", run.path, "--cluster").out
    assert found[0].stays.record.record_id[:12] in shown
    texts = cli("show", run.path, found[0].stays.record.record_id[:12], "--cluster").out
    assert f"stays for {len(found[0].dropped)} other" in texts
    alone = next(one for one in tables.read_records(run.paths.records) if one.outcome == "rejected")
    if alone.duplicate_of is None:
        assert cli("show", run.path, alone.record.record_id, "--cluster").code == 2


def test_processes_fit_into_the_memory_they_are_given() -> None:
    assert processes(LimitSettings(processes=8, memory_mb=256)) == 1
    assert processes(LimitSettings(processes=2, memory_mb=4096)) == 2


@pytest.mark.timeout(900)
def test_killed_while_it_selects_and_run_again_it_ends_with_the_same_set(tmp_path: Path) -> None:
    Selected(tmp_path / "run", some_records())
    child = subprocess.run(
        [sys.executable, CHILD, tmp_path / "run", tmp_path, "5"],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=900,
    )
    ended = [json.loads(line) for line in child.stdout.splitlines()]
    assert sum(one["kills"] for one in ended) >= 5
    assert len({one["hash"] for one in ended}) == 1
    assert all(one["leftovers"] == [] for one in ended)
