"""Tokenises the whole set once: a stream of texts to `tokens.bin` and `offsets.bin`, block by block."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from synthgen.corpus.encode import word_encoder
from synthgen.corpus.flat import OFFSETS, TOKENS, FlatTokens, dtype_for, offsets_of
from synthgen.corpus.vocabulary import vocabulary
from synthgen.storage.files import atomic_file, atomic_folder, storage_errors
from synthgen.tokens import load_tokenizer
from synthgen.workers import map_ordered

BLOCK_CHARACTERS = 8_000_000
CHECKED_EVERY = 128
"""One text in so many is encoded by the tokenizer itself as well and compared."""


@dataclass(frozen=True, slots=True)
class Tokenised:
    """What `tokenise` wrote. `checked` texts were compared with the reference; in `recoded` blocks, of `blocks`, one
    of them differed, so that the whole block was encoded by the reference."""

    tokens: FlatTokens
    blocks: int
    checked: int
    recoded: int


@dataclass(frozen=True, slots=True)
class _Block:
    texts: list[str]
    path: Path


def tokenise(texts: Iterable[str], folder: Path, tokenizer: str, *, processes: int) -> Tokenised:
    """Encodes `texts`, without BOS and EOS, into `folder`, which is replaced as a whole.

    Finished blocks wait beside it under the digest of what they hold; a rerun after a kill takes those and encodes the
    others. Memory is some ten times `BLOCK_CHARACTERS` a process. The bytes depend on the texts and the tokenizer.
    Raises TokenizerError, and StorageError where the disk fails.
    """
    model = vocabulary(load_tokenizer(tokenizer))
    dtype, work = dtype_for(model.size), folder.with_name(f".{folder.name}-blocks")
    blocks = _blocks(texts, work, model.fingerprint)
    lengths, used, checked, recoded = [np.empty(0, np.int64)], set(), 0, 0
    with atomic_folder(folder) as new:
        with storage_errors(folder), (new / TOKENS).open("wb") as file:
            for path in map_ordered(partial(_encode_block, tokenizer), blocks, processes):
                with np.load(path) as block:
                    # Not `tofile`, whose errors do not say why a file could not be written.
                    file.write(block["tokens"].data)
                    lengths.append(block["lengths"].astype(np.int64))
                    checked, recoded = checked + int(block["checked"]), recoded + int(block["recoded"])
                used.add(path)
        offsets = offsets_of(np.concatenate(lengths))
        with storage_errors(folder):
            (new / OFFSETS).write_bytes(offsets.astype("<u8").data)
    shutil.rmtree(work, ignore_errors=True)
    return Tokenised(FlatTokens(folder / TOKENS, dtype, offsets), len(used), checked, recoded)


def open_tokens(folder: Path, tokenizer: str) -> FlatTokens:
    """What `tokenise` wrote into `folder` with that tokenizer. Raises StorageError where it is not there."""
    dtype = dtype_for(vocabulary(load_tokenizer(tokenizer)).size)
    with storage_errors(folder / OFFSETS):
        return FlatTokens(folder / TOKENS, dtype, np.fromfile(folder / OFFSETS, "<u8").astype(np.int64))


def _blocks(texts: Iterable[str], work: Path, fingerprint: str) -> Iterator[_Block]:
    """`texts` in groups, each with the path that its tokens will have."""
    group, size = [], 0
    for text in texts:
        group.append(text)
        size += len(text)
        if size >= BLOCK_CHARACTERS:
            yield _block(group, work, fingerprint)
            group, size = [], 0
    if group:
        yield _block(group, work, fingerprint)


def _block(texts: list[str], work: Path, fingerprint: str) -> _Block:
    digest = hashlib.blake2b(fingerprint.encode(), digest_size=16)
    for text in texts:
        data = text.encode("utf-8", "surrogatepass")
        digest.update(len(data).to_bytes(8, "little") + data)
    path = work / f"{digest.hexdigest()}.npz"
    # A block that stands needs no texts: they would only go through the pipe.
    return _Block([] if path.exists() else texts, path)


def _encode_block(tokenizer: str, block: _Block) -> Path:
    if block.texts:
        encoder = word_encoder(tokenizer)
        tokens, lengths = encoder.encode(block.texts)
        ends = np.cumsum(lengths)
        sample = range(0, len(block.texts), CHECKED_EVERY)
        same = all(
            tokens[ends[i] - lengths[i] : ends[i]].tolist() == encoder.tokenizer.encode(block.texts[i]) for i in sample
        )
        if not same:
            tokens, lengths = encoder.encode_whole(block.texts)
        with atomic_file(block.path) as file:
            np.savez(file, tokens=tokens, lengths=lengths, checked=len(sample), recoded=int(not same))
    return block.path
