"""Evaluation sets as hashes of word sequences, with the items that each one is of."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from synthgen.corpus.benchmark_items import BenchmarkItem
from synthgen.corpus.flat import Hashes, Ints, distinct
from synthgen.corpus.patterns import Patterns
from synthgen.corpus.words import WordReader, Words

Part: TypeAlias = Literal["question", "passage", "options", "option"]
SHORTEST: dict[Part, int] = {"question": 3, "passage": 8, "options": 4, "option": 2}
"""Words that a part must have to be looked for."""
LETTERS = "ABCDEFGHIJ"
Flags: TypeAlias = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class ItemText:
    """A text of an item: its question, a passage, its options one after the other (with or without letters), or one
    of them. `words` are hashes."""

    item: int
    part: Part
    words: Hashes


@dataclass(frozen=True, slots=True)
class Fingerprints:
    """What evaluation sets are known by. No text is in it.

    Pattern `p` is of the texts `text_of[first[p] : first[p + 1]]`; `items_with[p]` items have it; `is_phrase[p]` says
    whether it is of more than single options. Of each text `item_of` is its item and `are_options` whether it is a
    single option. Of each item `long_options` is how many of its options are looked for.
    """

    texts: list[ItemText]
    answers: list[Hashes]
    options: list[list[Hashes]]
    patterns: Patterns
    first: Ints
    text_of: Ints
    items_with: Ints
    is_phrase: Flags
    item_of: Ints
    are_options: Flags
    long_options: Ints
    questions: list[Hashes]
    weights: dict[int, float]

    def weight(self, word: int) -> float:
        """How much a word says about an item: the logarithm of texts over texts with it; common words near 0."""
        return self.weights.get(word, 0.0)


def fingerprints(items: Sequence[BenchmarkItem], reader: WordReader) -> Fingerprints:
    """The patterns of `items`, which are numbered as they come."""
    listed = [entry for number, item in enumerate(items) for entry in _texts(number, item)]
    words = reader.of_texts([text for _, _, text in listed])
    every = [ItemText(item, part, found) for (item, part, _), found in zip(listed, _each(words), strict=True)]
    texts = [text for text in every if len(text.words) >= SHORTEST[text.part]]
    patterns, pattern, text, offset = Patterns.of(_together([text.words for text in texts]))
    item_of = np.array([one.item for one in texts], np.int64)
    are_options = np.array([one.part == "option" for one in texts], np.bool_)
    # Of one option only its beginning is looked for: the rest is compared where that stands.
    looked_for = ~are_options[text] | (offset == 0)
    of_pattern, text_of = distinct(pattern[looked_for], text[looked_for])
    with_items, _ = distinct(of_pattern, item_of[text_of])
    is_phrase = np.zeros(len(patterns), np.bool_)
    is_phrase[of_pattern[~are_options[text_of]]] = True
    options = _each(reader.of_texts([option for item in items for option in item.options]))
    ends = accumulate(len(item.options) for item in items)
    return Fingerprints(
        texts=texts,
        answers=_each(reader.of_texts([item.answer for item in items])),
        options=[options[end - len(item.options) : end] for item, end in zip(items, ends, strict=True)],
        patterns=patterns,
        first=np.searchsorted(of_pattern, np.arange(len(patterns) + 1)).astype(np.int64),
        text_of=text_of,
        items_with=np.bincount(with_items, minlength=len(patterns)),
        is_phrase=is_phrase,
        item_of=item_of,
        are_options=are_options,
        long_options=np.bincount(item_of[are_options], minlength=len(items)),
        questions=[text.words for text in every if text.part == "question"],
        weights=_weights(every),
    )


def _each(words: Words) -> list[Hashes]:
    return [_of(words, document) for document in range(len(words.offsets) - 1)]


def _texts(number: int, item: BenchmarkItem) -> Iterator[tuple[int, Part, str]]:
    yield number, "question", item.question
    yield from ((number, "passage", passage) for passage in item.passages)
    if len(item.options) > 2:
        yield number, "options", "\n".join(item.options)
        yield number, "options", "\n".join(map("{}. {}".format, LETTERS, item.options))
        yield from ((number, "option", option) for option in item.options)


def _of(words: Words, document: int) -> Hashes:
    return words.hashes[words.offsets[document] : words.offsets[document + 1]]


def _together(pieces: list[Hashes]) -> Words:
    offsets = np.concatenate([[0], np.cumsum(list(map(len, pieces)))]).astype(np.int64)
    nowhere = np.empty(0, np.int64)
    return Words(np.concatenate([np.empty(0, np.uint64), *pieces]), offsets, nowhere, nowhere)


def _weights(texts: list[ItemText]) -> dict[int, float]:
    told = [set(text.words.tolist()) for text in texts if text.part in ("question", "passage")]
    counts = Counter(word for words in told for word in words)
    return {word: math.log((1 + len(told)) / count) for word, count in counts.items()}
