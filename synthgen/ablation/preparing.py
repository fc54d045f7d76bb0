"""Writes an ablation: the rows of its arms, a folder for the trainer for each of their trainings, and its measures."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from synthgen.ablation import arms, slurm
from synthgen.ablation.arms import Mix, Stock, Taken
from synthgen.ablation.data import Arm
from synthgen.ablation.layout import OUTPUT, AblationPaths, Plan, Training, load_plan, read_json, save_plan
from synthgen.ablation.measuring import prepare_measures, wanted
from synthgen.ablation.parts import (
    Part,
    check_apart,
    control_part,
    dataset_part,
    kept_apart,
    set_part,
    source_part,
    values_of,
    without,
)
from synthgen.ablation.pool import Pool, content, pool, write_pool
from synthgen.corpus.flat import Hashes, Ints
from synthgen.corpus.ngrams import mix
from synthgen.corpus.pack import Packed, pack_content
from synthgen.corpus.vocabulary import vocabulary
from synthgen.errors import UsageError
from synthgen.job import digest
from synthgen.progress import OnProgress, Watch
from synthgen.recipe import Recipe, TrainingSettings, override, to_toml
from synthgen.report.result import RunResult
from synthgen.storage.files import atomic_folder, clean_leftovers, write_atomic
from synthgen.tokens import load_tokenizer
from synthgen.training import check_training, make_trainer
from synthgen.training.base import TrainingRun
from synthgen.training.prepare import prepare as hand_over

SECTIONS = frozenset({"ablation", "training", "pack"})
"""The sections of a recipe that an ablation may have otherwise than the run."""
_FACTS, _KEY = "arm.json", "training.json"


def merged(run: RunResult, recipe: Recipe | None) -> RunResult:
    """The run with what its ablation is to have otherwise: the sections that `recipe` has of these."""
    if recipe is None:
        return run
    return replace(
        run, recipe=override(run.recipe, **recipe.model_dump(include=set(SECTIONS & recipe.model_fields_set)))
    )


def prepare(run: RunResult, paths: AblationPaths, on_progress: OnProgress) -> Plan:
    """Writes what is not there yet. What is, stands, and so do trainings that have begun: arms, seeds and measures may
    be added to them. `run` has the recipe of the ablation.

    Raises UsageError where the recipe cannot work, or would change a training that has begun; a SynthgenError where a
    part cannot be made, or holds a document that is held out.
    """
    recipe = run.recipe
    _check(run)
    clean_leftovers(paths.root)
    parts = _parts(run, paths, on_progress)
    check_apart(parts.values(), kept_apart(run))
    drawn = _draw(run, parts)
    _keep_begun(paths, drawn)
    write_atomic(paths.recipe, to_toml(recipe).encode())
    packed = _write_rows(recipe, paths, drawn, on_progress)
    plan = Plan(
        key=drawn.key,
        keys=drawn.keys,
        arms=drawn.arms,
        seeds=tuple(recipe.ablation.seeds),
        budget=drawn.budget,
        steps=_steps(recipe, paths, drawn, packed),
        left_out={part.name: part.left_out for part in parts.values() if part.left_out},
    )
    for training in plan.trainings(paths):
        _hand_over(training, packed[training.arm, training.seed], recipe, plan)
    prepare_measures(run, paths)
    slurm.write(run, paths, plan)
    save_plan(paths.plan, plan)
    return plan


@dataclass(frozen=True)
class Drawn:
    """The arms, and which rows of the pool each has. `key` is a hash of what all have in common, `keys` of each."""

    key: str
    keys: Mapping[str, str]
    arms: tuple[Arm, ...]
    taken: Mapping[str, list[Taken]]
    pool: Pool
    budget: int


def _check(run: RunResult) -> None:
    """Raises UsageError for what is known to be wrong before anything is read."""
    if not run.finished:
        raise UsageError("the run has not come to its end", where=run.path, fix="run the same `synthgen run` again")
    if not run.recipe.training.trainer:
        raise UsageError("the recipe names no trainer", where="training.trainer", fix='name one, such as "axolotl"')
    check_training(run.recipe.pack, run.recipe.training)
    wanted(run)
    for seed in run.recipe.ablation.seeds:
        _check_base_model(of_seed(run.recipe.training, seed).base_model, run.recipe.tokenizer)


def of_seed(settings: TrainingSettings, seed: int) -> TrainingSettings:
    """The settings of the training with a seed, which may begin from a model of its own: `{seed}` in its name."""
    named = settings.base_model
    return settings if named is None else settings.model_copy(update={"base_model": named.replace("{seed}", str(seed))})


def _check_base_model(named: str | None, tokenizer: str) -> None:
    """Raises UsageError for a folder that holds no model, or one with another vocabulary than the rows.

    A name with one slash at most, of which there is no folder, is a model's that the trainer fetches.
    """
    if named is None or not (named.startswith(("/", ".", "~")) or named.count("/") > 1 or Path(named).exists()):
        return
    path, size = Path(named) / "config.json", vocabulary(load_tokenizer(tokenizer)).size
    if not path.is_file():
        raise UsageError("there is no model here", where=named, fix="mend base_model in [training]")
    if (has := read_json(path).get("vocab_size", size)) < size:
        raise UsageError(
            f"its vocabulary has {has:,} tokens and that of the tokenizer {size:,}",
            where=named,
            fix="name the model that belongs to the tokenizer",
        )


def _parts(run: RunResult, paths: AblationPaths, on_progress: OnProgress) -> dict[str, Part]:
    """The parts that arms are made of, by name."""
    settings = run.recipe.ablation
    needed = {part for shares in settings.arms.values() for part in shares}
    found = dict[str, Part]()
    if "source" in needed:
        found["source"] = source_part(run, paths.part("source"))
    if settings.leave_out or needed & {"set", "control"}:
        found["set"] = set_part(run)
    if "control" in needed:
        found["control"] = control_part(run, found["set"], paths.control, on_progress)
    for name, source in settings.datasets.items():
        if name in needed:
            found[name] = dataset_part(name, source, run, paths.part(name))
    for trait in settings.leave_out:
        for value in values_of(run.paths, trait):
            name = f"set_{arms.without_name(value)}"
            found[name] = without(found["set"], run.paths, trait, value, name)
    return found


def _draw(run: RunResult, parts: Mapping[str, Part]) -> Drawn:
    recipe, settings = run.recipe, run.recipe.ablation
    mixed = arms.mixes(settings, {trait: values_of(run.paths, trait) for trait in settings.leave_out})
    everything = pool(parts.values(), load_tokenizer(recipe.tokenizer), recipe.pack.window)
    stocks = {name: Stock(everything.lengths[rows], everything.keys[rows]) for name, rows in everything.of.items()}
    budget = arms.budget(settings, mixed.values(), stocks)
    same = arms.same(mixed, {name: part.key for name, part in parts.items()})
    taken = {name: arms.take(shares, stocks, budget, recipe.pack.seed) for name, shares in mixed.items()}
    common = digest(budget, recipe.pack, recipe.training, recipe.tokenizer)
    return Drawn(
        key=common,
        keys={name: digest(common, _made_from(shares, parts)) for name, shares in mixed.items()},
        arms=tuple(
            arms.arm(name, shares, taken[name], stocks, recipe.pack.window, same.get(name))
            for name, shares in mixed.items()
        ),
        taken=taken,
        pool=everything,
        budget=budget,
    )


def _made_from(shares: Mix, parts: Mapping[str, Part]) -> list[tuple[str, float, str]]:
    return [(part, share, parts[part].key) for part, share in sorted(shares.items())]


def _keep_begun(paths: AblationPaths, drawn: Drawn) -> None:
    """Raises UsageError where a training has begun that would now be another one."""
    for arm in drawn.arms:
        for folder in sorted(paths.arm(arm.name).glob("seed-*")):
            known = folder / _KEY
            begun = Training(arm.name, 0, folder).begun
            if begun and known.exists() and read_json(known)["key"] != drawn.keys[arm.name]:
                raise UsageError(
                    "its training has begun with other rows or settings than it would have now",
                    where=f"arm {arm.name}",
                    fix="give another folder with --out, or remove that of the arm; where only an arm was added, set "
                    "`tokens` in [ablation] to what the others have",
                )


def _write_rows(
    recipe: Recipe, paths: AblationPaths, drawn: Drawn, on_progress: OnProgress
) -> dict[tuple[str, int], Packed]:
    """The rows of each training, by arm and seed; those that stand already are left as they are.

    An arm has the same rows with each seed, in windows of another order where the recipe has windows filled.
    """
    wanted = [(arm, seed) for arm in drawn.arms if arm.same_as is None for seed in recipe.ablation.seeds]
    found = dict[tuple[str, int], Packed]()
    for arm, seed in wanted:
        facts = paths.training(arm.name, seed) / _FACTS
        if facts.exists() and (known := read_json(facts))["key"] == drawn.keys[arm.name]:
            found[arm.name, seed] = Packed(**known["packed"])
    if len(found) == len(wanted):
        return found
    watch = Watch("arms", len(wanted) - len(found), on_progress)
    with tempfile.TemporaryDirectory(prefix=".synthgen-", suffix=".tmp", dir=paths.root) as scratch:
        tokens, learned = write_pool(drawn.pool, Path(scratch) / "tokens.bin")
        for arm, seed in wanted:
            if (arm.name, seed) in found:
                continue
            rows, keys = _rows(drawn, arm.name)
            made = content(tokens, learned, rows, load_tokenizer(recipe.tokenizer))
            with atomic_folder(paths.training(arm.name, seed)) as new:
                packed = pack_content(made, keys, new, recipe.pack.model_copy(update={"seed": seed}), len(rows))
                noted = {"key": drawn.keys[arm.name], "arm": asdict(arm), "packed": asdict(packed)}
                (new / _FACTS).write_text(json.dumps(noted, indent=2) + "\n", encoding="utf-8")
            found[arm.name, seed] = packed
            watch.step()
    watch.finish()
    return found


def _rows(drawn: Drawn, arm: str) -> tuple[Ints, Hashes]:
    """The rows of an arm by their places in the pool, and a number for each, another one for each repetition."""
    rows = [drawn.pool.of[taken.part][taken.rows] for taken in drawn.taken[arm]]
    times = [taken.times for taken in drawn.taken[arm]]
    every = np.concatenate(rows)
    return every, mix(drawn.pool.keys[every] ^ mix(np.concatenate(times).astype(np.uint64)))


def _steps(recipe: Recipe, paths: AblationPaths, drawn: Drawn, packed: Mapping[tuple[str, int], Packed]) -> int:
    """The steps that each training has: as many as that with the fewest windows has for its epochs.

    Arms fill their windows a little more or less. Once decided, seeds and arms that are added have as many.
    """
    known = load_plan(paths.plan)
    if known is not None and known.key == drawn.key:
        return known.steps
    trainer, steps = make_trainer(recipe.training.trainer), []
    for (arm, seed), rows in packed.items():
        folder, settings = paths.training(arm, seed), of_seed(recipe.training, seed)
        steps.append(trainer.write(folder, rows, settings, run=TrainingRun(OUTPUT, seed)).steps)
    return min(steps)


def _hand_over(training: Training, packed: Packed, recipe: Recipe, plan: Plan) -> None:
    """Leaves in the folder of a training what the trainer needs, and last of all what it was made from."""
    known, made_from = training.folder / _KEY, {"key": plan.keys[training.arm], "steps": plan.steps}
    if known.exists() and read_json(known) == made_from:
        return
    run, tokenizer = TrainingRun(OUTPUT, training.seed, plan.steps), load_tokenizer(recipe.tokenizer)
    hand_over(training.folder, packed, tokenizer, of_seed(recipe.training, training.seed), run=run)
    write_atomic(known, json.dumps(made_from).encode())
