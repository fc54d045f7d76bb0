"""What the passes need to know of the target tokenizer beside encoding: its pieces, and how it normalises."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from typing import Any

from synthgen.tokens import Tokenizer


@dataclass(frozen=True)
class Vocabulary:
    """The pieces of a SentencePiece model by id; `fingerprint` is the SHA-256 of the model."""

    pieces: tuple[str, ...]
    fingerprint: str
    _processor: Any

    @property
    def size(self) -> int:
        return len(self.pieces)

    def normalise(self, text: str) -> str:
        normalised: str = self._processor.normalize(text)
        return normalised


@cache
def vocabulary(tokenizer: Tokenizer) -> Vocabulary:
    processor: Any = tokenizer.processor
    pieces = tuple(map(processor.id_to_piece, range(processor.get_piece_size())))
    return Vocabulary(pieces, hashlib.sha256(processor.serialized_model_proto()).hexdigest(), processor)
