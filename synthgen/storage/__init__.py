"""The run directory: atomic files, the lock, the journal of completions, the tables and the state."""
