"""The tokenizer of the rows as a folder that `transformers` loads, so that model and rows have the same ids.

Converting a SentencePiece model is where ids silently change. So the conversion is compared with the original, on
difficult texts and on rows of the set, and left out where one token differs.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from synthgen.corpus.vocabulary import vocabulary
from synthgen.storage.files import storage_errors
from synthgen.tokens import BOS_MARK, EOS_MARK, Tokenizer

FOLDER, CONVERTED = "tokenizer", "tokenizer.json"
COMPARED = 64
"""Rows of the set that are compared, at most."""

DIFFICULT = (
    "Give 0.5–1.0 mg/kg every 6 h; stop if INR ≥ 4.5.",
    "  two blanks, then a tab\tand\n\n- a list\n  - in a list",
    "β-blocker, naïve, 2.0 × 10⁹/L, µg, 37.5 °C, ½ tablet, “quoted”…",
    "| dose | n |\n|---|---|\n| 5 mg | 12 |",
    "Überweisung; dépistage; 高血圧; Ελλάδα; 😀",
    "\nHbA1c<7.0%(53mmol/mol)",
    "",
)


def write_tokenizer(folder: Path, tokenizer: Tokenizer, rows: Iterable[list[int]]) -> bool:
    """Leaves `tokenizer/` in `folder`: the SentencePiece model, byte for byte, and, where it gives the same ids, its
    conversion. Returns whether it does. Raises StorageError.

    `rows` are ids of the set to compare on, without BOS and EOS.
    """
    model = _converted(tokenizer)
    same = _same(model, tokenizer, rows)
    with storage_errors(folder):
        target = folder / FOLDER
        target.mkdir()
        (target / "tokenizer.model").write_bytes(tokenizer.processor.serialized_model_proto())
        if same:
            (target / CONVERTED).write_text(model, encoding="utf-8")
            (target / "tokenizer_config.json").write_text(json.dumps(_config(tokenizer), indent=2) + "\n", "utf-8")
    return same


def some_rows(path: Path) -> Iterator[list[int]]:
    """The first rows of documents of a file of rows, without BOS and EOS. Raises StorageError."""
    import pyarrow.parquet as pq

    with storage_errors(path), pq.ParquetFile(path) as file:
        for batch in file.iter_batches(COMPARED, columns=["input_ids"]):
            found: Any = batch.column(0).to_pylist()
            yield from (row[1:-1] for row in found)
            return


def _same(model: str, tokenizer: Tokenizer, rows: Iterable[list[int]]) -> bool:
    from tokenizers import Tokenizer as Converted

    converted = Converted.from_str(model)
    texts = [*DIFFICULT, *map(tokenizer.decode, rows)]
    plain = [text for text in texts if BOS_MARK not in text and EOS_MARK not in text]
    return all(converted.encode(text, add_special_tokens=False).ids == tokenizer.encode(text) for text in plain)


@cache
def _converted(tokenizer: Tokenizer) -> str:
    """`tokenizer.json`: byte-pair merges in the order of the pieces' scores, a blank put in front, bytes for what is no
    piece."""
    pieces = vocabulary(tokenizer).pieces
    unknown, first, last = (pieces[number] for number in (0, tokenizer.bos_id, tokenizer.eos_id))
    numbers = {piece: number for number, piece in enumerate(pieces)}
    special = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    known = {
        "version": "1.0",
        "added_tokens": [{"id": numbers[name], "content": name, **special} for name in (unknown, first, last)],
        "normalizer": {
            "type": "Sequence",
            "normalizers": [
                {"type": "Prepend", "prepend": "\u2581"},
                {"type": "Replace", "pattern": {"String": " "}, "content": "\u2581"},
            ],
        },
        "pre_tokenizer": None,
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [{"SpecialToken": {"id": first, "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
            "pair": [
                {"SpecialToken": {"id": first, "type_id": 0}},
                {"Sequence": {"id": "A", "type_id": 0}},
                {"Sequence": {"id": "B", "type_id": 0}},
            ],
            "special_tokens": {first: {"id": first, "ids": [numbers[first]], "tokens": [first]}},
        },
        "decoder": {
            "type": "Sequence",
            "decoders": [
                {"type": "Replace", "pattern": {"String": "\u2581"}, "content": " "},
                {"type": "ByteFallback"},
                {"type": "Fuse"},
                {"type": "Strip", "content": " ", "start": 1, "stop": 0},
            ],
        },
        "model": {
            "type": "BPE",
            "unk_token": unknown,
            "fuse_unk": True,
            "byte_fallback": True,
            "vocab": numbers,
            "merges": _merges(numbers, tokenizer),
        },
    }
    return json.dumps(known, ensure_ascii=False)


def _merges(numbers: Mapping[str, int], tokenizer: Tokenizer) -> list[tuple[str, str]]:
    """All pairs of pieces that make a piece, those of better pieces first."""
    score = tokenizer.processor.get_score
    found = [
        (-score(number), numbers[piece[:cut]], numbers[piece[cut:]], piece[:cut], piece[cut:])
        for piece, number in numbers.items()
        for cut in range(1, len(piece))
        if piece[:cut] in numbers and piece[cut:] in numbers
    ]
    return [(left, right) for *_, left, right in sorted(found)]


def _config(tokenizer: Tokenizer) -> dict[str, Any]:
    """`tokenizer_config.json`."""
    pieces = vocabulary(tokenizer).pieces
    return {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "unk_token": pieces[0],
        "bos_token": pieces[tokenizer.bos_id],
        "eos_token": pieces[tokenizer.eos_id],
        "add_bos_token": True,
        "add_eos_token": False,
        "clean_up_tokenization_spaces": False,
        "model_max_length": 1_000_000,
    }
