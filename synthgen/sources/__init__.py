"""Documents in: files of any known format to normalised Markdown, with the licence check at the door."""

from synthgen.sources.reader import fingerprint, read_sources

__all__ = ["fingerprint", "read_sources"]
