"""Citations, trials, guideline bodies and years that the extract does not have."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from synthgen.claims.alignment import Claim, claims_of
from synthgen.claims.findings import finding, verdict
from synthgen.claims.source import Source
from synthgen.data import Extract, Record, Verdict
from synthgen.filters.base import Filter

_YEAR = re.compile(
    r"(?<![\d.,/–-])(?:19[5-9]\d|20[0-4]\d)(?![\d%]|[.,]\d|[/–-]\d| ?(?:m?c?g|m?L|mm|IU|units?|k?cal\w*|steps"
    r"|cells|times|mOsm)\b)"
)
_WORK = re.compile(
    r"(?P<name>(?:(?:[A-Z][\w’'-]*|of|the|and|for|on|in|&|\d{4}) ){1,8})"
    r"(?:(?:randomi[sz]ed|controlled|clinical|multicent\w+|pooled|landmark|prospective|international|national|practice"
    r"|titration|treatment|dosing|joint|[a-z]{4,12}) ){0,3}"
    r"(?P<kind>trials?|stud(?:y|ies)|guidelines?|guidance|consensus|meta-?analys[ie]s|re-?analysis|registry|cohort"
    r"|protocol|"
    r"statement|reviews?|survey|criteria|recommendations?|task force|group|report)\b"
)
_BODY = re.compile(
    r"(?:[A-Z][\w’'-]+ (?:(?:of|the|for|and|on|in|&) ){0,2}){0,6}"
    r"(?:Association|Society|College|Academy|Institutes?|Organi[sz]ation|Agency|Administration|Foundation|Federation"
    r"|Committee|Council|Task Force|Centers?|Cochrane|Collaboration|Collaborative|Board|Ministry|Department|Service"
    r"|Consortium|Network|League|Union|Commission|University|Journal|Lancet|Congress)\b"
    r"(?: (?:of|for|on|in|and|the|to|against)(?: (?:of|for|and|the))? [A-Z][\w’'-]+(?: (?:and )?[A-Z][\w’'-]+){0,4})?"
)
_SCHOLARLY = re.compile(
    r"\bet al\b|\bdoi\b|\bPMID\b|\bpublished (?:in|by)\b|\b[Rr]andomi[sz]ed(?:,? (?:\w+-\w+|controlled"
    r"|clinical))* (?:trial|study|\w+ trial)"
    r"|\b[Mm]eta-?analys[ie]s\b|\b(?:cohort|observational|case-control|phase [I1-4]{1,3}) (?:study|studies|trial)"
    r"|\blandmark\b|\bN Engl J Med\b|\bJAMA\b|\bBMJ\b|\b[Ss]ystematic review\b|\b[Rr]ecent (?:studies|trials"
    r"|research)\b"
)
_CUE = re.compile(
    r"(?:19[5-9]\d|20[0-4]\d|trial|stud[iy]|guideline|guidance|consensus|\w*analys[ie]s|registr|cohort|protocol"
    r"|statement|review"
    r"|survey|criteria|recommendation|task|group|report|associat|societ|colleg|academ|institut|organi[sz]ation|agency"
    r"|administration|foundation|federation|committee|council|cent(?:er|re)|cochrane|collaborat|board|ministry"
    r"|department|service"
    r"|consortium|network|league|union|commission|universit|journal|lancet|congress|al\b|doi|pmid|published"
    r"|landmark|jama|bmj"
    r"|research|randomi)\w*"
)
_CAPITAL = re.compile(r"[A-Z][^\W_]*(?:-[A-Z0-9][^\W_]*)*")


class Citations(Filter):
    """Rejects `citation_not_in_source`: a year, a study, a guideline or the body behind it that the extract, its title
    and its headings do not name. A vignette's own facts are not looked at."""

    name = "citations"
    codes = {"citation_not_in_source": "it cites a study, body or year that the extract does not"}
    order = 60

    def check(self, record: Record, extract: Extract) -> Verdict:
        found = (
            finding(statement, claim, *span)
            for statement, claim, _ in claims_of(record, extract).reworded("vignette", "option")
            for span in _cited(claim)
        )
        return verdict(self.name, "citation_not_in_source", found)


@lru_cache(maxsize=1 << 15)
def _is_cue(word: str) -> bool:
    return _CUE.fullmatch(word) is not None


@lru_cache(maxsize=1 << 13)
def _cited(claim: Claim) -> tuple[tuple[int, int], ...]:
    return tuple(_citations(claim.text, claim.source)) if any(map(_is_cue, claim.reading.tokens)) else ()


def _citations(text: str, source: Source) -> Iterator[tuple[int, int]]:
    for match in _YEAR.finditer(text):
        if match[0] not in source.low:
            yield match.span()
    for match in _WORK.finditer(text):
        first = not any(character.isalpha() for character in text[: match.start()])
        found = _CAPITAL.findall(match["name"])
        # The capital of a statement's first word means nothing.
        names = [*found[first:], *(name for name in found[:first] if not name[1:].islower())]
        if any(name.lower() not in source.low for name in names if len(name) > 2):
            yield match.span()
    for match in _BODY.finditer(text):
        words = [word for word in _CAPITAL.findall(match[0]) if len(word) > 2]
        if len(words) > 1 and any(word.lower() not in source.low for word in words):
            yield match.span()
    for match in _SCHOLARLY.finditer(text):
        if match[0].lower() not in source.low:
            yield match.span()
