"""`synthgen status`: how far a run is."""

from __future__ import annotations

from synthgen.cli import options


def status(run: options.RunFolder) -> None:
    """Say how far a run is, what it holds and what is left."""
    from synthgen.cli import output
    from synthgen.report.standing import standing

    output.standing(standing(run))
