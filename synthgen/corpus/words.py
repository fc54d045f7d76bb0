"""The words of many documents as hashes, read off their tokens: without case, punctuation and blanks.

A word's hash is a polynomial over its folded letters and digits, put together from those of its tokens. So it does not
depend on how the tokenizer cut the word, which differs between "Sepsis" and "sepsis".
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np

from synthgen.corpus.encode import word_encoder
from synthgen.corpus.flat import Hashes, Ints, Tokens, offsets_of
from synthgen.corpus.ngrams import mix
from synthgen.corpus.vocabulary import vocabulary
from synthgen.tokens import Tokenizer

_FACTOR = 0x9E3779B97F4A7C15
_MODULUS = 1 << 64
LONGEST = 4096
"""Characters of a word that are told apart by place; a longer word is hashed all the same."""


@dataclass(frozen=True, slots=True)
class Words:
    """Document `i` has the words `[offsets[i], offsets[i + 1])`; word `j` is in the tokens `[starts[j], ends[j])`."""

    hashes: Hashes
    offsets: Ints
    starts: Ints
    ends: Ints


@dataclass(frozen=True)
class WordReader:
    """Reads words off tokens. What is no letter or digit, and what the vocabulary only has as bytes, parts words."""

    tokenizer: Tokenizer

    @cached_property
    def _table(self) -> tuple[Hashes, Ints, Hashes]:
        """By token id: the hash and the number of its letters, and whether a word may go on with it. Of powers, too."""
        folded = [
            "" if piece.startswith("<0x") else "".join(filter(str.isalnum, piece.casefold()))
            for piece in vocabulary(self.tokenizer).pieces
        ]
        hashes = np.array([_polynomial(letters) for letters in folded], np.uint64)
        powers = np.array([pow(_FACTOR, place, _MODULUS) for place in range(LONGEST)], np.uint64)
        return hashes, np.array(list(map(len, folded)), np.int32), powers

    @cached_property
    def _begins(self) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """By token id: whether it begins a word wherever it stands."""
        return np.array([not piece[:1].isalnum() for piece in vocabulary(self.tokenizer).pieces])

    def read(self, tokens: Tokens, offsets: Ints) -> Words:
        """The words of the documents that begin at `offsets` of `tokens`."""
        token_hashes, token_letters, powers = self._table
        letters = token_letters[tokens]
        places = np.flatnonzero(letters)
        if not len(places):
            none = np.empty(0, np.int64)
            return Words(np.empty(0, np.uint64), np.zeros(len(offsets), np.int64), none, none)
        kept = tokens[places]
        begins = self._begins[kept]
        begins[0] = True
        begins[1:] |= np.diff(places) > 1
        begins[np.searchsorted(places, offsets[:-1][offsets[:-1] <= places[-1]])] = True
        first = np.flatnonzero(begins)
        last = np.append(first[1:], len(places)) - 1
        through = np.cumsum(letters[places], dtype=np.int64)
        behind = np.repeat(through[last], last - first + 1) - through
        parts = token_hashes[kept] * powers[np.minimum(behind, LONGEST - 1)]
        hashes = mix(np.add.reduceat(parts, first))
        starts, ends = places[first], places[last] + 1
        return Words(hashes, np.searchsorted(starts, offsets).astype(np.int64), starts, ends)

    def of_texts(self, texts: list[str]) -> Words:
        tokens, lengths = word_encoder(self.tokenizer.name).encode(texts)
        return self.read(tokens, offsets_of(lengths))


@cache
def word_reader(tokenizer: Tokenizer) -> WordReader:
    """One reader a process, as its tables take a while to make."""
    return WordReader(tokenizer)


def _polynomial(letters: str) -> int:
    value = 0
    for letter in letters:
        value = (value * _FACTOR + ord(letter) + 1) % _MODULUS
    return value
