"""Conditions, exceptions and limits of the extract that a statement denies or moves.

One that is merely left out is not looked for: whether a summary had to name it, its words do not tell."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

from synthgen.claims.alignment import Claim, claims_of
from synthgen.claims.findings import finding, verdict
from synthgen.claims.limits import moved
from synthgen.claims.source import Unit
from synthgen.claims.words import WORD, content, table
from synthgen.data import Extract, Record, Verdict
from synthgen.filters.base import Filter

_UNLIMITED = re.compile(
    r"\b(?:no|without(?: an?| any| further| additional)?) (?:(?!other|further)\w+ ){0,2}(?:limits?|maximum|ceiling"
    r"|exceptions?|justification)\b(?! of)"
    r"|(?<!with )(?<!have )(?<!has )(?<!had )(?<!are )(?<!is )\b(?:no|without(?: an?| any| further| additional)?)"
    r" (?:(?!other|further)\w+ ){0,2}(?:restrictions?|conditions?|precautions?|consideration)\b(?! of)"
    r"|\bun(?:limited|restricted|conditional)\w*"
    r"|\bno (?:other|further|additional|special|prior|specific) \w+(?: \w+)? (?:is|are) (?:needed|required|necessary)\b"
    r"|\bindefinitely\b|\bfreely\b|\bfrom the (?:outset|(?:very )?(?:start|beginning))\b"
    r"|\bas (?:often|far|much|long|many) as (?:needed|desired|wanted|required|necessary)\b"
    r"|\bas (?:often|far|much|many) as (?:you|they|the)\b"
    r"|\bwhenever (?:the )?(?:patients?|clients?|you|they)\b|\bcontraindicated only\b"
    r"|\bsafe (?:for|in) (?:all|every|any|both)\b"
    r"|(?<!not )\bin (?:every|all) (?:cases?|settings?|circumstances?)\b"
    r"|\b(?:anyone|everyone|anybody|any (?:user|patient|client|person|adult)) (?:can|may)\b"
)
"""Words that deny a limit or a condition."""
_WHOLLY = re.compile(r"\bexceptions?\b|\b(?:all|every|any|anyone|everyone|anybody)\b")
"""Words that may only say that something is so of all."""
_REGARDLESS = re.compile(
    r"\b(?:regardless of|irrespective of|whether or not|no matter|even (?:if|when|where|without|before)"
    r"|without regard (?:to|for))\b(?P<what>[^.;|]{0,80})"
)
"""Words that say that a condition does not matter ..."""
_ANYHOW = re.compile(
    r"\b(?:even|also|still|although|though|despite|including|matter|and/or|or not"
    r"|(?:in|for|of|at|with) (?:all|any|every|each|both))\b"
)
"""... and some that a sentence may have in their place."""
_INCLUDED = re.compile(
    r"\b(?:even|including) (?:in |for |with )?(?:those|patients|clients|people|persons|individuals|adults|women|men"
    r"|children|infants) (?:with|who|taking|on|under|over|aged)\b"
)
_NO_BAR = re.compile(r"(?<!there )\b(?:is|are) (?:no|not an?) (?:\w+ )?contraindications?\b")
_NEGATED = re.compile(r"\b(?:no|not|nor|neither|never|without)\b")
_ONES = re.compile(r"\b(?:her|his|hers|this|their|your|here)\b|['’]s\b")
"""Words about one person, who may well have nothing that is a contraindication."""
_ANY = re.compile(
    r"\b(?:any(?! \w+s\b| \w+ \w+s\b)|every|all) (?!other|(?:hour|day|week|month|year|minute)s?\b|time|morning"
    r"|evening|night|daily|two|three|four|five|six|seven|eight|\d)"
    r"(?:of )?(?:the |their |his |her |your )?(?P<what>(?:[^\W\d_]+ ?){1,2})"
)
_EACH = frozenset(("any", "every", "all"))
_CONDITION = re.compile(
    r"\b(?:if|when|unless|except|other than|excluding|provided)\b"
    r"(?P<idle> (?:any|so|to|being|by|in)\b)?([^.;,:()|]{0,60})"
)
"""What ties a sentence to a condition, and what makes it none ("if any", "provided by")."""
_CLAUSE = re.compile(r"[;:|]|\. ")
_OF_ALL = re.compile(
    r"\b(?:all|every|any|each|everyone|anyone|regardless|universal\w*|irrespective|whenever|always|both)\b"
)
_SOLE = re.compile(
    r"\b(?:only|sole|single) (?:\w+ ){0,1}(?:contraindications?|exceptions?|conditions?|requirements?|restrictions?"
    r"|limits?|reasons?|precautions?)\b|\bcontraindications? \W{0,3}[^|.;]{0,80} only\b"
)
"""Words that say that a list of conditions is complete."""
_RESTRICTING = re.compile(
    r"\b(?:if|unless|except|exclud\w+|only|when|until|without|not|no|never|contraindicat\w*|avoid\w*|other than|unable"
    r"|cannot|who|whose|provided|limit\w*|after|absence|caution|require\w*|restrict\w*|maximum|with)\b"
)
_EXCLUDED = re.compile(
    r"\b(?:except|exclud\w+|unless|not|no|never|without|contraindicat\w*|avoid\w*|other than|unable|cannot)\b"
)
_CONTRARIES = (
    ("unlimited", _UNLIMITED, _UNLIMITED, True),
    ("regardless", _REGARDLESS, re.compile(f"{_REGARDLESS.pattern}|{_ANYHOW.pattern}"), False),
    ("sole", _SOLE, _SOLE, False),
)
"""Words of a statement that deny a condition, those by which its sentences would deny it as well, and whether any
sentence is one that has a condition."""
_CUES = table(
    """
    no without indefinitely freely outset start beginning often far much long many whenever contraindicated safe every
    all anyone everyone anybody any regardless irrespective whether matter even only sole single including
    contraindication contraindications
    """
)
"""Words of which what denies a condition has one."""


class Safety(Filter):
    """Rejects `safety_dropped`: words that deny a limit or a condition, where the extract has one and does not, and
    words that confine what it says, or extend it to everything."""

    name = "safety"
    codes = {"safety_dropped": "it drops a contraindication, exception or safety condition, or moves a limit"}
    order = 60

    def check(self, record: Record, extract: Extract) -> Verdict:
        found = (
            finding(statement, claim, why=why)
            for statement, claim, asked in claims_of(record, extract).reworded("vignette", "option", "key", "question")
            if claim.support and claim.covered >= 0.6
            if (why := _denied(claim) or _generalised(claim, asked) or moved(claim, asked))
        )
        return verdict(self.name, "safety_dropped", found)


@lru_cache(maxsize=1 << 15)
def _is_cue(word: str) -> bool:
    """Whether a word may be one by which a limit or a condition is denied."""
    return word in _CUES or word.startswith(("unlimited", "unrestricted", "unconditional"))


@lru_cache(maxsize=1 << 13)
def _denied(claim: Claim) -> str:
    """A limit or a condition that is denied, which no sentence denies that may be meant."""
    low = claim.low
    if not any(map(_is_cue, claim.reading.words)):
        return ""
    around = [claim.source.units[number].low for number in dict.fromkeys((*claim.support, *claim.rivals))]
    for name, pattern, other, always in _CONTRARIES:
        match = pattern.search(low)
        if not match or (_WHOLLY.search(match[0]) and any(map(_OF_ALL.search, around))):
            continue
        if name == "regardless" and _ONES.search(low):
            continue
        if (always or _RESTRICTING.search(claim.units[0].low)) and not any(map(other.search, around)):
            if name == "regardless" and claim.units[0].stems.isdisjoint(map(content, WORD.findall(match["what"]))):
                continue
            beside = [unit.low for one in claim.support for unit in claim.source.units[max(0, one - 2) : one + 3]]
            return "" if any(map(pattern.search, beside)) else name
    if _INCLUDED.search(low) and not _EXCLUDED.search(low) and any(_EXCLUDED.search(unit.low) for unit in claim.units):
        return "included"
    if _NO_BAR.search(low) and not _ONES.search(low) and not any(_NEGATED.search(one) for one in around):
        return "no contraindication"
    return ""


def _generalised(claim: Claim, asked: Claim | None) -> str:
    """ "Any" or "every" thing, where the sentence names a kind of it and none says anything of all, or where it has
    conditions and the statement none of them."""
    if claim.first <= 0.6 or _EACH.isdisjoint(claim.reading.words):
        return ""
    if _NEGATED.search(claim.low) or (asked is not None and _OF_ALL.search(asked.low)):
        return ""
    things = [match["what"].split() for match in _ANY.finditer(claim.low)]
    if not things:
        return ""
    said, unit = claim.own | asked.own if asked else claim.own, claim.units[0]
    stems = [content(word) for word in unit.tokens]
    named = [next((one for word in words if (one := content(word)) in stems), "") for words in things]
    if any(one and _unconditional(claim.low, one, unit, said) for one in named):
        return "unconditional"
    around = [claim.source.units[number].low for number in (*claim.support, *claim.rivals)]
    if any(map(_OF_ALL.search, around)):
        return ""
    for thing in filter(None, named):
        kinds = [before for before, one in pairwise(("", *stems)) if one == thing]
        if all(one.isalpha() and one not in said for one in kinds):
            return "generalised"
    return ""


def _unconditional(low: str, thing: str, unit: Unit, said: frozenset[str]) -> bool:
    """Whether a sentence has conditions where it names a thing, and a statement that says some words none of them, nor
    any other."""
    clauses = [one for one in _CLAUSE.split(unit.low) if thing in map(content, WORD.findall(one))]
    found = [match for one in clauses for match in _CONDITION.finditer(one)]
    conditions = [frozenset(map(content, WORD.findall(match[2]))) for match in found if match[2] and not match["idle"]]
    return bool(conditions) and not _CONDITION.search(low) and all(map(said.isdisjoint, conditions))
