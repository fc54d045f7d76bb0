"""What an ablation has come to: every arm's score in every measure, and how the arms differ, each with its interval."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np

from synthgen.ablation.data import Arm, ItemScore, Kind, Measured, Trained
from synthgen.ablation.heldout import BITS
from synthgen.ablation.probe import CHOICE, CLOZE
from synthgen.ablation.statistics import LEVEL, RESAMPLES, Baselines, Floats, Interval, baselines, holm, intervals
from synthgen.ablation.tasks import Form, Task
from synthgen.errors import UsageError
from synthgen.training.base import LossPoint

Verdict = Literal["real", "unclear", "noise"]
"""What a difference is worth.

- `real`: among the comparisons of its measure, chance gives one like it in less than 5 cases of 100 (Holm), and several
  seeds show it;
- `unclear`: its own interval leaves out zero, but among so many comparisons one such is to be expected, or there is one
  seed only, so that nobody knows what another would give;
- `noise`: its interval holds zero.
"""
SET = "set"
"""The part that is the kept records; the arms that leave some out have `set_without_...` in its place."""
FORMAT = 1
"""The version of the form of `result.json`."""
_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Curve:
    """One training: the mean loss in nats a token after so many tokens. `hours` as in `Trained`."""

    arm: str
    seed: int
    tokens: int
    hours: float | None
    losses: tuple[LossPoint, ...]


@dataclass(frozen=True, slots=True)
class Measure:
    """What was measured. `form` and `luck` are None where there are no questions of our own to look at."""

    name: str
    kind: Kind
    items: int
    form: Form | None
    luck: Baselines | None


@dataclass(frozen=True, slots=True)
class Score:
    """What an arm gets in a measure.

    `by_seed` has the mean of each of `seeds`. `chosen` is how often the first option was chosen, the second and so on,
    over all seeds; empty where there are no options.
    """

    arm: str
    measure: str
    interval: Interval
    seeds: tuple[int, ...]
    by_seed: tuple[float, ...]
    chosen: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """The score of `arm` less that of `against`, on the seeds that both have. `adjusted` is `p` after Holm,
    over the comparisons of the measure.

    `better` tells whether it is an advantage of `arm`: more of an accuracy, less of a loss.
    """

    arm: str
    against: str
    measure: str
    interval: Interval
    seeds: tuple[int, ...]
    adjusted: float
    verdict: Verdict
    better: bool


@dataclass(frozen=True)
class Result:
    """All there is to say. `against` are the arms that the others are compared with, and `control` the one of these
    that is the control: itself, or the arm that was trained in its place because its rows are the same."""

    arms: tuple[Arm, ...]
    curves: tuple[Curve, ...]
    measures: tuple[Measure, ...]
    scores: tuple[Score, ...]
    differences: tuple[Difference, ...]
    against: tuple[str, ...]
    control: str | None

    @cached_property
    def cells(self) -> Mapping[tuple[str, str], Score]:
        """The scores by arm and measure."""
        return {(score.arm, score.measure): score for score in self.scores}

    def seeds(self, arm: str) -> list[int]:
        return sorted(curve.seed for curve in self.curves if curve.arm == arm)

    def to_json(self) -> dict[str, Any]:
        """The form of `result.json`; numbers have six digits."""
        method = {"level": LEVEL, "resamples": RESAMPLES, "adjustment": "holm"}
        whole: dict[str, Any] = _rounded({"format": FORMAT, "method": method, **asdict(self)})
        return whole


def summarise(
    arms: Sequence[Arm],
    trained: Sequence[Trained],
    measured: Sequence[Measured],
    tasks: Sequence[Task],
    *,
    control: str = "control",
    baseline: str = "source",
) -> Result:
    """The result of what has been trained and measured so far; an arm with fewer seeds is compared on those it has.

    All arms are compared with those named `control` and `baseline`, as far as there are such; but one that has the set
    without some of its records (see `synthgen.ablation.arms`) with the arm that has the set alone. Bits a byte are not
    compared: they are the loss in nats in another unit. Raises UsageError where two models were not asked the same
    questions.
    """
    found = _scores(measured)
    own = {task.measure: task for task in tasks}
    stands_for = {arm.name: arm.same_as or arm.name for arm in arms}
    against = list(dict.fromkeys(stands_for[name] for name in (baseline, control) if name in stands_for))
    pairs = _pairs(arms, against)
    scores, differences = list[Score](), list[Difference]()
    for measure, by_model in found.items():
        wanted = pairs if measure != BITS else []
        made, compared = _compare(measure, by_model, [arm.name for arm in arms], wanted)
        scores += made
        differences += compared
    return Result(
        tuple(arms),
        tuple(Curve(one.arm, one.seed, one.tokens, one.hours, one.losses) for one in trained),
        tuple(_measure(name, next(iter(by_model.values())), own.get(name)) for name, by_model in found.items()),
        tuple(scores),
        tuple(differences),
        tuple(against),
        stands_for.get(control),
    )


Models = Mapping[tuple[str, int], Measured]
"""What every model got in one measure, by arm and seed."""


def _pairs(arms: Sequence[Arm], against: Sequence[str]) -> list[tuple[str, str]]:
    """Which arm is compared with which; no two arms twice."""
    whole = next((arm.same_as or arm.name for arm in arms if arm.shares.keys() == {SET}), None)
    lacking = [arm.name for arm in arms if whole and any(part.startswith(f"{SET}_without") for part in arm.shares)]
    pairs = [(arm.name, other) for other in against for arm in arms if arm.name not in (other, *lacking)]
    kept = [pair for n, pair in enumerate(pairs) if pair[::-1] not in pairs[:n]]
    return [*kept, *((arm, whole) for arm in lacking if whole)]


def _scores(measured: Iterable[Measured]) -> dict[str, dict[tuple[str, int], Measured]]:
    found: dict[str, dict[tuple[str, int], Measured]] = {}
    for one in sorted(measured, key=_order):
        models = found.setdefault(one.measure, {})
        models[one.arm, one.seed] = one
        if _ids(one) != _ids(next(iter(models.values()))):
            raise UsageError(
                "two models were asked different questions",
                where=f"measure {one.measure}, arm {one.arm}, seed {one.seed}",
                fix="measure all of them again",
            )
    return found


def _order(one: Measured) -> tuple[bool, bool, bool, str, str, int]:
    """What is told apart first comes first: the loss, the probe, then benchmarks."""
    probe = one.measure in (CLOZE, CHOICE)
    return one.kind != "loss", not probe, one.measure == BITS, one.measure, one.arm, one.seed


def _ids(measured: Measured) -> list[str]:
    return [item.item_id for item in measured.items]


def _measure(name: str, measured: Measured, task: Task | None) -> Measure:
    luck = baselines(task.questions) if task is not None else None
    return Measure(name, measured.kind, len(measured.items), task.form if task else None, luck)


def _compare(
    measure: str, by_model: Models, arms: Sequence[str], wanted: Sequence[tuple[str, str]]
) -> tuple[list[Score], list[Difference]]:
    """The scores of all arms in one measure, and the wanted differences between those that are there."""
    first = next(iter(by_model.values()))
    weights = np.array([item.weight for item in first.items])
    seeds = {arm: tuple(seed for name, seed in by_model if name == arm) for arm in arms}
    there = [arm for arm in arms if seeds[arm]]
    common = {pair: tuple(seed for seed in seeds[pair[0]] if seed in seeds[pair[1]]) for pair in wanted}
    pairs = [pair for pair in wanted if common[pair]]
    tables = [_table(by_model, arm, seeds[arm]) for arm in there]
    for arm, other in pairs:
        both = common[arm, other]
        tables.append(_table(by_model, arm, both) - _table(by_model, other, both))
    found = intervals(tables, weights, measure)
    scores = [
        Score(arm, measure, interval, seeds[arm], _means(table, weights), _chosen(by_model, arm, seeds[arm]))
        for arm, interval, table in zip(there, found, tables, strict=False)
    ]
    less_is_better = first.kind == "loss"
    apart = found[len(there) :]
    adjusted = holm([interval.p for interval in apart])
    return scores, [
        Difference(
            *pair,
            measure,
            interval,
            common[pair],
            raised,
            _verdict(interval, raised, len(common[pair])),
            (interval.mean < 0) == less_is_better,
        )
        for pair, interval, raised in zip(pairs, apart, adjusted, strict=True)
    ]


def _table(by_model: Models, arm: str, seeds: Sequence[int]) -> Floats:
    """The scores of an arm: (seeds, items)."""
    return np.array([[float(item.correct) for item in by_model[arm, seed].items] for seed in seeds])


def _means(table: Floats, weights: Floats) -> tuple[float, ...]:
    return tuple(float(mean) for mean in table @ (weights / weights.sum()))


def _chosen(by_model: Models, arm: str, seeds: Sequence[int]) -> tuple[float, ...]:
    items: list[ItemScore] = [item for seed in seeds for item in by_model[arm, seed].items]
    places = [item.chosen for item in items if item.chosen is not None]
    return tuple(places.count(place) / len(places) for place in range(max(places) + 1)) if places else ()


def _verdict(interval: Interval, adjusted: float, seeds: int) -> Verdict:
    if interval.p >= 1 - LEVEL:
        return "noise"
    return "real" if adjusted < 1 - LEVEL and seeds > 1 else "unclear"


def _rounded(value: Any) -> Any:
    """All numbers with `_DIGITS` significant digits, so that the last bits of a sum make no difference."""
    if isinstance(value, dict):
        return {key: _rounded(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_rounded(one) for one in value]
    return float(f"{value:.{_DIGITS}g}") if isinstance(value, float) else value
