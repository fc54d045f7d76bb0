"""Passes over the whole set: exact duplicates out, and tokens for the trainer."""
