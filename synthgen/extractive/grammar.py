"""The little English grammar that the rules need: imperatives, finite verbs, openings that lean on what came before."""

from __future__ import annotations

import re

_REGULAR = """
    offer administer consider monitor screen obtain perform repeat treat test counsel encourage limit restrict
    review record order switch add confirm adjust maintain continue refer start stop check assess evaluate
    measure initiate prescribe use reduce increase titrate discontinue advise educate vaccinate reinstitute
    exclude ensure provide replace taper apply inform discuss schedule admit arrange recommend avoid identify
    correct target assure remind supplement delay resume prefer examine select inspect inject infuse notify
    allow investigate judge move remove protect prevent manage prepare restore support
"""


def _participle(verb: str) -> str:
    if verb.endswith("e"):
        return verb + "d"
    if verb.endswith("y") and verb[-2] not in "aeiou":
        return verb[:-1] + "ied"
    return verb + (verb[-1] if verb in {"stop", "refer", "admit", "prefer"} else "") + "ed"


_IRREGULAR = {
    "give": "given",
    "hold": "held",
    "withhold": "withheld",
    "take": "taken",
    "keep": "kept",
    "seek": "sought",
    "begin": "begun",
}
PARTICIPLES = {verb: _participle(verb) for verb in _REGULAR.split()} | _IRREGULAR
"""Verbs that guidelines use in the imperative, each with its past participle."""

_FINITE = re.compile(
    r"\b(?:is|are|was|were|be|been|has|have|had|should|must|may|might|can|could|will|would|do|does|did|cannot"
    r"|need|needs|recommends?|suggests?|"
    r"includes?|requires?|causes?|occurs?|increases?|reduces?|decreases?|improves?|depends?|appears?|remains?"
    r"|becomes?|provides?|contains?|"
    r"advises?|indicates?|supports?|leads?|results?|makes?|allows?|helps?|affects?|shows?|produces?|prevents?"
    r"|blocks?|inhibits?|works?|acts?|"
    r"means|lasts?|begins?|starts?|tends?|responds?|consists?|involves?|represents?|carry|carries|calls|develops?|gets?"
    r"|goes|comes?)\b"
)
_CONDITIONAL = re.compile(
    rf"(?:For|In|On|With|If|When|Once|After|Before|During|Until|Unless) [^.;:]+, (?:do not|{'|'.join(PARTICIPLES)}) \w"
)
"""An instruction behind its condition."""
_DEPENDENT = re.compile(
    r"(?:this|these|those|it(?! is (?:recommended|important|essential|suggested|reasonable|advised|necessary"
    r"|appropriate|advisable))|they|them|"
    r"their|its|such|he|she|his|her|however|therefore|thus|hence|otherwise|also|additionally|furthermore|moreover"
    r"|likewise|similarly|"
    r"conversely|consequently|instead|nevertheless|nonetheless|but|and|or|yet|then|alternatively|meanwhile"
    r"|accordingly|subsequently|"
    r"in (?:its|their|addition|contrast|this|these|such|that|those|turn|particular|general|other words)"
    r"|for (?:example"
    r"|instance|this|these|those|such)|as (?:a result|such|above)|"
    r"on the other hand|if (?:so|not|this|these|it|they)|when (?:this|these|it|they)|of (?:these|those|note)"
    r"|at this|with this|after this|both of|"
    r"(?:although|though|because|since|while|with|despite|after|before|during|by|under) (?:this|these|it|they"
    r"|such|those)|"
    r"neither|the (?:former|latter|same|other|above|second|third|last|remaining)|another|others?|(?:first|second"
    r"|third|fourth|last|finally)(?:ly)?,|despite this|some of (?:these|the)|"
    r"most of (?:these|the)|all of (?:these|the)|here|there(?:fore|by|after)|so|we|our|i|you will|let us)\b",
    re.IGNORECASE,
)
_NOT_OBJECTS = frozenset({"of", "in", "by", "to", "on", "and", "or", "from", "with"})
_MODAL = re.compile(r"is|are|was|were|should|may|must|can|will|has|have|includes?|requires?")
GRADE = re.compile(
    r"[(\[](?:(?:strong|weak|moderate|conditional)(?: (?:for|against|recommendation)\b[^()\[\]]{0,60})?|(?:grade"
    r"|level|class|category|loe|evidence|strength)\b[^()\[\]]{0,60}"
    r"|[SWC] ?\++|[A-D][+-]?|EO|I{1,3}|consensus[^()\[\]]{0,40}|expert opinion|good practice(?: point"
    r"| statement)?)[)\]]\.?$",
    re.IGNORECASE,
)
"""A grade in brackets at the end of a sentence."""


def is_sentence(text: str) -> bool:
    """Whether `text` states something by itself: it has a finite verb or is an instruction."""
    return _FINITE.search(text) is not None or is_imperative(text) or _CONDITIONAL.match(text) is not None


def is_imperative(text: str) -> bool:
    words = text.split(maxsplit=3)
    if len(words) > 2 and words[0].lower() == "do" and words[1].lower() == "not":
        return True
    if len(words) < 2 or not words[0][:1].isupper() or words[0].lower() not in PARTICIPLES:
        return False
    return words[1] not in _NOT_OBJECTS and not any(_MODAL.fullmatch(word) for word in words[1:3])


def leans(text: str) -> bool:
    """Whether a sentence opens with a word that refers to the sentence before it."""
    return _DEPENDENT.match(text) is not None and not re.match(r"(?i)such as\b|for this reason we\b", text)


def closed(text: str) -> str:
    """`text` with a full stop where it ends with none, or with a grade behind one."""
    stated = GRADE.sub("", text).rstrip()
    if text.endswith((".", "!", "?", ".)", ".]", ".”", '."')) or (stated != text and stated.endswith(".")):
        return text
    return text.rstrip(" ;,:") + "."
