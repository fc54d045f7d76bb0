"""All that arms can be made of as one flat array of rows, from which each arm takes its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from synthgen.ablation.parts import Part
from synthgen.corpus.flat import FlatTokens, Hashes, Ints, blocks, offsets_of
from synthgen.corpus.labels import Learned
from synthgen.corpus.pieces import Pieces, piece_keys, pieces
from synthgen.corpus.rows import ADDED, TOKENS_AT_ONCE, Content
from synthgen.storage.files import storage_errors
from synthgen.tokens import Tokenizer


@dataclass(frozen=True, slots=True)
class Cut:
    """The pieces of a file of tokens that fit into a window, and which of its tokens are learned: None for all."""

    tokens: FlatTokens
    pieces: Pieces
    learned: Learned | None


@dataclass(frozen=True, slots=True)
class Pool:
    """The rows of all parts, each file's behind those of the one before; `of[part]` are the places of a part's rows.

    `lengths` are their tokens with BOS and EOS, `keys` numbers that hang on what they are and not on their places.
    """

    cuts: tuple[Cut, ...]
    lengths: Ints
    keys: Hashes
    of: Mapping[str, Ints]


def pool(parts: Iterable[Part], tokenizer: Tokenizer, window: int) -> Pool:
    """The rows of `parts`, cut for windows of `window` tokens. Those in which nothing is learned are left out."""
    by_file: dict[Path, list[Part]] = {}
    for part in parts:
        by_file.setdefault(part.tokens.path, []).append(part)
    cuts, keys, of, first = list[Cut](), [np.empty(0, np.uint64)], dict[str, Ints](), 0
    for those in by_file.values():
        one = those[0]
        documents = np.unique(np.concatenate([part.documents for part in those]))
        whole = pieces(one.tokens, documents, tokenizer, window - ADDED)
        cut = _taught(Cut(one.tokens, whole, one.learned))
        for part in those:
            of[part.name] = first + np.flatnonzero(np.isin(cut.pieces.document, part.documents))
        first += len(cut.pieces.document)
        cuts.append(cut)
        keys.append(piece_keys(cut.pieces, one.ids))
    lengths = np.concatenate([np.empty(0, np.int64), *(cut.pieces.lengths for cut in cuts)]) + ADDED
    return Pool(tuple(cuts), lengths, np.concatenate(keys), of)


def write_pool(pool: Pool, path: Path) -> tuple[FlatTokens, Learned | None]:
    """Writes the tokens of all rows to the file `path`; row `i` is document `i`. Raises StorageError."""
    dtype = max((cut.tokens.dtype for cut in pool.cuts), key=lambda name: np.dtype(name).itemsize)
    masks = list[Ints]()
    with storage_errors(path), path.open("wb") as file:
        for cut in pool.cuts:
            for places in _places(cut):
                found = np.memmap(cut.tokens.path, cut.tokens.dtype, mode="r")[places].astype(dtype)
                # Not `tofile`, whose errors do not say why a file could not be written.
                file.write(found.data)
                learned = np.ones(len(places), np.bool_) if cut.learned is None else cut.learned.holds(places)
                masks.append(learned.view(np.int8))
    tokens = FlatTokens(path, dtype, offsets_of(pool.lengths - ADDED))
    return tokens, None if all(cut.learned is None for cut in pool.cuts) else _ranges(np.concatenate(masks))


def content(tokens: FlatTokens, learned: Learned | None, rows: Ints, tokenizer: Tokenizer) -> Content:
    """`rows` of a pool that has been written, in that order; one may come several times."""
    parts = Pieces(rows, np.zeros_like(rows), tokens.lengths[rows])
    return Content(tokens, parts, tokenizer, learned)


def _taught(cut: Cut) -> Cut:
    if cut.learned is None:
        return cut
    first = cut.tokens.offsets[cut.pieces.document] + cut.pieces.start
    some = cut.learned.before(first + cut.pieces.lengths) > cut.learned.before(first)
    those = cut.pieces
    return Cut(cut.tokens, Pieces(those.document[some], those.start[some], those.end[some]), cut.learned)


def _places(cut: Cut) -> Iterator[Ints]:
    """Where in the file the tokens of the pieces stand, one piece behind the other, a block at a time."""
    starts, lengths = cut.tokens.offsets[cut.pieces.document] + cut.pieces.start, cut.pieces.lengths
    for first, last in blocks(offsets_of(lengths), TOKENS_AT_ONCE):
        offsets = offsets_of(lengths[first:last])
        yield np.arange(offsets[-1]) + np.repeat(starts[first:last] - offsets[:-1], np.diff(offsets))


def _ranges(mask: Ints) -> Learned:
    """The stretches of ones in `mask`."""
    steps = np.diff(np.concatenate([[0], mask, [0]]))
    return Learned(np.flatnonzero(steps == 1), np.flatnonzero(steps == -1))
