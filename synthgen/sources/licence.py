"""The licence policy: which documents may be used at all."""

from __future__ import annotations

from fnmatch import fnmatchcase

from synthgen.data import Document
from synthgen.errors import LicenceError
from synthgen.recipe import LicencePolicy


def check_licence(document: Document, policy: LicencePolicy) -> None:
    """Raises LicenceError naming the document, its licence and the rule, if the policy refuses it."""
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
    """The first glob that matches the licence, without regard to case."""
    if licence is None:
        return None
    return next((glob for glob in globs if fnmatchcase(licence.lower(), glob.lower())), None)
