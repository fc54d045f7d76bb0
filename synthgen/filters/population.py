"""Whom a statement is about: sex, age, pregnancy, severity, course, body site, setting, and everyone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache, partial

from synthgen.claims.alignment import Claim, claims_of
from synthgen.claims.findings import finding, verdict
from synthgen.claims.general import GENERAL
from synthgen.claims.intruders import other_condition
from synthgen.claims.pairing import crossed
from synthgen.claims.words import WORD, content, stem
from synthgen.data import Extract, Record, Verdict
from synthgen.filters.base import Filter

_CLASSES = """
    sex: woman women female females girl girls | man men male males boy boys
    age: infant infants neonate neonates neonatal newborn newborns baby babies toddler toddlers
        | child children pediatric paediatric boy girl boys girls childhood kids
        | adolescent adolescents teen teens teenager teenagers youth youths
        | adult adults adulthood | elderly geriatric seniors
    severity: mild mildly | moderate moderately | severe severely serious
    course: acute acutely | chronic chronically
    time: presurgical preoperative preoperatively | postsurgical postoperative postoperatively
    site: hip hips | knee knees | shoulder shoulders | elbow | wrist | ankle | foot | neck cervical | back lumbar
        | hand | spine
    side: left | right
    setting: inpatient inpatients hospitalized hospitalised | outpatient outpatients ambulatory
    order: primary | secondary
    function: systolic | diastolic
    complexity: complicated | uncomplicated
"""


def _table() -> Mapping[str, tuple[tuple[str, int], ...]]:
    """The classes that a word belongs to, and its place in each."""
    found: dict[str, tuple[tuple[str, int], ...]] = {}
    for line in _CLASSES.replace("\n        |", " |").strip().splitlines():
        name, _, rest = line.partition(":")
        for number, group in enumerate(rest.split("|")):
            for word in group.split():
                found[word] = (*found.get(word, ()), (name.strip(), number))
    return found


_VALUES = _table()
_DEGREES = frozenset(("mild", "mildly", "moderate", "moderately", "severe", "severely"))
_DEGREE = re.compile(r"\b(mild|moderate|severe) (\w+)")
_ANY_AGE = re.compile(r"\b(?:all|any|every) age(?: group)?s?\b|\b(?:regardless|irrespective) of age\b")
_ONE_AGE = re.compile(
    r"\b(?:younger|older) than (?:\w+ )?\d|\bage[ds]? (?:\w+ ){0,2}\d|\b\d+ (?:years?|months?)(?: of age| old)\b"
    r"|\b(?:under|over|below|above) (?:the )?age (?:of )?\d"
)
_UNIVERSAL = re.compile(r"\b(?:all|every|any|each|everyone|anyone|regardless|universal\w*|irrespective)\b")
_NOVEL = {
    **dict.fromkeys(("infant", "infants", "neonates", "newborns", "babies", "baby"), "infant"),
    **dict.fromkeys(("child", "children", "pediatric"), "child"),
    **dict.fromkeys(("adolescents", "adolescent", "teens", "teenagers"), "teen"),
    **dict.fromkeys(("pregnant", "pregnancy", "breastfeeding", "lactating"), "pregnant"),
    **dict.fromkeys(("elderly", "geriatric", "older-adults"), "old"),
}
_KIN = {
    "infant": re.compile(r"\b(?:infan|neonat|newborn|months?|bab(?:y|ies)|birth)"),
    "child": re.compile(
        r"\b(?:child|pediatric|paediatric|infan|adolescen|boy|girl|months|school|(?:[1-9]|1[0-7])(?: years|-year|–1\d))"
    ),
    "teen": re.compile(r"\b(?:adolescen|teen|1[0-9](?: years|-year| to|–)|child|youth)"),
    "pregnant": re.compile(
        r"\b(?:pregnan|lactat|breast-?fe|f(?:o)?etus|f(?:o)?etal|birth|gestation|teratogen|contracep|matern"
        r"|nursing|conce(?:ive|ption))"
    ),
    "old": re.compile(r"\b(?:elder|geriatric|older|age[ds]?|[6-9]\d years)"),
}
_AGES = re.compile(r"\b(?:ages?|aged|years?)\b")
_PEOPLE = r"(?:adults|children|women|men|infants|adolescents)"
_ONLY = re.compile(rf"\bonly (?:\w+ )?{_PEOPLE}\b|\b{_PEOPLE} only\b")
_LIMITED = re.compile(
    r"\b(?:only|solely|limit\w*|restrict\w*|reserv\w*|except|unless|if|other than|exclud\w*|no other|alone|specific)\b"
)
_NOT_ALL = re.compile(r"\b(?:no|not)\b[^.]{0,20}\b(?:all|every|any)\b")
_OLDER = re.compile(r"\b(?:older|elder\w*|geriatric)\b")
_MONTHS = re.compile(r"\bmonths?\b")
_WHO = re.compile(
    r"\b(?:(?:all|every|any|each) (?:(?!\d)\w+ )?(?:patients?|people|persons?|adults?|children|women|men"
    r"|individuals?|clients?|infants?|adolescents?|users?)|everyone|anyone)\b"
)
_RESTRICTED = re.compile(
    r"\b(?:at (?:\w+ )?(?:increased |high |higher |elevated )?risk|with|who|whose|in whom|undergoing|receiving"
    r"|unable|diagnosed|suspected|aged|older|younger|years)\b((?:[ -]\w+){0,5})"
)


class Population(Filter):
    """Rejects `population_changed`: people of whom the extract says nothing, a group in the place of another one of its
    class, everyone in the place of some, and some in the place of everyone."""

    name = "population"
    codes = {"population_changed": "it speaks of other people than the extract"}
    order = 60

    def check(self, record: Record, extract: Extract) -> Verdict:
        title = " ".join((extract.title, *extract.headings)).lower()
        found = (
            finding(statement, claim, why=why)
            for statement, claim, asked in claims_of(record, extract).reworded("vignette", "option", "key", "question")
            if claim.support and claim.covered >= 0.5 and (why := _changed(claim, asked.low if asked else "", title))
        )
        return verdict(self.name, "population_changed", found)


@lru_cache(maxsize=8192)
def _groups(low: str) -> Mapping[str, frozenset[int]]:
    found: dict[str, set[int]] = {}
    for word in WORD.findall(low):
        for name, number in _VALUES.get(word, ()):
            found.setdefault(name, set()).add(number)
    return {name: frozenset(numbers) for name, numbers in found.items()}


@lru_cache(maxsize=1 << 13)
def _changed(claim: Claim, asked: str, title: str) -> str:
    """How the people that the statement is about were changed; empty where they were not."""
    return (
        _new(claim)
        or _swapped(claim, asked, title)
        or _crossed(claim)
        or _added(claim, asked)
        or _widened(claim)
        or other_condition(claim)
    )


def _new(claim: Claim) -> str:
    """People of whom the extract says nothing."""
    for word in claim.novel:
        kind = _NOVEL.get(word.text.lower())
        if kind and not _KIN[kind].search(claim.source.low):
            return f"new: {word.text.lower()}"
    return ""


def _swapped(claim: Claim, asked: str, title: str) -> str:
    """A group in the place of another one of its class."""
    first = claim.units[0]
    source = claim.source
    around = {*claim.rivals, claim.support[0]}
    for name, values in _groups(claim.low).items():
        if name == "age" and (_MONTHS.search(first.low) or _AGES.search(claim.low) or _OLDER.search(first.low)):
            continue
        known = _union([source.units[one].low for one in around], name)
        if not known:
            known = _union([" ".join(sorted(source.near(one) | source.units[one].context)) for one in around], name)
        outer = _union([title], name)
        dropped = _union([first.low], name) - values - _union([asked], name)
        if values - known - (outer if len(outer) == 1 else frozenset()) and dropped:
            return name
    return ""


def _crossed(claim: Claim) -> str:
    """A number that the extract gives to another group of the same class."""
    classes = _groups(claim.low) if claim.reading.numbers else ()
    return next((found for name in classes if (found := crossed(claim, partial(_of_class, name)))), "")


@lru_cache(maxsize=8192)
def _of_class(name: str, text: str) -> frozenset[str]:
    """The stems of the groups of one class that a text names."""
    words = WORD.findall(text.lower())
    return frozenset([stem(word) for word in words if any(name == one for one, _ in _VALUES.get(word, ()))])


def _added(claim: Claim, asked: str) -> str:
    """A severity that the extract does not speak of here."""
    bearing = (*claim.support, *claim.rivals)
    for match in _DEGREE.finditer(claim.low):
        noun = stem(match[2])
        if (
            noun not in GENERAL
            and match[1] not in asked
            and any(noun in claim.source.units[one].stems for one in bearing)
            and not any(claim.source.near(one) & _DEGREES for one in bearing)
        ):
            return f"added: {match[1]}"
    return ""


def _union(texts: Iterable[str], name: str) -> frozenset[int]:
    return frozenset[int]().union(*(_groups(text).get(name, frozenset()) for text in texts))


def _widened(claim: Claim) -> str:
    """Everyone in the place of some, or some in the place of everyone."""
    around = [claim.source.units[number].low for number in (*claim.rivals, *claim.support)]
    if _ONLY.search(claim.low) and not any(_LIMITED.search(low) for low in around):
        return "narrowed"
    if _ANY_AGE.search(claim.units[0].low) and _ONE_AGE.search(claim.low) and not _ANY_AGE.search(claim.low):
        return "one age for all"
    first = claim.units[0].low
    everyone = _WHO.search(claim.low) and not any(_UNIVERSAL.search(low) for low in around)
    if everyone and claim.covered > 0.6 and not _NOT_ALL.search(claim.low):
        restrictions = [frozenset(map(content, WORD.findall(one[1]))) for one in _RESTRICTED.finditer(first)]
        if restrictions and claim.own.isdisjoint(frozenset[str]().union(*restrictions)):
            return "everyone"
    return ""
