"""The hand-off to Axolotl: a configuration that trains on the packed rows as they are.

The hyperparameters are those of Internist.ai 7b's model card, in Axolotl's words (Griot et al., JAMIA 2024,
doi 10.1093/jamia/ocae120); what a line does not say by itself, the comment beside it does.
"""

from __future__ import annotations

from pathlib import Path

from synthgen.corpus.pack import ROWS, Packed

CONFIG = "axolotl.yml"
BASE_MODELS = {"mistral-7b-v0.1": "mistralai/Mistral-7B-v0.1"}
"""The base model to each tokenizer of `synthgen.tokens` that has a name."""

BATCH_TOKENS, GPUS, MICRO_BATCH = 192_000, 4, 4

_TEMPLATE = """\
# Continued pretraining with Axolotl 0.19 on {gpus} GPUs. In the folder of this file, since its paths are relative:
#
#   export AXOLOTL_DO_NOT_TRACK=1                           (Axolotl reports its use otherwise)
#   axolotl preprocess {config} --debug-num-examples 0   (by default it logs the text of a row)
#   axolotl fetch deepspeed_configs
#   axolotl train {config} --deepspeed deepspeed_configs/zero3_bf16.json
#
# Weights, gradients and optimiser state of 7 billion parameters take about 112 GB, hence DeepSpeed, which spreads
# them over the GPUs. A model that one GPU holds trains without: axolotl train {config}

base_model: {base_model}

# {rows:,} rows, {tokens:,} tokens with BOS and EOS. They hold input_ids, labels and attention_mask already, so there
# is no type and no prompt template, and the tokenizer of the base model is not asked.
datasets:
  - path: {rows_file}
    ds_type: parquet
    type:
# Axolotl finds prepared data by the path of the rows, not by what is in them: a name with the rows' hash keeps a new
# set from training on the old one. It and the model stand outside this folder, which synthgen replaces as a whole.
dataset_prepared_path: ../trained/prepared-{fingerprint}
output_dir: ../trained/model
val_set_size: 0

# One document a row, and Axolotl fills the windows, anew each epoch, so that attention does not cross documents. Rows
# joined beforehand would lose their boundaries, because Axolotl numbers the positions of a row from 0 to its end.
sequence_len: {window}
sample_packing: true
pad_to_sequence_len: true
# Axolotl's default drops longer rows without a word. Here there are none: the longest has {longest:,} tokens.
excess_length_strategy: raise

# The model card's batch of {batch:,} tokens is {exactly:.1f} windows. The nearest that {gpus} GPUs share evenly:
# micro-batch {micro} x accumulation {accumulation} x {gpus} GPUs = {windows} windows = {tokens_a_step:,} tokens.
# With other GPUs keep the product.
micro_batch_size: {micro}
gradient_accumulation_steps: {accumulation}
num_epochs: 4

learning_rate: 6.0e-6
lr_scheduler: cosine
# The cosine ends at 1e-8, which is this share of the peak: 1e-8 / 6e-6.
cosine_min_lr_ratio: 0.0016667
warmup_steps: 100
optimizer: adamw_torch_fused
adam_beta1: 0.9
adam_beta2: 0.95
adam_epsilon: 1.0e-5
weight_decay: 0.1
neftune_noise_alpha: 5

bf16: true
# Needs the package flash-attn. 0.19 reads it as attn_implementation: flash_attention_2, which older releases lack.
flash_attention: true
# Activations are computed again rather than kept: slower by about a third, and it fits.
gradient_checkpointing: true

seed: 42
logging_steps: 10
saves_per_epoch: 1
"""


def axolotl_config(packed: Packed) -> str:
    """The configuration for `packed` as YAML, with paths relative to the folder of the rows.

    `base_model` is empty, which Axolotl refuses, where the tokenizer is not one of `BASE_MODELS`.
    """
    windows = BATCH_TOKENS / packed.window
    accumulation = max(1, round(windows / (MICRO_BATCH * GPUS)))
    return _TEMPLATE.format(
        config=CONFIG,
        base_model=BASE_MODELS.get(packed.tokenizer, "# name the model whose tokenizer the rows were made with"),
        rows_file=ROWS,
        rows=packed.rows,
        tokens=packed.tokens,
        longest=packed.longest,
        window=packed.window,
        fingerprint=packed.sha256[:12],
        batch=BATCH_TOKENS,
        exactly=windows,
        gpus=GPUS,
        micro=MICRO_BATCH,
        accumulation=accumulation,
        windows=MICRO_BATCH * accumulation * GPUS,
        tokens_a_step=MICRO_BATCH * accumulation * GPUS * packed.window,
    )


def write_config(folder: Path, packed: Packed) -> None:
    """Writes `axolotl.yml` beside the rows of `packed` in `folder`."""
    (folder / CONFIG).write_text(axolotl_config(packed), encoding="utf-8")
