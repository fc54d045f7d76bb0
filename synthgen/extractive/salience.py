"""Which sentences of a guideline are worth learning from: those that say what to do, to whom, how much and when."""

from __future__ import annotations

import re
from functools import lru_cache

from synthgen.extractive.quantities import quantities

_ADMINISTRATIVE = re.compile(
    r"\b(?:disclosures?|funding|copyright|disclaimer|acknowledge?ments?|committees?|authors?|contributors?"
    r"|bibliograph\w+|references|"
    r"availability|companion documents|guideline (?:status|developer|title|category|objective|endorser"
    r"|validation)|ngc|neats|"
    r"conflicts? of interests?|search strategy|study selection|methods? (?:used|of)|methodolog\w+|rating scheme"
    r"|external review|"
    r"cost analysis|source documents|intended users|patient resources|iom (?:domain|care)|quality report"
    r"|adaptation|updating|"
    r"development group|group composition|clinical specialty|date released|implementation (?:tools|strategy)"
    r"|implementation of the guideline|guideline implementation|regulatory alert|"
    r"type of evidence|review questions?|abbreviations|further reading"
    r"|suggested citation|licen[cs]e)\b"
    r"|quality of evidence|\bgrading\b|\babout this\b|how to (?:read|use) this|evidence grades"
    r"|strength of (?:the )?recommendations?\b|levels? of certainty|recommendation categor",
    re.IGNORECASE,
)
_NOISE = re.compile(
    r"https?://|www\.|\bdoi\b|\bPMID\b|\bISSN\b|\bISBN\b|\bet al\b|\bibid\b|@\w|[\[\]]\s*references\]|©"
    r"|\bcopyright|all rights reserved"
    r"|\b(?:19|20)\d\d ?;\s?\d|\b\d+\s?\(\d+\):\s?\d|\bpp?\. ?\d"
    r"|\b(?:see|refer to|consult|shown in|listed in|summari[sz]ed in|presented in|described in|given in|found in"
    r"|according to) "
    r"(?:the |also )*(?:table|figure|fig\b|box|appendix|section|chapter|below|above|original|full|algorithm"
    r"|supplement|annex|\"|“)"
    r"|^(?:see|click|return to|back to|visit|download|source|adapted from|reprinted|available)\b|^\W*(?:table"
    r"|figure|fig\.|box|appendix) ?\d"
    r"|\boriginal guideline\b|\bguideline (?:document|summary|development|developer|clearinghouse)"
    r"|\bthis (?:guideline|document|summary"
    r"|chapter|article|module|section|report|statement|paper|table|review|book)\b|\bmajor recommendations\b"
    r"|\bas (?:discussed|described|noted|mentioned) "
    r"(?:in|above|below|earlier)|\bevidence tables?\b|\bconflicts? of interest\b|\bdisclos(?:e|ure)"
    r"|\bwork group (?:members|met)\b|\bliterature search"
    r"|\bsearch(?:ed|es)?\b.{0,40}\b(?:medline|pubmed|embase|cochrane)|\bmedline\b|\bnot (?:clinical"
    r"|medical) advice\b|\bcookies?\b"
    r"|\btables? (?:below|above)\b|\b(?:below|above) tables?\b|\bfollowing (?:list|table|link|website"
    r"|resources?)\b|\blook up\b"
    r"|\blists? (?:common|drug)|\bprototype table|\binformation is available\b|^[^:]* - [^:]* - "
    r"|\bbe (?:defined|found|discussed|presented) (?:at|in) (?:the|this)\b|\b(?:learning (?:outcomes?"
    r"|objectives?)|(?:you|students|readers) (?:will|should) be able)\b"
    r"|\bby the end of this\b|(?<![(\[])\b(?:weak|strong|moderate-strength) recommendations?\b"
    r"|\bcategory I{1,2} recommendation|\bCPGs\b"
    r"|\bexpert panel report\b"
    r"|\bmethodology team\b|\bevidence reviews?\b|\bkey questions?\b|\bprevious (?:version|guideline)"
    r"|\bwork group feels\b|\bstrength of (?:the|a|each) recommendation"
    r"|</|“?\"?Conditional,|\bcontinuum\b|\bproduct information of each\b|\billustrati(?:on|ve)\b|\b(?:previous"
    r"|updated) CPG\b|\bexclusive course\b|\bstandard of care and\b"
    r"|\bresponsible for evaluating\b|\bguidelines (?:are|is) (?:based|intended|designed|not)"
    r"|\bvariations in practice will\b"
    r"|\brecommendation categories\b|\bfrequency of a sign\b|\bunfolding case stud",
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
