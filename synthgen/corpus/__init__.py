"""Passes over the whole set, on flat arrays of tokens: duplicates, contamination, and windows for the trainer."""
