"""The rows of the set in tokens: each document one, but for those longer than the window, which are several."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from synthgen.corpus.cut import cut
from synthgen.corpus.flat import FlatTokens, Hashes, Ints
from synthgen.corpus.ngrams import mix
from synthgen.tokens import Tokenizer


@dataclass(frozen=True, slots=True)
class Pieces:
    """Piece `i` is the tokens `[start[i], end[i])` of document `document[i]`; in the order of the documents, and in a
    document in its order. Without BOS and EOS."""

    document: Ints
    start: Ints
    end: Ints

    @property
    def lengths(self) -> Ints:
        return self.end - self.start


def pieces(tokens: FlatTokens, documents: Ints, tokenizer: Tokenizer, limit: int) -> Pieces:
    """The pieces of `documents`, ascending: whole where they have at most `limit` tokens, else cut at sentence ends.

    No token is lost, and no document without a token has a piece.
    """
    lengths = tokens.lengths[documents]
    short = documents[(lengths > 0) & (lengths <= limit)]
    found = [np.stack([short, np.zeros_like(short), tokens.lengths[short]], axis=1)]
    for document in documents[lengths > limit].tolist():
        ids = tokens.read(document, document + 1)[0].tolist()
        ends = np.cumsum([len(piece) for piece in cut(tokenizer.decode(ids), ids, tokenizer, limit)])
        found.append(np.stack([np.full_like(ends, document), np.append(0, ends[:-1]), ends], axis=1))
    every = np.concatenate(found)
    return Pieces(*every[np.lexsort((every[:, 1], every[:, 0]))].T)


def piece_keys(pieces: Pieces, ids: Sequence[str]) -> Hashes:
    """A number for each piece that hangs on its document's id and its place there only; `ids[i]` is document `i`'s."""
    digests = b"".join(hashlib.blake2b(id_.encode(), digest_size=8).digest() for id_ in ids)
    return mix(np.frombuffer(digests, "<u8")[pieces.document] ^ mix(pieces.start.astype(np.uint64)))
