"""Conditions, exceptions and limits of the extract that a statement leaves out."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from synthgen.claims.alignment import Claim, Claims, claims_of
from synthgen.claims.findings import finding, verdict
from synthgen.claims.general import GENERAL
from synthgen.claims.words import WORD, content
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
_PROVISO = re.compile(
    r"\b(?:as tolerated|for short[- ]term use|under close \w+|with (?:close \w+|caution|food)"
    r"|(?:unless|except(?: for)?|excluding|other than|only (?:if|when|in|after|for|under|with|during)|but (?:not|only)"
    r"|if|provided that|as long as|in the absence of|limited to|after at least) [^.;:()|,\[]{0,110})"
)
"""A condition in words of general English ("if it is well tolerated")."""
_CONDITIONAL = re.compile(
    r"\b(?:unless|except|excluding|other than|only|if|when|whenever|until|provided|in whom|who|whose|without|as|after"
    r"|before|not|no|once|while|where|limited|may|can)\b"
)
_ABBREVIATION = re.compile(r"\((\w{2,8})\)")
_UNLIMITED = re.compile(
    r"\b(?:no|without (?:an?|any)) (?:(?!other|further)\w+ ){0,2}(?:limit|maximum|ceiling|restriction|exception"
    r"|contraindication|condition|justification|precaution)s?\b(?! of)|\bunlimited\b"
    r"|\bno other \w+ (?:is|are) needed\b|\bno further \w+ (?:is|are) (?:needed|required)\b"
    r"|\bindefinitely\b|\bfrom the outset\b|\bfreely\b|\bas (?:often|far|much) as (?:needed|desired"
    r"|wanted|you|they|the)\b|\bwhenever (?:the )?(?:patients?|clients?|you|they)\b|\bcontraindicated only\b"
    r"|\bsafe (?:for|in) (?:all|every|any)"
)
_INCLUDED = re.compile(
    r"\b(?:including|even) (?:in |for )?(?:those|patients|clients|people|women|children) (?:with|who)\b"
)
_EXCLUDED = re.compile(
    r"\b(?:except|exclud\w+|unless|not|no|never|without|contraindicat\w*|avoid\w*|other than|unable|cannot)\b"
)

_EQUAL = re.compile(r"\b(?:equally|just as (?:well|good|safe|effective|much)|on its own)\b")
_ALIKE = re.compile(
    r"\b(?:equal\w*|same|similar\w*|alone|itself|comparabl\w*|equivalen\w*|own|either|both)\b|\bas \w+ as\b"
)


class Safety(Filter):
    """Rejects `safety_dropped`: a condition or an exception that no statement about its sentence names, and words that
    deny a limit, or take in whom the extract leaves out."""

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
    """A condition of a sentence: its text, the stems that tell it, those of the rest of the sentence, and whether all
    of its words are general English."""

    text: str
    stems: frozenset[str]
    rest: frozenset[str]
    general: bool = False


@lru_cache(maxsize=4096)
def conditions(low: str) -> tuple[Condition, ...]:
    """The conditions and exceptions that a lower-case sentence names."""
    found = []
    low = _ABBREVIATION.sub(r" \1 ", low)
    for match in _CONDITION.finditer(low):
        scope = re.split(r",|\band then\b", match[1], maxsplit=1)[0]
        stems = _stems(scope)
        special = stems - GENERAL or (stems if match[0].startswith(("unless", "except")) else stems - stems)
        if special:
            rest = _stems(low[: match.start()] + low[match.start(1) + len(scope) :])
            found.append(Condition(match[0], special, rest))
    for match in _PROVISO.finditer(low):
        if (stems := _stems(match[0])) and stems <= GENERAL:
            found.append(
                Condition(match[0], stems, _stems(f"{low[: match.start()]} {low[match.end() :]}"), general=True)
            )
    return tuple(found)


def _stems(low: str) -> frozenset[str]:
    return frozenset([stemmed for word in WORD.findall(low) if (stemmed := content(word)) and not word[0].isdigit()])


@lru_cache(maxsize=1 << 13)
def _unlimited(claim: Claim) -> str:
    """A limit that is denied, or people taken in whom the extract leaves out."""
    low = claim.low
    if claim.verbatim:
        return ""
    if _UNLIMITED.search(low) and not any(_UNLIMITED.search(unit.low) for unit in claim.units):
        return "unlimited"
    if _INCLUDED.search(low) and not _EXCLUDED.search(low) and any(_EXCLUDED.search(unit.low) for unit in claim.units):
        return "included"
    if _EQUAL.search(low) and not any(_ALIKE.search(unit.low) for unit in claim.units):
        return "equal"
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
            for number in dict.fromkeys((claim.support[0], *(() if claim.verbatim else claim.rivals)))
            for one in conditions(claim.source.units[number].low)
            if one.stems.isdisjoint(claim.own)
            and not (one.general and _CONDITIONAL.search(claim.low))
            and len(claim.own & one.rest) >= 3
            and len((claim.own & one.rest) - GENERAL) * 5 >= len(one.rest - GENERAL) * 3
        ]
    )


def _said(claims: Claims, number: int) -> frozenset[str]:
    """The stems of all statements about a sentence of the extract, of what they go on from, and of what goes on from
    them on their line."""
    about = {
        one
        for place, (statement, claim, _) in enumerate(claims.made())
        if number in claim.support or number in claim.rivals
        for one in (place, *statement.leads, *([] if statement.text.endswith("\n") else [place + 1]))
    }
    return frozenset[str]().union(*[one.own for place, one in enumerate(claims.claims) if place in about])
