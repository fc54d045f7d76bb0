"""Questions with options, and the files from which lm-evaluation-harness asks them without a network."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Any, Literal

from synthgen.corpus.benchmark_items import BenchmarkItem, read_benchmarks
from synthgen.errors import UsageError
from synthgen.extractive.choice import Choice
from synthgen.storage.files import atomic_folder, atomic_text, storage_errors

Form = Literal["letters", "text", "plain"]
"""How an answer is given.

- `letters`: the options stand in the prompt, and the likeliest of their letters is the answer. It is the form of the
  harness's own MedQA, MedMCQA and MMLU, and takes a model that can read a list.
- `text`: the options do not stand in the prompt; the answer is the one whose text is likeliest per character. Small
  models can be told apart by it where letters leave them at chance (Gu et al., OLMES, arXiv 2406.08446).
- `plain`: the same by the likelihood as it is, for options of a word or of equal length in tokens.
"""
METRICS: dict[Form, str] = {"letters": "acc", "text": "acc_norm", "plain": "acc"}
"""The harness's metric that counts in each form."""
LETTERS = "ABCDEFGHIJ"
PREFIX = "synthgen_"
"""Before a measure's name in the harness, which has tasks of its own called `medmcqa` and `mmlu_anatomy`."""
_MANIFEST = "tasks.json"
_SPLIT = re.compile(r"(?:_(?:us|4options|test|dev|val|validation|set))+$")
_FEWEST, _MOST = 2, len(LETTERS)


@dataclass(frozen=True, slots=True)
class Question:
    """`prompt` is all that the model reads before an answer; `gold` is the place of the right one of `options`.

    `rest` is what follows each option and is scored with it: the end of a sentence with a gap.
    """

    item_id: str
    prompt: str
    options: tuple[str, ...]
    gold: int
    rest: str = ""


@dataclass(frozen=True, slots=True)
class Task:
    """The questions of one measure, in the order of their ids."""

    measure: str
    form: Form
    questions: tuple[Question, ...]

    @property
    def name(self) -> str:
        """What the harness knows it by."""
        return PREFIX + self.measure

    def answers(self, question: Question) -> list[str]:
        """What is scored behind the prompt, for each option."""
        if self.form == "letters":
            return list(LETTERS[: len(question.options)])
        return [option + question.rest for option in question.options]


def benchmark_tasks(paths: Iterable[str | Path], *, items: int | None = None) -> list[Task]:
    """The evaluation sets in files and folders as tasks: each in letters and, as `NAME_text`, by the options' texts.

    A measure has its file's name without `_test` and the like. At most `items` questions of each file are asked, always
    the same ones (a hash of their ids decides); all with None. Options stand in the order of the file. A question with
    a passage of its own (PubMedQA's abstract) has it before it, never the passage that states the answer. Where the
    file has answers and no options, as PubMedQA, the options are the answers that occur, by alphabet, and there is no
    form in letters. Questions whose right option is not known are left out.

    Raises UsageError for a path that cannot be read, has no usable question, or gives a measure that another gave.
    """
    made: dict[str, Task] = {}
    for stem, found in groupby(read_benchmarks(paths), key=lambda item: item.benchmark):
        for task in _tasks(stem, list(found), items):
            if task.measure in made:
                raise UsageError("two evaluation sets have this name", where=stem, fix="rename one of the files")
            made[task.measure] = task
    return list(made.values())


def write_tasks(tasks: Iterable[Task], folder: Path) -> None:
    """Writes `folder` anew: for each task its questions and the harness's configuration. Raises StorageError."""
    with atomic_folder(folder) as new:
        written = list(tasks)
        for task in written:
            rows = [
                {"item_id": question.item_id, "prompt": question.prompt, "choices": task.answers(question)}
                | {"gold": question.gold}
                for question in task.questions
            ]
            with atomic_text(new / f"{task.measure}.jsonl") as file:
                file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
            with atomic_text(new / f"{task.measure}.yaml") as file:
                # JSON is YAML, with a quoting that no name can break.
                file.write(json.dumps(_config(task), indent=2) + "\n")
        with atomic_text(new / _MANIFEST) as file:
            file.write(json.dumps([asdict(task) for task in written], ensure_ascii=False))


def read_tasks(folder: Path) -> list[Task]:
    """The tasks that `write_tasks` wrote to `folder`. Raises StorageError."""
    with storage_errors(folder):
        rows = json.loads((folder / _MANIFEST).read_text("utf-8"))
    return [
        Task(
            row["measure"],
            row["form"],
            tuple(Question(**question | {"options": tuple(question["options"])}) for question in row["questions"]),
        )
        for row in rows
    ]


def chosen_of(questions: Sequence[Question], items: int | None, key: str) -> tuple[Question, ...]:
    """At most `items` of `questions`, the same ones always, in the order of their ids."""
    picked = sorted(questions, key=lambda question: Choice(key).number(question.item_id, 1 << 60))[:items]
    return tuple(sorted(picked, key=lambda question: question.item_id))


def in_letters(question: Question) -> Question:
    """The same question with its options listed, each by a letter, before the last line of the prompt."""
    lines = "".join(f"\n{letter}. {option}" for letter, option in zip(LETTERS, question.options, strict=False))
    before, _, last = question.prompt.rpartition("\n")
    return replace(question, prompt=f"{before}{lines}\n{last}")


def _config(task: Task) -> dict[str, Any]:
    """The task in the harness's words, for a harness that runs in the folder of the tasks.

    What is read are columns, so that no text is ever taken for a template.
    """
    return {
        "task": task.name,
        "dataset_path": "json",
        "dataset_kwargs": {"data_files": {"test": f"{task.measure}.jsonl"}},
        "test_split": "test",
        "output_type": "multiple_choice",
        "doc_to_text": "prompt",
        "doc_to_choice": "choices",
        "doc_to_target": "gold",
        "target_delimiter": " ",
        "num_fewshot": 0,
        "metric_list": [{"metric": METRICS[task.form], "aggregation": "mean", "higher_is_better": True}],
        "metadata": {"version": 1},
    }


def _tasks(stem: str, found: Sequence[BenchmarkItem], items: int | None) -> list[Task]:
    given = [item for item in found if item.options]
    common = tuple(sorted({item.answer for item in found if item.answer}))
    usable = [_usable(item, item.options or common) for item in (given or found)]
    known = [entry for entry in usable if entry is not None]
    if len({item.item for item in found}) < len(found):
        raise UsageError(
            "two questions have one id", where=stem, fix="give each file a name of its own, and each id once"
        )
    if not known:
        raise UsageError(
            f"no question here has {_FEWEST} to {_MOST} options, one of them the right one",
            where=stem,
            fix="check the columns of its options and answers",
        )
    measure = _SPLIT.sub("", re.sub(r"\W+", "_", stem.lower())) or "benchmark"
    asked = [Question(item.item, _asked(item), options, gold) for item, options, gold in known]
    if not given:
        return [Task(measure, "plain", chosen_of(asked, items, measure))]
    chosen = chosen_of(asked, items, measure)
    return [
        Task(measure, "letters", tuple(map(in_letters, chosen))),
        Task(f"{measure}_text", "text", chosen),
    ]


def _usable(item: BenchmarkItem, options: tuple[str, ...]) -> tuple[BenchmarkItem, tuple[str, ...], int] | None:
    """The item with its options and the place of the right one; None where that is unknown or stands there twice."""
    options = tuple(option.strip() for option in options)
    answer = item.answer.strip()
    usable = _FEWEST <= len(options) <= _MOST and all(options) and options.count(answer) == 1
    return (item, options, options.index(answer)) if usable else None


def _asked(item: BenchmarkItem) -> str:
    passage = f"Abstract: {' '.join(item.contexts)}\n" if item.contexts else ""
    return f"{passage}Question: {item.question.strip()}\nAnswer:"
