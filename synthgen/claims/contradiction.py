"""A negation that a statement drops or adds: the same words, denied in one of two sentences and said in the other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from synthgen.claims.alignment import Claim
from synthgen.claims.general import GENERAL
from synthgen.claims.negation import Clause, Segment, clauses, denies, lessened, negations
from synthgen.claims.opposites import opposites
from synthgen.claims.seeming import plain
from synthgen.claims.source import Unit
from synthgen.claims.words import WORD, content, stem, stems_of, table, words_of

_OF_ONE = frozenset(table("she he his her him hers"))
"""What tells that something is said of the patient of a vignette."""

MAX_ORDER = 70
"""Content words of a unit that is taken for a sentence; longer ones are tables whose cells ran together."""

MAX_LINE = 60
"""Words of a table's line that is taken for a sentence."""

ABOVE = 14
"""Units before a list item among which its introduction is looked for."""

NEARLY = 0.6
"""Share of the words that a statement's clause has in common with a sentence which makes another one bear it too."""

LEAST, MOSTLY = 3, 0.75
"""Words, and share of a statement's clause, in common with another one that is nearly the same."""

_ITEM = re.compile(r"[*•-] |\(?(?:\d{1,2}|[a-z])[.)] ")
ALLOWING = frozenset(
    map(
        stem,
        table(
            """
            able advised preferred allowed permitted acceptable given safe considered required occur exist happen
            appear possible present seen reported
            """
        ),
    )
)
"""What is said of the same where the negation is gone."""

_PERMITTING = ALLOWING - {stem("given")}
_NO_CONTRAINDICATION = re.compile(r"\b(?:not|no|never|neither|nor)(?: \w+){0,2} contraindicat\w*")
_INDICATED = re.compile(r"\b(?:is|are|be|an?|also|for) (?:\w+ )?indicat(?:ed|ions?)\b")
_ANY_INDICATION = re.compile(r"\bindicat")
_AND = re.compile(r"[;:]|, (?:and|but|so)\b")
SETTING = frozenset(("before", "after", "prior", "until", "unless", "some", "minority"))
"""What tells of another time, or of another part of a whole."""
_BOUNDS = frozenset(("<", ">"))
_CORRECTED = re.compile(
    r"\b(?:not|never)\b[^.;]{1,80}?\bbut (?:rather|instead|only|in|on|at|with|after|before|by|from|to)\b"
)
_TITLE = re.compile(r"\W*(?:how|what|why|who|which)\b[^,]*\Z")


def negated(claim: Claim, question: Claim | None) -> str:
    """A negation that a sentence of the extract has and the statement has not, or the other way round, of the same
    words."""
    if "indicat" in claim.low:
        if _NO_CONTRAINDICATION.search(claim.low):
            return _denies_contraindication(claim)
        if _INDICATED.search(claim.low) and (why := _indicated(claim)):
            return why
    lines = list(_contrary(claim))
    if not lines or not _OF_ONE.isdisjoint(claim.reading.words) or (question is not None and _negative(question.low)):
        return ""
    if _TITLE.match(claim.low) or (question is not None and not claim.low.endswith((".", "!", "|"))):
        return ""
    said = clauses(claim.low)
    for unit, line in lines:
        for mine, part, theirs, other in _paired(said, clauses(line)):
            why = _differ(claim, unit, mine, part, theirs, other)
            if why:
                return why
    return ""


def _contrary(claim: Claim) -> Iterator[tuple[Unit, str]]:
    """The sentences of a statement that a negation may set apart from it: where it denies, all; else those that surely
    deny one of its words."""
    denied = denies(claim.low)
    bare = plain(claim.low)
    own = claim.own if bare is claim.low else stems_of(words_of(bare))
    for unit in claim.units:
        for line in _sentences(unit):
            if denied or (denies(line) and not own.isdisjoint(_denied(line))):
                yield unit, line


@lru_cache(maxsize=4096)
def _denied(low: str) -> frozenset[str]:
    """The words that a text surely denies."""
    return frozenset[str]().union(*[one.near for clause in clauses(low) for one in clause.segments if one.denied])


def _denies_contraindication(claim: Claim) -> str:
    special = (claim.own - GENERAL) & claim.source.vocabulary
    for unit in claim.units:
        warns = "contraindicat" in unit.low and not _NO_CONTRAINDICATION.search(unit.low)
        if warns and len(special & unit.stems) * 2 > len(special):
            return "contraindication denied"
    return ""


def _indicated(claim: Claim) -> str:
    """An indication made of a contraindication."""
    for piece in _AND.split(claim.low):
        if _INDICATED.search(piece) and not denies(piece):
            special = frozenset([one for word in WORD.findall(piece) if (one := content(word))]) - GENERAL
            special &= claim.source.vocabulary
            if any(_ANY_INDICATION.search(unit.low) for unit in claim.units):
                continue
            holding = [unit for unit in claim.source.units if special and special <= unit.stems]
            if any(
                " contraindicated " in unit.low and is_sentence(unit) and not denies(unit.low.replace("contra", ""))
                for unit in holding
            ) and not any(_ANY_INDICATION.search(unit.low) for unit in holding):
                return "contraindicated to indicated"
    return ""


def is_sentence(unit: Unit) -> bool:
    return "\n" not in unit.text and len(unit.order) <= MAX_ORDER


def _sentences(unit: Unit) -> tuple[str, ...]:
    """A sentence, or the lines of a table that are no longer than one."""
    return (unit.low,) if is_sentence(unit) else _lines(unit.text)


@lru_cache(maxsize=1024)
def _lines(text: str) -> tuple[str, ...]:
    lines = [" ".join(line.lower().split()) for line in text.replace("*", "").split("\n")]
    return tuple([line for line in lines if denies(line) and line.count(" ") < MAX_LINE])


def _paired(mine: tuple[Clause, ...], theirs: tuple[Clause, ...]) -> Iterator[tuple[Clause, Segment, Clause, Segment]]:
    for clause in mine:
        for other in theirs:
            for part in clause.segments:
                for against in other.segments:
                    if part.denied != against.denied and not part.stems.isdisjoint(against.stems):
                        yield clause, part, other, against


def _differ(claim: Claim, unit: Unit, mine: Clause, part: Segment, theirs: Clause, other: Segment) -> str:
    """The words that one of two segments surely denies and the other one says, if nothing else sets them apart."""
    denied, said = (part, other) if part.denied else (other, part)
    turned = denied.near & said.stems
    if (
        not turned
        or (part.kind != other.kind and {part.kind, other.kind} != {"if", "who"})
        or (len(turned) < 2 and (len(said.stems) > 2 or turned <= GENERAL) and not _close(mine, theirs))
        or len(part.stems & other.stems) * 2 < len(part.stems)
        or not denied.heads
        or not denied.heads <= turned
        or _balanced(claim.low, unit.low, added=part.denied)
        or (part.denied and part.lexical and said.stems.isdisjoint(_PERMITTING))
        or lessened(claim.low) - frozenset().union(*[lessened(one.low) for one in claim.units])
        or (part.denied and other.lessened - lessened(claim.low))
        or _excepts(mine) != _excepts(theirs)
        or words_of(claim.low) & SETTING - unit.words
        or (part.denied and ("before" in words_of(claim.low) or _CORRECTED.search(claim.low)))
        or (other.denied and (other.lessened & _BOUNDS) - lessened(claim.low))
        or (other.denied and not part.stems.isdisjoint(_reasons(unit.low) - other.stems))
    ):
        return ""
    known = unit.stems | unit.context | claim.source.outer
    strange = [one for one in part.order if one not in known and one not in ALLOWING and not one.isdigit()]
    if len(strange) * 4 > len(part.order):
        return ""
    if any(opposites(one) & other.stems - part.stems for one in part.stems) or _turned(mine, theirs):
        return ""
    if _said_elsewhere(claim, unit, mine, part, turned):
        return ""
    return f"negation {'added' if part.denied else 'dropped'}: {' '.join(sorted(turned))}"


def _negative(low: str) -> bool:
    return denies(low) or denies(plain(low))


def _close(mine: Clause, theirs: Clause) -> bool:
    """Whether one clause has nearly all words of the other."""
    return len(mine.words & theirs.words) >= max(LEAST, MOSTLY * len(mine.words))


def _balanced(mine: str, theirs: str, *, added: bool) -> bool:
    """Whether something else in the two sentences may make up for the negation: one more in the sentence that lacks
    it, or, where the statement denies, one more of its own."""
    more = len(negations(mine)) - len(negations(theirs))
    return more != 1 if added else more >= 0


def _excepts(clause: Clause) -> bool:
    """Whether a clause names an exception, or a time up to which it holds: "not until then" is "from then on"."""
    return any(segment.kind == "unless" for segment in clause.segments)


def _turned(mine: Clause, theirs: Clause) -> bool:
    """Whether one clause has a word in the place of its opposite: with a negation besides, both say the same."""
    own = frozenset[str]().union(*[one.stems for one in mine.segments])
    meant = frozenset[str]().union(*[one.stems for one in theirs.segments])
    return any(opposites(one) & meant - own for one in own - meant)


@lru_cache(maxsize=4096)
def _reasons(low: str) -> frozenset[str]:
    """The words of a text's reasons: a main clause with any of them tells what comes of what is denied."""
    return frozenset[str]().union(
        *[one.stems for clause in clauses(low) for one in clause.segments if one.kind in ("because", "who")]
    )


def _said_elsewhere(claim: Claim, unit: Unit, mine: Clause, part: Segment, turned: frozenset[str]) -> bool:
    """Whether another sentence of the extract with nearly as many of the clause's words says it as the statement does,
    or another clause of the same one, all of it; or, where this denies, the introduction of the list in which the
    sentence stands denies too."""
    units = claim.source.units
    words = mine.words
    least = NEARLY * len(words & unit.stems)
    for other in units:
        enough = len(turned) if other is unit else len(turned) // 2 + 1
        if (
            len(turned & other.stems) >= enough
            and len(words & other.stems) >= least
            and any(
                one.denied == part.denied and len(turned & one.stems) >= enough
                for clause in clauses(other.low)
                for one in clause.segments
            )
        ):
            return True
    return part.denied and is_introduced(units, unit)


def is_introduced(units: tuple[Unit, ...], unit: Unit) -> bool:
    """Whether the introduction of the list in which a sentence stands denies."""
    item = not unit.text.endswith(".") or _ITEM.match(unit.text) is not None
    at = units.index(unit)
    for other in reversed(units[max(0, at - ABOVE) : at]):
        if other.text.endswith(":") or (item and other.heading):
            return denies(other.low)
        if other.heading:
            return False
    return False
