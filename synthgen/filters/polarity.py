"""Negations that came or went, and words that became their opposite."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

from synthgen.claims.alignment import Claim, claims_of
from synthgen.claims.findings import finding, verdict
from synthgen.claims.general import GENERAL
from synthgen.claims.negation import CONNECTORS, GRADE, HARD, NEGATOR, compensations, plain, scopes, stances, turns
from synthgen.claims.opposites import OPPOSITES, prefixed
from synthgen.claims.source import Unit
from synthgen.claims.words import FUNCTION, WORD, stem, words_of
from synthgen.data import Extract, Record, Verdict
from synthgen.filters.base import Filter

_NO_CLAIM = ("if ", "when ", "she ", "he ", "his ", "her ", "there ")
"""How a condition begins, and what is said of the patient of a vignette."""

_SAFE = re.compile(r"\bsafe (?:in|for|with|during|to)\b|\bharmless\b")
_UNSAFE = re.compile(r"\b(?:contraindicat\w*|avoid\w*|should not|must not|caution\w*|unsafe)\b")
_EXCEPTION = re.compile(r"\b(?:unless|except(?: for)?|excluding|other than)\b([^.;]{3,80})")
_BEFORE = frozenset(("before", "prior", "preceding", "beforehand", "ahead"))
_AFTER = frozenset(("after", "following", "afterward", "afterwards"))
_LATER = frozenset(("later", "post", "follows", "onward", "then", "next"))
_BEFORE_IT = re.compile(r"\b(?:before|prior to|ahead of) ((?:\w+ ){0,2}\w+)")
_AFTER_IT = re.compile(r"\b(?:after|following) ((?:\w+ ){0,2}\w+)")
_YES_NO = re.compile(r"[\s*_|-]*(?:(?:a|answer)[.:][\s*_]*)?(yes|no)\b[.,;:!]")
_SOFT_QUESTION = re.compile(
    r"\b(?:not|no|never|without|against|avoid\w*|contraindicat\w*|withh\w+|stop\w*|except\w*|exclud\w*|unless|only"
    r"|limit\w*|differ\w*|alone|same|still|enough|insufficient|unclear)\b"
)


class Polarity(Filter):
    """Rejects `negation_changed`: a negation, an exception or a warning of the extract that a statement turns round, a
    negation that it adds, a word in the place of its opposite, a yes where the extract says no, an order reversed.

    A statement is let pass where any word of it may say the extract's negation in another way.
    """

    name = "polarity"
    codes = {"negation_changed": "it says yes where the extract says no, or the other way round"}
    order = 60

    def check(self, record: Record, extract: Extract) -> Verdict:
        found = (
            finding(statement, claim, why=why)
            for statement, claim, asked in claims_of(record, extract).made("vignette", "option", "question")
            if not claim.verbatim and (why := _changed(claim, asked))
        )
        return verdict(self.name, "negation_changed", found)


def _denied(answer: str, asked: Claim) -> str:
    """Whether the extract says the opposite of a yes or a no."""
    if not asked.support or asked.covered < 0.6 or _SOFT_QUESTION.search(asked.low):
        return ""
    unit = asked.units[0]
    own = {word.stem for word in asked.words}
    if answer == "yes":
        if not stances(unit.low) & {"for"} and stances(unit.low):
            return "yes to what the extract does not say"
        low = unit.low
        for scope in map(frozenset, scopes(low)):
            if len(scope & own) >= 2 and len(scope & own) * 3 >= len(scope) * 2:
                return "yes to what the extract denies"
        for match in _EXCEPTION.finditer(low):
            scope = frozenset(stem(word) for word in WORD.findall(match[1]) if word not in FUNCTION)
            if scope and len(scope & own) * 2 > len(scope):
                return "yes to an exception"
    return ""


@lru_cache(maxsize=1 << 13)
def _changed(claim: Claim, question: Claim | None) -> str:
    """How the sense of the statement was turned round; empty where it was not."""
    answer = _YES_NO.match(claim.low)
    if answer and question is not None:
        return _denied(answer[1], question)
    if not claim.support or claim.covered < 0.5 or len(claim.words) < 2:
        return ""
    if not claim.special and not (question and question.special):
        return ""
    if not _may_turn(claim):
        return ""
    low, asked = GRADE.sub(" ", claim.low), question.low if question else ""
    return (
        _turned(claim, low, asked)
        or _dropped(claim, low, asked)
        or _added(claim, low)
        or _opposed(claim, low)
        or _reordered(claim, low)
    )


def _may_turn(claim: Claim) -> bool:
    """Whether the statement or its source holds any word that the checks look at."""
    return (
        turns(claim.low)
        or any(turns(unit.low) for unit in claim.units)
        or not OPPOSITES.keys().isdisjoint([word.stem for word in claim.words])
        or bool(words_of(claim.low) & (_BEFORE | _AFTER))
    )


def _compensated(low: str, asked: str, unit: Unit) -> bool:
    """Whether the statement, or its question, has a word that may say the source's negation in another way."""
    return bool(
        (compensations(low) | compensations(asked)) - words_of(unit.low)
        or (compensations(low) | compensations(asked)) & HARD
    )


def _turned(claim: Claim, low: str, asked: str) -> str:
    """A recommendation for something that became one against it, or neither."""
    units = claim.units
    said, meant = stances(low), frozenset[str]().union(*(stances(unit.low) for unit in units))
    first = stances(units[0].low)
    meant_so = any("against" in stances(unit.low) for unit in units)
    if "against" in said and first == {"neutral"} and (claim.first > 0.8 or not meant_so):
        return "neutral to against"
    if len(said) != 1 or not meant or said & meant:
        return ""
    if "for" in said:
        turned = not _compensated(low, asked, units[0]) and not (compensations(low) | compensations(asked)) & CONNECTORS
    else:
        turned = "for" not in meant or not any(compensations(unit.low) - words_of(low) for unit in units)
    return f"{'/'.join(sorted(meant))} to {'/'.join(sorted(said))}" if turned else ""


def _dropped(claim: Claim, low: str, asked: str) -> str:
    """A negation or an exception of the source whose words the statement has without it."""
    own = {word.stem for word in claim.words}
    if "neutral" in stances(low):
        return ""
    pairs = set(pairwise([word.stem for word in claim.words]))
    for unit in claim.units:
        if _compensated(low, asked, unit) or len(own & unit.stems) * 2 < len(own):
            continue
        for scope in scopes(unit.low):
            hits = len(own.intersection(scope))
            mostly = (hits * 5 >= len(scope) * 3 and hits * 5 >= len(own) * 2) or hits * 5 >= len(own) * 3
            if ((hits >= 2 and mostly) or scope[:2] in pairs) and not _said_elsewhere(claim, own, scope, hits):
                return "negation dropped"
        if not (compensations(low) | compensations(asked)) & CONNECTORS:
            for match in _EXCEPTION.finditer(unit.low):
                excepted = frozenset(stem(word) for word in WORD.findall(match[1]) if word not in FUNCTION)
                if excepted and len(excepted & own) * 2 > len(excepted):
                    return "exception dropped"
    if (
        _SAFE.search(low)
        and any(_UNSAFE.search(unit.low) for unit in claim.units)
        and not _compensated(low, asked, claim.units[0])
    ):
        return "warning turned into its opposite"
    return ""


def _said_elsewhere(claim: Claim, own: set[str], scope: tuple[str, ...], hits: int) -> bool:
    """Whether a sentence that bears the statement as well says the same without a negation."""
    for number in claim.rivals:
        rival = claim.source.units[number]
        if len(own.intersection(scope) & rival.stems) >= hits and not compensations(rival.low) & CONNECTORS:
            return True
    return False


def _added(claim: Claim, low: str) -> str:
    """A negation of words that no sentence behind the statement negates."""
    if low.lstrip("*-| ").startswith(_NO_CLAIM):
        return ""
    known = words_of(low)
    for scope in scopes(plain(low).replace(" against ", " ").replace("without", " "), True):
        special = frozenset(scope) - GENERAL
        if not special or claim.covered < 0.8:
            continue
        bearing = [unit for unit in claim.units if special <= unit.stems]
        if (
            bearing
            and scope[0] in bearing[0].stems
            and not any(NEGATOR.search(plain(unit.low)) for unit in claim.units)
            and not any(compensations(unit.low) - known for unit in bearing)
        ):
            return "negation added"
    return ""


def _opposed(claim: Claim, low: str) -> str:
    """A word whose opposite the source has in its place."""
    unit = claim.units[0]
    if bool(NEGATOR.search(plain(low))) != bool(NEGATOR.search(unit.low)) or "anything but" in low:
        return ""
    own = {word.stem for word in claim.words}
    for word in claim.words:
        if not any(word.stem in held.stems for held in claim.units):
            for other in prefixed(word.text.lower()):
                if other in unit.stems and other not in own:
                    return f"{other} to {word.stem}"
    for one in sorted(own & OPPOSITES.keys()):
        if not any(one in held.stems for held in claim.units):
            for other in OPPOSITES[one]:
                if other in unit.stems and other not in own:
                    return f"{other} to {one}"
    return ""


def _reordered(claim: Claim, low: str) -> str:
    """Something said to come before what it comes after, or the other way round."""
    words, unit = words_of(low), claim.units[0]
    everywhere = frozenset[str]().union(*(words_of(unit.low) | unit.near for unit in claim.units))
    for pattern, mine, other in ((_BEFORE_IT, _BEFORE, _AFTER), (_AFTER_IT, _AFTER, _BEFORE)):
        if not words & mine or everywhere & (mine | _LATER) or words & other:
            continue
        if (words_of(unit.low) | unit.near) & other:
            for match in pattern.finditer(low):
                objects = {stem(word) for word in WORD.findall(match[1]) if word not in FUNCTION}
                if objects & (unit.stems | unit.context):
                    return "order reversed"
    return ""
