"""The script that has a cluster train the arms: an array of Slurm jobs, one for each training."""

from __future__ import annotations

import shlex

from synthgen.ablation.layout import AblationPaths, Plan
from synthgen.report.result import RunResult
from synthgen.storage.files import atomic_text

_SCRIPT = """\
#!/usr/bin/env bash
# Trains and measures the arms of an ablation, one training a task. Name partition, account and time as your cluster
# wants them. A task that Slurm ends and queues again goes on from its last checkpoint. Once all have ended:
#
#     synthgen ablate {run} --out {folder} --collect
#
#SBATCH --job-name=synthgen-ablate
#SBATCH --array=0-{last}
#SBATCH --nodes=1
#SBATCH --cpus-per-task={cores}
{gpus}#SBATCH --time=24:00:00
#SBATCH --signal=B:TERM@60
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --output=synthgen-ablate-%A_%a.log

set -uo pipefail

trainings=(
{names}
)

synthgen ablate {run} --out {folder} --only "${{trainings[$SLURM_ARRAY_TASK_ID]}}" &
training=$!

# Slurm tells this shell shortly before the time is up, and when the job is preempted.
stopped=false
trap 'stopped=true; kill -TERM "$training"' TERM
wait "$training"
code=$?
if "$stopped"; then
    # The signal ended the first wait.
    wait "$training"
    code=$?
fi
if ((code == 130)); then
    scontrol requeue "${{SLURM_ARRAY_JOB_ID}}_$SLURM_ARRAY_TASK_ID"
fi
exit "$code"
"""


def write(run: RunResult, paths: AblationPaths, plan: Plan) -> None:
    """Writes the script. It takes the run and the ablation to be where they are now, on a disk that all hosts share."""
    gpus = run.recipe.training.gpus
    trainings = plan.trainings(paths)
    script = _SCRIPT.format(
        run=shlex.quote(str(run.path.resolve())),
        folder=shlex.quote(str(paths.root.resolve())),
        last=len(trainings) - 1,
        cores=8 * max(gpus, 1),
        gpus=f"#SBATCH --gpus-per-node={gpus}\n" if gpus else "",
        names="\n".join(f"    {training.name}" for training in trainings),
    )
    with atomic_text(paths.slurm) as file:
        file.write(script)
