"""lm-evaluation-harness as a child process: its command, and its answers item by item.

It runs in the trainer's environment, which Axolotl brings it to (0.4.11 with Axolotl 0.19). Tasks from local files are
asked without a network; tasks of the harness by name are fetched by it where `HF_HUB_OFFLINE` does not forbid it.
"""

from __future__ import annotations

import json
import math
import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from synthgen.ablation import child
from synthgen.ablation.data import ItemScore, Measured
from synthgen.ablation.tasks import Task, read_tasks
from synthgen.errors import TrainingError, UsageError
from synthgen.storage.files import atomic_folder, storage_errors

NAME = "lm-evaluation-harness"
NAMED = "lm-eval:"
"""Before the name of a measure that is a task of the harness, which may be called as a local file is."""
_SCORES = ("acc", "exact_match")
"""What says of one answer whether it is right, in the harness's tasks by name; the first that a task has."""
_LOAD = """
import sys
from lm_eval.tasks import TaskManager, get_task_dict
get_task_dict(sys.argv[1:], TaskManager(include_path="."))
"""
"""Loads tasks with their questions, and no model. The harness's own dry run fetches a tokenizer."""


def command(model: Path, tasks: Path, folder: Path, *, device: str = "cpu", batch: int = 8) -> list[str]:
    """Asks a model folder the tasks in the folder `tasks`, and writes the answers to `folder`.

    It must run with `tasks` as the working directory and with the variables of `child.OFFLINE`.
    """
    names = [task.name for task in read_tasks(tasks)]
    return [*_command(names, folder, batch), *_model(model, device), "--include_path", "."]


def named_command(model: Path, names: Sequence[str], folder: Path, *, device: str = "cpu", batch: int = 8) -> list[str]:
    """The same for tasks of the harness by name; any working directory will do."""
    return [*_command(names, folder, batch), *_model(model, device)]


def check(tasks: Path, names: Sequence[str], log: Path) -> None:
    """Lets the harness load the tasks of the folder `tasks`, and those by name, without a model.

    Takes about half a minute. Raises TrainingError with the harness's words, which stand in the file `log`.
    """
    load = [str(child.python()), "-c", _LOAD]
    if local := [task.name for task in read_tasks(tasks)]:
        _run([*load, *local], tasks, log)
    if names:
        _run_named([*load, *names], names, log)


def evaluate(
    model: Path, tasks: Path, folder: Path, *, arm: str, seed: int, device: str = "cpu", batch: int = 8
) -> list[Measured]:
    """What the model gets in the tasks of the folder `tasks`, by measure.

    The answers stay in `folder`; where those to just these questions stand there, they are read, and nothing runs.
    `device` is a name of torch (`cpu`, `cuda`, `cuda:1`), `batch` how many answers are scored at once. Raises
    TrainingError where the harness fails, and where the model's likelihoods are no numbers.
    """
    if (found := read_results(folder, tasks, arm, seed)) is None:
        with atomic_folder(folder) as new:
            _run(command(model, tasks, new, device=device, batch=batch), tasks, _log(folder))
        found = read_results(folder, tasks, arm, seed)
    return _there(found, folder)


def evaluate_named(
    model: Path, names: Sequence[str], folder: Path, *, arm: str, seed: int, device: str = "cpu", batch: int = 8
) -> list[Measured]:
    """What the model gets in tasks that the harness knows by name; as `evaluate` does. The measures are called
    `lm-eval:NAME`.

    Raises TrainingError also where a task is not known or cannot be fetched.
    """
    if (found := read_named_results(folder, names, arm, seed)) is None:
        with atomic_folder(folder) as new:
            _run_named(named_command(model, names, new, device=device, batch=batch), names, _log(folder))
        found = read_named_results(folder, names, arm, seed)
    return _there(found, folder)


def read_results(folder: Path, tasks: Path, arm: str, seed: int) -> list[Measured] | None:
    """What the harness left in `folder` for the folder `tasks`; None where it is not there, or not all of it."""
    samples, read = _samples(folder), read_tasks(tasks)
    if any(not _answers(task, samples.get(task.name, [])) for task in read):
        return None
    return [Measured(arm, seed, task.measure, _scores(task, samples[task.name], folder)) for task in read]


def read_named_results(folder: Path, names: Sequence[str], arm: str, seed: int) -> list[Measured] | None:
    """The same for tasks by name; a group of tasks, such as `mmlu`, is read as its tasks."""
    samples = _samples(folder)
    if not samples or not all(any(task == name or task.startswith(f"{name}_") for task in samples) for name in names):
        return None
    return [
        Measured(arm, seed, f"{NAMED}{task}", _named_scores(task, samples[task], folder)) for task in sorted(samples)
    ]


def _command(names: Sequence[str], folder: Path, batch: int) -> list[str]:
    start = [str(child.python()), "-m", "lm_eval", "run"]
    where = ["--output_path", str(folder.resolve()), "--log_samples"]
    return [*start, "--tasks", ",".join(names), *where, "--batch_size", str(batch), "--seed", "0"]


def _model(model: Path, device: str) -> list[str]:
    # Rows of the training begin with BOS, and so do the prompts, which not every tokenizer's files ask for.
    arguments = json.dumps({"pretrained": str(model.resolve()), "add_bos_token": True})
    return ["--model", "hf", "--model_args", arguments, "--device", device]


def _run(command: Sequence[str], tasks: Path, log: Path) -> None:
    with tempfile.TemporaryDirectory() as cache:
        variables = {**child.OFFLINE, "HF_DATASETS_CACHE": cache}
        child.run(command, what=NAME, cwd=tasks, log=log, variables=variables)


def _run_named(command: Sequence[str], names: Sequence[str], log: Path) -> None:
    try:
        child.run(command, what=NAME, cwd=log.parent, log=log, variables={})
    except TrainingError as error:
        offline = os.environ.get("HF_HUB_OFFLINE", "").upper() in {"1", "TRUE", "ON", "YES"}
        network = "fetch them beforehand or unset HF_HUB_OFFLINE" if offline else "check the network"
        fix = f"check their names (lm_eval ls tasks) and {network}; the whole output is in {log}"
        raise TrainingError(error.what, where=f"{NAME}, tasks {', '.join(names)}", fix=fix) from error


def _there(found: list[Measured] | None, folder: Path) -> list[Measured]:
    if found is None:
        raise TrainingError("the harness left no answers, or not all", where=folder, fix=f"see {_log(folder)}")
    return found


def _log(folder: Path) -> Path:
    """Beside the folder, which is only kept where all went well."""
    return folder.with_name(f"{folder.name}.log")


def _samples(folder: Path) -> dict[str, list[Mapping[str, Any]]]:
    """The answers by task, of tasks that are complete: the harness writes how many there must be before it writes them.

    Of several runs into one folder the last counts.
    """
    found: dict[str, list[Mapping[str, Any]]] = {}
    with storage_errors(folder):
        for results in sorted(folder.glob("*/results_*.json"), key=lambda path: path.name):
            stamp = results.stem.removeprefix("results")
            for name, number in json.loads(results.read_text("utf-8"))["n-samples"].items():
                path = results.with_name(f"samples_{name}{stamp}.jsonl")
                lines = path.read_text("utf-8").splitlines() if path.is_file() else []
                if len(lines) == number["effective"]:
                    found[name] = [json.loads(line) for line in lines]
    return found


def _answers(task: Task, samples: Sequence[Mapping[str, Any]]) -> bool:
    """Whether these are answers to just these questions."""
    asked = {(question.item_id, question.prompt, *task.answers(question)) for question in task.questions}
    given = {(doc["item_id"], doc["prompt"], *doc["choices"]) for doc in (sample["doc"] for sample in samples)}
    return asked == given and len(samples) == len(task.questions)


def _scores(task: Task, samples: Sequence[Mapping[str, Any]], folder: Path) -> tuple[ItemScore, ...]:
    by_id = {sample["doc"]["item_id"]: _likelihoods(sample, folder) for sample in samples}
    scores = []
    for question in task.questions:
        likelihoods = by_id[question.item_id]
        if task.form == "text":
            likelihoods = [one / len(text) for one, text in zip(likelihoods, question.options, strict=True)]
        chosen = likelihoods.index(max(likelihoods))
        scores.append(ItemScore(question.item_id, chosen == question.gold, chosen, question.gold))
    return tuple(scores)


def _named_scores(task: str, samples: Sequence[Mapping[str, Any]], folder: Path) -> tuple[ItemScore, ...]:
    score = next((name for name in _SCORES if name in samples[0]), None)
    if score is None:
        raise UsageError(
            f"it does not say of one answer whether it is right ({' or '.join(_SCORES)})",
            where=f"task {task}",
            fix="choose tasks with right and wrong answers",
        )
    scores = []
    for sample in samples:
        likelihoods = _likelihoods(sample, folder)
        chosen = likelihoods.index(max(likelihoods)) if likelihoods else None
        gold = int(sample["target"]) if str(sample["target"]).isdecimal() else None
        scores.append(ItemScore(f"{sample['doc_id']:06}", bool(sample[score]), chosen, gold))
    return tuple(sorted(scores, key=lambda item: item.item_id))


def _likelihoods(sample: Mapping[str, Any], folder: Path) -> list[float]:
    """The log-likelihood of each option; none where the model was asked for text."""
    answers = sample["filtered_resps"]
    found = [float(answer[0]) for answer in answers if isinstance(answer, list)]
    if not all(map(math.isfinite, found)):
        raise TrainingError(
            "the model's likelihoods are no numbers", where=folder, fix="its training diverged; lower the learning rate"
        )
    return found
