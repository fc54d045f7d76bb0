"""One block of documents as words, and where in its documents these stand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from synthgen.corpus.flat import FlatTokens, Ints
from synthgen.corpus.words import Words, word_reader
from synthgen.tokens import load_tokenizer

Flags: TypeAlias = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Block:
    """Documents from number `first` of the set on. Document `i` of the block begins at `offsets[i]` of its tokens."""

    first: int
    words: Words
    offsets: Ints

    @classmethod
    def read(cls, tokens: FlatTokens, span: tuple[int, int], tokenizer: str) -> Block:
        """The documents `[first, last)` of `span`. Raises StorageError."""
        flat, offsets = tokens.read(*span)
        return cls(span[0], word_reader(load_tokenizer(tokenizer)).read(flat, offsets), offsets)

    def document(self, number: int) -> list[int]:
        """The hashes of a document's words."""
        words: list[int] = self.words.hashes[self.words.offsets[number] : self.words.offsets[number + 1]].tolist()
        return words

    def tokens(self, document: int, first: int, last: int) -> tuple[int, int]:
        """The tokens of a document that the words `[first, last)` of the block span."""
        begin = int(self.offsets[document])
        return int(self.words.starts[first]) - begin, int(self.words.ends[last - 1]) - begin

    def bounds(self) -> Flags:
        """For each word, and for behind the last, whether something other than blanks stands before it, or nothing: so
        between which words line breaks and punctuation are."""
        starts, ends = self.words.starts, self.words.ends
        bounds = np.ones(len(starts) + 1, np.bool_)
        bounds[1:-1] = starts[1:] > ends[:-1]
        bounds[self.words.offsets] = True
        return bounds

    def alone(self, document: int, first: int, last: int) -> bool:
        """Whether the words `[first, last)` stand between line breaks or punctuation, not within a sentence."""
        starts, ends, offsets = self.words.starts, self.words.ends, self.words.offsets
        begins = first == offsets[document] or starts[first] > ends[first - 1]
        closes = last == offsets[document + 1] or starts[last] > ends[last - 1]
        return bool(begins and closes)
