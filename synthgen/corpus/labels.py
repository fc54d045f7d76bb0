"""Which tokens of the set a model is to learn: all, or only those that a teacher answered."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice

import numpy as np

from synthgen.corpus.flat import FlatTokens, Ints, Tokens, offsets_of
from synthgen.corpus.vocabulary import vocabulary
from synthgen.tokens import Tokenizer

Ranges = Sequence[tuple[int, int]]
DOCUMENTS_AT_ONCE = 1024


@dataclass(frozen=True, slots=True)
class Learned:
    """The learned tokens as ranges `[starts[i], ends[i])` of places in the flat array, ascending and disjoint."""

    starts: Ints
    ends: Ints

    def before(self, places: Ints) -> Ints:
        """How many learned tokens stand before each of `places` in the flat array."""
        if not len(self.starts):
            return np.zeros(len(places), np.int64)
        through = np.cumsum(self.ends - self.starts)
        within = np.searchsorted(self.starts, places, side="right") - 1
        behind = np.clip(self.ends[within] - places, 0, None)
        return np.where(within < 0, 0, through[within] - behind)

    def holds(self, places: Ints) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """Whether the token at each of `places` is learned."""
        if not len(self.starts):
            return np.zeros(len(places), np.bool_)
        within = np.searchsorted(self.starts, places, side="right") - 1
        return (within >= 0) & (places < self.ends[within])


def learned_tokens(
    tokens: FlatTokens, documents: Ints, texts: Iterable[tuple[str, Ranges]], tokenizer: Tokenizer
) -> Learned:
    """The tokens in which a character of the learned ranges stands; of a document without ranges, all of them.

    `texts` are those of `documents`, in that order, each with its ranges of characters, ascending and disjoint.
    """
    found, iterator = [(np.empty(0, np.int64), np.empty(0, np.int64))], iter(texts)
    for first in range(0, len(documents), DOCUMENTS_AT_ONCE):
        some = documents[first : first + DOCUMENTS_AT_ONCE]
        found.append(_learned(tokens, some, list(islice(iterator, len(some))), tokenizer))
    starts, ends = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return _joined(starts, ends)


def _learned(
    tokens: FlatTokens, documents: Ints, texts: list[tuple[str, Ranges]], tokenizer: Tokenizer
) -> tuple[Ints, Ints]:
    """Where in the flat array the learned tokens begin and end."""
    ids, offsets = tokens.gather(documents)
    begins, ends = _characters(ids, offsets, [text for text, _ in texts], tokenizer)
    counts = np.array([len(ranges) for _, ranges in texts], np.int64)
    owner = np.repeat(np.arange(len(texts)), counts)
    bases = offsets_of([len(text) for text, _ in texts])
    wanted = np.array([pair for _, ranges in texts for pair in ranges], np.int64).reshape(-1, 2) + bases[owner, None]
    # From places among the tokens at hand to those in the file.
    shift = (tokens.offsets[documents] - offsets[:-1])[owner]
    first = np.searchsorted(ends, wanted[:, 0], side="right") + shift
    last = np.searchsorted(begins, wanted[:, 1], side="left") + shift
    whole = documents[counts == 0]
    return np.append(first, tokens.offsets[whole]), np.append(last, tokens.offsets[whole + 1])


def _characters(ids: Tokens, offsets: Ints, texts: Sequence[str], tokenizer: Tokenizer) -> tuple[Ints, Ints]:
    """Where each token begins and ends, in the characters of `texts` put together."""
    sizes = _sizes(tokenizer)[ids]
    # SentencePiece puts a blank in front of a text, but not in front of a mark.
    starts = offsets[:-1][np.diff(offsets) > 0]
    sizes[starts] -= ~np.isin(ids[starts], (tokenizer.bos_id, tokenizer.eos_id))
    through, bases = offsets_of(sizes), offsets_of(list(map(len, texts)))
    ends = through[1:] + np.repeat(bases[:-1] - through[offsets[:-1]], np.diff(offsets))
    begins = ends - np.maximum(sizes, 1)
    # Where its normaliser has changed a text, pieces and characters do not match.
    for number in np.flatnonzero(np.diff(through[offsets]) != np.diff(bases)).tolist():
        spans = np.array(tokenizer.offsets(texts[number]), np.int64).reshape(-1, 2) + bases[number]
        begins[offsets[number] : offsets[number + 1]], ends[offsets[number] : offsets[number + 1]] = spans.T
    return begins, ends


def _joined(starts: Ints, ends: Ints) -> Learned:
    """Ranges that meet, or share the token that reaches over a border, as one; those without a token left out."""
    order = np.argsort(starts, kind="stable")
    order = order[ends[order] > starts[order]]
    starts, ends = starts[order], ends[order]
    if not len(starts):
        return Learned(starts, ends)
    apart = np.append(True, starts[1:] > ends[:-1])
    return Learned(starts[apart], ends[np.append(apart[1:], True)])


@cache
def _sizes(tokenizer: Tokenizer) -> Ints:
    """By token id: the characters that it stands for. Of the bytes of a character, the first stands for it; the others
    end where it does."""
    counts = []
    for piece in vocabulary(tokenizer).pieces:
        byte = int(piece[1:-1], 16) if piece.startswith("<0x") and len(piece) == 6 else None
        counts.append(len(piece) if byte is None else int(byte & 0xC0 != 0x80))
    counts[tokenizer.bos_id] = counts[tokenizer.eos_id] = 1
    return np.array(counts, np.int64)
