"""Evaluation sets as hashes of word sequences, with the items that each one is of."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from synthgen.corpus.benchmark_items import BenchmarkItem
from synthgen.corpus.block import Flags
from synthgen.corpus.flat import Hashes, Ints, distinct, offsets_of
from synthgen.corpus.ngrams import roll, within
from synthgen.corpus.patterns import Patterns
from synthgen.corpus.words import WordReader, Words

Part: TypeAlias = Literal["question", "answered", "passage", "options", "option"]
SHORTEST: dict[Part, int] = {"question": 3, "answered": 4, "passage": 8, "options": 4, "option": 2}
"""Words that a part must have to be looked for."""
ALONE = 4
"""Words of a question that is one by standing alone; fewer make a heading."""
SHARED = 30
"""Words in a row that make two items one where the items are counted that have a phrase: both ask about one case."""
STOCK_ITEMS = 5
"""A sequence of words that stands in so many items is a stock phrase."""
LETTERS = "ABCDEFGHIJ"


@dataclass(frozen=True, slots=True)
class ItemText:
    """A text of an item: its question, a question that is too short to stand alone with its answer behind it, a
    passage, its options one after the other (with or without letters), or one of them. `words` are hashes."""

    item: int
    part: Part
    words: Hashes


@dataclass(frozen=True, slots=True)
class Pieces:
    """Many short arrays of word hashes as one: piece `i` is `hashes[offsets[i] : offsets[i + 1]]`. It goes to another
    process in no time."""

    hashes: Hashes
    offsets: Ints

    @classmethod
    def of(cls, pieces: list[Hashes]) -> Pieces:
        return cls(np.concatenate([np.empty(0, np.uint64), *pieces]), offsets_of(list(map(len, pieces))))

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, number: int) -> Hashes:
        return self.hashes[self.offsets[number] : self.offsets[number + 1]]


@dataclass(frozen=True, slots=True)
class Fingerprints:
    """What evaluation sets are known by. No text is in it.

    Pattern `p` is of the texts `text_of[first[p] : first[p + 1]]`; `items_with[p]` items have it, those that ask about
    one case counted as one; `is_phrase[p]` says whether it is of more than single options. Of each text `item_of` is
    its item, `part_of` its part, and `are_options` whether it is a single option. Of each item `i`, `long_options` is
    how many of its options are looked for, and all of them are `options[option_first[i] : option_first[i + 1]]`.
    """

    texts: Pieces
    part_of: list[Part]
    questions: Pieces
    answers: Pieces
    options: Pieces
    option_first: Ints
    patterns: Patterns
    first: Ints
    text_of: Ints
    items_with: Ints
    is_phrase: Flags
    item_of: Ints
    are_options: Flags
    long_options: Ints
    weights: dict[int, float]

    def text(self, number: int) -> ItemText:
        return ItemText(int(self.item_of[number]), self.part_of[number], self.texts[number])

    def options_of(self, item: int) -> list[list[int]]:
        """The words of each of its options."""
        return [self.options[number].tolist() for number in range(self.option_first[item], self.option_first[item + 1])]

    def weight(self, word: int) -> float:
        """How much a word says about an item: the logarithm of texts over texts with it; common words near 0."""
        return self.weights.get(word, 0.0)


def fingerprints(items: Sequence[BenchmarkItem], reader: WordReader) -> Fingerprints:
    """The patterns of `items`, which are numbered as they come."""
    every = item_texts(items, reader)
    texts = [text for text in every if len(text.words) >= SHORTEST[text.part]]
    patterns, pattern, text, offset = Patterns.of(_together([text.words for text in texts]))
    item_of = np.array([one.item for one in texts], np.int64)
    are_options = np.array([one.part == "option" for one in texts], np.bool_)
    # Of one option only its beginning is looked for: the rest is compared where that stands.
    looked_for = ~are_options[text] | (offset == 0)
    of_pattern, text_of = distinct(pattern[looked_for], text[looked_for])
    with_items, _ = distinct(of_pattern, cases(texts, len(items))[item_of[text_of]])
    is_phrase = np.zeros(len(patterns), np.bool_)
    is_phrase[of_pattern[~are_options[text_of]]] = True
    return Fingerprints(
        texts=Pieces.of([text.words for text in texts]),
        part_of=[text.part for text in texts],
        questions=Pieces.of([text.words for text in every if text.part == "question"]),
        answers=_pieces(reader, [item.answer for item in items]),
        options=_pieces(reader, [option for item in items for option in item.options]),
        option_first=offsets_of([len(item.options) for item in items]),
        patterns=patterns,
        first=np.searchsorted(of_pattern, np.arange(len(patterns) + 1)).astype(np.int64),
        text_of=text_of,
        items_with=np.bincount(with_items, minlength=len(patterns)),
        is_phrase=is_phrase,
        item_of=item_of,
        are_options=are_options,
        long_options=np.bincount(item_of[are_options], minlength=len(items)),
        weights=_weights(every),
    )


def item_texts(items: Sequence[BenchmarkItem], reader: WordReader) -> list[ItemText]:
    """All texts of `items`, however short."""
    listed = [entry for number, item in enumerate(items) for entry in _texts(number, item)]
    words = _pieces(reader, [text for _, _, text in listed])
    return [ItemText(item, part, words[number]) for number, (item, part, _) in enumerate(listed)]


def cases(texts: list[ItemText], items: int) -> Ints:
    """For each item the first of those that have `SHARED` words in a row in common with it, or with such a one."""
    words = _together([text.words for text in texts])
    rolled = roll(words.hashes, SHARED)
    places = np.flatnonzero(within(words.offsets, SHARED, len(rolled)))
    order = places[np.argsort(rolled[places], kind="stable")]
    same = rolled[order][1:] == rolled[order][:-1]
    document = np.searchsorted(words.offsets, order, side="right") - 1
    item = np.array([text.item for text in texts], np.int64)[document]
    case = list(range(items))
    for one, other in zip(*(those.tolist() for those in distinct(item[:-1][same], item[1:][same])), strict=True):
        old, new = sorted((case[one], case[other]), reverse=True)
        case = [new if number == old else number for number in case] if old != new else case
    return np.array(case, np.int64)


def _pieces(reader: WordReader, texts: list[str]) -> Pieces:
    words = reader.of_texts(texts)
    return Pieces(words.hashes, words.offsets)


def _texts(number: int, item: BenchmarkItem) -> Iterator[tuple[int, Part, str]]:
    yield number, "question", item.question
    if item.answer and len(item.question.split()) < ALONE:
        yield number, "answered", f"{item.question}\n{item.answer}"
        letters = (letter for letter, option in zip(LETTERS, item.options, strict=False) if option == item.answer)
        yield from ((number, "answered", f"{item.question}\n{letter}. {item.answer}") for letter in letters)
    yield from ((number, "passage", passage) for passage in item.passages)
    if len(item.options) > 2:
        yield number, "options", "\n".join(item.options)
        yield number, "options", "\n".join(map("{}. {}".format, LETTERS, item.options))
        yield from ((number, "option", option) for option in item.options)


def _together(pieces: list[Hashes]) -> Words:
    together, nowhere = Pieces.of(pieces), np.empty(0, np.int64)
    return Words(together.hashes, together.offsets, nowhere, nowhere)


def _weights(texts: list[ItemText]) -> dict[int, float]:
    told = [set(text.words.tolist()) for text in texts if text.part in ("question", "passage")]
    counts = Counter(word for words in told for word in words)
    return {word: math.log((1 + len(told)) / count) for word, count in counts.items()}
