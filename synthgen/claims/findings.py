"""What a filter found in a statement, as evidence with offsets into the record and into the extract."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

from synthgen.claims.alignment import Claim
from synthgen.claims.statements import Statement
from synthgen.data import Verdict
from synthgen.filters.evidence import MAX_EVIDENCE, MAX_QUOTE


def finding(
    statement: Statement, claim: Claim, start: int = 0, end: int | None = None, **more: object
) -> dict[str, Any]:
    """Evidence for the statement, or the part `[start, end)` of it, with the span of the extract nearest to it."""
    end = len(statement.text) if end is None else end
    found = {
        "text": statement.text[start:end][:MAX_QUOTE],
        "start": statement.start + start,
        "end": statement.start + end,
        **more,
    }
    if claim.support:
        unit = claim.source.units[claim.support[0]]
        found |= {"source_start": unit.start, "source_end": unit.end}
    return found


def verdict(name: str, code: str, found: Iterable[Mapping[str, Any]]) -> Verdict:
    """A rejection with what was found, by the first one's own code if it has one; a verdict to keep without any."""
    evidence = tuple(islice(found, MAX_EVIDENCE))
    if not evidence:
        return Verdict(name, keep=True)
    return Verdict(name, keep=False, code=str(evidence[0].get("code", code)), evidence=evidence)
