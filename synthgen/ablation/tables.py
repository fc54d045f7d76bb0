"""The tables of the result and the words around them: the same for the page and for Markdown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from synthgen.ablation.data import Kind
from synthgen.ablation.result import Difference, Result, Score
from synthgen.ablation.statistics import RESAMPLES
from synthgen.ablation.words import bounds, change, label, mix, value

Mark = Literal["", "real-better", "real-worse", "noise"]

TITLE = "What the set is worth"
SCORES = (
    "The mean over all seeds, with the interval that holds it at 95 %. An accuracy is better when higher, a loss when "
    "lower. Luck is the best answer that looks at no question: always the first option or another place, the longest, "
    "the usual one, or a guess."
)
PLOTS = (
    "A dot is the mean, the bar its interval at 95 %, each ring a seed. Bars that overlap do not mean that arms are "
    "alike: questions and documents that are hard for all move all bars together. The differences below are taken pair "
    "by pair."
)
DIFFERENCES = (
    "On the same seeds and questions. **Real**: among the comparisons of its measure, chance gives one like it in "
    "fewer than 5 cases of 100. **Unclear**: its own interval leaves out zero, but among so many, or with one seed, "
    "that is not enough. **Noise**: its interval holds zero."
)
ARMS = "All arms train on equal tokens, to within one window, for as many steps, with the same seeds."
CHOSEN = (
    "How often each option was chosen, by the models of an arm together, against where the right ones are. A model "
    "that agrees with one letter, whatever is asked, shows here."
)
METHOD = (
    f"Intervals come from {RESAMPLES:,} bootstrap resamples of questions and of seeds, each drawn by itself "
    "(Owen 2007), in pairs for differences (Koehn 2004), and widened by Student's t for few seeds or documents (after "
    "Hesterberg 2015). With one seed they are about questions only. Several comparisons in one measure: Holm 1979. "
    "Letters are scored by `acc`, texts by `acc_norm` (likelihood per character) of lm-evaluation-harness. Bits a byte "
    "are the loss in another unit and are not compared again."
)


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in a cell, what stands small under it, and how it is marked."""

    text: str
    note: str = ""
    mark: Mark = ""


@dataclass(frozen=True, slots=True)
class Table:
    """`words` are the columns, beside the first, that hold words and not numbers."""

    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    words: frozenset[int] = frozenset()


def lead(result: Result) -> str:
    """How many models of what, in one sentence."""
    trained = [arm for arm in result.arms if arm.same_as is None]
    tokens = max((arm.tokens for arm in trained), default=0)
    seeds = max((len(result.seeds(arm.name)) for arm in trained), default=0)
    return (
        f"{len(trained)} arms of {tokens:,} tokens each, {seeds} seed{'s' if seeds != 1 else ''}, "
        f"{len(result.measures)} measures."
    )


def scores(result: Result) -> Table:
    """A row for each measure, a column for each arm."""
    arms = [arm.name for arm in result.arms if any(score.arm == arm.name for score in result.scores)]
    rows = []
    for measure in result.measures:
        cells = [_score(result.cells.get((arm, measure.name)), measure.kind) for arm in arms]
        luck = Cell(value(measure.luck.best, "accuracy")) if measure.luck else Cell("")
        rows.append((Cell(label(measure.name), _counted(measure.items, measure.kind)), *cells, luck))
    return Table(("measure", *(f"`{arm}`" for arm in arms), "luck"), tuple(rows))


def arms(result: Result) -> Table:
    """A row for each arm: its mix, its tokens, how often it saw each part, its seeds and hours."""
    rows = []
    for arm in result.arms:
        hours = [curve.hours for curve in result.curves if curve.arm == arm.name and curve.hours is not None]
        times = ", ".join(f"{portion.part} {portion.times:.2g}×" for portion in arm.portions)
        seeds = ", ".join(map(str, result.seeds(arm.name))) or (f"as `{arm.same_as}`" if arm.same_as else "none")
        rows.append(
            (
                Cell(f"`{arm.name}`"),
                Cell(mix(arm)),
                Cell(f"{arm.tokens:,}"),
                Cell(times),
                Cell(seeds),
                Cell(_hours(sum(hours)) if hours else ""),
            )
        )
    return Table(("arm", "mix", "tokens", "each part seen", "seeds", "hours"), tuple(rows), frozenset({1, 3}))


def told_apart(result: Result) -> Table:
    """The differences that are real, then those that are unclear."""
    order = ("real", "unclear")
    found = [one for one in result.differences if one.verdict in order]
    return _differences(result, sorted(found, key=lambda one: (order.index(one.verdict), one.adjusted)))


def noise(result: Result) -> Table:
    """All other differences."""
    return _differences(result, [one for one in result.differences if one.verdict == "noise"])


def chosen(result: Result) -> Table:
    """The places that were chosen, for answers by letter and others with places of ours."""
    rows = []
    for measure in result.measures:
        if measure.luck is None or measure.form != "letters":
            continue
        places = len(measure.luck.positions)
        rows.append((Cell(label(measure.name)), Cell("right"), *map(_share, measure.luck.positions)))
        for score in result.scores:
            if score.measure == measure.name:
                shares = [*score.chosen, *([0.0] * places)][:places]
                rows.append((Cell(""), Cell(f"`{score.arm}`"), *map(_share, shares)))
    most = max((len(row) for row in rows), default=2) - 2
    padded = tuple((*row, *([Cell("")] * (most + 2 - len(row)))) for row in rows)
    return Table(("measure", "", *(f"option {place + 1}" for place in range(most))), padded, frozenset({1}))


def _differences(result: Result, found: list[Difference]) -> Table:
    kinds = {measure.name: measure.kind for measure in result.measures}
    rows = tuple(
        (
            Cell(label(one.measure)),
            Cell(f"`{one.arm}` against `{one.against}`"),
            Cell(change(one.interval, kinds[one.measure]), bounds(one.interval, kinds[one.measure]), _mark(one)),
            Cell(_chance(one.adjusted), f"alone {_chance(one.interval.p)}"),
            Cell(_verdict(one), "", _mark(one)),
        )
        for one in found
    )
    return Table(("measure", "arms", "difference", "p in its measure", "verdict"), rows, frozenset({1, 4}))


def _chance(p: float) -> str:
    return f"{p:.2g}" if p >= 0.001 else "< 0.001"


def _verdict(one: Difference) -> str:
    return f"{one.verdict}, {'better' if one.better else 'worse'}" if one.verdict != "noise" else "noise"


def _mark(one: Difference) -> Mark:
    if one.verdict == "real":
        return "real-better" if one.better else "real-worse"
    return "noise" if one.verdict == "noise" else ""


def _score(score: Score | None, kind: Kind) -> Cell:
    return Cell(value(score.interval.mean, kind), bounds(score.interval, kind)) if score else Cell("")


def _counted(items: int, kind: Kind) -> str:
    what = "document" if kind == "loss" else "question"
    return f"{items:,} {what}{'s' if items != 1 else ''}"


def _share(share: float) -> Cell:
    return Cell(f"{100 * share:.0f} %")


def _hours(hours: float) -> str:
    return f"{hours:.1f}" if hours >= 0.1 else f"{hours:.3f}"
