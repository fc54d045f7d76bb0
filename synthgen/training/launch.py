"""The scripts that start Axolotl: on one host, and by Slurm."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

CONFIG, TRAIN, SLURM, DEEPSPEED = "axolotl.yml", "train.sh", "train.slurm", "deepspeed.json"

ZERO_3: Mapping[str, Any] = {
    "zero_optimization": {
        "stage": 3,
        "overlap_comm": True,
        "contiguous_gradients": True,
        "stage3_gather_16bit_weights_on_model_save": True,
    },
    "bf16": {"enabled": True},
    "gradient_accumulation_steps": "auto",
    "gradient_clipping": "auto",
    "train_batch_size": "auto",
    "train_micro_batch_size_per_gpu": "auto",
}
"""DeepSpeed's ZeRO stage 3: each GPU holds its share of weights, gradients and optimiser state."""

_TRAIN = """\
#!/usr/bin/env bash
# Trains on {where}. The same command again goes on from the last checkpoint.
set -euo pipefail
cd "$(dirname "${{BASH_SOURCE[0]}}")"
# Axolotl reports its use otherwise.
export AXOLOTL_DO_NOT_TRACK=1
# Axolotl goes on from the last checkpoint, whole or not. The state is written last, so that one without it is not.
for checkpoint in {output}/checkpoint-*; do
    if [[ -d $checkpoint && $(tail -n 1 "$checkpoint/trainer_state.json" 2>/dev/null) != "}}" ]]; then
        rm -r "$checkpoint"
    fi
done
{commands}
"""

_PREPARE = f"""\
# The rows are prepared by one process; the GPUs' processes find them done. By default it logs the text of a row.
axolotl preprocess {CONFIG} --debug-num-examples 0"""

_SLURM = f"""\
#!/usr/bin/env bash
# Trains as a job of Slurm: sbatch {SLURM}. Name partition, account and time as your cluster wants them. A job that
# Slurm ends and queues again goes on from the last checkpoint.
#SBATCH --job-name=synthgen-train
#SBATCH --nodes=1
#SBATCH --ntasks=1
#SBATCH --cpus-per-task={{cores}}
{{gpus}}#SBATCH --time=24:00:00
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --output=%x-%j.log
set -euo pipefail
srun bash "$SLURM_SUBMIT_DIR/{TRAIN}"
"""


def write_scripts(folder: Path, gpus: int, output: str) -> None:
    """Leaves the scripts in `folder` beside the configuration, for one host with so many GPUs, 0 for its CPU.

    `output` is where Axolotl keeps its checkpoints.
    """
    where = (
        "the CPU of one host" if not gpus else "one host with one GPU" if gpus == 1 else f"one host with {gpus} GPUs"
    )
    script = _TRAIN.format(where=where, output=shlex.quote(output), commands=_commands(gpus))
    slurm = _SLURM.format(cores=8 * max(gpus, 1), gpus=f"#SBATCH --gpus-per-node={gpus}\n" if gpus else "")
    for name, text in ((TRAIN, script), (SLURM, slurm)):
        (folder / name).write_text(text, encoding="utf-8")
        (folder / name).chmod(0o755)
    if gpus > 1:
        (folder / DEEPSPEED).write_text(json.dumps(ZERO_3, indent=2) + "\n", encoding="utf-8")


def _commands(gpus: int) -> str:
    if not gpus:
        return f'export CUDA_VISIBLE_DEVICES=""\nexec axolotl train {CONFIG} --launcher python'
    # `torchrun` for one GPU as well: without it all GPUs that are seen would share each micro-batch.
    train = f"exec axolotl train {CONFIG} --launcher torchrun -- --standalone --nproc_per_node={gpus}"
    return train if gpus == 1 else f"{_PREPARE}\n{train}"
