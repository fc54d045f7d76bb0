"""The way to the tokens that were asked for: so many rounds of samples, then more, by what those have yielded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from synthgen.data import Transformation
from synthgen.planning import Supply
from synthgen.report.account import Account

TOLERANCE = 0.02
"""How near to the target is near enough, as a share of it."""

CAUTION = 3.0
"""The first leg takes answers to be so many times as long as their transformation expects, to come from below, ..."""

REACH = 0.9
"""... and the others go for this share of what is missing: measured yields are known to about a tenth."""

STRIDE = 4.0
"""How many times as many rounds as so far the next leg may come to: a yield near nothing is not worth all that."""

PATIENCE = 3
"""Legs in a row that may pass without coming nearer, by a tenth of what is missing at least."""


@dataclass(frozen=True, slots=True)
class Course:
    """How far a run is on its way to its target.

    `rounds` of samples were planned, leg after leg; the last of them is the plan now. `accepted` tokens came of those
    that were judged. `next` are the rounds to plan once all of the plan is asked; None where it is not, or has `ended`:
    `reached`; `nearest` where the records are too long for such a target; or `exhausted`, where more rounds bring
    nothing more.
    """

    rounds: tuple[float, ...]
    accepted: tuple[int, ...] = ()
    next: float | None = None
    ended: Literal["reached", "nearest", "exhausted"] | None = None

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "rounds": list(self.rounds), "accepted": list(self.accepted)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Course:
        return cls(**{**data, "rounds": tuple(data["rounds"]), "accepted": tuple(data["accepted"])})


def first(
    target: int, supply: Supply, transformations: Mapping[str, Transformation], measured: Mapping[str, float]
) -> Course:
    """The course at its beginning. `measured` are the yields that a pilot knows: accepted tokens for one of source."""
    cautious = {name: one.expected_ratio * CAUTION for name, one in transformations.items()}
    known = {name: value / REACH for name, value in measured.items()}
    return Course((supply.rounds(target, {**cautious, **known}) or 1.0,))


def grown(course: Course) -> Course:
    """The course on its next leg, if there is one."""
    return course if course.next is None else Course((*course.rounds, course.next), course.accepted)


def judged(course: Course, target: int, account: Account, supply: Supply) -> Course:
    """The course once the answers to its plan are judged, whether all of it was asked or not."""
    accepted = (*course.accepted[: len(course.rounds) - 1], account.total.tokens)
    here = Course(course.rounds, accepted)
    misses = [abs(target - tokens) for tokens in accepted]
    if misses[-1] <= TOLERANCE * target:
        return replace(here, ended="reached")
    if account.total.pending:
        return here
    if len(misses) > PATIENCE and min(misses[-PATIENCE:]) > REACH * min(misses[:-PATIENCE]):
        return replace(here, ended="nearest" if max(accepted) > target else "exhausted")
    following = _next(here, target, account, supply)
    return replace(here, ended="exhausted") if following is None else replace(here, next=following)


def forecast(
    course: Course,
    target: int,
    supply: Supply,
    transformations: Mapping[str, Transformation],
    measured: Mapping[str, float],
) -> float:
    """The rounds that the run is expected to end with: by its own yields once it has any, before that as `first`."""
    if course.ended or len(course.rounds) > 1:
        return course.rounds[-1]
    expected = {name: one.expected_ratio for name, one in transformations.items()}
    return supply.rounds(target, {**expected, **measured}) or 1.0


def _next(course: Course, target: int, account: Account, supply: Supply) -> float | None:
    rounds, tokens = course.rounds[-1], course.accepted[-1]
    missing = target - tokens
    legs = list(zip(course.rounds, course.accepted, strict=True))
    if above := min((leg for leg in legs if leg[1] > target), default=None):
        # More rounds only add records: what is between a leg too few and one too many is had without asking.
        below = max((leg for leg in legs if leg[1] < target and leg[0] < above[0]), default=(0.0, 0))
        return below[0] + (above[0] - below[0]) * (target - below[1]) / (above[1] - below[1])
    if not tokens:
        return rounds * 2
    given = supply.tokens(rounds)
    made = {name: tally.tokens for name, tally in account.by_transformation.items()}
    yields = {name: made.get(name, 0) / given[name] if given[name] else 0.0 for name in given}
    found = supply.rounds(tokens + REACH * missing, yields)
    if found is None:
        return None
    found = min(found, STRIDE * rounds)
    if len(legs) < 2:
        return found
    # After a leg that brought not half of what it was to, the next is no longer: what it asks may be asked in vain.
    step, came = rounds - legs[-2][0], tokens - legs[-2][1]
    return min(found, rounds + step) if came * legs[-2][0] < legs[-2][1] * step / 2 else found
