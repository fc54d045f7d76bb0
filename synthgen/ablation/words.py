"""What an ablation says in plain words: what is real, what is noise, what the control says, and what is not shown.

A sentence may hold names in `backquotes`, and what must not be overread between **two asterisks**.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from synthgen.ablation.data import Arm, Kind
from synthgen.ablation.heldout import BITS, NATS
from synthgen.ablation.probe import CHOICE, CLOZE
from synthgen.ablation.result import SET, Difference, Measure, Result, Score
from synthgen.ablation.statistics import Interval

FEW = 10
"""Fewer units than this say little about others of their kind."""
ALWAYS = 0.9
"""An arm that chooses one place so often answers whatever is asked."""
_REPEATED = 1.05
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_LABELS = {
    NATS: "held-out loss (nats a token)",
    BITS: "held-out loss (bits a byte)",
    CLOZE: "the probe by likelihood",
    CHOICE: "the probe by letter",
}


def label(measure: str) -> str:
    """What a measure is called on the page."""
    own = measure.removesuffix("_text").replace("_", " ")
    return _LABELS.get(measure) or (f"{own} by text" if measure.endswith("_text") else own)


def value(number: float, kind: Kind) -> str:
    """A score: an accuracy in per cent, a loss with three decimals."""
    return f"{100 * number:.1f} %" if kind == "accuracy" else f"{number:.3f}"


def bounds(interval: Interval, kind: Kind) -> str:
    """The ends of an interval, without their unit."""
    scale, digits = (100, 1) if kind == "accuracy" else (1, 3)
    return f"{scale * interval.low:.{digits}f} to {scale * interval.high:.{digits}f}".replace("-", "−")


def change(interval: Interval, kind: Kind) -> str:
    """A difference with its sign: in points of a hundred, or in the unit of the loss."""
    signed = f"{100 * interval.mean:+.1f} points" if kind == "accuracy" else f"{interval.mean:+.3f}"
    return signed.replace("-", "−")


def mix(arm: Arm) -> str:
    """What an arm was trained on."""
    if len(arm.portions) == 1:
        return arm.portions[0].part
    return " + ".join(f"{100 * portion.share:.0f} % {portion.part}" for portion in arm.portions)


def in_short(result: Result) -> list[str]:
    """The findings, the most important first."""
    if not result.scores:
        return ["Nothing has been measured yet."]
    return [
        *_control(result),
        *_against(result),
        *_luck(result),
        *_same_answer(result),
        *_repeated(result),
        *_unfinished(result),
    ]


def not_shown(result: Result) -> list[str]:
    """What the numbers must not be taken for."""
    seeds = max((len(result.seeds(arm.name)) for arm in result.arms), default=0)
    found = []
    if seeds == 1:
        found.append(
            "There is **one seed**. Its intervals are about other questions only; another seed may turn a sign round, "
            "so no difference is called real."
        )
    elif seeds < FEW:
        found.append(
            f"There are {seeds} seeds. The intervals allow for that few (by Student's t), which makes them wide: a "
            "difference that is called noise may be there and small."
        )
    names = {measure.name: measure for measure in result.measures}
    if NATS in names:
        documents = names[NATS].items
        caution = ", too few to speak for other guidelines" if documents < FEW else ""
        found.append(f"The held-out loss is on {documents} document{'s' if documents > 1 else ''}{caution}.")
    if CLOZE in names:
        found.append(
            "The probe is made by rules from the held-out documents, and some of its gaps could be filled otherwise. "
            "Questions from one document hang together, which its intervals do not know: they are somewhat too narrow."
        )
    if any(measure.form is not None and measure.name not in (CLOZE, CHOICE) for measure in result.measures):
        found.append(
            "The benchmarks are asked in one plain wording, without examples; their numbers compare the arms and not "
            "with published ones."
        )
    compared = len({one.measure for one in result.differences})
    if compared > 1:
        found.append(
            f"Each of {compared} measures is judged by itself: of 20 such, one may call a difference real by "
            "chance alone. What several show together is surer."
        )
    return [
        *found,
        "The arms have equal tokens, not equal effort: what the teacher cost is not counted.",
        "It is about models of this size after so many tokens; at another scale the order may be another.",
    ]


def _control(result: Result) -> Iterator[str]:
    """What the control says of the set alone, first of all."""
    alone = next((arm for arm in result.arms if arm.shares.keys() == {SET}), None)
    if alone is None:
        return
    if result.control is None:
        yield "There is **no control arm**: whether the set is better than sentences rearranged by rules is not shown."
    elif result.control == (alone.same_as or alone.name):
        yield (
            "The set **is** the extractive control, row for row (no other teacher answered): what rules can do is all "
            "that is measured."
        )
    else:
        found = [one for one in result.differences if (one.arm, one.against) == (alone.name, result.control)]
        real = [one for one in found if one.verdict == "real"]
        better, worse = _named(real, better=True), _named(real, better=False)
        of = f"the {len(found)} measures" if len(found) > 1 else "one measure"
        if better and not worse:
            yield f"`{alone.name}` **beats the extractive control** in {better}, and is worse in none of {of}."
        elif better:
            yield f"`{alone.name}` beats the extractive control in {better}, but is **worse** in {worse}."
        elif found:
            lost = f" It is **worse** in {worse}." if worse else ""
            yield (
                f"**`{alone.name}` does not beat the extractive control** beyond chance in any of {of}.{lost}"
                f"{_doubtful(found)} That its teacher is worth more than rules is not shown."
            )


def _against(result: Result) -> Iterator[str]:
    """Each pair of arms that was compared, but for what `_control` says."""
    alone = {arm.name for arm in result.arms if arm.shares.keys() == {SET}}
    pairs = dict.fromkeys((one.arm, one.against) for one in result.differences)
    for arm, against in pairs:
        if arm in alone and against == result.control:
            continue
        found = [one for one in result.differences if (one.arm, one.against) == (arm, against)]
        real = [one for one in found if one.verdict == "real"]
        parts = [
            f"better in {better}" if (better := _named(real, better=True)) else "",
            f"worse in {worse}" if (worse := _named(real, better=False)) else "",
        ]
        said = "; ".join(filter(None, parts)) or "no difference beyond chance"
        yield f"`{arm}` against `{against}`: {said}.{_doubtful(found)}"


def _doubtful(differences: Sequence[Difference]) -> str:
    named = _named([one for one in differences if one.verdict == "unclear"])
    return f" Unclear: {named}." if named else ""


def _luck(result: Result) -> Iterator[str]:
    """The measures in which no arm is above what luck gets."""
    blind = [
        measure
        for measure in result.measures
        if measure.luck is not None
        and not any(_above_luck(score, measure) for score in result.scores if score.measure == measure.name)
    ]
    asked = [measure for measure in result.measures if measure.luck is not None]
    if blind:
        where = "all of them" if len(blind) == len(asked) else _labels([measure.name for measure in blind])
        yield (
            f"Of {len(asked)} measures with questions, {len(blind)} ({where}) have **no arm above luck**: none does "
            "better than the best answer that looks at no question. Differences there say nothing of knowledge."
        )


def _above_luck(score: Score, measure: Measure) -> bool:
    return measure.luck is not None and score.interval.low > measure.luck.best


def _same_answer(result: Result) -> Iterator[str]:
    """Arms that choose one place whatever is asked, by place and by the measures in which they do."""
    fixed: dict[tuple[str, int], list[str]] = {}
    for score in result.scores:
        if score.chosen and max(score.chosen) >= ALWAYS:
            fixed.setdefault((score.arm, score.chosen.index(max(score.chosen))), []).append(score.measure)
    alike: dict[tuple[int, tuple[str, ...]], list[str]] = {}
    for (arm, place), measures in fixed.items():
        alike.setdefault((place, tuple(measures)), []).append(arm)
    for (place, where), named in alike.items():
        yield (
            f"{_listed([f'`{arm}`' for arm in named])} chose the {_ORDINALS[place]} option in at least "
            f"{100 * ALWAYS:.0f} of 100 questions of {_labels(where)}: **an answer by place, not by content**."
        )


def _repeated(result: Result) -> Iterator[str]:
    for arm in result.arms:
        for portion in arm.portions:
            if portion.times >= _REPEATED and arm.same_as is None:
                yield (
                    f"`{arm.name}` repeats {portion.part}: it has {portion.available:,} tokens, and each was learned "
                    f"{portion.times:.1f} times."
                )


def _unfinished(result: Result) -> Iterator[str]:
    seeds = {arm.name: result.seeds(arm.name) for arm in result.arms if arm.same_as is None}
    most = max(map(len, seeds.values()), default=0)
    short = [f"`{arm}` ({len(found)} of {most})" for arm, found in seeds.items() if len(found) < most]
    if short:
        yield f"Not all seeds are trained: {_listed(short)}. Arms are compared on the seeds that both have."


def _named(differences: Sequence[Difference], *, better: bool | None = None) -> str:
    """The measures of these differences, of one direction only where that is asked for."""
    return _labels([one.measure for one in differences if better is None or one.better == better])


def _labels(measures: Sequence[str]) -> str:
    """What measures are called; the two forms of an evaluation set as one."""
    both = {name for name in measures if f"{name}_text" in measures}
    return _listed(
        [
            f"{label(name)} (by letter and by text)" if name in both else label(name)
            for name in measures
            if name.removesuffix("_text") not in both or name in both
        ]
    )


def _listed(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else "".join(names)
