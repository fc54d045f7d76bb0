"""Multiple-choice keys that their own explanation speaks against."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from string import ascii_uppercase
from typing import Annotated

from pydantic import Field

from synthgen.claims.alignment import claims_of
from synthgen.claims.statements import Statement
from synthgen.claims.words import content as content_stem
from synthgen.data import Extract, Record, Verdict
from synthgen.filters.base import Filter
from synthgen.filters.evidence import MAX_QUOTE
from synthgen.recipe import FilterSettings

_WORD = re.compile(r"\d++(?:[.,]\d++)*+|[^\W\d_]++|\w++")
_CLAUSE = re.compile(
    r"[;:] |[,;:]? \b(?:but|whereas|while|because|although|though|so|rather(?! than)|instead(?! of)|which|however)\b"
    r"|, (?=not\b)|, (?:and|or) (?=(?:[\w'-]+ ){1,8}"
    r"(?:is|are|was|were|should|must|may|might|can|could|will|would|does|do|has|have)\b)"
    r"|,? (?=(?:rather than|instead of|unlike|except)\b)"
)
_RELATIVE = re.compile(r"\b(?:who|whom|whose|when|if|unless|until|where)\b")
"""Where a clause begins that goes with the one before it."""
_CONTRAST = re.compile(r"\A(?:[^,;]{1,30}, )?(?:however|nevertheless|still|yet|but)\b")
"""What takes the place of the sentence before it."""
_BAN = re.compile(
    r"\b(?:contraindicat\w*|avoid\w*|inappropriate|unsafe|unsuitable|withh[eo]ld\w*|(?:should|must|may|can|do|does"
    r"|is|are) not"
    r"|cannot|never|against|exclud\w*|dangerous|harmful|forbidden|prohibited|precludes?)\b"
)
"""What says that something is not to be done."""
_DENIAL = re.compile(
    r"\b(?:not|no|none|neither|nor|rather than|instead of|unlike|incorrect|wrong|except|unnecessary"
    r"|too (?:low|high|early|late|short|long))\b"
)
"""What says that something else is not so."""
_BOUND = re.compile(
    r"\b(?:no|not|never) (?:to )?(?:less|more|fewer|later|earlier|longer|higher|lower|sooner|only|exceed\w*"
    r"|surpass\w*)\b"
    r"|\b(?:do|does|should|must|may) not exceed\b"
)
"""What words a limit, and denies nothing."""
_LIMITED = re.compile(
    r"\b(?:applies to|apply to|would|reserved|applies only|is for|are for|usual|for (?:adults|children|patients"
    r"|clients|infants))\b"
)
"""What tells of other cases."""
_ASKS_FOR_BAN = re.compile(
    r"\b(?:contraindicat\w*|avoid\w*|inappropriate|unsafe|unsuitable|withh[eo]ld|not|never|against|except|least"
    r"|incorrect"
    r"|wrong|false|exclud\w*|precludes?)\b"
)

PLACES = (1.0, 0.4, 0.2)
"""Weights of an explanation's first, second and later sentences: the first speaks for the key, later ones of the other
options as well."""


class AnswerKeySettings(FilterSettings):
    margin: Annotated[float, Field(ge=0)] = 0.55
    """How much more support than the key another option may have; support is in [0, 1]."""


class AnswerKey(Filter):
    """Rejects `key_contradicted`: a sentence of the explanation, most often the first, asserts far more of what tells
    another option from the rest than any asserts of the key.

    The score is the difference of the two shares."""

    name = "answer_key"
    codes = {"key_contradicted": "its explanation speaks for another option than its key"}
    order = 60
    Settings = AnswerKeySettings
    settings: AnswerKeySettings

    def check(self, record: Record, extract: Extract) -> Verdict:
        content = record.content
        if record.kind != "mcq" or content is None or not isinstance(content.get("options"), list):
            return Verdict(self.name, keep=True)
        options = [str(option) for option in content["options"]]
        key = ascii_uppercase.find(str(content["answer"]))
        if not 0 <= key < len(options):
            return Verdict(self.name, keep=True)
        claims = claims_of(record, extract)
        sentences = _sentences([made[0] for made in claims.made() if made[0].role == "explanation"])
        scores = support(options, sentences, str(content["question"]))
        mute = _mute(options) - {key}
        best = max(range(len(options)), key=lambda number: (number not in mute, scores[number], -number))
        margin = scores[best] - scores[key]
        if best == key or margin <= self.settings.margin:
            return Verdict(self.name, keep=True, score=margin)
        keyed = [statement for statement in claims.statements if statement.role == "key"]
        evidence = tuple(
            {"text": one.text[:MAX_QUOTE], "start": one.start, "end": one.end, "better": ascii_uppercase[best]}
            for one in keyed[:1]
        )
        return Verdict(self.name, keep=False, code="key_contradicted", score=margin, evidence=evidence)


def support(options: Sequence[str], sentences: Sequence[str], question: str) -> list[float]:
    """The share of what tells each option from the others that a sentence of the explanation asserts, at the most."""
    told = [_stems(option.lower()) for option in options]
    denying = [_denies(option.lower()) for option in options]
    counts = Counter(one for stems in told for one in stems)
    totals = [_weight(stems, counts) for stems in told]
    bans = bool(_ASKS_FOR_BAN.search(question.lower()))
    scores = [0.0] * len(options)
    for place, sentence in enumerate(sentences):
        weight = PLACES[min(max(0, place - 1) if _CONTRAST.search(sentence) else place, len(PLACES) - 1)]
        held, denied = _held(sentence, place == 0, bans)
        # A sentence that denies nothing bears no option that does.
        denial = held | denied if denied else denied
        for number, stems in enumerate(told):
            asserted = stems & (denial if denying[number] else held)
            if asserted:
                scores[number] = max(scores[number], weight * _weight(asserted, counts) / totals[number])
    return scores


def _mute(options: Sequence[str]) -> frozenset[int]:
    """The numbers of the options that deny what others say, and have no word of their own to be known by."""
    told = [_stems(option.lower()) for option in options]
    counts = Counter(one for stems in told for one in stems)
    return frozenset(
        number
        for number, option in enumerate(options)
        if _denies(option.lower()) and not any(counts[one] == 1 for one in told[number])
    )


def _sentences(statements: Iterable[Statement]) -> list[str]:
    """The statements in lower case, those that one sentence was cut into put together."""
    found = [""]
    for statement in statements:
        found[-1] = f"{found[-1]} {statement.reading.low}".strip()
        if statement.text.rstrip("\"' )*_\n").endswith((".", "!", "?")):
            found.append("")
    return [one for one in found if one]


def _denies(low: str) -> bool:
    bounded = _BOUND.sub(" ", low)
    return bool(_BAN.search(bounded) or _DENIAL.search(bounded))


def _held(sentence: str, first: bool, bans: bool) -> tuple[frozenset[str], frozenset[str]]:
    """The stems of the clauses that assert what is asked for, and of those that deny it or tell of other cases."""
    held: set[str] = set()
    denied: set[str] = set()
    for clause in _CLAUSE.split(_BOUND.sub(" ", sentence)):
        main, *relative = _RELATIVE.split(clause)
        ban = bool(_BAN.search(main))
        denial = bool(_DENIAL.search(_BAN.sub(" ", main))) or (not first and bool(_LIMITED.search(main)))
        asserts = ban == bans and not denial
        (held if asserts else denied).update(_stems(main))
        for one in relative:
            (held if asserts and not _denies(one) else denied).update(_stems(one))
    return frozenset(held), frozenset(denied)


def _weight(stems: frozenset[str], counts: Mapping[str, int]) -> float:
    return sum(1 / counts[one] ** 2 for one in sorted(stems))


@lru_cache(maxsize=4096)
def _stems(low: str) -> frozenset[str]:
    """The numbers of a lower-case text, whole, and the stems of its content words."""
    words = _WORD.findall(low)
    return frozenset([word if word[0].isdigit() else stem for word in words if (stem := content_stem(word))])
