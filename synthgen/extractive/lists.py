"""Lists as statements: fragments under their lead-in, instructions and sentences by themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from synthgen.extractive.grammar import closed, is_imperative, is_sentence, leans
from synthgen.extractive.pieces import Piece
from synthgen.extractive.salience import is_noise
from synthgen.extractive.units import fits, is_terse, units, unlabelled
from synthgen.extracts.sentences import sentences

_NO_LEAD = re.compile(
    r"\bfollowing (?:recommendations?|statements?|points|definitions?|section)|\bas follows:"
    r"|\brecommendations?(?: are| is)?:|\bkey points|^notes?:",
    re.IGNORECASE,
)
_LIST_WORD = re.compile(r"(?:,? (?:and|or|and/or))$|[;,]$")


def listed(group: Sequence[Piece], lead: str) -> Iterator[tuple[str, bool, str]]:
    """The statements of a list: (text, stands alone, lead-in). Fragments are told under their lead-in."""
    if lead and is_noise(lead):
        return
    if lead and (leans(lead) or _NO_LEAD.search(lead)):
        lead = ""
    bound = " " in lead and is_sentence(lead)
    loose: list[str] = []
    at = 0
    while at < len(group):
        text = group[at].text
        end = _end_of_children(group, at)
        children = [piece.text for piece in group[at + 1 : end] if not is_noise(piece.text)]
        leads = bool(children) and (text.endswith(":") or not all(map(is_sentence, children)))
        if lead and not leads and (bound or not (is_sentence(text) or is_terse(text))):
            loose += [] if is_noise(text) else [text]
        else:
            yield from _compound(lead, loose)
            loose = []
            if leads and not is_noise(text) and not leans(text):
                yield from _compound(text, children)
            elif not leads:
                yield from ((unit, whole, "") for unit, whole in units(sentences(text)))
        at = end if leads else at + 1
    yield from _compound(lead, loose)


def _end_of_children(group: Sequence[Piece], at: int) -> int:
    """The end of what item `at` leads into: deeper items or, after a colon, those of its level that go with it.

    Where a list lost its indents, fragments go with a lead-in as long as only fragments follow, instructions until
    the next condition.
    """
    level = group[at].level
    end = next((n for n in range(at + 1, len(group)) if group[n].level <= level), len(group))
    if end > at + 1 or end == len(group) or not group[at].text.endswith(":"):
        return end
    told = is_sentence(group[end].text)
    for n in range(end, len(group)):
        text = group[n].text
        fits = is_imperative(text) if told else not is_sentence(text)
        if group[n].level < level or text.endswith(":") or not (fits or n == end):
            return n
    return len(group)


def _compound(lead: str, items: Sequence[str]) -> Iterator[tuple[str, bool, str]]:
    """A lead-in and its items as running text, in several statements where it would be long."""
    lead = unlabelled(lead)
    share: list[str] = []
    for item in items:
        if share and not fits(lead, " ".join([*share, item])):
            held = [share.pop()] if share[-1].endswith(":") else []
            if share:
                yield _told(lead, share)
            share = held
        share.append(item)
    if share:
        yield _told(lead, share)


def _told(lead: str, items: Sequence[str]) -> tuple[str, bool, str]:
    if all(item.endswith((".", ")", "]")) and is_sentence(item) for item in items):
        told = " ".join(map(closed, items))
    else:
        told = closed("; ".join(_LIST_WORD.sub("", item.rstrip(". ")) for item in items).replace(":;", ":"))
    lead = lead if lead.endswith(":") else lead.rstrip(".") + ":"
    return f"{lead} {told}", is_sentence(lead), lead
