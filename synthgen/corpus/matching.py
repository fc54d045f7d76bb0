"""Searches one block of documents for the texts of evaluation sets, and judges what it finds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple, TypeAlias

import numpy as np

from synthgen.corpus.alignment import NEAR, Meeting, holds, meeting, share, span_of_all
from synthgen.corpus.block import Block, Flags
from synthgen.corpus.fingerprints import ALONE, Fingerprints, ItemText, Part
from synthgen.corpus.flat import Ints, distinct
from synthgen.corpus.patterns import Found

EXACT, EDITED = 13, 8
"""Words in a row that are a copy by themselves (Brown et al. 2020, appendix C), and with a score besides."""
ALIKE, BESIDE = 0.5, 0.2
"""Score of an edited text, and the share of its other words that must stand about the 8 words in a row. In guidelines
and textbooks, what is no copy has 0.49 at most, or less than the share."""

Match: TypeAlias = Literal["exact", "edited", "phrase"]


class Met(NamedTuple):
    """What was met of an item; see `contamination.Hit`."""

    document: int
    benchmark: str
    item: str
    part: Part
    match: Match
    start: int
    end: int
    words: int
    score: float
    answer: bool


@dataclass(frozen=True, slots=True)
class Search:
    """Looks for `prints`, those patterns left out that are `stock`. `names` are the items', with their benchmarks'."""

    prints: Fingerprints
    names: list[tuple[str, str]]
    stock: Flags

    def __len__(self) -> int:
        return len(self.prints.patterns)

    def items_with(self, pattern: int) -> int:
        return int(self.prints.items_with[pattern])

    def length(self, pattern: int) -> int:
        return self.prints.patterns.length(pattern)

    def telling(self, pattern: Ints) -> Flags:
        """Which of the patterns are of more than single options."""
        return self.prints.is_phrase[pattern]

    def find(self, block: Block) -> Found:
        """All places of all patterns."""
        return self.prints.patterns.find(block.words)

    def meetings(self, block: Block, found: Found) -> Iterator[Met]:
        """What was met in a block in which `found` of the patterns stand."""
        yield from self._texts_met(block, found)
        yield from self._options_met(block, found)

    def _texts_met(self, block: Block, found: Found) -> Iterator[Met]:
        """Questions, passages and lists of options that are met in more than stock phrases."""
        telling = ~self.stock[found.pattern]
        document, text = self._of_texts(found.document[telling], found.pattern[telling])
        for number, which in zip(*(those.tolist() for those in distinct(document, text)), strict=True):
            if self.prints.part_of[which] != "option":
                yield self._judge(block, number, self.prints.text(which))

    def _options_met(self, block: Block, found: Found) -> Iterator[Met]:
        """Items all of whose options, two of them longer than a word, stand together in any order."""
        document, text = self._of_texts(found.document, found.pattern)
        part = self.prints.are_options[text]
        document, text = distinct(document[part], text[part])
        met, count = np.unique((document << 32) | self.prints.item_of[text], return_counts=True)
        document, item = met >> 32, met & 0xFFFFFFFF
        wanted = self.prints.long_options[item]
        together = (count == wanted) & (wanted >= 2)
        for number, which in zip(document[together].tolist(), item[together].tolist(), strict=True):
            if (one := self._judge_options(block, number, which)) is not None:
                yield one

    def _of_texts(self, document: Ints, pattern: Ints) -> tuple[Ints, Ints]:
        """Each pattern met with each text that it is of."""
        counts = self.prints.first[pattern + 1] - self.prints.first[pattern]
        begins = np.repeat(self.prints.first[pattern] - np.cumsum(counts) + counts, counts)
        return np.repeat(document, counts), self.prints.text_of[begins + np.arange(counts.sum())]

    def _judge(self, block: Block, document: int, text: ItemText) -> Met:
        words = block.document(document)
        met, length = meeting(words, text, self.prints), len(text.words)
        begin = int(block.words.offsets[document]) + met.start
        behind = words[met.start + met.words : met.start - met.offset + length + NEAR]
        answer = text.part == "question" and holds(behind, self.prints.answers[text.item].tolist())
        if text.part == "options":
            score, answer = self._question_about(words, text.item, met.start, met.start + met.words), True
            met = replace(met, score=score)
        alone = block.alone(document, begin, begin + met.words)
        match = self._match(text, met, alone, behind)
        part: Part = "question" if text.part == "answered" else text.part
        answer = answer or (text.part == "answered" and met.words == length)
        span = block.tokens(document, begin, begin + met.words)
        names = self.names[text.item]
        return Met(document + block.first, *names, part, match, *span, met.words, round(met.score, 4), answer)

    def _match(self, text: ItemText, met: Meeting, alone: bool, behind: list[int]) -> Match:
        whole = met.words == len(text.words)
        if text.part == "options" and met.words < EXACT:
            return "edited" if whole and met.score >= ALIKE else "phrase"
        if met.words >= EXACT or (whole and met.words >= EDITED) or (whole and met.words >= ALONE and alone):
            return "exact"
        if whole:
            given = sum(holds(behind, option) for option in self.prints.options_of(text.item))
            return "exact" if given >= 2 else "phrase"
        like = 2 * met.words > len(text.words) or (met.score >= ALIKE and met.rest >= BESIDE)
        return "edited" if met.words >= EDITED and like and text.part != "answered" else "phrase"

    def _judge_options(self, block: Block, document: int, item: int) -> Met | None:
        words, options = block.document(document), self.prints.options_of(item)
        if (span := span_of_all(words, options)) is None:
            return None
        score, begin = self._question_about(words, item, *span), int(block.words.offsets[document])
        match: Match = "edited" if score >= ALIKE else "phrase"
        spanned = block.tokens(document, begin + span[0], begin + span[1])
        count = sum(map(len, options))
        return Met(document + block.first, *self.names[item], "option", match, *spanned, count, round(score, 4), True)

    def _question_about(self, words: list[int], item: int, first: int, last: int) -> float:
        """The score of the item's question about the words `[first, last)` of a document, where its options stand."""
        question = set(self.prints.questions[item].tolist())
        about = words[max(first - 2 * len(question) - NEAR, 0) : last + NEAR]
        return share(question, set(about), self.prints)
