"""Whether a text advises for something, against it, or says that nothing can be advised.

The tables are of the wording of recommendations; all texts are in lower case.
"""

from __future__ import annotations

import re
from functools import lru_cache

from synthgen.claims.seeming import plain
from synthgen.claims.words import words_of

_AGAINST = re.compile(
    r"\b(?:recommend|suggest|advis)\w* (?:\w+ ){0,2}?against\b|\bagainst (?:the |their |its )?(?:routine|long|use"
    r"|offer|start|initi)"
    r"|\b(?:weak|strong|conditional)(?:ly)?(?: recommendation)? against\b|\b(?:should|must) not\b|\b(?:do|may|is"
    r"|are|be|was|were) not (?:be )?(?:routinely |generally )?"
    r"(?:recommend|advis|suggest|offer|start|initiat|us|giv|perform|administ|prescrib|indicat|order|need|measur)"
    r"|\bdoes not (?:recommend|advis|suggest|offer)"
    r"|\b(?:recommend|suggest)s? (?:not|avoid)|\bnot (?:initiating|offering|using|starting|giving|routinely)"
    r"|\bcontraindicated\b"
    r"|\bavoid(?:ed|ing)?\b|\bdiscouraged\b|\bno longer\b|\bought not\b|\bnever\b"
)
_NEUTRAL = re.compile(
    r"\bnor\b[^.;]{1,40}\bagainst\b|\bneither [^.;]{1,60} nor (?:\w+ )?(?:against|discourag|advis|oppos|reject"
    r"|warn)\w*|\bfor (?:or|nor|and) against\b|\bneither (?:recommend|support|suggest|for|encourag)"
    r"|\b(?:insufficient|not enough|inadequate|inconclusive|too little|not sufficient|no)(?: \w+){0,2}"
    r" (?:evidence|data)\b"
    r"|\b(?:evidence|data|studies)\b[^.;]{0,140}?\b(?:is|was|are|were|remains?) (?:insufficient|inconclusive"
    r"|inconsistent|lacking"
    r"|limited|not sufficient|not enough|too)"
    r"|\bno recommendations?\b|\blacks? (?:\w+ )?evidence\b|\beither way\b|\bin favou?r of or against\b"
    r"|\bsupport or oppose\b|\bcannot (?:be )?recommend|\bdoes not (?:favou?r|support|show)"
    r"|\bnot possible to recommend"
)
_REFUSED = re.compile(
    r"\b(?:is|are|was|were|be) (?:\w+ )?not (?:recommended|advised|suggested|indicated)\b|\bshould not be\b"
    r"|\bcontraindicated\b"
)
_CUE = re.compile(
    r"(?:recommend|suggest|advis|encourag|endors|support|should|offer|consider|weak|strong|conditional|indicat"
    r"|must|agent|prefer"
    r"|may|can|evidence|data|studies|insufficient|against|not|avoid|discourag|longer|never|contraindicat|nor|neither)\w*"
)
_CONTRAST = re.compile(r"\b(?:however|but|though|although|yet|nevertheless|while|whereas)\b|;")
_FOR = re.compile(
    r"\b(?:may|can) be (?:used|taken|given|started|offered)\b|\b(?:recommend|suggest|advis|encourag|endors"
    r"|support)\w*|\bshould\b|\boffer(?:ed)?\b|\bconsider(?:ed|ing)?\b|\b(?:weak|strong"
    r"|conditional) (?:recommendation )?for\b|\bindicated\b|\bmust\b|\bagent of choice\b|\bpreferred\b"
)
_JOINT = re.compile(r"[,;] |\b(?:and|but|whereas|while|although)\b")
_URGED = re.compile(
    r"\b(?:is|are|be) (?:recommended|suggested|advised|offered|preferred|indicated)\b|\bshould be (?!avoid|stop|withh)"
)
_BRACKETS = re.compile(r"\([^()]{0,80}\)")
_ADVISING = re.compile(r"\b(?:recommend|suggest|consider|support|should)\w*+(?! against)")
_EITHER = re.compile(r"\((?:weak |strong )?(?:recommendation )?for (?:or|and) against\)")
_GRADE = re.compile(
    r"[(\[|][^()\[\]|]{0,20}\b(?:weak|strong|conditional)(?: recommendation)? (?:for|against)\b[^()\[\]|]{0,60}[)\]|]"
)


@lru_cache(maxsize=4096)
def stances(low: str) -> frozenset[str]:
    """Of `for`, `against` and `neutral` what a text advises; empty where it advises nothing."""
    low = _EITHER.sub(" ", low)
    return _stances(_GRADE.sub(" ", low)) or _stances(low)


def _stances(low: str) -> frozenset[str]:
    found: set[str] = set()
    if not any(map(_is_cue, words_of(low))):
        return frozenset()
    contrast = _CONTRAST.search(_BRACKETS.sub(" ", low)) is not None
    if _NEUTRAL.search(low) and not _REFUSED.search(low):
        found.add("neutral")
        low = _NEUTRAL.sub(" ", low)
        if not contrast:
            low = _ADVISING.sub(" ", low)
    low = plain(low)
    refused = [clause for clause in _JOINT.split(low) if _AGAINST.search(clause)]
    if refused or _AGAINST.search(low):
        found.add("against")
    if "neutral" in found and not contrast:
        return frozenset(found)
    if _FOR.search(low) if not refused else any(_URGED.search(one) for one in _JOINT.split(low) if one not in refused):
        found.add("for")
    return frozenset(found)


@lru_cache(maxsize=1 << 15)
def _is_cue(word: str) -> bool:
    return _CUE.fullmatch(word) is not None
