"""Text as a row of lower-case words, numbers and signs with their places."""

from __future__ import annotations

import re
from functools import cached_property, lru_cache

MAX_CHARACTERS = 200_000
"""Of a longer text only this much is read: a hundred times the length of an extract."""
MAX_DIGITS = 12
"""A longer run of digits is a code, not a quantity."""

# Every alternative is bounded or consumes what it has tried, so that the scan is linear.
_TOKEN = re.compile(
    r"[^\W\d_]\w*+(?:['’]\w{1,3}\b)?"
    r"|\d{1,3}(?:,\d{3}){1,3}(?!\d|,\d)(?:\.\d{1,9})?"
    r"|\d++(?:\.\d{1,9}(?!\d|\.\d))?"
    r"|(?<![\w.])\.\d{1,9}"
    r"|\n|[^\w\s\\\x1c-\x1f]|\w"
)
_ASCII_TOKEN = re.compile(r"[a-z]\w*+(?:'\w{1,3}\b)?|[,()\n-]|" + _TOKEN.pattern, re.ASCII)
"""Finds the same in lower-case ASCII, nearly twice as fast."""
_SUPERSCRIPT = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹−", "0123456789-")


class Words:
    """The lower-case words of `text`, in order, and where each starts; a line break is a word of its own, other white
    space is left out, and so is a backslash, which only protects a sign in Markdown."""

    def __init__(self, text: str, lowered: str) -> None:
        self.text = text
        self.words: list[str] = (_ASCII_TOKEN if lowered.isascii() else _TOKEN).findall(lowered)
        self._lowered = lowered

    @cached_property
    def starts(self) -> list[int]:
        """Where each word starts: the first place behind the last one, for nothing that is left out could be one."""
        starts: list[int] = []
        position, find = 0, self._lowered.find
        for word in self.words:
            position = find(word, position)
            starts.append(position)
            position += len(word)
        return starts

    def span(self, first: int, last: int) -> tuple[int, int]:
        """Where `words[first:last]` stand in `text`."""
        return self.starts[first], self.starts[last - 1] + len(self.words[last - 1])


def split(text: str) -> Words:
    """The words of `text`; of a very long text only those at its beginning."""
    read = text[:MAX_CHARACTERS]
    lowered = read.lower()
    if len(lowered) != len(read):
        # A few capitals have two letters for their small one, which would move all offsets behind them.
        lowered = "".join(one.lower() if len(one.lower()) == 1 else one for one in read)
    return Words(text, lowered)


@lru_cache(maxsize=1 << 14)
def value_of(word: str) -> float | None:
    """The value of a word written in digits, or None."""
    if not (word[0].isdecimal() or (word[0] == "." and len(word) > 1)) or len(word) > MAX_DIGITS + 10:
        return None
    try:
        value = float(word.replace(",", ""))
    except ValueError:
        return None
    return value if value < 10**MAX_DIGITS else None


def power_of(word: str) -> int | None:
    """The exponent that a word in superscript digits stands for, or None."""
    plain = word.translate(_SUPERSCRIPT)
    return int(plain) if plain != word and plain.lstrip("-").isdecimal() and len(plain) <= 3 else None


def listed(text: str) -> list[str]:
    """The words of a list that is written as running text."""
    return text.split()
