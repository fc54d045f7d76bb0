"""Arms have equal tokens and no document that is held out; what is repeated is said, and nothing is left to chance."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

import synthgen
from synthgen.ablation import arms
from synthgen.ablation.arms import Stock
from synthgen.ablation.layout import AblationPaths, Plan, load_plan
from synthgen.ablation.parts import check_apart, kept_apart, source_part
from synthgen.ablation.preparing import merged, prepare
from synthgen.errors import RecipeError, SourceError, SynthgenError, UsageError
from synthgen.pipeline import resolve
from synthgen.progress import silent
from synthgen.recipe import AblationSettings, Recipe
from synthgen.report.result import RunResult
from synthgen.storage import tables
from synthgen.tokens import load_tokenizer

WINDOW = 256
TRAINING = {"gpus": 0, "options": {"num_epochs": 1, "gradient_accumulation_steps": 2}}
ABLATION = {
    "arms": {
        "source": {"source": 1.0},
        "set": {"set": 1.0},
        "mix": {"source": 0.7, "set": 0.3},
        "control": {"control": 1.0},
    },
    "leave_out": ["transformation"],
    "seeds": [1, 2],
}
RECIPE = {
    "holdout": {"share": 0.2},
    "pack": {"window": WINDOW},
    "training": TRAINING,
    "ablation": ABLATION,
    "transformations": {"distill": 1.0, "knowledge_list": 1.0},
}


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory, examples: Path) -> RunResult:
    """A run over the examples, some of which it holds out."""
    return synthgen.run(examples, RECIPE, out=tmp_path_factory.mktemp("ablated") / "run")


@pytest.fixture(scope="session")
def paths(run: RunResult, tmp_path_factory: pytest.TempPathFactory) -> AblationPaths:
    paths = AblationPaths(tmp_path_factory.mktemp("ablation"))
    prepare(run, paths, silent)
    return paths


def with_ablation(run: RunResult, **changes: Any) -> RunResult:
    return merged(run, resolve(None, {"ablation": {**ABLATION, **changes}}))


def plan_of(paths: AblationPaths) -> Plan:
    plan = load_plan(paths.plan)
    assert plan is not None
    return plan


def rows(paths: AblationPaths, arm: str, column: str = "input_ids", seed: int = 1) -> list[list[int]]:
    return [row[column] for row in pq.read_table(paths.training(arm, seed) / "train.parquet").to_pylist()]


def stock(*lengths: int) -> Stock:
    return Stock(np.array(lengths), np.arange(1, len(lengths) + 1, dtype=np.uint64))


def test_all_arms_have_the_same_tokens_to_within_a_window(paths: AblationPaths) -> None:
    plan = plan_of(paths)
    for arm in plan.trained_arms():
        there = sum(map(len, rows(paths, arm.name)))
        assert plan.budget - WINDOW < there <= plan.budget
        assert there == arm.tokens


def test_all_trainings_have_the_same_steps(paths: AblationPaths) -> None:
    plan = plan_of(paths)
    configurations = [(training.folder / "axolotl.yml").read_text("utf-8") for training in plan.trainings(paths)]
    assert len(configurations) == 5 * 2
    assert all(f"max_steps: {plan.steps}\n" in text for text in configurations)


def test_shares_are_those_of_the_recipe(paths: AblationPaths) -> None:
    mix = next(arm for arm in plan_of(paths).arms if arm.name == "mix")
    assert mix.shares == {"set": 0.3, "source": 0.7}
    for portion in mix.portions:
        assert portion.tokens == pytest.approx(portion.share * plan_of(paths).budget, abs=WINDOW)


def test_a_smaller_part_is_repeated_and_it_is_said(paths: AblationPaths) -> None:
    plan = plan_of(paths)
    smaller = [arm for arm in plan.trained_arms() if arm.portions[0].times > 1.01]
    assert smaller
    for arm in smaller:
        counted = Counter(map(tuple, rows(paths, arm.name)))
        assert max(counted.values()) >= int(arm.portions[0].times)
        noted = json.loads((paths.training(arm.name, 1) / "arm.json").read_text("utf-8"))
        assert noted["arm"]["portions"][0]["tokens"] > noted["arm"]["portions"][0]["available"]


def test_no_document_that_is_held_out_is_in_the_source(run: RunResult, tmp_path: Path) -> None:
    held = kept_apart(run)
    assert held
    part = source_part(run, tmp_path / "source")
    assert not held & set(part.ids)
    tokenizer = load_tokenizer(run.recipe.tokenizer)
    text = tokenizer.decode(part.tokens.gather(part.documents)[0].tolist())
    for extract in tables.read_extracts(run.paths.extracts):
        longest = max(extract.text.split("\n"), key=len)[:80]
        assert (longest in text) != (extract.doc_id in held)


def test_a_part_with_a_document_that_is_held_out_is_an_error(run: RunResult, tmp_path: Path) -> None:
    part = source_part(run, tmp_path / "source")
    with pytest.raises(SynthgenError, match="part source: 1 documents that are held out"):
        check_apart([part], {part.ids[0]})


def test_a_further_dataset_loses_what_is_held_out_and_says_so(run: RunResult, examples: Path, tmp_path: Path) -> None:
    general = {"arms": {"general": {"general": 1.0}}, "leave_out": [], "datasets": {"general": str(examples)}}
    paths = AblationPaths(tmp_path / "ablation")
    plan = prepare(with_ablation(run, **general), paths, silent)
    assert plan.left_out == {"general": len(kept_apart(run))}


def test_a_further_dataset_that_is_not_there_is_an_error(run: RunResult, tmp_path: Path) -> None:
    general = {"arms": {"general": {"general": 1.0}}, "leave_out": [], "datasets": {"general": "nowhere"}}
    with pytest.raises(SourceError, match="nowhere"):
        prepare(with_ablation(run, **general), AblationPaths(tmp_path / "ablation"), silent)


def test_the_control_of_an_extractive_set_is_that_set_and_not_trained_twice(paths: AblationPaths) -> None:
    arms = {arm.name: arm.same_as for arm in plan_of(paths).arms}
    assert arms["control"] == "set"
    assert [name for name, same in arms.items() if same] == ["control"]
    assert not paths.arm("control").exists()


def test_another_teachers_set_has_a_control_of_the_same_extracts(examples: Path, tmp_path: Path) -> None:
    teachers = [{"backend": "fake"}, {"backend": "extractive"}]
    run = synthgen.run(examples, {**RECIPE, "teachers": teachers}, out=tmp_path / "run")
    paths = AblationPaths(tmp_path / "ablation")
    plan = prepare(run, paths, silent)
    control = synthgen.load_run(paths.control)
    assert {record.record.teacher for record in tables.read_records(control.paths.records)} == {"extractive"}
    assert control.state.stages["extract"].key == run.state.stages["extract"].key
    assert not any(arm.same_as for arm in plan.arms)


def test_an_arm_without_a_transformation_has_only_the_others_records(run: RunResult, paths: AblationPaths) -> None:
    tokenizer = load_tokenizer(run.recipe.tokenizer)
    kept = [judged.record for judged in tables.read_records(run.paths.records, outcome="kept")]
    there = {tuple(row[1:-1]) for row in rows(paths, "without_distill")}
    short = {
        kind: {tuple(tokenizer.encode(record.text)) for record in kept if record.transformation == kind}
        for kind in ("distill", "knowledge_list")
    }
    assert there & short["knowledge_list"]
    assert not there & (short["distill"] - short["knowledge_list"])


def test_what_is_prepared_twice_is_the_same_to_the_byte(run: RunResult, paths: AblationPaths, tmp_path: Path) -> None:
    again = AblationPaths(tmp_path / "again")
    prepare(run, again, silent)
    for arm in plan_of(paths).trained_arms():
        for name in ("train.parquet", "axolotl.yml"):
            first, second = (one.training(arm.name, 1) / name for one in (paths, again))
            assert first.read_bytes() == second.read_bytes()


def test_each_seed_has_the_same_rows_in_windows_of_another_order(run: RunResult, tmp_path: Path) -> None:
    paths = AblationPaths(tmp_path / "ablation")
    prepare(merged(run, resolve(None, {"pack": {"window": WINDOW, "form": "bins"}})), paths, silent)
    first, second = (rows(paths, "set", seed=seed) for seed in (1, 2))
    assert first != second
    assert sorted(first) == sorted(second)


def test_seeds_can_be_added_and_arms_stay(run: RunResult, tmp_path: Path) -> None:
    paths = AblationPaths(tmp_path / "ablation")
    before = prepare(run, paths, silent)
    (paths.training("set", 1) / "trained").mkdir()
    after = prepare(with_ablation(run, seeds=[1, 2, 3]), paths, silent)
    assert after.steps == before.steps
    assert len(after.trainings(paths)) == 5 * 3


def test_a_training_that_has_begun_is_not_changed_behind_its_back(run: RunResult, tmp_path: Path) -> None:
    paths = AblationPaths(tmp_path / "ablation")
    prepare(run, paths, silent)
    (paths.training("mix", 1) / "trained").mkdir()
    before = (paths.training("mix", 1) / "train.parquet").read_bytes()
    with pytest.raises(UsageError, match="arm mix: its training has begun"):
        prepare(with_ablation(run, tokens=2000), paths, silent)
    assert (paths.training("mix", 1) / "train.parquet").read_bytes() == before


def test_labels_of_records_are_those_of_answers_and_of_the_source_all(examples: Path, tmp_path: Path) -> None:
    recipe = {**RECIPE, "render": {"form": "alpaca"}, "pack": {"window": WINDOW, "learn": "answers"}}
    run = synthgen.run(examples, recipe, out=tmp_path / "run")
    paths = AblationPaths(tmp_path / "ablation")
    prepare(run, paths, silent)
    masked = {
        arm: sum(label == -100 for row in rows(paths, arm, "labels") for label in row[1:]) for arm in ("source", "set")
    }
    assert masked["source"] == 0
    assert masked["set"] > 0


@pytest.mark.parametrize("tokens", [40, 99, 100, 101, 250, 1000])
def test_rows_come_again_only_when_all_have_come(tokens: int) -> None:
    (taken,) = arms.take({"set": 1.0}, {"set": stock(10, 20, 30, 40)}, tokens, seed=0)
    times = Counter(taken.rows.tolist())
    assert max(times.values()) - min(times.get(row, 0) for row in range(4)) <= 1
    assert taken.times.tolist() == sorted(taken.times.tolist())


def test_an_arm_with_room_for_no_row_is_refused() -> None:
    with pytest.raises(UsageError, match="no row fits into 9 tokens"):
        arms.take({"set": 1.0}, {"set": stock(10, 20)}, 9, seed=0)


def test_what_one_part_falls_short_of_goes_to_the_next() -> None:
    stocks = {"a": stock(*[7] * 100), "b": stock(*[10] * 100), "c": stock(*[9] * 100)}
    taken = arms.take({"a": 0.3, "b": 0.3, "c": 0.4}, stocks, 500, seed=1)
    total = sum(int(stocks[one.part].lengths[one.rows].sum()) for one in taken)
    assert 500 - 10 < total <= 500


def test_another_seed_takes_other_rows() -> None:
    stocks = {"set": stock(*range(10, 60))}
    first, second = (arms.take({"set": 1.0}, stocks, 300, seed=seed)[0].rows.tolist() for seed in (1, 2))
    assert first != second


def test_arms_of_the_same_parts_by_other_names_are_one() -> None:
    mixed = {"x": {"set": 0.5, "source": 0.5}, "y": {"source": 0.5, "control": 0.5}, "z": {"set": 0.2, "control": 0.8}}
    keys = {"set": "k", "control": "k", "source": "s"}
    assert arms.same(mixed, keys) == {"y": "x"}


def test_one_transformation_cannot_be_left_out() -> None:
    settings = AblationSettings(leave_out=["transformation"])
    with pytest.raises(UsageError, match=r"ablation\.leave_out: the set has one transformation only \(faq\)"):
        arms.mixes(settings, {"transformation": ["faq"]})


def test_an_arm_without_a_teacher_has_a_name_that_a_folder_can_have() -> None:
    settings = AblationSettings(leave_out=["teacher"])
    made = arms.mixes(settings, {"teacher": ["openai:Org/Model-7B", "extractive"]})
    assert "without_openai-org-model-7b" in made


@pytest.mark.parametrize(
    ("ablation", "complaint"),
    [
        ({"arms": {"a": {"sorce": 1.0}}}, "unknown part 'sorce'; did you mean 'source'"),
        ({"arms": {"a": {"source": 0.5, "set": 0.4}}}, "shares add up to 0.9, not 1"),
        ({"arms": {"../a": {"source": 1.0}}}, "pattern"),
        ({"datasets": {"set": "books"}}, "names a dataset 'set', which is a part already"),
        ({"seeds": [1, 1]}, "names a seed twice"),
        ({"arms": {}}, "has no arm"),
    ],
)
def test_a_bad_section_is_refused_by_name(ablation: dict[str, Any], complaint: str) -> None:
    with pytest.raises(RecipeError, match="ablation") as caught:
        resolve(None, {"ablation": ablation})
    assert complaint in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"training": {**TRAINING, "trainer": ""}}, "names no trainer"),
        ({"training": {**TRAINING, "trainer": "axolotle"}}, "Did you mean 'axolotl'"),
        ({"training": {**TRAINING, "base_model": "./no-model-{seed}"}}, "no-model-1: there is no model here"),
        ({"training": {**TRAINING, "base_model": "no/such/model"}}, "no/such/model: there is no model here"),
        ({"ablation": {**ABLATION, "measures": []}}, "nothing would be measured"),
        ({"ablation": {**ABLATION, "benchmarks": ["nowhere.csv"]}}, "nowhere.csv"),
    ],
)
def test_what_cannot_work_fails_before_anything_is_written(
    run: RunResult, tmp_path: Path, changes: dict[str, Any], complaint: str
) -> None:
    paths = AblationPaths(tmp_path / "ablation")
    with pytest.raises(SynthgenError) as caught:
        prepare(merged(run, resolve(None, changes)), paths, silent)
    assert complaint in str(caught.value)
    assert not paths.plan.exists()


def test_a_model_with_another_vocabulary_is_refused(run: RunResult, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"vocab_size": 4096}', "utf-8")
    recipe = resolve(None, {"training": {**TRAINING, "base_model": str(tmp_path)}})
    with pytest.raises(UsageError, match="its vocabulary has 4,096 tokens and that of the tokenizer 32,000"):
        prepare(merged(run, recipe), AblationPaths(tmp_path / "ablation"), silent)


def test_held_out_measures_need_documents_held_out(finished: RunResult, tmp_path: Path) -> None:
    recipe = Recipe.model_validate({"ablation": {"measures": ["probe"]}, "training": TRAINING})
    with pytest.raises(UsageError, match="the run holds no document out"):
        prepare(merged(finished, recipe), AblationPaths(tmp_path), silent)


def test_a_run_that_has_not_ended_is_refused(run: RunResult, tmp_path: Path) -> None:
    stages = {name: stage for name, stage in run.state.stages.items() if name != "pack"}
    unfinished = replace(run, state=replace(run.state, stages=stages))
    with pytest.raises(UsageError, match="has not come to its end"):
        prepare(unfinished, AblationPaths(tmp_path), silent)
