"""Encodes with a SentencePiece model word by word, each distinct word once: the same ids, several times as fast."""

from __future__ import annotations

import re
from array import array
from collections.abc import Sequence
from functools import cache
from itertools import chain
from typing import TypeAlias

import numpy as np

from synthgen.corpus.flat import Ints, Tokens, dtype_for, offsets_of
from synthgen.corpus.vocabulary import vocabulary
from synthgen.tokens import Tokenizer, load_tokenizer

BLANK = "\u2581"
"""What SentencePiece puts in place of a blank."""
WORD = re.compile(r"\n| +[^ \n]*|[^ \n]+")
WORDS_KEPT = 500_000
Part: TypeAlias = str | tuple[str]
"""A word, or, in a tuple, a text that is encoded whole."""


@cache
def word_encoder(name: str) -> WordEncoder:
    """One encoder a process for the tokenizer `name`, so that words stay known from block to block."""
    return WordEncoder(load_tokenizer(name))


class WordEncoder:
    """Encodes texts with a memory of words.

    In a BPE model whose pieces never go over a line break or from a character to a blank behind it, no merge ever
    crosses such a place, so encoding the parts between them gives the ids of the whole. `exact` says whether the
    model is known to be so, from its vocabulary and its normaliser; if not, texts are encoded whole.
    """

    def __init__(self, tokenizer: Tokenizer) -> None:
        self.tokenizer = tokenizer
        self.dtype = dtype_for(vocabulary(tokenizer).size)
        self.exact = _splits_at_blanks(tokenizer)
        self._lead = len(tokenizer.encode("\n"))
        self._forget()

    def encode(self, texts: Sequence[str]) -> tuple[Tokens, Ints]:
        """The ids of `texts` one after the other, and how many each has. As `tokenizer.encode` of each."""
        if len(self._lengths) > WORDS_KEPT:
            self._forget()
        words = [np.empty(0, np.int64), *map(self._words, texts)]
        return self._ids_of(np.concatenate(words), np.array([len(those) for those in words[1:]], np.int64))

    def encode_whole(self, texts: Sequence[str]) -> tuple[Tokens, Ints]:
        """The same by the tokenizer alone, the reference."""
        encoded = self.tokenizer.encode_batch(texts)
        lengths = np.fromiter(map(len, encoded), np.int64, len(encoded))
        return np.fromiter(chain.from_iterable(encoded), self.dtype, int(lengths.sum())), lengths

    def _words(self, text: str) -> Ints:
        """The numbers of the words of `text`."""
        parts = self._parts(text)
        try:
            return self._look_up(parts)
        except KeyError:
            self._learn({part for part in parts if part not in self._numbers})
            return self._look_up(parts)

    def _look_up(self, parts: list[Part]) -> Ints:
        """The numbers of `parts`. Raises KeyError where one is not known yet."""
        return np.fromiter(map(self._numbers.__getitem__, parts), np.int64, len(parts))

    def _parts(self, text: str) -> list[Part]:
        """What `text` is encoded by: its words, or the whole of it."""
        if self.exact and BLANK not in text:
            # SentencePiece puts a blank before a text.
            return WORD.findall(" " + text) if text else []
        return [(text,)]

    def _learn(self, parts: set[Part]) -> None:
        """Encodes what is not known yet."""
        for part in parts:
            # A word behind a line break, where nothing is put before it.
            ids = self.tokenizer.encode("\n" + part if isinstance(part, str) else part[0])
            bare = ids[self._lead :] if isinstance(part, str) else ids
            self._numbers[part] = len(self._lengths)
            self._lengths.append(len(bare))
            self._ids.extend(bare)

    def _ids_of(self, words: Ints, counts: Ints) -> tuple[Tokens, Ints]:
        """The ids of `words`, and how many ids each text has of which `counts` words are."""
        word_lengths, ids = np.array(self._lengths), np.array(self._ids, self.dtype)
        lengths = word_lengths[words]
        ends = offsets_of(lengths)
        places = np.arange(ends[-1]) + np.repeat(offsets_of(word_lengths)[words] - ends[:-1], lengths)
        return ids[places], np.diff(ends[offsets_of(counts)])

    def _forget(self) -> None:
        self._numbers: dict[Part, int] = {}
        self._lengths, self._ids = array("q"), array("I")


def _splits_at_blanks(tokenizer: Tokenizer) -> bool:
    """Whether words can be encoded one by one: see `WordEncoder`."""
    probe = "\ufb01 e\u0301 \u212b\t\u00bd  \u3000x "
    known = vocabulary(tokenizer)
    unchanged = known.normalise(probe) == (BLANK + probe).replace(" ", BLANK)
    return unchanged and not any(
        BLANK in piece.lstrip(BLANK) or ("\n" in piece and piece != "\n") for piece in known.pieces
    )
