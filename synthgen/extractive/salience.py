"""Which sentences of a guideline are worth learning from: those that say what to do, to whom, how much and when."""

from __future__ import annotations

import re
from functools import lru_cache

from synthgen.extractive.quantities import quantities

_ADMINISTRATIVE = re.compile(
    r"\b(?:disclosures?|funding|copyright|disclaimer|acknowledge?ments?|committees?|authors?|contributors?|licen[cs]e"
    r"|bibliograph\w+|references|citation|availability|methodolog\w+|abbreviations|adaptation|updating"
    r"|conflicts? of interests?|methods? (?:used|of)|(?:search|implementation) (?:strategy|tools)|study selection"
    r"|rating scheme|grading|(?:external|evidence) review|cost analysis|intended users|further reading|regulatory alert"
    r"|(?:source|companion) documents|(?:development|working) group|group composition|review questions?"
    r"|(?:type|quality|levels?|grades?) of (?:evidence|certainty)|evidence grades|strength of (?:the )?recommendations?"
    r"|recommendation categor\w+|guideline (?:status|developer|title|category|objective|endorser|validation"
    r"|implementation)|implementation of the guideline|about this|how to (?:read|use) this)\b",
    re.IGNORECASE,
)
_NOISE = re.compile(
    r"https?://|www\.|@\w|©|</"
    r"|\b(?:doi|PMID|ISSN|ISBN|et al|ibid|medline|cookies?|all rights reserved|(?:19|20)\d\d ?;\s?\d"
    r"|\d+\s?\(\d+\):\s?\d|pp?\. ?\d)|\bcopyright"
    r"|\b(?:see|refer to|consult|according to|as in|as (?:discussed|described|noted|mentioned)"
    r"|(?:shown|listed|summari[sz]ed|presented|described|given|found|discussed|defined) (?:at|in))"
    r" (?:in |the |also )*(?:tables?|figure|fig\b|box|appendix|section|chapter|below|above|earlier|original|full|this"
    r"|algorithm|supplement|annex|\"|“)"
    r"|^(?:see|click|return to|back to|visit|download|source|adapted from|reprinted|available)\b"
    r"|^\W*(?:table|figure|fig\.|box|appendix) ?\d|\b(?:tables?|presented|listed|shown) (?:below|above)\b"
    r"|\b(?:below|above) tables?\b"
    r"|\b(?:this|original|updated|previous|following) (?:guidelines?|CPGs?|document|summary|chapter|article|module"
    r"|section|report|statement|paper|tables?|review|book|list|link|website|resources?|version)\b"
    r"|\bguidelines? (?:document|summary|develop(?:ment|er)|clearinghouse|(?:is|are) (?:based|intended|designed|not))\b"
    r"|\b(?:work group|panel) (?:members|met|feels|report)\b|\bkey questions?\b|\bliterature search"
    r"|\bmethodology team\b"
    r"|\bevidence (?:tables?|reviews?)\b|\bconflicts? of interest\b|\bdisclos(?:e|ure)|\billustrati(?:on|ve)\b"
    r"|\bnot (?:clinical|medical) advice\b|\blearning (?:outcomes?|objectives?)\b"
    r"|\b(?:you|students|readers) (?:will|should) be able\b"
    r"|(?<![(\[])\b(?:weak|strong) recommendations?\b|\b(?:strength|grade|rating) of (?:the |a |each )?recommendation"
    r"|\brecommendation categor",
    re.IGNORECASE,
)
_AUTHORS = re.compile(r"\b[A-Z][a-z]+ [A-Z]{1,2}, [A-Z][a-z]+ [A-Z]{1,2}\b")
_ADVICE = re.compile(
    r"\b(?:recommend(?:s|ed|ation)?|suggests?|should|must|advis(?:e|ed|able)|offer(?:ed)?|consider(?:ed)?"
    r"|prefer(?:red)?|"
    r"first[- ]line|indicated|administer(?:ed)?|initiat(?:e|ed)|prescribe[d]?|target|goal|refer(?:red)?"
    r"|monitor(?:ed)?)\b",
    re.IGNORECASE,
)
_CAUTION = re.compile(
    r"\b(?:contraindicat\w+|avoid(?:ed)?|do not|not recommended|against|caution\w*|warning|stop(?:ped)?"
    r"|discontinu\w+|withh[eo]ld"
    r"|adverse|toxicity|unless|except)\b",
    re.IGNORECASE,
)
_CONDITION = re.compile(
    r"^(?:for|in|if|when|once|while|after|before|during|among) |\b(?:patients?|adults?|children|women|infants"
    r"|people|persons) "
    r"(?:with|who|aged|at|on|younger|older|over|under)\b|\b(?:every|weekly|monthly|daily|annually)\b|[<>≤≥]",
    re.IGNORECASE,
)
_BACKGROUND = re.compile(
    r"\b(?:stud(?:y|ies)|trials?|reviewers?|systematic reviews?|cohort|participants|randomi[sz]ed|meta-analys\w+"
    r"|confidence interval|survey)\b",
    re.IGNORECASE,
)


def is_administrative(heading: str) -> bool:
    """Whether a heading announces matter about the document itself and not about care."""
    return _ADMINISTRATIVE.search(heading) is not None


@lru_cache(maxsize=4096)
def is_noise(sentence: str) -> bool:
    """Whether a sentence points elsewhere (a citation, a link, a table) or speaks of the document itself.

    One that holds a dose never is: a dose that is lost harms more than a pointer that stays.
    """
    if _NOISE.search(sentence) or _AUTHORS.search(sentence):
        return not any(quantity.is_dose for quantity in quantities(sentence))
    return not any(map(str.isalpha, sentence))


def salience(sentence: str) -> int:
    """How much a sentence bears on care; 0 for background, larger for advice, doses, limits and conditions."""
    found = quantities(sentence)
    score = 4 if found else 0
    score += 1 if any(quantity.is_dose for quantity in found) else 0
    score += 3 if _ADVICE.search(sentence) else 0
    score += 2 if _CAUTION.search(sentence) else 0
    score += 1 if _CONDITION.search(sentence) else 0
    return max(0, score - (4 if _BACKGROUND.search(sentence) else 0))
