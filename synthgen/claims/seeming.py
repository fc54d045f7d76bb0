"""What looks like a negation and is none, and what is one though it does not look like it."""

from __future__ import annotations

import re
from functools import lru_cache

from synthgen.claims.words import table, words_of

_COMPARED = "more|less|fewer|later|earlier|longer|greater|lower|higher|older|younger|sooner"
_ALIKE = (
    (re.compile(r"n['’]t\b|(?<=\bha[sd]) yet\b|(?<=\bhave) yet\b"), " not"),
    (re.compile(r"\b(?:with no|in the absence of)\b"), " without "),
    (
        re.compile(
            r"\bfor (?:or|nor|and) against\b|\[[^\[\]]{0,80}\]"
            r"|\((?:[^()]{0,30}\b)?(?:weak|strong|conditional|for or against)\b[^()]{0,60}\)"
            r"|\A\W*(?:no|yes)\b(?=[,.;:!])"
            r"|\| ?(?:weak|strong|conditional) (?:for|against)\b[^|]{0,20}"
        ),
        " ",
    ),
    (
        re.compile(
            rf"\b(?:not|never|no)(?: \w+){{0,3}} (?:(?:{_COMPARED}) than\b|above|over|exceed\w*|beyond|under|below)"
            rf"|\bno (?:{_COMPARED}|other|further|additional|new)\b(?: than)?"
            r"|\bnot (?:only|just|merely|until|necessarily|yet|as an?|all|every|always)\b"
            r"|\b(?:whether|if|or|why) not\b|\bwith (?:or|and) without\b|\banything but\b"
            r"|\bnot (?=un(?!der|less|til|it|iv|iq)\w{4}|in(?:appropriate|effective|consistent|adequate|sufficient"
            r"|frequent|significant|tolerant|correct|accurate|compatible))"
        ),
        " limit ",
    ),
    (re.compile(r"\b(?:left|leave|leaves|leaving) out\b|\brul(?:e|es|ed|ing) out\b"), " omitted "),
    (
        re.compile(
            r"\b((?:protect|vaccin|immuni|effective|active|activity|guard|work|fight|resistan|prophyla)\w*"
            r"|(?:weigh|balanc)\w*[^.;]{0,40}) against\b"
        ),
        r"\1",
    ),
)
"""What looks like a negation and is none: a limit, a choice, a grade, a guard against something; and what is one."""
_IN_ALIKE = table("t yet no absence against weak strong conditional yes not never without anything out")
"""Words of which each of these has one, but for brackets."""


@lru_cache(maxsize=4096)
def plain(low: str) -> str:
    """The text without what looks like a negation and is none."""
    if "[" not in low and _IN_ALIKE.isdisjoint(words_of(low)):
        return low
    for pattern, alike in _ALIKE:
        low = pattern.sub(alike, low)
    return low
