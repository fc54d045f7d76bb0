"""Negations that came or went, and words that became their opposite."""

from __future__ import annotations

import re
from functools import lru_cache

from synthgen.claims.alignment import Claim, Claims, beside, claims_of
from synthgen.claims.contradiction import ALLOWING, is_sentence, negated
from synthgen.claims.exclusive import EXCLUSIVE, replaced
from synthgen.claims.findings import finding, verdict
from synthgen.claims.general import GENERAL
from synthgen.claims.negation import clauses, denials, denies, lessened, lessens
from synthgen.claims.opposites import OPPOSITES, TURNING, contraries, opposites, prefixed, together
from synthgen.claims.otherwise import denied_otherwise
from synthgen.claims.source import Unit
from synthgen.claims.stances import stances
from synthgen.claims.statements import Statement
from synthgen.claims.weighing import weighed
from synthgen.claims.words import WORD, content, stem, stems_in, words_of
from synthgen.data import Extract, Record, Verdict
from synthgen.filters.base import Filter

_LISTED_BEFORE = re.compile(r"\bof (?:the|these|those) (?:\d|two|three|four|five)\b,? |\bthe (?:former|latter)\b")
"""What a statement says of a list before it, which alone tells what is meant."""

_EMBEDDED = re.compile(r"\b(?:whether|who|which|what|ask|able)\b")
"""What makes a question of an advice, or a condition."""

_CLAUSE = re.compile(r"[;:]|\b(?:but|however|although|though|whereas|while)\b")
_PERMITS = re.compile(
    r"\b(?:may|can|should|must)\b(?: \w+){0,2} (?:be|take|use|receive|have)\b|\bsafe(?:ly)?\b"
    r"|\b(?:recommend|suggest|advis|prefer|accept|allow|permit|indicat|encourag|support)(?!ation|ion|or)\w*"
)
_OPEN = frozenset(("may", "might", "can", "could", "consider", "considered", "whether", "individual", "preference"))
_LACKING = frozenset(map(stem, ("loss", "lose", "lack", "failure", "fail", "absence", "free")))
"""What says of a word the same as a prefix does."""
_COMPARED = re.compile(r"\b(?:more|less|most|least) (\w+)")
_ONCE = frozenset(("before", "after", "once", "until", "unless", "first"))
_EITHER_WAY, _EXCEPTING = frozenset(("neither", "nor", "anything")), frozenset(("unless", "until", "except"))
_BEFORE_IT = re.compile(r"\b(?:before|prior to|ahead of|preceding) ((?:\w+ ){0,2}\w+)")
_AFTER_IT = re.compile(r"\b(?:after|following) ((?:\w+ ){0,2}\w+)")
_BEFORE = frozenset(("before", "prior", "preceding", "beforehand", "ahead"))
_AFTER = frozenset(("after", "following", "afterward", "afterwards"))
_REGARDLESS = re.compile(
    r"\b(?:regardless of|irrespective of|independent(?:ly)? of|even (?:if|when)|whether or not|whatever"
    r"|with or without) ([^.;,()]{3,60})"
)
_ONLY_IF = re.compile(r"\b(?:if|when|only (?:if|when|in|with)|provided(?: that)?|unless|until) ([^.;,()]{3,60})")
_YES_NO = re.compile(r"[\s*_|-]*(?:(?:a|answer)[.:][\s*_]*)?(yes|no)\b[.,;:!]")
_SOFT_QUESTION = re.compile(
    r"\b(?:not|no|never|without|against|avoid\w*|contraindicat\w*|withh\w+|stop\w*|except\w*|exclud\w*|unless|only"
    r"|limit\w*|differ\w*|alone|same|still|enough|insufficient|unclear|any|ever|sometimes|cases?|situations?"
    r"|circumstances?|conditions?)\b"
)


class Polarity(Filter):
    """Rejects `negation_changed`: a negation or a warning of the extract that a statement turns round, a negation that
    it adds, a word in the place of its opposite, a yes where the extract says no, an order reversed.

    A statement is let pass where any word of it may say the extract's negation in another way.
    """

    name = "polarity"
    codes = {"negation_changed": "it says yes where the extract says no, or the other way round"}
    order = 60

    def check(self, record: Record, extract: Extract) -> Verdict:
        claims = claims_of(record, extract)
        found = (
            finding(statement, claim, why=why)
            for statement, claim, asked in claims.reworded("vignette", "option", "question")
            if (why := _changed(claim, None if statement.role == "explanation" else asked))
            and not (why.startswith(("negation", "against")) and _led_by_denial(statement, claims))
        )
        return verdict(self.name, "negation_changed", found)


def _led_by_denial(statement: Statement, claims: Claims) -> bool:
    """Whether the heading above a statement, or the clause that it goes on from, denies."""
    return any(
        denies(claims.claims[lead].low)
        for lead in statement.leads
        if lead != statement.question or statement.role != "explanation"
    )


@lru_cache(maxsize=1 << 13)
def _changed(claim: Claim, question: Claim | None) -> str:
    """How the sense of the statement was turned round; empty where it was not."""
    answer = _YES_NO.match(claim.low)
    if answer and question is not None and (why := _answered(answer[1], claim, question)):
        return why
    if not claim.support or claim.covered < 0.5 or len(claim.reading.stems) < 2:
        return ""
    low = claim.low
    if not (
        lessens(low)
        or any(lessens(unit.low) for unit in claim.units)
        or not OPPOSITES.keys().isdisjoint(claim.own)
        or not EXCLUSIVE.isdisjoint(claim.reading.words)
        or "indicat" in low
    ):
        return ""
    if _LISTED_BEFORE.search(low):
        return ""
    return (
        _advised(claim, question)
        or negated(claim, question)
        or denied_otherwise(claim)
        or _opposed(claim)
        or _reordered(claim, low)
        or weighed(claim)
        or _conditional(claim, low)
        or replaced(claim)
    )


def _answered(answer: str, claim: Claim, asked: Claim) -> str:
    """Whether the extract says the opposite of a yes or a no."""
    if answer == "no" or not asked.support or asked.covered < 0.6 or _SOFT_QUESTION.search(asked.low):
        return ""
    unit = asked.units[0]
    if len(claim.own) > 2 and claim.units and claim.units[0] is not unit:
        return ""
    why = negated(asked, None)
    return f"yes to what the extract denies: {why}" if why else ""


def _advised(claim: Claim, question: Claim | None) -> str:
    """A recommendation against something, or neither for nor against it, that became one."""
    unit = claim.units[0]
    meant = stances(unit.low)
    if meant not in ({"neutral"}, {"against"}):
        return ""
    asked = _EMBEDDED.search(claim.low) or (question is not None and denies(question.low))
    if asked or not is_sentence(unit) or unit.words & _EXCEPTING:
        return ""
    if meant == {"neutral"} and _adopted(claim):
        return "neutral to for"
    if meant == {"against"} and not any(opposites(one) & unit.stems - claim.own for one in claim.own):
        refuses = "against" in stances(claim.low)
        refused = [
            one.stems
            for clause in clauses(unit.low)
            for one in clause.segments
            if any(part.denials for part in clause.segments if not part.kind)
        ]
        against = frozenset[str]().union(*refused)
        for low in _CLAUSE.split(claim.low):
            words = frozenset([one for word in WORD.findall(low) if (one := content(word))]) - ALLOWING
            named = (words - GENERAL) & claim.source.vocabulary
            if len(words - claim.source.vocabulary) * 4 >= len(words):
                continue
            if (
                (len(named) > 1 or (named and claim.low.endswith(".")))
                and (("for" in stances(low)) if refuses else _PERMITS.search(low))
                and not _withheld(low, unit)
                and len(named & against) * 4 >= len(named) * 3
            ):
                return "against to for"
    return ""


def _adopted(claim: Claim) -> bool:
    """Whether a sentence recommends what its source says nothing can be said about, and no sentence near it does."""
    near = [claim.source.units[number] for number in claim.rivals]
    return (
        claim.low.endswith(".")
        and stances(claim.low) == {"for"}
        and words_of(claim.low).isdisjoint(_OPEN)
        and not claim.source.vocabulary.isdisjoint(claim.own - GENERAL)
        and not _withheld(claim.low, claim.units[0])
        and not any("for" in stances(unit.low) for unit in (*claim.units, *near))
    )


def _withheld(low: str, unit: Unit) -> bool:
    """Whether a text denies, or restricts by any word that the sentence does not have."""
    return bool(
        denials(low) - ({"without"} & denials(unit.low))
        or lessened(low) - lessened(unit.low)
        or words_of(low) & _ONCE - unit.words
    )


def _opposed(claim: Claim) -> str:
    """A word whose opposite the source has in its place."""
    unit = claim.units[0]
    turned = [one for one in dict.fromkeys(claim.reading.stems) if not unit.stems.isdisjoint(contraries(one))]
    words = claim.reading.words
    if not turned or not _EITHER_WAY.isdisjoint(words) or words & _EXCEPTING != unit.words & _EXCEPTING:
        return ""
    compared = frozenset([content(match[1]) for match in _COMPARED.finditer(claim.low)])
    for one in turned:
        if one not in compared and not any(one in held.stems for held in claim.units):
            for other in contraries(one):
                if (
                    other in unit.stems
                    and other not in claim.own
                    and (shared := _shared(claim, one, other))
                    and _alike(claim.low, one, unit.low, other)
                    and not _has(claim, one, shared)
                ):
                    return f"{other} to {one}"
    return ""


def _shared(claim: Claim, one: str, other: str) -> frozenset[str]:
    """The words that a word of the statement and its opposite in the source both go with; of words that differ but in
    their prefix, all that stand near."""
    unit = claim.units[0]
    by_prefix = other in prefixed(one)
    if by_prefix and (denies(unit.low) or not _LACKING.isdisjoint(claim.own ^ unit.stems)):
        return frozenset()
    if other in OPPOSITES.get(one, ()):
        return together(claim.low, one, unit.low, other)
    if not TURNING.isdisjoint(claim.own - unit.stems):
        return frozenset()
    return beside(claim.reading.stems, one) & beside(unit.order, other)


def _has(claim: Claim, one: str, shared: frozenset[str]) -> bool:
    """Whether another sentence with many of the statement's words has the word beside the same ones."""
    least = len(claim.own & claim.units[0].stems) / 2
    return any(
        one in unit.stems and len(claim.own & unit.stems) >= least and shared & beside(unit.order, one)
        for unit in claim.source.units
    )


def _alike(low: str, one: str, source: str, other: str) -> bool:
    """Whether two words stand in clauses that deny as often, but for what the words themselves deny."""
    mine, theirs = _denials(low, one), _denials(source, other)
    return any(
        count == times and (kind == of or (kind in ("", "who") and of != "unless"))
        for kind, count in mine
        for of, times in theirs
    )


def _denials(low: str, stemmed: str) -> list[tuple[str, int]]:
    """The kind of each segment that holds a word, and how often it denies, besides the word."""
    return [
        (one.kind, one.denials - (stemmed not in one.stems))
        for clause in clauses(low)
        for one in clause.segments
        if stemmed in one.words and (stemmed in one.near or stemmed not in one.stems or not one.denials)
    ]


def _reordered(claim: Claim, low: str) -> str:
    """Something said to come before what it comes after, or the other way round; "not before" is no "before"."""
    words = claim.reading.words
    for pattern, opposite, mine, other in (
        (_BEFORE_IT, _AFTER_IT, _BEFORE, _AFTER),
        (_AFTER_IT, _BEFORE_IT, _AFTER, _BEFORE),
    ):
        if words & mine and not words & other:
            units = [unit for unit in claim.units if not unit.words & mine and denies(unit.low) == denies(low)]
            meant = [stems_in(match[1]) for unit in units for match in opposite.finditer(unit.low)]
            for match in pattern.finditer(low):
                # "B after 4 weeks of A" is "4 weeks of A before B".
                if not any(map(str.isdigit, match[1])) and any(stems_in(match[1]) & one for one in meant):
                    return "order reversed"
    return ""


def _conditional(claim: Claim, low: str) -> str:
    """A condition made of what the source says does not matter."""
    immaterial = _immaterial(claim.units[0].low)
    if not immaterial or _REGARDLESS.search(low):
        return ""
    required = frozenset[str]().union(*[stems_in(match[1]) for match in _ONLY_IF.finditer(low)])
    return "" if required.isdisjoint(immaterial) else "what does not matter made a condition"


@lru_cache(maxsize=4096)
def _immaterial(low: str) -> frozenset[str]:
    """The words of what a text says does not matter."""
    return frozenset[str]().union(*[stems_in(match[1]) for match in _REGARDLESS.finditer(low)]) - GENERAL
