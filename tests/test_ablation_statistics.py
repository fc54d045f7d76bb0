"""Intervals hold what they promise, with few seeds too; differences are paired; luck is counted as what it gets."""

from __future__ import annotations

import numpy as np
import pytest

from synthgen.ablation import statistics
from synthgen.ablation.statistics import baselines, holm, intervals
from synthgen.ablation.tasks import Question


def question(item_id: str, options: tuple[str, ...], gold: int) -> Question:
    return Question(item_id, "Question: ?\nAnswer:", options, gold)


@pytest.mark.parametrize(
    ("seeds", "items", "by_seed", "by_item"),
    [(3, 100, 1.0, 0.1), (3, 100, 0.05, 1.0), (2, 100, 1.0, 1.0), (3, 4, 0.1, 1.0)],
)
def test_an_interval_holds_the_truth_as_often_as_it_says(
    seeds: int, items: int, by_seed: float, by_item: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statistics, "RESAMPLES", 1_000)
    generator = np.random.default_rng(7)
    held = 0
    for trial in range(150):
        scores = by_seed * generator.normal(size=(seeds, 1)) + by_item * generator.normal(size=(1, items))
        scores = scores + 0.3 * generator.normal(size=(seeds, items))
        (interval,) = intervals([scores], np.ones(items), f"trial {trial}")
        held += interval.low <= 0 <= interval.high
    assert held / 150 >= 0.9


def test_a_shift_that_all_items_share_is_seen_though_items_differ_widely() -> None:
    generator = np.random.default_rng(1)
    one = 5 * generator.normal(size=(1, 80)) + 0.1 * generator.normal(size=(3, 80))
    other = one + 0.2 + 0.1 * generator.normal(size=(3, 80))
    alone, difference = intervals([one, other - one], np.ones(80), "loss")
    assert alone.high - alone.low > 1.5
    assert 0 < difference.low < 0.2 < difference.high
    assert difference.p < 0.01


def test_with_one_seed_the_interval_is_over_items_only() -> None:
    generator = np.random.default_rng(2)
    scores = generator.normal(size=(1, 400))
    (interval,) = intervals([scores], np.ones(400), "one")
    assert interval.high - interval.low == pytest.approx(2 * 1.96 * scores.std() / 20, rel=0.1)


def test_scores_without_any_spread_have_an_interval_of_no_width() -> None:
    (interval,) = intervals([np.ones((3, 10))], np.ones(10), "all right")
    assert (interval.mean, interval.low, interval.high) == pytest.approx((1, 1, 1))
    (same,) = intervals([np.zeros((3, 10))], np.ones(10), "no difference")
    assert same.p == 1


def test_a_mean_counts_items_by_their_weight() -> None:
    (interval,) = intervals([np.array([[1.0, 4.0]])], np.array([300.0, 100.0]), "weighted")
    assert interval.mean == pytest.approx(1.75)


def test_the_same_scores_always_have_the_same_interval() -> None:
    scores = [np.random.default_rng(3).normal(size=(3, 50))]
    assert intervals(scores, np.ones(50), "medqa") == intervals(scores, np.ones(50), "medqa")
    assert intervals(scores, np.ones(50), "medqa") != intervals(scores, np.ones(50), "medmcqa")


def test_holm_raises_the_smallest_most_and_keeps_the_order() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    assert holm([]) == []


def test_luck_is_what_blind_answers_get() -> None:
    asked = [question(str(n), ("no", "yes"), 1) for n in range(6)] + [question("6", ("no", "yes"), 0)]
    luck = baselines(asked)
    assert luck.chance == 0.5
    assert luck.positions == pytest.approx((1 / 7, 6 / 7))
    assert luck.majority == luck.longest == pytest.approx(6 / 7)
    assert luck.best == pytest.approx(6 / 7)


def test_options_of_one_length_are_guessed_among() -> None:
    luck = baselines([question("1", ("10", "20", "30", "40"), 2), question("2", ("10 mg", "5 mg"), 0)])
    assert luck.longest == pytest.approx((0.25 + 1) / 2)
    assert luck.positions == (0.5, 0, 0.5, 0)


def test_an_answer_that_is_rarely_offered_is_no_usual_one() -> None:
    asked = [question(str(n), (f"right {n}", f"wrong {n}"), 0) for n in range(10)]
    assert baselines(asked).majority == 0.5
