"""`synthgen show`: records beside their source."""

from __future__ import annotations

from pathlib import Path

import typer

from synthgen.cli import options


def show(
    run: Path = options.RUN,
    record: str = typer.Argument(None, help="A record's id, or the beginning of one. Without it, some are listed."),
    outcome: str = typer.Option(None, help="Only kept, rejected or failed ones."),
    transformation: str = typer.Option(None, help="Only those of one transformation."),
    limit: int = typer.Option(20, min=1, help="How many to list."),
) -> None:
    """Show a record beside its source, and why it was kept or rejected; without a record, list some."""
    from synthgen.cli import output
    from synthgen.report.browse import find_record, list_records

    if record is None:
        output.records(list_records(run, outcome, transformation, limit))
    else:
        output.record(find_record(run, record))
