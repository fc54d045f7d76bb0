"""Axolotl's configuration: the hyperparameters of the reference work, and what follows from rows, window and GPUs.

The hyperparameters are those of Internist.ai 7b's model card, in Axolotl's words (Griot et al., JAMIA 2024,
doi 10.1093/jamia/ocae120); what a key does not say by itself, the comment above it does.
"""

from __future__ import annotations

import hashlib
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from synthgen.corpus.pack import ROWS, Packed
from synthgen.recipe import TrainingSettings
from synthgen.training.base import Schedule, TrainingRun

BASE_MODELS = {"mistral-7b-v0.1": "mistralai/Mistral-7B-v0.1"}
"""The base model to each tokenizer of `synthgen.tokens` that has a name."""

BATCH_TOKENS, NEAR = 192_000, 0.05
"""Tokens of a step, by the model card, and what may be missing of them, or over, for a larger micro-batch."""
MICRO_BATCHES = [4, 3, 2, 1]
"""Windows that a GPU takes at once, the first that makes a step near enough to the card's."""

CARD: Mapping[str, Any] = {
    "num_epochs": 4,
    "learning_rate": 6e-6,
    "lr_scheduler": "cosine",
    "cosine_min_lr_ratio": 0.0016667,
    "warmup_steps": 100,
    "adam_beta1": 0.9,
    "adam_beta2": 0.95,
    "adam_epsilon": 1e-5,
    "weight_decay": 0.1,
    "neftune_noise_alpha": 5,
}
"""The model card's hyperparameters, but for window, precision and attention. The cosine ends at 1e-8, which is the
given share of its peak."""


@dataclass(frozen=True)
class Section:
    """Keys of the configuration that belong together, under a comment."""

    comment: str
    keys: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Batch:
    """How the windows of a step are shared out: each GPU takes `micro` at once, `accumulation` times."""

    gpus: int
    micro: int
    accumulation: int

    @property
    def windows(self) -> int:
        return self.gpus * self.micro * self.accumulation


def batch_for(packed: Packed, settings: TrainingSettings) -> Batch:
    """The batch nearest to the model card's that the GPUs share evenly, unless the options say otherwise.

    In exact bins a micro-batch is one window: Axolotl fills all windows of a micro-batch as if they were one.
    """
    gpus, options = max(settings.gpus, 1), settings.options
    wanted = BATCH_TOKENS / packed.window
    usual = MICRO_BATCHES if settings.gpus and packed.form != "bins" else [1]
    possible = [
        Batch(gpus, micro, options.get("gradient_accumulation_steps", max(1, round(wanted / (micro * gpus)))))
        for micro in ([options["micro_batch_size"]] if "micro_batch_size" in options else usual)
    ]
    near = (batch for batch in possible if abs(batch.windows - wanted) <= NEAR * wanted)
    return next(near, min(possible, key=lambda batch: abs(batch.windows - wanted)))


def base_model(packed: Packed, settings: TrainingSettings) -> str | None:
    """The recipe's base model, a folder by its whole path; else the one whose tokenizer the rows have, if known."""
    named = settings.base_model
    if named is None:
        return BASE_MODELS.get(packed.tokenizer)
    return str(Path(named).resolve()) if Path(named).is_dir() else named


@dataclass(frozen=True)
class Asked:
    """All that decides a configuration. `tokenizer` is a folder beside the rows; None takes the base model's own."""

    packed: Packed
    settings: TrainingSettings
    run: TrainingRun
    batch: Batch
    schedule: Schedule
    tokenizer: str | None = None


def sections(asked: Asked) -> list[Section]:
    """The configuration in the order in which it is read, the recipe's options in place."""
    packed, settings, batch, schedule = asked.packed, asked.settings, asked.batch, asked.schedule
    window, tokens = packed.window, schedule.tokens_a_step
    found = [
        _model(asked),
        Section(
            f"{packed.rows:,} rows, {packed.tokens:,} tokens with BOS and EOS. They hold input_ids, labels and "
            "attention_mask already, so there is no type and no prompt template.",
            {"datasets": [{"path": ROWS, "ds_type": "parquet", "type": None}], "val_set_size": 0},
        ),
        Section(
            "Documents stay apart: none attends to another one in its window. Axolotl's default drops rows longer "
            f"than the window without a word; here there are none, the longest has {packed.longest:,} tokens.",
            {
                "sequence_len": window,
                "sample_packing": True,
                "pad_to_sequence_len": True,
                "excess_length_strategy": "raise",
                **_windows(packed, batch),
            },
        ),
        Section(
            f"The model card's batch of {BATCH_TOKENS:,} tokens is {BATCH_TOKENS / window:.1f} windows. Here: "
            f"micro-batch {batch.micro} x accumulation {batch.accumulation} x {batch.gpus} "
            f"{'GPUs' if settings.gpus > 1 else 'GPU' if settings.gpus else 'CPU'} = {batch.windows} windows = "
            f"{tokens:,} tokens. With other GPUs keep the product.",
            {"micro_batch_size": batch.micro, "gradient_accumulation_steps": batch.accumulation},
        ),
        Section(
            "The model card's hyperparameters. The cosine ends at 1e-8, which is this share of its peak. The steps are "
            "given because Axolotl would leave out the last one of each epoch where that is not full.",
            {
                **CARD,
                "max_steps": schedule.steps,
                "optimizer": "adamw_torch_fused" if settings.gpus else "adamw_torch",
            },
        ),
        Section(*_hardware(settings)),
        Section(
            "Checkpoints, from the last of which the same command goes on.",
            {
                "auto_resume_from_checkpoints": True,
                "save_steps": min(500, max(1, schedule.steps // 10)),
                "save_total_limit": 2,
                "logging_steps": min(10, max(1, schedule.steps // 100)),
                "include_tkps": True,
                "seed": asked.run.seed,
            },
        ),
    ]
    return _with_options([*found, _places(found, asked)], settings.options)


def as_yaml(head: str, found: list[Section]) -> str:
    """The configuration as people read it."""
    return "\n".join([_comment(head), *(part for section in found for part in _section(section))])


def _model(asked: Asked) -> Section:
    keys = {"base_model": base_model(asked.packed, asked.settings)}
    if asked.tokenizer is None:
        return Section("", keys)
    comment = "The tokenizer with which the rows were made, so that model and rows have the same ids."
    return Section(comment, {**keys, "tokenizer_config": asked.tokenizer})


def _windows(packed: Packed, batch: Batch) -> dict[str, Any]:
    """What makes Axolotl fill the windows of a micro-batch as one, and as the form of the rows says."""
    if packed.form == "bins":
        order: dict[str, Any] = {
            "curriculum_sampling": True,
            "sample_packing_sequentially": True,
            "shuffle_merged_datasets": False,
        }
    else:
        # By default it puts at most 200 rows together, which leaves room where they are short.
        order = {"sample_packing_bin_size": packed.window * batch.micro}
    return {"multipack_real_batches": False, **order}


def _hardware(settings: TrainingSettings) -> tuple[str, dict[str, Any]]:
    if not settings.gpus:
        return "On the CPU.", {"bf16": False, "attn_implementation": "sdpa", "gradient_checkpointing": False}
    keys = {"bf16": True, "attn_implementation": "flash_attention_2", "gradient_checkpointing": True}
    comment = (
        "Flash attention is the package flash-attn. Activations are computed again rather than kept: slower by "
        "about a third, and it fits."
    )
    if settings.gpus == 1:
        return comment, keys
    spread = (
        " Weights, gradients and optimiser state of 7 billion parameters take about 112 GB, hence the package "
        "deepspeed, which spreads them over the GPUs."
    )
    return comment + spread, {**keys, "deepspeed": "deepspeed.json"}


def _with_options(found: list[Section], options: Mapping[str, Any]) -> list[Section]:
    """The options in the place of the keys that they override; new ones in a section of their own."""
    known = {key for section in found for key in section.keys}
    found = [
        replace(section, keys={key: options.get(key, value) for key, value in section.keys.items()})
        for section in found
    ]
    own = {key: value for key, value in options.items() if key not in known}
    return [*found, Section("From the recipe's [training] options.", own)] if own else found


def _places(found: list[Section], asked: Asked) -> Section:
    """Where Axolotl keeps things. It finds prepared data, and checkpoints to go on from, by their folders alone."""
    keys = {key: value for section in found for key, value in section.keys.items()} | asked.settings.options
    made_from = hashlib.sha256(repr([asked.packed.sha256, sorted(keys.items())]).encode()).hexdigest()
    return Section(
        "Axolotl finds prepared data and checkpoints by their folders, not by what is in them: the names have hashes "
        "of the rows and of this configuration, so that another set, or another setting, trains anew. They stand "
        "outside this folder, which synthgen replaces as a whole.",
        {
            "dataset_prepared_path": f"{asked.run.output}/prepared-{asked.packed.sha256[:12]}",
            "output_dir": f"{asked.run.output}/model-{made_from[:12]}",
        },
    )


def _section(section: Section) -> Iterator[str]:
    yield ""
    if section.comment:
        yield _comment(section.comment)
    yield yaml.safe_dump(dict(section.keys), sort_keys=False, allow_unicode=True, width=120).rstrip("\n")


def _comment(text: str) -> str:
    lines = [wrapped for line in text.splitlines() for wrapped in textwrap.wrap(line, 117) or [""]]
    return "\n".join(f"# {line}".rstrip() for line in lines)
