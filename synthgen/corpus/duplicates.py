"""Exact duplicates: records whose text is the same but for case and white space."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import replace

from synthgen.data import Judged

CODES = {"exact_duplicate": "the same text stands in an earlier record"}


def drop_exact(judged: Iterable[Judged]) -> Iterator[Judged]:
    """`judged` in its order, with each kept record whose text stands in an earlier kept one turned into a rejection:
    code `exact_duplicate`, and `duplicate_of` names the record that stays.

    Streams: it remembers a fingerprint and an id for each record that stays, no text.
    """
    stays: dict[bytes, str] = {}
    for item in judged:
        if item.outcome != "kept":
            yield item
            continue
        first = stays.setdefault(fingerprint(item.record.text), item.record.record_id)
        if first == item.record.record_id:
            yield item
        else:
            yield replace(item, outcome="rejected", code="exact_duplicate", duplicate_of=first)


def fingerprint(text: str) -> bytes:
    """16 bytes that are equal for texts that `normalised` makes equal."""
    return hashlib.blake2b(normalised(text).encode("utf-8", "surrogatepass"), digest_size=16).digest()


def normalised(text: str) -> str:
    """`text` in Unicode NFC, case-folded, each run of white space one blank. Punctuation stays: `<` is not `>`."""
    folded = unicodedata.normalize("NFC", text).casefold()
    return " ".join(unicodedata.normalize("NFC", folded).split())
