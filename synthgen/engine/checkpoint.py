"""Which checkpoint a model's name means: a fingerprint of a local one, so that another in its place is noticed."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from synthgen.errors import RecipeError

WEIGHTS = frozenset({".safetensors", ".bin", ".pt", ".pth", ".gguf"})
WORDS = frozenset({".json", ".jinja", ".model", ".txt", ".py"})
"""Endings of what is beside the weights and decides answers: configuration, tokenizer, chat template, code."""

SAMPLES = 64
SAMPLE_BYTES = 1024


def is_local(model: str) -> bool:
    """Whether `model` is a file or folder of this machine, and not the name of one on a hub."""
    return Path(model).exists() or model.startswith(("/", "./", "../", "~"))


def fingerprint(model: Path) -> str:
    """16 hex digits that change with the checkpoint, whatever its folder is called and wherever it lies.

    All of the small files goes into it; of the weights, which may be 100 GB, the names, the sizes and 64 samples of
    1 KiB a file, evenly spaced. Raises RecipeError where it cannot be read.
    """
    digest = hashlib.sha256()
    try:
        for path in _files(model):
            digest.update(f"{path.name if model.is_dir() else path.suffix}\0{path.stat().st_size}\0".encode())
            for piece in _samples(path) if path.suffix in WEIGHTS else [path.read_bytes()]:
                digest.update(piece)
    except OSError as error:
        what = f"cannot be read ({(error.strerror or 'unknown error').lower()})"
        raise RecipeError(what, where=model, fix="check `model`, and the rights to its files") from error
    return digest.hexdigest()[:16]


def _files(model: Path) -> list[Path]:
    if not model.is_dir():
        return [model]
    return sorted(path for path in model.iterdir() if path.suffix in WEIGHTS | WORDS and path.is_file())


def _samples(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        for number in range(SAMPLES):
            file.seek(max(0, size - SAMPLE_BYTES) * number // (SAMPLES - 1))
            yield file.read(SAMPLE_BYTES)
