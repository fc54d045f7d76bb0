"""Words that a statement denies or urges otherwise than the extract does in their place.

A word's place is told by its neighbours. Other places in the extract with nearly as many of the same neighbours that
agree with the statement, or may, speak for it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

from synthgen.claims.alignment import Claim
from synthgen.claims.contradiction import SETTING, is_introduced
from synthgen.claims.governed import (
    Governed,
    denied,
    denied_in,
    has_modal,
    has_negation,
    may_differ,
    restricting,
    urged,
    urged_in,
)
from synthgen.claims.modality import ADVICE, DUTY, OFFERED
from synthgen.claims.negation import denies
from synthgen.claims.opposites import opposites
from synthgen.claims.source import Unit
from synthgen.claims.words import stem, table

SHARED = 2
"""Neighbours that a word must have in common with its place."""

SURE = 3
"""And where its negation or the word itself tells little."""

_ANY_DEED = frozenset(map(stem, table("administer give take receive try offer start treat perform follow do"))) | {
    "use"
}
"""Stems of verbs that may be said of anything."""

_SETTING = SETTING | {"from"}

Place = tuple[Governed, Unit]


def denied_otherwise(claim: Claim) -> str:
    """A negation that the extract has of a word in its place and the statement has not, or the other way round."""
    if not may_differ(claim.low, claim.own, claim.source):
        return ""
    places = denied_in(claim.source)
    for one in denied(claim.low):
        if one.denied is None or one.stem not in places:
            continue
        found = _placed(one, places[one.stem], _denied_otherwise)
        if (
            found
            and (one.stem not in _ANY_DEED or one.behind[:1] == found[0].behind[:1])
            and one.sides(found[0])
            and not _made_up_for(one, claim, found[1])
            and not (one.denied and _denied_near(claim, found[1]))
        ):
            return f"negation {'added' if one.denied else 'dropped'}: {one.stem}"
    return ""


def _placed(one: Governed, places: Sequence[Place], differs: Callable[[Governed, Governed], bool]) -> Place | None:
    """The place of a word with most of its neighbours among those where it differs; none if they are few, or if another
    one speaks for the statement."""
    shared = [(len(one.near & other.near), other, unit) for other, unit in places]
    most = max([count for count, other, _ in shared if differs(one, other)], default=0)
    if most < SHARED:
        return None
    for count, other, _ in shared:
        if not differs(one, other) and (count >= most - 1 or (other.denied is not None and count * 2 >= most)):
            return None
    other, unit = next((other, unit) for count, other, unit in shared if count == most and differs(one, other))
    return (other, unit) if most >= SURE or not (one.stem in _ANY_DEED or "no" in (one.by, other.by)) else None


def _made_up_for(one: Governed, claim: Claim, unit: Unit) -> bool:
    """Whether a word of the statement may turn, lessen or restrict what it says, or its sentence has the opposite."""
    held = restricting(unit.low)
    near = frozenset[str]().union(*[restricting(other.low) for other in claim.units])
    return bool(
        restricting(" ".join(sorted(one.clause))) - held
        or claim.reading.words & _SETTING - unit.words
        or restricting(claim.low) - held - near
        or opposites(one.stem) & unit.stems
    )


def _denied_near(claim: Claim, unit: Unit) -> bool:
    """Whether a sentence denies in other words what a statement denies, or what introduces it does, or another one
    that has as many of the statement's words."""
    if has_negation(unit.words) or restricting(unit.low) - restricting(claim.low):
        return True
    least = len(claim.own & unit.stems)
    units = claim.source.units
    return is_introduced(units, unit) or any(
        len(claim.own & other.stems) >= least and denies(other.low) for other in units
    )


@lru_cache(maxsize=1 << 13)
def urged_otherwise(claim: Claim) -> str:
    """A must or a should in the place of an option, or the other way round, about the same deed of the same things."""
    if not has_modal(claim.reading.words):
        return ""
    places = urged_in(claim.source)
    for one in urged(claim.low):
        same = [place for place in places.get(one.stem, ()) if place[0].denied == one.denied]
        found = _placed(one, same, _otherwise_urged)
        if found and not (one.force < found[0].force and OFFERED.search(found[1].low)):
            return f"{found[0].by} to {one.by}: {one.stem}"
    return ""


def _denied_otherwise(one: Governed, other: Governed) -> bool:
    return other.denied is (not one.denied)


def _otherwise_urged(one: Governed, other: Governed) -> bool:
    """Plain language says "must" for "should" without meaning more; what can be done is often what should be."""
    if one.force < other.force:
        return one.force < ADVICE <= other.force
    return other.force < ADVICE <= one.force and (one.force == DUTY or other.by in ("may", "might"))
