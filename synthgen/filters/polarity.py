"""Negations that came or went, and words that became their opposite."""

from __future__ import annotations

import re
from functools import lru_cache

from synthgen.claims.alignment import Claim, beside, claims_of
from synthgen.claims.findings import finding, verdict
from synthgen.claims.general import GENERAL
from synthgen.claims.negation import (
    CONNECTORS,
    GRADE,
    HARD,
    compensations,
    denied_examples,
    moods,
    refused,
    scopes,
    stances,
    turns,
)
from synthgen.claims.opposites import OPPOSITES, prefixed
from synthgen.claims.source import Unit
from synthgen.claims.words import FUNCTION, WORD, content, stem, words_of
from synthgen.data import Extract, Record, Verdict
from synthgen.filters.base import Filter

_NO_CLAIM = ("if ", "when ", "she ", "he ", "his ", "her ", "there ")
"""How a condition begins, and what is said of the patient of a vignette."""

Places = list[frozenset[str]]
"""For each place of a word, the words around it that may deny it."""

_UNSAID = re.compile(r"\?\Z|\b(?:do|does|did|is|are|was|were|can|may|should|has|have)(?: not|n['’]t)\b\W*(?:[.;,)]|\Z)")
"""A question, and a negation whose verb is left out."""

_SHORT_NO = re.compile(r"\A\W*(?:no, |yes, )?(?:but )?not (?:in|for|with|within|during|on|at|while|if|when)\b")
"""The negation of an answer that leaves out the verb of its question."""

_LISTED_BEFORE = re.compile(r"\bof (?:the|these|those) (?:\d|two|three|four|five)\b,? |\bthe (?:former|latter)\b")
"""What a statement says of a list before it, which alone tells what is meant."""

_NEITHER = re.compile(r"\b(?:neither|nor)\b")
_REGARDLESS = re.compile(
    r"\b(?:regardless of|irrespective of|independent(?:ly)? of|even (?:if|when)|whether or not|whatever"
    r"|with or without) ([^.;,()]{3,60})"
)
_ONLY_IF = re.compile(r"\b(?:if|when|only (?:if|when|in|with)|provided(?: that)?|unless|until) ([^.;,()]{3,60})")
_SAFE = re.compile(r"\bsafe (?:in|for|with|during|to)\b|\bharmless\b")
_UNSAFE = re.compile(r"\b(?:contraindicat\w*|avoid\w*|should not|must not|caution\w*|unsafe)\b")
_EXCEPTION = re.compile(r"\b(?:unless|except(?: for)?|excluding|other than)\b([^.;]{3,80})")
_BEFORE = frozenset(("before", "prior", "preceding", "beforehand", "ahead"))
_AFTER = frozenset(("after", "following", "afterward", "afterwards"))
_LATER = frozenset(("later", "post", "follows", "onward", "then", "next"))
_BEFORE_IT = re.compile(r"\b(?:before|prior to|ahead of) ((?:\w+ ){0,2}\w+)")
_AFTER_IT = re.compile(r"\b(?:after|following) ((?:\w+ ){0,2}\w+)")
_EXCEEDS = re.compile(r"\b((?:\w+ ){1,6})(?:exceeds?|exceeded|outweigh\w*|(?:is|are) greater than) (\w+(?: \w+){0,2})")
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
            for statement, claim, asked in claims_of(record, extract).reworded("vignette", "option", "question")
            if (why := _changed(claim, asked))
        )
        return verdict(self.name, "negation_changed", found)


def _denied(answer: str, asked: Claim) -> str:
    """Whether the extract says the opposite of a yes or a no."""
    if not asked.support or asked.covered < 0.6 or _SOFT_QUESTION.search(asked.low):
        return ""
    unit = asked.units[0]
    own = asked.own
    if answer == "yes":
        if not stances(unit.low) & {"for"} and stances(unit.low):
            return "yes to what the extract does not say"
        if why := _dropped(asked, asked.low, ""):
            return f"yes to what the extract denies: {why}"
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
    if not claim.support or claim.covered < 0.5 or len(claim.reading.stems) < 2:
        return ""
    if not claim.special and not (question and question.special) and (claim.first < 0.9 or len(claim.own) < 3):
        return ""
    if _LISTED_BEFORE.search(claim.low) or not _may_turn(claim):
        return ""
    low, asked = GRADE.sub(" ", claim.low), question.low if question else ""
    return (
        _turned(claim, low, asked)
        or _dropped(claim, low, asked)
        or _added(claim, low)
        or _opposed(claim, low)
        or _reordered(claim, low)
        or _conditional(claim, low)
        or _weighed(claim, low)
    )


def _may_turn(claim: Claim) -> bool:
    """Whether the statement or its source holds any word that the checks look at."""
    return (
        turns(claim.low)
        or any(turns(unit.low) for unit in claim.units)
        or not OPPOSITES.keys().isdisjoint(claim.own)
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
    if said == {"neutral"} and _unknown_before(claim):
        return ""
    if "for" in said:
        turned = not _compensated(low, asked, units[0]) and not (compensations(low) | compensations(asked)) & CONNECTORS
    else:
        turned = "for" not in meant or not any(compensations(unit.low) - words_of(low) for unit in units)
    return f"{'/'.join(sorted(meant))} to {'/'.join(sorted(said))}" if turned else ""


def _unknown_before(claim: Claim) -> bool:
    """Whether a paragraph that bears the statement says, before the sentence that does, that evidence is wanting."""
    source = claim.source
    before = (source.units[one] for number in claim.support for one in range(source.units[number].paragraph, number))
    return any("neutral" in stances(unit.low) for unit in before)


def _dropped(claim: Claim, low: str, asked: str) -> str:
    """A negation or an exception of the source whose words the statement has without it."""
    if "neutral" in stances(low):
        return ""
    own = claim.own
    denied = refused(low).union([one for scope in scopes(asked) for one in scope[:3]])
    for unit in claim.units:
        if len(own & unit.stems) * 2 < len(own):
            continue
        for scope in scopes(unit.low):
            head = scope[0] if scope else ""
            if (
                head in own - denied
                and (len(scope) == 1 or not own.isdisjoint(scope[1:3]))
                and any(_less(one, moods(unit.low).around(head)) for one in moods(low).around(head))
                and not _said_elsewhere(claim, own.intersection(scope))
            ):
                return f"negation dropped: {head}"
        if not (compensations(low) | compensations(asked)) & CONNECTORS and not _compensated(low, asked, unit):
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


def _said_elsewhere(claim: Claim, said: frozenset[str]) -> bool:
    """Whether a sentence that bears the statement as well says the same without a negation."""
    rivals = [claim.source.units[number] for number in claim.rivals]
    return any(said <= rival.stems and not compensations(rival.low) & CONNECTORS for rival in rivals)


def _added(claim: Claim, low: str) -> str:
    """A negation of words that no sentence behind the statement negates."""
    if low.lstrip("*-| ").startswith(_NO_CLAIM) or claim.covered < 0.7 or "neutral" in stances(low):
        return ""
    bearing = [claim.source.units[number] for number in dict.fromkeys((*claim.support, *claim.rivals))]
    for scope in scopes(_SHORT_NO.sub(" ", _NEITHER.sub(" ", low))):
        head = scope[0] if scope else ""
        if len(scope) < 2 or not head.isalpha() or compensations(head):
            continue
        holding = [unit for unit in bearing if not _UNSAID.search(unit.low) and {*scope[:2]} <= unit.stems]
        if any(head in denied_examples(unit.low) for unit in holding):
            continue
        if holding and any(
            all(_more(one, moods(unit.low).around(head)) for unit in holding) for one in moods(low).around(head)
        ):
            return f"negation added: {head}"
    return ""


def _opposed(claim: Claim, low: str) -> str:
    """A word whose opposite the source has in its place."""
    unit = claim.units[0]
    if "anything but" in low:
        return ""
    for one in dict.fromkeys(claim.reading.stems):
        if not any(one in held.stems for held in claim.units):
            for other in (*prefixed(one), *OPPOSITES.get(one, ())):
                if (
                    other in unit.stems
                    and other not in claim.own
                    and beside(claim.reading.stems, one) & beside(unit.order, other)
                    and _alike(moods(low).around(one), moods(unit.low).around(other))
                ):
                    return f"{other} to {one}"
    return ""


def _alike(one: Places, other: Places) -> bool:
    """Whether two words are denied both or neither."""
    return any(mine & HARD == theirs & HARD for mine in one for theirs in other)


def _less(mine: frozenset[str], places: Places) -> bool:
    """Whether every place has a negation that one place lacks, and nothing that could stand for it."""
    return bool(places) and all(theirs > mine and theirs & HARD > mine & HARD for theirs in places)


def _more(mine: frozenset[str], places: Places) -> bool:
    """Whether one place has one negation more than each of some places, and nothing else."""
    return all(mine > theirs and len(mine - theirs) == 1 and mine - theirs <= HARD for theirs in places)


def _conditional(claim: Claim, low: str) -> str:
    """A condition made of what the source says does not matter."""
    required = frozenset[str]().union(*[_stems(match[1]) for match in _ONLY_IF.finditer(low)])
    if required and not _REGARDLESS.search(low):
        for match in _REGARDLESS.finditer(claim.units[0].low):
            if required & _stems(match[1]) - GENERAL:
                return "what does not matter made a condition"
    return ""


def _weighed(claim: Claim, low: str) -> str:
    """Two things of which the other one is said to exceed the one."""
    for match in _EXCEEDS.finditer(low):
        more, less = _stems(match[1]), _stems(match[2])
        for unit in claim.units:
            for one in _EXCEEDS.finditer(unit.low):
                lesser, greater = more & _stems(one[2]), less & _stems(one[1])
                if lesser and greater and lesser != greater:
                    return f"{min(greater)} exceeds {min(lesser)}"
    return ""


def _stems(low: str) -> frozenset[str]:
    return frozenset([stemmed for word in WORD.findall(low) if (stemmed := content(word))])


def _reordered(claim: Claim, low: str) -> str:
    """Something said to come before what it comes after, or the other way round."""
    words, unit = words_of(low), claim.units[0]
    everywhere = frozenset[str]().union(
        *(words_of(claim.source.units[one].low) | claim.source.near(one) for one in claim.support)
    )
    for pattern, mine, other in ((_BEFORE_IT, _BEFORE, _AFTER), (_AFTER_IT, _AFTER, _BEFORE)):
        if not words & mine or everywhere & (mine | _LATER) or words & other:
            continue
        if (words_of(unit.low) | claim.source.near(claim.support[0])) & other:
            for match in pattern.finditer(low):
                objects = {stem(word) for word in WORD.findall(match[1]) if word not in FUNCTION}
                # "B after 4 weeks of A" is "4 weeks of A before B".
                if not any(map(str.isdigit, match[1])) and objects & (unit.stems | unit.context):
                    return "order reversed"
    return ""
