"""What the kept set becomes: the sections of a recipe for its text, its tokens, its trainer and the ablation."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from synthgen.settings import Positive, Settings


class RenderSettings(Settings):
    """The form of the training text. `template` is the path of a Jinja chat template, for `form = "chat"`."""

    form: Literal["plain", "alpaca", "chat"] = "plain"
    template: str | None = None


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
    """The order of the bins."""


class TrainingSettings(Settings):
    """The trainer that the set is handed to. `options` override the keys of its configuration."""

    trainer: str = "axolotl"
    base_model: str | None = None
    """A folder or the name of a model; None for the one whose tokenizer the recipe names."""
    gpus: Annotated[int, Field(ge=0)] = 4
    """GPUs on one host; 0 trains on the CPU."""
    options: dict[str, Any] = {}


class AblationSettings(Settings):
    """The arms of the ablation: what each is trained on, as shares of its tokens by part.

    Parts are `source` (the documents that are not held out), `set` (the kept records), `control` (the extractive
    teacher's records of the same extracts) and the names in `datasets`.
    """

    arms: dict[str, dict[str, Positive]] = {
        "source": {"source": 1.0},
        "set": {"set": 1.0},
        "mix_30": {"source": 0.7, "set": 0.3},
        "control": {"control": 1.0},
    }
    leave_out: list[Literal["transformation", "teacher"]] = []
    """One more arm for each transformation or teacher of the set, without its records."""
    datasets: dict[str, str] = {}
    """Further training data by name: files or folders of documents."""
    tokens: Annotated[int, Field(ge=1)] | None = None
    """Tokens that each arm trains on; None for those of the largest part. A smaller one is repeated, which is said."""
    seeds: Annotated[list[int], Field(min_length=1)] = [1, 2, 3]
    tasks: list[str] = []
    """Tasks of lm-evaluation-harness by name, fetched by it when it runs."""
    benchmarks: list[str] = []
    """Files, or folders of them, with multiple-choice questions; each becomes a task that needs no network."""
