"""Conditions, exceptions and limits of the extract that a statement leaves out."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from synthgen.claims.alignment import Claim, Claims, claims_of
from synthgen.claims.findings import finding, verdict
from synthgen.claims.general import GENERAL
from synthgen.claims.words import WORD, content, stem
from synthgen.data import Extract, Record, Verdict
from synthgen.filters.base import Filter

_CONDITION = re.compile(
    r"\b(?:unless|except(?: for)?|excluding|other than|only if|only when|only in|only after"
    r"|only for|only under|only with|only during|but only|after at least|in the absence of|under close|who tolerate"
    r"|who have not had|who do not tolerate|limited to|provided that|if|when"
    r"|in patients with no|contraindicated in|who have not|unable to|who do not"
    r"|who cannot|with no|that fail to|without|as long as|in conjunction with|along with|combined with|added to"
    r"|in combination with|after failure of|adjunct to)\b ([^.;:()]{4,110}(?!\w))"
)
_UNLIMITED = re.compile(
    r"\b(?:no|without (?:an?|any)) (?:(?!other|further)\w+ ){0,2}(?:limit|maximum|ceiling|restriction|exception"
    r"|contraindication|condition|justification|precaution)s?\b(?! of)|\bunlimited\b"
    r"|\bon its own\b|\bno other \w+ (?:is|are) needed\b|\bno further \w+ (?:is|are) (?:needed|required)\b"
    r"|\bindefinitely\b|\bfrom the outset\b|\bright away\b|\bfreely\b|\bas (?:often|far|much) as (?:needed|desired"
    r"|wanted|you|they|the)\b|\bwhenever (?:the )?(?:patients?|clients?|you|they)\b|\bcontraindicated only\b"
    r"|\bincluding (?:those|patients|clients|people) (?:with|who)\b"
    r"|\bsafe (?:for|in) (?:all|every|any)|\bjust as (?:well|good|safe)|\bequally\b"
)
_EVERY = re.compile(r"\b(?:all|every|(?:in|for) any)\b (?!of\b|other\b|time\b|doses?\b|day\b|weak|strong|grade)(\w+)")
_UNIVERSAL = re.compile(r"\b(?:all|every|any|each|both|regardless|always|whenever|wherever|anyone)\b")
_NARROW = re.compile(
    r"\b(?:who|with|if|when|except|excluding|whose|unless|in which|in whom|at risk|at (?:\w+ )?risk|specific|only"
    r"|certain|suspicion)\b"
)
_ALSO = re.compile(r"\b(?:if|when|unless|except|who|whose|only|not|no)\b")


class Safety(Filter):
    """Rejects `safety_dropped`: a condition or an exception that no statement about its sentence names, and words that
    deny a limit, or say for all what the extract says for some."""

    name = "safety"
    codes = {"safety_dropped": "it drops a contraindication, exception or safety condition"}
    order = 60

    def check(self, record: Record, extract: Extract) -> Verdict:
        claims = claims_of(record, extract)
        found = (
            finding(statement, claim, why=why)
            for statement, claim, _ in claims.made("vignette", "option", "key", "question")
            if claim.support and claim.covered >= 0.6 and (why := _unlimited(claim) or _dropped(claim, claims))
        )
        return verdict(self.name, "safety_dropped", found)


class Condition(NamedTuple):
    """A condition of a sentence: its text, the stems that tell it, and those of the rest of the sentence."""

    text: str
    stems: frozenset[str]
    rest: frozenset[str]


@lru_cache(maxsize=4096)
def conditions(low: str) -> tuple[Condition, ...]:
    """The conditions and exceptions that a lower-case sentence names."""
    found = []
    for match in _CONDITION.finditer(low):
        scope = re.split(r",|\band then\b", match[1], maxsplit=1)[0]
        stems = _stems(scope)
        special = stems - GENERAL or (stems if match[0].startswith(("unless", "except")) else stems - stems)
        if special:
            rest = _stems(low[: match.start()] + low[match.start(1) + len(scope) :])
            found.append(Condition(match[0], special, rest))
    return tuple(found)


def _stems(low: str) -> frozenset[str]:
    return frozenset([stemmed for word in WORD.findall(low) if (stemmed := content(word))])


@lru_cache(maxsize=1 << 13)
def _unlimited(claim: Claim) -> str:
    """A limit that is denied, or everyone in the place of some."""
    low, own = claim.low, claim.own
    if claim.verbatim:
        return ""
    if _UNLIMITED.search(low) and not any(_UNLIMITED.search(unit.low) for unit in claim.units):
        return "unlimited"
    first = claim.units[0]
    match = _EVERY.search(low) if "all " in low or "every " in low or " any " in low else None
    if (
        match
        and stem(match[1]) in first.stems
        and not _UNIVERSAL.search(first.low)
        and _NARROW.search(first.low)
        and not _ALSO.search(low)
        and len(first.stems - own - GENERAL) >= 2
    ):
        return "every"
    return ""


def _dropped(claim: Claim, claims: Claims) -> str:
    """A condition that neither the statement nor another one about the same sentence names."""
    return next((one.text for number, one in _left_out(claim) if one.stems.isdisjoint(_said(claims, number))), "")


@lru_cache(maxsize=1 << 13)
def _left_out(claim: Claim) -> tuple[tuple[int, Condition], ...]:
    """The conditions that a statement leaves out of a sentence that it tells most of, with the sentence's number."""
    return tuple(
        [
            (number, one)
            for number in dict.fromkeys((claim.support[0], *claim.rivals))
            for one in conditions(claim.source.units[number].low)
            if one.stems.isdisjoint(claim.own)
            and len(claim.own & one.rest) >= 3
            and len((claim.own & one.rest) - GENERAL) * 5 >= len(one.rest - GENERAL) * 3
        ]
    )


def _said(claims: Claims, number: int) -> frozenset[str]:
    """The stems of all statements about a sentence of the extract, and of what they go on from."""
    about = [
        one
        for statement, claim, _ in claims.made()
        if number in claim.support or number in claim.rivals
        for one in (claim, *(claims.claims[lead] for lead in statement.leads))
    ]
    return frozenset[str]().union(*[one.own for one in about])
