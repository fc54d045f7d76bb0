"""Encodes with a SentencePiece model word by word, each distinct word once: the same ids, many times as fast."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import chain

import numpy as np

from synthgen.corpus.flat import Ints, Tokens, dtype_for, offsets_of
from synthgen.corpus.spans import HashIndex, span_hashes, word_starts
from synthgen.corpus.vocabulary import vocabulary
from synthgen.tokens import BOS_MARK, EOS_MARK, Tokenizer, load_tokenizer

BLANK = "\u2581"
"""What SentencePiece puts in place of a blank."""
MARKS = (BOS_MARK, EOS_MARK)
WORDS_KEPT = 500_000
STRETCH = 1 << 18
"""Characters that are encoded at a time; their arrays stay in a core's cache."""


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
        """The ids of `texts` one after the other, and how many each has. As `tokenizer.encode` of each, but for
        collisions of 64-bit hashes of words."""
        if not self.exact:
            return self.encode_whole(texts)
        found = [(np.empty(0, self.dtype), np.empty(0, np.int64)), *map(self._encode, _stretches(texts))]
        return np.concatenate([ids for ids, _ in found]), np.concatenate([lengths for _, lengths in found])

    def encode_whole(self, texts: Sequence[str]) -> tuple[Tokens, Ints]:
        """The same by the tokenizer alone, the reference."""
        encoded = self.tokenizer.encode_batch(texts)
        lengths = np.fromiter(map(len, encoded), np.int64, len(encoded))
        return np.fromiter(chain.from_iterable(encoded), self.dtype, int(lengths.sum())), lengths

    def _encode(self, texts: list[str]) -> tuple[Tokens, Ints]:
        if len(self._index) > WORDS_KEPT:
            self._forget()
        coded = [_led(text).encode("utf-8", "surrogatepass") for text in texts]
        ends = offsets_of(list(map(len, coded)))
        data = np.frombuffer(b"".join(coded), np.uint8)
        if not len(data):
            return np.empty(0, self.dtype), np.zeros(len(texts), np.int64)
        starts = word_starts(data, ends[:-1][np.diff(ends) > 0])
        for place, text in enumerate(texts):
            if BLANK in text:
                # Not told from a blank, so such a text is one piece.
                starts = starts[(starts <= ends[place]) | (starts >= ends[place + 1])]
        hashes = span_hashes(data, starts)
        words = self._index.find(hashes)
        if len(unknown := np.flatnonzero(words < 0)):
            new, first = np.unique(hashes[unknown], return_index=True)
            stops = np.append(starts[1:], len(data))
            pieces = [data[starts[place] : stops[place]].tobytes() for place in unknown[first].tolist()]
            self._learn([piece.decode("utf-8", "surrogatepass") for piece in pieces])
            self._index.add(new)
            words = self._index.find(hashes)
        return self._ids_of(words, np.diff(np.searchsorted(starts, ends)))

    def _learn(self, pieces: list[str]) -> None:
        """Encodes what is not known yet: words as they are behind a line break, where nothing is put before them."""
        for piece in pieces:
            ids = self.tokenizer.encode(piece) if BLANK in piece else self.tokenizer.encode("\n" + piece)[self._lead :]
            self._lengths.append(len(ids))
            self._ids.extend(ids)
        self._known = np.array(self._lengths), np.array(self._ids, self.dtype)

    def _ids_of(self, words: Ints, counts: Ints) -> tuple[Tokens, Ints]:
        """The ids of `words`, and how many ids each text has of which `counts` words are."""
        word_lengths, ids = self._known
        lengths = word_lengths[words]
        ends = offsets_of(lengths)
        places = np.arange(ends[-1]) + np.repeat(offsets_of(word_lengths)[words] - ends[:-1], lengths)
        return ids[places], np.diff(ends[offsets_of(counts)])

    def _forget(self) -> None:
        self._index, self._lengths, self._ids = HashIndex(), array("q"), array("I")
        self._known = np.empty(0, np.int64), np.empty(0, self.dtype)


def _stretches(texts: Sequence[str]) -> Iterator[list[str]]:
    """`texts` in groups of at least `STRETCH` characters, but for the last."""
    group, size = list[str](), 0
    for text in texts:
        group.append(text)
        size += len(text)
        if size >= STRETCH:
            yield group
            group, size = [], 0
    yield group


def _led(text: str) -> str:
    """`text` with the blank in front that SentencePiece puts there, which it does itself where a text is one piece."""
    return text if not text or text.startswith(MARKS) or BLANK in text else " " + text


def _splits_at_blanks(tokenizer: Tokenizer) -> bool:
    """Whether words can be encoded one by one: see `WordEncoder`."""
    probe = "\ufb01 e\u0301 \u212b\t\u00bd  \u3000x "
    known = vocabulary(tokenizer)
    unchanged = known.normalise(probe) == (BLANK + probe).replace(" ", BLANK)
    return unchanged and not any(
        BLANK in piece.lstrip(BLANK) or ("\n" in piece and piece != "\n") for piece in known.pieces
    )
