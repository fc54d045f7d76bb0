"""What a trainer is: an extension point, one file each.

A trainer is a concrete subclass of `Trainer` in a module of `synthgen.training`, or an entry point of the group
`synthgen.trainers` in another package. It is handed a folder with the packed rows and leaves its configuration there;
everything that it needs later it reads from that folder, so that a training can be started, watched and taken up again
by another process.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from synthgen.corpus.pack import Packed
from synthgen.recipe import PackSettings, TrainingSettings


@dataclass(frozen=True, slots=True)
class TrainingRun:
    """What belongs to one training and not to the recipe.

    `output` is where the trainer keeps what it makes, relative to the folder of the rows. `steps` is the number of
    optimiser steps; None for as many as the epochs of the trainer's configuration take.
    """

    output: str = "../trained"
    seed: int = 42
    steps: int | None = None


@dataclass(frozen=True, slots=True)
class Schedule:
    """How a trainer goes through the rows.

    An epoch is `windows` windows, of whose places the share `fill`, 0 to 1, holds a token; the last `left_out` of them
    are trained on by nobody, because the GPUs cannot share them evenly. A step takes `windows_a_step` windows of
    `window` tokens, and there are `steps` of them in all.
    """

    window: int
    windows: int
    left_out: int
    fill: float
    windows_a_step: int
    steps: int

    @property
    def tokens_a_step(self) -> int:
        """The places of a step's windows: tokens, and what is left of a window that is not full."""
        return self.windows_a_step * self.window


@dataclass(frozen=True, slots=True)
class LossPoint:
    """The mean training loss, in nats a token, over the steps since the point before. `tokens` were learned so far."""

    step: int
    tokens: int
    loss: float


class Trainer(ABC):
    """Takes packed rows and trains a model on them. Stateless: a folder holds all of a training."""

    name: ClassVar[str]

    @abstractmethod
    def accept(self, packing: PackSettings, settings: TrainingSettings) -> None:
        """Raises RecipeError for settings with which it would not train on the rows as they are meant, such as a form
        in which it would mix documents up. Asked before a run begins, and so before there are rows."""

    @abstractmethod
    def write(self, folder: Path, packed: Packed, settings: TrainingSettings, *, run: TrainingRun) -> Schedule:
        """Leaves configuration and launch scripts in `folder` beside the rows of `packed`, for the same arguments the
        same bytes. What `accept` refuses is not asked of it. Raises StorageError."""

    @abstractmethod
    def check(self, folder: Path) -> None:
        """Has the trainer itself validate what `write` left; trains nothing, fetches nothing.

        Raises TrainingError where the trainer refuses it, or is not installed.
        """

    @abstractmethod
    def command(self, folder: Path) -> list[str]:
        """The command that trains, or goes on from the last checkpoint; it may be run in any folder."""

    @abstractmethod
    def environment(self) -> Mapping[str, str]:
        """The variables that `command` needs beside those of this process: where the trainer is installed, and that
        it reports nothing to anybody."""

    @abstractmethod
    def losses(self, folder: Path) -> list[LossPoint]:
        """The losses of a finished training, or of a running one up to its last checkpoint, by step."""

    @abstractmethod
    def model(self, folder: Path) -> Path | None:
        """The folder of the trained model, with its configuration and tokenizer; None until the training has ended."""
