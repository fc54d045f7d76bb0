"""Where everything of an ablation stands, and which trainings it has."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from synthgen.ablation.data import Arm
from synthgen.errors import StorageError, UsageError
from synthgen.recipe import Recipe, read_recipe
from synthgen.storage.files import storage_errors, write_atomic


@dataclass(frozen=True, slots=True)
class AblationPaths:
    """The paths of the ablation directory `root`. Nothing is made or looked up."""

    root: Path

    @property
    def lock(self) -> Path:
        return self.root / ".lock"

    @property
    def plan(self) -> Path:
        """The arms and how they are trained, once all of them are written."""
        return self.root / "ablation.json"

    @property
    def recipe(self) -> Path:
        return self.root / "recipe.toml"

    @property
    def control(self) -> Path:
        """The run whose only teacher is the extractive one."""
        return self.root / "control"

    @property
    def arms(self) -> Path:
        return self.root / "arms"

    @property
    def tasks(self) -> Path:
        """The folder of the questions that need no network, for lm-evaluation-harness."""
        return self.root / "measures" / "tasks"

    @property
    def held_out(self) -> Path:
        """The documents held out, in windows of tokens."""
        return self.root / "measures" / "held_out.jsonl"

    @property
    def report(self) -> Path:
        return self.root / "report"

    @property
    def slurm(self) -> Path:
        return self.root / "ablate.slurm"

    def part(self, name: str) -> Path:
        """The folder of a part's tokens."""
        return self.root / "parts" / name

    def arm(self, name: str) -> Path:
        return self.arms / name

    def training(self, arm: str, seed: int) -> Path:
        return self.arm(arm) / f"seed-{seed}"


@dataclass(frozen=True, slots=True)
class Training:
    """One training of an arm: its seed and the folder in which the trainer finds all that it needs."""

    arm: str
    seed: int
    folder: Path

    @property
    def name(self) -> str:
        return f"{self.arm}/{self.folder.name}"

    @property
    def begun(self) -> bool:
        """Whether the trainer has been at work here."""
        return (self.folder / OUTPUT).exists() or self.ended

    @property
    def ended(self) -> bool:
        return self.trained.exists()

    @property
    def trained(self) -> Path:
        """What is known of the trained model."""
        return self.folder / "trained.json"

    @property
    def lock(self) -> Path:
        return self.folder / ".lock"


OUTPUT = "trained"
"""Where in the folder of a training the trainer keeps what it makes."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The arms as they were written, and what all have in common.

    Each training has `steps`. `keys` says of each arm what its rows were made from, `key` the same of all.
    `left_out` counts documents of further datasets, by name, that are in no arm as they are near ones held out.
    """

    key: str
    keys: Mapping[str, str]
    arms: tuple[Arm, ...]
    seeds: tuple[int, ...]
    budget: int
    steps: int
    left_out: Mapping[str, int]

    def trained_arms(self) -> tuple[Arm, ...]:
        """The arms that are not the same as another one."""
        return tuple(arm for arm in self.arms if arm.same_as is None)

    def trainings(self, paths: AblationPaths) -> list[Training]:
        """All trainings: seed by seed, so that an ablation that is stopped early has all arms."""
        return [
            Training(arm.name, seed, paths.training(arm.name, seed))
            for seed in self.seeds
            for arm in self.trained_arms()
        ]


def save_plan(path: Path, plan: Plan) -> None:
    """Replaces the file `path` atomically. Raises StorageError."""
    write_atomic(path, json.dumps(asdict(plan), indent=2).encode() + b"\n")


def load_plan(path: Path) -> Plan | None:
    """The plan in the file `path`, None where there is none. Raises StorageError where it is damaged."""
    with storage_errors(path):
        if not path.exists():
            return None
        content = path.read_bytes()
    try:
        return TypeAdapter(Plan).validate_json(content)
    except ValidationError as error:
        raise StorageError(
            "is damaged or of another version", where=path, fix="remove it and run `synthgen ablate` again"
        ) from error


def prepared_plan(paths: AblationPaths) -> tuple[Plan, Recipe]:
    """The plan and the recipe of an ablation that has been prepared. Raises UsageError where it has not."""
    plan = load_plan(paths.plan)
    if plan is None:
        raise UsageError("nothing is prepared here", where=paths.root, fix="run `synthgen ablate RUN --prepare-only`")
    return plan, read_recipe(paths.recipe)


def read_json(path: Path) -> dict[str, Any]:
    """The JSON object in the file `path`. Raises StorageError where it cannot be read or is damaged."""
    with storage_errors(path):
        content = path.read_bytes()
    try:
        data: dict[str, Any] = json.loads(content)
        return data
    except ValueError as error:
        raise StorageError("is damaged", where=path, fix="remove it and run the same command again") from error
