"""The hand-off to the trainer: one file a trainer."""
