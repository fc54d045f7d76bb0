"""Evaluation sets whose text is not at hand: files that hold hashes of their word sequences, and no text.

Of a text of 8 words or more, hashes of sequences of 8 words are kept: of each 5 that follow each other the lowest one
(Schleimer, Wilkerson and Aiken 2003, "Winnowing"), so that any 12 words in a row are met. Of a shorter text the hash
of the whole is kept. What stands in several items is left out, and so are single options, which are easily guessed.

Who knows a text can tell that it is in a file; a text cannot be read out of one. The hashes of a text stand in no
order of its words, two of three sequences are missing, so that nobody can go on word by word from one that is
guessed, and a hash does not come apart into those of its words, so that all 8 must be guessed at a time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import orjson

from synthgen.corpus.benchmark_items import BenchmarkItem
from synthgen.corpus.block import Flags
from synthgen.corpus.fingerprints import SHORTEST, STOCK_ITEMS, ItemText, Part, cases, item_texts
from synthgen.corpus.flat import Hashes, Ints, distinct, offsets_of
from synthgen.corpus.ngrams import mix
from synthgen.corpus.patterns import sequences
from synthgen.corpus.words import word_reader
from synthgen.errors import StorageError
from synthgen.storage.files import atomic_file, storage_errors
from synthgen.tokens import load_tokenizer

BUILT_IN = Path(__file__).parent / "benchmarks"
SUFFIX, FORMAT = ".hashes", 1
WINDOW = 5
PARTS: tuple[Part, ...] = ("question", "answered", "passage", "options")
_DTYPES = ("<u4", "<u1", "<u2", "<u2", "<u8")
_HIGHEST = np.uint64(np.iinfo(np.uint64).max)
_ROUNDS = tuple(map(np.uint64, (0x243F6A8885A308D3, 0x13198A2E03707344, 0xA4093822299F31D0)))
"""The first digits of pi."""


@dataclass(frozen=True, slots=True)
class About:
    """What a file says of the evaluation set that it was made from. Items have the numbers of its rows, from 1 on."""

    benchmark: str
    source: str
    licence: str
    items: int
    texts: int
    hashes: int
    format: int


@dataclass(frozen=True, slots=True)
class HashedSet:
    """Text `t` is part `PARTS[part[t]]` of item number `item[t]`, has `words[t]` words, and is known by the hashes
    `[first[t], first[t + 1])`: of sequences of 8 words, or of its whole where it is shorter."""

    about: About
    item: Ints
    part: Ints
    words: Ints
    first: Ints
    hashes: Hashes

    @property
    def digest(self) -> str:
        """SHA-256, in hex, of what is looked for."""
        columns = self.item, self.part, self.words, self.first, self.hashes
        return hashlib.sha256(b"".join(column.tobytes() for column in columns)).hexdigest()


def hashed_sets(paths: Iterable[str | Path] = (), *, built_in: bool = True) -> list[HashedSet]:
    """The sets in the files `paths`, and, where asked for, those that come with the package. Raises StorageError for a
    file that is missing or damaged."""
    own = sorted(BUILT_IN.glob(f"*{SUFFIX}")) if built_in else []
    return [read_hashed(Path(path)) for path in (*own, *paths)]


def hash_items(items: Sequence[BenchmarkItem], *, source: str, licence: str, tokenizer: str) -> HashedSet:
    """The hashes of one evaluation set, with its `source` and `licence` for the file's head. They do not depend on the
    tokenizer, as long as that has pieces for the letters."""
    every = item_texts(items, word_reader(load_tokenizer(tokenizer)))
    texts = [text for text in every if text.part in PARTS and len(text.words) >= SHORTEST[text.part]]
    found = [sequences(text.words) for text in texts]
    rare = np.split(_rare(texts, found, len(items)), offsets_of(list(map(len, found)))[1:-1])
    kept = [_winnowed(one_way(hashes), told) for hashes, told in zip(found, rare, strict=True)] if texts else []
    item, part, words, counts = (
        np.array(
            [
                (text.item + 1, PARTS.index(text.part), len(text.words), len(hashes))
                for text, hashes in zip(texts, kept, strict=True)
            ],
            np.int64,
        )
        .reshape(-1, 4)
        .T
    )
    hashes = np.concatenate([np.empty(0, np.uint64), *kept])
    about = About(items[0].benchmark if items else "", source, licence, len(items), len(texts), len(hashes), FORMAT)
    return HashedSet(about, item, part, words, offsets_of(counts), hashes)


def one_way(hashes: Hashes) -> Hashes:
    """`hashes` of word sequences, which are sums over their words, so that they are no such sums any more and what they
    come from cannot be computed (the construction of Davies and Meyer, over three rounds of SplitMix64)."""
    mixed = hashes
    for constant in _ROUNDS:
        mixed = mix(mixed ^ constant)
    return mixed ^ hashes


def _rare(texts: list[ItemText], found: list[Hashes], items: int) -> Flags:
    """Of all sequences of all texts, whether fewer than `STOCK_ITEMS` items have them."""
    _, number = np.unique(np.concatenate([np.empty(0, np.uint64), *found]), return_inverse=True)
    item = np.repeat([text.item for text in texts], list(map(len, found))).astype(np.int64)
    having = distinct(number, cases(texts, items)[item])[0]
    rare: Flags = (np.bincount(having) < STOCK_ITEMS)[number]
    return rare


def _winnowed(hashes: Hashes, kept: Flags) -> Hashes:
    """Of each `WINDOW` of `hashes` that follow each other the lowest of those to be `kept`, ascending."""
    masked = np.where(kept, hashes, _HIGHEST)
    if len(masked) > WINDOW:
        masked = np.lib.stride_tricks.sliding_window_view(masked, WINDOW).min(axis=1)
    else:
        masked = masked.min(keepdims=True)
    lowest = np.unique(masked)
    return lowest[lowest < _HIGHEST]


def write_hashed(path: Path, made: HashedSet) -> None:
    """One line of JSON that says what the file is, then the numbers. Raises StorageError."""
    with atomic_file(path) as file:
        file.write(orjson.dumps(asdict(made.about)) + b"\n")
        columns = made.item, made.part, made.words, np.diff(made.first), made.hashes
        for column, dtype in zip(columns, _DTYPES, strict=True):
            file.write(column.astype(dtype).tobytes())


def read_hashed(path: Path) -> HashedSet:
    """What `write_hashed` wrote. Raises StorageError for a file that is missing, damaged or of another format."""
    with storage_errors(path):
        head, _, data = path.read_bytes().partition(b"\n")
    try:
        about = About(**orjson.loads(head))
        lengths = [about.texts] * 4 + [about.hashes]
        columns, place = [], 0
        for length, dtype in zip(lengths, _DTYPES, strict=True):
            columns.append(np.frombuffer(data, dtype, length, offset=place))
            place += length * np.dtype(dtype).itemsize
        if place != len(data) or about.format != FORMAT:
            raise ValueError
    except (ValueError, TypeError) as error:
        raise StorageError("is no list of hashed items", where=path, fix="make it anew, or remove it") from error
    item, part, words, counts = (column.astype(np.int64) for column in columns[:4])
    return HashedSet(about, item, part, words, offsets_of(counts), columns[4].astype(np.uint64))
