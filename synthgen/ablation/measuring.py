"""What the models of an ablation are measured by: benchmarks, a probe of held-out documents, and the loss on them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from synthgen.ablation import harness, heldout
from synthgen.ablation.data import Measured, Trained
from synthgen.ablation.layout import AblationPaths, Training
from synthgen.ablation.parts import kept_apart
from synthgen.ablation.probe import make_probe
from synthgen.ablation.tasks import Task, benchmark_tasks, read_tasks, write_tasks
from synthgen.errors import UsageError
from synthgen.recipe import Recipe
from synthgen.report.result import RunResult
from synthgen.storage import tables
from synthgen.storage.files import storage_errors
from synthgen.tokens import load_tokenizer

Measure = Literal["held_out", "probe"]


def wanted(run: RunResult) -> Sequence[Measure]:
    """What is measured on the documents that the run holds out.

    Raises UsageError where the recipe asks for it and there are none, and where nothing at all would be measured.
    """
    settings, apart = run.recipe.ablation, kept_apart(run)
    measures: Sequence[Measure] = settings.measures if settings.measures is not None else _both(bool(apart))
    if measures and not apart:
        raise UsageError(
            "the run holds no document out",
            where="ablation.measures",
            fix="make a run with [holdout] share = 0.05, or measure by benchmarks only: measures = []",
        )
    if not (measures or settings.tasks or settings.benchmarks):
        raise UsageError(
            "nothing would be measured",
            where="[ablation]",
            fix="name benchmarks or tasks, or make a run with [holdout] share = 0.05",
        )
    return measures


def prepare_measures(run: RunResult, paths: AblationPaths) -> None:
    """Writes the questions and the documents that the models are measured by.

    Raises UsageError where a benchmark cannot be read, or the probe has no question.
    """
    settings, tokenizer = run.recipe.ablation, load_tokenizer(run.recipe.tokenizer)
    measures, apart = wanted(run), kept_apart(run)
    tasks = benchmark_tasks(settings.benchmarks, items=settings.items) if settings.benchmarks else []
    if "probe" in measures:
        extracts = (extract for extract in tables.read_extracts(run.paths.extracts) if extract.doc_id in apart)
        tasks += _some(make_probe(extracts, tokenizer, items=settings.items))
    write_tasks(tasks, paths.tasks)
    if "held_out" in measures:
        documents = (document for document in tables.read_documents(run.paths.documents) if document.doc_id in apart)
        heldout.write_rows(heldout.held_out_rows(documents, tokenizer, run.recipe.pack.window), paths.held_out)
    else:
        with storage_errors(paths.held_out):
            paths.held_out.unlink(missing_ok=True)


def check_measures(recipe: Recipe, paths: AblationPaths) -> None:
    """Has the harness load its tasks. Raises TrainingError where it is not installed or cannot."""
    if recipe.ablation.tasks or read_tasks(paths.tasks):
        harness.check(paths.tasks, recipe.ablation.tasks, paths.tasks.with_name("check.log"))


def measure(trained: Trained, recipe: Recipe, paths: AblationPaths, device: str) -> list[Measured]:
    """What a model gets, by measure. Where its answers are there already, they are read. Raises TrainingError."""
    arm, seed, model = trained.arm, trained.seed, trained.model
    found = list[Measured]()
    if read_tasks(paths.tasks):
        folder = trained.folder / ANSWERS / "tasks"
        found += harness.evaluate(model, paths.tasks, folder, arm=arm, seed=seed, device=device)
    if names := recipe.ablation.tasks:
        folder = trained.folder / ANSWERS / "named"
        found += harness.evaluate_named(model, names, folder, arm=arm, seed=seed, device=device)
    if paths.held_out.exists():
        folder = trained.folder / ANSWERS / "held_out"
        found += heldout.held_out_loss(model, paths.held_out, folder, arm=arm, seed=seed, device=device)
    return found


def read_measured(training: Training, recipe: Recipe, paths: AblationPaths) -> list[Measured] | None:
    """What a model got, where all of it is there; None else. Nothing runs."""
    arm, seed, answers = training.arm, training.seed, training.folder / ANSWERS
    found = list[list[Measured] | None]()
    if read_tasks(paths.tasks):
        found.append(harness.read_results(answers / "tasks", paths.tasks, arm, seed))
    if names := recipe.ablation.tasks:
        found.append(harness.read_named_results(answers / "named", names, arm, seed))
    if paths.held_out.exists():
        found.append(heldout.read_losses(answers / "held_out", paths.held_out, arm, seed))
    whole = [measured for those in found if those is not None for measured in those]
    return None if None in found else whole


ANSWERS = "measured"
"""Where in the folder of a training its model's answers are."""


def _both(there: bool) -> Sequence[Measure]:
    return ("held_out", "probe") if there else ()


def _some(probe: list[Task]) -> list[Task]:
    if not probe:
        raise UsageError(
            "no question can be made from the documents held out",
            where="ablation.measures",
            fix="hold out more, or leave 'probe' out of it",
        )
    return probe
