"""Conditions, exceptions and limits of the extract that a statement leaves out."""

from __future__ import annotations

import re
from functools import lru_cache

from synthgen.claims.alignment import Claim, claims_of
from synthgen.claims.findings import finding, verdict
from synthgen.claims.general import GENERAL
from synthgen.claims.words import FUNCTION, WORD, stem
from synthgen.data import Extract, Record, Verdict
from synthgen.filters.base import Filter

_CONDITION = re.compile(
    r"\b(?:unless|except(?: for)?|excluding|other than|only if|only when|only in|only after|provided that|if|when"
    r"|in patients with no|contraindicated in|who have not|unable to|who do not"
    r"|who cannot|with no|that fail to|without|as long as|in conjunction with|along with|combined with|added to"
    r"|in combination with|after failure of|adjunct to)\b ([^.;:()]{4,110})"
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
        said: dict[int, set[str]] = {}
        for statement, claim in zip(claims.statements, claims.claims, strict=True):
            for number in {*claim.support, *claim.rivals}:
                for one in (claim, *(claims.claims[lead] for lead in statement.leads)):
                    said.setdefault(number, set()).update([word.stem for word in one.words])
        found = (
            finding(statement, claim, why=why)
            for statement, claim, _ in claims.made("vignette", "option", "key", "question")
            if claim.support and claim.covered >= 0.6 and (why := _dropped(claim, said))
        )
        return verdict(self.name, "safety_dropped", found)


@lru_cache(maxsize=4096)
def conditions(low: str) -> tuple[tuple[str, frozenset[str], frozenset[str]], ...]:
    """Each condition of a sentence: its words, their stems, and the stems of the rest."""
    found = []
    for match in _CONDITION.finditer(low):
        scope = re.split(r",|\band then\b", match[1], maxsplit=1)[0]
        stems = frozenset(stem(word) for word in WORD.findall(scope) if word not in FUNCTION)
        rest = frozenset(
            stem(word)
            for word in WORD.findall(low[: match.start()] + low[match.start(1) + len(scope) :])
            if word not in FUNCTION
        )
        if stems - GENERAL:
            found.append((match[0], stems, rest))
    return tuple(found)


def _dropped(claim: Claim, said: dict[int, set[str]]) -> str:
    low = claim.low
    units = claim.units
    if _UNLIMITED.search(low) and not any(_UNLIMITED.search(unit.low) for unit in units):
        return "unlimited"
    own = {word.stem for word in claim.words}
    first = units[0]
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
    for number in {claim.support[0], *claim.rivals}:
        unit = claim.source.units[number]
        for words, stems, rest in conditions(unit.low):
            special = stems - GENERAL
            if (
                len(own & rest) >= 3
                and len(own & rest - GENERAL) * 5 >= len(rest - GENERAL) * 3
                and not special & said[number]
            ):
                return words
    return ""
