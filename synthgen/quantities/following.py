"""The quantities of a text beside those of its source."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from synthgen.quantities.agreement import Agreement
from synthgen.quantities.context import contexts
from synthgen.quantities.directions import read_directions
from synthgen.quantities.judging import Finding, Match, exchanged, judged
from synthgen.quantities.quantity import Quantity
from synthgen.quantities.reading import read
from synthgen.quantities.source import Source
from synthgen.quantities.words import split

PART = 0.5
"""What an agreement in part counts for."""


@dataclass(frozen=True, slots=True)
class Part:
    """A span of a text and what it is.

    `told` is stated as fact. `asked` is a question, or the option that is right: its quantities need only stand in the
    source. `case` is a made-up patient and `wrong` a wrong option: they may hold quantities of their own, which what is
    told may name again; from those of a case it may also work out others.
    """

    start: int
    end: int
    role: str


@dataclass(frozen=True, slots=True)
class Followed:
    """What does not follow, and the share of the source's quantities that the text tells (1 where it has none)."""

    findings: tuple[Finding, ...]
    recall: float


def follow(text: str, parts: Sequence[Part], source: Source) -> Followed:
    """Compares every quantity and word of direction in `text` with the source.

    `parts` are in order; what stands outside of them is `told`.
    """
    row = split(text)
    numbers = read(row)
    every = sorted([*numbers, *read_directions(row.words, numbers)], key=lambda quantity: quantity.first)
    roles = [_role(row.starts[quantity.first], parts) if parts else "told" for quantity in every]
    made_up = [quantity for quantity, role in zip(every, roles, strict=True) if role in ("case", "wrong")]
    case = [quantity for quantity, role in zip(every, roles, strict=True) if role == "case"]
    matches, covered, settled = [], set[int](), -1
    for number, (quantity, context, role) in enumerate(
        zip(every, contexts(row, every, source.known), roles, strict=True)
    ):
        if role in ("case", "wrong") or quantity.of_a_case or number == settled:
            continue
        candidates = source.candidates(quantity, counted=not quantity.measure and source.counts(row, quantity))
        covered.update(index for index, _ in candidates.agreeing)
        if any(how is Agreement.TOTAL for _, how in candidates.agreeing):
            settled = number + 1
            if not quantity.measure:
                continue
        shared = source.affinity(context, candidates.measures)
        affinity, best = max(
            ((shared[i] * (PART if how is Agreement.PART else 1.0), -i) for i, how in candidates.agreeing),
            default=(-1.0, 1),
        )
        rivals = tuple((shared[i] * likeness, i) for i, likeness in candidates.rivals)
        matches.append(Match(quantity, -best, affinity, rivals, role))
    matches = [match for match in matches if match.best >= 0 or not _is_repeated(match.told, made_up)]
    told = {match.best for match in matches if match.best >= 0}
    findings = [found for match in matches if (found := judged(match, told, row, source, case))]
    if not findings:
        findings = list(exchanged(matches, row, source))
    return Followed(tuple(findings), _recall(source, covered))


def _role(position: int, parts: Sequence[Part]) -> str:
    return next((part.role for part in parts if part.start <= position < part.end), "told")


def _recall(source: Source, covered: set[int]) -> float:
    counted = [i for i, other in enumerate(source.quantities) if other.measure and ":" not in other.measure]
    return sum(i in covered for i in counted) / len(counted) if counted else 1.0


def _is_repeated(quantity: Quantity, made_up: Sequence[Quantity]) -> bool:
    return any(own.raw == quantity.raw and own.bound == quantity.bound for own in made_up)
