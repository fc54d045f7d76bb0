"""The nouns of the ablation: frozen data, apart from all behaviour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from synthgen.training.base import LossPoint

Kind = Literal["accuracy", "loss"]
"""accuracy: an item's score is 1 or 0, and more is better. loss: it is in nats a token, and less is better."""


@dataclass(frozen=True, slots=True)
class Portion:
    """What an arm has of one part.

    `available` are the tokens of the part itself, `tokens` those that the arm trains on, both with BOS and EOS of each
    row; `rows` are the rows of the arm that come from it.
    """

    part: str
    share: float
    available: int
    tokens: int
    rows: int

    @property
    def times(self) -> float:
        """How often the arm trains on the part: below 1 a choice of its rows, above 1 it is repeated."""
        return self.tokens / self.available if self.available else 0.0


@dataclass(frozen=True, slots=True)
class Arm:
    """One training mix, the same for all seeds.

    `portions` come in the order of the parts' names and their shares add up to 1. `tokens` is the sum of theirs.
    `same_as` names the arm whose rows these would be, letter for letter: then this one is not trained.
    """

    name: str
    portions: tuple[Portion, ...]
    window: int
    same_as: str | None = None

    @property
    def tokens(self) -> int:
        return sum(portion.tokens for portion in self.portions)

    @property
    def shares(self) -> Mapping[str, float]:
        return {portion.part: portion.share for portion in self.portions}


@dataclass(frozen=True, slots=True)
class Trained:
    """A model that has been trained on an arm with a seed.

    `folder` holds the training, `model` the folder that `transformers` loads. `tokens` were trained on, in `hours` of
    wall-clock time over all attempts, None where it was trained elsewhere; `losses` come in the order of the steps.
    """

    arm: str
    seed: int
    folder: Path
    model: Path
    tokens: int
    hours: float | None
    losses: tuple[LossPoint, ...] = ()


@dataclass(frozen=True, slots=True)
class ItemScore:
    """How a model did on one question, or on one document.

    `correct` is what the measure's kind says: true or false of an answer, or a loss. `chosen` and `gold` are the
    places of the given and the right option, 0 the first, and None where there are no options. `weight` is what the
    item counts in the mean of its measure: the tokens of a document whose loss this is, else 1.
    """

    item_id: str
    correct: bool | float
    chosen: int | None = None
    gold: int | None = None
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Measured:
    """What a model of an arm and seed got in one measure, such as `medqa`, item by item, in the order of their ids.

    The items are the same for all models.
    """

    arm: str
    seed: int
    measure: str
    items: tuple[ItemScore, ...]
    kind: Kind = "accuracy"
