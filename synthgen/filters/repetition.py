"""A teacher that got caught in a loop."""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from typing import Annotated

from pydantic import Field

from synthgen.data import Extract, Record, Verdict
from synthgen.filters.base import Filter
from synthgen.filters.evidence import MAX_QUOTE, judged_text
from synthgen.filters.runs import Gram, Words, runs_of, words_of
from synthgen.recipe import FilterSettings
from synthgen.settings import Share

GRAM = 6
"""Words in the runs that are counted."""

TWICE = 2
"""Times that a run may stand in a record before it counts as said again."""

LONGEST_PERIOD = 12
"""Words in the longest phrase that is looked for over and over again, one directly after the other."""

_ROW = re.compile(rb"\x01{%d,}" % GRAM)


class RepetitionSettings(FilterSettings):
    """The defaults stand well above the most that real guidelines and real teachers' good answers reach."""

    max_share: Share = 0.4
    """At most this share of the runs of 6 words may have stood twice or more before in the same record."""
    max_compression: Annotated[float, Field(gt=1)] = 8.0
    """At most this many times smaller may the record become by zlib."""
    max_in_a_row: Annotated[int, Field(ge=2)] = 4
    """At most so many times may the same words follow themselves."""
    min_words: Annotated[int, Field(ge=GRAM)] = 40
    """Shares of shorter records say nothing."""


class Repetition(Filter):
    """Rejects `repetition`: the same words again and again.

    The score is the share of runs of 6 words that stood there twice before: a question says once more what its
    vignette says, and its answer may as well. The cells of a table may hold the same words in a row.
    """

    name = "repetition"
    codes = {"repetition": "it says the same again and again"}
    order = 55
    Settings = RepetitionSettings
    settings: RepetitionSettings

    def check(self, record: Record, extract: Extract) -> Verdict:
        text, settings = judged_text(record), self.settings
        words = words_of(text)
        grams = _said_again(words)
        again = sum(count - TWICE for count in grams.values() if count > TWICE)
        share = again / (len(words.words) - GRAM + 1) if again else 0.0
        longest = LONGEST_PERIOD if len(grams) < grams.total() else 1
        start, length, times = _loop(words.words, longest, settings.max_in_a_row)
        if times <= settings.max_in_a_row or "|" in text[slice(*words.span(start, length * times))]:
            if len(words.words) < settings.min_words:
                return Verdict(self.name, keep=True, score=share)
            raw = text.encode("utf-8", "replace")
            if share <= settings.max_share and len(raw) <= settings.max_compression * len(zlib.compress(raw, 6)):
                return Verdict(self.name, keep=True, score=share)
            gram, times = Counter(words.grams(GRAM)).most_common(1)[0]
            start, length = list(words.grams(GRAM)).index(gram), GRAM
        first, last = words.span(start, length)
        found = {"text": text[first:last][:MAX_QUOTE], "start": first, "end": last, "times": times}
        return Verdict(self.name, keep=False, code="repetition", score=share, evidence=(found,))


def _said_again(words: Words) -> Counter[Gram]:
    """The runs of words that each stand there more than twice, as all do of what is said again: far fewer than all."""
    often = {word for word, count in words.counts.items() if count > TWICE}
    grams = Counter[Gram]()
    for row in _ROW.finditer(bytes(map(often.__contains__, words.words))):
        grams.update(runs_of(words.words[slice(*row.span())], GRAM))
    return grams


def _loop(words: Sequence[str], longest: int, enough: int) -> tuple[int, int, int]:
    """The phrase of up to `longest` words that follows itself more than `enough` times: its first word, length, times.

    It is the shortest, then the first; where there is none, times are 1. Numbers and single letters may follow
    themselves, so a phrase has a longer word.
    """
    for period in range(1, longest + 1):
        # So long a run covers every place of which one is looked at.
        step = enough * period
        if not any(map(str.__eq__, words[step - 1 :: step], words[step - 1 + period :: step])):
            continue
        end = 0
        for same, group in groupby(map(str.__eq__, words, words[period:])):
            start, run = end, sum(1 for _ in group)
            end += run
            times = 1 + run // period
            if (
                same
                and times > enough
                and any(len(word) > 2 and word.isalpha() for word in words[start : start + period])
            ):
                return start, period, times
    return 0, 1, 1
