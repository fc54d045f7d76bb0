"""Limits that a statement sets or lifts and none of its sentences does: "only", "but not", "at any", "even if"."""

from __future__ import annotations

import re
from functools import lru_cache

from synthgen.claims.alignment import Claim
from synthgen.claims.words import content, words_of

LEAST = 0.6
"""Share of a statement's words that its sentence must hold."""

AROUND = 2
"""Sentences before and behind one that may set the limit instead."""

_SMALL = (
    r"\d|one|two|three|four|five|six|once|twice|an?\b|to an?\b|by an?\b|about|mild|at\b|\w+ly\b"
    r"|the (?:first|second|third|last|latter|former)\b"
)
_ONLY = re.compile(
    rf"(?<!the )(?<!not )(?<!may )(?<!can )\b(?:only|solely|exclusively)\b(?! (?:{_SMALL}))|\bnothing (?:else|but)\b"
)
"""Words that confine something to what follows, but not those that call an amount small."""
_CONFINED = re.compile(
    r"\b(?:only|solely|exclusive\w*|sole|limit\w*|restrict\w*|reserv\w*|except|unless|other than|exclud\w*|alone"
    r"|specific\w*|just|no|not|no|never|must|requir\w+|single|unique\w*|merely|if|until|primar\w*|indicated|without"
    r"|cannot|mainly|nothing|rather|through|when|found to|necessary)\b"
)
"""Words by which a sentence may confine it as well."""
_ONES = re.compile(r"\b(?:her|his|hers|she|he|your|you)\b|['’]s\b")
"""Words about one person, to whom a limit may well come down to one thing."""
_AMOUNT = re.compile(r"[^.;:,|]{0,40}\d")
_TRIGGERS = frozenset(("only", "solely", "exclusively", "nothing"))

_NOT = re.compile(
    r"(?:,| but| and|\() ?(?:but )?not"
    r" (?:(?:in|of|for|to|by|with|the|those|an?|on|at|from|when|one) )*(?P<what>[^\W\d_]+)"
)
_CONTRARY = re.compile(
    r"\b(?:not|no|nor|neither|never|non|without|except|excluding|unless|other than|rather|instead|versus|vs|than|only"
    r"|but|however|unlike|against|contraindicat\w*|avoid\w*|insufficient|unclear|fail\w*|lack\w*|differ\w*|while|whereas"
    r"|although|unable|cannot|absence|unknown|exclud\w*|maximum)\b|n['’]t\b|\b(?:non|in|un|dis)-"
)

_NEVER = (
    r"of\b|if\b|but\b|or\b|and\b|\d|(?:hour|day|week|month|year|minute|time|morning|evening|night|dose|case|meal)s?\b"
    r"|two|three|four|five|six|hundred|thousand|other|second|third|one|length"
    r"|(?:\w+ ){1,2}(?:over|above|below|under|that|which|who|you|they|with|more|less)\b"
)
"""What stands behind "any" and "every" where they say nothing of all."""
_WIDE = re.compile(
    r"\b(?:(?:in|for|at|by|under|after|from|of|with) any|(?:in|for|at|by|under|after|from|with) every)"
    rf" (?!{_NEVER})\w"
    r"|\beven (?:if|when|without|before)\b|\bwhatever\b|\bwhether or not\b"
    r"|\bwhichever\b(?! (?:\w+ ){1,3}(?:first|later|longer|last|earlier)\b)"
    r"|\bhowever (?:\w+ ){1,2}(?:they|it|he|she|the)\b"
)
"""Words that say that something is so whatever else is."""
_UNIVERSAL = re.compile(
    r"\b(?:all|any|anyone|every|each|whatever|whichever|whenever|whether|with or without|regardless|irrespective|matter"
    r"|even|always|both|everyone|universal\w*|either|including|entire|whole|general\w*|never|no significant)\b"
)
_IF = re.compile(r"\b(?:if|unless|when|once|where|provided)\b")
_WIDENING = frozenset(("any", "every", "even", "whatever", "whichever", "whether", "however"))


@lru_cache(maxsize=1 << 13)
def moved(claim: Claim, asked: Claim | None) -> str:
    """How a statement confines, or extends to everything, what its sentences say without a word of that; empty if it
    does not."""
    words = words_of(claim.low)
    if claim.first <= LEAST or claim.low.rstrip("*_ ").endswith("?"):
        return ""
    question = asked.low if asked else ""
    if not words.isdisjoint(_TRIGGERS) and _confined(claim, question):
        return "confined"
    if "not" in words and (denied := _denied(claim)):
        return f"without {denied}"
    if not words.isdisjoint(_WIDENING) and _extended(claim, question):
        return "extended"
    return ""


def _bearing(claim: Claim) -> list[str]:
    return [claim.source.units[number].low for number in dict.fromkeys((*claim.support, *claim.rivals))]


def _extended(claim: Claim, question: str) -> bool:
    match = _WIDE.search(claim.low)
    if (
        not match
        or "here" in words_of(claim.low)
        or _UNIVERSAL.search(question)
        or _IF.search(claim.low.replace(match[0], ""))
    ):
        return False
    return not any(map(_UNIVERSAL.search, _bearing(claim)))


def _confined(claim: Claim, question: str) -> bool:
    match = _ONLY.search(claim.low)
    # From what number on something is so may be said in many ways.
    if not match or _AMOUNT.match(claim.low, match.end()) or _ONLY.search(question) or _ONES.search(claim.low):
        return False
    if any(map(_CONFINED.search, _bearing(claim))):
        return False
    units = claim.source.units
    near = {
        other
        for number in (*claim.support, *claim.rivals)
        for other in range(max(0, number - AROUND), min(len(units), number + AROUND + 1))
    }
    return not any(
        "only" in unit.words and (number in near or len(unit.stems & claim.own) > 1)
        for number, unit in enumerate(units)
    )


def _denied(claim: Claim) -> str:
    """What a statement leaves out in so many words, and its sentence names without any word of contrast."""
    stems = claim.units[0].stems
    found = [match["what"] for match in _NOT.finditer(claim.low) if content(match["what"]) in stems]
    return found[0] if found and not any(map(_CONTRARY.search, _bearing(claim))) else ""
