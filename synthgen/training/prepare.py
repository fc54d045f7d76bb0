"""A folder for the trainer: its configuration beside the rows, and a manifest of it all."""

from __future__ import annotations

import json
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

from synthgen.corpus.pack import ROWS, Packed, sha256
from synthgen.corpus.vocabulary import vocabulary
from synthgen.recipe import TrainingSettings
from synthgen.storage.files import storage_errors
from synthgen.tokens import Tokenizer
from synthgen.training import make_trainer
from synthgen.training.base import Schedule, TrainingRun
from synthgen.training.tokenizer import some_rows, write_tokenizer
from synthgen.version import __version__

MANIFEST = "manifest.json"
LIBRARIES = ("numpy", "pyarrow", "sentencepiece")
"""Those whose versions the bytes of the folder depend on."""


def prepare(
    folder: Path, packed: Packed, tokenizer: Tokenizer, settings: TrainingSettings, *, run: TrainingRun
) -> Schedule | None:
    """Leaves all that the trainer needs beside the rows of `packed` in `folder`, and `manifest.json`.

    Returns how the trainer goes through the rows; None where the settings name no trainer, and then there are only the
    rows, the tokenizer and the manifest. Raises UsageError for an unknown trainer, StorageError.
    """
    same_ids = write_tokenizer(folder, tokenizer, some_rows(folder / ROWS) if packed.form != "windows" else ())
    schedule = make_trainer(settings.trainer).write(folder, packed, settings, run=run) if settings.trainer else None
    manifest = _manifest(folder, packed, tokenizer, schedule) | {"tokenizer_converted": same_ids}
    with storage_errors(folder):
        (folder / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    return schedule


def _manifest(folder: Path, packed: Packed, tokenizer: Tokenizer, schedule: Schedule | None) -> dict[str, Any]:
    """Counts, versions, and the hash of every file in `folder`."""
    facts = {key: value for key, value in asdict(packed).items() if key != "sha256"}
    there = sorted(path for path in folder.rglob("*") if path.is_file())
    return {
        **facts,
        "fill": packed.fill,
        "schedule": schedule and {**asdict(schedule), "tokens_a_step": schedule.tokens_a_step},
        "tokenizer_sha256": vocabulary(tokenizer).fingerprint,
        "versions": {"synthgen": __version__, **{name: version(name) for name in LIBRARIES}},
        "files": {str(path.relative_to(folder)): {"sha256": sha256(path)} for path in there},
    }
