"""The plots of the page as SVG: the scores in one measure with their intervals, and the losses of the training."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape

from synthgen.ablation.data import Kind
from synthgen.ablation.result import Curve, Measure, Score
from synthgen.ablation.words import bounds, label, value

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#b58900", "#56b4e9", "#7f4f24", "#6c6c6c")
"""Told apart by colour-blind readers too (after Okabe and Ito, "Color Universal Design", 2008)."""
_DASHES = ("", "6 3", "2 3")
"""The lines of the arms beyond as many as there are colours."""
_WIDE, _NAMES, _ROW, _TOP, _FOOT = 360, 112, 26, 10, 38
_CURVES_WIDE, _CURVES_HIGH, _LEFT = 720, 320, 52
_LONGEST_NAME = 16


def styles(arms: Sequence[str]) -> dict[str, tuple[str, str]]:
    """The colour and the dashes of each arm."""
    each = enumerate(arms)
    return {arm: (COLOURS[n % len(COLOURS)], _DASHES[n // len(COLOURS) % len(_DASHES)]) for n, arm in each}


def score_plot(measure: Measure, scores: Sequence[Score], style: Mapping[str, tuple[str, str]]) -> str:
    """One row for each arm: its mean, its interval, and a small ring for each seed; luck as a line across all rows."""
    luck = [measure.luck.best] if measure.luck else []
    values = [end for score in scores for end in (score.interval.low, score.interval.high, *score.by_seed)] + luck
    low, high = _widened(min(values), max(values))
    bottom = _TOP + _ROW * len(scores)

    def across(number: float) -> float:
        return round(_NAMES + (number - low) / (high - low) * (_WIDE - _NAMES - 14), 1)

    parts = [
        f'<line class="grid" x1="{across(tick)}" x2="{across(tick)}" y1="{_TOP}" y2="{bottom}"/>'
        f'<text x="{across(tick)}" y="{bottom + 16}" text-anchor="middle">'
        f"{_tick(tick, high - low, measure.kind)}</text>"
        for tick in ticks(low, high, 4)
    ]
    for place in luck:
        parts.append(
            f'<line class="luck" x1="{across(place)}" x2="{across(place)}" y1="{_TOP - 4}" y2="{bottom}"/>'
            f'<text class="luck" x="{across(place)}" y="{bottom + 31}"'
            f' text-anchor="{"end" if across(place) > _WIDE - 40 else "middle"}">best by luck</text>'
        )
    for row, score in enumerate(scores):
        parts.append(_row(score, _TOP + _ROW * (row + 0.5), across, style[score.arm][0], measure.kind))
    return _svg(_WIDE, bottom + _FOOT, label(measure.name), parts)


def loss_plot(curves: Sequence[Curve], style: Mapping[str, tuple[str, str]]) -> str:
    """The training loss against the tokens learned, a line for each training, the seeds of an arm in one colour."""
    points = [point for curve in curves for point in curve.losses]
    low, high = _widened(min(point.loss for point in points), max(point.loss for point in points))
    most = max(point.tokens for point in points) or 1
    bottom, right = _CURVES_HIGH - 44, _CURVES_WIDE - 16

    def across(tokens: float) -> float:
        return round(_LEFT + tokens / most * (right - _LEFT), 1)

    def down(loss: float) -> float:
        return round(bottom - (loss - low) / (high - low) * (bottom - 12), 1)

    parts = [
        f'<line class="grid" x1="{_LEFT}" x2="{right}" y1="{down(tick)}" y2="{down(tick)}"/>'
        f'<text x="{_LEFT - 8}" y="{down(tick) + 4}" text-anchor="end">{_tick(tick, high - low, "loss")}</text>'
        for tick in ticks(low, high, 6)
    ]
    parts += [
        f'<text x="{across(tick)}" y="{bottom + 18}" text-anchor="middle">{short(tick)}</text>'
        for tick in ticks(0, most, 6)
    ]
    parts.append(f'<text x="{right}" y="{bottom + 36}" text-anchor="end">tokens learned</text>')
    for curve in curves:
        colour, dashes = style[curve.arm]
        line = " ".join(f"{across(point.tokens)},{down(point.loss)}" for point in curve.losses)
        named = f"{curve.arm}, seed {curve.seed}"
        parts.append(
            f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="1.5" stroke-opacity="0.8"'
            f' stroke-dasharray="{dashes}"><title>{escape(named)}</title></polyline>'
        )
    return _svg(_CURVES_WIDE, _CURVES_HIGH, "training loss in nats a token", parts)


def ticks(low: float, high: float, most: int) -> list[float]:
    """At most about `most` round numbers from `low` to `high`, evenly apart."""
    rough = (high - low) / most
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * times for times in (1, 2, 5, 10) if power * times >= rough * 0.999)
    return [round(n * step, 10) for n in range(math.ceil(low / step), math.floor(high / step) + 1)]


def short(tokens: float) -> str:
    """A number of tokens in thousands, millions or billions."""
    for size, sign in ((1e9, "B"), (1e6, "M"), (1e3, "k")):
        if tokens >= size:
            return f"{tokens / size:.3g}{sign}"
    return f"{tokens:.0f}"


def _row(score: Score, middle: float, across: Callable[[float], float], colour: str, kind: Kind) -> str:
    interval = score.interval
    name = score.arm if len(score.arm) <= _LONGEST_NAME else f"{score.arm[: _LONGEST_NAME - 1]}…"
    rings = "".join(
        f'<circle cx="{across(mean)}" cy="{middle}" r="3" fill="none" stroke="{colour}" stroke-opacity="0.6"/>'
        for mean in score.by_seed
    )
    said = f"{score.arm}: {value(interval.mean, kind)} ({bounds(interval, kind)})"
    return (
        f'<g><title>{escape(said)}</title><text x="0" y="{middle + 4}">{escape(name)}</text>'
        f'<line x1="{across(interval.low)}" x2="{across(interval.high)}" y1="{middle}" y2="{middle}"'
        f' stroke="{colour}" stroke-width="2.5"/>'
        f'{rings}<circle cx="{across(interval.mean)}" cy="{middle}" r="4.5" fill="{colour}"/></g>'
    )


def _widened(low: float, high: float) -> tuple[float, float]:
    """A little more on both sides, and something where there is nothing between them."""
    room = (high - low) * 0.06 or abs(high) * 0.05 or 1.0
    return low - room, high + room


def _tick(number: float, span: float, kind: Kind) -> str:
    if kind == "accuracy":
        return f"{100 * number:.{0 if span > 0.03 else 1}f} %"
    return f"{number:.{max(0, math.ceil(-math.log10(span)) + 1)}f}"


def _svg(width: int, height: float, name: str, parts: Iterable[str]) -> str:
    inner = "".join(parts)
    return f'<svg viewBox="0 0 {width} {height:g}" role="img" aria-label="{escape(name)}">{inner}</svg>'
