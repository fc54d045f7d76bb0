"""Counting and encoding with the target model's tokenizer.

A recipe names it: `mistral-7b-v0.1` (the SentencePiece model of Mistral-7B-v0.1, which the package `mistral-common`
carries, so no download), or the path of a SentencePiece `.model` file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files
from itertools import groupby
from pathlib import Path
from typing import Any

from synthgen.errors import TokenizerError, nearest

BOS_MARK, EOS_MARK = "\ufdd0", "\ufdd1"
"""Stand for the BOS and EOS tokens inside a text. They belong to no script, and no document or answer holds them."""

_MARKS = re.compile(f"([{BOS_MARK}{EOS_MARK}])")

BUILT_IN = {"mistral-7b-v0.1": ("mistral_common", "data/tokenizer.model.v1")}


class Tokenizer:
    """A SentencePiece tokenizer. Encoding adds no BOS or EOS; text that looks like a control token is plain text.

    Only `BOS_MARK` and `EOS_MARK` become those tokens, and decoding gives them back.
    """

    def __init__(self, name: str, processor: Any) -> None:
        self.name = name
        self.processor = processor
        """SentencePiece's own object, for what is not offered here."""
        self.bos_id: int = processor.bos_id()
        self.eos_id: int = processor.eos_id()
        self._marks = {BOS_MARK: self.bos_id, EOS_MARK: self.eos_id}
        self._lead: list[int] = processor.encode("\n")

    def encode(self, text: str) -> list[int]:
        if not _marked(text):
            ids: list[int] = self.processor.encode(_encodable(text))
            return ids
        first, *rest = _MARKS.split(text)
        return self.encode(first) + [number for mark, part in _pairs(rest) for number in self._behind(mark, part)]

    def encode_batch(self, texts: Sequence[str]) -> list[list[int]]:
        """`[self.encode(text) for text in texts]`, on all cores."""
        if any(map(_marked, texts)):
            return [self.encode(text) for text in texts]
        ids: list[list[int]] = self.processor.encode([_encodable(text) for text in texts])
        return ids

    def offsets(self, text: str) -> list[tuple[int, int]]:
        """For each token of `encode(text)` the characters `[start, end)` of `text` that it stands for."""
        first, *rest = _MARKS.split(text)
        spans, at = self._offsets(first), len(first)
        for mark, part in _pairs(rest):
            # The line break in front of the part has the place of the mark.
            behind = self._offsets("\n" + part)[len(self._lead) :]
            spans += [(at, at + len(mark)), *((at + start, at + end) for start, end in behind)]
            at += len(mark + part)
        return spans

    def decode(self, ids: Sequence[int]) -> str:
        marks, text = {number: mark for mark, number in self._marks.items()}, ""
        for mark, run in groupby(ids, marks.get):
            numbers, lead = list(run), self._lead if text else []
            text += mark * len(numbers) if mark else self._decode([*lead, *numbers])[len(self._decode(lead)) :]
        return text

    def count(self, text: str) -> int:
        return len(self.encode(text))

    def _behind(self, mark: str, part: str) -> list[int]:
        """The mark, and what follows it: behind a line break, as SentencePiece puts a blank before a text."""
        return [self._marks[mark], *self.encode("\n" + part)[len(self._lead) :]]

    def _decode(self, ids: list[int]) -> str:
        text: str = self.processor.decode(ids)
        return text

    def _offsets(self, text: str) -> list[tuple[int, int]]:
        spans: list[tuple[int, int]] = self.processor.encode(_encodable(text), return_type="offset_mapping")["offsets"]
        return spans


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


def _marked(text: str) -> bool:
    return BOS_MARK in text or EOS_MARK in text


def _pairs(parts: Sequence[str]) -> Iterator[tuple[str, str]]:
    return zip(parts[::2], parts[1::2], strict=True)


def _encodable(text: str) -> str:
    """`text` without lone surrogates, which UTF-8 cannot hold."""
    return text.encode("utf-8", "replace").decode("utf-8")
