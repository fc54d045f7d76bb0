"""The hand-off to the trainer: one file a trainer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from synthgen.registry import find

if TYPE_CHECKING:
    from synthgen.recipe import PackSettings, TrainingSettings
    from synthgen.training.base import Trainer


def make_trainer(name: str) -> Trainer:
    """The trainer that a recipe calls `name`. Raises UsageError for an unknown one."""
    from synthgen.training.base import Trainer

    return find("synthgen.training", Trainer, name)()


def check_training(packing: PackSettings, settings: TrainingSettings) -> None:
    """Raises UsageError for an unknown trainer, RecipeError where it cannot take what is packed for it."""
    if settings.trainer:
        make_trainer(settings.trainer).accept(packing, settings)
