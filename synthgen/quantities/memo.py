"""What is known of a word, looked up at the speed of a dictionary."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import compress
from typing import TypeVar

T = TypeVar("T")

LIMIT = 1 << 16
"""Words that are kept; beyond that all make room, so that no text fills the memory."""


class Memo(dict[str, T]):
    """A function of a word that remembers its values: `map(memo.__getitem__, words)` calls it for new words only."""

    def __init__(self, function: Callable[[str], T]) -> None:
        super().__init__()
        self._function = function

    def __missing__(self, word: str) -> T:
        if len(self) >= LIMIT:
            self.clear()
        value = self[word] = self._function(word)
        return value


def places(words: Sequence[str], test: Callable[[str], object]) -> Iterator[int]:
    """The indices of the words that pass the test, in order."""
    return compress(range(len(words)), map(test, words))
