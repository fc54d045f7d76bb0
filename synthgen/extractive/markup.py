"""Markdown text without its markup: what a reader sees, letter for letter."""

from __future__ import annotations

import re

_IMAGE = re.compile(r"!\[[^\]\n]{0,300}\]\([^)\n]*\)")
_LINK = re.compile(r"\[([^\]\n]{1,300})\]\(\s*[^)\n]*\)")
_CITATION = re.compile(r"\[\^?\d{1,3}(?:\s?[,;–-]\s?\d{1,3})*\]|\[\^[^\]\s]+\]")
_POINTER = re.compile(
    r"\s?\((?:see [^()]{1,150}|[^()]{0,80}\bet al\b[^()]{0,80}\d{4}[a-z]?"
    r"|[A-Z][\w-]+(?: (?:and|&) [A-Z][\w-]+)?, \d{4}[a-z]?)\)"
)
_TAG = re.compile(r"</?(?:br|p|b|i|em|strong|a|span|div|u|table|tbody|t[rdh])\b[^<>]{0,200}>", re.IGNORECASE)
_STRONG = re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1")
_EMPHASIS = re.compile(r"(?<![\w*])([*_])(?=[^\s*_])([^*_\n]+?)(?<=\S)\1(?![\w*])")
_STARS = re.compile(r"(?<!\d)[ ]?\*+(?!\d)|`+|(?<!\w)_+|_+(?!\w)")
_ESCAPE = re.compile(r"\\([\\`*_{}\[\]()#+.!|<>~-])")
_EMPTY = re.compile(r"\s?\(\s*\)")
_SPACE = re.compile(r"\s+")
_SPACE_BEFORE = re.compile(r"(?<=\S) (?=[,;:)\]](?:\W|$)|\.(?:\s|$|\)))")
_SPACE_AFTER = re.compile(r"(?<=[(\[]) ")


def plain(text: str) -> str:
    """`text` on one line without emphasis, link targets, images, citations, escapes and stray white space.

    Pointers, such as `(see ...)`, go as citations do. Words and numbers are left as they are, so that a plain sentence
    can be found in the plain text around it.
    """
    if "[" in text:
        text = _CITATION.sub("", _LINK.sub(r"\1", _IMAGE.sub("", text)))
    text = _EMPTY.sub("", _POINTER.sub("", _TAG.sub(" ", text))) if "(" in text or "<" in text else text
    if "*" in text or "_" in text or "`" in text:
        text = _STARS.sub("", _EMPHASIS.sub(r"\2", _STRONG.sub(r"\2", text)))
    if "\\" in text:
        text = _ESCAPE.sub(r"\1", text)
    return _SPACE_AFTER.sub("", _SPACE_BEFORE.sub("", _SPACE.sub(" ", text))).strip()
