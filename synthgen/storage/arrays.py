"""Arrays that belong together, as one file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from synthgen.errors import StorageError
from synthgen.storage.files import atomic_file, storage_errors

Arrays: TypeAlias = Mapping[str, npt.NDArray[Any]]


def save_arrays(path: Path, arrays: Arrays) -> None:
    """Writes `path` atomically. Raises StorageError."""
    with atomic_file(path) as file:
        np.savez(file, allow_pickle=False, **arrays)


def load_arrays(path: Path) -> Arrays:
    """What `save_arrays` has written, by name. Raises StorageError if the file is missing or damaged."""
    try:
        with storage_errors(path), np.load(path) as arrays:
            return dict(arrays)
    except (ValueError, EOFError, BadZipFile) as error:
        raise StorageError(
            "is damaged or not synthgen's", where=path, fix="remove it and run the same command again"
        ) from error
