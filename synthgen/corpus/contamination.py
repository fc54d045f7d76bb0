"""Contamination: what of evaluation sets stands in the set, word for word, edited, or as options given together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from synthgen.corpus.benchmark_items import BenchmarkItem
from synthgen.corpus.fingerprints import SHORTEST, Part, fingerprints
from synthgen.corpus.flat import FlatTokens
from synthgen.corpus.matching import Match, Phrase, Search, patterns_in
from synthgen.corpus.words import word_reader
from synthgen.corpus.workers import map_ordered
from synthgen.tokens import load_tokenizer

TASK_TOKENS = 1_000_000
STOCK_ITEMS, STOCK_SOURCES = 5, 3
"""A sequence of words that stands in so many items, or so many source documents, is a stock phrase."""


@dataclass(frozen=True, slots=True)
class Hit:
    """An item of an evaluation set in document `document` of the set, at the document's tokens `[start, end)`.

    `part` is what of the item was met: its `question`, a `passage` that comes with it, its `options` one after the
    other, or each `option` by itself in any order. `words` of it stand there in a row. `score`, 0 to 1, is how much of
    the question's (or passage's) wording stands about there in any order, common words counting least: it outlasts
    paraphrase. `answer`: the right answer stands there or close behind. `match` is

    - `exact`: 13 words in a row, the whole text of 8 or more, or a shorter question that stands alone (from 4 words
      on) or has options behind it;
    - `edited`: 8 words in a row, or all options, and a score of a half;
    - `phrase`: met, but with too little of the item about it to be a copy; reported only.
    """

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

    @property
    def contaminated(self) -> bool:
        return self.match != "phrase"


@dataclass(frozen=True, slots=True)
class StockPhrase:
    """Common property that evaluation sets hold as well, and that makes no hit: it stands in `items` items, `sources`
    source documents and `documents` documents of the set, the first of which, `example`, has it at its tokens
    `[start, end)`."""

    documents: int
    items: int
    sources: int
    example: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Contamination:
    """`hits` by document and item; `stock` phrases, the most frequent first. The questions of `short` items, of two
    words or less, are not looked for by themselves, only their options."""

    hits: list[Hit]
    stock: list[StockPhrase]
    short: int


def contamination(
    tokens: FlatTokens, items: Sequence[BenchmarkItem], tokenizer: str, *, sources: FlatTokens, processes: int
) -> Contamination:
    """Looks for `items` in the documents of `tokens`, by n-grams of words whatever their case and punctuation.

    `sources` are the tokens of the source documents, which tell stock phrases. The result depends neither on the order
    of the documents, but for their numbers, nor on `processes`; it is exact but for collisions of 64-bit hashes.
    """
    prints = fingerprints(items, word_reader(load_tokenizer(tokenizer)))
    in_sources = np.zeros(len(prints.patterns), np.int64)
    counting = partial(patterns_in, prints.patterns, tokenizer, sources)
    for found in map_ordered(counting, sources.blocks(TASK_TOKENS), processes):
        in_sources += np.bincount(found, minlength=len(in_sources))
    search = Search(prints, (prints.items_with >= STOCK_ITEMS) | (in_sources >= STOCK_SOURCES), tokenizer)
    hits: list[Hit] = []
    phrases: dict[int, Phrase] = {}
    for met, stock in map_ordered(partial(search.meetings, tokens), tokens.blocks(TASK_TOKENS), processes):
        hits += (Hit(one.document, items[one.item].benchmark, items[one.item].item, *one[2:]) for one in met)
        for pattern, phrase in stock.items():
            before = phrases.get(pattern)
            phrases[pattern] = before._replace(documents=before.documents + phrase.documents) if before else phrase
    return Contamination(
        hits,
        [
            StockPhrase(phrase.documents, int(prints.items_with[pattern]), int(in_sources[pattern]), *phrase[1:])
            for pattern, phrase in sorted(phrases.items(), key=lambda entry: (-entry[1].documents, entry[0]))
        ],
        sum(len(question) < SHORTEST["question"] for question in prints.questions),
    )
