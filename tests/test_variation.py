"""Which values the samples of one extract get: all of them in turn, no two axes in step."""

from __future__ import annotations

import math
from collections import Counter
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthgen.data import Extract, Transformation
from synthgen.transformations import load_transformations, messages
from synthgen.variation import drawn

LIBRARY = load_transformations()

axes_of = st.lists(st.integers(1, 5), min_size=1, max_size=4).map(
    lambda sizes: {f"axis {n}": tuple(f"{n}.{value}" for value in range(size)) for n, size in enumerate(sizes)}
)


@given(axes_of, st.text(max_size=5))
def test_as_many_samples_as_combinations_take_each_once(axes: dict[str, tuple[str, ...]], seed: str) -> None:
    whole = math.prod(map(len, axes.values()))
    assert len({tuple(drawn(axes, seed, sample).values()) for sample in range(whole)}) == whole
    assert drawn(axes, seed, whole) == drawn(axes, seed, 0)


@given(axes_of, st.text(max_size=5), st.integers(0, 20))
def test_every_value_of_an_axis_comes_before_one_comes_again(
    axes: dict[str, tuple[str, ...]], seed: str, turn: int
) -> None:
    for axis, values in axes.items():
        samples = range(turn * len(values), (turn + 1) * len(values))
        assert {drawn(axes, seed, sample)[axis] for sample in samples} == set(values)


@given(axes_of, st.text(max_size=5), st.integers(0, 50))
def test_a_further_axis_changes_nothing_of_the_others(axes: dict[str, tuple[str, ...]], seed: str, sample: int) -> None:
    more = {**axes, "another": ("x", "y", "z")}
    assert {axis: value for axis, value in drawn(more, seed, sample).items() if axis in axes} == drawn(
        axes, seed, sample
    )


def test_two_axes_of_one_size_do_not_move_in_step() -> None:
    axes = {"one": ("a", "b", "c", "d"), "other": ("a", "b", "c", "d")}
    met = [[drawn(axes, f"extract {n}", sample) for sample in range(4)] for n in range(500)]
    pairs = Counter((value["one"], value["other"]) for values in met for value in values)
    # 2,000 pairs over 16 cells: 125 each, with a standard deviation of 11.
    assert len(pairs) == 16
    assert all(80 < count < 170 for count in pairs.values())
    moves = Counter((one["one"] < two["one"]) == (one["other"] < two["other"]) for one, two, *_ in met)
    assert 200 < moves[True] < 300


@pytest.mark.parametrize("transformation", LIBRARY.values(), ids=LIBRARY)
def test_the_library_varies_what_it_asks(transformation: Transformation) -> None:
    assert math.prod(map(len, transformation.vary.values())) >= 24
    text = "Give 5 mg of colchicine once daily."
    asked = [
        messages(transformation, Extract("d", 0, len(text), text, 9), sample)[1]["content"] for sample in range(24)
    ]
    assert len(set(asked)) == 24
    # What is asked never begins the answer itself, and every axis is in what is asked.
    for axis, values in transformation.vary.items():
        assert all(any(value in one for one in asked) for value in values), axis


def test_the_openings_of_what_is_drawn_are_spread_over_extracts() -> None:
    for transformation in LIBRARY.values():
        for (one, firsts), (other, seconds) in combinations(transformation.vary.items(), 2):
            pairs = Counter(
                (values[one], values[other])
                for n in range(400)
                for values in [drawn(transformation.vary, f"{transformation.name}\0extract {n}", 0)]
            )
            assert len(pairs) == len(firsts) * len(seconds), (transformation.name, one, other)
