"""Documents that are held out of generation, so that a model can be evaluated on what it was not trained on.

A guideline often comes in several versions, formats or parts. So what is near a document that is held out is held out
too: else the model would meet in training what it is asked about.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from fnmatch import fnmatchcase

import numpy as np

from synthgen.corpus.flat import Hashes, Ints, ascending, offsets_of
from synthgen.corpus.ngrams import mix, roll
from synthgen.data import Document
from synthgen.errors import RecipeError
from synthgen.recipe import HoldoutSettings

NGRAM = 8
NEAR = 1 / 3
"""Likeness from which on two documents are near copies: versions and formats of one guideline have 0.40 to 0.99,
guidelines of one publisher on different subjects up to 0.26."""
COMPARED = 4_000_000
"""Word sequences of all documents together that are compared; of more, an even sample is."""
_WORD = re.compile(r"[^\W_]+")


def held_out(documents: Iterable[Document], settings: HoldoutSettings) -> frozenset[str]:
    """The ids of the documents that `settings` hold out, and of all near copies of any of these.

    `share` takes each document with that probability, decided by the hash of its text alone, so that a document stays
    held out when others are added; one at least is taken. Two documents are near copies if one has a third of the
    other's distinct sequences of 8 words by weight, which is the square of the logarithm of all documents over those
    with the sequence (as in tf-idf): a publisher's standing phrases make no copy, and an excerpt is one. Near copies
    of near copies go along. Reads each text once; the order of `documents` decides nothing. Raises RecipeError where a
    glob names no document, and where none is left to learn from.
    """
    if not settings.share and not settings.documents:
        return frozenset()
    ids, sources, sample = list[str](), list[str](), _Sample()
    for document in documents:
        ids.append(document.doc_id)
        sources.append(document.source)
        sample.add(document.text)
    chosen = _by_share(ids, settings.share) | _by_name(sources, settings.documents)
    found = _with_near_copies(chosen, sample)
    if ids and len(found) == len(ids):
        raise RecipeError(
            f"all {len(ids)} documents are held out, near copies included",
            where="holdout",
            fix="hold out fewer, or give more documents",
        )
    return frozenset(ids[number] for number in found)


def _by_share(ids: list[str], share: float) -> set[int]:
    # Hashed once more, as other choices go by the id itself.
    drawn = [int.from_bytes(hashlib.sha256(f"holdout:{id_}".encode()).digest()[:8], "big") / 2**64 for id_ in ids]
    first = min(drawn, default=0.0)
    return {number for number, value in enumerate(drawn) if share and (value < share or value == first)}


def _by_name(sources: list[str], globs: list[str]) -> set[int]:
    found: set[int] = set()
    for glob in globs:
        # A row of a table file is named as its file too.
        here = {
            number
            for number, source in enumerate(sources)
            if fnmatchcase(source, glob) or fnmatchcase(source.partition("#")[0], glob)
        }
        if not here:
            raise RecipeError(f"no document is named {glob!r}", where="holdout.documents", fix="mend or remove it")
        found |= here
    return found


class _Sample:
    """The hashes of each document's distinct word sequences, or of those in `every` that all documents are asked for
    alike: so the shares that documents have in common are kept."""

    def __init__(self) -> None:
        self.hashes: list[Hashes] = []
        self._every, self._count = 1, 0
        self._words = _Words()

    def add(self, text: str) -> None:
        words = _WORD.findall(text.casefold())
        numbers = np.fromiter(map(self._words.__getitem__, words), np.uint64, len(words))
        self.hashes.append(ascending(self._thinned(mix(roll(numbers, min(NGRAM, max(len(words), 1)))))))
        self._count += len(self.hashes[-1])
        while self._count > COMPARED:
            self._every *= 2
            self.hashes = [self._thinned(those) for those in self.hashes]
            self._count = sum(map(len, self.hashes))

    def _thinned(self, hashes: Hashes) -> Hashes:
        thinned: Hashes = hashes[hashes & np.uint64(self._every - 1) == 0]
        return thinned


class _Words(dict[str, int]):
    """The hash of each word, made once."""

    def __missing__(self, word: str) -> int:
        self[word] = int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest(), "big")
        return self[word]


def _with_near_copies(chosen: set[int], sample: _Sample) -> set[int]:
    """`chosen`, and what is near one of them, and so on."""
    lengths = offsets_of(list(map(len, sample.hashes)))
    owner: Ints = np.repeat(np.arange(len(sample.hashes)), np.diff(lengths))
    _, number, count = np.unique(
        np.concatenate([np.empty(0, np.uint64), *sample.hashes]), return_inverse=True, return_counts=True
    )
    weight = np.log((1 + len(sample.hashes)) / count) ** 2
    whole = np.bincount(owner, weight[number], minlength=len(sample.hashes))
    # Sequence by sequence, the documents that have it.
    having, begin = owner[np.argsort(number, kind="stable")], offsets_of(count)
    found, ahead = set(chosen), sorted(chosen)
    while ahead:
        one = ahead.pop()
        mine = number[lengths[one] : lengths[one + 1]]
        places = _ranges(begin[mine], count[mine])
        shared = np.bincount(having[places], np.repeat(weight[mine], count[mine]), minlength=len(sample.hashes))
        near = (shared > 0) & (shared >= NEAR * np.minimum(whole, whole[one]))
        new = set(np.flatnonzero(near).tolist()) - found
        found |= new
        ahead.extend(new)
    return found


def _ranges(begins: Ints, counts: Ints) -> Ints:
    """The numbers of all ranges that begin at `begins` and hold so many numbers."""
    offsets = offsets_of(counts)
    ranges: Ints = np.arange(offsets[-1]) + np.repeat(begins - offsets[:-1], counts)
    return ranges
