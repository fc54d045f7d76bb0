"""Counting and encoding with the target model's tokenizer.

A recipe names it: `mistral-7b-v0.1` (the SentencePiece model of Mistral-7B-v0.1, which the package `mistral-common`
carries, so no download), or the path of a SentencePiece `.model` file.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from synthgen.errors import TokenizerError, nearest

BUILT_IN = {"mistral-7b-v0.1": ("mistral_common", "data/tokenizer.model.v1")}


class Tokenizer:
    """A SentencePiece tokenizer. Encoding adds no BOS or EOS; text that looks like a control token is plain text."""

    def __init__(self, name: str, processor: Any) -> None:
        self.name = name
        self.processor = processor
        """SentencePiece's own object, for what is not offered here."""
        self.bos_id: int = processor.bos_id()
        self.eos_id: int = processor.eos_id()

    def encode(self, text: str) -> list[int]:
        ids: list[int] = self.processor.encode(_encodable(text))
        return ids

    def encode_batch(self, texts: Sequence[str]) -> list[list[int]]:
        """`[self.encode(text) for text in texts]`, on all cores."""
        ids: list[list[int]] = self.processor.encode([_encodable(text) for text in texts])
        return ids

    def decode(self, ids: Sequence[int]) -> str:
        text: str = self.processor.decode(list(ids))
        return text

    def count(self, text: str) -> int:
        return len(self.encode(text))


@cache
def load_tokenizer(name: str) -> Tokenizer:
    """The tokenizer that a recipe calls `name`. Raises TokenizerError if there is none or it cannot be loaded."""
    from sentencepiece import SentencePieceProcessor

    if name in BUILT_IN:
        package, inner = BUILT_IN[name]
        path = Path(str(files(package) / inner))
    elif (path := Path(name)).suffix != ".model":
        raise TokenizerError(
            f"unknown tokenizer {name!r}",
            fix=f"give the path of a SentencePiece .model file, or a name; {nearest(name, BUILT_IN)}",
        )
    try:
        return Tokenizer(name, SentencePieceProcessor(model_file=str(path)))
    except (OSError, RuntimeError) as error:
        raise TokenizerError("cannot be loaded as a SentencePiece model", where=path, fix="check the path") from error


def _encodable(text: str) -> str:
    """`text` without lone surrogates, which UTF-8 cannot hold."""
    return text.encode("utf-8", "replace").decode("utf-8")
