"""Completions to records: parsed, rendered, judged."""
