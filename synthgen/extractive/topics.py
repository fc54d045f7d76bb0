"""What a statement is about: the headings above it, in words that fit into a sentence."""

from __future__ import annotations

import re
from collections.abc import Sequence

from synthgen.extractive.salience import is_administrative

_NUMBERING = re.compile(
    r"\A(?:(?:module|chapter|section|part|step|appendix|topic|recommendation|statement"
    r"|key question)\s+[\dA-Z]{1,3}(?:\.\d+)*\s*[:.–—-]\s*"
    r"|\d+(?:\.\d+)*[.):]?\s+|[A-Z][.)]\s+)",
    re.IGNORECASE,
)
_GENERIC_WORDS = """
    major key clinical summary specific recommendation recommendations statement statements point points rationale
    grade grades general principle principles information overview background introduction discussion result results
    method methods conclusion conclusions abstract evidence supporting description definition definitions note notes
    remark remarks detail details guideline guidelines scope qualifying practice considerations question questions
    message messages fact facts implementation drug drugs route routes dosage dosages range ranges main text body other
    contents bottom line glance brief table figure box part step learning outcome outcomes objective objectives answer
    reference references finding findings purpose about name generic document untitled pico benefits harms
    implementing
"""
_GENERIC = frozenset(_GENERIC_WORDS.split())
_WEAK_WORDS = """
    dosing dose doses dosage monitoring contraindications complications adults children women men elderly
    medicine medicines
    treatment management diagnosis indications administration effects prevention screening follow-up goals goal
    initiation medications evaluation assessment harms benefits imaging therapy pharmacotherapy drugs surgery
    causes symptoms signs precautions warnings storage interactions referral education lifestyle diet nutrition
    exercise population initial acute chronic maintenance thresholds targets target timing duration safety
    investigations tests testing adjustment options approaches strategies agents choice
    choices alternatives severity recognition other special specific usual further
    first hour hours day days week weeks
"""
WEAK = frozenset(_WEAK_WORDS.split())
_SUBJECT = re.compile(
    r"(?:guidelines?|guidance|statement|protocol|pathway|standards?)(?: of care)? (?:for|on|to|of) (?:the )?"
    r"(?P<subject>.+)",
    re.IGNORECASE,
)
_TASK = (
    r"(?:[a-z-]+al |initial |early |primary )*(?:screening|diagnosis|management|treatment|prevention|evaluation"
    r"|assessment|detection|care|use|rehabilitation|approach)"
)
_TASKS = re.compile(
    rf"(?:{_TASK}(?:,? and |, |/| or ))*{_TASK} (?:of|for|to|in) (?:the )?(?P<subject>.+)", re.IGNORECASE
)
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_SMALL_WORDS = "a an and as at by for from in of on or the to vs with without versus"
_SMALL = frozenset(_SMALL_WORDS.split())
_LONGEST_TITLE = 14


def topic_name(heading: str) -> str:
    """A heading without its numbering; empty where it names no topic (`Recommendations`, a grade, a long sentence)."""
    name = _NUMBERING.sub("", heading.strip(), count=1).partition(": ")[0].strip(" :.–—-*")
    if name.isupper() and all(len(word) > 5 or word.lower() in _SMALL for word in name.split()):
        name = name.capitalize()
    words = [word.lower() for word in _WORD.findall(name)]
    if not 3 <= len(name) <= 90 or len(name.split()) > 12 or (_GENERIC | _SMALL).issuperset(words):
        return ""
    return name if name[0].isalnum() and not is_administrative(name) else ""


def subject(title: str) -> str:
    """What a document is about, from its title; empty where the title does not say."""
    name = title.partition(". In:")[0].partition(": ")[0].strip(" .")
    for pattern in (_SUBJECT, _TASKS):
        found = pattern.search(name) if pattern is _SUBJECT else pattern.match(name)
        name = found["subject"] if found else name
    name = re.sub(r"(?i)^(?:the )?(?:(?:patients?|people|persons|adults|individuals) with )?", "", name)
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
    return bool(topic) and (WEAK | _SMALL).issuperset(topic.lower().replace(",", "").split())


def is_named(name: str, text: str) -> bool:
    """Whether `text` holds most of the telling words of `name`, in any of their forms, or its initials."""
    words = _WORD.findall(name)
    initials = "".join(word[0] for word in words).upper()
    if len(initials) > 2 and re.search(rf"\b{initials}\b", text):
        return True
    said = text.lower()
    words = [word for word in map(str.lower, words) if word not in _SMALL]
    telling = [word for word in words if word not in WEAK] or words
    return 2 * sum(word[: max(4, len(word) - 3)] in said for word in telling) > len(telling)


def missing(names: Sequence[str], text: str) -> list[str]:
    """Those of the names, wider ones first, that neither `text` nor a narrower name holds."""
    return [
        name
        for n, name in enumerate(names)
        if name and not any(is_named(name, said) for said in (text, *names[n + 1 :]))
    ]


def title(names: Sequence[str]) -> str:
    """Names as one title, the widest first, none as an empty one; only the narrowest where it would be long."""
    joined = ", ".join([name for name in names if not name.endswith("?")] or names)
    joined = joined if len(joined.split()) <= _LONGEST_TITLE else names[-1]
    return joined[:1].upper() + joined[1:] if joined.split(" ")[0].islower() else joined


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
