"""What documents that no arm was trained on cost a model: nats a token and bits a byte, document by document."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from synthgen.ablation import child, window_losses
from synthgen.ablation.data import ItemScore, Measured
from synthgen.data import Document
from synthgen.errors import TrainingError
from synthgen.storage.files import atomic_folder, atomic_text, storage_errors
from synthgen.tokens import Tokenizer

NATS, BITS = "heldout_nats", "heldout_bits"
"""The measures: nats a token of the tokenizer, and bits a byte of UTF-8, which other tokenizers can be compared by."""
_LOSSES = "losses.jsonl"


@dataclass(frozen=True, slots=True)
class HeldOut:
    """A held-out document in windows, each BOS and the tokens that follow those of the window before; no overlap.

    `bytes` is the length of its text in UTF-8.
    """

    doc_id: str
    windows: tuple[tuple[int, ...], ...]
    bytes: int


def held_out_rows(documents: Iterable[Document], tokenizer: Tokenizer, window: int) -> list[HeldOut]:
    """The documents by id, in windows of at most `window` tokens, which is best that of the training.

    All of a document is scored, whatever an extract would leave out of it; an empty one is left out.
    """
    return [
        HeldOut(document.doc_id, tuple(_windows(tokenizer, document.text, window)), len(_utf8(document.text)))
        for document in sorted(documents, key=lambda document: document.doc_id)
        if document.text.strip()
    ]


def write_rows(rows: Iterable[HeldOut], path: Path) -> None:
    """Writes `rows` as JSON Lines for the program that scores them. Raises StorageError."""
    with atomic_text(path) as file:
        file.writelines(json.dumps(asdict(row)) + "\n" for row in rows)


def command(model: Path, rows: Path, folder: Path, *, device: str = "cpu") -> list[str]:
    """Scores the rows in the file `rows` with a model folder, into `folder`; any working directory will do.

    The program is `synthgen/ablation/window_losses.py`, run by the trainer's Python.
    """
    program = str(Path(window_losses.__file__).resolve())
    paths = [model.resolve(), rows.resolve(), folder.resolve() / _LOSSES]
    # Without `-P` the modules of this folder would stand before those of the standard library.
    return [str(child.python()), "-P", program, *map(str, paths), "--device", device]


def held_out_loss(model: Path, rows: Path, folder: Path, *, arm: str, seed: int, device: str = "cpu") -> list[Measured]:
    """The two losses of a model on the rows in the file `rows`, document by document, weighted by tokens and by bytes.

    The losses stay in `folder`; where those of just these documents stand there, they are read, and nothing runs.
    Raises TrainingError where the model cannot be loaded, and where its losses are no numbers.
    """
    if (found := read_losses(folder, rows, arm, seed)) is None:
        log = folder.with_name(f"{folder.name}.log")
        with atomic_folder(folder) as new:
            child.run(
                command(model, rows, new, device=device), what="the losses of held-out documents", cwd=new, log=log
            )
        found = read_losses(folder, rows, arm, seed)
    if found is None:
        raise TrainingError("there are no losses of just these documents", where=folder, fix=f"see {folder}.log")
    return found


def read_losses(folder: Path, rows: Path, arm: str, seed: int) -> list[Measured] | None:
    """The losses in `folder` of the documents in the file `rows`; None where they are not there, or not all."""
    path = folder / _LOSSES
    with storage_errors(path):
        if not path.is_file():
            return None
        losses = {line["doc_id"]: line for line in _lines(path)}
        documents = list(_lines(rows))
    tokens = {row["doc_id"]: sum(len(window) - 1 for window in row["windows"]) for row in documents}
    if tokens != {doc_id: line["tokens"] for doc_id, line in losses.items()}:
        return None
    if not all(math.isfinite(line["nats"]) for line in losses.values()):
        raise TrainingError(
            "the model's losses are no numbers", where=folder, fix="its training diverged; lower the learning rate"
        )
    nats, bits = [], []
    for row in documents:
        doc_id, loss = row["doc_id"], losses[row["doc_id"]]["nats"]
        nats.append(ItemScore(doc_id, loss / tokens[doc_id], weight=tokens[doc_id]))
        bits.append(ItemScore(doc_id, loss / math.log(2) / row["bytes"], weight=row["bytes"]))
    return [Measured(arm, seed, NATS, tuple(nats), "loss"), Measured(arm, seed, BITS, tuple(bits), "loss")]


def _windows(tokenizer: Tokenizer, text: str, window: int) -> Iterator[tuple[int, ...]]:
    ids: Sequence[int] = tokenizer.encode(text)
    for start in range(0, len(ids), window - 1):
        yield (tokenizer.bos_id, *ids[start : start + window - 1])


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "replace")


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        yield from map(json.loads, file)
