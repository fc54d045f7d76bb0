"""Searches one block of documents for the texts of evaluation sets, and judges what it finds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from synthgen.corpus.alignment import NEAR, Meeting, holds, meeting, share, span_of_all
from synthgen.corpus.fingerprints import Fingerprints, ItemText, Part
from synthgen.corpus.flat import FlatTokens, Ints, distinct
from synthgen.corpus.patterns import Found, Patterns
from synthgen.corpus.words import Words, word_reader
from synthgen.tokens import load_tokenizer

EXACT, EDITED = 13, 8
"""Words in a row that are a copy by themselves (Brown et al. 2020, appendix C), and with a score besides."""
ALIKE = 0.5
ALONE = 4
"""Words of a question that is one by standing alone; fewer make a heading."""

Match: TypeAlias = Literal["exact", "edited", "phrase"]


class Met(NamedTuple):
    """What was met of item number `item`; see `contamination.Hit`."""

    document: int
    item: int
    part: Part
    match: Match
    start: int
    end: int
    words: int
    score: float
    answer: bool


class Phrase(NamedTuple):
    """In how many documents a stock phrase stands, and the first of them with its tokens there."""

    documents: int
    example: int
    start: int
    end: int


def patterns_in(patterns: Patterns, tokenizer: str, tokens: FlatTokens, block: tuple[int, int]) -> Ints:
    """The patterns in the documents `[first, last)` of `block`, each once a document."""
    _, found = _find(patterns, tokenizer, tokens, block)
    return distinct(found.document, found.pattern)[1]


def _find(patterns: Patterns, tokenizer: str, tokens: FlatTokens, block: tuple[int, int]) -> tuple[Words, Found]:
    words = word_reader(load_tokenizer(tokenizer)).read(*tokens.read(*block))
    return words, patterns.find(words)


@dataclass(frozen=True, slots=True)
class Search:
    """Looks for `prints`, those patterns left out that are `stock`."""

    prints: Fingerprints
    stock: npt.NDArray[np.bool_]
    tokenizer: str

    def meetings(self, tokens: FlatTokens, block: tuple[int, int]) -> tuple[list[Met], dict[int, Phrase]]:
        """What was met in a block, by document, item and place, and the stock phrases in it by pattern."""
        words, found = _find(self.prints.patterns, self.tokenizer, tokens, block)
        reading = _Reading(self.prints, words, tokens.offsets[block[0] : block[1] + 1] - tokens.offsets[block[0]])
        met = [*self._texts_met(reading, found), *self._options_met(reading, found)]
        numbered = [one._replace(document=one.document + block[0]) for one in met]
        return sorted(numbered), self._phrases(reading, found, block[0])

    def _texts_met(self, reading: _Reading, found: Found) -> Iterator[Met]:
        """Questions, passages and lists of options that are met in more than stock phrases."""
        telling = ~self.stock[found.pattern]
        document, text = self._of_texts(found.document[telling], found.pattern[telling])
        for number, which in zip(*(those.tolist() for those in distinct(document, text)), strict=True):
            if self.prints.texts[which].part != "option":
                yield reading.judge(number, self.prints.texts[which])

    def _options_met(self, reading: _Reading, found: Found) -> Iterator[Met]:
        """Items all of whose options, two of them longer than a word, stand together in any order."""
        document, text = self._of_texts(found.document, found.pattern)
        part = self.prints.are_options[text]
        document, text = distinct(document[part], text[part])
        met, count = np.unique((document << 32) | self.prints.item_of[text], return_counts=True)
        document, item = met >> 32, met & 0xFFFFFFFF
        wanted = self.prints.long_options[item]
        together = (count == wanted) & (wanted >= 2)
        for number, which in zip(document[together].tolist(), item[together].tolist(), strict=True):
            if (one := reading.judge_options(number, which)) is not None:
                yield one

    def _of_texts(self, document: Ints, pattern: Ints) -> tuple[Ints, Ints]:
        """Each pattern met with each text that it is of."""
        counts = self.prints.first[pattern + 1] - self.prints.first[pattern]
        begins = np.repeat(self.prints.first[pattern] - np.cumsum(counts) + counts, counts)
        return np.repeat(document, counts), self.prints.text_of[begins + np.arange(counts.sum())]

    def _phrases(self, reading: _Reading, found: Found, first: int) -> dict[int, Phrase]:
        place = np.flatnonzero(self.stock[found.pattern] & self.prints.is_phrase[found.pattern])
        pairs, at = np.unique((found.pattern[place] << 32) | found.document[place], return_index=True)
        patterns, begin, count = np.unique(pairs >> 32, return_index=True, return_counts=True)
        phrases = {}
        for pattern, start, documents in zip(patterns.tolist(), begin.tolist(), count.tolist(), strict=True):
            word = int(found.place[place[at[start]]])
            document = int(pairs[start] & 0xFFFFFFFF)
            span = reading.tokens(document, word, word + self.prints.patterns.length(pattern))
            phrases[pattern] = Phrase(documents, document + first, *span)
        return phrases


@dataclass(frozen=True, slots=True)
class _Reading:
    """A block's words, held against the texts. `offsets` are the documents' into the block's tokens."""

    prints: Fingerprints
    words: Words
    offsets: Ints

    def judge(self, document: int, text: ItemText) -> Met:
        words = self._words(document)
        met, length = meeting(words, text, self.prints), len(text.words)
        begin = int(self.words.offsets[document]) + met.start
        behind = words[met.start + met.words : met.start - met.offset + length + NEAR]
        answer = text.part == "question" and holds(behind, self.prints.answers[text.item].tolist())
        if text.part == "options":
            score, answer = self._question_about(words, text.item, met.start, met.start + met.words), True
            met = replace(met, score=score)
        match = self._match(document, text, met, begin, behind)
        span = self.tokens(document, begin, begin + met.words)
        return Met(document, text.item, text.part, match, *span, met.words, round(met.score, 4), answer)

    def judge_options(self, document: int, item: int) -> Met | None:
        words, options = self._words(document), [option.tolist() for option in self.prints.options[item]]
        if (span := span_of_all(words, options)) is None:
            return None
        score, begin = self._question_about(words, item, *span), int(self.words.offsets[document])
        match: Match = "edited" if score >= ALIKE else "phrase"
        spanned = self.tokens(document, begin + span[0], begin + span[1])
        return Met(document, item, "option", match, *spanned, sum(map(len, options)), round(score, 4), True)

    def _question_about(self, words: list[int], item: int, first: int, last: int) -> float:
        """The score of the item's question about the words `[first, last)` of a document, where its options stand."""
        question = set(self.prints.questions[item].tolist())
        about = words[max(first - 2 * len(question) - NEAR, 0) : last + NEAR]
        return share(question, set(about), self.prints)

    def tokens(self, document: int, first: int, last: int) -> tuple[int, int]:
        """The tokens of a document that the words `[first, last)` of the block span."""
        begin = int(self.offsets[document])
        return int(self.words.starts[first]) - begin, int(self.words.ends[last - 1]) - begin

    def _words(self, document: int) -> list[int]:
        words: list[int] = self.words.hashes[self.words.offsets[document] : self.words.offsets[document + 1]].tolist()
        return words

    def _match(self, document: int, text: ItemText, met: Meeting, begin: int, behind: list[int]) -> Match:
        whole = met.words == len(text.words)
        if text.part == "options" and met.words < EXACT:
            return "edited" if whole and met.score >= ALIKE else "phrase"
        if met.words >= EXACT or (whole and met.words >= EDITED):
            return "exact"
        if whole and met.words >= ALONE and self._alone(document, begin, begin + met.words):
            return "exact"
        if whole:
            given = sum(holds(behind, option.tolist()) for option in self.prints.options[text.item])
            return "exact" if given >= 2 else "phrase"
        return "edited" if met.words >= EDITED and met.score >= ALIKE else "phrase"

    def _alone(self, document: int, first: int, last: int) -> bool:
        """Whether the words `[first, last)` stand between line breaks or punctuation, not within a sentence."""
        starts, ends = self.words.starts, self.words.ends
        begins = first == self.words.offsets[document] or starts[first] > ends[first - 1]
        closes = last == self.words.offsets[document + 1] or starts[last] > ends[last - 1]
        return bool(begins and closes)
