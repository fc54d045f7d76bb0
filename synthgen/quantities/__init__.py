"""Quantities in clinical text: read, converted, tied to what they qualify, and followed from a source."""
