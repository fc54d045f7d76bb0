"""What a text denies, clause by clause.

A sentence is taken apart into clauses, and these into segments: the main one, conditions, exceptions, reasons. Of a
segment is told how often it denies, and of which words that is certain. All texts are in lower case.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from synthgen.claims.seeming import plain
from synthgen.claims.words import content, stem, table, words_of

REACH = 5
"""Content words on either side of a negation, in its segment, of which it is certain that they are denied."""

WINDOW = 24
"""Words, those of closed classes too, among which these are looked for."""

MOST = 40
"""Clauses of a text, and segments of a clause, that are told apart; no sentence has more."""

CLOSE = 4
"""Words within which two negations take each other back ("should not be withheld")."""

_BREAK = re.compile(
    r"([.!?](?!\d)|[;:]|\b(?:but|however|although|though|whereas|while|despite|therefore|thus|yet|nevertheless)\b"
    r"|, (?=(?:and|so) ))"
)
_FINITE = "is|are|was|were|has|have|may|might|can|could|will|would|does|do"
_OPENER = re.compile(
    r"\b(if|when|whenever|who|whom|whose|which|where|until|unless|except|provided|once|because|due to|owing to|since"
    r"|without|given that|in view of|on account of|so that|in order to|so as to"
    rf"|as(?= (?:the|it|they|this|these|that|there|he|she|its|their)\b(?: \w+){{0,4}} (?:{_FINITE})\b)"
    r"|(?:(?<=avoided )|(?<=withheld )|(?<=omitted )|(?<=prohibited )|(?<=discouraged ))to)\b"
    r"|[,()|]"
)
_KINDS = (
    {"without": "without", "unless": "unless", "except": "unless", "until": "unless"}
    | dict.fromkeys(
        ("because", "due to", "owing to", "since", "given that", "in view of", "on account of", "as"), "because"
    )
    | dict.fromkeys(("so that", "in order to", "so as to", "to"), "purpose")
    | dict.fromkeys(("who", "whom", "whose", "which", "where"), "who")
)
_GOES_ON = re.compile(r" (?:do |does |are |is )?not\b")
_TOKEN = re.compile(r"[^\W_]+|[,:()|<>≤≥]")
_SIGN = re.compile("[<>≤≥]")
_STOPS = frozenset(",:()|")
_JOINTS = frozenset(("and", "or"))

_DENIES = re.compile(
    r"not|no|never|neither|nor|cannot|without|against|avoid\w*|contraindicat\w*|withh[eo]ld\w*|omit\w*|omission"
    r"|refrain\w*|abst(?:ain|ention)\w*|prohibit\w*|forbid\w*|disallow\w*|banned|discourag\w*|preclud\w*|unable|inability"
    r"|incapable|lack\w*|absen(?:t|ce)|unknown|insufficient\w*|inadequa\w*|inconclusive|missed|skip\w*|ineligible"
)
_FORWARD = table(
    """
    no without against neither nor unable inability incapable lack lacks lacking refrain refrains refraining abstain
    avoid avoids avoiding omit omits omitting withhold withholding skip skipping
    """
)
"""The negations that deny only what follows them."""

_PLAIN = table("not no never neither nor cannot without")
_LESSENS = re.compile(
    r"un(?!der|it|iv|iq|less|til|ion)\w{4,}|in(?:eff|appr|cons|act|comp)\w+|non\w{3,}"
    r"|dis(?:advis|agre|appear|approv|continu|courag|favo|qualif|regard|suad)\w*|stop\w*|except\w*|exclud\w*|unless"
    r"|rather|instead|only|less|too|until|free|refus\w*|declin\w*|oppos\w*|other|below|above|over|older|younger|more"
    r"|greater|higher|lower|few\w*|hardly|barely|rarely|seldom|beyond|apart|besides|prevent\w*|fail\w*|exceed\w*|cease\w*"
    r"|halt\w*|limit\w*|none|nothing|nobody|minimal|inconsisten\w*|poor\w*|little|missing|neutral|deni\w*|den(?:y|ies)"
    r"|spar(?:e|ed|ing)|restrict\w*|reserv\w*|prior|following|later|outside|reject\w*|remov\w*|negative\w*"
    r"|caution\w*|wary|careful\w*|harm\w*|danger\w*|alone|[<>≤≥]|under|interrupt\w*|paus\w*|persist\w*|resist\w*"
    r"|suspend\w*|delay\w*|postpon\w*|longer|else\w*|away|than"
    r"|still|mistake\w*|wrong\w*|err(?:or|oneous)\w*|improper\w*|unwise|clear|forgo\w*|forego\w*|myth\w*|another"
    r"|different\w*|alternativ\w*|substitut\w*|bar(?:s|red|ring)?|usual|unchanged"
    r"|again|some(?:one|body)|resum\w*|covers?|concerns?|off|taper\w*|wean\w*|fatal\w*|lethal\w*|deadly|hazard\w*|risky|cessation"
)


_DIRECTIONS = dict.fromkeys(table("less fewer few lower below under younger smaller < ≤"), "<") | dict.fromkeys(
    table("more greater higher above over beyond exceed exceeds exceeded exceeding older longer later > ≥"), ">"
)
_IDLE = table("than too")

_LIGHT = frozenset((stem("needed"),))
"""Verbs whose negation denies what they govern."""


@dataclass(frozen=True, slots=True)
class Segment:
    """Words of a clause that belong to the same condition: its `kind`, empty for the main one; its content words in
    order, without those that deny, and the stems of all; those that restrict, lessen or compare; how often it denies;
    the words that its negations surely deny and that it has nowhere else; those that stand next behind a negation, or
    before it; and the negations that are no mere "not"."""

    kind: str
    order: tuple[str, ...]
    stems: frozenset[str]
    words: frozenset[str]
    lessened: frozenset[str]
    denials: int
    near: frozenset[str]
    heads: frozenset[str]
    lexical: frozenset[str]

    @property
    def denied(self) -> bool:
        return self.denials % 2 == 1


@dataclass(frozen=True, slots=True)
class Clause:
    segments: tuple[Segment, ...]

    @property
    def words(self) -> frozenset[str]:
        """The stems of all its words."""
        return frozenset[str]().union(*[one.words for one in self.segments])


@lru_cache(maxsize=4096)
def clauses(low: str) -> tuple[Clause, ...]:
    """The clauses of a text that have words."""
    found: list[Clause] = []
    sign = ""
    for number, piece in enumerate(_BREAK.split(plain(low), maxsplit=MOST)):
        if number % 2:
            sign = piece
            continue
        kind = found[-1].segments[-1].kind if found and sign == "but" and _GOES_ON.match(piece) else ""
        clause = _clause(piece, kind)
        if clause.segments:
            found.append(clause)
    return tuple(found)


def _clause(piece: str, kind: str) -> Clause:
    parts: list[tuple[str, str]] = []
    at = 0
    for match in _OPENER.finditer(piece):
        if match[1] or kind:
            parts.append((kind, piece[at : match.start()]))
            kind, at = (_KINDS.get(match[1], "if"), match.end()) if match[1] else ("", match.start())
    parts.append((kind, piece[at:]))
    made = [
        _segment(kind, tokens)
        for kind, text in parts[:MOST]
        for tokens in _joined([*kind.split()[kind != "without" :], *_TOKEN.findall(text)])
    ]
    return Clause(tuple([one for one in made if one.words or one.denials]))


def _joined(tokens: list[str]) -> list[list[str]]:
    """The parts that "and" or "or" joins, where each of them denies for itself."""
    places = [at for at, token in enumerate(tokens) if is_negation(token)]
    found: list[list[str]] = []
    begin = 0
    for one, other in pairwise(places):
        joints = [at for at in range(one, other) if tokens[at] in _JOINTS]
        if joints and tokens[other] != "nor":
            found.append(tokens[begin : joints[-1]])
            begin = joints[-1]
    return [*found, tokens[begin:]]


def _segment(kind: str, tokens: list[str]) -> Segment:
    denials = [at for at, denies in enumerate(map(is_negation, tokens)) if denies]
    places = [at for at in denials if tokens[at] != "nor" or at == denials[0]]
    order = tuple(filter(None, map(_word, tokens)))
    near: list[str] = []
    heads: set[str] = set()
    if len(places) < WINDOW and all(other - one <= CLOSE for one, other in pairwise(places)):
        for at in places:
            ahead = _reach(tokens[at + 1 : at + WINDOW])
            back = [] if tokens[at] in _FORWARD else _reach(tokens[max(0, at - WINDOW) : at][::-1], _JOINTS)
            near += (*ahead, *back)
            heads.update([one for one in ahead if one not in _LIGHT][:1] or ahead[:1] or back[:1])
    sure = frozenset([one for one in near if order.count(one) <= near.count(one)])
    return Segment(
        kind,
        order,
        frozenset(order),
        frozenset(filter(None, map(_stem, tokens))),
        frozenset(filter(None, map(_lessening, tokens))),
        len(places),
        sure,
        frozenset(heads),
        frozenset([content(tokens[at]) for at in places if tokens[at] not in _PLAIN]),
    )


def _reach(tokens: list[str], joints: frozenset[str] = frozenset()) -> list[str]:
    """The first few content words, up to a comma, a bracket or one of some words."""
    found: list[str] = []
    for token in tokens:
        if token in _STOPS or token in joints or len(found) == REACH:
            break
        if stemmed := _word(token):
            found.append(stemmed)
    return found


@lru_cache(maxsize=1 << 15)
def _stem(token: str) -> str:
    return content(token) if token.isalnum() else ""


@lru_cache(maxsize=1 << 15)
def _word(token: str) -> str:
    return "" if is_negation(token) else _stem(token)


@lru_cache(maxsize=1 << 15)
def is_negation(token: str) -> bool:
    return _DENIES.fullmatch(token) is not None


@lru_cache(maxsize=1 << 15)
def _lessening(token: str) -> str:
    """One name for words that lessen in the same way; empty for any other."""
    if token in _IDLE or not is_lessening(token):
        return ""
    return "limit" if token.startswith("limit") else _DIRECTIONS.get(token) or content(token) or token


@lru_cache(maxsize=1 << 15)
def is_lessening(token: str) -> bool:
    return _LESSENS.fullmatch(token) is not None


@lru_cache(maxsize=4096)
def denials(low: str) -> frozenset[str]:
    """The words of a text that deny, by their stems."""
    return frozenset([content(word) or word for word in words_of(plain(low)) if is_negation(word)])


@lru_cache(maxsize=4096)
def negations(low: str) -> tuple[str, ...]:
    """The words of a text that deny, in order, each as often as it stands there, but "nor" behind "neither"."""
    found = [word for word in _TOKEN.findall(plain(low)) if is_negation(word)]
    return tuple([word for at, word in enumerate(found) if word != "nor" or "neither" not in found[:at]])


@lru_cache(maxsize=4096)
def lessened(low: str) -> frozenset[str]:
    """The stems of the words that restrict, lessen or compare."""
    return frozenset().union(*[one.lessened for clause in clauses(low) for one in clause.segments])


@lru_cache(maxsize=4096)
def denies(low: str) -> bool:
    """Whether any word of a text denies."""
    return "n't" in low or "n’t" in low or any(map(is_negation, words_of(low)))


@lru_cache(maxsize=4096)
def lessens(low: str) -> bool:
    """Whether any word or sign of a text denies, restricts, lessens or compares."""
    return denies(low) or any(map(is_lessening, words_of(low))) or _SIGN.search(low) is not None
