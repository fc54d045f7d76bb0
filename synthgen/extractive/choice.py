"""Choices that look random and are not: they follow from a seed and a key, in every process alike."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import TypeVar

T = TypeVar("T")


class Choice:
    """Picks by a hash of the seed and of the key that each question is asked with."""

    def __init__(self, *seed: object) -> None:
        self._seed = "\x1f".join(map(str, seed)).encode("utf-8", "surrogatepass")

    def number(self, key: str, below: int) -> int:
        """An integer in `[0, below)`."""
        digest = blake2b(key.encode("utf-8", "surrogatepass"), key=blake2b(self._seed).digest()[:32], digest_size=8)
        return int.from_bytes(digest.digest(), "big") % below

    def pick(self, key: str, items: Sequence[T]) -> T:
        return items[self.number(key, len(items))]

    def order(self, key: str, items: Iterable[T]) -> list[T]:
        """The items in another order. Equal items stay in the order in which they were given."""
        return [
            item for _, _, item in sorted((self.number(f"{key}:{n}", 1 << 60), n, item) for n, item in _numbered(items))
        ]


def _numbered(items: Iterable[T]) -> list[tuple[int, T]]:
    return list(enumerate(items))
