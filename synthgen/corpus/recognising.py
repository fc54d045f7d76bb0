"""Searches one block of documents for the texts of evaluation sets of which only hashes are known."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from synthgen.corpus.block import Block, Flags
from synthgen.corpus.fingerprints import ALONE, SHORTEST
from synthgen.corpus.flat import Hashes, Ints, ascending, offsets_of
from synthgen.corpus.hashed import PARTS, HashedSet, one_way
from synthgen.corpus.matching import ALIKE, EXACT, Match, Met
from synthgen.corpus.patterns import CACHED, LONGEST, Found, Known, rolls


@dataclass(frozen=True, slots=True)
class HashedTexts:
    """Text `t` is part `PARTS[part[t]]` of item number `item[t]` of benchmark `names[t]`, has `words[t]` words and is
    known by `counts[t]` hashes."""

    names: list[str]
    item: Ints
    part: Ints
    words: Ints
    counts: Ints

    @classmethod
    def of(cls, sets: Sequence[HashedSet]) -> HashedTexts:
        def all_of(columns: list[Ints]) -> Ints:
            return np.concatenate([np.empty(0, np.int64), *columns])

        return cls(
            [one.about.benchmark for one in sets for _ in range(one.about.texts)],
            all_of([one.item for one in sets]),
            all_of([one.part for one in sets]),
            all_of([one.words for one in sets]),
            all_of([np.diff(one.first) for one in sets]),
        )


@dataclass(frozen=True, slots=True)
class HashedSearch:
    """Looks for the texts of several sets together, those patterns left out that are `stock`.

    Pattern `p`, of `lengths[p]` words, is of the texts `text_of[first[p] : first[p + 1]]`.
    """

    texts: HashedTexts
    known: Known
    lengths: Ints
    first: Ints
    text_of: Ints
    stock: Flags

    @classmethod
    def of(cls, sets: Sequence[HashedSet], in_words: Hashes) -> HashedSearch:
        """The search for `sets`, but for those texts that are known in words: all of whose hashes are `in_words`."""
        texts = HashedTexts.of(sets)
        every = np.concatenate([np.empty(0, np.uint64), *(one.hashes for one in sets)])
        text = np.repeat(np.arange(len(texts.counts)), texts.counts)
        others = np.ones(len(every), np.bool_)
        others[Known.of(ascending(in_words)).find(every)[0]] = False
        new = np.bincount(text, others, minlength=len(texts.counts)) > 0
        every, text = every[new[text]], text[new[text]]
        hashes, number = np.unique(every, return_inverse=True)
        lengths = np.zeros(len(hashes), np.int64)
        lengths[number] = np.minimum(texts.words[text], LONGEST)
        first = offsets_of(np.bincount(number, minlength=len(hashes)))
        text_of = text[np.argsort(number, kind="stable")]
        return cls(texts, Known.of(hashes), lengths, first, text_of, np.zeros(len(hashes), np.bool_))

    def __len__(self) -> int:
        return len(self.lengths)

    def items_with(self, pattern: int) -> int:
        return int(self.first[pattern + 1] - self.first[pattern])

    def length(self, pattern: int) -> int:
        return int(self.lengths[pattern])

    def telling(self, pattern: Ints) -> Flags:
        """Which of the patterns would be more than an option, if they were no stock phrases: all."""
        return np.ones(len(pattern), np.bool_)

    def find(self, block: Block) -> Found:
        """All places of the patterns: those of 8 words anywhere, shorter ones where they stand alone."""
        words, bounds, found = block.words, block.bounds(), [np.empty((0, 3), np.int64)]
        for start in range(0, len(words.hashes), CACHED):
            for length, rolled in rolls(words.hashes[start : start + CACHED + LONGEST - 1]):
                if length < min(SHORTEST.values()):
                    continue
                places = np.arange(start, start + len(rolled[:CACHED]))
                if length < LONGEST:
                    places = places[bounds[places] & bounds[places + length]]
                which, numbers = self.known.find(one_way(rolled[places - start]))
                places = places[which]
                documents = np.searchsorted(words.offsets, places, side="right") - 1
                inside = (places + length <= words.offsets[documents + 1]) & (self.lengths[numbers] == length)
                found.append(np.stack([numbers, documents, places], axis=1)[inside])
        return Found(*np.concatenate(found).T)

    def meetings(self, block: Block, found: Found) -> Iterator[Met]:
        """What was met in a block in which `found` of the patterns stand."""
        telling = ~self.stock[found.pattern]
        pattern, document, place = found.pattern[telling], found.document[telling], found.place[telling]
        counts = self.first[pattern + 1] - self.first[pattern]
        begins = np.repeat(self.first[pattern] - offsets_of(counts)[:-1], counts)
        text = self.text_of[begins + np.arange(counts.sum())]
        document, place, pattern = (np.repeat(those, counts) for those in (document, place, pattern))
        order = np.lexsort((place, text, document))
        document, text, place, pattern = document[order], text[order], place[order], pattern[order]
        is_question = self.texts.part[text] == PARTS.index("question")
        asked = set(map(self._item, document[is_question].tolist(), text[is_question].tolist()))
        new = (np.diff(text, prepend=-1) != 0) | (np.diff(document, prepend=-1) != 0)
        for low, high in pairwise([*np.flatnonzero(new).tolist(), len(text)]):
            one, which = int(document[low]), int(text[low])
            found_of_it = len(set(pattern[low:high].tolist()))
            yield self._judge(block, one, which, place[low:high], found_of_it, self._item(one, which) in asked)

    def _item(self, document: int, text: int) -> tuple[int, str, int]:
        return document, self.texts.names[text], int(self.texts.item[text])

    def _judge(self, block: Block, document: int, text: int, places: Ints, found: int, asked: bool) -> Met:
        """Text number `text`, of whose patterns `found` stand at `places` of the block, ascending. `asked` says whether
        the document has something of the item's question."""
        length, part = int(self.texts.words[text]), PARTS[self.texts.part[text]]
        start, words = _longest_row(places, min(length, LONGEST))
        score = found / int(self.texts.counts[text])
        match: Match = "phrase"
        if words >= EXACT or (words == length and part != "options" and length >= ALONE):
            match = "exact"
        elif part == "options":
            match = "edited" if score >= ALIKE and asked else "phrase"
        elif part != "answered" and length >= LONGEST:
            like = 2 * words > length or score == 1 or (score >= ALIKE and found > 1)
            match = "edited" if like else "phrase"
        return Met(
            document + block.first,
            self.texts.names[text],
            str(self.texts.item[text]),
            "question" if part == "answered" else part,
            match,
            *block.tokens(document, start, start + words),
            words,
            round(score, 4),
            part in ("answered", "options"),
        )


def _longest_row(places: Ints, length: int) -> tuple[int, int]:
    """Where the longest row of words begins that sequences of `length` words at `places` cover, and its words."""
    best, begin, end = (0, 0), -1, -1
    for place in places.tolist():
        begin, end = (begin if place <= end else place), place + length
        best = max(best, (end - begin, -begin))
    return -best[1], best[0]
