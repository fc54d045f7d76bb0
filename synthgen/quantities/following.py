"""The quantities of a text beside those of its source."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter

from synthgen.quantities.agreement import EXACT, Agreement, close
from synthgen.quantities.context import Contexts
from synthgen.quantities.directions import read_directions
from synthgen.quantities.judging import MANY, Finding, judged, refers_back
from synthgen.quantities.quantity import Quantity
from synthgen.quantities.reading import quantities_of
from synthgen.quantities.rivals import Match, Telling
from synthgen.quantities.source import Source
from synthgen.quantities.speaking import in_question
from synthgen.quantities.steps import is_step
from synthgen.quantities.unitless import is_example
from synthgen.quantities.words import Words
from synthgen.quantities.working import Working, equations

PART = 0.5
"""What an agreement in part counts for."""
VERBATIM = 2.0
"""What a quantity shares with one of the source that stands in the very same words."""


@dataclass(frozen=True, slots=True)
class Part:
    """A span of a text and what it is.

    `told` is stated as fact. `asked` is a question, or the option that is right: its quantities need only stand in the
    source. `case` is a made-up patient and `wrong` a wrong option: they may hold quantities of their own, which what is
    told may name again; from those of a case it may also work out others. `posed` is a question with a case of its own:
    its rules, which have a comparator or a range, are `asked`, and its other quantities a `case`.
    """

    start: int
    end: int
    role: str


@dataclass(frozen=True, slots=True)
class Followed:
    """What does not follow, and what of the source is left out.

    `counted` is the number of the source's quantities with a unit, an age or a frequency, and `missing` are those that
    the text does not tell, by their index.
    """

    findings: tuple[Finding, ...]
    counted: int
    missing: tuple[int, ...]

    @property
    def recall(self) -> float:
        """The share of the source's quantities that the text tells; 1 where it has none."""
        return 1 - len(self.missing) / self.counted if self.counted else 1.0


def follow(text: str, parts: Sequence[Part], source: Source) -> Followed:
    """Compares every quantity and word of direction in `text` with the source.

    `parts` are in order; what stands outside of them is `told`.
    """
    row, numbers = quantities_of(text)
    every = sorted([*numbers, *read_directions(row.words, numbers)], key=_PLACE)
    roles = [_role(row.starts[quantity.first], parts) for quantity in every] if parts else ["told"] * len(every)
    roles = [_resolved(role, quantity, row, source) for role, quantity in zip(roles, every, strict=True)]
    roles = [
        "case" if role == "told" and _is_instance(row, quantity, source) else role
        for role, quantity in zip(roles, every, strict=True)
    ]
    made_up = [quantity for quantity, role in zip(every, roles, strict=True) if role in ("case", "wrong")]
    case = [quantity for quantity, role in zip(every, roles, strict=True) if role == "case" or quantity.of_a_case]
    matches, covered = _matches(row, every, roles, source)
    matches = [
        match
        for match in matches
        if not refers_back(match.told, row)
        and (match.best >= 0 or not (_is_repeated(match.told, made_up) or _is_taken_up(match.told, case)))
    ]
    telling = Telling(matches, row, source)
    findings = _judged(matches, telling, case, made_up, every)
    missing = tuple([index for index in source.counted if index not in covered])
    return Followed(tuple(findings), len(source.counted), missing)


_PLACE = attrgetter("first")


def _judged(
    matches: Sequence[Match],
    telling: Telling,
    case: Sequence[Quantity],
    made_up: Sequence[Quantity],
    every: Sequence[Quantity],
) -> list[Finding]:
    """What does not follow from the source, nor, step by step, from what else is told."""
    row = telling.row
    working = Working(made_up, row.words, telling.source)
    wrong = []
    for operands, result, right in equations(row.words, every):
        if right:
            working.add_equation(operands, result)
        else:
            wrong.append(Finding(*row.span(result.first, result.last), "number_not_in_source", None))
    doubtful = []
    for match in matches:
        if found := judged(match, telling, case):
            doubtful.append((match, found))
        else:
            working.add(match.told)
    findings = []
    for match, found in doubtful:
        if match.role == "told" and working.follows(match.told):
            working.add(match.told)
        else:
            findings.append(found)
    return sorted([*findings, *wrong], key=attrgetter("start"))


def _matches(
    row: Words, every: Sequence[Quantity], roles: Sequence[str], source: Source
) -> tuple[list[Match], set[int]]:
    """What the source has for each quantity that is not made up, and all of the source that agrees with any."""
    matches: list[Match] = []
    covered: set[int] = set()
    contexts: Contexts | None = None
    settled = False
    for quantity, role in zip(every, roles, strict=True):
        if role in ("case", "wrong") or quantity.of_a_case:
            settled = False
            continue
        candidates = source.candidates(quantity, counted=not quantity.measure and source.counts(row, quantity))
        covered.update(candidates.indices)
        if settled and not (quantity.measure == "rate" and source.steps and is_step(row.words, quantity)):
            settled = False
            continue
        # An amount a day leaves nothing to ask of the frequency behind it.
        settled = candidates.in_total or source.given(candidates.indices, quantity)
        if settled and not quantity.measure:
            continue
        if (same := source.same_words(row, quantity)) >= 0:
            matches.append(Match(quantity, same, VERBATIM, (), role))
            continue
        if not candidates.rivals and len(candidates.agreeing) < 2:
            best = candidates.indices[0] if candidates.indices else -1
            matches.append(Match(quantity, best, 0.0, (), role))
            continue
        contexts = contexts or Contexts(row, every, source.surroundings.stems, source.surroundings.known)
        shared = source.affinity(contexts.of(quantity), candidates.measures)
        agreeing = [(shared[i] * (PART if how is Agreement.PART else 1.0), -i) for i, how in candidates.agreeing]
        affinity, best = max(agreeing, default=(-1.0, 1))
        rivals = tuple([(shared[i] * likeness, i) for i, likeness in candidates.rivals])
        matches.append(Match(quantity, -best, affinity, rivals, role, candidates.same))
    return matches, covered


def _resolved(role: str, quantity: Quantity, row: Words, source: Source) -> str:
    over = quantity.measure == "time" and quantity.first > 0 and row.words[quantity.first - 1] == "over"
    own = quantity.measure if quantity.measure else quantity.raw[0] > MANY
    if role == "asked" and own and ":" not in quantity.measure and (over or not quantity.bound):
        # What a question brings of its own, its answer may name again and work with.
        return role if source.candidates(quantity, counted=False).agreeing else "case"
    if role != "posed":
        return role
    rule = quantity.bound or quantity.is_range or quantity.measure.startswith(("way:", "name:"))
    return "asked" if rule else "case"


def _is_instance(row: Words, quantity: Quantity, source: Source) -> bool:
    """Whether a value that the source lacks belongs to a question or an example that the text makes up."""
    if ":" in quantity.measure or quantity.bound:
        return False
    made_up = in_question(quantity, row) or (not source.has_examples and is_example(row.words, quantity))
    return made_up and not source.candidates(quantity, counted=False).agreeing


def _role(position: int, parts: Sequence[Part]) -> str:
    for part in parts:
        if part.start <= position < part.end:
            return part.role
    return "told"


def _is_taken_up(quantity: Quantity, case: Sequence[Quantity]) -> bool:
    """Whether a value is said again of the made-up patient: in another unit, without it, or without its comparator."""
    return ":" not in quantity.measure and any(_says_again(quantity, own) for own in case)


def _says_again(quantity: Quantity, own: Quantity) -> bool:
    if quantity.bound not in (0, own.bound):
        return False
    if quantity.measure in ("", own.measure) and quantity.raw == own.raw:
        return True
    same = quantity.measure == own.measure
    return same and close(quantity.low, own.low, EXACT) and close(quantity.high, own.high, EXACT)


def _is_repeated(quantity: Quantity, made_up: Sequence[Quantity]) -> bool:
    if quantity.measure.startswith("way:"):
        return False
    return any(own.raw == quantity.raw and own.bound == quantity.bound for own in made_up)
