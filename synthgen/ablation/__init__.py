"""The ablation: what the set adds to a model, against the same tokens of something else."""
