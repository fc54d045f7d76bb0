"""What a text denies: its negations and what they govern, and whether it advises for something, against it or neither.

All tables are of general English and of the wording of recommendations; all texts are in lower case.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import lru_cache

from synthgen.claims.words import FUNCTION, WORD, content, stem, table, words_of

AROUND = 9
"""Words closer than this to a word may deny it; words of different clauses never are."""

CONNECTORS = table(
    """
    not no never neither nor cannot without against none nothing unless except excluding only rather instead
    other apart until besides insufficient inadequate lack lacks lacking fails fail unable
    """
)
"""Words that deny or restrict what stands beside them."""

HARD = table(
    """
    not no never neither nor cannot against none nothing without unable inability
    """
)
"""The plain negations among them."""

_CONDITION = re.compile(
    r"(?:\bif|\bunless|\bwhen|\bnot|\bwithout|\bwhere|\bno|\bin whom|\bwhether)[^.;,]{0,40}\bcontraindicat\w*"
    r"|\bno contraindications?\b|\b(?:no|not|never) (?:more|less|fewer|later|earlier|longer|under"
    r"|over|above|below|younger|older|greater|smaller)\b(?: than)?|\bnot un(?!der|less|til|it|iv|iq)\w{4,}"
    r"|\bnot in(?:appropriate|effective|consistent|adequate|sufficient|frequent|significant|conceivable|tolerant"
    r"|correct|accurate|compatible)\w*|\bnot as an?\b|\b(?:no|not|never) (?:lower|higher) than\b"
    r"|\bnot until\b|\bnot just\b"
    r"|\bwith (?:or|and) without\b|\bor not\b|\bnot (?:to )?exceed\w*|\bnot more than\b|\bnever (?:above|over|more"
    r"|exceed|below|less)\w*|\bnot only\b|\bfor or against\b|\bwhether or not\b|\bif not\b|\banything but\b"
)
_OPPOSED = re.compile(
    r"\b((?:protect|vaccinat|immuni|effective|active|guard|work|fight|resistan|prophyla)\w*|(?:weigh"
    r"|balanc)\w*[^.;]{0,40}) against\b"
)
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
    r"\b(?:is|are|be) (?:recommended|suggested|advised|offered|preferred)\b|\bshould be (?!avoid|stop|withh)"
)
_BRACKETS = re.compile(r"\([^()]{0,80}\)")
_SHORT = re.compile(r"n['’]t\b")
_CLAUSE_END = re.compile(r"[.;:(|]|\b(?:but|however|though|although|because|unless|except)\b")
_IFS = table("if when whenever whether where")
_CLAUSE = re.compile(r"[.;:|]|\b(?:but|whereas|although|though|however)\b")
_CONDITIONAL = re.compile(r"\b(?:if|when|where|until|whether)\b[^.;:]*\Z")
NEGATOR = re.compile(
    r"\b(?:not|no|never|neither|nor|cannot|without|against|none|insufficient evidence|unable to|inability to)\b"
    r"|n['’]t\b"
)
_SOFT = re.compile(
    r"(?:not|no|non|never|neither|nor|cannot|without|against|none|nothing|un(?!der|it|iv|iq|less|til|ion)\w{4,}"
    r"|in(?:eff|appr|suff|cons|adeq|act|abil|comp)\w+|non\w{3,}|dis(?!eas|cuss|ord|tanc|tal|play|trib|tinct|ch"
    r"|eas)\w{4,}|avoid\w*|contraindicat\w*|withh\w+|stop\w*|except\w*|exclud\w*|unless|rather|instead|lack\w*"
    r"|forbid\w*|prohibit\w*|banned"
    r"|fail\w*"
    r"|unable|inability|absen\w+|declin\w*|discourag\w*|only|less|limit\w*|too|until|free|rule\w*|refus\w*|oppos\w*|other"
    r"|below|few\w*|hardly|barely|rarely|seldom|beyond|already|apart|besides|prevent\w*|exceed\w*|cease\w*|halt\w*"
    r"|end(?:s|ed|ing)?|minimal|minimum|maximum|remain\w*|inconsisten\w*|poor\w*|little|missing|neutral|deni\w*"
    r"|omit\w*|skip\w*|spar\w*|restrict\w*|reserv\w*|prior|before|outside|reject\w*|remov\w*|negative\w*)"
)
GRADE = re.compile(
    r"[(\[|][^()\[\]|]{0,20}\b(?:weak|strong|conditional)(?: recommendation)? (?:for|against)\b[^()\[\]|]{0,60}[)\]|]"
)


@lru_cache(maxsize=4096)
def stances(low: str) -> frozenset[str]:
    """Of `for`, `against` and `neutral` what a text advises; empty where it advises nothing."""
    return _stances(GRADE.sub(" ", low)) or _stances(low)


def _stances(low: str) -> frozenset[str]:
    found: set[str] = set()
    if not any(map(_is_cue, words_of(low))):
        return frozenset()
    contrast = _CONTRAST.search(_BRACKETS.sub(" ", low)) is not None
    if _NEUTRAL.search(low):
        found.add("neutral")
        low = _NEUTRAL.sub(" ", low)
        if not contrast:
            low = re.sub(r"\b(?:recommend|suggest|consider|support|should)\w*+(?! against)", " ", low)
    low = plain(low)
    refused = [clause for clause in _JOINT.split(low) if _AGAINST.search(clause)]
    if refused or _AGAINST.search(low):
        found.add("against")
    if "neutral" in found and not contrast:
        return frozenset(found)
    if _FOR.search(low) if not refused else any(_URGED.search(one) for one in _JOINT.split(low) if one not in refused):
        found.add("for")
    return frozenset(found)


@lru_cache(maxsize=4096)
def plain(low: str) -> str:
    """The text without what looks like a negation and is none."""
    return _CONDITION.sub(" ", _OPPOSED.sub(r"\1", _SHORT.sub(" not", low)))


@lru_cache(maxsize=4096)
def scopes(low: str) -> tuple[tuple[str, ...], ...]:
    """The stems of the content words that follow each negator, up to the end of its clause. What is advised against is
    told by `stances`."""
    found = []
    low = plain(low)
    for match in NEGATOR.finditer(low):
        if match[0] == "against":
            continue
        if _CONDITIONAL.search(low, max(0, match.start() - 40), match.start()):
            continue
        clause = _CLAUSE_END.split(low[match.end() : match.end() + 130], maxsplit=1)[0]
        found.append(tuple(stem(word) for word in WORD.findall(clause) if word not in FUNCTION)[:8])
    return tuple(dict.fromkeys(found))


class Moods:
    """A lower-case text, asked word by word what around a word denies, restricts or lessens it, or makes it depend."""

    def __init__(self, low: str) -> None:
        self._soft: list[tuple[int, str]] = []
        self._places: dict[str, list[int]] = {}
        begin = 0
        for clause in _CLAUSE.split(plain(low)):
            words = WORD.findall(clause)
            for at, word in enumerate(words, begin):
                if _is_soft(word) or word in _IFS:
                    self._soft.append((at, word))
                if stemmed := content(word):
                    self._places.setdefault(stemmed, []).append(at)
            begin += len(words) + AROUND

    def __contains__(self, stemmed: str) -> bool:
        return stemmed in self._places

    def around(self, stemmed: str) -> list[frozenset[str]]:
        """The words of that sort around the places of a stem, each set of them once; empty where the text does not have
        it."""
        return list(dict.fromkeys(map(self._beside, self._places.get(stemmed, ()))))

    def _beside(self, place: int) -> frozenset[str]:
        first = bisect_left(self._soft, (place - AROUND + 1, ""))
        near = self._soft[first : first + 2 * AROUND]
        return frozenset([word for at, word in near if at != place and at - place < AROUND])


@lru_cache(maxsize=4096)
def moods(low: str) -> Moods:
    return Moods(low)


_BRACKETED = re.compile(r"\(([^()]{0,200})\)")
_REFUSED = re.compile(
    r"\b(?:is|are|be|was|were|being) (?:to be |strictly |therefore |then |always )?"
    r"(?:avoided|forbidden|prohibited|banned|contraindicated"
    r"|not (?:allowed|permitted|advised|recommended|acceptable))\b"
)


@lru_cache(maxsize=4096)
def refused(low: str) -> frozenset[str]:
    """The stems of the words that stand before what forbids them in their clause ("A with B, which is C, is to be
    avoided")."""
    found: set[str] = set()
    for clause in _CLAUSE.split(low):
        ends = [match.start() for match in _REFUSED.finditer(clause)]
        if ends:
            found.update(_stems(clause[: ends[-1]]))
    return frozenset(found)


@lru_cache(maxsize=4096)
def denied_examples(low: str) -> frozenset[str]:
    """The stems of what stands in brackets behind a negation of its clause: it is denied with what it explains."""
    found: set[str] = set()
    for match in _BRACKETED.finditer(low):
        if NEGATOR.search(_CLAUSE.split(low[max(0, match.start() - 200) : match.start()])[-1]):
            found.update(_stems(match[1]))
    return frozenset(found)


def _stems(low: str) -> list[str]:
    return [stemmed for word in WORD.findall(low) if (stemmed := content(word))]


@lru_cache(maxsize=4096)
def compensations(low: str) -> frozenset[str]:
    """The words of a text that deny, restrict or lessen, or that may stand for such a word of another text."""
    return frozenset([word for word in words_of(low) if _is_soft(word)])


@lru_cache(maxsize=4096)
def turns(low: str) -> bool:
    """Whether anything in a text could turn its sense round."""
    return any(map(_is_soft, words_of(low)))


@lru_cache(maxsize=1 << 15)
def _is_cue(word: str) -> bool:
    return _CUE.fullmatch(word) is not None


@lru_cache(maxsize=1 << 15)
def _is_soft(word: str) -> bool:
    return _SOFT.fullmatch(word) is not None
