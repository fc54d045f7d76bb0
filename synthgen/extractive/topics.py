"""What a statement is about: the headings above it, in words that fit into a sentence."""

from __future__ import annotations

import re

from synthgen.extractive.salience import is_administrative

_NUMBERING = re.compile(
    r"\A(?:(?:module|chapter|section|part|step|appendix|topic|recommendation|statement"
    r"|key question)\s+[\dA-Z]{1,3}(?:\.\d+)*\s*[:.–—-]\s*"
    r"|\d+(?:\.\d+)*[.):]?\s+|[A-Z][.)]\s+)",
    re.IGNORECASE,
)
_GENERIC = re.compile(
    r"(?:major |key |clinical |summary of |specific )?(?:recommendations?|statements?|points?)(?: (?:statements?"
    r"|and rationale|summary|grades?))?|general(?: principles| information)?|overview|"
    r"background|introduction|summary|discussion|results?|methods?|conclusions?|abstract|evidence|rationale"
    r"|description|definitions?|notes?|"
    r"remarks?|details?|guideline|scope|qualifying statements?|practice points?|clinical considerations?"
    r"|key (?:question|messages?|facts?)(?: \d+)?|drugs?|"
    r"routes? and dosages?(?: ranges?)?|evidence supporting the recommendations|implementation of the guideline"
    r"|main text|body|other|contents|"
    r"bottom line|at a glance|in brief|(?:if|when|who|how|why|where|what) .*[^?]|(?:recommendation|statement"
    r"|table|figure|box|step|part) \d+[a-z]?|(?:benefits|harms).*recommendations"
    r"|learning (?:outcomes?|objectives?)|references?|question \d+|pico \d+|objectives?|findings|purpose|about"
    r"|information|generic name|table|document|untitled",
    re.IGNORECASE,
)
_WEAK_WORDS = """
    dosing dose doses dosage monitoring contraindications complications adults children women men elderly
    treatment management diagnosis indications administration effects prevention screening follow-up goals goal
    initiation medications evaluation assessment harms benefits imaging therapy pharmacotherapy drugs surgery
    causes symptoms signs precautions warnings storage interactions referral education lifestyle diet nutrition
    exercise population initial acute chronic maintenance thresholds targets target timing duration safety
    investigations tests testing adjustment options approaches strategies agents choice
    choices alternatives severity recognition first
"""
WEAK = frozenset(_WEAK_WORDS.split())
_SUBJECT = re.compile(
    r"(?:guidelines?|guidance|statement|protocol|pathway|standards?)(?: of care)? (?:for|on|to|of) (?:the )?"
    r"(?P<subject>.+)",
    re.IGNORECASE,
)
_TASKS = re.compile(
    r"(?:(?:non-surgical |medical |clinical |initial |early |primary )*(?:screening|diagnosis|management"
    r"|treatment|prevention|evaluation|assessment|detection|care|use|rehabilitation|approach)"
    r"(?:,? and |, |/| or ))*(?:non-surgical |medical |clinical |initial |early |primary )*(?:screening|diagnosis"
    r"|management|treatment|prevention|evaluation|assessment|detection|care|rehabilitation) "
    r"(?:of|for|to|in) (?:the )?(?P<subject>.+)",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_SMALL_WORDS = "a an and as at by for from in of on or the to vs with without versus"
_SMALL = frozenset(_SMALL_WORDS.split())


def topic_name(heading: str) -> str:
    """A heading without its numbering; empty where it names no topic (`Recommendations`, a grade, a long sentence)."""
    name = _NUMBERING.sub("", heading.strip(), count=1).partition(": ")[0].strip(" :.–—-*")
    if name.isupper() and all(len(word) > 5 or word.lower() in _SMALL for word in name.split()):
        name = name.capitalize()
    if not 3 <= len(name) <= 90 or name[0] in "([*" or _GENERIC.fullmatch(name) or len(name.split()) > 12:
        return ""
    return name if name[0].isalnum() and any(map(str.isalpha, name)) and not is_administrative(name) else ""


def subject(title: str) -> str:
    """What a document is about, from its title; empty where the title does not say."""
    name = title.partition(". In:")[0].partition(": ")[0].strip(" .")
    for pattern in (_SUBJECT, _TASKS):
        found = pattern.search(name) if pattern is _SUBJECT else pattern.match(name)
        name = found["subject"] if found else name
    name = re.sub(r"(?i)^(?:the )?(?:patients?|people|persons|adults|individuals) with ", "", name)
    name = re.sub(
        r"(?i)[,:(]?\s*(?:\b(?:19|20)\d\d\b|medical treatment guidelines?|clinical practice guidelines?"
        r"|\bguidelines?\b).*$",
        "",
        name,
    )
    name = re.sub(r"(?i) in (?:the )?(?:primary care(?: setting)?|adults and children)$", "", name).strip(" .:,-")
    return name if len(name.split()) <= 10 and topic_name(name) else ""


def is_weak(topic: str) -> bool:
    """Whether a heading needs the one above it to be understood (`Dosing`, `Adults`)."""
    words = [word for word in topic.lower().split() if word not in _SMALL]
    return (
        len(words) <= 3
        and bool(words)
        and any(word.strip(",") in WEAK for word in (words[0], words[-1]))
        and topic.upper() != topic
    )


def joined(topic: str, context: str) -> str:
    """A topic with the wider one where it needs it, as a title."""
    return f"{context}: {topic}" if context and is_weak(topic) else topic


def inline(name: str, body: str) -> str:
    """A heading as words inside a sentence.

    A capital goes where `body` (the text below) has the word in lower case; a heading in title case with a word that
    may be a name stays as it is.
    """
    words = name.split(" ")
    lowered = [word.lower() if _lowers(word, body) else word for word in words]
    capitals = [word for word in words if word[:1].isupper() and word[1:].islower()]
    if len(capitals) > 1 and any(word in capitals for word in lowered):
        return name
    first = words[0]
    if len(capitals) == 1 and first in capitals and not re.search(rf"[a-z,] {re.escape(first)}\b", body):
        lowered[0] = first.lower()
    return " ".join(lowered)


def _lowers(word: str, body: str) -> bool:
    """Whether a heading's word is known to be written small inside a sentence."""
    bare = _WORD.search(word)
    if bare is None or not bare[0][:1].isupper() or bare[0] != bare[0].title():
        return False
    low = bare[0].lower()
    return low in _SMALL or low in WEAK or low.rstrip("s") in body
