"""What the kept set becomes: the sections of a recipe for its text, its tokens, its trainer and the ablation."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from synthgen.errors import nearest
from synthgen.settings import Positive, Settings

PARTS = frozenset({"source", "set", "control"})
"""What an arm may be made of beside further datasets."""
Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]*$", max_length=60)]
"""The name of an arm or dataset, which is that of a folder as well."""


class RenderSettings(Settings):
    """The form of the training text. `template` is the path of a Jinja chat template, for `form = "chat"` only."""

    form: Literal["plain", "alpaca", "chat"] = "plain"
    template: str | None = None

    @model_validator(mode="after")
    def _fitting(self) -> RenderSettings:
        if (self.form == "chat") != (self.template is not None):
            raise ValueError('must have a template with form = "chat", and with no other')
        return self


class PackSettings(Settings):
    """The set in tokens.

    `form` says what a row is: a whole document, for trainers that fill their windows themselves; the same in the order
    of the `bins` that synthgen has filled; or a full `window` of several, for trainers that respect boundaries.
    """

    window: Annotated[int, Field(ge=64)] = 4096
    """Tokens in one training window. A longer document is cut at sentences into several rows."""
    form: Literal["documents", "bins", "windows"] = "documents"
    learn: Literal["all", "answers"] = "all"
    """Which tokens have a label: all, or only those that a teacher answered (not the prompts in front of them)."""
    seed: Annotated[int, Field(ge=0)] = 0
    """The order of the windows, where they are filled here."""


class TrainingSettings(Settings):
    """The trainer that the set is handed to. `options` override the keys of its configuration."""

    trainer: str = "axolotl"
    """Empty for none: then there are only the rows, for a trainer of one's own."""
    base_model: str | None = None
    """A folder or the name of a model; None for the one whose tokenizer the recipe names."""
    gpus: Annotated[int, Field(ge=0)] = 4
    """GPUs on one host; 0 trains on the CPU."""
    options: dict[str, Any] = {}


class AblationSettings(Settings):
    """The arms of the ablation: what each is trained on, as shares of its tokens by part, which add up to 1.

    Parts are `source` (the documents that are not held out), `set` (the kept records), `control` (the extractive
    teacher's records of the same extracts) and the names in `datasets`.
    """

    arms: dict[Name, dict[str, Positive]] = {
        "source": {"source": 1.0},
        "set": {"set": 1.0},
        "mix_30": {"source": 0.7, "set": 0.3},
        "control": {"control": 1.0},
    }
    leave_out: list[Literal["transformation", "teacher"]] = []
    """One more arm for each transformation or teacher of the set, without its records."""
    datasets: dict[Name, str] = {}
    """Further training data by name: files or folders of documents."""
    tokens: Annotated[int, Field(ge=1)] | None = None
    """Tokens of each arm; None for those of the largest part that an arm has. A smaller one is repeated, and said."""
    seeds: Annotated[list[Annotated[int, Field(ge=0)]], Field(min_length=1)] = [1, 2, 3]
    """One training of each arm for each seed."""
    measures: list[Literal["held_out", "probe"]] | None = None
    """What is measured on the documents held out: the loss on their text, and questions made from it. None for both
    where there are such documents."""
    tasks: list[str] = []
    """Tasks of lm-evaluation-harness by name, fetched by it when it runs."""
    benchmarks: list[str] = []
    """Files, or folders of them, with multiple-choice questions; each becomes a task that needs no network."""
    items: Annotated[int, Field(ge=1)] | None = None
    """Questions of each of these files, and of the probe, that are asked; None for all."""

    @model_validator(mode="after")
    def _consistent(self) -> AblationSettings:
        if taken := PARTS & self.datasets.keys():
            raise ValueError(f"names a dataset {min(taken)!r}, which is a part already; call it otherwise")
        known = [*sorted(PARTS), *self.datasets]
        for name, shares in self.arms.items():
            for part in shares:
                if part not in known:
                    raise ValueError(f"has an arm {name!r} with an unknown part {part!r}; {nearest(part, known)}")
            if abs(sum(shares.values()) - 1) > 1e-6:
                raise ValueError(f"has an arm {name!r} whose shares add up to {sum(shares.values()):g}, not 1")
        if len(set(self.seeds)) < len(self.seeds):
            raise ValueError("names a seed twice")
        if not self.arms and not self.leave_out:
            raise ValueError("has no arm")
        return self
