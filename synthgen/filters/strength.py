"""How strongly something is recommended, and on what evidence."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import zip_longest
from typing import Any

from synthgen.claims.alignment import Claim, Claims, claims_of, closest
from synthgen.claims.findings import finding, verdict
from synthgen.claims.general import GENERAL
from synthgen.claims.grades import graded_otherwise, only_grades, regraded
from synthgen.claims.modality import COUNTED, DUTY, FORCE, OFFERED, OPTION, SCALED, SCALES, Placed, placed
from synthgen.claims.otherwise import urged_otherwise
from synthgen.claims.source import Source
from synthgen.claims.statements import Statement
from synthgen.claims.words import WORD, content, stem, table
from synthgen.data import Extract, Record, Verdict
from synthgen.filters.base import Filter

_MUST = re.compile(r"\b(?:mandatory|compulsory|obligatory|imperative|(?:is|are|be) (?:always )?required)\b")
_BINDING = table("mandatory compulsory obligatory imperative required")
_DUTY = re.compile(
    r"\b(?:must|should|shall|mandat\w*|requir\w*|compulsory|obligatory|imperative|essential|necessary|need\w*"
    r"|ha(?:s|ve) to|important|critical|crucial|always|ensure)\b"
)
_COMPARING = re.compile(r"\bthe same\b(?! (?:patients?|person|time|day|drug|dose|class|way|as\b))")
_ANY_DEED = frozenset(
    map(stem, table("administer give take receive use try offer start treat perform follow do prescribe"))
)
"""Stems of verbs that may stand for any other."""
_DEEDLESS = table("mandatory required compulsory obligatory imperative essential")
_POLES = table("always never")
_WEIGHED = table("consider considered option optional")
_CHOICE = table("may might could optional optionally")
"""Options that no fact is worded by."""

MAX_LISTED = 400
"""Characters behind the last label of a table that are its list."""

CLEAR, MANY = 0.8, 6
"""Share of its words, and words, by which a statement of general English is known to be about its sentence."""

MIN_SHARED = 2
"""Neighbours that two words must share to stand in the same place."""

SLACK = 1
"""How many fewer of them another word may share that may as well be meant."""

_GRADE_FIRST = re.compile(r"\W*(?:strong|weak|conditional|grade|level|category)\b")
_CAUTION = re.compile(r"\bcautio\w*|\bcareful\w*|\bwith (?:\w+ )?care\b")
_AVOID = re.compile(
    r"\b(?:avoid\w*|contraindicat\w*|not (?:\w+ )?recommended|(?:should|must|do|may) (?:not|never)|must never|never)\b"
)
_AVOIDING = ("avoid", "contraindicat", "not", "never")
"""Of which each of these has one."""
_LABEL = re.compile(
    r"\b(?:(?P<ban>contraindications\b:?)|(?P<care>(?:pre)?cautions?:)|(?:adverse|side|therapeutic) effects\b"
    r"|indications\b|(?:drug|food) interactions\b|dos(?:age|ing)\b)"
)
"""What stands above the lists of a drug's table."""
_NO_BAN = re.compile(r"\bnot (?:an? )?contraindicat\w*")
_PERMITS = re.compile(
    r"\b(?:may|can|could)(?: (?:safely|still|also|be))* (?:receive|take|use|have|start|continue|get|given|used|taken"
    r"|started|continued|administered|prescribed|performed|done|considered|offered|tried|repeated)\b"
    r"|\bis (?:safe|allowed|permitted|acceptable)\b"
)
_NOT = re.compile(r"\b(?:not|no|never|cannot|against|avoid|without|none|neither|nor|only|unless)\b")


class Strength(Filter):
    """Rejects `grade_changed` and `strength_changed`.

    A grade is a strength, a quality of evidence, a letter or a level that the sentence behind a statement does not
    have, or the one behind what is said before. Strength is a must or a should for a may, a may for a should, a caution
    for a ban, a ban for a caution; "always" for "usually".
    """

    name = "strength"
    codes = {
        "strength_changed": "it recommends more or less strongly than the extract",
        "grade_changed": "it gives another grade of evidence or recommendation",
    }
    order = 60

    def check(self, record: Record, extract: Extract) -> Verdict:
        return verdict(self.name, "strength_changed", _found(claims_of(record, extract)))


def _found(claims: Claims) -> Iterator[Mapping[str, Any]]:
    before: tuple[Statement, Claim] | None = None
    for statement, claim, asked in claims.made("vignette", "option", "question"):
        change = None
        if only_grades(claim):
            if before and before[0].question == statement.question and before[0].role == statement.role:
                change = _of_before(claim, before[1])
        elif not claim.verbatim and claim.support and claim.covered >= 0.5:
            change = _changed(claim) if claim.special or (asked and asked.special) or _clear(claim) else None
        if change:
            yield finding(statement, claim, code=change[0], why=change[1])
        before = statement, claim


def _clear(claim: Claim) -> bool:
    """Whether a statement that names nothing special is about its sentence all the same, and explains no grade."""
    return claim.first > CLEAR and len(claim.own) >= MANY and not _GRADE_FIRST.match(claim.low)


def _of_before(claim: Claim, before: Claim) -> tuple[str, str] | None:
    why = "" if _COMPARING.search(claim.low) else graded_otherwise(claim, before)
    return ("grade_changed", why) if why else None


@lru_cache(maxsize=1 << 13)
def _changed(claim: Claim) -> tuple[str, str] | None:
    """The code and the change of a statement's grade or strength."""
    # A statement that compares ("the same criteria but grade B") says less than it needs to be looked up.
    if "the same" in claim.low and _COMPARING.search(claim.low):
        return None
    if why := regraded(claim):
        return "grade_changed", why
    return _restrengthened(claim)


def _restrengthened(claim: Claim) -> tuple[str, str] | None:
    why = _raised(claim) or _cautioned(claim) if claim.first > 0.7 else ""
    why = why or urged_otherwise(claim) or _other_label(claim)
    why = why or (_otherwise_placed(claim) if claim.first > 0.5 else "")
    return ("strength_changed", why) if why else None


def _raised(claim: Claim) -> str:
    """A duty, in words that mean nothing else, in the place of an option."""
    if (
        _BINDING.isdisjoint(claim.reading.words)
        or not _MUST.search(claim.low)
        or OFFERED.search(claim.low)
        or not OFFERED.search(claim.units[0].low)
    ):
        return ""
    around = [claim.source.units[number].low for number in (*claim.support, *claim.rivals)]
    return "" if any(map(_DUTY.search, around)) else "raised to must"


def _other_label(claim: Claim) -> str:
    """A caution in the place of a ban, or the other way round, where a table lists both under labels."""
    listed = [both for unit in claim.units if all(both := _labelled(unit.low))]
    if not listed:
        return ""
    bans, warns = _avoids(claim.low), bool(_CAUTION.search(claim.low))
    if bans != warns:
        for banned, warned in listed:
            mine, other = (banned, warned) if bans else (warned, banned)
            if claim.own & (other - mine) and not claim.own & mine:
                return "raised to ban" if bans else "lowered to caution"
    return ""


@lru_cache(maxsize=4096)
def _labelled(low: str) -> tuple[frozenset[str], frozenset[str]]:
    """The stems of what a table lists under its labels of contraindications, and of cautions."""
    found: dict[bool, frozenset[str]] = {True: frozenset(), False: frozenset()}
    labels = list(_LABEL.finditer(low))
    for label, following in zip_longest(labels, labels[1:]):
        if label["ban"] or label["care"]:
            listed = low[label.end() : following.start() if following else label.end() + MAX_LISTED]
            # What tells what must be done may be a ban, whatever stands above it.
            stems = () if label["care"] and _DUTY.search(listed) else map(content, WORD.findall(listed))
            found[bool(label["ban"])] |= frozenset(stems) - GENERAL - {""}
    return found[True], found[False]


def _avoids(low: str) -> bool:
    return any(map(low.__contains__, _AVOIDING)) and _AVOID.search(low) is not None


def _cautioned(claim: Claim) -> str:
    """A caution in the place of a ban, or a ban in the place of a caution, or an option in the place of a ban."""
    low, first = claim.low, claim.units[0].low
    banned, bans = _avoids(first), _avoids(low) and _avoids(_NO_BAN.sub(" ", low))
    if not banned and not bans:
        return ""
    around = " ".join(claim.source.units[one].low for one in {*claim.support, *claim.rivals})
    near = " ".join(claim.source.units[one].low for one in closest(claim))
    if banned and not bans and _CAUTION.search(low) and not _CAUTION.search(around):
        return "lowered to caution"
    if bans and not _CAUTION.search(low) and _CAUTION.search(first) and not _avoids(near):
        return "raised to ban"
    if (
        banned
        and not bans
        and _PERMITS.search(low)
        and not (_NOT.search(low) or OFFERED.search(around) or _PERMITS.search(first))
    ):
        return "ban lowered to may"
    return ""


def _otherwise_placed(claim: Claim) -> str:
    """A word of force, frequency, extent or share where the sentences have another one in the same place."""
    for scale in SCALES if not SCALED.isdisjoint(claim.reading.words) else ():
        for said in placed(claim.low, scale):
            meant = _in_its_place(said, claim, scale)
            known = said.place in {one.place for one in meant} or _has(claim.source, said, scale)
            # Of opposite deeds, "always" and "never" say the same.
            poles = meant and {meant[0].word, said.word} == _POLES
            if (
                meant
                and not known
                and not poles
                and (scale not in COUNTED or said.denied == meant[0].denied)
                and (scale != FORCE or _other_force(said, meant))
            ):
                return f"another {scale}: {meant[0].word} to {said.word}"
    return ""


def _in_its_place(said: Placed, claim: Claim, scale: str) -> list[Placed]:
    """The words of the scale that have most of the same neighbours, or nearly, best first; none if they are few."""
    numbers = dict.fromkeys((*claim.support, *claim.rivals))
    found = [one for number in numbers for one in placed(claim.source.units[number].low, scale)]
    shared = [(said.beside(one), -at) for at, one in enumerate(found)]
    most = max(shared, default=(0, 0))[0]
    if most < MIN_SHARED:
        return []
    return [found[-at] for count, at in sorted(shared, reverse=True) if count >= most - SLACK]


def _has(source: Source, said: Placed, scale: str) -> bool:
    """Whether any sentence has a word of the same place on a scale among the same neighbours."""
    return any(
        one.place == said.place and said.beside(one) >= MIN_SHARED
        for unit in source.units
        for one in placed(unit.low, scale)
    )


def _other_force(said: Placed, meant: list[Placed]) -> bool:
    """Whether a duty stands for an option, or an option for a duty or advice about the same deed of the same thing."""
    if said.denied or any(one.denied for one in meant):
        return False
    places, best = [one.place for one in meant], meant[0]
    deed = any(deed in best.behind or deed in _ANY_DEED for deed in said.behind[:1])
    if said.place == DUTY:
        # Plain language says "must" for much that a text words as "may", but not for what it only considers.
        weighed = said.word != "must" or any(one.word in _WEIGHED for one in meant)
        return max(places) == OPTION and weighed and (deed or said.word in _DEEDLESS)
    return (
        said.place == OPTION < min(places)
        and said.word in _CHOICE
        and not frozenset(said.before).isdisjoint(best.before)
        and deed
    )
