"""Grades of recommendations and of evidence: which ones a text names, and which ones the extract gives."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from synthgen.claims.alignment import Claim, closest
from synthgen.claims.general import is_general
from synthgen.claims.source import Source
from synthgen.claims.words import stem, table, words_of

_ROMAN = r"i{1,3}[abcd]?|iv"
_LETTER = rf"(?:[abcd][+-]?|{_ROMAN}|eo|gpp|[1-5][abc+-]?(?![\d.]))"
_GRADES: Mapping[str, re.Pattern[str]] = {
    "strength": re.compile(
        r"\b(?P<a>strong|weak|conditional|discretionary)(?:ly)?(?: (?:recommendation )?(?:for|against)\b"
        r"| ?recommendation|[;,)] |\W{1,3}\Z)"
        r"|\b(?:strong|weak|conditional)\b(?=\W{0,4}(?:\||\Z))"
        r"|\b(?P<d>strong|weak|conditional) one\b"
        r"|\brecommendation\W{1,4}(?:is |was |rated |graded )?(?:as )?(?P<b>strong|weak|conditional)\b"
        r"|\b(?P<c>strongly|weakly) (?:recommend|suggest|advis|so\b)"
    ),
    "evidence": re.compile(
        r"\b(?P<a>very[ -]low|low|moderate|high)[ -](?:quality|certainty|strength|level|grade)[ -](?:of )?evidence"
        r"|\b(?P<b>very[ -]low|low|moderate|high|strong|weak|insufficient|limited|good|some|fair|poor|robust"
        r"|little) evidence\b"
        r"|\b(?:quality|certainty|strength|level) of (?:the )?evidence\W{1,3}(?:is |was |rated "
        r"|as )*(?P<c>very low|low|moderate|high)\b"
        r"|\bevidence [^.;]{0,40}?(?:was|is) rated (?:as )?(?P<d>very low|low|moderate|high)\b"
    ),
    "letter": re.compile(
        rf"[(\[] ?[*_]*(?:grades?:? ?(?:[1-5][abc+-]?)?|)(?P<a>[abcd][+-]?|{_ROMAN}|[1-5][abc]|eo|gpp)[*_]* ?[)\]]"
        rf"|\bgraded?:?(?: as| of| is)? (?P<b>{_LETTER})\b(?! (?:recommend)?[a-z]* ?(?:and|or) )|\b(?P<c>[abcd]|eo"
        rf"|i{{1,3}}) grade\b|\bgrade (?:is|was) (?P<d>{_LETTER})\b"
        rf"|\b(?<=and )(?:an? )?(?P<e>[bcd]|eo|i{{1,3}})(?: grade)? for\b"
        rf"|\b(?:level|class|category)(?: of evidence)?:? (?P<f>[1-5][abc]?|{_ROMAN}|[abcd])\b"
    ),
}
_SAME_GRADE: Mapping[str, str] = {
    **dict.fromkeys(("strong", "robust"), "high"),
    **dict.fromkeys(("weak", "limited", "poor", "little"), "low"),
    **dict.fromkeys(("some", "fair"), "moderate"),
}
"""Grades of evidence in other words."""
_STRONG, _WEAKLY = re.compile(r"\bstrong\b"), re.compile(r"\bweak\b")
_CUES = table(
    """
    strong strongly weak weakly conditional conditionally discretionary evidence grade grades graded level
    levels class category quality a b c d i ii iii iv eo gpp ia ib ic id iia iib iic iiia iiib iiic 1a 1b 1c 2a 2b 2c
    3a 3b
    """
)
_ABOUT_GRADES = frozenset(
    stem(one)
    for one in (*_CUES, *table("recommendation recommended rated rating one low moderate high very confidence"))
)
_OF_SCALE = re.compile(
    r"\b(?:strong|weak|conditional)\b[^.;]{0,30} recommendations\b"
    r"|\b(?:strong|weak|conditional)\b[^.;]{0,30} recommendation (?:\w+ )?(?:indicat|mean|reflect|denot|impl|signif"
    r"|express|when|if)"
)
"""What tells how recommendations are graded, and grades none."""
_SUPPOSED = re.compile(
    r"\b(?:would|could|if|had)\b|\b(?:low|moderate|high)-? (?:to|or|and) (?:very )?(?:low|moderate|high)"
)
"""What grades nothing: a supposition, or a stretch of a scale."""
_DIRECTION = re.compile(r"\b(?:for|against)\Z")
_BRACKETED = r"[(\[]\s?(?:strong|weak|conditional|[a-di]|i{1,3}[a-d]?|eo)\b[^()\[\]]{0,60}[)\]]"
_REPEATED = re.compile(rf"({_BRACKETED})(?:\W{{0,3}}{_BRACKETED})+\W{{0,3}}\Z")
"""Grades in brackets at the end of a sentence; the first is its own, others stand behind headings or lists after it."""
_ENDING = re.compile(rf"{_BRACKETED}\W{{0,3}}\Z")
MIN_HELD = 0.6
"""Share of a statement's words that the sentence must have whose grade it is compared with."""

MAX_LIST = 10
"""Items of a list behind which the grade of what introduces it may stand."""


def only_grades(claim: Claim) -> bool:
    """Whether a statement is a sentence that only grades what the one before it says."""
    return claim.own <= _ABOUT_GRADES and bool(grades(claim.low))


def regraded(claim: Claim) -> str:
    """The grade that a statement gives in the place of its sentence's; empty if none."""
    given = grades(claim.low)
    if not given or claim.first <= 0.5 or not _is_of(claim) or _supposes(claim.low):
        return ""
    for kind, said in given.items():
        meant = _meant(claim, kind, said)
        words = claim.units[0].words
        # A word of a scale that the sentence has as well is not said of something else.
        known = kind != "letter" and any(words.issuperset(value.split()) for value in said)
        wrong = frozenset([value for value in said if not (known or any(_agree(value, other) for other in meant))])
        # Of several grades, those that the extract has at all may be given to other sentences.
        if meant and wrong and (wrong == said or wrong - _union(claim.source, _all(claim), kind)):
            return f"{kind}: {'/'.join(sorted(meant))} to {'/'.join(sorted(said))}"
    return ""


def _is_of(claim: Claim) -> bool:
    """Whether the best sentence itself, not what stands above it, has most of what the statement says of a thing, words
    that the extract has nowhere among it."""
    said = claim.own - _ABOUT_GRADES
    return len(said & claim.units[0].stems) >= MIN_HELD * len(said)


def graded_otherwise(claim: Claim, before: Claim) -> str:
    """The grade that a statement gives to what the one before it says, where the extract gives that another one."""
    if not before.special or before.first <= 0.7 or _supposes(claim.low):
        return ""
    for kind, said in grades(claim.low).items():
        meant = _meant(before, kind, said) if len(said) == 1 else frozenset[str]()
        if meant and not any(_agree(value, other) for value in said for other in meant):
            return f"{kind}: {'/'.join(sorted(meant))} to {'/'.join(sorted(said))}"
    return ""


def _supposes(low: str) -> bool:
    """Whether a text grades nothing; a grade in brackets at its end is given to what is said, whatever it supposes."""
    return _SUPPOSED.search(low) is not None and _ENDING.search(low) is None


@lru_cache(maxsize=4096)
def grades(low: str) -> Mapping[str, frozenset[str]]:
    """The grades that a text names, by kind of scale."""
    found: dict[str, frozenset[str]] = {}
    if _CUES.isdisjoint(words_of(low)):
        return found
    low = low.replace("*", "").replace("_", "")
    for kind, pattern in _GRADES.items():
        if kind == "strength" and _OF_SCALE.search(low):
            continue
        values = set()
        for match in pattern.finditer(low):
            value = next((group for group in match.groups() if group), "") or match[0]
            value = value.replace("-", " ").removesuffix("ly").strip()
            if kind == "evidence":
                value = _SAME_GRADE.get(value, value)
            values.add(f"{value} {direction[0]}" if (direction := _DIRECTION.search(match[0])) else value)
        if kind == "strength" and values and _STRONG.search(low) and _WEAKLY.search(low):
            values = {"strong", "weak"}
        if values:
            found[kind] = frozenset(values)
    return found


def _all(claim: Claim) -> range:
    return range(len(claim.source.units))


def _meant(claim: Claim, kind: str, said: frozenset[str]) -> frozenset[str]:
    """The grades of the sentences that a statement with some grades may be about."""
    named = {word.stem for word in claim.words if not is_general(word.text)}
    if len(said) > 1:
        return _union(claim.source, _all(claim) if len(named) < 4 else (*claim.rivals, *claim.support), kind)
    near = _union(claim.source, {*closest(claim, _CUES), *_as_near(claim)}, kind)
    # Only a strength stands with one sentence; letters and levels are given to each of the sentences that are joined,
    # and so is the direction of a strength.
    if kind != "letter" and {one.split()[0] for one in near}.isdisjoint(one.split()[0] for one in said):
        return near
    return near | _union(claim.source, claim.support, kind)


def _as_near(claim: Claim) -> list[int]:
    """The numbers of the sentences that have as many of the statement's words as the best one: a question may have led
    to one that is only compared with what the statement is about."""
    said, units = claim.own - _ABOUT_GRADES, claim.source.units
    most = max(1, len(said & claim.units[0].stems))
    return [number for number, unit in enumerate(units) if len(said & unit.stems) >= most]


def _union(source: Source, numbers: Iterable[int], kind: str) -> frozenset[str]:
    """The grades of some sentences; of what follows on its line, or its list, where a sentence has none."""
    return frozenset[str]().union(*[_grades_at(source, one, kind) for one in numbers])


def _grades_at(source: Source, number: int, kind: str) -> frozenset[str]:
    unit = source.units[number]
    found = grades(_REPEATED.sub(r"\1", unit.low)).get(kind) or grades(source.tail(number)).get(kind)
    if not found and unit.text.endswith(":"):
        listed = source.units[number + 1 : number + 1 + MAX_LIST]
        found = next((graded for one in listed if (graded := grades(one.low).get(kind))), None)
    return found or frozenset()


def _agree(said: str, meant: str) -> bool:
    """Whether two grades are one, where either may leave out its direction."""
    return said == meant or said.startswith(f"{meant} ") or meant.startswith(f"{said} ")
