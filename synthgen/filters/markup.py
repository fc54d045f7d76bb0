"""What is left of a page, a formula or a message format in a text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice

from synthgen.data import Extract, Record, Verdict
from synthgen.filters.base import Filter
from synthgen.filters.evidence import MAX_EVIDENCE, judged_text, quote

_TAGS = (
    r"a|abbr|article|b|big|blockquote|body|button|caption|center|cite|code|dd|div|dl|dt|em|figure|font|footer|form|h[1-6]"
    r"|head|header|hr|html|i|iframe|img|input|label|li|link|main|mark|meta|nav|ol|option|p|pre|s|script|section|select"
    r"|small|span|strong|style|svg|table|tbody|td|tfoot|th|thead|title|tr|u|ul|video"
)
_MARKUP: Mapping[str, re.Pattern[str]] = {
    "chat_tokens": re.compile(
        r"<\|[a-zA-Z_0-9]{2,40}\|>|</?s>|\[/?INST\]|<</?SYS>>|</?think>|<(?:start|end)_of_turn>"
        r"|(?m:^)(?:###? ?)?(?:<?(?:assistant|system)>?):[ \t]*$",
        re.IGNORECASE,
    ),
    "html": re.compile(
        rf"</?(?:{_TAGS})(?:\s[^<>]{{0,300}})?/?>|<!--|<!DOCTYPE\b|&(?:nbsp|lt|gt|amp|quot|apos|[gl]e|[mn]dash|#\d{{2,6}}"
        r"|#x[0-9a-f]{2,5});",
        re.IGNORECASE,
    ),
    "latex": re.compile(
        r"\\(?:frac|text(?:bf|it|rm)?|math(?:rm|bf|it|cal)|geq?|leq?|times|cdot|pm|approx|sim|rightarrow|to|begin|end|cite"
        r"|ref|label|item|section|left|right|mu|alpha|beta|gamma|delta|circ|degree|percent|sqrt|sum)\b(?![\\/])"
    ),
    "json_keys": re.compile(
        r'"(?:pairs|question|answer|vignette|options|explanation|turns|speaker|text|content|response|output)"\s?:\s*["\[{]'
        r'|[\]}]\s*,\s*[\[{]\s*"'
    ),
    "code_fence": re.compile(r"```|~~~"),
}
_RAISED = re.compile(r"<(/?)(su[bp])>", re.IGNORECASE)
_MATHS = re.compile(r"\$\$[^$]{1,400}\$\$|\$[^$\n]{1,200}\$|\\\([^\n]{1,200}?\\\)|\\\[[^\]]{1,400}?\\\]")


class Markup(Filter):
    """Rejects `html`, `latex`, `json_keys`, `code_fence` and `chat_tokens`, the residue of each.

    Markdown is text. So are formulas between dollar signs, line breaks in tables (`<br>`) and raised or lowered signs
    (`<sup>`) that are closed. What stands in the extract itself does not count.
    """

    name = "markup"
    codes = {
        "html": "it holds tags or entities of a web page",
        "latex": "it holds commands of LaTeX outside formulas",
        "json_keys": "it holds pieces of JSON",
        "code_fence": "it holds a code fence",
        "chat_tokens": "it holds marks of a chat format",
    }
    order = 55

    def check(self, record: Record, extract: Extract) -> Verdict:
        found = list(islice(_found(judged_text(record), extract.text), MAX_EVIDENCE))
        evidence = tuple({**quote(match), "code": code} for code, match in found)
        return Verdict(self.name, keep=not found, code=found[0][0] if found else "", evidence=evidence)


def _found(text: str, source: str) -> Iterator[tuple[str, re.Match[str]]]:
    if not any(sign in text for sign in '<&\\"`~[') and "assistant:" not in text.lower():
        return
    maths = [match.span() for match in _MATHS.finditer(text)] if "\\" in text else []
    for code, pattern in _MARKUP.items():
        for match in pattern.finditer(text):
            inside = code == "latex" and any(start <= match.start() < end for start, end in maths)
            if not inside and match[0] not in source:
                yield code, match
    yield from (("html", match) for match in _unclosed(text))


def _unclosed(text: str) -> Iterator[re.Match[str]]:
    """Marks of raised and lowered signs that have no partner."""
    opened: list[re.Match[str]] = []
    for match in _RAISED.finditer(text):
        if not match[1]:
            opened.append(match)
        elif opened and opened[-1][2].lower() == match[2].lower():
            opened.pop()
        else:
            yield match
    yield from opened
