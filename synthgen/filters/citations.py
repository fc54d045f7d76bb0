"""Citations, trials, guideline bodies and years that the extract does not have."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from synthgen.claims.alignment import Claim, claims_of
from synthgen.claims.findings import finding, verdict
from synthgen.claims.source import Source
from synthgen.claims.words import FUNCTION, WORD, content, stem, table
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
    r"\bet al\b|\bdoi\b|\bPMID\b|\b[Rr]andomi[sz]ed(?:,? (?:\w+-\w+|controlled"
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
_AND = re.compile(r"\band\b|,")
_VERB = re.compile(r"\A[A-Z][a-z]+ the ")
_OF_COUNTRY = re.compile(r"(?:ish|[ieac]an|ese|dic)\Z")

LONGEST = 5
"""Letters of an acronym that the words of an extract may spell."""

ROOT = 4
"""Letters that the name of a country shares with its adjective."""

_ROLES = table(
    """
    guideline guidelines committee panel panelists group workgroup work working writing task force expert experts
    advisory development review evidence steering consensus board council ii iii iv
    """
)
"""What a guideline calls those who made it, and phases of trials."""

_CALLED = frozenset(("Poison", "Emergency"))
"""What tells a service that anyone may call."""

_STUDIES = frozenset(map(stem, table("study studies trial trials research review reviews phase i ii iii iv")))
"""The studies that it goes by, whatever their number is called."""


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
        if _strange(names, source):
            yield match.span()
    for match in _BODY.finditer(text):
        parts = [_CAPITAL.findall(part) for part in _AND.split(_VERB.sub("", match[0]))]
        names = [name for part in parts for name in part]
        if (
            len(names) > 1
            and _CALLED.isdisjoint(names)
            and _strange(names, source)
            and any(_strange(part, source) for part in parts)
        ):
            yield match.span()
    for match in _SCHOLARLY.finditer(text):
        if _scholarly(match[0], text[: match.start()], source):
            yield match.span()


def _scholarly(said: str, before: str, source: Source) -> bool:
    """Whether the extract has no such study, under this name or by its initials, and no such author."""
    words = WORD.findall(said)
    if said.lower() in source.low or _initials(words) in source.acronyms:
        return False
    author = _CAPITAL.findall(before)[-1:] if said == "et al" else []
    if author and author[0].lower() in source.low:
        return False
    stems = [stemmed for word in words if (stemmed := content(word)) and stemmed not in _STUDIES]
    return any(stemmed not in source.vocabulary for stemmed in stems)


def _strange(names: list[str], source: Source) -> bool:
    """Whether any of the words of a name is none of the extract's, nor has this an acronym of the name."""
    told = [name for name in names if len(name) > 2 and name.lower() not in FUNCTION]
    return any(not _known(name, source) for name in told if name.lower() not in _ROLES) and not _shortened(told, source)


def _known(name: str, source: Source) -> bool:
    low = name.lower()
    return (
        low in source.low
        or (content(low) or low) in source.vocabulary
        or (name.isupper() and len(name) <= LONGEST and name in _all_initials(source))
        or (_OF_COUNTRY.search(low) is not None and re.search(rf"\b{name[:ROOT]}", source.text) is not None)
    )


def _shortened(names: list[str], source: Source) -> bool:
    """Whether the extract has the initials of a name, all but one of them, or more ("USPSTF" for a task force)."""
    whole = _initials(names)
    return any(
        (len(one) >= len(whole) - 1 and (one in whole or (len(one) > 2 and _within(one, whole))))
        or (len(whole) > 1 and one.endswith(whole))
        for one in source.acronyms
    )


@lru_cache(maxsize=32)
def _all_initials(source: Source) -> str:
    return _initials(word for word in source.words if word not in FUNCTION)


def _initials(names: Iterable[str]) -> str:
    return "".join([name[0] for name in names]).upper()


def _within(short: str, long: str) -> bool:
    """Whether the letters of one word stand in another in the same order, from the first one on."""
    rest = iter(long)
    return short[0] == long[0] and all(letter in rest for letter in short)
