"""What a source format is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from synthgen.data import Document, Quarantined
from synthgen.recipe import SourceSettings


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file to read. `name` is its path relative to the source root, with forward slashes."""

    path: Path
    name: str


class Source(ABC):
    """Reads one file format. Subclasses are found by `synthgen.registry`; heavy imports belong inside `read`."""

    name: ClassVar[str]
    """The format's name, as it stands in `Document.format`."""

    suffixes: ClassVar[tuple[str, ...]]
    """File name endings it reads, lower case, with the dot (`.jsonl.gz`)."""

    @abstractmethod
    def read(self, file: SourceFile, settings: SourceSettings) -> Iterator[Document | Quarantined]:
        """The documents of the file, normalised, in their order; a bad row of a table file is a Quarantined.

        Raises DocumentError, saying what is wrong and where, if the file as a whole cannot be read.
        """
