"""Texts as vectors, by an embedding model in a local folder: block by block, what is done is not done again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from synthgen.errors import RecipeError
from synthgen.storage.files import atomic_file, atomic_folder, storage_errors

Vectors: TypeAlias = npt.NDArray[np.float16]
BLOCK, BATCH = 1024, 32
"""Texts in a file, and windows of texts that the model reads at once."""
VECTORS = "vectors.bin"


def embed(texts: Iterable[str], folder: Path, model: Embedder) -> Vectors:
    """One vector of length 1 for each text, of shape (texts, dimensions), mapped from a file in `folder`.

    Finished blocks wait in a folder beside it under the digest of model and texts; a rerun after a kill takes those.
    Raises RecipeError where the model cannot be used, and StorageError.
    """
    work, paths, shape = folder.with_name(f".{folder.name}-blocks"), list[Path](), (0, 1)
    work.mkdir(parents=True, exist_ok=True)
    for block in _blocks(texts):
        paths.append(work / f"{_digest(model.fingerprint, block)}.npy")
        if not paths[-1].exists():
            with atomic_file(paths[-1]) as file:
                np.save(file, model.encode(block))
        shape = shape[0] + len(block), int(np.load(paths[-1], mmap_mode="r").shape[1])
    with atomic_folder(folder) as new, storage_errors(folder):
        whole: Vectors = np.memmap(new / VECTORS, np.float16, "w+", shape=(shape[0] or 1, shape[1]))
        start = 0
        for path in paths:
            rows = np.load(path)
            whole[start : start + len(rows)] = rows
            start += len(rows)
        del whole
    for path in work.iterdir():
        path.unlink()
    work.rmdir()
    vectors: Vectors = np.memmap(folder / VECTORS, np.float16, "r", shape=(shape[0] or 1, shape[1]))[: shape[0]]
    return vectors


@dataclass(frozen=True)
class Embedder:
    """A model for `transformers` in `folder`, in the layout of sentence-transformers or bare.

    Of a text longer than the model reads, all windows count. The last layer's vectors of its tokens are averaged, or
    those of the windows' first tokens where the model's `1_Pooling/config.json` says so. Nothing is downloaded.
    """

    folder: Path
    device: str = "cpu"

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256, in hex, of the folder's settings and of its weights' sizes. Raises RecipeError where it is none."""
        files = sorted(path for path in self.folder.rglob("*") if path.is_file())
        if not (self.folder / "config.json").is_file():
            raise RecipeError("holds no model", where=self.folder, fix="name the folder with its config.json")
        told = [(str(path.relative_to(self.folder)), path.stat().st_size) for path in files]
        settings = [path.read_bytes() for path in files if path.suffix == ".json"]
        return hashlib.sha256(json.dumps(told).encode() + b"\0".join(settings)).hexdigest()

    def encode(self, texts: Sequence[str]) -> Vectors:
        """One vector of length 1 for each text; of zeros for one without a token."""
        import torch

        tokenizer, model = self._loaded
        windows = tokenizer(
            list(texts), truncation=True, max_length=self._window, return_overflowing_tokens=True, padding=False
        )
        owner = np.array(windows["overflow_to_sample_mapping"])
        sums = np.zeros((len(texts), model.config.hidden_size))
        # Windows of like length together: little is lost to padding.
        order = sorted(range(len(owner)), key=lambda number: len(windows["input_ids"][number]))
        for start in range(0, len(order), BATCH):
            batch = order[start : start + BATCH]
            ids = {name: [windows[name][number] for number in batch] for name in ("input_ids", "attention_mask")}
            read = tokenizer.pad(ids, return_tensors="pt").to(self.device)
            with torch.inference_mode():
                layer = model(**read).last_hidden_state.float()
            mask = read["attention_mask"].unsqueeze(-1)
            pooled = layer[:, 0] if self._first_token else (layer * mask).sum(dim=1)
            np.add.at(sums, owner[batch], pooled.cpu().numpy())
        lengths = np.linalg.norm(sums, axis=1, keepdims=True)
        vectors: Vectors = (sums / np.where(lengths > 0, lengths, 1)).astype(np.float16)
        return vectors

    @cached_property
    def _loaded(self) -> tuple[Any, Any]:
        try:
            import torch
            from transformers import AutoModel, AutoTokenizer
        except ImportError as error:
            raise RecipeError(
                f"needs the package {error.name}", where="dedup.semantic", fix="install torch and transformers"
            ) from error
        try:
            tokenizer = AutoTokenizer.from_pretrained(self.folder, local_files_only=True)
            model = AutoModel.from_pretrained(self.folder, local_files_only=True)
        except (OSError, ValueError, KeyError) as error:
            raise RecipeError(
                f"the model does not load ({type(error).__name__})", where=self.folder, fix="check its files"
            ) from error
        return tokenizer, model.to(torch.device(self.device)).eval()

    @property
    def _window(self) -> int:
        tokenizer, model = self._loaded
        told = _settings(self.folder / "sentence_bert_config.json").get("max_seq_length")
        limits = (told, tokenizer.model_max_length, getattr(model.config, "max_position_embeddings", None))
        return min(int(limit) for limit in limits if limit)

    @property
    def _first_token(self) -> bool:
        return bool(_settings(self.folder / "1_Pooling" / "config.json").get("pooling_mode_cls_token"))


def _settings(path: Path) -> dict[str, Any]:
    with storage_errors(path):
        found: dict[str, Any] = json.loads(path.read_text("utf-8")) if path.exists() else {}
    return found


def _blocks(texts: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(texts)
    while block := list(islice(rest, BLOCK)):
        yield block


def _digest(fingerprint: str, texts: list[str]) -> str:
    digest = hashlib.blake2b(fingerprint.encode(), digest_size=16)
    for text in texts:
        data = text.encode("utf-8", "surrogatepass")
        digest.update(len(data).to_bytes(8, "little") + data)
    return digest.hexdigest()
