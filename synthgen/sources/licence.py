"""Licences: their usual short names, and the policy that says which documents may be used at all."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase

from synthgen.data import Document
from synthgen.errors import LicenceError
from synthgen.recipe import LicencePolicy

_LONGEST = 160
_CLAUSES = {"NC": "noncommercial", "SA": "sharealike", "ND": "noderiv"}
_ADDRESS = re.compile(
    r"creativecommons\.org/(?P<part>licenses|publicdomain)/(?P<terms>[a-z-]+)(?:/(?P<version>\d\.\d))?"
    r"(?:/(?P<port>igo|[a-z]{2})\b(?!\.))?",
    re.IGNORECASE,
)
_TERMS = r"(?:[ -](?:non-?commercial|share-?alike|no-?deriv(?:ative)?s?(?: works)?|nc|nd|sa)\b)*"
_WORDS = re.compile(
    r"\b(?:(?P<zero>cc[ -]?0|cc[ -]zero|creative commons zero)|cc[ -]by|creative commons[ :]attribution)\b"
    rf"(?P<terms>{_TERMS})(?: \(?cc[ -]by{_TERMS}\)?)?"
    r"(?:[ -]?(?:(?:international|unported|universal|generic|public|licen[cs]e|version|v(?=\d))[ ,]?)*"
    r"(?P<version>\d\.\d)\b)?(?:[ -](?P<port>igo\b|(?-i:[A-Z]{2})$))?",
    re.IGNORECASE,
)
_PUBLIC_DOMAIN = re.compile(
    r"(?:^|\b(?:article|work|document|paper|publication|guideline|report|material) is (?:placed )?in )(?:the )?public"
    r" domain(?: mark(?: 1\.0)?)?(?=\.?$|[ .,;])(?! (?:dedication|except|unless))",
    re.IGNORECASE,
)
_OF_THE_DATA = re.compile(r"Creative Commons Public Domain Dedication waiver.{0,90}?applies to the data", re.IGNORECASE)
"""What many publishers add to the licence of the article itself."""


def licence_name(stated: str) -> str:
    """The usual short name of a licence (`CC BY 4.0`, `CC0 1.0`, `CC BY-NC-SA 3.0 IGO`, `public domain`).

    `stated` is an address, an identifier or a sentence. One that names no such licence, or two that differ, or a clause
    that the licence it names has not, stays as it is, in one line of at most 160 characters.
    """
    line = " ".join(stated.split())
    wording = _OF_THE_DATA.sub("", line)
    names = [_of_address(match) for match in _ADDRESS.finditer(wording)]
    names += [_of_words(match) for match in _WORDS.finditer(_ADDRESS.sub("", wording))]
    fullest = max(names, key=len, default="")
    agree = all(f"{fullest} ".startswith(f"{name} ") for name in names)
    if fullest and agree and all(clause in fullest for clause in _clauses(wording)):
        return fullest
    if not names and _PUBLIC_DOMAIN.search(wording):
        return "public domain"
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1].rstrip() + "…"


def _of_address(match: re.Match[str]) -> str:
    if match["part"].lower() == "licenses":
        return _named(match["terms"].upper(), match["version"], match["port"])
    return "public domain" if match["terms"].lower() == "mark" else _named("", match["version"], None)


def _of_words(match: re.Match[str]) -> str:
    named = {*re.split("[ -]", match["terms"].upper()), *_clauses(match["terms"])}
    terms = [clause for clause in _CLAUSES if clause in named]
    return _named("" if match["zero"] else "-".join(["BY", *terms]), match["version"], match["port"])


def _clauses(wording: str) -> list[str]:
    """The clauses that a wording names in full, by their letters."""
    said = wording.lower().replace("-", "").replace(" ", "")
    return [short for short, long in _CLAUSES.items() if long in said]


def _named(terms: str, version: str | None, port: str | None) -> str:
    return " ".join(filter(None, (f"CC {terms}" if terms else "CC0", version, (port or "").upper())))


def check_licence(document: Document, policy: LicencePolicy) -> None:
    """Raises LicenceError naming the document, its licence and the rule, if the policy refuses it.

    A rule matches the licence's name in either spelling, `CC BY 4.0` and `CC-BY-4.0`, without regard to case.
    """
    licence = document.licence
    refusing = _first(policy.refuse, licence)
    if refusing is not None:
        what, fix = f"its licence {licence!r} is refused by {refusing!r}", "change refuse in [sources.licences]"
    elif not policy.allow or _first(policy.allow, licence) is not None:
        return
    elif licence is None:
        what = "it states no licence, and only stated ones are allowed"
        fix = "give its licence in [[sources.metadata]] if you have one"
    else:
        what, fix = f"its licence {licence!r} is not among those allowed", "add it to allow in [sources.licences]"
    raise LicenceError(f"{document.title!r} was not used: {what}", where=document.source, fix=fix)


def _first(globs: list[str], licence: str | None) -> str | None:
    if licence is None:
        return None
    spellings = (licence.lower(), licence.lower().replace(" ", "-"))
    return next((glob for glob in globs if any(fnmatchcase(name, glob.lower()) for name in spellings)), None)
