"""Contamination: what of evaluation sets stands in the set, word for word, edited, or as options given together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple, TypeAlias

import numpy as np

from synthgen.corpus.benchmark_items import BenchmarkItem
from synthgen.corpus.block import Block
from synthgen.corpus.fingerprints import SHORTEST, STOCK_ITEMS, Part, fingerprints
from synthgen.corpus.flat import FlatTokens, Ints, distinct
from synthgen.corpus.hashed import HashedSet, one_way
from synthgen.corpus.matching import Match, Met, Search
from synthgen.corpus.patterns import Found
from synthgen.corpus.recognising import HashedSearch
from synthgen.corpus.words import word_reader
from synthgen.tokens import load_tokenizer
from synthgen.workers import map_ordered

TASK_TOKENS = 1_000_000
STOCK_SOURCES = 3
"""A sequence of words that stands in so many source documents, or in `STOCK_ITEMS` items, is a stock phrase."""
Searching: TypeAlias = Search | HashedSearch


@dataclass(frozen=True, slots=True)
class Hit:
    """An item of an evaluation set in document `document` of the set, at the document's tokens `[start, end)`.

    `part` is what of the item was met: its `question`, a `passage` that comes with it, its `options` one after the
    other, or each `option` by itself in any order. `words` of it stand there in a row. `score`, 0 to 1, is how much of
    the question's (or passage's) wording stands about there in any order, common words counting least: it outlasts
    paraphrase. `answer`: the right answer stands there or close behind. `match` is

    - `exact`: 13 words in a row, the whole text of 8 or more, or a shorter question that stands alone (from 4 words
      on, or with its answer) or has options behind it;
    - `edited`: 8 words in a row that are most of the text, or have a fifth of its other words about them and with them
      a score of a half; or all options, and a score of a half for the question;
    - `phrase`: met, but with too little of the item about it to be a copy; reported only.

    Of a set that is hashed, `item` is the number of the row. `words` is the least that the row can have, `score` the
    share of the text's hashes that stand in the document, and an answer that is not met with its question is not known.
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
    words or less, are only looked for with their answer or options."""

    hits: list[Hit]
    stock: list[StockPhrase]
    short: int


def contamination(
    tokens: FlatTokens,
    items: Sequence[BenchmarkItem],
    tokenizer: str,
    *,
    sources: FlatTokens,
    hashed: Sequence[HashedSet] = (),
    processes: int,
) -> Contamination:
    """Looks for `items` in the documents of `tokens`, by n-grams of words whatever their case and punctuation, and for
    the items of the sets that are `hashed` and not among `items`.

    `sources` are the tokens of the source documents, which tell stock phrases. The result depends neither on the order
    of the documents, but for their numbers, nor on `processes`; it is exact but for collisions of 64-bit hashes.
    """
    prints = fingerprints(items, word_reader(load_tokenizer(tokenizer)))
    names = [(item.benchmark, item.item) for item in items]
    in_words = one_way(np.concatenate([np.empty(0, np.uint64), *prints.patterns.hashes]))
    every: tuple[Searching, ...] = (
        Search(prints, names, prints.items_with >= STOCK_ITEMS),
        HashedSearch.of(hashed, in_words),
    )
    searches = [search for search in every if len(search)]
    in_sources = [np.zeros(len(search), np.int64) for search in searches]
    counting = partial(_patterns, searches, tokenizer, sources)
    for found in map_ordered(counting, sources.blocks(TASK_TOKENS), processes):
        for counts, patterns in zip(in_sources, found, strict=True):
            counts += np.bincount(patterns, minlength=len(counts))
    searches = [
        replace(search, stock=search.stock | (counts >= STOCK_SOURCES))
        for search, counts in zip(searches, in_sources, strict=True)
    ]
    hits: list[Hit] = []
    phrases: dict[tuple[int, int], Phrase] = {}
    for met, stock in map_ordered(partial(_met, searches, tokenizer, tokens), tokens.blocks(TASK_TOKENS), processes):
        hits += (Hit(*one) for one in met)
        for key, phrase in stock.items():
            before = phrases.get(key)
            phrases[key] = before._replace(documents=before.documents + phrase.documents) if before else phrase
    return Contamination(
        hits,
        [
            StockPhrase(
                phrase.documents, searches[which].items_with(pattern), int(in_sources[which][pattern]), *phrase[1:]
            )
            for (which, pattern), phrase in sorted(phrases.items(), key=lambda entry: (-entry[1].documents, entry[0]))
        ],
        int((np.diff(prints.questions.offsets) < SHORTEST["question"]).sum()),
    )


class Phrase(NamedTuple):
    """In how many documents a stock phrase stands, and the first of them with its tokens there."""

    documents: int
    example: int
    start: int
    end: int


def _patterns(searches: list[Searching], tokenizer: str, tokens: FlatTokens, span: tuple[int, int]) -> list[Ints]:
    """For each search the patterns in the documents `[first, last)` of `span`, each once a document."""
    block = Block.read(tokens, span, tokenizer)
    found = (search.find(block) for search in searches)
    return [distinct(those.document, those.pattern)[1] for those in found]


def _met(
    searches: list[Searching], tokenizer: str, tokens: FlatTokens, span: tuple[int, int]
) -> tuple[list[Met], dict[tuple[int, int], Phrase]]:
    """What was met in the documents of `span`, by document, item and place, and the stock phrases in them by search and
    pattern."""
    block, met, phrases = Block.read(tokens, span, tokenizer), list[Met](), dict[tuple[int, int], Phrase]()
    for number, search in enumerate(searches):
        found = search.find(block)
        met += search.meetings(block, found)
        phrases |= {(number, pattern): phrase for pattern, phrase in _phrases(block, search, found)}
    return sorted(met), phrases


def _phrases(block: Block, search: Searching, found: Found) -> Iterator[tuple[int, Phrase]]:
    place = np.flatnonzero(search.stock[found.pattern] & search.telling(found.pattern))
    pairs, at = np.unique((found.pattern[place] << 32) | found.document[place], return_index=True)
    patterns, begin, count = np.unique(pairs >> 32, return_index=True, return_counts=True)
    for pattern, start, documents in zip(patterns.tolist(), begin.tolist(), count.tolist(), strict=True):
        word = int(found.place[place[at[start]]])
        document = int(pairs[start] & 0xFFFFFFFF)
        span = block.tokens(document, word, word + search.length(pattern))
        yield pattern, Phrase(documents, document + block.first, *span)
