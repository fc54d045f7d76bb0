"""Questions for lm-evaluation-harness from local files, and the real one's answers to them, item by item."""

from __future__ import annotations

import json
import math
import os
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from synthgen.ablation import harness
from synthgen.ablation.heldout import HeldOut, held_out_loss, held_out_rows, write_rows
from synthgen.ablation.tasks import Question, Task, benchmark_tasks, read_tasks, write_tasks
from synthgen.data import Document
from synthgen.errors import TrainingError, UsageError
from synthgen.storage.files import write_atomic
from synthgen.tokens import load_tokenizer

SETS = {
    "medqa": "medqa_us_4options_test.jsonl",
    "medmcqa": "medmcqa_dev.jsonl",
    "pubmedqa": "pubmedqa_test_set.json",
    "mmlu_anatomy": "mmlu_anatomy_test.csv",
}


def csv(folder: Path, rows: int = 6) -> Path:
    """A small evaluation set in MMLU's layout."""
    path = folder / "mmlu_dosing_test.csv"
    lines = [f"How many mg on day {n}?,{n},{n + 1},{n + 2},{n + 30},{'ABCD'[n % 4]}" for n in range(1, rows + 1)]
    write_atomic(path, "\n".join(lines).encode())
    return path


@pytest.mark.parametrize("measure", SETS)
def test_an_evaluation_set_is_asked_as_it_stands(measure: str, shared_data: Path) -> None:
    tasks = {task.measure: task for task in benchmark_tasks([shared_data / "benchmarks" / SETS[measure]], items=60)}
    for task in tasks.values():
        assert len(task.questions) == len({question.item_id for question in task.questions}) == 60
        for question in task.questions:
            assert question.prompt.endswith("\nAnswer:")
            assert 0 <= question.gold < len(question.options)
    if measure == "pubmedqa":
        (task,) = tasks.values()
        assert task.form == "plain"
        assert {question.options for question in task.questions} == {("maybe", "no", "yes")}
    else:
        letters, texts = tasks[measure], tasks[f"{measure}_text"]
        assert (letters.form, texts.form) == ("letters", "text")
        for listed, plain in zip(letters.questions, texts.questions, strict=True):
            assert (listed.item_id, listed.options, listed.gold) == (plain.item_id, plain.options, plain.gold)
            places = [listed.prompt.index(f"\n{letter}. ") for letter in "ABCD"]
            assert places == sorted(places)


def test_options_keep_the_order_of_the_file(shared_data: Path) -> None:
    path = shared_data / "benchmarks" / SETS["medqa"]
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    (letters, _) = benchmark_tasks([path])
    by_prompt = {question.prompt.splitlines()[0]: question for question in letters.questions}
    for row in rows[:100]:
        question = by_prompt[f"Question: {row['question'].strip()}".splitlines()[0]]
        assert question.options == tuple(option.strip() for option in row["options"].values())
        assert question.options[question.gold] == row["answer"].strip()


def test_an_abstract_is_given_without_its_conclusion(shared_data: Path) -> None:
    path = shared_data / "benchmarks" / SETS["pubmedqa"]
    rows = json.loads(path.read_text("utf-8"))
    (task,) = benchmark_tasks([path], items=50)
    for question in task.questions:
        assert rows[question.item_id]["CONTEXTS"][0] in question.prompt
        assert rows[question.item_id]["LONG_ANSWER"] not in question.prompt


def test_the_same_questions_are_chosen_whatever_their_order(tmp_path: Path) -> None:
    rows = [{"id": f"q{n}", "question": f"Which is {n}?", "options": ["a", "b"], "answer": "a"} for n in range(40)]
    for name, order in (("one", rows), ("two", rows[::-1])):
        write_atomic(tmp_path / name / "own_test.jsonl", "\n".join(map(json.dumps, order)).encode())
    one, two = (benchmark_tasks([tmp_path / name], items=7) for name in ("one", "two"))
    assert one == two
    assert set(one[0].questions) < set(benchmark_tasks([tmp_path / "one"], items=8)[0].questions)


def test_a_question_without_a_known_answer_is_left_out_and_a_set_of_them_refused(tmp_path: Path) -> None:
    rows = [{"question": "Which?", "options": ["a", "b"], "answer": answer} for answer in ("a", "c")]
    write_atomic(tmp_path / "own.jsonl", "\n".join(map(json.dumps, rows)).encode())
    assert [len(task.questions) for task in benchmark_tasks([tmp_path / "own.jsonl"])] == [1, 1]
    write_atomic(tmp_path / "none.jsonl", json.dumps(rows[1]).encode())
    with pytest.raises(UsageError, match="none: no question here"):
        benchmark_tasks([tmp_path / "none.jsonl"])


def test_two_files_of_one_name_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    with pytest.raises(UsageError, match="mmlu_dosing_test"):
        benchmark_tasks([csv(tmp_path / "a"), csv(tmp_path / "b")])


def test_tasks_are_read_as_they_were_written(tmp_path: Path) -> None:
    tasks = [
        *benchmark_tasks([csv(tmp_path)]),
        Task("gap", "plain", (Question("1", "Give {{ x }} %d", ("5", "6"), 1, " mg."),)),
    ]
    write_tasks(tasks, tmp_path / "tasks")
    assert read_tasks(tmp_path / "tasks") == tasks
    rows = [json.loads(line) for line in (tmp_path / "tasks" / "gap.jsonl").read_text("utf-8").splitlines()]
    assert rows == [{"item_id": "1", "prompt": "Give {{ x }} %d", "choices": ["5 mg.", "6 mg."], "gold": 1}]


def test_answers_to_other_questions_are_not_taken(tmp_path: Path) -> None:
    (task,) = tasks = [Task("gap", "plain", (Question("1", "Give", ("5", "6"), 1),))]
    write_tasks(tasks, tmp_path / "tasks")
    leave_answers(tmp_path / "answers", task, [[-2.0, -1.0]])
    found = harness.read_results(tmp_path / "answers", tmp_path / "tasks", "set", 1)
    assert found is not None
    assert [(item.chosen, item.gold, item.correct) for item in found[0].items] == [(1, 1, True)]
    write_tasks([replace(task, questions=(replace(task.questions[0], options=("5", "7")),))], tmp_path / "tasks")
    assert harness.read_results(tmp_path / "answers", tmp_path / "tasks", "set", 1) is None


def test_texts_are_compared_by_the_character(tmp_path: Path) -> None:
    (task,) = tasks = [Task("drug", "text", (Question("1", "Give", ("a statin or a fibrate", "none"), 0),))]
    write_tasks(tasks, tmp_path / "tasks")
    leave_answers(tmp_path / "answers", task, [[-10.0, -4.0]])
    found = harness.read_results(tmp_path / "answers", tmp_path / "tasks", "set", 1)
    assert found is not None
    assert found[0].items[0].chosen == 0


def test_a_model_that_diverged_is_named_as_such(tmp_path: Path) -> None:
    (task,) = tasks = [Task("gap", "plain", (Question("1", "Give", ("5", "6"), 1),))]
    write_tasks(tasks, tmp_path / "tasks")
    leave_answers(tmp_path / "answers", task, [[math.nan, math.nan]])
    with pytest.raises(TrainingError, match="diverged"):
        harness.read_results(tmp_path / "answers", tmp_path / "tasks", "set", 1)


def leave_answers(folder: Path, task: Task, likelihoods: list[list[float]]) -> None:
    """What the harness writes, as far as it is read."""
    samples = [
        {
            "doc": {"item_id": one.item_id, "prompt": one.prompt, "choices": task.answers(one)},
            "filtered_resps": [[value, False] for value in values],
        }
        for one, values in zip(task.questions, likelihoods, strict=True)
    ]
    counts = {"n-samples": {task.name: {"original": len(samples), "effective": len(samples)}}}
    write_atomic(folder / "model" / "results_2026.json", json.dumps(counts).encode())
    write_atomic(
        folder / "model" / f"samples_{task.name}_2026.jsonl", "".join(json.dumps(s) + "\n" for s in samples).encode()
    )


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random model with the real tokenizer, made by the trainer's Python."""
    environment = os.environ.get("SYNTHGEN_AXOLOTL")
    if not environment:
        pytest.skip("SYNTHGEN_AXOLOTL does not name the trainer's environment (.ci/axolotl_env makes one)")
    folder = tmp_path_factory.mktemp("tiny")
    make = [Path(environment) / "bin" / "python", Path(__file__).with_name("tiny_model.py"), folder]
    subprocess.run([*make, "--hidden", "32", "--layers", "1", "--context", "128"], check=True, capture_output=True)
    return folder


@pytest.mark.axolotl
def test_the_real_harness_answers_and_what_it_answered_is_not_asked_again(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_tasks(benchmark_tasks([csv(tmp_path)]), tmp_path / "tasks")
    answers = tmp_path / "answers"
    measured = harness.evaluate(tiny, tmp_path / "tasks", answers, arm="set", seed=2, batch=4)
    assert [one.measure for one in measured] == ["mmlu_dosing", "mmlu_dosing_text"]
    (results,) = answers.glob("*/results_*.json")
    said = json.loads(results.read_text("utf-8"))["results"]
    for one, metric in zip(measured, ("acc", "acc_norm"), strict=True):
        share = sum(item.correct for item in one.items) / len(one.items)
        assert share == pytest.approx(said[f"synthgen_{one.measure}"][f"{metric},none"])
        assert all(item.correct == (item.chosen == item.gold) for item in one.items)
    monkeypatch.setenv("SYNTHGEN_AXOLOTL", str(tmp_path / "nowhere"))
    assert harness.evaluate(tiny, tmp_path / "tasks", answers, arm="set", seed=2, batch=4) == measured


@pytest.mark.axolotl
def test_a_task_that_cannot_be_fetched_is_named_before_a_model_is_trained(tiny: Path, tmp_path: Path) -> None:
    write_tasks([], tmp_path / "tasks")
    with pytest.raises(TrainingError, match=r"tasks medmcqa: .*fetch them beforehand or unset HF_HUB_OFFLINE"):
        harness.check(tmp_path / "tasks", ["medmcqa"], tmp_path / "check.log")


@pytest.mark.axolotl
def test_the_real_program_scores_every_document_by_itself(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = ["# Dosing\n\nGive 5 mg of apixaban twice daily. " * 20, "Measure potassium within 14 days."]
    documents = [Document(text, "A guideline", f"{n}.md", "markdown") for n, text in enumerate(texts)]
    rows = held_out_rows(documents, load_tokenizer("mistral-7b-v0.1"), 128)
    again = HeldOut("again", rows[0].windows, rows[0].bytes)
    write_rows([*rows, again], tmp_path / "rows.jsonl")
    scored = held_out_loss(tiny, tmp_path / "rows.jsonl", tmp_path / "losses", arm="source", seed=1)
    nats = scored[0].items
    # A model that has learned nothing is about as sure of each piece of the vocabulary.
    assert [item.correct for item in nats] == pytest.approx([math.log(32_000)] * 3, abs=0.3)
    assert nats[2].correct == nats[0].correct
    monkeypatch.setenv("SYNTHGEN_AXOLOTL", str(tmp_path / "nowhere"))
    assert held_out_loss(tiny, tmp_path / "rows.jsonl", tmp_path / "losses", arm="source", seed=1) == scored
