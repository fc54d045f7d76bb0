"""Groups of people, and what they have: classes of words of which one stands in the place of another."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from synthgen.claims.words import WORD, content, stem, tokens_of, words_of

_CLASSES = """
    sex: woman women female females girl girls | man men male males boy boys
    age: infant infants neonate neonates neonatal newborn newborns baby babies toddler toddlers
        | child children pediatric paediatric boy girl boys girls childhood kids
        | adolescent adolescents teen teens teenager teenagers youth youths
        | adult adults adulthood | elderly geriatric seniors
    severity: mild mildly | moderate moderately | severe severely serious
    course: acute acutely | chronic chronically
    time: presurgical preoperative preoperatively | postsurgical postoperative postoperatively
    menopause: premenopausal | postmenopausal
    side: left | right
    setting: inpatient inpatients hospitalized hospitalised | outpatient outpatients ambulatory
    order: primary | secondary
    adequacy: adequate adequately | inadequate inadequately poorly insufficient insufficiently
    onset: first-time initial | recurrent recurring
    urgency: elective nonurgent | urgent emergent emergency
    life: living live alive | deceased dead inactivated
    part: donor donors | recipient recipients
    treated: treated | untreated
    stability: stable | unstable
    control: controlled | uncontrolled
    symptoms: symptomatic | asymptomatic
    smoking: smoker smokers | nonsmoker nonsmokers
    function: systolic | diastolic
    complexity: complicated | uncomplicated
    spread: localized localised | metastatic disseminated widespread generalized generalised diffuse
    normality: normal | abnormal impaired
"""
_TOKEN = re.compile(r"[^\W_]+|[.;:|,()]")
_JOINING = frozenset(("and", "or", "to"))
MAX_PHRASE = 7
"""Words behind one of a class that are looked at."""
MIN_THING = 3
_WITH = re.compile(
    r"\b(?:exclud\w+ \w+ with|(?:in |the )absence of|without|with no|with|who (?:have no|do not have|have)|having"
    r"|has no)"
    r"(?: (?:an?y?|the|history|of|known|other|prior|previous))* (?P<what>(?:[^\W\d_]+[ -]){0,1}[^\W\d_]+)"
)
_HAVING = frozenset(("with", "without", "absence", "who", "having", "has"))
_WITHOUT = re.compile(r"^(?:exclud|(?:in |the )?absence|(?:without|with no|who have no|who do not|has no)\b)")


def _table() -> Mapping[str, tuple[tuple[str, int], ...]]:
    """The classes that a word belongs to, and its place in each."""
    found: dict[str, tuple[tuple[str, int], ...]] = {}
    for line in _CLASSES.replace("\n        |", " |").strip().splitlines():
        name, _, rest = line.partition(":")
        for number, group in enumerate(rest.split("|")):
            for word in group.split():
                found[word] = (*found.get(word, ()), (name.strip(), number))
    return found


_VALUES = _table()
GROUPS = frozenset(_VALUES)
"""The words of all classes."""


@lru_cache(maxsize=8192)
def groups(low: str) -> Mapping[str, frozenset[int]]:
    """The groups that a lower-case text names, by class."""
    found: dict[str, set[int]] = {}
    for word in tokens_of(low) if not GROUPS.isdisjoint(words_of(low)) else ():
        for name, number in _VALUES.get(word, ()):
            found.setdefault(name, set()).add(number)
    return {name: frozenset(numbers) for name, numbers in found.items()}


@lru_cache(maxsize=8192)
def having(low: str) -> frozenset[tuple[str, bool]]:
    """The stems of what a text says that someone has or lacks."""
    found: set[tuple[str, bool]] = set()
    if _HAVING.isdisjoint(words_of(low)):
        return frozenset()
    for match in _WITH.finditer(low):
        lacks = bool(_WITHOUT.search(match[0]))
        found.update((stemmed, not lacks) for word in WORD.findall(match["what"]) if (stemmed := content(word)))
    return frozenset(found)


@lru_cache(maxsize=8192)
def of_class(name: str, text: str) -> frozenset[str]:
    """The stems of the groups of one class that a text names."""
    words = WORD.findall(text.lower())
    return frozenset([stem(word) for word in words if any(name == one for one, _ in _VALUES.get(word, ()))])


@lru_cache(maxsize=1 << 14)
def described(low: str) -> Mapping[tuple[str, str], frozenset[int]]:
    """The groups by which a lower-case text describes each thing, by their class and the stem of the thing: "mild" and
    "moderate" of "pain" in "mild to moderate back pain"."""
    found: dict[tuple[str, str], frozenset[int]] = {}
    if words_of(low).isdisjoint(GROUPS):
        return found
    words = _TOKEN.findall(low)
    for at, word in enumerate(words):
        for name, number in _VALUES.get(word, ()):
            for thing in _things(words[at + 1 : at + 1 + MAX_PHRASE], name):
                found[name, thing] = found.get((name, thing), frozenset()) | {number}
    return found


def _things(following: Sequence[str], name: str) -> Iterator[str]:
    """The stems of the first two content words of the phrase that a word of a class begins."""
    count = 0
    for word in following:
        if any(one == name for one, _ in _VALUES.get(word, ())) or (not count and word in _JOINING):
            continue
        if len(word) < MIN_THING or not word.isalpha() or count == 2 or not (stemmed := content(word)):
            return
        count += 1
        yield stemmed
