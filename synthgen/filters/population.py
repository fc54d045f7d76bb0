"""Whom a statement is about: sex, age, pregnancy, severity, course, organ, setting, and everyone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache, partial

from synthgen.claims.alignment import Claim, Claims, claims_of, closest
from synthgen.claims.findings import finding, verdict
from synthgen.claims.pairing import crossed, paired
from synthgen.claims.people import GROUPS, described, groups, having, of_class
from synthgen.claims.source import Source
from synthgen.claims.words import stems_in, stems_of
from synthgen.data import Extract, Record, Verdict
from synthgen.filters.base import Filter

_TURNED = re.compile(r"\b(?:not|only|never|nor|neither|cannot|against|avoid\w*|contraindicat\w*|unless|except)\b")
"""What turns those with something into those without it."""
_CONTRARY = re.compile(
    r"\b(?:no|not|only|never|instead|other|others|against|differ\w*|neither|unlike|whereas|while|but)\b"
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
    "infant": re.compile(
        r"\b(?:infan|neonat|newborn|months?|bab(?:y|ies)|birth|pre(?:term|matur|gnan)|perinatal|\w{0,20}f(?:o)?et(?:us|al))"
    ),
    "child": re.compile(
        r"\b(?:child|pediatric|paediatric|infan|adolescen|boy|girl|months|school|juvenile|youth|minors?\b|young"
        r"|(?:[1-9]|1[0-7])(?: years|-year|–1\d))"
    ),
    "teen": re.compile(r"\b(?:adolescen|teen|1[0-9](?: years|-year| to|–)|child|youth)"),
    "pregnant": re.compile(
        r"\b(?:pregnan|lactat|breast-?fe|f(?:o)?etus|f(?:o)?etal|birth|gestation|teratogen|contracep|matern"
        r"|nursing|conce(?:ive|ption)|obstet|(?:pre|ante|peri|post)-?(?:natal|partum)|placent|eclamps|trimester|abortion"
        r"|miscarr|midwi|milk)"
    ),
    "old": re.compile(r"\b(?:elder|geriatric|older|age[ds]?|[6-9]\d years)"),
}
_AGES = re.compile(r"\b(?:ages?|aged|years?)\b")
_SHIFTING = frozenset(("age", "part", "sex"))
"""Classes of which several groups are often told of the same thing."""
_DENIED = re.compile(r"\b(?:no|not|nor|neither|never|non|cannot|without|lack\w*|free of)\b|n['’]t\b")
_HOMONYMS = re.compile(r"\b(?:back|foot|hand|left|right|live|living(?= (?:with|in|at|alone))|initial|serious)\b")
"""Words of groups that mean other things as well; they count only before a thing that the extract has them before."""
_CONTRARY_GROUPS = frozenset(
    ("adequacy", "treated", "stability", "control", "symptoms", "smoking", "complexity", "normality")
)
"""Classes of two groups of which a negation makes one the other: "not complicated" is "uncomplicated"."""
_NOT_ALL = re.compile(r"\b(?:no|not)\b[^.]{0,20}\b(?:all|every|any)\b")
_OLDER = re.compile(r"\b(?:older|elder\w*|geriatric)\b")
_MONTHS = re.compile(r"\bmonths?\b")
_WHO = re.compile(
    r"\b(?:all|every|any|each) (?:(?!\d|other)\w+ )?(?:patients?|people|persons?|adults?|children|women|men"
    r"|individuals?|clients?"
    r"|infants?|adolescents?|users?|cases?)\b|\b(?:everyone|anyone|everybody)\b"
)
_RESTRICTED = re.compile(
    r"\b(?:with|who|whose|in whom|undergoing|receiving|if|when|unless|until|only|in the absence of"
    r"|excluding \w+ with|unable|diagnosed|suspected|aged|older|younger|years)\b(?P<what>(?:[ -]\w+){0,5})"
    r"|\b(?P<chosen>selected|certain|specific|appropriate|eligible|risk)\b"
)
_EXTENDING = frozenset(("all", "every", "any", "each", "everyone", "anyone", "everybody"))
"""What tells of everyone."""

MIN_AGREED = 0.6
"""Share of a statement's words, besides those of groups, that the sentence must have whose people it changes."""


class Population(Filter):
    """Rejects `population_changed`: people of whom the extract says nothing, a group in the place of another one of its
    class, and everyone in the place of some."""

    name = "population"
    codes = {"population_changed": "it speaks of other people than the extract"}
    order = 60

    def check(self, record: Record, extract: Extract) -> Verdict:
        claims = claims_of(record, extract)
        found = (
            finding(statement, claim, why=why)
            for number, (statement, claim, asked) in enumerate(claims.made())
            if statement.role not in ("vignette", "option", "key")
            if claim.support and claim.covered >= 0.5 and not claim.verbatim
            if statement.role != "question" or number in _affirmed(claims)
            if (why := _changed(claim, asked.low if asked else ""))
        )
        return verdict(self.name, "population_changed", found)


@lru_cache(maxsize=1 << 13)
def _changed(claim: Claim, asked: str) -> str:
    """How the people that the statement is about were changed; empty where they were not."""
    if why := _new(claim):
        return why
    if not _agrees(claim):
        return ""
    return (
        _swapped(claim, asked)
        or _described(claim, asked)
        or _lacking(claim)
        or _crossed(claim)
        or _widened(claim, asked)
    )


def _new(claim: Claim) -> str:
    """People of whom the extract says nothing."""
    for word in claim.novel:
        kind = _NOVEL.get(word.text.lower())
        if kind and not _KIN[kind].search(claim.source.low):
            return f"new: {word.text.lower()}"
    return ""


def _agrees(claim: Claim) -> bool:
    """Whether the best sentence has most of what the statement says besides its groups: of another thing, it may name
    another group."""
    said = stems_of(claim.reading.words - GROUPS)
    return len(said & claim.units[0].stems) >= MIN_AGREED * len(said)


def _swapped(claim: Claim, asked: str) -> str:
    """A group in the place of another one of its class."""
    first = claim.units[0]
    source = claim.source
    if claim.first <= 0.5 or GROUPS.isdisjoint(claim.reading.words):
        return ""
    turned = _DENIED.search(claim.low) or _DENIED.search(first.low)
    next_to = [unit.low for unit in source.units[max(0, claim.support[0] - 1) : claim.support[0] + 2]]
    around: frozenset[int] = frozenset()
    for name, values in groups(_HOMONYMS.sub(" ", claim.low)).items():
        dropped = _union([first.low], name) - values - _union([asked], name)
        if not dropped:
            continue
        if turned and name in _CONTRARY_GROUPS:
            continue
        if name == "age" and (_MONTHS.search(first.low) or _AGES.search(claim.low) or _OLDER.search(first.low)):
            continue
        around = around or frozenset((*closest(claim, GROUPS), claim.support[0]))
        known = _union([source.units[one].low for one in around], name)
        if not known:
            known = _union([" ".join(sorted(source.near(one) | source.units[one].context)) for one in around], name)
        if values - known - _union(next_to, name):
            return name
    return ""


def _described(claim: Claim, asked: str) -> str:
    """A group of a class before a thing that the extract nowhere gives it, in the place of another one."""
    mine = described(claim.low)
    known = _known(claim.source) if mine else mine
    new = {key: said for key, said in mine.items() if key in known and not said <= known[key]}
    if not new:
        return ""
    around = [claim.source.units[one].low for one in dict.fromkeys((*claim.support, *claim.rivals))]
    turned = any(map(_DENIED.search, (claim.low, *around)))
    for key, said in new.items():
        if key[0] in _SHIFTING or (turned and key[0] in _CONTRARY_GROUPS):
            continue
        meant = frozenset[int]().union(*[described(low).get(key, frozenset()) for low in around])
        if meant - said - described(asked).get(key, frozenset()):
            return key[0]
    return ""


@lru_cache(maxsize=64)
def _known(source: Source) -> Mapping[tuple[str, str], frozenset[int]]:
    """The groups by which the extract describes each thing."""
    found: dict[tuple[str, str], frozenset[int]] = {}
    for unit in source.units:
        for key, values in described(unit.low).items():
            found[key] = found.get(key, frozenset()) | values
    return found


def _lacking(claim: Claim) -> str:
    """Those with something in the place of those without it, or the other way round."""
    said = having(claim.low)
    if not said or _TURNED.search(claim.low):
        return ""
    around = [claim.source.units[one].low for one in {*claim.rivals, claim.support[0]}]
    if any(map(_TURNED.search, around)):
        return ""
    meant = frozenset[tuple[str, bool]]().union(*map(having, around))
    for one, has in sorted(said - meant):
        if (one, not has) in meant and (one, not has) not in said:
            return f"{'with' if has else 'without'} {one}"
    return ""


@lru_cache(maxsize=16)
def _affirmed(claims: Claims) -> frozenset[int]:
    """The numbers of the questions that ask about what the extract says: whatever answers them agrees."""
    answered = {statement.question for statement in claims.statements}
    contrary = {
        statement.question
        for statement, claim in zip(claims.statements, claims.claims, strict=True)
        if _CONTRARY.search(claim.low)
    }
    return frozenset([one for one in answered - contrary if one >= 0 and claims.claims[one].first > 0.7])


def _crossed(claim: Claim) -> str:
    """A number that the extract gives to another group of the same class, and nowhere to this one."""
    classes = groups(claim.low).keys() - {"age"}
    if not classes or not claim.reading.numbers:
        return ""
    for name in sorted(classes):
        found = crossed(claim, partial(of_class, name))
        number, _, names = found.partition(": ")
        group = names.rpartition(" to ")[2]
        if found and not any(
            group in paired(unit.text, of_class(name, unit.text)).get(number, ())
            for unit in claim.source.units
            if group in unit.stems
        ):
            return found
    return ""


def _union(texts: Iterable[str], name: str) -> frozenset[int]:
    return frozenset[int]().union(*(groups(text).get(name, frozenset()) for text in texts))


def _widened(claim: Claim, asked: str) -> str:
    """Everyone in the place of some."""
    if _EXTENDING.isdisjoint(claim.reading.words):
        return ""
    around = [claim.source.units[number].low for number in (*claim.rivals, *claim.support)]
    first = claim.units[0].low
    everyone = _WHO.search(claim.low) and not any(_UNIVERSAL.search(low) for low in around)
    if everyone and claim.covered > 0.6 and not _NOT_ALL.search(claim.low):
        found = [(stems_in(one["chosen"] or one["what"]), bool(one["chosen"])) for one in _RESTRICTED.finditer(first)]
        said = claim.own | stems_in(asked)
        left_out = [(one, chosen) for one, chosen in found if one and said.isdisjoint(one)]
        if left_out and (len(left_out) == len(found) or any(chosen for _, chosen in left_out)):
            return "everyone"
    return ""
